#pragma once

#include "sim/kube/operators/gang_session.h"

#include "sim/kube/client/request_rate.h"

#include <optional>

namespace sim::kube {

/// vc-scheduler: a session each second over the PodGroups and the pods that name it. Its picture of nodes and pods is kept
/// up by the watch and derived from the store. A second in which nothing has changed gives the same answer as the one
/// before, so none is planned then.
class VolcanoScheduler {
public:
    static constexpr const char* kProgram = "volcano-scheduler";
    static constexpr const char* kStream = "kube/volcano-scheduler";
    static constexpr RateLimit kRate{2000, 2000}; // cmd/scheduler/app/options: --kube-api-qps, --kube-api-burst

    void relist(const Store& store);
    void observe(const WatchEvent& event);
    /// When the next session is.
    std::optional<Instant> plan(Instant now, RandomStream& random);
    void work(OperatorContext& context);

    void addTo(Fingerprint& f) const
    {
        f.add(std::uint64_t{m_changed});
        sim::addTo(f, m_next);
    }

private:
    SchedulerCache m_cache;
    ShapeMemories m_memories;
    bool m_changed = false;
    std::optional<Instant> m_next;
};

} // namespace sim::kube
