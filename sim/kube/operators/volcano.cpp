#include "sim/kube/operators/volcano.h"

#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

namespace {

constexpr Duration kSchedulePeriod = std::chrono::seconds(1); // cmd/scheduler/app/options: --schedule-period
constexpr const char* kConfigName = "volcano-scheduler-configmap"; // installer/helm
constexpr const char* kConfigKey = "volcano-scheduler.conf";
constexpr const char* kDefaultQueue = "default";
constexpr const char* kSchedulerAccount = "system:serviceaccount:volcano-system:volcano-scheduler";

} // namespace

void VolcanoScheduler::relist(const Store& store)
{
    m_cache.clear();
    for (const auto& [key, space] : store.all<Namespace>())
        m_cache.counts().setNamespace(key.name, &*space->metadata.labels);
    for (const auto& [key, node] : store.all<Node>())
        m_cache.setNode(node);
    for (const auto& [key, pod] : store.all<Pod>())
        if (!isTerminal(*pod))
            m_cache.setPod(pod);
    m_cache.counts().forgetTallies();
    m_changed = true;
}

void VolcanoScheduler::observe(const WatchEvent& event)
{
    const bool gone = event.type == WatchEvent::Type::Deleted;
    if (event.kind == kindIdOf<Node>) {
        if (gone)
            m_cache.removeNode(event.key.name);
        else
            m_cache.setNode(std::static_pointer_cast<const Node>(event.object));
        m_changed = true;
    } else if (event.kind == kindIdOf<Pod>) {
        const PodId known = m_cache.find(event.key);
        if (!gone && !isTerminal(event.as<Pod>()))
            m_cache.setPod(std::static_pointer_cast<const Pod>(event.object));
        else if (known != kNoPod)
            m_cache.removePod(known);
        m_changed = true;
    } else if (event.kind == kindIdOf<Namespace>) {
        m_cache.counts().setNamespace(event.key.name, gone ? nullptr : &*event.as<Namespace>().metadata.labels);
    } else if (event.kind == kindIdOf<CustomObject>) {
        m_changed = m_changed || isOf(kPodGroups, event.as<CustomObject>()) || isOf(kVolcanoQueues, event.as<CustomObject>());
    }
}

std::optional<Instant> VolcanoScheduler::plan(Instant now, RandomStream&)
{
    if (m_changed && !m_next) {
        const auto periods = now.time_since_epoch() / kSchedulePeriod + 1;
        m_next = Instant{} + periods * kSchedulePeriod;
    }
    return m_next;
}

void VolcanoScheduler::work(OperatorContext& context)
{
    if (!m_next || *m_next > context.now())
        return;
    m_next.reset();
    m_changed = false;
    if (!findCustom(context.store(), kVolcanoQueues, "", kDefaultQueue))
        createCustom(context.client, kVolcanoQueues, {{"metadata", {{"name", kDefaultQueue}}}, {"spec", {{"weight", 1}, {"reclaimable", true}}}},
                     kSchedulerAccount);
    std::string configuration;
    if (const auto map = context.store().get<ConfigMap>({context.process.pod.namespace_, kConfigName}))
        if (const auto found = map->data.find(kConfigKey); found != map->data.end())
            configuration = found->second;
    GangSession(context, m_cache, m_memories, BinpackWeights::of(configuration)).run();
}

} // namespace sim::kube
