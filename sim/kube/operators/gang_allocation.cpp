#include "sim/kube/operators/gang_session.h"

#include "sim/kube/client/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// pkg/scheduler of volcano v1.9.0: actions/allocate, plugins/{gang,binpack}, api/unschedule_info.go.
namespace sim::kube {

namespace {

constexpr const char* kAssigned = "Scheduled"; // the event of a binding

/// The first resource that a node has too little of.
std::string missingResource(const Resources& wanted, const NodeInfo& node)
{
    if (wanted.milliCpu > node.allocatable.milliCpu - node.requested.milliCpu)
        return "cpu";
    if (wanted.memoryBytes > node.allocatable.memoryBytes - node.requested.memoryBytes)
        return "memory";
    for (const auto& [name, amount] : wanted.extended)
        if (amount > node.allocatable.extendedOf(name) - node.requested.extendedOf(name))
            return name;
    return {};
}

/// The leaf unit of a node; empty when nothing says which.
std::string leafOf(const NodeInfo& node)
{
    const StringMap& labels = node.node->metadata.labels;
    const auto found = labels.find(kLeafLabel);
    return found == labels.end() ? std::string() : found->second;
}

} // namespace

void GangSession::allocate()
{
    std::map<std::string, std::vector<Gang*>> waiting;
    for (Gang& gang : m_gangs) {
        const std::int64_t valid = gang.ready() + gang.count(TaskStatus::Pending);
        if (gang.status.phase != kGroupPending && valid >= gang.spec.minMember && gang.count(TaskStatus::Pending) > 0)
            waiting[gang.spec.queue].push_back(&gang);
    }
    std::set<std::string> done;
    while (true) {
        QueueShare* next = nullptr;
        for (QueueShare& share : m_queues) {
            const auto jobs = waiting.find(share.queue.name);
            if (jobs == waiting.end() || jobs->second.empty() || done.count(share.queue.name) != 0)
                continue;
            if (share.overused())
                done.insert(share.queue.name);
            else if (next == nullptr || share.share() < next->share())
                next = &share;
        }
        if (next == nullptr)
            return;
        auto& jobs = waiting[next->queue.name];
        Gang* gang = jobs.front();
        jobs.erase(jobs.begin());
        allocate(*gang, *next);
    }
}

std::vector<std::string> GangSession::leaves() const
{
    std::set<std::string> names;
    for (const int slot : m_cache.order())
        names.insert(leafOf(m_cache.at(slot)));
    return {names.begin(), names.end()};
}

/// Fewest leaf units first: the leaf that takes all that is left, and of those the one it leaves least room in; else the
/// one that takes most.
bool GangSession::allocate(Gang& gang, QueueShare& queue)
{
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < gang.tasks.size(); ++i)
        if (gang.tasks[i].status == TaskStatus::Pending)
            left.push_back(i);
    std::vector<std::pair<std::size_t, int>> placed;
    std::vector<std::string> open = leaves();
    const auto freeIn = [&](const std::string& leaf) {
        Amounts free;
        for (const int slot : m_cache.order()) {
            const NodeInfo& node = m_cache.at(slot);
            if (leafOf(node) != leaf)
                continue;
            add(free, amountsOf(node.allocatable));
            add(free, amountsOf(node.requested), -1);
        }
        double most = 0; // in parts of what the gang's next pod asks for
        for (const auto& [name, amount] : gang.tasks[left.front()].requests)
            if (amount > 0 && name.find('/') != std::string::npos)
                most = std::max(most, static_cast<double>(amountOf(free, name)) / static_cast<double>(amount));
        return most;
    };
    while (!left.empty() && !open.empty()) {
        std::size_t best = open.size();
        std::size_t mostPlaced = 0;
        double leastFree = 0;
        for (std::size_t i = 0; i < open.size(); ++i) {
            const std::size_t count = place(gang, left, open[i], queue).size();
            undo(gang, left, count);
            if (count == 0)
                continue;
            const double free = freeIn(open[i]);
            if (count > mostPlaced || (count == mostPlaced && count == left.size() && free < leastFree)) {
                best = i;
                mostPlaced = count;
                leastFree = free;
            }
        }
        if (best == open.size())
            break;
        const std::vector<int> slots = place(gang, left, open[best], queue);
        for (std::size_t i = 0; i < slots.size(); ++i) {
            placed.emplace_back(left[i], slots[i]);
            add(queue.allocated, gang.tasks[left[i]].requests);
        }
        left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(slots.size()));
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(best));
    }
    for (const auto& [index, slot] : placed)
        gang.tasks[index].status = TaskStatus::Allocated;
    if (gang.isReady()) {
        for (const auto& [index, slot] : placed)
            bind(gang, gang.tasks[index], slot);
        return true;
    }
    if (!left.empty() && gang.tasks[left.front()].fitError.empty())
        gang.tasks[left.front()].fitError = fitErrorOf(gang.tasks[left.front()]);
    for (const auto& [index, slot] : placed) {
        Task& task = gang.tasks[index];
        task.triedNode = m_cache.at(slot).node->metadata.name;
        task.status = TaskStatus::Pending;
        m_cache.detach(task.id);
        add(queue.allocated, task.requests, -1);
    }
    return false;
}

