#include "sim/kube/scheduler/scheduler.h"

#include "sim/kube/client/event_types.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/reasons.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kStream = "kube/scheduler";
constexpr const char* kTieStream = "kube/scheduler/ties";
constexpr const char* kSchedulerName = "default-scheduler";
constexpr const char* kNodeAffinity = "NodeAffinity";
// One cycle with its binding: 262 to 328 pods/s were measured on the real one (facts, throughput figures).
constexpr Duration kShortestCycle = 1ms;
constexpr Duration kLongestCycle = 5ms;

// schedule_one.go
constexpr std::size_t kFewestFeasible = 100;
constexpr std::size_t kFewestPercent = 5;

std::size_t feasibleWanted(std::size_t nodes)
{
    if (nodes < kFewestFeasible)
        return nodes;
    const std::size_t reduction = nodes / 125;
    const std::size_t percent = reduction + kFewestPercent >= 50 ? kFewestPercent : 50 - reduction;
    return std::max(nodes * percent / 100, kFewestFeasible);
}

bool isOurs(const Pod& pod)
{
    return pod.spec.schedulerName.empty() || pod.spec.schedulerName == kSchedulerName;
}

bool passes(const Cycle& cycle, const std::vector<const Plugin*>& filters, const NodeInfo& node)
{
    return std::all_of(filters.begin(), filters.end(), [&](const Plugin* p) {
        return p->filter(cycle, node, nullptr) == FilterCode::Success;
    });
}

bool needsScheduling(const Pod& pod)
{
    return pod.spec.nodeName.empty() && isOurs(pod) && !isTerminal(pod) && !pod.metadata.deletionTimestamp;
}

} // namespace

void Scheduler::start(Context& context, const Store& store, std::string identity)
{
    m_running = true;
    m_identity = std::move(identity);
    m_cursor.resourceVersion = store.resourceVersion();
    relist(context, store);
    schedule(context);
}

void Scheduler::stop()
{
    m_running = false;
    m_cache.clear();
    m_queue.clear();
    m_waiting.clear();
    m_wakeAt.reset();
    ++m_generation;
}

void Scheduler::relist(Context& context, const Store& store)
{
    m_cache.clear();
    m_queue.clear();
    m_waiting.clear();
    for (const auto& [key, node] : store.all<Node>())
        m_cache.setNode(node);
    for (const auto& [key, pod] : store.all<Pod>()) {
        if (!pod->spec.nodeName.empty() && !isTerminal(*pod))
            m_cache.setPod(pod);
        else if (needsScheduling(*pod)) {
            m_waiting[key] = std::make_shared<const PodInfo>(pod);
            m_queue.add(*pod, context.engine.now());
        }
    }
}

PodInfoPtr Scheduler::waitingPod(const ObjectKey& key) const
{
    const auto it = m_waiting.find(key);
    return it == m_waiting.end() ? nullptr : it->second;
}

void Scheduler::handle(Context& context, const WatchEvent& event)
{
    const Instant now = context.engine.now();
    if (event.kind == kindIdOf<Node>) {
        const Node* before = event.before<Node>();
        const Node& node = event.as<Node>();
        if (event.type == WatchEvent::Type::Deleted) {
            m_cache.removeNode(event.key.name);
        } else {
            m_cache.setNode(std::static_pointer_cast<const Node>(event.object));
            // Heartbeats help nobody.
            if (before && before->spec == node.spec && before->metadata.labels == node.metadata.labels
                && before->status.allocatable == node.status.allocatable)
                return;
        }
    } else if (event.kind == kindIdOf<Pod>) {
        const Pod& pod = event.as<Pod>();
        if (event.type == WatchEvent::Type::Deleted) {
            m_cache.removePod(event.key);
            m_queue.remove(event.key);
            m_waiting.erase(event.key);
        } else if (!pod.spec.nodeName.empty()) {
            m_queue.remove(event.key);
            m_waiting.erase(event.key);
            if (isTerminal(pod))
                m_cache.removePod(event.key);
            else
                m_cache.setPod(std::static_pointer_cast<const Pod>(event.object));
        } else if (needsScheduling(pod)) {
            m_waiting[event.key] = std::make_shared<const PodInfo>(std::static_pointer_cast<const Pod>(event.object));
            m_queue.add(pod, now);
        } else {
            m_queue.remove(event.key);
            m_waiting.erase(event.key);
        }
    } else {
        return;
    }
    m_queue.moveFor(event, [&](const ObjectKey& key) { return waitingPod(key); }, now);
}

void Scheduler::observe(Context& context, const std::vector<const WatchEvent*>& changes)
{
    if (!m_running)
        return;
    for (const WatchEvent* event : changes)
        handle(context, *event);
}

