// dcgmi of DCGM 4.4: asks the host engine of nvidia-dcgm.service.
#include "core/shell/commands/gpu/dcgmi.h"

#include "core/shell/commands/gpu/gpu_process.h"
#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/gpu/shell_place.h"
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/linux/here.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

// The negative of dcgm_structs.h's return codes, as a shell sees them.
constexpr int kConnectionNotValid = 256 - 21;
constexpr int kDiagnosticFailed = 256 - 30;
constexpr int kBadParameter = 256 - 1;

bool engineRuns(Invocation& inv)
{
    const auto& units = node::machineOf(inv).units;
    const auto unit = units.find("nvidia-dcgm.service");
    return !inv.place().container && unit != units.end() && unit->second.state == sim::host::Unit::State::Active;
}

/// The word behind an option; empty: it is not there.
std::string valueOf(const std::vector<std::string>& words, std::initializer_list<std::string_view> names)
{
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        if (std::find(names.begin(), names.end(), words[i]) != names.end())
            return words[i + 1];
    return {};
}

bool asks(const std::vector<std::string>& words, std::initializer_list<std::string_view> names)
{
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return std::find(names.begin(), names.end(), word) != names.end(); });
}

int wrongUse(Invocation& inv, const std::string& subsystem)
{
    inv.err().write(fmt::format("Error: invalid arguments for dcgmi {0}. See 'dcgmi {0} --help'.\n", subsystem));
    return kBadParameter;
}

int health(Invocation& inv, SmiPlace& place, const std::vector<std::string>& words)
{
    if (asks(words, {"-s", "--set"})) {
        inv.print("Health monitor systems set successfully.\n");
        return 0;
    }
    if (asks(words, {"-f", "--fetch"})) {
        std::string text = "Health monitor systems report\n+-----------------+--------------------------------------------------------------------+\n";
        for (const char* system : {"PCIe", "NVLINK", "Memory", "SM", "InfoROM", "Thermal", "Power", "Driver", "NvSwitch NF", "NvSwitch F"})
            text += fmt::format("| {:<15} | {:<66} |\n", system, "On");
        inv.print(text + "+-----------------+--------------------------------------------------------------------+\n");
        return 0;
    }
    if (!asks(words, {"-c", "--check"}))
        return wrongUse(inv, "health");
    inv.print(healthReport(place.look()));
    return 0;
}

/// The host engine has nvvs test the devices that nobody uses, phase by phase; what it finds is what is there when it begins, or
/// comes up meanwhile. Devices that refuse it are skipped.
DcgmDiagnostic runTests(Invocation& inv, SmiPlace& place, int level)
{
    constexpr std::int64_t kResidentBytes = std::int64_t{380} << 20;
    std::vector<int> skipped = diagnose(place.look(), level).skipped;
    const auto isSkipped = [&](int number) { return std::find(skipped.begin(), skipped.end(), number) != skipped.end(); };
    GpuProcess process(inv, {"/usr/libexec/datacenter-gpu-manager-4/nvvs", "--channel-fd", "9"}, "/usr/libexec/datacenter-gpu-manager-4/nvvs", kResidentBytes);
    const SmiState state = place.look();
    std::vector<sim::GpuId> free;
    std::vector<int> numbers; // of these
    std::int64_t memory = 0;
    for (const SmiDevice& device : state.devices)
        if (isRow(device) && !isSkipped(device.number)) {
            free.push_back(device.gpu->id);
            numbers.push_back(device.number);
            memory = device.gpu->memoryTotalBytes() - (device.gpu->kind().reservedMiB << 20);
        }
    bool started = false;
    for (const DcgmPhase& phase : diagnosticPhases(level)) {
        const auto bytes = static_cast<std::int64_t>(phase.memoryShare * static_cast<double>(memory));
        if (bytes > 0 && !free.empty()) {
            if (started) {
                process.load(phase.activity, bytes);
            } else if (process.start(free, phase.activity, bytes).empty()) {
                started = true;
            } else {
                skipped.insert(skipped.end(), numbers.begin(), numbers.end());
                free.clear();
            }
        }
        place.wait(phase.takes);
    }
    process.end();
    DcgmDiagnostic found = diagnose(place.look(), level);
    std::erase_if(found.findings, [&](const DcgmFinding& one) { return one.system != "software" && isSkipped(one.gpu); });
    found.skipped = std::move(skipped);
    return found;
}

