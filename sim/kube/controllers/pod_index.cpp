#include "sim/kube/controllers/pod_index.h"

namespace sim::kube {

namespace {

std::string claimKey(const ObjectKey& pod, const Volume& volume)
{
    return pod.namespace_ + '/' + volume.persistentVolumeClaim->claimName.value;
}

} // namespace

void PodIndex::clear()
{
    *this = PodIndex();
}

void PodIndex::rebuild(const Store& store)
{
    clear();
    for (const auto& [key, pod] : store.all<Pod>())
        add(key, *pod);
}

void PodIndex::observe(const WatchEvent& event)
{
    if (event.kind != kindIdOf<Pod>)
        return;
    const Pod& now = event.as<Pod>();
    if (event.type == WatchEvent::Type::Deleted) {
        // What the last state says of owner and node is what the index holds: updates come first.
        remove(event.key, now);
        return;
    }
    if (const Pod* before = event.before<Pod>()) {
        const OwnerReference* ownerNow = controllerOf(now.metadata);
        const OwnerReference* ownerBefore = controllerOf(before->metadata);
        const bool sameOwner = (!ownerNow && !ownerBefore) || (ownerNow && ownerBefore && ownerNow->uid == ownerBefore->uid);
        if (sameOwner && before->spec.nodeName == now.spec.nodeName && before->spec.volumes == now.spec.volumes)
            return;
        remove(event.key, *before);
    }
    add(event.key, now);
}

void PodIndex::add(const ObjectKey& key, const Pod& pod)
{
    if (const OwnerReference* owner = controllerOf(pod.metadata))
        m_byController[owner->uid].insert(key);
    else
        m_orphans[key.namespace_].insert(key);
    if (!pod.spec.nodeName.empty())
        m_byNode[pod.spec.nodeName].insert(key);
    for (const Volume& volume : pod.spec.volumes)
        if (volume.persistentVolumeClaim)
            m_byClaim[claimKey(key, volume)].insert(key);
}

void PodIndex::remove(const ObjectKey& key, const Pod& pod)
{
    const auto drop = [&](std::map<std::string, Keys>& map, const std::string& group) {
        const auto it = map.find(group);
        if (it == map.end())
            return;
        it->second.erase(key);
        if (it->second.empty())
            map.erase(it);
    };
    if (const OwnerReference* owner = controllerOf(pod.metadata))
        drop(m_byController, owner->uid);
    else
        drop(m_orphans, key.namespace_);
    if (!pod.spec.nodeName.empty())
        drop(m_byNode, pod.spec.nodeName);
    for (const Volume& volume : pod.spec.volumes)
        if (volume.persistentVolumeClaim)
            drop(m_byClaim, claimKey(key, volume));
}

const PodIndex::Keys& PodIndex::find(const std::map<std::string, Keys>& map, const std::string& key)
{
    static const Keys kNone;
    const auto it = map.find(key);
    return it == map.end() ? kNone : it->second;
}

} // namespace sim::kube
