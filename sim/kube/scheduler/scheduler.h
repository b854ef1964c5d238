#pragma once

#include "sim/kube/client/client.h"
#include "sim/kube/scheduler/decision.h"
#include "sim/kube/scheduler/diagnosis.h"
#include "sim/kube/scheduler/nominations.h"
#include "sim/kube/scheduler/preemption.h"
#include "sim/kube/scheduler/profile.h"
#include "sim/kube/scheduler/queue.h"
#include "sim/kube/scheduler/shape_memory.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sim::kube {

/// kube-scheduler. Works between start() and stop(), that is while its process holds the lease.
class Scheduler {
public:
    bool running() const { return m_running; }
    void start(Context& context, const Store& store, std::string identity);
    void stop();
    void observe(Context& context, const std::vector<const WatchEvent*>& changes);
    /// The history is gone: compares everything with the store.
    void relist(Context& context, const Store& store);
    const WatchCursor& cursor() const { return m_cursor; }
    void setCursor(std::uint64_t resourceVersion) { m_cursor.resourceVersion = resourceVersion; }

    void schedule(Context& context);
    /// EventType::SchedulerWake.
    void wake(const Client& client, std::uint64_t generation);

    const Profile& profile() const { return m_profile; }
    void setProfile(Profile profile);
    /// Of equally good nodes that one is taken for the pod, instead of a random one.
    void drawOnTie(const ObjectKey& pod, std::string node) { m_profile.draws[pod.namespace_ + "/" + pod.name] = std::move(node); }
    /// Other plugins than the default ones. They live as long as the scheduler and its copies.
    void setPlugins(std::shared_ptr<const Plugins> plugins);

    const SchedulerCache& cache() const { return m_cache; }
    const SchedulingQueue& queue() const { return m_queue; }
    /// The last attempts, oldest first, the latest of them with every plugin's verdict on every node that was looked
    /// at. Not part of the fingerprint.
    const std::deque<std::shared_ptr<const Decision>>& decisions() const { return m_decisions; }
    /// The last attempt for a pod; null: none is kept.
    const Decision* lastDecision(const ObjectKey& pod) const;

    static constexpr std::size_t kKeptDecisions = 256;
    static constexpr std::size_t kMostKeptRows = 32'768;   ///< of all kept decisions together, some 15 MB
    /// Waiting pods times nodes. With more to do no table is written: it takes as long as the decision itself.
    static constexpr std::size_t kMostTabledWork = 65'536;

    bool operator==(const Scheduler& other) const;
    void addTo(Fingerprint& f) const;

private:
    /// An API call of an asynchronous preemption.
    struct Eviction {
        Instant at{};
        ObjectKey preemptor;
        std::string preemptorUid;
        ObjectKey victim;
        std::string victimUid;
        std::string node;
        bool last = false;
        void addTo(Fingerprint& f) const;
    };
    /// A pod whose node is chosen and whose binding waits for volumes or a permit, or is being written.
    struct PendingBinding {
        std::string uid;
        std::string node;
        Instant deadline{};
        bool permitted = false;
        bool begun = false; ///< preBind has been asked
        std::optional<Instant> writtenAt;
        void addTo(Fingerprint& f) const;
    };

    const Plugins& plugins() const { return m_plugins ? *m_plugins : defaultPlugins(); }
    bool needsScheduling(const Pod& pod) const;
    bool mayEnter(const Pod& pod) const;
    void takeIn(const std::shared_ptr<const Pod>& pod, const Pod* before, Instant now);
    void forget(PodId id);
    void handle(Context& context, const WatchEvent& event);
    void handlePod(const WatchEvent& event, Instant now);
    std::optional<Instant> nextDue(Context& context) const;

    void scheduleOne(const Client& client, PodId id);
    void findRoom(const Client& client, PlacementRun& run, PodId id, Decision& decision);
    void startPreemption(const Client& client, PodId id, const Preemption::Candidate& chosen);
    void evict(const Client& client, const Eviction& eviction);
    void beginBinding(const Client& client, Cycle& cycle, const NodeInfo& node);
    /// True: bound or given up.
    bool goOnBinding(const Client& client, Cycle& cycle, PendingBinding& pending);
    void resumeBinding(const Client& client, PodId id);
    void pollBindings(const Client& client);
    void writeBindings(const Client& client);
    void giveUp(const Client& client, PodId id, const std::string& why);
    void reportFailure(const Client& client, PodId id, const std::string& reason, const std::string& message,
                       const std::optional<std::string>& nominatedNode);
    void report(const Client& client, const Pod& pod, const char* type, const char* reason, const char* action, const std::string& message) const;
    void keep(Decision decision);

    Profile m_profile;
    std::shared_ptr<const Plugins> m_plugins; ///< null: the default ones
    SchedulerCache m_cache;
    SchedulingQueue m_queue;
    Nominations m_nominations;
    ShapeMemories m_memories;
    std::deque<Eviction> m_evictions;         ///< in order of time
    std::map<PodId, PendingBinding> m_bindings;
    std::optional<Instant> m_bindingPoll;
    std::set<std::pair<Instant, PodId>> m_writes; ///< bindings on their way to the API server
    std::deque<std::shared_ptr<const Decision>> m_decisions;
    std::size_t m_keptRows = 0;               ///< of all m_decisions
    WatchCursor m_cursor;
    std::string m_identity;                   ///< reportingInstance of its events
    std::size_t m_nextStart = 0;              ///< nextStartNodeIndex
    std::optional<Instant> m_wakeAt;
    std::uint32_t m_generation = 0;
    bool m_running = false;
};

} // namespace sim::kube
