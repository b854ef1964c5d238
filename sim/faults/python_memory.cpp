#include "sim/faults/python_memory.h"

#include "sim/faults/program_release.h"
#include "sim/faults/requests.h"
#include "sim/host/standard_machine.h"

#include <algorithm>
#include <array>

// The job has run for a while with this morning's release, or with a setting that somebody changed, and by now it has
// nearly all of the machine's memory.
namespace sim::faults {

namespace {

constexpr const char* kJobMachine = "cat-1";
constexpr const char* kJobProgram = "etl";
constexpr const char* kJobRelease = "3.3.0";
constexpr const char* kReportUnit = "month-end.service";
/// What is left when the fault begins: half a minute's growth above what the kernel keeps for itself.
constexpr std::int64_t kLeftAtFirst = host::Machine::kMinFreeBytes + (45LL << 20);
constexpr std::int64_t kLeftByReport = host::Machine::kMinFreeBytes - (30LL << 20);

const Variants& memoryVariants()
{
    static const Variants kVariants{
        {"unclosed-resource", {"buffers", "cursors"}},
        {"global-cache", {"every-row", "no-limit"}},
        {"reference-cycle", {"no-collector", "collector-off"}},
        {"list-not-generator", {"whole-export", "whole-file"}},
        {"no-fault", {"month-end"}},
    };
    return kVariants;
}

struct JobSetting {
    const char* variant;
    const char* name;
    const char* usual;
    const char* now;
};
constexpr std::array<JobSetting, 2> kJobSettings{
    {{"no-limit", "ETL_CACHE_ROWS", "20000", "0"}, {"collector-off", "ETL_GC", "on", "off"}}};

/// A report of another team that takes a fixed amount of memory until it is done.
void startReport(Context& context, host::Machine& machine)
{
    host::StandardUnit unit;
    unit.name = kReportUnit;
    unit.text = "[Unit]\nDescription=Month-end report, ends by itself after some minutes\n\n[Service]\nUser=reports\n"
                "ExecStart=/usr/bin/python3 /opt/reports/month_end.py\n\n[Install]\nWantedBy=multi-user.target\n";
    unit.memoryBytes = machine.memoryLeftBytes() - kLeftByReport;
    unit.cpuCores = 0.4;
    host::installUnit(machine, unit, context.parts.engine.now());
    context.parts.hosts.startUnit(context.parts.engine, context.parts.network, machine.id, unit.name);
}

} // namespace

Result<nlohmann::json> preparePythonMemory(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, memoryVariants(), parameters);
    if (!choice)
        return choice.error();
    auto release = ProgramRelease::find(context, kJobMachine, kJobProgram);
    if (!release)
        return Error{"the topology does not run this program there; use the topology catalogue", kJobProgram};
    nlohmann::json chosen{{"cause", choice->cause},
                          {"variant", choice->variant},
                          {"machine", kJobMachine},
                          {"good", release->current()},
                          {"unit", release->unit()}};
    const auto setting = std::find_if(kJobSettings.begin(), kJobSettings.end(),
                                      [&](const JobSetting& one) { return choice->is(one.variant); });
    const bool plain = setting != kJobSettings.end() || choice->cause == "no-fault";
    release->deploy(std::string(kJobRelease) + "+" + (plain ? "plain" : choice->variant), kJobRelease);
    if (setting != kJobSettings.end()) {
        release->set(std::string(setting->name) + "=" + setting->now);
        chosen["setting"] = setting->name;
        chosen["value"] = setting->usual;
    }
    release->restart();
    return chosen;
}

Result<nlohmann::json> injectPythonMemory(Context& context, const nlohmann::json& parameters)
{
    auto release = ProgramRelease::find(context, kJobMachine, kJobProgram);
    if (!release)
        return Error{"the topology does not run this program there; use the topology catalogue", kJobProgram};
    if (parameters.value("cause", std::string{}) == "no-fault")
        startReport(context, release->machine());
    else
        release->ageUntil(kLeftAtFirst);
    nlohmann::json chosen = parameters;
    chosen["pid"] = std::to_string(release->pid());
    return chosen;
}

void proceedPythonMemory(Context& context, const nlohmann::json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    if (const host::Machine* machine = context.parts.hosts.find(kJobMachine))
        context.parts.hosts.stopUnit(context.parts.engine, context.parts.network, machine->id, kReportUnit);
}

} // namespace sim::faults
