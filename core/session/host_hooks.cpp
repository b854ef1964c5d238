#include "core/session/host_detail.h"

#include "core/session/verdict_word.h"
#include "core/shell/commands/linux/rule_text.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace core::session {

namespace {

using sim::host::Machine;
using sim::net::HookStep;

/// Containers of the machine that have a network namespace of their own.
std::vector<std::pair<std::string, sim::StackId>> containersOn(const sim::World& world, const Machine& machine)
{
    std::vector<std::pair<std::string, sim::StackId>> all;
    for (const auto& [id, container] : world.runtimes().containers()) {
        const bool inPod = !container.podName.empty();
        if (container.host != machine.id || container.state != sim::container::Container::State::Running
            || container.stack == machine.stack || !world.network().hasStack(container.stack)
            || (inPod && !container.sandbox))
            continue;
        all.emplace_back(inPod ? container.podNamespace + "/" + container.podName : container.name, container.stack);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return all;
}

/// "INPUT rule 3": the chain's third rule, as iptables -S prints it; "INPUT policy" the policy.
std::string ruleTextOf(const sim::net::Stack& stack, const std::string& table, const std::string& where)
{
    const auto& chains = stack.table(table);
    const std::size_t space = where.find(' ');
    const auto chain = chains.find(where.substr(0, space));
    if (chain == chains.end() || space == std::string::npos)
        return {};
    if (where.compare(space, std::string::npos, " policy") == 0)
        return fmt::format("-P {} {}", chain->first, chain->second.policy);
    std::size_t number = 0;
    const std::string digits = where.substr(where.rfind(' ') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number == 0 || number > chain->second.rules.size()
        ? std::string()
        : shell::node::saveRule(chain->first, chain->second.rules[number - 1]);
}

/// A machine beyond the learner's reach: what its kernel does with the packet only its own people can see.
bool isOutside(const sim::World& world, const sim::net::Stack& stack)
{
    const Machine* machine = world.machine(stack.name);
    return machine != nullptr && machine->role == "outside";
}

/// "pay INPUT rule 1" tells of a machine beyond reach; from here the packet is only not answered.
std::string stopWithinReach(const sim::World& world, const std::string& stoppedBy)
{
    const Machine* machine = world.machine(stoppedBy.substr(0, stoppedBy.find(' ')));
    return machine != nullptr && machine->role == "outside" ? std::string() : stoppedBy;
}

void addPlaces(HooksDetail& detail, const sim::World& world, const sim::net::PathResult& path,
               sim::net::Protocol protocol)
{
    std::string before;
    sim::StackId at;
    for (const HookStep& step : path.hooks) {
        const sim::net::Stack& stack = world.network().stack(step.at);
        if (detail.places.empty() || step.at != at)
            detail.places.push_back({stack.name, {}, isOutside(world, stack)});
        at = step.at;
        if (detail.places.back().closed)
            continue;
        HookDetail one;
        one.hook = sim::net::hookName(step.hook);
        one.table = step.table;
        one.verdict = step.verdict;
        one.rule = step.rule;
        one.comment = step.comment;
        if (step.table == "raw" || step.table == "mangle" || step.table == "nat" || step.table == "filter")
            one.ruleText = ruleTextOf(stack, step.table, step.rule);
        else if (const sim::net::Route* route = stack.lookup(step.destination);
                 step.table == "routing" && route != nullptr && step.verdict != "local")
            one.ruleText = shell::node::routeLine(stack, *route);
        one.packet = protocol == sim::net::Protocol::Icmp
            ? fmt::format("{} → {}", step.source.text(), step.destination.text())
            : fmt::format("{} → {}:{}", step.source.text(), step.destination.text(), step.destinationPort);
        one.changed = !before.empty() && one.packet != before && step.source != sim::net::Ipv4{}
            && before.rfind("0.0.0.0", 0) != 0;
        before = one.packet;
        one.stopped = step.stopped;
        detail.places.back().steps.push_back(std::move(one));
    }
}

void tellHooks(HooksDetail& detail, const HostInterest& interest, const std::string& place, bool named)
{
    Reading& read = detail.read;
    read.what = "packet through the hooks";
    read.reads = {"from/" + place};
    if (named)
        read.reads.push_back("dns/" + interest.to);
    if (named)
        read.text = detail.resolved + "\n";
    for (const HookPlace& one : detail.places) {
        if (one.closed)
            continue;
        for (const char* kind : {"firewall/", "route/", "conntrack/"})
            read.reads.push_back(kind + one.name);
        for (const HookDetail& step : one.steps) {
            read.text += fmt::format("{} {} {} {} {}\n", one.name, step.hook, step.table, step.verdict, step.rule);
            if (!step.ruleText.empty())
                read.text += step.ruleText + "\n";
            read.shape += one.name + step.hook + step.table + step.verdict + step.rule;
        }
    }
    read.text += detail.verdict + (detail.stoppedBy.empty() ? "" : ": " + detail.stoppedBy) + "\n";
    read.shape += detail.verdict + detail.stoppedBy + interest.to;
}

} // namespace

HooksDetail hooksOf(const sim::World& world, const Machine& machine, const HostInterest& interest)
{
    HooksDetail detail;
    const auto containers = containersOn(world, machine);
    for (const auto& [name, stack] : containers)
        detail.sources.push_back(name);
    for (const Machine& other : world.hosts().all()) {
        std::vector<std::int64_t> ports;
        if (other.name != machine.name && world.network().hasStack(other.stack))
            for (const sim::net::Listener& listener : world.network().stack(other.stack).listeners)
                if (listener.protocol == sim::net::Protocol::Tcp && other.role != "outside"
                    && (!listener.address || listener.address->text().rfind("127.", 0) != 0))
                    ports.push_back(listener.port);
        for (const std::int64_t port : ports)
            detail.destinations.push_back(fmt::format("{}:{}", other.name, port));
    }
    if (interest.to.empty())
        return detail;
    detail.asked = true;
    sim::StackId from = machine.stack;
    std::string place = machine.name;
    if (!interest.from.empty()) {
        const auto found = std::find_if(containers.begin(), containers.end(),
                                        [&](const auto& one) { return one.first == interest.from; });
        if (found == containers.end()) {
            detail.problem = HooksDetail::kNoSource;
            return detail;
        }
        from = found->second;
        place = found->first.substr(found->first.rfind('/') + 1);
    }
    std::optional<sim::net::Ipv4> address = sim::net::Ipv4::parse(interest.to);
    const bool named = !address;
    if (named) {
        const sim::NameAnswer answer = world.resolve(from, interest.to);
        if (answer.status != sim::NameAnswer::Status::Found || answer.addresses.empty()) {
            detail.problem = HooksDetail::kNoName;
            return detail;
        }
        address = answer.addresses.front();
        detail.resolved = (answer.canonicalName.empty() ? interest.to : answer.canonicalName) + " → " + address->text();
    }
    sim::net::Probe probe;
    probe.protocol = interest.protocol == "udp" ? sim::net::Protocol::Udp
        : interest.protocol == "icmp"           ? sim::net::Protocol::Icmp
                                                : sim::net::Protocol::Tcp;
    probe.port = probe.protocol == sim::net::Protocol::Icmp ? 0 : interest.port;
    const sim::net::PathResult path = world.explain(from, *address, probe);
    addPlaces(detail, world, path, probe.protocol);
    detail.delivered = path.verdict == sim::net::Verdict::Delivered;
    detail.verdict = verdictWord(path.verdict);
    detail.stoppedBy = stopWithinReach(world, path.stoppedBy);
    detail.rttMilliseconds = sim::toSeconds(path.rtt) * 1000;
    tellHooks(detail, interest, place, named);
    return detail;
}

} // namespace core::session
