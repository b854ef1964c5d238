#include "sim/kube/operators/gang_session.h"

#include "sim/kube/api/yaml.h"
#include "sim/kube/client/objects.h"

#include <algorithm>
#include <charconv>

// pkg/scheduler of volcano v1.9.0: actions/enqueue, plugins/{overcommit,proportion}, framework/session.go.
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr std::int64_t kOvercommitPercent = 120; // overcommit.go: defaultOverCommitFactor 1.2
constexpr const char* kVolcanoAccount = "system:serviceaccount:volcano-system:volcano-scheduler";

std::int64_t wholeNumber(const json& value)
{
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    std::int64_t number = 1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return std::max<std::int64_t>(number, 0);
}

} // namespace

BinpackWeights BinpackWeights::of(const std::string& configuration)
{
    BinpackWeights weights{{{"cpu", 1}, {"memory", 1}}};
    const auto documents = parseYaml(configuration);
    if (!documents || documents->empty())
        return weights;
    const json tiers = documents->front().is_object() ? documents->front().value("tiers", json::array()) : json::array();
    for (const json& tier : tiers)
        for (const json& plugin : tier.is_object() ? tier.value("plugins", json::array()) : json::array()) {
            if (textAt(plugin, "name") != "binpack")
                continue;
            const json& arguments = partAt(plugin, "arguments");
            for (const char* name : {"cpu", "memory"})
                if (const auto found = arguments.find(std::string("binpack.") + name); found != arguments.end())
                    weights.resources[name] = wholeNumber(*found);
            std::string names = textAt(arguments, "binpack.resources");
            std::erase(names, ' ');
            for (std::size_t at = 0; at < names.size();) {
                const std::size_t end = std::min(names.find(',', at), names.size());
                const std::string name = names.substr(at, end - at);
                const auto weight = arguments.find("binpack.resources." + name);
                weights.resources[name] = weight == arguments.end() ? 1 : wholeNumber(*weight);
                at = end + 1;
            }
        }
    return weights;
}

std::int64_t GangSession::Gang::count(TaskStatus wanted) const
{
    return std::count_if(tasks.begin(), tasks.end(), [&](const Task& task) { return task.status == wanted; });
}

std::int64_t GangSession::Gang::ready() const
{
    return count(TaskStatus::Allocated) + count(TaskStatus::Bound) + count(TaskStatus::Running) + count(TaskStatus::Succeeded);
}

double GangSession::QueueShare::share() const
{
    double most = 0;
    for (const auto& [name, amount] : deserved)
        if (const std::int64_t has = amountOf(allocated, name); has > 0)
            most = std::max(most, amount > 0 ? static_cast<double>(has) / static_cast<double>(amount) : 1.0);
    return most;
}

/// It has all that it deserves of everything.
bool GangSession::QueueShare::overused() const
{
    return std::all_of(deserved.begin(), deserved.end(), [&](const auto& one) { return one.second <= amountOf(allocated, one.first); });
}

GangSession::GangSession(OperatorContext& context, SchedulerCache& cache, ShapeMemories& memories, const BinpackWeights& weights)
    : m_context(context), m_cache(cache), m_memories(memories), m_weights(weights)
{
    m_profile.schedulerName = kVolcanoScheduler;
}

void GangSession::run()
{
    m_uid = newUid(m_context.random);
    adoptBarePods();
    collect();
    shareOut();
    enqueue();
    allocate();
    close();
}