void Scheduler::schedule(Context& context)
{
    if (!m_running)
        return;
    const Instant now = context.engine.now();
    Instant due;
    if (m_queue.hasWork()) {
        if (m_wakeAt && *m_wakeAt <= now + kLongestCycle)
            return;
        due = now + context.engine.random(kStream).uniform(kShortestCycle, kLongestCycle);
    } else if (m_wakeAt) {
        return; // planned after the last cycle, which alone adds to what waits
    } else if (const auto flush = m_queue.nextFlush()) {
        due = std::max(*flush, now);
    } else {
        return;
    }
    if (m_wakeAt && *m_wakeAt <= due)
        return;
    m_wakeAt = due;
    ++m_generation;
    context.engine.at(due, kubeEvent(EventType::SchedulerWake, 0, m_generation));
}

void Scheduler::wake(const Client& client, std::uint64_t generation)
{
    if (!m_running || generation != m_generation)
        return;
    m_wakeAt.reset();
    m_queue.flush(client.now());
    if (const auto key = m_queue.pop(client.now()))
        scheduleOne(client, *key);
}

void Scheduler::scheduleOne(const Client& client, const ObjectKey& key)
{
    const auto stored = client.store.get<Pod>(key);
    if (!stored || !needsScheduling(*stored)) {
        m_queue.remove(key);
        m_waiting.erase(key);
        return;
    }
    const auto info = std::make_shared<const PodInfo>(stored);
    const Placement placement = place(client.store, *info, client.random(kTieStream), false);
    if (placement.node.empty()) {
        m_queue.reject(key, placement.rejectedBy, client.now());
        reportFailure(client, *stored, placement);
        return;
    }
    if (!bind(client, info, placement.node))
        m_queue.fail(key, client.now());
}

bool Scheduler::bind(const Client& client, const PodInfoPtr& pod, const std::string& node)
{
    // Reserve: later cycles must see the pod at once, whatever the watch says.
    m_cache.assume(pod, node);
    Pod bound = *pod->pod;
    bound.spec.nodeName = node;
    Condition* scheduled = findCondition(bound.status.conditions, "PodScheduled");
    if (!scheduled) {
        bound.status.conditions.push_back({});
        scheduled = &bound.status.conditions.back();
        scheduled->type = std::string("PodScheduled");
    }
    if (scheduled->status.value != kTrue)
        scheduled->lastTransitionTime = Time{client.now()};
    scheduled->status = std::string(kTrue);
    scheduled->reason.clear();
    scheduled->message.clear();
    const std::string ns = bound.metadata.namespace_;
    const std::string name = bound.metadata.name;
    if (!client.store.update(std::move(bound), client.now())) {
        m_cache.removePod({ns, name});
        return false;
    }
    const Reporter reporter{kSchedulerName, "", true, m_identity};
    client.event(reporter, *pod->pod, kNormal, reasons::kScheduled,
                 fmt::format("Successfully assigned {}/{} to {}", ns, name, node));
    return true;
}

void Scheduler::reportFailure(const Client& client, const Pod& pod, const Placement& placement)
{
    const Reporter reporter{kSchedulerName, "", true, m_identity};
    client.event(reporter, pod, kWarning, reasons::kFailedScheduling, placement.message);
    Pod copy = pod;
    Condition* scheduled = findCondition(copy.status.conditions, "PodScheduled");
    if (!scheduled) {
        copy.status.conditions.push_back({});
        scheduled = &copy.status.conditions.back();
        scheduled->type = std::string("PodScheduled");
    }
    if (scheduled->status.value != kFalse)
        scheduled->lastTransitionTime = Time{client.now()};
    scheduled->status = std::string(kFalse);
    scheduled->reason = reasons::kUnschedulable;
    scheduled->message = placement.message;
    client.store.update(std::move(copy), client.now());
}

std::vector<int> Scheduler::feasibleNodes(const Cycle& cycle, const std::vector<const Plugin*>& filters)
{
    if (cycle.onlyNodes) {
        std::vector<int> found;
        for (const std::string& name : *cycle.onlyNodes)
            if (const NodeInfo* node = m_cache.find(name); node && passes(cycle, filters, *node))
                found.push_back(node->slot);
        return found;
    }
    const std::vector<int>& order = m_cache.order();
    const std::size_t wanted = feasibleWanted(order.size());
    std::vector<int> found;
    std::size_t looked = 0;
    for (; looked < order.size() && found.size() < wanted; ++looked) {
        const NodeInfo& node = m_cache.at(order[(m_nextStart + looked) % order.size()]);
        if (passes(cycle, filters, node))
            found.push_back(node.slot);
    }
    if (!order.empty())
        m_nextStart = (m_nextStart + looked) % order.size();
    return found;
}

