#include "core/shell/commands/linux/boot_chain.h"

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::BootStep;

constexpr std::size_t kLongestChain = 12;

/// What a unit waits for: what its files say, and what systemd adds by itself.
std::vector<std::string> waitedFor(const sim::host::Machine& machine, const std::vector<BootStep>& steps,
                                   const std::string& name)
{
    std::vector<std::string> before;
    if (const auto unit = machine.units.find(name); unit != machine.units.end()) {
        before = unit->second.after;
        before.insert(before.end(), unit->second.requires_.begin(), unit->second.requires_.end());
    }
    const auto all = [&](const char* kind) {
        for (const BootStep& s : steps)
            if (s.name != name && s.name.find(kind) != std::string::npos)
                before.push_back(s.name);
    };
    if (name == machine.boot.target)
        all(".service");
    if (name.find(".service") != std::string::npos)
        before.push_back("basic.target");
    if (name == "basic.target")
        before.push_back("sysinit.target");
    if (name == "sysinit.target")
        before.push_back("local-fs.target");
    if (name == "local-fs.target")
        all(".mount");
    return before;
}

} // namespace

std::vector<BootStep> unitSteps(const sim::host::Boot& boot)
{
    std::vector<BootStep> steps;
    for (const BootStep& step : boot.steps)
        if (step.name.find('.') != std::string::npos)
            steps.push_back(step);
    return steps;
}

std::vector<std::string> criticalChainOf(const sim::host::Machine& machine, std::string name)
{
    const std::vector<BootStep> steps = unitSteps(machine.boot);
    const auto stepOf = [&](const std::string& wanted) {
        const auto found = std::find_if(steps.begin(), steps.end(),
                                        [&](const BootStep& s) { return s.name == wanted; });
        return found == steps.end() ? nullptr : &*found;
    };
    if (name.empty())
        name = machine.boot.target;
    std::vector<std::string> chain;
    while (chain.size() < kLongestChain) {
        chain.push_back(name);
        const BootStep* step = stepOf(name);
        const sim::Instant active = step != nullptr ? step->begin : machine.boot.finished;
        const BootStep* latest = nullptr;
        for (const std::string& other : waitedFor(machine, steps, name))
            if (const BootStep* s = stepOf(other);
                s != nullptr && s->end <= active && (latest == nullptr || s->end > latest->end) && s->name != name)
                latest = s;
        if (latest == nullptr)
            break;
        name = latest->name;
    }
    return chain;
}

} // namespace core::shell::node
