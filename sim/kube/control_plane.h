#pragma once

#include "sim/kube/client/context.h"

#include <optional>
#include <string>

namespace sim::kube {

// Who of the control plane is alive: its parts are static pods, and a part works while its container does.

/// The program of a static pod ("kube-apiserver", "etcd", ...) answers on that control-plane machine.
bool componentServes(const Context& context, HostId machine, const std::string& component);
/// How many control-plane machines have it.
int serving(const Context& context, const ClusterSettings& settings, const std::string& component);

/// A leader by lease (client-go tools/leaderelection: 15 s lease, 2 s between tries): whoever holds it keeps
/// it while its process lives; another takes over when the lease has run out.
class LeaderElection {
public:
    static constexpr Duration kRetryPeriod = 2s;
    static constexpr Duration kLeaseDuration = 15s;
    static constexpr Duration kRenewDeadline = 10s;

    explicit LeaderElection(std::string component) : m_component(std::move(component)) { }

    const std::string& component() const { return m_component; }
    HostId holder() const { return m_holder; }
    std::int64_t transitions() const { return m_transitions; }
    Instant acquired() const { return m_acquired; }
    /// One try. True: the holder changed (to none, too). `renewable`: a lease can be written now, in half the
    /// deadline. A holder that could not renew for the whole deadline ends its process and starts as anybody.
    bool tryAcquire(Context& context, const ClusterSettings& settings, bool renewable);

    bool operator==(const LeaderElection&) const = default;
    void addTo(Fingerprint& f) const;

private:
    void giveUp(Context& context) const;

    std::string m_component;
    HostId m_holder;
    Instant m_renewed{};
    Instant m_acquired{};
    std::int64_t m_transitions = 0;
};

} // namespace sim::kube
