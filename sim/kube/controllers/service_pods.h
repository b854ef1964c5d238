#pragma once

#include "sim/kube/controllers/controller.h"

// What the two endpoint controllers share: which pods are a Service's, and which changes matter.
namespace sim::kube {

inline constexpr const char* kLastChangeTriggerTime = "endpoints.kubernetes.io/last-change-trigger-time";
inline constexpr const char* kNoClusterIp = "None";

bool selects(const Service& service, const StringMap& labels);
/// Services whose endpoints a change may concern.
void enqueueServices(WorkQueue& queue, const WatchEvent& event, const Store& store);
/// Pods with an address that are not finished; with or without those being deleted.
std::vector<std::shared_ptr<const Pod>> servicePods(const Store& store, const Service& service, bool withTerminating);

/// When the changes happened that a sync is about (endpointslice/trigger_time_tracker.go): the pods' last changes of
/// readiness and the Service's creation, remembered from sync to sync.
class TriggerTimes {
public:
    /// The earliest of the changes since the last sync, which for a new Service is its creation. Nothing: none left
    /// a time behind, as a pod that went.
    std::optional<Instant> changed(const Service& service, const std::vector<std::shared_ptr<const Pod>>& pods);
    void forget(const ObjectKey& service) { m_known.erase(service); }

    bool operator==(const TriggerTimes&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct Known {
        Instant service{};
        std::map<std::string, Instant> pods;
        bool operator==(const Known&) const = default;
    };
    std::map<ObjectKey, Known> m_known;
};
/// Puts the annotation in place, or takes it away when there is no time.
void setTriggerTime(ObjectMeta& meta, std::optional<Instant> at);

} // namespace sim::kube