/// framework/types.go, FitError.Error, and preemption.go's answer when it finds nobody to evict.
std::string Scheduler::explain(const Cycle& cycle, const std::vector<const Plugin*>& filters,
                               std::set<std::string>& rejectedBy) const
{
    std::map<std::string, std::int64_t> reasonCounts;
    std::map<std::string, std::int64_t> preemptionCounts;
    for (const int slot : m_cache.order()) {
        const NodeInfo& node = m_cache.at(slot);
        if (cycle.onlyNodes && cycle.onlyNodes->count(node.node->metadata.name) == 0) {
            reasonCounts[fmt::format(fmt::runtime(reasons::kNotSatisfied), kNodeAffinity)] += 1;
            preemptionCounts[reasons::kPreemptionNotHelpful] += 1;
            rejectedBy.insert(kNodeAffinity);
            continue;
        }
        for (const Plugin* plugin : filters) {
            Reasons texts;
            const FilterCode code = plugin->filter(cycle, node, &texts);
            if (code == FilterCode::Success)
                continue;
            for (const std::string& text : texts)
                reasonCounts[text] += 1;
            rejectedBy.insert(plugin->name);
            const bool hopeless = code == FilterCode::UnschedulableAndUnresolvable;
            preemptionCounts[hopeless ? reasons::kPreemptionNotHelpful : reasons::kNoVictims] += 1;
            break;
        }
    }
    const auto sentence = [&](const std::map<std::string, std::int64_t>& counts) {
        std::vector<std::string> parts;
        for (const auto& [text, count] : counts)
            parts.push_back(fmt::format("{} {}", count, text));
        std::sort(parts.begin(), parts.end());
        std::string all = fmt::format(fmt::runtime(reasons::kNodesAvailable), m_cache.nodeCount()) + ": ";
        for (std::size_t i = 0; i < parts.size(); ++i)
            all += (i > 0 ? ", " : "") + parts[i];
        return all + ".";
    };
    const std::string preemption = cycle.object().spec.preemptionPolicy == "Never" ? std::string(reasons::kPreemptionNever)
                                                                                  : sentence(preemptionCounts);
    return sentence(reasonCounts) + " preemption: " + preemption;
}

std::string Scheduler::select(Cycle& cycle, const std::vector<int>& slots, RandomStream& random,
                              std::vector<Placement::Scores>* scores)
{
    std::vector<std::int64_t> totals(slots.size(), 0);
    if (scores) {
        scores->resize(slots.size());
        for (std::size_t i = 0; i < slots.size(); ++i)
            (*scores)[i].node = m_cache.at(slots[i]).node->metadata.name;
    }
    for (const Plugin& plugin : defaultPlugins()) {
        if (!plugin.score || (plugin.preScore && !plugin.preScore(cycle, slots)))
            continue;
        std::vector<std::int64_t> values(slots.size());
        for (std::size_t i = 0; i < slots.size(); ++i)
            values[i] = plugin.score(cycle, m_cache.at(slots[i]));
        if (plugin.normalizeScore)
            plugin.normalizeScore(cycle, slots, values);
        for (std::size_t i = 0; i < slots.size(); ++i) {
            totals[i] += values[i] * plugin.weight;
            if (scores)
                (*scores)[i].byPlugin[plugin.name] = values[i] * plugin.weight;
        }
    }
    // Reservoir sampling over the best.
    std::size_t best = 0;
    std::uint64_t ties = 1;
    for (std::size_t i = 1; i < slots.size(); ++i) {
        if (totals[i] > totals[best]) {
            best = i;
            ties = 1;
        } else if (totals[i] == totals[best] && random.below(++ties) == 0) {
            best = i;
        }
    }
    if (scores)
        for (std::size_t i = 0; i < slots.size(); ++i)
            (*scores)[i].total = totals[i];
    return m_cache.at(slots[best]).node->metadata.name;
}

Placement Scheduler::place(const Store& store, const PodInfo& pod, RandomStream& random, bool wantScores)
{
    Placement placement;
    if (m_cache.nodeCount() == 0) {
        placement.message = reasons::kNoNodes;
        for (const Plugin& plugin : defaultPlugins())
            if (plugin.filter)
                placement.rejectedBy.insert(plugin.name); // any node that comes is news
        return placement;
    }
    Cycle cycle(m_cache, store, pod);
    std::vector<const Plugin*> filters;
    for (const Plugin& plugin : defaultPlugins())
        if (plugin.filter && (!plugin.preFilter || plugin.preFilter(cycle)))
            filters.push_back(&plugin);
    const std::vector<int> slots = feasibleNodes(cycle, filters);
    if (slots.empty())
        placement.message = explain(cycle, filters, placement.rejectedBy);
    else if (slots.size() == 1)
        placement.node = m_cache.at(slots.front()).node->metadata.name;
    else
        placement.node = select(cycle, slots, random, wantScores ? &placement.scores : nullptr);
    return placement;
}

bool Scheduler::operator==(const Scheduler& other) const
{
    return fingerprintOf(*this) == fingerprintOf(other);
}

void Scheduler::addTo(Fingerprint& f) const
{
    f.add(std::uint64_t{m_running});
    f.add(m_identity);
    m_cursor.addTo(f);
    m_queue.addTo(f);
    f.add(m_nextStart);
    sim::addTo(f, m_wakeAt);
    sim::addTo(f, m_generation);
}

} // namespace sim::kube
