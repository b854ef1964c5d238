// What nvidia-smi prints of one H200, against a real one with driver 580 (tests/golden/nvidia/h200).
#include "tests/core/gpu_tools/captures.h"
#include "tests/core/gpu_tools/fixed_place.h"

#include "sim/host/calendar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

namespace core::shell::gpu {
namespace {

/// The machine of the captures: one H200 passed through to a virtual machine of 16 CPUs.
struct CapturedMachine : FixedPlace {
    CapturedMachine()
        : FixedPlace("H200", 1)
    {
        hosts.at(sim::HostId(0U)).files = sim::gpu::driverFiles("580.159.04");
        node().driver.version = "580.159.04";
        cpus = 16;
        virtualMachine = true;
        now = sim::host::instantOf(2026, 11, 26, 10, 0, 44);
        sim::gpu::Gpu& g = gpu(0);
        g.slot.busId = "00000000:00:06.0";
        g.card.serial = "1650000000000";
        g.card.uuid = "GPU-00000000-0000-0000-0000-000000000000";
        g.card.heat.dieC = g.card.heat.memoryC = 37;
        g.now.powerW = 79.97;
    }
    /// A program holds the device; what it does differs from one command of the capture to the next.
    void holdBy(const sim::gpu::Activity& activity, double celsius, double watts)
    {
        sim::gpu::Gpu& g = gpu(0);
        g.processes = {{.pid = 658, .name = "python3", .memoryBytes = 1002LL << 20, .activity = activity}};
        g.now.activity = activity;
        g.now.smMHz = 1980;
        g.now.reasons = 0;
        g.now.powerW = watts;
        g.card.heat.dieC = g.card.heat.memoryC = celsius;
        now = sim::host::instantOf(2026, 11, 26, 10, 1, 9);
    }
};

/// Lines whose figure the state does not hold: what differs from one second to the next on the real device, or is its maker's mark.
bool isLeftOut(const std::string& line)
{
    static const std::regex kOwn(R"(^\s*(Timestamp|Module Id|Tx Throughput|Rx Throughput|Instantaneous Power Draw|Average Power Draw|Power Draw|Duration|Number of Samples|Max|Min|Avg|GPU PDI|Platform PDI)\s+:.*)"
                                 R"(|^\s*<(timestamp|module_id|tx_util|rx_util|instant_power_draw|average_power_draw|power_draw|gpu_pdi)>.*)"
                                 R"(|^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) .*)");
    return std::regex_match(line, kOwn);
}

/// The label alone, for a line that is left out: that it is there still counts.
std::string labelOf(const std::string& line)
{
    return line.substr(0, line.find_first_of(":>"));
}

void expectSame(const std::string& command, const std::string& expected, const std::string& actual)
{
    const std::vector<std::string> want = linesOf(expected);
    const std::vector<std::string> have = linesOf(actual);
    int shown = 0;
    for (std::size_t i = 0; i < std::max(want.size(), have.size()) && shown < 8; ++i) {
        const std::string a = i < want.size() ? want[i] : "(no line)";
        const std::string b = i < have.size() ? have[i] : "(no line)";
        if (a == b || (isLeftOut(a) && isLeftOut(b) && labelOf(a) == labelOf(b)))
            continue;
        ++shown;
        ADD_FAILURE() << command << " line " << i + 1 << "\n  real " << a << "\n  ours " << b;
    }
}

const Captured& captured(const std::vector<Captured>& all, const std::string& command)
{
    for (const Captured& one : all)
        if (one.command == command)
            return one;
    static const Captured kNone;
    ADD_FAILURE() << "no capture of " << command;
    return kNone;
}

TEST(H200Capture, IdleDeviceIsPrintedLineByLine)
{
    int compared = 0;
    for (const Captured& one : capturesIn("idle.txt")) {
        if (!one.command.starts_with("nvidia-smi"))
            continue;
        CapturedMachine machine;
        // The capture took some seconds, in which the device warmed and cooled by a degree.
        if (one.command.starts_with("nvidia-smi --query-gpu=index,name"))
            machine.gpu(0).card.heat.memoryC = 36, machine.gpu(0).now.powerW = 79.93;
        else if (one.command == "nvidia-smi dmon -s pucvmet -c 2")
            machine.gpu(0).now.powerW = 80.2;
        const std::string text = machine.run(one.command.substr(10));
        EXPECT_EQ(machine.status, one.status) << one.command;
        expectSame(one.command, one.text, text);
        ++compared;
    }
    EXPECT_EQ(compared, 44);
}

/// The part of the busy capture, which is of several commands in a row, from one line to the one before another.
std::string partOf(const std::vector<std::string>& lines, std::size_t first, std::size_t end)
{
    std::string text;
    for (std::size_t i = first; i < end; ++i)
        text += lines[i] + "\n";
    return text;
}

TEST(H200Capture, BusyDeviceIsPrintedLineByLine)
{
    std::ifstream in(std::string(FAULTLINE_GOLDEN) + "/nvidia/h200/busy.txt");
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    const auto lineOf = [&](const std::string& start) {
        return static_cast<std::size_t>(std::find_if(lines.begin(), lines.end(), [&](const std::string& line) { return line.starts_with(start); }) - lines.begin());
    };
    const std::size_t log = lineOf("==============NVSMI LOG") - 1;
    const std::size_t programs = lineOf("# gpu         pid");
    const std::size_t monitor = lineOf("# gpu    pwr");
    const std::size_t list = lineOf("pid, process_name");
    ASSERT_LT(log, programs);
    ASSERT_LT(programs, monitor);
    ASSERT_LT(monitor, list);
    ASSERT_LT(list, lines.size());
    CapturedMachine machine;
    machine.holdBy({}, 46, 161);
    expectSame("nvidia-smi", partOf(lines, 0, log), machine.run(""));
    machine.holdBy({.kernel = 0.71, .sm = 0.71, .tensor = 0.5, .dram = 0.19}, 43, 161.15);
    machine.gpu(0).now.reasons = sim::gpu::reason::kSwPowerCap;
    machine.gpu(0).now.powerCapUs = 8768318;
    // The chip was cooling so fast that the margin, read after the temperature, is of the next degree: 43 + 45 is not 87.
    std::string real = partOf(lines, log, programs);
    const std::string margin = "GPU T.Limit Temp                               : 4";
    ASSERT_NE(real.find(margin + "5 C"), std::string::npos);
    real.replace(real.find(margin), margin.size() + 1, margin + "4");
    expectSame("nvidia-smi -q", real, machine.run("-q"));
    machine.holdBy({.kernel = 0.05, .dram = 0.01}, 43, 126);
    expectSame("nvidia-smi pmon -c 2", partOf(lines, programs, monitor), machine.run("pmon -c 2"));
    machine.holdBy({}, 39, 125);
    const std::vector<std::string> monitored = linesOf(machine.run("dmon -s pucvmet -c 2"));
    ASSERT_EQ(monitored.size(), 4u);
    // The first real sample has 40 for the memory and 2 MB/s on the bus; the second is of the state above.
    EXPECT_EQ(monitored[3], lines[monitor + 3]);
    expectSame("nvidia-smi --query-compute-apps", partOf(lines, list, lines.size()), machine.run("--query-compute-apps=pid,process_name,used_memory --format=csv"));
}

TEST(H200Capture, EveryFieldThatTheRealToolListsCanBeQueried)
{
    const std::vector<Captured> all = capturesIn("query_fields.txt");
    const auto namesIn = [](const std::string& text) {
        std::vector<std::string> names;
        for (const std::string& line : linesOf(text))
            for (std::size_t at = line.find('"'); at != std::string::npos && line.front() == '"'; at = line.find('"', line.find('"', at + 1) + 1))
                names.push_back(line.substr(at + 1, line.find('"', at + 1) - at - 1));
        return names;
    };
    CapturedMachine machine;
    const std::vector<std::string> fields = namesIn(captured(all, "nvidia-smi --help-query-gpu").text);
    EXPECT_GT(fields.size(), 190u);
    for (const std::string& field : fields) {
        machine.run("--query-gpu=" + field + " --format=csv,noheader");
        EXPECT_EQ(machine.status, 0) << field;
        EXPECT_FALSE(machine.out.empty() || machine.out == "\n") << field;
    }
    machine.holdBy({}, 39, 125);
    const std::vector<std::string> ofPrograms = namesIn(captured(all, "nvidia-smi --help-query-compute-apps").text);
    EXPECT_GT(ofPrograms.size(), 5u);
    for (const std::string& field : ofPrograms) {
        machine.run("--query-compute-apps=" + field + " --format=csv,noheader");
        EXPECT_EQ(machine.status, 0) << field;
    }
}

} // namespace
} // namespace core::shell::gpu
