#include "sim/kube/client/event_types.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"
#include "sim/programs/start.h"

#include <fmt/format.h>


#include <algorithm>
#include <array>

// Startup, readiness and liveness probes (pkg/kubelet/prober).
namespace sim::kube {

namespace {

constexpr std::array<const char*, 3> kWords{"Startup", "Readiness", "Liveness"};

const SharedOptional<Probe>& probeOf(const Container& spec, int kind)
{
    return kind == 0 ? spec.startupProbe : kind == 1 ? spec.readinessProbe : spec.livenessProbe;
}

ProbeRun& runOf(ContainerRecord& record, int kind)
{
    return kind == 0 ? record.startup : kind == 1 ? record.readiness : record.liveness;
}

constexpr int kOfSidecar = 0x80; // in the kind of a probe's address

// pod serial | container start (a stale probe's differs) | container | kind
std::uint64_t address(std::uint32_t serial, std::uint32_t start, std::uint32_t index, int kind)
{
    return std::uint64_t{serial} << 32 | std::uint64_t{start & 0xffff} << 16 | std::uint64_t{index & 0xff} << 8
        | static_cast<std::uint64_t>(kind);
}

std::int64_t portOf(const Container& spec, const IntOrString& port)
{
    if (const auto* number = std::get_if<std::int64_t>(&port.value))
        return *number;
    for (const ContainerPort& one : spec.ports)
        if (one.name == std::get<std::string>(port.value))
            return one.containerPort.value;
    return 0;
}

/// Empty: passed. Otherwise what the prober says.
std::string outcome(const Probe& probe, const Container& spec, const container::Container& running, const std::string& ip, Instant now,
                    const net::Network& network)
{
    const programs::Program& program = running.program;
    if (probe.exec)
        return running.serving(now) ? std::string() : "command \"" + (probe.exec->command.empty() ? "" : probe.exec->command.front())
                + "\" exited with 1";
    const std::int64_t port = probe.grpc ? probe.grpc->port.value
                                         : portOf(spec, probe.httpGet ? probe.httpGet->port : probe.tcpSocket ? probe.tcpSocket->port : IntOrString{});
    const auto address = net::Ipv4::parse(ip);
    const bool listens = address && network.hasStack(running.stack)
        && network.stack(running.stack).listener(net::Protocol::Tcp, *address, port) != nullptr;
    const bool answers = running.serving(now) && (port == program.port || listens);
    if (probe.tcpSocket)
        return answers ? std::string() : fmt::format("dial tcp {}:{}: connect: connection refused", ip, port);
    if (probe.grpc)
        return answers ? std::string() : fmt::format("timeout: failed to connect service \"{}:{}\" within {}s: context deadline exceeded", ip, port,
                                                     std::max<std::int64_t>(1, probe.timeoutSeconds));
    if (!probe.httpGet)
        return {};
    if (!answers)
        return fmt::format("Get \"{3}://{0}:{1}{2}\": dial tcp {0}:{1}: connect: connection refused", ip, port, probe.httpGet->path,
                           probe.httpGet->scheme == "HTTPS" ? "https" : "http");
    const programs::PathAnswer page = programs::answerAt(program, probe.httpGet->path);
    if (page == programs::PathAnswer::None)
        return "HTTP probe failed with statuscode: 404";
    if (page == programs::PathAnswer::Health && running.healthStatus >= 400)
        return fmt::format("HTTP probe failed with statuscode: {}", running.healthStatus);
    return {};
}

} // namespace

void Kubelet::scheduleProbes(KubeletContext& k, PodWork& work, ContainerRole role, std::uint32_t index)
{
    const Container& spec = work.spec(role, index);
    const ContainerRecord& record = work.records(role)[index];
    for (int kind = 0; kind < 3; ++kind)
        if (const auto& probe = probeOf(spec, kind))
            k.context.engine.after(std::chrono::seconds(std::max<std::int64_t>(0, probe->initialDelaySeconds)) + 100ms,
                                   kubeEvent(EventType::KubeletProbe, m_index,
                                             address(work.serial, record.id.value, index, kind | (role == ContainerRole::Init ? kOfSidecar : 0))));
}

void Kubelet::probeEvent(KubeletContext& shared, std::uint64_t argument)
{
    KubeletContext k = own(shared);
    PodWork* work = bySerial(static_cast<std::uint32_t>(argument >> 32));
    const auto index = static_cast<std::uint32_t>(argument >> 8 & 0xff);
    const ContainerRole role = (argument & kOfSidecar) != 0 ? ContainerRole::Init : ContainerRole::Regular;
    if (work == nullptr || work->terminating)
        return;
    const auto& records = work->records(role);
    if (index >= records.size() || (records[index].id.value & 0xffff) != (argument >> 16 & 0xffff))
        return;
    const int kind = static_cast<int>(argument & 0x7f);
    const auto& probe = probeOf(work->spec(role, index), kind);
    if (!probe)
        return;
    const container::Container* running = k.context.runtimes.find(records[index].id);
    if (running == nullptr || running->state != container::Container::State::Running)
        return;
    k.context.engine.after(std::chrono::seconds(std::max<std::int64_t>(1, probe->periodSeconds)),
                           kubeEvent(EventType::KubeletProbe, m_index, argument));
    if (m_running && responds(k))
        runProbe(k, *work, role, index, kind);
}

void Kubelet::runProbe(KubeletContext& k, PodWork& work, ContainerRole role, std::uint32_t index, int kind)
{
    ContainerRecord& record = work.records(role)[index];
    const Container& spec = work.spec(role, index);
    // Until the startup probe has passed the others wait.
    if (kind != 0 && spec.startupProbe && !record.startup.passed)
        return;
    if (record.stopping || (kind == 0 && record.startup.passed))
        return;
    const Probe& probe = *probeOf(spec, kind);
    const container::Container& running = *k.context.runtimes.find(record.id);
    const std::string ip = work.address ? work.address->text() : work.pod->status.hostIP;
    const std::string problem = outcome(probe, spec, running, ip, k.now(), k.context.network);
    ProbeRun& run = runOf(record, kind);
    const bool before = run.passed;
    if (problem.empty()) {
        run.failures = 0;
        ++run.successes;
        if (run.successes >= std::max<std::int64_t>(1, probe.successThreshold))
            run.passed = true;
    } else {
        run.successes = 0;
        ++run.failures;
        event(k, work, kWarning, reason::kUnhealthy, fmt::format("{} probe failed: {}", kWords[static_cast<std::size_t>(kind)], problem), spec.name, role);
        if (run.failures >= std::max<std::int64_t>(1, probe.failureThreshold)) {
            run.passed = false;
            if (kind != 1) {
                run.failures = 0;
                event(k, work, kNormal, reason::kKilling,
                      fmt::format("Container {} failed {} probe, will be restarted", spec.name, kind == 0 ? "startup" : "liveness"), spec.name, role);
                const std::int64_t grace = probe.terminationGracePeriodSeconds.value_or(work.pod->spec.terminationGracePeriodSeconds.value_or(30));
                beginStop(k, work, record, spec, role, std::chrono::seconds(grace));
            }
        }
    }
    if (run.passed != before) {
        report(k, work);
        if (kind == 0)
            wake(k, work, 1ms); // others may have waited for it
    }
}

} // namespace sim::kube
