#pragma once

#include "sim/kube/client/client.h"
#include "sim/kube/scheduler/queue.h"

namespace sim::kube {

/// Where a pod goes, or why it goes nowhere.
struct Placement {
    std::string node;               ///< empty: none fits
    std::string message;            ///< of FailedScheduling, when none fits
    std::set<std::string> rejectedBy;
    struct Scores {                 ///< of one node, weighted, by plugin; as the golden recordings have them
        std::string node;
        std::map<std::string, std::int64_t> byPlugin;
        std::int64_t total = 0;
    };
    std::vector<Scores> scores;     ///< empty when a single node was feasible
};

/// kube-scheduler. Works between start() and stop(), that is while its process holds the lease.
class Scheduler {
public:
    bool running() const { return m_running; }
    void start(Context& context, const Store& store, std::string identity);
    void stop();
    void observe(Context& context, const std::vector<const WatchEvent*>& changes);
    void relist(Context& context, const Store& store);
    const WatchCursor& cursor() const { return m_cursor; }
    void setCursor(std::uint64_t resourceVersion) { m_cursor.resourceVersion = resourceVersion; }

    void schedule(Context& context);
    /// EventType::SchedulerWake.
    void wake(const Client& client, std::uint64_t generation);

    /// One scheduling cycle without binding (tests and the window's "why here?").
    Placement place(const Store& store, const PodInfo& pod, RandomStream& random, bool wantScores);
    const SchedulerCache& cache() const { return m_cache; }
    SchedulerCache& cache() { return m_cache; }

    bool operator==(const Scheduler& other) const;
    void addTo(Fingerprint& f) const;

private:
    void handle(Context& context, const WatchEvent& event);
    void scheduleOne(const Client& client, const ObjectKey& key);
    void reportFailure(const Client& client, const Pod& pod, const Placement& placement);
    bool bind(const Client& client, const PodInfoPtr& pod, const std::string& node);
    std::vector<int> feasibleNodes(const Cycle& cycle, const std::vector<const Plugin*>& filters);
    std::string explain(const Cycle& cycle, const std::vector<const Plugin*>& filters, std::set<std::string>& rejectedBy) const;
    std::string select(Cycle& cycle, const std::vector<int>& slots, RandomStream& random, std::vector<Placement::Scores>* scores);
    PodInfoPtr waitingPod(const ObjectKey& key) const;

    SchedulerCache m_cache;
    SchedulingQueue m_queue;
    std::map<ObjectKey, PodInfoPtr> m_waiting; ///< pods in the queue
    WatchCursor m_cursor;
    std::string m_identity;                    ///< reportingInstance of its events
    std::size_t m_nextStart = 0;               ///< nextStartNodeIndex
    std::optional<Instant> m_wakeAt;
    std::uint32_t m_generation = 0;
    bool m_running = false;
};

} // namespace sim::kube
