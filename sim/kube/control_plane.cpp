#include "sim/kube/control_plane.h"

#include "sim/host/start_checks.h"
#include "sim/kube/etcd/components.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

constexpr host::Pid kInContainer = 1; // its pid as its own log tells it

} // namespace

bool componentServes(const Context& context, HostId machine, const std::string& component)
{
    const container::Container* running = componentContainer(context, machine, component);
    return running != nullptr && running->serving(context.engine.now());
}

int serving(const Context& context, const ClusterSettings& settings, const std::string& component)
{
    return static_cast<int>(std::count_if(settings.controlPlane.begin(), settings.controlPlane.end(),
                                          [&](HostId machine) { return componentServes(context, machine, component); }));
}

bool LeaderElection::tryAcquire(Context& context, const ClusterSettings& settings, bool renewable)
{
    const Instant now = context.engine.now();
    if (m_holder.valid() && componentServes(context, m_holder, m_component)) {
        if (renewable)
            m_renewed = now;
        if (now - m_renewed < kRenewDeadline)
            return false;
        giveUp(context);
    }
    const HostId before = m_holder;
    m_holder = {};
    if (before.valid())
        return true; // its process is gone; the lease must run out first
    if (!renewable || (m_renewed != Instant{} && now < m_renewed + kLeaseDuration))
        return false;
    for (const HostId machine : settings.controlPlane)
        if (componentServes(context, machine, m_component)) {
            m_holder = machine;
            m_renewed = m_acquired = now;
            ++m_transitions;
            return true;
        }
    return false;
}

void LeaderElection::giveUp(Context& context) const
{
    const Instant now = context.engine.now();
    const container::Container& running = *componentContainer(context, m_holder, m_component);
    const auto say = [&](char severity, const char* source, const std::string& text) {
        context.runtimes.log(running.id, now, host::klogHeader(severity, now, kInContainer, source) + text);
    };
    say('I', "leaderelection.go:299", fmt::format("\"Failed to renew lease\" lock=\"{}/{}\" err=\"context deadline exceeded\"", kComponentNamespace, m_component));
    say('E', "run.go:72", "\"leaderelection lost\"");
    context.hosts.exit(context.engine, context.network, running.host, running.pid, 1);
}

void LeaderElection::addTo(Fingerprint& f) const
{
    f.add(m_component);
    sim::addTo(f, m_holder);
    sim::addTo(f, m_renewed);
    f.add(static_cast<std::uint64_t>(m_transitions));
}

} // namespace sim::kube
