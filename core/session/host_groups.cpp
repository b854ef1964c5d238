#include "core/session/host_detail.h"

#include "sim/host/proc_files.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace core::session {

namespace {

using sim::host::Machine;

constexpr std::size_t kSharersNamed = 12;
/// Of what is told to grading: groups without limits and history say nothing.
constexpr std::size_t kToldGroups = 40;

/// What a directory stands for: a container's scope, a pod's slice, else its own name.
std::map<std::string, std::string> groupLabels(const sim::World& world, const Machine& machine)
{
    std::map<std::string, std::string> labels;
    for (const auto& [id, container] : world.runtimes().containers()) {
        if (container.host != machine.id || container.state == sim::container::Container::State::Exited)
            continue;
        const auto process = machine.processes.find(container.pid);
        if (process != machine.processes.end())
            labels[process->second.cgroup] = container.sandbox ? container.podName + " (sandbox)" : container.name;
        if (!container.podName.empty())
            labels[container.cgroup] = container.podNamespace + "/" + container.podName;
    }
    return labels;
}

double grantedCores(const Machine& machine, const std::string& path)
{
    double cores = 0;
    for (const auto& [pid, process] : machine.processes)
        if (process.runs() && sim::host::inCgroup(process.cgroup, path))
            cores += process.cpuGranted;
    return cores;
}

void addGroups(GroupsDetail& detail, const sim::World& world, const Machine& machine)
{
    const std::map<std::string, std::string> labels = groupLabels(world, machine);
    std::map<std::string, int> places;
    for (const std::string& path : sim::host::cgroupPaths(machine)) {
        const auto limits = machine.cgroups.find(path);
        const sim::host::Cgroup group = limits == machine.cgroups.end() ? sim::host::Cgroup{} : limits->second;
        GroupDetail one;
        one.path = path;
        const auto label = labels.find(path);
        one.label = label != labels.end() ? label->second : path.size() > 1 ? path.substr(path.rfind('/') + 1) : path;
        if (path.size() > 1) {
            const std::string above = path.substr(0, std::max<std::size_t>(1, path.rfind('/')));
            const auto parent = places.find(above);
            one.parent = parent == places.end() ? -1 : parent->second;
        }
        one.tasks = sim::host::cgroupTasks(machine, path);
        one.cpuCores = grantedCores(machine, path);
        one.cpuMaxCores = group.cpuQuotaCores;
        one.cpuWeight = group.cpuWeight;
        one.throttledShare = group.throttledShare;
        one.throttledSeconds = group.throttledSeconds;
        one.memoryBytes = sim::host::cgroupMemoryBytes(machine, path);
        one.memoryMax = group.memoryMax;
        one.memoryHigh = group.memoryHigh;
        one.memoryPeak = std::max(group.memoryPeak, one.memoryBytes);
        one.maxEvents = group.maxEvents;
        one.oomKills = group.oomKills;
        one.pidsMax = group.pidsMax;
        one.forksRefused = group.forksRefused;
        places[path] = static_cast<int>(detail.groups.size());
        detail.groups.push_back(std::move(one));
    }
}

/// As somebody reads the files below /sys/fs/cgroup, of groups that have something in them.
void tellGroups(GroupsDetail& detail, const sim::World& world, const Machine& machine)
{
    Reading& read = detail.groupsRead;
    read.what = "control groups";
    read.reads = {"host/" + machine.name};
    if (const sim::container::docker::Docker* docker = world.dockers().find(machine.id))
        for (const auto& [id, container] : docker->containers)
            read.reads.push_back("container/" + machine.name + "/" + container.name);
    std::size_t told = 0;
    for (const GroupDetail& group : detail.groups) {
        const bool worth = group.cpuMaxCores > 0 || group.memoryMax > 0 || group.memoryHigh > 0 || group.pidsMax > 0
            || group.oomKills > 0;
        if (!worth || told++ >= kToldGroups)
            continue;
        read.text += fmt::format("{} {}\n", group.path, group.label);
        for (const char* file : {"cpu.max", "cpu.weight", "cpu.stat", "memory.max", "memory.high", "memory.current",
                                 "memory.events", "pids.max", "pids.current"}) {
            read.reads.push_back(fmt::format("file/{}/sys/fs/cgroup{}/{}", machine.name, group.path, file));
            const std::string text = sim::host::cgroupFileText(machine, group.path, file, world.now());
            read.text += text.find('\n') + 1 == text.size() ? fmt::format("{}: {}", file, text)
                                                            : fmt::format("{}:\n{}", file, text);
        }
        const auto tenth = [](double part, double all) {
            return all <= 0 ? -1 : static_cast<int>(10 * part / all);
        };
        read.shape += fmt::format("{}:{}:{}:{}:{} ", group.path, tenth(group.throttledShare, 1),
                                  tenth(static_cast<double>(group.memoryBytes), static_cast<double>(group.memoryMax)),
                                  group.oomKills, tenth(group.cpuCores, group.cpuMaxCores));
    }
    read.shape += std::to_string(detail.groups.size());
}

void addNamespaces(GroupsDetail& detail, const sim::World& world, const Machine& machine)
{
    std::map<std::pair<std::string, std::uint64_t>, NamespaceDetail> all;
    const std::vector<std::string>& kinds = sim::host::namespaceKinds();
    for (const auto& [pid, process] : machine.processes) {
        const sim::container::Container* container = process.container ? world.runtimes().find(*process.container)
                                                                       : nullptr;
        const std::string sharer = container != nullptr
            ? (container->podName.empty() ? container->name : container->podName + "/" + container->name)
            : !process.unit.empty() ? process.unit
                                    : process.name;
        for (const std::string& kind : kinds) {
            const std::uint64_t inode = sim::host::namespaceInode(process, kind);
            NamespaceDetail& one = all[{kind, inode}];
            one.kind = kind;
            one.inode = inode;
            one.initial = one.initial || pid == 1;
            ++one.processes;
            if (!process.kernelThread && one.sharedBy.size() < kSharersNamed
                && std::count(one.sharedBy.begin(), one.sharedBy.end(), sharer) == 0)
                one.sharedBy.push_back(sharer);
        }
    }
    for (const std::string& kind : kinds) {
        std::vector<NamespaceDetail> ofKind;
        for (auto& [key, one] : all)
            if (key.first == kind)
                ofKind.push_back(std::move(one));
        std::stable_sort(ofKind.begin(), ofKind.end(),
                         [](const auto& a, const auto& b) { return a.initial > b.initial; });
        detail.namespaces.insert(detail.namespaces.end(), ofKind.begin(), ofKind.end());
    }
    Reading& read = detail.namespacesRead;
    read.what = "namespaces";
    read.reads = {"host/" + machine.name};
    read.text = "        NS TYPE   NPROCS COMMAND\n";
    for (const NamespaceDetail& one : detail.namespaces) {
        std::string sharers;
        for (const std::string& name : one.sharedBy)
            sharers += (sharers.empty() ? "" : ", ") + name;
        read.text += fmt::format("{:>10} {:<6} {:>6} {}\n", one.inode, one.kind, one.processes, sharers);
    }
    read.shape = std::to_string(detail.namespaces.size());
}

} // namespace

GroupsDetail groupsOf(const sim::World& world, const Machine& machine)
{
    GroupsDetail detail;
    addGroups(detail, world, machine);
    tellGroups(detail, world, machine);
    addNamespaces(detail, world, machine);
    return detail;
}

} // namespace core::session