/// pkg/controllers/podgroup: a pod of this scheduler without a group gets one of its own.
void GangSession::adoptBarePods()
{
    std::vector<std::shared_ptr<const Pod>> bare;
    for (const PodId id : m_cache.pods()) {
        const auto& pod = m_cache.podAt(id).pod;
        if (pod->spec.schedulerName == kVolcanoScheduler && pod->spec.nodeName.empty() && isActive(*pod)
            && !pod->metadata.annotations.contains(kGroupNameAnnotation))
            bare.push_back(pod);
    }
    for (const auto& pod : bare) {
        const std::string name = "podgroup-" + pod->metadata.uid;
        if (!findCustom(m_context.store(), kPodGroups, pod->metadata.namespace_, name)) {
            PodGroupSpec spec;
            spec.minMember = 1;
            spec.queue = "default";
            spec.minResources = amountsToJson(requestsOf(pod->spec));
            json owners = json::array({{{"apiVersion", "v1"}, {"kind", "Pod"}, {"name", pod->metadata.name}, {"uid", pod->metadata.uid},
                                        {"controller", true}, {"blockOwnerDeletion", true}}});
            json metadata{{"name", name}, {"namespace", pod->metadata.namespace_}, {"ownerReferences", std::move(owners)}};
            createCustom(m_context.client, kPodGroups, {{"metadata", std::move(metadata)}, {"spec", spec.toJson()}}, kVolcanoAccount);
        }
        if (const auto stored = m_context.store().get<Pod>(keyOf(*pod))) {
            Pod named = *stored;
            named.metadata.annotations[kGroupNameAnnotation] = name;
            if (const auto written = m_context.store().update(std::move(named), m_context.now()))
                m_cache.setPod(written.object);
        }
    }
}

void GangSession::collect()
{
    for (const CustomObjectPtr& object : allCustom(m_context.store(), kPodGroups)) {
        if (object->metadata.deletionTimestamp)
            continue;
        const json content = contentOf(*object);
        Gang gang;
        gang.object = object;
        gang.spec = PodGroupSpec::of(partAt(content, "spec"));
        gang.before = gang.status = PodGroupStatus::of(partAt(content, "status"));
        if (gang.status.phase.empty())
            gang.status.phase = kGroupPending;
        if (const auto priority = m_context.store().get<PriorityClass>({"", gang.spec.priorityClassName}))
            gang.priority = priority->value;
        m_gangs.push_back(std::move(gang));
    }
    collectTasks();
    // priority, then gangs that are not yet whole (gang), then age.
    std::stable_sort(m_gangs.begin(), m_gangs.end(), [](const Gang& a, const Gang& b) {
        if (a.priority != b.priority)
            return a.priority > b.priority;
        if (a.isReady() != b.isReady())
            return b.isReady();
        return *a.object->metadata.creationTimestamp < *b.object->metadata.creationTimestamp;
    });
}

void GangSession::collectTasks()
{
    std::map<ObjectKey, std::size_t> places;
    for (std::size_t i = 0; i < m_gangs.size(); ++i)
        places[{m_gangs[i].object->metadata.namespace_, m_gangs[i].object->metadata.name}] = i;
    const auto& pods = m_context.store().all<Pod>();
    for (const auto& [key, pod] : pods) {
        const auto group = pod->metadata.annotations.find(kGroupNameAnnotation);
        if (pod->spec.schedulerName != kVolcanoScheduler || group == pod->metadata.annotations.end())
            continue;
        const auto place = places.find({key.namespace_, group->second});
        if (place == places.end())
            continue;
        Task task{m_cache.find(key), pod, TaskStatus::Pending, requestsOf(pod->spec), {}, {}};
        if (pod->status.phase == kPodSucceeded)
            task.status = TaskStatus::Succeeded;
        else if (pod->status.phase == kPodFailed)
            task.status = TaskStatus::Failed;
        else if (pod->metadata.deletionTimestamp)
            task.status = TaskStatus::Releasing;
        else if (pod->status.phase == kPodRunning)
            task.status = TaskStatus::Running;
        else if (!pod->spec.nodeName.empty())
            task.status = TaskStatus::Bound;
        else if (task.id == kNoPod)
            continue;
        m_gangs[place->second].tasks.push_back(std::move(task));
    }
}

