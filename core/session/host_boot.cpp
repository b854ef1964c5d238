#include "core/session/host_detail.h"

#include "core/shell/commands/linux/boot_chain.h"
#include "core/shell/commands/linux/here.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::session {

namespace {

using shell::node::spanText;
using sim::host::Boot;
using sim::host::BootStage;
using sim::host::Machine;
using sim::host::Unit;

constexpr std::size_t kConsoleLinesShown = 24;
constexpr std::size_t kMostBars = 200; ///< a chart with more is not read any more

const char* stageWord(BootStage stage)
{
    switch (stage) {
    case BootStage::Off: return "off";
    case BootStage::Firmware: return "firmware";
    case BootStage::Menu: return "menu";
    case BootStage::Prompt: return "prompt";
    case BootStage::Kernel: return "kernel";
    case BootStage::Initramfs: return "initramfs";
    case BootStage::InitramfsShell: return "initramfs shell";
    case BootStage::Panic: return "panic";
    case BootStage::Services: return "services";
    case BootStage::Emergency: return "emergency";
    case BootStage::Rescue: return "rescue";
    case BootStage::Running: return "running";
    }
    return "";
}

/// The phase that the boot is in, as a bar that has not ended.
void addRunningPhase(BootDetail& detail, const Boot& boot, sim::Instant now)
{
    BootBar bar;
    bar.phase = true;
    bar.running = true;
    bar.end = now;
    switch (boot.stage) {
    case BootStage::Firmware:
        bar.name = "firmware";
        bar.begin = boot.firmware;
        break;
    case BootStage::Menu:
    case BootStage::Prompt:
        bar.name = "loader";
        bar.begin = boot.loader;
        bar.ok = boot.stage == BootStage::Menu;
        break;
    case BootStage::Kernel:
        bar.name = "kernel";
        bar.begin = boot.kernel;
        break;
    case BootStage::Initramfs:
    case BootStage::InitramfsShell:
    case BootStage::Panic:
        bar.name = boot.stage == BootStage::Panic ? "kernel" : "initrd";
        bar.begin = boot.kernel;
        for (const BootBar& done : detail.bars)
            bar.begin = std::max(bar.begin, done.end);
        bar.ok = boot.stage == BootStage::Initramfs;
        break;
    default: return;
    }
    detail.bars.push_back(std::move(bar));
}

void addBars(BootDetail& detail, const Machine& machine, sim::Instant now)
{
    for (const sim::host::BootStep& step : machine.boot.steps) {
        if (detail.bars.size() >= kMostBars)
            break;
        BootBar bar;
        bar.name = step.name;
        bar.begin = step.begin;
        bar.end = std::max(step.begin, step.end);
        bar.ok = step.ok;
        bar.phase = step.name.find('.') == std::string::npos;
        detail.bars.push_back(std::move(bar));
    }
    addRunningPhase(detail, machine.boot, now);
    const bool under = machine.boot.stage == BootStage::Services || machine.boot.stage == BootStage::Emergency;
    for (const auto& [name, unit] : machine.units) {
        if (!under || unit.state != Unit::State::Activating)
            continue;
        BootBar bar;
        bar.name = name;
        bar.begin = unit.activating;
        bar.end = now;
        bar.running = true;
        detail.bars.push_back(std::move(bar));
    }
    std::stable_sort(detail.bars.begin(), detail.bars.end(),
                     [](const BootBar& a, const BootBar& b) { return a.begin < b.begin; });
}

void connectBars(BootDetail& detail, const Machine& machine)
{
    std::map<std::string, int> places;
    for (std::size_t i = 0; i < detail.bars.size(); ++i)
        places[detail.bars[i].name] = static_cast<int>(i);
    for (BootBar& bar : detail.bars) {
        const auto unit = machine.units.find(bar.name);
        if (unit == machine.units.end())
            continue;
        for (const auto* list : {&unit->second.after, &unit->second.requires_})
            for (const std::string& other : *list)
                if (const auto place = places.find(other);
                    place != places.end() && std::count(bar.after.begin(), bar.after.end(), place->second) == 0)
                    bar.after.push_back(place->second);
    }
    for (const std::string& name : shell::node::criticalChainOf(machine))
        if (const auto place = places.find(name); place != places.end())
            detail.bars[static_cast<std::size_t>(place->second)].critical = true;
}

double spanOf(sim::Instant from, sim::Instant to)
{
    return from == sim::Instant{} || to <= from ? 0 : sim::toSeconds(to - from);
}

void tellBoot(BootDetail& detail, const Machine& machine)
{
    Reading& read = detail.read;
    read.what = "boot";
    read.reads = {"host/" + machine.name, "unit/" + machine.name + "/*"};
    if (detail.finished != sim::Instant{})
        read.text = fmt::format(
            "Startup finished in {} (firmware) + {} (loader) + {} (kernel) + {} (userspace) = {} \n",
            spanText(detail.firmwareSeconds), spanText(detail.loaderSeconds), spanText(detail.kernelSeconds),
            spanText(detail.userspaceSeconds), spanText(spanOf(detail.began, detail.finished)));
    std::vector<const BootBar*> units;
    for (const BootBar& bar : detail.bars)
        if (!bar.phase && bar.end > bar.begin && bar.name.find(".target") == std::string::npos)
            units.push_back(&bar);
    std::stable_sort(units.begin(), units.end(),
                     [](const BootBar* a, const BootBar* b) { return a->end - a->begin > b->end - b->begin; });
    for (const BootBar* bar : units)
        read.text += fmt::format("{:>6} {}\n", spanText(sim::toSeconds(bar->end - bar->begin)), bar->name);
    for (const std::string& name : detail.failed) {
        const Unit& unit = machine.units.at(name);
        read.text += fmt::format("\u25cf {} loaded failed failed {}\n     Active: failed (Result: {})\n", name,
                                 unit.description, unit.result);
    }
    for (const std::string& line : detail.console)
        read.text += line + "\n";
    read.shape = fmt::format("{} {}", detail.stage, detail.began.time_since_epoch().count());
    for (const std::string& name : detail.failed)
        read.shape += " " + name;
}

} // namespace

BootDetail bootOf(const sim::World& world, const Machine& machine)
{
    const Boot& boot = machine.boot;
    BootDetail detail;
    detail.stage = stageWord(boot.stage);
    detail.target = boot.target;
    detail.entry = boot.entry.title;
    detail.began = boot.firmware;
    detail.finished = boot.finished;
    detail.firmwareSeconds = spanOf(boot.firmware, boot.loader);
    detail.loaderSeconds = spanOf(boot.loader, boot.kernel);
    detail.kernelSeconds = spanOf(boot.kernel, boot.userspace);
    detail.userspaceSeconds = spanOf(boot.userspace, boot.finished);
    detail.waitsFor = boot.waitsFor;
    addBars(detail, machine, world.now());
    connectBars(detail, machine);
    for (const auto& [name, unit] : machine.units)
        if (unit.state == Unit::State::Failed)
            detail.failed.push_back(name);
    const auto& lines = machine.console.lines;
    for (std::size_t i = lines.size() - std::min(lines.size(), kConsoleLinesShown); i < lines.size(); ++i)
        detail.console.push_back(lines[i]);
    tellBoot(detail, machine);
    return detail;
}

} // namespace core::session
