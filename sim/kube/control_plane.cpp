#include "sim/kube/control_plane.h"

#include <algorithm>

namespace sim::kube {

bool componentServes(const Context& context, HostId machine, const std::string& component)
{
    const Instant now = context.engine.now();
    const auto& containers = context.runtimes.containers();
    return std::any_of(containers.begin(), containers.end(), [&](const auto& entry) {
        const container::Container& one = entry.second;
        return one.host == machine && !one.sandbox && one.name == component && one.podNamespace == "kube-system" && one.serving(now);
    });
}

int serving(const Context& context, const ClusterSettings& settings, const std::string& component)
{
    return static_cast<int>(std::count_if(settings.controlPlane.begin(), settings.controlPlane.end(),
                                          [&](HostId machine) { return componentServes(context, machine, component); }));
}

bool LeaderElection::tryAcquire(const Context& context, const ClusterSettings& settings)
{
    const Instant now = context.engine.now();
    if (m_holder.valid() && componentServes(context, m_holder, m_component)) {
        m_renewed = now;
        return false;
    }
    const HostId before = m_holder;
    m_holder = {};
    if (before.valid())
        return true; // its process is gone; the lease must run out first
    if (m_renewed != Instant{} && now < m_renewed + kLeaseDuration)
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

void LeaderElection::addTo(Fingerprint& f) const
{
    f.add(m_component);
    sim::addTo(f, m_holder);
    sim::addTo(f, m_renewed);
    f.add(static_cast<std::uint64_t>(m_transitions));
}

} // namespace sim::kube
