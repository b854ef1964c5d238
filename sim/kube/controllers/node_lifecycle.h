#pragma once

#include "sim/kube/controllers/controller.h"

#include <deque>
#include <set>

namespace sim::kube {

/// pkg/controller/nodelifecycle: watches leases, marks nodes that went silent, taints nodes by their
/// conditions. Keys are nodes (and pods of nodes that are not ready); the leases are looked at every monitor period (monitor()).
struct NodeLifecycleController {
    static constexpr const char* kStream = "kube/nodelifecycle";
    static constexpr int kWorkers = 8; // UpdateWorkerSize
    static constexpr Duration kMonitorPeriod = 5s; // --node-monitor-period
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);
    void monitor(ControllerContext& context);

    bool operator==(const NodeLifecycleController&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct Health {
        Instant probed{};                ///< last time news from the kubelet was seen
        std::optional<Instant> renewed;  ///< the lease's renewTime then
        std::optional<Instant> reported; ///< Ready's lastHeartbeatTime then
        bool operator==(const Health&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, probed); sim::addTo(f, renewed); sim::addTo(f, reported); }
    };
    struct Zone {
        std::deque<std::string> toTaint;
        Instant lastTainted{};
        bool tainted = false;
        bool operator==(const Zone&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, toTaint); sim::addTo(f, lastTainted); sim::addTo(f, tainted); }
    };
    enum class ZoneState : std::uint8_t { Normal, Partial, Full };

    std::string updateHealth(ControllerContext& context, const Node& node);
    void markUnknown(ControllerContext& context, const Node& node, bool everReported);
    void markPodNotReady(ControllerContext& context, const ObjectKey& key);
    void queueTaint(const Node& node, const std::string& observedReady, ControllerContext& context);
    void taintQueued(ControllerContext& context, const std::map<std::string, ZoneState>& states,
                     const std::map<std::string, std::int64_t>& sizes);

    IndexedMap<std::string, Health> m_health;
    std::map<std::string, Zone> m_zones;
    std::set<std::string> m_new; ///< nodes whose first change is still to come
};

} // namespace sim::kube
