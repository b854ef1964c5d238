#pragma once

#include "sim/engine/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::incident {

/// What users get now.
struct ServiceLevel {
    double successRatio = 1;     ///< 0..1
    double ratePerSecond = 0;    ///< requests offered
    double p99Seconds = 0;
};

struct PodState {
    std::string nameSpace;
    std::string name;
    std::string app;             ///< label "app"
    std::string node;            ///< empty while unscheduled
    std::string image;           ///< of the first container, as the pod names it
    std::string waitingReason;   ///< "ImagePullBackOff"; empty when no container waits
    sim::Instant created{};
    bool ready = false;
    bool deleting = false;
};

struct DeploymentState {
    std::int64_t replicas = 0;   ///< wanted
    std::int64_t available = 0;
    std::string image;           ///< of the first container of the template
    std::vector<std::string> pullSecrets;
};

/// What predicates and live placeholders ask of a world: facts of its state, never its history. Two
/// implementations: sim::World (sim_world_probe.h) and a plain table for tests.
class WorldProbe {
public:
    virtual ~WorldProbe() = default;

    virtual sim::Instant now() const = 0;
    virtual ServiceLevel serviceLevel() const = 0;
    virtual bool alertFiring() const = 0;

    virtual std::vector<PodState> pods(const std::string& nameSpace) const = 0;
    virtual std::optional<DeploymentState> deployment(const std::string& nameSpace, const std::string& name) const = 0;
    /// Nodes of the cluster by name; `schedulableOnly` leaves out the cordoned ones.
    virtual std::vector<std::string> nodes(bool schedulableOnly) const = 0;
    /// One key of a Secret, base64 undone.
    virtual std::optional<std::string> secretValue(const std::string& nameSpace, const std::string& name,
                                                   const std::string& key) const = 0;

    virtual bool machineUp(const std::string& machine) const = 0;
    virtual bool unitActive(const std::string& machine, const std::string& unit) const = 0;
    /// Address a name has on a machine; empty when it does not resolve.
    virtual std::string resolve(const std::string& machine, const std::string& name) const = 0;
    /// A TCP connection from the machine to the name or address would open.
    virtual bool reaches(const std::string& machine, const std::string& host, std::int64_t port) const = 0;
    /// HTTP status of a GET from the machine; 0 without an answer.
    virtual int httpStatus(const std::string& machine, const std::string& url) const = 0;
    /// What the registry that the reference names would answer for its manifest to this account, network
    /// aside; 0: there is no such registry. An empty user is an anonymous request; nothing: the most
    /// privileged account.
    struct Account {
        std::string user;
        std::string password;
    };
    virtual int manifestStatus(const std::string& reference, const std::optional<Account>& account) const = 0;
};

} // namespace core::incident
