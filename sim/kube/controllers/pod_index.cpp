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
        if (!(before->spec.volumes == now.spec.volumes)) {
            remove(event.key, *before);
            add(event.key, now);
            return;
        }
        if (!sameOwner) {
            removeFromOwner(event.key, *before);
            addToOwner(event.key, now);
        }
        if (before->spec.nodeName != now.spec.nodeName) {
            removeFromNode(event.key, *before);
            addToNode(event.key, now);
        }
        return;
    }
    add(event.key, now);
}

void PodIndex::addToOwner(const ObjectKey& key, const Pod& pod)
{
    if (const OwnerReference* owner = controllerOf(pod.metadata))
        m_byController[owner->uid].insert(key);
    else
        m_orphans[key.namespace_].insert(key);
}

void PodIndex::removeFromOwner(const ObjectKey& key, const Pod& pod)
{
    if (const OwnerReference* owner = controllerOf(pod.metadata))
        drop(m_byController, owner->uid, key);
    else
        drop(m_orphans, key.namespace_, key);
}

void PodIndex::addToNode(const ObjectKey& key, const Pod& pod)
{
    if (!pod.spec.nodeName.empty())
        m_byNode[pod.spec.nodeName].insert(key);
}

void PodIndex::removeFromNode(const ObjectKey& key, const Pod& pod)
{
    if (!pod.spec.nodeName.empty())
        drop(m_byNode, pod.spec.nodeName, key);
}

void PodIndex::add(const ObjectKey& key, const Pod& pod)
{
    addToOwner(key, pod);
    addToNode(key, pod);
    for (const Volume& volume : pod.spec.volumes)
        if (volume.persistentVolumeClaim)
            m_byClaim[claimKey(key, volume)].insert(key);
}

void PodIndex::remove(const ObjectKey& key, const Pod& pod)
{
    removeFromOwner(key, pod);
    removeFromNode(key, pod);
    for (const Volume& volume : pod.spec.volumes)
        if (volume.persistentVolumeClaim)
            drop(m_byClaim, claimKey(key, volume), key);
}

void PodIndex::drop(Groups& groups, const std::string& name, const ObjectKey& key)
{
    const auto it = groups.find(name);
    if (it == groups.end())
        return;
    it->second.erase(key);
    if (it->second.empty())
        groups.erase(it);
}

const PodIndex::Keys& PodIndex::find(const Groups& groups, const std::string& name)
{
    static const Keys kNone;
    const auto it = groups.find(name);
    return it == groups.end() ? kNone : it->second;
}

} // namespace sim::kube
