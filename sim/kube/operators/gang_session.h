#pragma once

#include "sim/kube/operators/operator_context.h"
#include "sim/kube/operators/pod_groups.h"
#include "sim/kube/scheduler/placement.h"

#include <map>
#include <string>
#include <vector>

namespace sim::kube {

/// Arguments of the binpack plugin (binpack.go): how much a resource counts. Those not named do not count.
struct BinpackWeights {
    std::map<std::string, std::int64_t> resources;
    /// Of a scheduler's configuration in YAML. Without any: cpu and memory alike, as the plugin has it.
    static BinpackWeights of(const std::string& configuration);
};

/// The node label that names the leaf switch, or leaf unit, below which a node hangs (NVIDIA topograph's).
inline constexpr const char* kLeafLabel = "network.topology.nvidia.com/leaf";

/// "2 Insufficient cpu, 3 Insufficient nvidia.com/gpu": counts and texts, sorted as strings.
std::string reasonHistogram(const std::map<std::string, std::int64_t>& counts);

/// One cycle of vc-scheduler over all PodGroups: enqueue, then allocate, then the statuses. All of a group's minimum is
/// bound or none of it.
class GangSession {
public:
    GangSession(OperatorContext& context, SchedulerCache& cache, ShapeMemories& memories, const BinpackWeights& weights);
    void run();

private:
    enum class TaskStatus : std::uint8_t { Pending, Allocated, Bound, Running, Releasing, Succeeded, Failed };
    struct Task {
        PodId id;
        std::shared_ptr<const Pod> pod;
        TaskStatus status = TaskStatus::Pending;
        Amounts requests;
        std::string triedNode; ///< where the last, discarded transaction had put it
        std::string fitError;  ///< why no node took it
    };
    struct Gang {
        CustomObjectPtr object;
        PodGroupSpec spec;
        PodGroupStatus status;
        PodGroupStatus before;
        std::int64_t priority = 0;
        std::vector<Task> tasks;
        std::string jobError;
        bool unschedulable = false;

        std::int64_t count(TaskStatus status) const;
        /// Bound, running, allocated or succeeded.
        std::int64_t ready() const;
        bool isReady() const { return ready() >= spec.minMember; }
    };
    struct QueueShare {
        VolcanoQueue queue;
        Amounts allocated;
        Amounts request;
        Amounts inqueue;
        Amounts deserved;
        Amounts limit; ///< capability, or the whole cluster
        double share() const;
        bool overused() const;
    };

    void collect();
    void collectTasks();
    void adoptBarePods();
    void shareOut();
    void enqueue();
    bool mayEnqueue(Gang& gang);
    void allocate();
    bool allocate(Gang& gang, QueueShare& queue);
    /// Puts pending tasks, in order, onto nodes of that leaf; stops at the first that does not fit.
    std::vector<int> place(Gang& gang, const std::vector<std::size_t>& tasks, const std::string& leaf, const QueueShare& queue);
    void undo(Gang& gang, const std::vector<std::size_t>& tasks, std::size_t count);
    std::optional<int> bestNode(Task& task, const std::string& leaf);
    std::string fitErrorOf(const Task& task);
    double packScore(const Task& task, const NodeInfo& node) const;
    std::vector<std::string> leaves() const;
    void bind(Gang& gang, Task& task, int slot);
    void close();
    void close(Gang& gang);
    std::string fitError(const Gang& gang) const;
    void reportTasks(const Gang& gang) const;
    void writeQueues();
    void tell(const Gang& gang, const char* type, const std::string& message) const;

    OperatorContext& m_context;
    SchedulerCache& m_cache;
    ShapeMemories& m_memories;
    const BinpackWeights& m_weights;
    Profile m_profile;
    Nominations m_nominations;
    std::vector<Gang> m_gangs;
    std::vector<QueueShare> m_queues;
    Amounts m_total;
    Amounts m_idle;      ///< with the overcommit factor
    Amounts m_enqueued;
    std::string m_uid;
};

} // namespace sim::kube
