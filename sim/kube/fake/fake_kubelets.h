#pragma once

#include "sim/engine/text_hash.h"
#include "sim/kube/client/client.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/fake/fake_node.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sim::kube {

/// Kubelets that run nothing and answer for their pods after fixed times: what golden/kubernetes was recorded
/// with, and what a test of the control plane's own speed needs. A lease every 8 s, a pod Running and Ready
/// 0.15 s after its binding, gone 0.3 s after it was asked to go. Annotations of a pod steer it:
/// sim/start-seconds, sim/term-seconds (instead of the two), sim/ready "false", sim/run-seconds and
/// sim/exit-code (it ends by itself), sim/hold (left alone until it is deleted).
/// Costs one heap entry a pod and step and one pending engine event in all; nothing is looked through.
class FakeKubelets {
public:
    static constexpr Duration kLeasePeriod = std::chrono::seconds(8);

    /// Registers the node and begins its lease. Requires: no fake node of that name.
    void join(const Client& client, const FakeNode& node);
    /// The kubelet dies right after a renewal of its lease: nothing on the node goes on.
    void stop(const Client& client, const std::string& node);
    /// It comes back, says so, and catches up with its pods.
    void resume(const Client& client, const std::string& node);

    /// One change of a pod, whoever's node it is on.
    void observe(Context& context, const WatchEvent& pod);
    /// EventType::FakeKubeletDue.
    void due(const Client& client);
    /// EventType::FakeKubeletLeases.
    void renewLeases(const Client& client);

    void addTo(Fingerprint& f) const;

private:
    enum class Step : std::uint8_t { Start, End, Remove };
    struct Host {
        std::string name;
        std::string address;     ///< InternalIP
        bool alive = true;
        bool ready = true;
    };
    struct Due {
        Instant at{};
        std::uint64_t sequence = 0;
        Step step = Step::Start;
        std::shared_ptr<const Pod> pod; ///< as it was when the step was planned
        bool operator<(const Due& other) const { return at != other.at ? other.at < at : other.sequence < sequence; }
    };

    Host* hostOf(const std::string& node);
    void plan(Context& context, Step step, std::shared_ptr<const Pod> pod, Duration after);
    void wake(Context& context);
    void start(const Client& client, const Pod& pod, const Host& host);
    void end(const Client& client, const Pod& pod);
    void postStatus(const Client& client, const Host& host) const;
    void renew(const Client& client, const Host& host) const;

    std::vector<Host> m_hosts;
    boost::unordered_flat_map<std::string, std::uint32_t, TextHash> m_byName;
    std::vector<Due> m_due;      ///< a heap, earliest first
    std::uint64_t m_sequence = 0;
    std::uint32_t m_addresses = 0;
    std::optional<Instant> m_wakeAt;
    Instant m_free{};            ///< the one process they all are has written its last answer
    bool m_renewing = false;
};

} // namespace sim::kube