std::vector<int> GangSession::place(Gang& gang, const std::vector<std::size_t>& tasks, const std::string& leaf, const QueueShare& queue)
{
    std::vector<int> slots;
    Amounts taken = queue.allocated;
    for (const std::size_t index : tasks) {
        Task& task = gang.tasks[index];
        Amounts then = taken;
        add(then, task.requests);
        Amounts asked;
        for (const auto& [name, amount] : task.requests)
            if (amount > 0)
                asked[name] = amountOf(then, name);
        if (!fitsInto(asked, queue.deserved, false))
            break; // Allocatable: the queue has no more to give
        const auto slot = bestNode(task, leaf);
        if (!slot)
            break;
        m_cache.attach(task.id, *slot);
        slots.push_back(*slot);
        taken = std::move(then);
    }
    return slots;
}

void GangSession::undo(Gang& gang, const std::vector<std::size_t>& tasks, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        m_cache.detach(gang.tasks[tasks[i]].id);
}

std::optional<int> GangSession::bestNode(Task& task, const std::string& leaf)
{
    ShapeMemory& memory = m_memories.of(m_cache.podAt(task.id).shape);
    Cycle cycle{m_cache, m_context.store(), m_profile, task.id, memory.plan, {}, {}};
    PlacementRun run(cycle, defaultPlugins(), memory, m_nominations);
    if (run.rejected())
        return std::nullopt;
    std::optional<int> best;
    double most = 0;
    for (const int slot : m_cache.order()) {
        const NodeInfo& node = m_cache.at(slot);
        if (leafOf(node) != leaf || !run.fits(slot))
            continue;
        const double score = packScore(task, node);
        if (!best || score > most) {
            best = slot;
            most = score;
        }
    }
    return best;
}

/// BinPackingScore: how full the node would be, by weight.
double GangSession::packScore(const Task& task, const NodeInfo& node) const
{
    const Amounts allocatable = amountsOf(node.allocatable);
    const Amounts used = amountsOf(node.requested);
    double score = 0;
    std::int64_t weights = 0;
    for (const auto& [name, amount] : task.requests) {
        const auto weight = m_weights.resources.find(name);
        if (amount == 0 || weight == m_weights.resources.end())
            continue;
        if (const std::int64_t capacity = amountOf(allocatable, name); capacity > 0)
            score += static_cast<double>((amount + amountOf(used, name)) * weight->second) / static_cast<double>(capacity);
        weights += weight->second;
    }
    return weights > 0 ? score / static_cast<double>(weights) : 0;
}

std::string GangSession::fitErrorOf(const Task& task)
{
    ShapeMemory& memory = m_memories.of(m_cache.podAt(task.id).shape);
    Cycle cycle{m_cache, m_context.store(), m_profile, task.id, memory.plan, {}, {}};
    PlacementRun run(cycle, defaultPlugins(), memory, m_nominations);
    const std::string unavailable = fmt::format("0/{} nodes are unavailable", m_cache.nodeCount());
    std::map<std::string, std::int64_t> reasons;
    if (run.rejected())
        reasons[run.diagnose().preFilter] = static_cast<std::int64_t>(m_cache.nodeCount());
    else
        for (const int slot : m_cache.order()) {
            // Room is looked at before anything else.
            if (const std::string missing = missingResource(m_cache.podAt(task.id).shape->requests, m_cache.at(slot)); !missing.empty())
                reasons["Insufficient " + missing] += 1;
            else
                for (const std::string& reason : run.explain(slot).reasons)
                    reasons[reason] += 1;
        }
    return reasons.empty() ? std::string() : fmt::format("{}: {}.", unavailable, reasonHistogram(reasons));
}

void GangSession::bind(Gang& gang, Task& task, int slot)
{
    Plan plan;
    Cycle cycle{m_cache, m_context.store(), m_profile, task.id, plan, {}, {}};
    const std::string node = m_cache.at(slot).node->metadata.name;
    if (!defaultBinderPlugin().bind(Binding{m_context.client, cycle, node})) {
        m_cache.detach(task.id);
        task.status = TaskStatus::Pending;
        return;
    }
    m_context.client.event(Reporter{kVolcanoScheduler}, *task.pod, kNormal, kAssigned,
                           fmt::format("Successfully assigned {}/{} to {}", gang.object->metadata.namespace_, task.pod->metadata.name, node));
}

} // namespace sim::kube
