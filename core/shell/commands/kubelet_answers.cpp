#include "core/shell/commands/kubelet_answers.h"

#include "core/shell/paths.h"
#include "core/shell/quoting.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell {

namespace {

using sim::kube::ContainerStatus;

constexpr sim::Duration kDialTimeout = std::chrono::seconds(30);        // DialContext of the API server's kubelet client
constexpr sim::Duration kNoRouteAfter = std::chrono::seconds(3);        // three ARP requests, a second apart
constexpr sim::Duration kTlsHandshakeTimeout = std::chrono::seconds(10); // of Go's default transport

const ContainerStatus* containerStatusIn(const sim::kube::Pod& pod, const std::string& container)
{
    for (const auto* list : {&pod.status.containerStatuses, &pod.status.initContainerStatuses, &*pod.status.ephemeralContainerStatuses})
        for (const ContainerStatus& status : *list)
            if (status.name.value == container)
                return &status;
    return nullptr;
}

/// What runc says when there is no such program; empty when there is.
std::string notExecutable(System& system, const Place& place, const std::string& program)
{
    if (system.hasCommand(place, fileNameOf(program)))
        return {};
    if (program.find('/') == std::string::npos)
        return "executable file not found in $PATH";
    const auto file = system.stat(place, program);
    if (!file)
        return "stat " + program + ": no such file or directory";
    return file->type == FileStat::Type::Directory ? "is a directory" : "permission denied";
}

/// The 64 hex digits containerd gives each exec; here from the container and the instant.
std::string execId(const sim::container::Container& container, sim::Instant now)
{
    sim::RandomStream random(static_cast<std::uint64_t>(now.time_since_epoch().count()), container.hexId);
    std::string id;
    while (id.size() < 64)
        id += fmt::format("{:016x}", random.next());
    return id;
}

} // namespace

KubeletProblem kubeletProblem(const sim::World& world, const sim::kube::Pod& pod)
{
    const sim::host::Machine* machine = world.machine(pod.spec.nodeName);
    if (machine == nullptr)
        return {};
    const std::string dial = fmt::format("dial tcp {}:{}: ", pod.status.hostIP.empty() ? pod.spec.nodeName : pod.status.hostIP, kKubeletPort);
    const auto address = sim::net::Ipv4::parse(pod.status.hostIP);
    const auto& controlPlane = world.cluster().settings().controlPlane;
    if (address && !controlPlane.empty()) {
        const sim::StackId from = world.hosts().at(controlPlane.front()).stack;
        switch (world.reach(from, *address, sim::net::Protocol::Tcp, kKubeletPort).verdict) {
        case sim::net::Verdict::TimedOut:
        case sim::net::Verdict::NotPermitted: return {dial + "i/o timeout", kDialTimeout};
        case sim::net::Verdict::HostUnreachable:
        case sim::net::Verdict::Prohibited: return {dial + "connect: no route to host", kNoRouteAfter};
        default: break;
        }
    }
    if (machine->power != sim::host::Machine::Power::On || !world.hosts().unitActive(machine->id, "kubelet.service"))
        return {dial + "connect: connection refused", {}};
    if (!world.hosts().unitResponds(machine->id, "kubelet.service") || machine->starvedOfMemory())
        return {"net/http: TLS handshake timeout", kTlsHandshakeTimeout}; // the kernel takes the connection; the process does not get to it
    return {};
}

std::string logRefusal(const sim::kube::Pod& pod, const std::string& container, bool previous)
{
    const std::string which = fmt::format("container \"{}\" in pod \"{}\"", container, pod.metadata.name);
    const ContainerStatus* status = containerStatusIn(pod, container);
    if (status == nullptr)
        return which + " is not available";
    if (previous)
        return status->lastState.terminated ? "" : "previous terminated " + which + " not found";
    if (status->state.running || status->state.terminated || status->lastState.terminated)
        return {};
    if (!status->state.waiting || status->state.waiting->reason.empty())
        return which + " is waiting to start - no logs yet";
    const std::string& reason = status->state.waiting->reason;
    return which + " is waiting to start: "
        + (reason == "ErrImagePull"           ? "image can't be pulled"
               : reason == "ImagePullBackOff" ? "trying and failing to pull image"
                                              : reason);
}

std::string execProblem(System& system, const Place& place, const sim::container::Container& container, sim::Instant now,
                        const std::string& program)
{
    const std::string why = notExecutable(system, place, program);
    if (why.empty())
        return {};
    return fmt::format("error executing command in container: failed to exec in container: failed to start exec \"{}\": OCI runtime exec failed: "
                       "exec failed: unable to start container process: exec: \"{}\": {}",
                       execId(container, now), program, why);
}

bool isPlainShell(const std::vector<std::string>& command)
{
    const std::string_view name = fileNameOf(command.front());
    return (name == "sh" || name == "bash" || name == "ash")
        && std::all_of(command.begin() + 1, command.end(),
                       [](const std::string& word) { return word == "-l" || word == "-i" || word == "-il" || word == "--login"; });
}

std::string exportsOf(const sim::container::Container& container)
{
    std::string text;
    for (const auto& [name, value] : container.environment)
        text += fmt::format("export {}={}; ", name, singleQuoted(value));
    return text;
}

std::string lineOf(const std::vector<std::string>& command)
{
    std::string text;
    for (const std::string& word : command)
        text += singleQuoted(&word == &command.front() ? std::string(fileNameOf(word)) : word) + " ";
    return text;
}

} // namespace core::shell