/// proportion: what each queue deserves, by weight, as far as it asks for it and may have it.
void GangSession::shareOut()
{
    for (const int slot : m_cache.order()) {
        add(m_total, amountsOf(m_cache.at(slot).allocatable));
        add(m_idle, amountsOf(m_cache.at(slot).requested), -1);
    }
    for (const auto& [name, amount] : m_total)
        m_idle[name] += amount / 100 * kOvercommitPercent;
    for (VolcanoQueue& queue : volcanoQueues(m_context.store())) {
        QueueShare share;
        share.queue = std::move(queue);
        share.limit = m_total;
        if (share.queue.capability)
            for (const auto& [name, amount] : *share.queue.capability)
                share.limit[name] = std::min(amount, amountOf(m_total, name));
        m_queues.push_back(std::move(share));
    }
    for (const Gang& gang : m_gangs)
        for (QueueShare& share : m_queues) {
            if (share.queue.name != gang.spec.queue)
                continue;
            for (const Task& task : gang.tasks) {
                const bool holds = task.status == TaskStatus::Bound || task.status == TaskStatus::Running || task.status == TaskStatus::Releasing;
                if (holds)
                    add(share.allocated, task.requests);
                if (holds || task.status == TaskStatus::Pending)
                    add(share.request, task.requests);
            }
            if (gang.status.phase == kGroupInqueue && gang.spec.minResources) {
                add(share.inqueue, amountsOf(*gang.spec.minResources));
                add(m_enqueued, amountsOf(*gang.spec.minResources));
            }
        }
    // One resource at a time: a queue that needs less than its share leaves the rest to the others.
    for (const auto& [name, amount] : m_total) {
        std::int64_t left = amount;
        std::vector<QueueShare*> open;
        for (QueueShare& share : m_queues)
            open.push_back(&share);
        while (left > 0 && !open.empty()) {
            std::int64_t weights = 0;
            for (const QueueShare* share : open)
                weights += share->queue.weight;
            const auto most = [&, resource = name](const QueueShare& share) { return std::min(amountOf(share.request, resource), amountOf(share.limit, resource)); };
            const std::int64_t round = left;
            const auto met = std::partition(open.begin(), open.end(), [&](const QueueShare* share) {
                return amountOf(share->deserved, name) + round * share->queue.weight / weights < most(*share);
            });
            if (met == open.end()) {
                for (QueueShare* share : open)
                    share->deserved[name] += round * share->queue.weight / weights;
                break;
            }
            for (auto it = met; it != open.end(); ++it) {
                left -= most(**it) - amountOf((*it)->deserved, name);
                (*it)->deserved[name] = most(**it);
            }
            open.erase(met, open.end());
        }
    }
}

// ---- enqueue -------------------------------------------------------------------------------------------

bool GangSession::mayEnqueue(Gang& gang)
{
    if (!gang.spec.minResources)
        return true;
    const auto share = std::find_if(m_queues.begin(), m_queues.end(), [&](const QueueShare& one) { return one.queue.name == gang.spec.queue; });
    const Amounts wanted = amountsOf(*gang.spec.minResources);
    Amounts all = m_enqueued;
    add(all, wanted);
    if (!fitsInto(all, m_idle, false)) {
        tell(gang, kNormal, "resource in cluster is overused");
        return false;
    }
    Amounts ofQueue = share->allocated;
    add(ofQueue, share->inqueue);
    add(ofQueue, wanted);
    Amounts asked; // only what the job asks for is looked at
    for (const auto& [name, amount] : wanted)
        if (amount > 0)
            asked[name] = amountOf(ofQueue, name);
    if (!fitsInto(asked, share->limit, true)) {
        tell(gang, kNormal, "queue resource quota insufficient");
        return false;
    }
    add(share->inqueue, wanted);
    add(m_enqueued, wanted);
    return true;
}

void GangSession::enqueue()
{
    for (Gang& gang : m_gangs) {
        const bool known = std::any_of(m_queues.begin(), m_queues.end(), [&](const QueueShare& one) { return one.queue.name == gang.spec.queue && one.queue.open; });
        if (known && gang.status.phase == kGroupPending && mayEnqueue(gang))
            gang.status.phase = kGroupInqueue;
    }
}

} // namespace sim::kube
