#include "sim/kube/scheduler/cache.h"

#include "sim/engine/assert.h"
#include "sim/kube/client/objects.h"

#include <algorithm>
#include <tuple>

namespace sim::kube {

namespace {

constexpr const char* kLabelRegion = "topology.kubernetes.io/region";

/// component-helpers/node/topology, GetZoneKey.
std::string zoneOf(const Node& node)
{
    const auto label = [&](const char* key) {
        const auto it = node.metadata.labels.find(key);
        return it == node.metadata.labels.end() ? std::string() : it->second;
    };
    const std::string region = label(kLabelRegion);
    const std::string zone = label(kLabelZone);
    return region.empty() && zone.empty() ? std::string() : region + ':' + zone;
}

bool isPlaced(const Pod& pod)
{
    return !pod.spec.nodeName.empty() && !isTerminal(pod);
}

/// Whether the new version of a placed pod takes, counts and conflicts as the old one did.
bool countsTheSame(const PodInfo& info, const Pod& now)
{
    const Pod& before = *info.pod;
    return before.metadata.uid == now.metadata.uid
        && before.metadata.deletionTimestamp.has_value() == now.metadata.deletionTimestamp.has_value()
        && before.metadata.labels == now.metadata.labels
        && before.metadata.generation == now.metadata.generation;
}

} // namespace

void SchedulerCache::joinZone(int slot)
{
    const std::string name = zoneOf(*at(slot).node);
    const auto known = std::find_if(m_zones.begin(), m_zones.end(), [&](const Zone& z) { return z.name == name; });
    Zone& zone = known == m_zones.end() ? m_zones.emplace_back(Zone{name, {}}) : *known;
    zone.slots.push_back(slot);
    m_orderStale = true;
}

void SchedulerCache::leaveZone(int slot, const std::string& zone)
{
    const auto it = std::find_if(m_zones.begin(), m_zones.end(), [&](const Zone& z) { return z.name == zone; });
    FL_ASSERT(it != m_zones.end());
    std::erase(it->slots, slot);
    if (it->slots.empty())
        m_zones.erase(it);
    m_orderStale = true;
}

void SchedulerCache::countImages(const NodeInfo& node, std::int64_t sign)
{
    for (const auto& [image, bytes] : node.images)
        if ((m_imageNodes[image] += sign) == 0)
            m_imageNodes.erase(image);
    ++m_imageEpoch;
}

void SchedulerCache::setNode(std::shared_ptr<const Node> node)
{
    const std::string name = node->metadata.name;
    const auto known = m_slots.find(name);
    const bool fresh = known == m_slots.end();
    int slot = fresh ? static_cast<int>(m_nodes.size()) : known->second;
    if (fresh) {
        if (m_freeSlots.empty()) {
            m_nodes.emplace_back();
            m_generations.push_back(0);
        } else {
            slot = m_freeSlots.back();
            m_freeSlots.pop_back();
        }
        m_slots.emplace(name, slot);
        if (!m_imageNodes.empty())
            ++m_imageEpoch;
    }
    NodeInfo& info = m_nodes[static_cast<std::size_t>(slot)];
    info.slot = slot;
    touch(slot);
    info.unschedulable = node->spec.unschedulable;
    info.tainted = !node->spec.taints.empty();
    if (fresh || !(info.node->status.allocatable == node->status.allocatable)) {
        info.allocatable = Resources::ofList(node->status.allocatable);
        const auto pods = node->status.allocatable.find("pods");
        info.allowedPods = pods == node->status.allocatable.end() ? 0 : pods->second.value();
    }
    if (fresh ? !node->status.images.empty() : !(info.node->status.images == node->status.images)) {
        countImages(info, -1);
        info.images.clear();
        for (const ContainerImage& image : node->status.images)
            for (const std::string& n : image.names)
                info.images[n] = image.sizeBytes;
        countImages(info, 1);
    }
    const std::string zoneBefore = fresh ? std::string() : zoneOf(*info.node);
    info.node = std::move(node);
    m_counts.setNode(slot, info.node);
    if (fresh) {
        joinZone(slot);
        if (const auto strays = m_strays.find(name); strays != m_strays.end()) {
            const std::vector<PodId> ids = std::move(strays->second);
            m_strays.erase(strays);
            for (const PodId id : ids)
                attach(id, slot);
        }
    } else if (zoneBefore != zoneOf(*info.node)) {
        leaveZone(slot, zoneBefore);
        joinZone(slot);
    }
}

void SchedulerCache::removeNode(const std::string& name)
{
    const auto it = m_slots.find(name);
    if (it == m_slots.end())
        return;
    const int slot = it->second;
    NodeInfo& info = m_nodes[static_cast<std::size_t>(slot)];
    std::vector<PodId> strays = info.pods;
    for (const PodId id : strays)
        detach(id);
    if (!strays.empty())
        m_strays[name] = std::move(strays);
    countImages(info, -1);
    leaveZone(slot, zoneOf(*info.node));
    m_counts.setNode(slot, nullptr);
    m_freeSlots.push_back(slot);
    info = NodeInfo();
    info.slot = slot;
    touch(slot);
    m_slots.erase(it);
}

PodId SchedulerCache::find(const ObjectKey& key) const
{
    const auto it = m_ids.find(key);
    return it == m_ids.end() ? kNoPod : it->second;
}

std::vector<PodId> SchedulerCache::pods() const
{
    std::vector<PodId> ids;
    ids.reserve(m_ids.size());
    for (const auto& [key, id] : m_ids)
        ids.push_back(id);
    const auto key = [&](PodId id) {
        const ObjectMeta& pod = podAt(id).pod->metadata;
        return std::tie(pod.namespace_, pod.name);
    };
    std::sort(ids.begin(), ids.end(), [&](PodId a, PodId b) { return key(a) < key(b); });
    return ids;
}

void SchedulerCache::addTo(NodeInfo& node, const PodShape& shape, int sign)
{
    node.requested.add(shape.requests, sign);
    node.nonZero.add(shape.nonZero, sign);
    for (const HostPort& port : shape.hostPorts) {
        if (sign > 0)
            node.usedPorts.push_back(port);
        else
            node.usedPorts.erase(std::find(node.usedPorts.begin(), node.usedPorts.end(), port));
    }
    for (const std::string& claim : shape.claims)
        if ((m_claimUsers[{shape.namespaceName(), claim}] += sign) == 0)
            m_claimUsers.erase({shape.namespaceName(), claim});
    touch(node.slot);
}

void SchedulerCache::attach(PodId id, int slot)
{
    Entry& entry = m_pods[id];
    FL_ASSERT(entry.slot == kNoSlot);
    NodeInfo& node = m_nodes[static_cast<std::size_t>(slot)];
    entry.slot = slot;
    entry.place = static_cast<std::uint32_t>(node.pods.size());
    node.pods.push_back(id);
    addTo(node, *entry.info.shape, 1);
    m_counts.count(entry.info.shape, slot, entry.info.pod->metadata.deletionTimestamp.has_value(), 1);
}

void SchedulerCache::detach(PodId id)
{
    Entry& entry = m_pods[id];
    FL_ASSERT(entry.slot != kNoSlot);
    NodeInfo& node = m_nodes[static_cast<std::size_t>(entry.slot)];
    m_pods[node.pods.back()].place = entry.place;
    node.pods[entry.place] = node.pods.back();
    node.pods.pop_back();
    addTo(node, *entry.info.shape, -1);
    m_counts.count(entry.info.shape, entry.slot, entry.info.pod->metadata.deletionTimestamp.has_value(), -1);
    entry.slot = kNoSlot;
}

PodId SchedulerCache::setPod(std::shared_ptr<const Pod> pod)
{
    const auto [it, inserted] = m_ids.try_emplace(ObjectKey{pod->metadata.namespace_, pod->metadata.name}, kNoPod);
    if (inserted) {
        if (m_freePods.empty()) {
            it->second = static_cast<PodId>(m_pods.size());
            m_pods.emplace_back();
        } else {
            it->second = m_freePods.back();
            m_freePods.pop_back();
        }
    }
    const PodId id = it->second;
    Entry& entry = m_pods[id];
    const bool placed = isPlaced(*pod);
    if (!inserted && entry.slot != kNoSlot) {
        const bool stays = placed && at(entry.slot).node->metadata.name == pod->spec.nodeName;
        if (stays && countsTheSame(entry.info, *pod)) {
            entry.info.pod = std::move(pod);
            return id;
        }
        detach(id);
    } else if (!inserted && isPlaced(*entry.info.pod)) {
        if (const auto strays = m_strays.find(entry.info.pod->spec.nodeName); strays != m_strays.end()) {
            std::erase(strays->second, id);
            if (strays->second.empty())
                m_strays.erase(strays);
        }
    }
    entry.info = m_shapes.describe(std::move(pod));
    if (placed) {
        const std::string& name = entry.info.pod->spec.nodeName;
        if (const auto slot = m_slots.find(name); slot != m_slots.end())
            attach(id, slot->second);
        else
            m_strays[name].push_back(id);
    }
    return id;
}

void SchedulerCache::removePod(PodId id)
{
    Entry& entry = m_pods[id];
    const Pod& pod = *entry.info.pod;
    if (entry.slot != kNoSlot) {
        detach(id);
    } else if (const auto strays = m_strays.find(pod.spec.nodeName); strays != m_strays.end()) {
        std::erase(strays->second, id);
        if (strays->second.empty())
            m_strays.erase(strays);
    }
    m_ids.erase(keyOf(pod.metadata));
    entry = Entry();
    m_freePods.push_back(id);
}

const std::vector<int>& SchedulerCache::order() const
{
    if (!m_orderStale)
        return m_order;
    m_order.clear();
    for (std::size_t i = 0; m_order.size() < m_slots.size(); ++i)
        for (const Zone& zone : m_zones)
            if (i < zone.slots.size())
                m_order.push_back(zone.slots[i]);
    m_orderStale = false;
    return m_order;
}

const NodeInfo* SchedulerCache::find(const std::string& name) const
{
    const auto it = m_slots.find(name);
    return it == m_slots.end() ? nullptr : &at(it->second);
}

std::int64_t SchedulerCache::nodesWithImage(const std::string& name) const
{
    const auto it = m_imageNodes.find(name);
    return it == m_imageNodes.end() ? 0 : it->second;
}

int SchedulerCache::usersOfClaim(const ObjectKey& claim) const
{
    const auto it = m_claimUsers.find(claim);
    return it == m_claimUsers.end() ? 0 : it->second;
}

} // namespace sim::kube