int diagnostic(Invocation& inv, SmiPlace& place, const std::vector<std::string>& words)
{
    const auto level = parseNumber(valueOf(words, {"-r", "--run"}));
    if (!level || *level < 1 || *level > 4)
        return wrongUse(inv, "diag");
    const DcgmDiagnostic found = runTests(inv, place, static_cast<int>(*level));
    const SmiState state = place.look();
    inv.print(diagnosticReport(state, static_cast<int>(*level), found));
    return std::any_of(found.findings.begin(), found.findings.end(), [](const DcgmFinding& one) { return one.failure; }) ? kDiagnosticFailed : 0;
}

int monitor(Invocation& inv, SmiPlace& place, const std::vector<std::string>& words)
{
    std::vector<const DcgmField*> fields;
    for (const std::string& id : commaSeparated(valueOf(words, {"-e", "--field-id"}))) {
        const auto number = parseNumber(id);
        const DcgmField* field = number ? dcgmField(static_cast<int>(*number)) : nullptr;
        if (field == nullptr) {
            inv.err().write(fmt::format("Unknown Field ID: {}\n", id));
            return kBadParameter;
        }
        fields.push_back(field);
    }
    if (fields.empty())
        return wrongUse(inv, "dmon");
    const std::int64_t count = parseNumber(valueOf(words, {"-c", "--count"})).value_or(0);
    const std::int64_t delay = std::max<std::int64_t>(100, parseNumber(valueOf(words, {"-d", "--delay"})).value_or(1000));
    const std::string asked = valueOf(words, {"-i", "--entity-id", "--gpu-id"});
    constexpr int kHeaderEvery = 14;
    for (std::int64_t round = 0; count == 0 || round < count; ++round) {
        if (round > 0)
            place.wait(std::chrono::milliseconds(delay));
        if (round % kHeaderEvery == 0)
            inv.print(monitorHeader(fields));
        const SmiState state = place.look();
        const auto devices = chosen(state, asked);
        if (!devices)
            return wrongUse(inv, "dmon");
        for (const SmiDevice& device : *devices)
            inv.print(monitorRow(device, fields));
    }
    return 0;
}

int nvlink(Invocation& inv, SmiPlace& place, const std::vector<std::string>& words)
{
    if (asks(words, {"-s", "--link-status"})) {
        inv.print(nvlinkStatus(place.look()));
        return 0;
    }
    if (!asks(words, {"-e", "--errors"}))
        return wrongUse(inv, "nvlink");
    const auto gpu = parseNumber(valueOf(words, {"-g", "--gpuid"}));
    if (!gpu)
        return wrongUse(inv, "nvlink");
    const std::string text = nvlinkErrors(place.look(), *gpu);
    if (text.empty()) {
        inv.print(fmt::format("GPU ID {} is not valid, return: Bad parameter passed to function\n", *gpu));
        return kBadParameter;
    }
    inv.print(text);
    return 0;
}

int modules(Invocation& inv)
{
    constexpr const char* kRule = "+-----------+--------------------+--------------------------------------------------+\n";
    std::string text = std::string(kRule) + fmt::format("| {:<81} |\n", "List Modules") + fmt::format("| {:<81} |\n", "Status: Success")
        + "+===========+====================+==================================================+\n" + fmt::format("| {:<9} | {:<18} | {:<48} |\n", "Module ID", "Name", "State") + kRule;
    int id = 0;
    for (const char* name : {"Core", "NvSwitch", "VGPU", "Introspection", "Health", "Policy", "Config", "Diag", "Profiling", "SysMon"}) {
        const std::string_view module(name);
        text += fmt::format("| {:<9} | {:<18} | {:<48} |\n", id++, name, module == "VGPU" || module == "SysMon" || module == "Introspection" ? "Not loaded" : "Loaded");
    }
    inv.print(text + kRule);
    return 0;
}

