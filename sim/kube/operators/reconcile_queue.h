#pragma once

#include "sim/kube/client/work_queue.h"

#include "sim/engine/random.h"

namespace sim::kube {

/// A work queue with one worker: when it next takes a key up.
class ReconcileQueue : public WorkQueue {
public:
    std::optional<Instant> plan(Instant now, RandomStream& random)
    {
        settle(now);
        if (!empty() && !m_workAt)
            m_workAt = now + random.uniform(kShortestLatency, kLongestLatency);
        std::optional<Instant> due = m_workAt;
        if (const auto delayed = nextDelayed())
            due = due ? std::min(*due, *delayed) : *delayed;
        return due;
    }
    /// The next key, if it is time.
    std::optional<ObjectKey> take(Instant now)
    {
        const auto delayed = nextDelayed();
        if (!(m_workAt && *m_workAt <= now) && !(delayed && *delayed <= now))
            return std::nullopt;
        promote(now);
        m_workAt.reset();
        return empty() ? std::nullopt : std::optional(pop());
    }
    bool operator==(const ReconcileQueue&) const = default;
    void addTo(Fingerprint& f) const
    {
        WorkQueue::addTo(f);
        sim::addTo(f, m_workAt);
    }

private:
    // Informer delivery and the requests of one round, as of kube-controller-manager (sim/kube/controllers/README.md).
    static constexpr Duration kShortestLatency = std::chrono::milliseconds(4);
    static constexpr Duration kLongestLatency = std::chrono::milliseconds(20);
    std::optional<Instant> m_workAt;
};

} // namespace sim::kube
