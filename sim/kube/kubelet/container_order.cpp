#include "sim/container/entry_point.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

// In which order a pod's containers start and end, and the hooks at both ends
// (pkg/kubelet/kuberuntime/kuberuntime_container.go, pkg/kubelet/lifecycle/handlers.go).
namespace sim::kube {

namespace {

// A container whose time is up before its hook has ended still gets this long (minimumGracePeriodInSeconds).
constexpr Duration kLeastGrace = 2s;

bool runsNow(const container::Runtimes& runtimes, const ContainerRecord& record)
{
    const container::Container* present = record.id.valid() ? runtimes.find(record.id) : nullptr;
    return present != nullptr && present->state == container::Container::State::Running;
}

} // namespace

bool Kubelet::startedUp(const KubeletContext& k, const ContainerRecord& record, const Container& spec) const
{
    return runsNow(k.context.runtimes, record) && (!spec.startupProbe || record.startup.passed);
}

bool Kubelet::initialize(KubeletContext& k, PodWork& work)
{
    const bool begun = std::any_of(work.containers.begin(), work.containers.end(), [](const ContainerRecord& r) { return r.id.valid(); });
    for (std::uint32_t i = 0; i < work.init.size(); ++i) {
        const Container& spec = work.pod->spec.initContainers[i];
        const bool passed = runContainer(k, work, ContainerRole::Init, i);
        if (isSidecar(spec)) { // once the pod has begun, a sidecar that is restarted holds up nobody
            if (!begun && !(passed && startedUp(k, work.init[i], spec)))
                return false;
            continue;
        }
        if (!passed || (work.init[i].last && work.init[i].last->exitCode.value != 0))
            return false;
    }
    return true;
}

Kubelet::HookResult Kubelet::runHook(const KubeletContext& k, const container::Container& in, const LifecycleHandler& hook) const
{
    if (hook.sleep)
        return {std::chrono::seconds(hook.sleep->seconds.value), true};
    if (hook.exec && !hook.exec->command.empty()) {
        const auto image = k.context.runtimes.image(m_host, in.image);
        const container::EntryPoint run = container::entryPointOf(image ? image->program : in.program, hook.exec->command);
        if (!run.startError.empty())
            return {{}, false};
        return {run.endsAfter.value_or(Duration::max()), run.exitCode == 0};
    }
    if (hook.httpGet)
        return {{}, in.serving(k.now()) && (hook.httpGet->path == in.program.readyPath || hook.httpGet->path == "/")};
    return {{}, true};
}

bool Kubelet::postStart(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container& spec, ContainerRole role)
{
    const container::Container* present = k.context.runtimes.find(record.id);
    if (!spec.lifecycle || !spec.lifecycle->postStart || present == nullptr || runHook(k, *present, *spec.lifecycle->postStart).succeeded)
        return true;
    event(k, work, kWarning, "FailedPostStartHook", "PostStartHook failed", spec.name, role);
    event(k, work, kNormal, reason::kKilling, "FailedPostStartHook", spec.name, role);
    beginStop(k, work, record, spec, role, std::chrono::seconds(work.pod->spec.terminationGracePeriodSeconds.value_or(30)));
    return false;
}

void Kubelet::beginStop(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container& spec, ContainerRole role, Duration grace)
{
    record.stopping = true;
    container::Context runtime = k.runtime();
    Duration hook{};
    const container::Container* present = k.context.runtimes.find(record.id);
    if (spec.lifecycle && spec.lifecycle->preStop && present != nullptr && grace > Duration{0}) {
        const HookResult result = runHook(k, *present, *spec.lifecycle->preStop);
        hook = std::min(result.took, grace);
        if (!result.succeeded)
            event(k, work, kWarning, "FailedPreStopHook", "PreStopHook failed", spec.name, role);
    }
    if (hook <= Duration{0}) {
        k.context.runtimes.stop(runtime, record.id, grace);
        return;
    }
    record.termAt = k.now() + hook;
    record.killAt = k.now() + std::max(grace, hook + kLeastGrace);
    wake(k, work, hook);
}

void Kubelet::continueStops(KubeletContext& k, PodWork& work)
{
    container::Context runtime = k.runtime();
    for (auto* list : work.lists())
        for (ContainerRecord& record : *list) {
            if (!record.termAt)
                continue;
            if (k.now() < *record.termAt) {
                wake(k, work, *record.termAt - k.now());
                continue;
            }
            record.termAt.reset();
            k.context.runtimes.stop(runtime, record.id, std::max(Duration{0}, record.killAt - k.now()));
        }
}

bool Kubelet::stopContainers(KubeletContext& k, PodWork& work, Duration grace, bool sidecarsOnly)
{
    if (!work.stopBy)
        work.stopBy = k.now() + grace;
    bool running = false;
    const auto stopOne = [&](ContainerRole role, std::size_t i) {
        ContainerRecord& record = work.records(role)[i];
        if (!runsNow(k.context.runtimes, record))
            return false;
        if (record.stopping)
            return true;
        const Container& spec = work.spec(role, i);
        event(k, work, kNormal, reason::kKilling, fmt::format("Stopping container {}", spec.name), spec.name, role);
        beginStop(k, work, record, spec, role, std::max(Duration{0}, *work.stopBy - k.now()));
        return true;
    };
    if (!sidecarsOnly) {
        for (std::size_t i = 0; i < work.containers.size(); ++i)
            running = stopOne(ContainerRole::Regular, i) || running;
        for (std::size_t i = 0; i < work.init.size(); ++i)
            if (!isSidecar(work.pod->spec.initContainers[i]))
                running = stopOne(ContainerRole::Init, i) || running;
    }
    for (std::size_t i = 0; i < work.ephemeral.size(); ++i)
        running = stopOne(ContainerRole::Ephemeral, i) || running;
    // Sidecars serve the others until these are gone, and end in the reverse order of their start.
    for (std::size_t i = work.init.size(); i-- > 0 && !running;)
        if (isSidecar(work.pod->spec.initContainers[i]))
            running = stopOne(ContainerRole::Init, i);
    return running || std::any_of(work.init.begin(), work.init.end(), [&](const ContainerRecord& r) { return runsNow(k.context.runtimes, r); });
}

} // namespace sim::kube
