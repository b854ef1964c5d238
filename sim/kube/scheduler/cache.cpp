#include "sim/kube/scheduler/cache.h"

#include "sim/engine/assert.h"
#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

namespace {

// More selectors than this at once means Deployments come and go: start over.
constexpr std::size_t kMostSelectors = 256;

std::string selectorKey(const std::string& namespace_, const LabelSelector& selector)
{
    std::string key = namespace_;
    for (const auto& [k, v] : selector.matchLabels)
        key += '\n' + k + '=' + v;
    for (const LabelSelectorRequirement& r : selector.matchExpressions) {
        key += '\n' + r.key + ' ' + r.operator_;
        for (const std::string& v : r.values)
            key += ' ' + v;
    }
    return key;
}

std::string zoneOf(const Node& node)
{
    const auto it = node.metadata.labels.find(kLabelZone);
    return it == node.metadata.labels.end() ? std::string() : it->second;
}

} // namespace

PodInfo::PodInfo(std::shared_ptr<const Pod> p)
    : pod(std::move(p)), requests(podRequests(pod->spec)), nonZero(podNonZeroRequests(pod->spec))
{
    for (const Container& c : pod->spec.containers)
        for (const ContainerPort& port : c.ports)
            if (port.hostPort > 0)
                hostPorts.push_back({port.protocol.empty() ? "TCP" : port.protocol, port.hostPort});
    const auto& affinity = pod->spec.affinity;
    requiredAntiAffinity = affinity && affinity->podAntiAffinity
        && !affinity->podAntiAffinity->requiredDuringSchedulingIgnoredDuringExecution.empty();
}

void SchedulerCache::setNode(std::shared_ptr<const Node> node)
{
    const std::string& name = node->metadata.name;
    auto it = m_slots.find(name);
    if (it == m_slots.end()) {
        int slot = static_cast<int>(m_nodes.size());
        if (m_freeSlots.empty()) {
            m_nodes.emplace_back();
        } else {
            slot = m_freeSlots.back();
            m_freeSlots.pop_back();
        }
        m_nodes[static_cast<std::size_t>(slot)].slot = slot;
        it = m_slots.emplace(name, slot).first;
        m_orderStale = true;
        for (auto& [key, counted] : m_counted)
            counted.bySlot.resize(m_nodes.size(), 0);
    }
    NodeInfo& info = m_nodes[static_cast<std::size_t>(it->second)];
    if (info.node && zoneOf(*info.node) != zoneOf(*node))
        m_orderStale = true;
    if (!info.node || !(info.node->status.allocatable == node->status.allocatable)) {
        info.allocatable = Resources::of(node->status.allocatable);
        const auto pods = node->status.allocatable.find("pods");
        info.allowedPods = pods == node->status.allocatable.end() ? 0 : pods->second.value();
    }
    if (!info.node || !(info.node->status.images == node->status.images)) {
        for (const auto& [image, bytes] : info.images)
            if (--m_imageNodes[image] == 0)
                m_imageNodes.erase(image);
        info.images.clear();
        for (const ContainerImage& image : node->status.images)
            for (const std::string& n : image.names)
                info.images[n] = image.sizeBytes;
        for (const auto& [image, bytes] : info.images)
            m_imageNodes[image] += 1;
    }
    info.node = std::move(node);
}

void SchedulerCache::removeNode(const std::string& name)
{
    const auto it = m_slots.find(name);
    if (it == m_slots.end())
        return;
    NodeInfo& info = m_nodes[static_cast<std::size_t>(it->second)];
    for (const auto& [image, bytes] : info.images)
        if (--m_imageNodes[image] == 0)
            m_imageNodes.erase(image);
    std::vector<ObjectKey> keys;
    for (const auto& [key, pod] : info.pods)
        keys.push_back(key);
    for (const ObjectKey& key : keys)
        removePod(key);
    m_freeSlots.push_back(it->second);
    info = NodeInfo();
    m_slots.erase(it);
    m_orderStale = true;
}

