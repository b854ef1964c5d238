#include "sim/kube/api/defaults.h"
#include "sim/kube/api/json.h"
#include "sim/kube/api/yaml.h"
#include "sim/kube/kubelet/kubelet.h"

#include <fmt/format.h>

#include <set>

// Pods from files on the machine, and their mirrors in the API (pkg/kubelet/config/file.go, pod/mirror_client.go).
namespace sim::kube {

namespace {

constexpr std::string_view kFolder = "/etc/kubernetes/manifests/";

std::string uidFrom(std::uint64_t hash)
{
    return fmt::format("{:016x}{:016x}", hash, hash * 0x9e3779b97f4a7c15ULL);
}

} // namespace

void Kubelet::readStaticPods(KubeletContext& k)
{
    const host::Machine& machine = k.context.hosts.at(m_host);
    std::set<std::string> present;
    for (auto it = machine.files.lower_bound(std::string(kFolder)); it != machine.files.end() && it->first.rfind(kFolder, 0) == 0; ++it) {
        if (it->second->type != host::File::Type::Regular)
            continue;
        Fingerprint f;
        f.add(it->first);
        f.add(it->second->content);
        f.add(m_node);
        const std::string uid = uidFrom(f.value());
        const auto known = m_staticHashes.find(it->first);
        if (known != m_staticHashes.end() && known->second == uid) {
            present.insert(uid);
            continue;
        }
        const auto documents = parseYaml(it->second->content);
        if (!documents || documents->size() != 1 || !documents->front().is_object()) {
            log(k, 'E', "file.go:187", fmt::format("\"Could not process manifest file\" err=\"{}: couldn't parse as pod(yaml), please check "
                                                   "config file\" path=\"{}\"", it->first, it->first));
            continue;
        }
        DecodeProblems problems;
        auto pod = std::make_shared<Pod>(decode<Pod>(documents->front(), problems));
        if (!problems.fatal.empty() || pod->spec.containers.empty())
            continue;
        pod->metadata.uid = uid;
        pod->metadata.name += "-" + m_node;
        if (pod->metadata.namespace_.empty())
            pod->metadata.namespace_ = "default";
        pod->metadata.annotations[kConfigSourceAnnotation] = "file";
        pod->metadata.annotations[kConfigHashAnnotation] = uid;
        pod->spec.nodeName = m_node;
        applyDefaults(*pod);
        pod->status.phase = kPodPending;
        m_staticHashes[it->first] = uid;
        present.insert(uid);
        wake(k, adopt(k, pod, true), 1ms);
    }
    for (auto it = m_staticHashes.begin(); it != m_staticHashes.end();)
        it = present.count(it->second) > 0 ? std::next(it) : m_staticHashes.erase(it);
    for (auto& [uid, work] : m_pods)
        if (work.isStatic && present.count(uid) == 0 && !work.terminating) {
            work.terminating = true;
            wake(k, work, 1ms);
        }
}

void Kubelet::mirror(KubeletContext& k, PodWork& work)
{
    const ObjectKey key = keyOf(work.pod->metadata);
    const auto stored = k.client->store.get<Pod>(key);
    if (stored && stored->metadata.annotations.count(kConfigHashAnnotation) > 0
        && stored->metadata.annotations.at(kConfigHashAnnotation) == work.pod->metadata.uid)
        return;
    if (stored) {
        k.client->store.remove<Pod>(key, k.now(), 0);
        return; // the next look makes it anew
    }
    if (!k.client->store.get<Namespace>({"", key.namespace_}))
        return;
    Pod mirrored = *work.pod;
    mirrored.metadata.uid.clear();
    mirrored.metadata.resourceVersion.clear();
    mirrored.metadata.annotations[kMirrorPodAnnotation] = work.pod->metadata.uid;
    if (const auto node = k.client->store.get<Node>({"", m_node})) {
        OwnerReference owner;
        owner.apiVersion = "v1";
        owner.kind = "Node";
        owner.name = m_node;
        owner.uid = node->metadata.uid;
        owner.controller = true;
        mirrored.metadata.ownerReferences = {owner};
    }
    admitNew(mirrored, k.client->store, k.client->random(kIdentityStream));
    k.client->store.create(std::move(mirrored), k.now(), k.client->random(kIdentityStream));
    work.statusOwed = true;
}

} // namespace sim::kube
