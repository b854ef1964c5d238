#include "tests/core/commands/command_lab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

// What the real tools of Debian 12 were seen to answer (LANG=C.UTF-8, as root, no terminal): "$ command", "? exit
// status", "> line" of standard output, "! line" of standard error. "..." ends a text whose rest is longer than what
// the lab's tool knows of (the list of all options, say) or depends on the machine.
namespace {

struct RealAnswer {
    std::string command;
    int status = 0;
    std::vector<std::string> output, errors;
    bool openOutput = false, openErrors = false;
};

std::vector<RealAnswer> readAnswers(const std::filesystem::path& path)
{
    std::vector<RealAnswer> answers;
    std::ifstream in(path);
    std::string line;
    while (std::getline(in, line)) {
        if (line.size() < 2 || line[0] == '#')
            continue;
        const std::string text = line.substr(2);
        if (line[0] == '$')
            answers.push_back({text, 0, {}, {}, false, false});
        else if (line[0] == '?')
            answers.back().status = std::stoi(text);
        else if (text == "...")
            (line[0] == '>' ? answers.back().openOutput : answers.back().openErrors) = true;
        else
            (line[0] == '>' ? answers.back().output : answers.back().errors).push_back(text);
    }
    return answers;
}

/// The lines of a text, as many as `most`.
std::vector<std::string> linesOf(const std::string& text, std::size_t most)
{
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; lines.size() < most && std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

class RealAnswers : public testing::TestWithParam<std::string> { };

TEST_P(RealAnswers, areOurs)
{
    const auto answers = readAnswers(std::filesystem::path(FAULTLINE_REAL_ANSWERS) / (GetParam() + ".txt"));
    ASSERT_FALSE(answers.empty());
    test::CommandLab lab("worker-1", "root");
    for (const RealAnswer& real : answers) {
        const std::string status = lab.run("{ " + real.command + "\n} < /dev/null > /tmp/real.out 2> /tmp/real.err; echo $?", std::chrono::minutes(5));
        constexpr std::size_t kAll = 100'000;
        EXPECT_EQ(std::to_string(real.status) + "\n", status) << real.command;
        EXPECT_EQ(real.output, linesOf(lab.run("cat /tmp/real.out"), real.openOutput ? real.output.size() : kAll)) << real.command;
        EXPECT_EQ(real.errors, linesOf(lab.run("cat /tmp/real.err"), real.openErrors ? real.errors.size() : kAll)) << real.command;
    }
}

std::vector<std::string> answerFiles()
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(FAULTLINE_REAL_ANSWERS))
        names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

INSTANTIATE_TEST_SUITE_P(Debian12, RealAnswers, testing::ValuesIn(answerFiles()), [](const auto& i) { return i.param; });

} // namespace

/// What a shell's ulimit and nice change holds for what it starts, and for nothing else.
TEST(Inherited, LimitsAndNiceGoToChildren)
{
    test::CommandLab lab("worker-1", "root");
    lab.run("ulimit -n 2048");
    EXPECT_EQ(lab.run("ulimit -n; bash -c 'ulimit -n'; (ulimit -n 64; ulimit -n); ulimit -n"), "2048\n2048\n64\n2048\n");
    lab.run("nice -n 7 stress-ng -c 2 -t 60 > /dev/null 2>&1 &");
    lab.advance(std::chrono::seconds(2));
    EXPECT_EQ(lab.run("ps -eo ni,comm | grep stress-ng-cpu | head -1"), "  7 stress-ng-cpu\n");
    const auto& processes = lab.world.machine("worker-1")->processes;
    const auto busy = std::find_if(processes.begin(), processes.end(), [](const auto& p) { return p.second.name == "stress-ng-cpu"; });
    ASSERT_NE(busy, processes.end());
    EXPECT_EQ(busy->second.openFilesLimit, 2048);
}

/// Two alike tasks on busy processors share them by the weights of their nice levels.
TEST(Inherited, NiceIsAWeight)
{
    test::CommandLab lab("worker-1", "root");
    lab.run("stress-ng -c 16 -t 600 > /dev/null 2>&1 &");
    lab.run("sleep 1");
    const auto& processes = lab.world.machine("worker-1")->processes;
    std::vector<sim::host::Pid> pids;
    for (const auto& [pid, p] : processes)
        if (p.name == "stress-ng-cpu")
            pids.push_back(pid);
    ASSERT_EQ(pids.size(), 16u);
    lab.run("renice -n 5 -p " + std::to_string(pids[0]));
    // 335 to 1024 in the kernel's table
    EXPECT_NEAR(processes.at(pids[0]).cpuGranted / processes.at(pids[1]).cpuGranted, 335.0 / 1024, 0.01);
}

/// tcpdump -w writes what any reader of capture files knows, and -r shows the same packets again.
TEST(PacketFiles, AreWrittenAndReadAgain)
{
    test::CommandLab lab("worker-1", "root");
    lab.run("ping -c 2 10.0.0.11 > /dev/null & tcpdump -i any -c 2 -w /tmp/a.pcap icmp 2> /dev/null");
    EXPECT_EQ(lab.run("base64 /tmp/a.pcap | head -c 16"), "1MOyoQIABAAAAAAA"); // magic, version 2.4, no offset
    const std::string seen = lab.run("tcpdump -nr /tmp/a.pcap 2> /dev/null");
    EXPECT_NE(seen.find("> 10.0.0.11: ICMP echo request"), std::string::npos) << seen;
    EXPECT_EQ(lab.run("tcpdump -nr /tmp/a.pcap tcp 2> /dev/null"), "");
    lab.run("echo text > /tmp/b.pcap");
    EXPECT_EQ(lab.run("tcpdump -r /tmp/b.pcap"), "tcpdump: unknown file format\n");
}

/// conntrack -D forgets what its filter names, not the rest.
TEST(ConnectionTracking, DeletesOnlyWhatMatches)
{
    test::CommandLab lab("worker-1", "root");
    lab.run("curl -s http://10.0.0.20:5000/ > /dev/null; curl -s http://10.0.0.11:6443/ > /dev/null; nc -zu -w 1 10.0.0.20 9 > /dev/null 2>&1");
    const std::string before = lab.run("conntrack -L -d 10.0.0.11 2> /dev/null | grep -v ESTABLISHED | wc -l");
    const std::string udp = lab.run("conntrack -L -p udp -d 10.0.0.20 2> /dev/null | wc -l");
    EXPECT_NE(udp, "0\n");
    lab.run("conntrack -D -p udp -d 10.0.0.20");
    EXPECT_EQ(lab.run("conntrack -L -p udp -d 10.0.0.20 2> /dev/null | wc -l"), "0\n");
    EXPECT_EQ(lab.run("conntrack -L -d 10.0.0.11 2> /dev/null | grep -v ESTABLISHED | wc -l"), before);
}

/// lsof lists the connections of a process, not its listeners alone.
TEST(OpenFiles, HoldConnectionsToo)
{
    test::CommandLab lab("worker-1", "root");
    const std::string text = lab.run("lsof -nP -i TCP");
    EXPECT_NE(text.find("(LISTEN)"), std::string::npos) << text;
    EXPECT_NE(text.find("(ESTABLISHED)"), std::string::npos) << text;
    EXPECT_EQ(lab.run("lsof -nP -i TCP -s TCP:LISTEN | grep -c ESTABLISHED"), "0\n");
}