bool SchedulerCache::counts(const Counted& counted, const Pod& pod)
{
    return pod.metadata.namespace_ == counted.namespace_ && !pod.metadata.deletionTimestamp
        && counted.selector.matches(pod.metadata.labels);
}

void SchedulerCache::attach(const PodInfoPtr& info, const std::string& node, int sign)
{
    const auto slot = m_slots.find(node);
    if (slot == m_slots.end())
        return;
    NodeInfo& n = m_nodes[static_cast<std::size_t>(slot->second)];
    n.requested.add(info->requests, sign);
    n.nonZero.add(info->nonZero, sign);
    for (const auto& port : info->hostPorts)
        if ((n.usedPorts[port] += sign) == 0)
            n.usedPorts.erase(port);
    if (info->requiredAntiAffinity) {
        n.podsWithAntiAffinity += sign;
        m_podsWithAntiAffinity += sign;
    }
    const ObjectKey key = keyOf(info->pod->metadata);
    if (sign > 0)
        n.pods[key] = info;
    else
        n.pods.erase(key);
    for (auto& [k, counted] : m_counted)
        if (counts(counted, *info->pod))
            counted.bySlot[static_cast<std::size_t>(slot->second)] += sign;
}

void SchedulerCache::setPod(std::shared_ptr<const Pod> pod)
{
    const ObjectKey key = keyOf(pod->metadata);
    const auto known = m_pods.find(key);
    if (known != m_pods.end()) {
        const Pod& before = *known->second.second->pod;
        // Status changes, the most frequent, concern nobody here.
        if (known->second.first == pod->spec.nodeName && before.metadata.uid == pod->metadata.uid
            && before.metadata.labels == pod->metadata.labels
            && before.metadata.deletionTimestamp.has_value() == pod->metadata.deletionTimestamp.has_value())
            return;
    }
    removePod(key);
    auto info = std::make_shared<const PodInfo>(std::move(pod));
    const std::string node = info->pod->spec.nodeName;
    m_pods[key] = {node, info};
    attach(info, node, 1);
}

void SchedulerCache::assume(const PodInfoPtr& info, const std::string& node)
{
    const ObjectKey key = keyOf(info->pod->metadata);
    removePod(key);
    m_pods[key] = {node, info};
    attach(info, node, 1);
}

void SchedulerCache::removePod(const ObjectKey& key)
{
    const auto it = m_pods.find(key);
    if (it == m_pods.end())
        return;
    const auto [node, info] = it->second;
    m_pods.erase(it);
    attach(info, node, -1);
}

const std::vector<int>& SchedulerCache::order() const
{
    if (!m_orderStale)
        return m_order;
    std::map<std::string, std::vector<int>> zones;
    for (const auto& [name, slot] : m_slots)
        zones[zoneOf(*at(slot).node)].push_back(slot);
    m_order.clear();
    for (std::size_t i = 0; m_order.size() < m_slots.size(); ++i)
        for (const auto& [zone, slots] : zones)
            if (i < slots.size())
                m_order.push_back(slots[i]);
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

const std::vector<int>& SchedulerCache::matching(const std::string& namespace_, const LabelSelector& selector) const
{
    std::string key = selectorKey(namespace_, selector);
    const auto it = m_counted.find(key);
    if (it != m_counted.end())
        return it->second.bySlot;
    if (m_counted.size() >= kMostSelectors)
        m_counted.clear();
    Counted counted{namespace_, selector, std::vector<int>(m_nodes.size(), 0)};
    for (const auto& [name, slot] : m_slots)
        for (const auto& [podKey, info] : at(slot).pods)
            if (counts(counted, *info->pod))
                counted.bySlot[static_cast<std::size_t>(slot)] += 1;
    return m_counted.emplace(std::move(key), std::move(counted)).first->second.bySlot;
}

} // namespace sim::kube