/// Energy and utilisation of one device's present program: what job accounting shows of it.
int stats(Invocation& inv, SmiPlace& place, const std::vector<std::string>& words)
{
    if (asks(words, {"-e", "--enable"})) {
        inv.print("Successfully started process watches.\n");
        return 0;
    }
    const auto pid = parseNumber(valueOf(words, {"-p", "--pid"}));
    if (!pid)
        return wrongUse(inv, "stats");
    const SmiState state = place.look();
    std::string text;
    for (const SmiDevice& device : state.devices)
        for (const sim::gpu::GpuProcess& process : device.gpu->processes) {
            if (process.pid != *pid)
                continue;
            const auto line = [](std::string_view label, const std::string& value) { return fmt::format("| {:<32} | {:<55} |\n", label, value); };
            const std::string rule = "+----------------------------------+---------------------------------------------------------+\n";
            text += rule + fmt::format("| {:<90} |\n", fmt::format("GPU ID: {}", device.number)) + "+==================================+=========================================================+\n"
                + line("Max GPU Memory Used (bytes)", std::to_string(process.memoryBytes)) + line("SM Utilization (%)", std::to_string(percent(process.activity.sm)))
                + line("Memory Utilization (%)", std::to_string(percent(process.activity.dram))) + line("SM Clock (MHz)", std::to_string(device.gpu->now.smMHz)) + rule;
        }
    if (text.empty()) {
        inv.err().write(fmt::format("Error: Unable to get data for PID {}. Return: Not watched\n", *pid));
        return 1;
    }
    inv.print(fmt::format("Successfully retrieved process info for PID: {}. Process ran on GPU(s).\n", *pid) + text);
    return 0;
}

int runDcgmi(Invocation& inv)
{
    constexpr sim::Duration kAnswer = std::chrono::milliseconds(200);
    const std::vector<std::string>& words = inv.arguments;
    const std::string subsystem = words.empty() ? "--help" : words[0];
    if (subsystem == "--help" || subsystem == "-h") {
        inv.print(" Usage: dcgmi\n   dcgmi subsystem\n   dcgmi -v\n\n Flags:\n   -v      --version       Get DCGMI version information\n"
                  "       subsystem       The desired subsystem to be accessed.\n                  Subsystems Available:\n"
                  "                 dmon        Stats Monitoring of GPUs [dcgmi dmon --help for more info]\n"
                  "                 diag        System Validation/Diagnostic [dcgmi diag --help for more info]\n"
                  "                 discovery   Discover GPUs on the system [dcgmi discovery --help for more info]\n"
                  "                 health      Health Monitoring [dcgmi health --help for more info]\n"
                  "                 modules     Control and list DCGM modules\n"
                  "                 nvlink      Displays NvLink link statuses and error counts [dcgmi nvlink --help for more info]\n"
                  "                 stats       Process Statistics [dcgmi stats --help for more info]\n");
        return words.empty() ? kBadParameter : 0;
    }
    if (subsystem == "-v" || subsystem == "--version") {
        inv.print(fmt::format("Version : {}\n", kDcgmVersion));
        return 0;
    }
    inv.sleep(kAnswer);
    inv.noteRead("gpu/" + node::machineOf(inv).name);
    if (!engineRuns(inv)) {
        inv.print("Error: unable to establish a connection to the specified host: localhost\n"
                  "Error: Unable to connect to host engine. Host engine connection invalid/disconnected.\n");
        return kConnectionNotValid;
    }
    ShellPlace place(inv);
    if (place.look().status != sim::gpu::NvmlStatus::Success) {
        inv.print("Error: Cannot get GPU list from remote node. Error: NVML doesn't exist on this system\n");
        return 1;
    }
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (subsystem == "discovery" && asks(rest, {"-l", "--list"})) {
        inv.print(discoveryList(place.look()));
        return 0;
    }
    if (subsystem == "health")
        return health(inv, place, rest);
    if (subsystem == "diag")
        return diagnostic(inv, place, rest);
    if (subsystem == "dmon")
        return monitor(inv, place, rest);
    if (subsystem == "nvlink")
        return nvlink(inv, place, rest);
    if (subsystem == "modules")
        return modules(inv);
    if (subsystem == "stats")
        return stats(inv, place, rest);
    return wrongUse(inv, subsystem);
}

} // namespace

void addDcgmi(CommandTable& table)
{
    table.addRaw("dcgmi", "NVIDIA Data Center GPU Manager's command line", "dcgmi discovery -l | health -s a|-c|-f | diag -r LEVEL | dmon -e FIELDS | nvlink -s|-e -g GPU | modules -l | stats -p PID", runDcgmi);
}

} // namespace core::shell::gpu
