#include "sim/engine/base64.h"
#include "sim/kube/kubelet/kubelet.h"

#include <fmt/format.h>

// What a container is started with: environment, mounted ConfigMaps and Secrets, devices.
namespace sim::kube {

namespace {

std::string fieldOf(const PodWork& work, const std::string& node, const std::string& path)
{
    const Pod& pod = *work.pod;
    if (path == "metadata.name") return pod.metadata.name;
    if (path == "metadata.namespace") return pod.metadata.namespace_;
    if (path == "metadata.uid") return pod.metadata.uid;
    if (path == "spec.nodeName") return node;
    if (path == "status.podIP") return work.address ? work.address->text() : pod.status.podIP;
    if (path == "status.hostIP") return pod.status.hostIP;
    return {};
}

/// Path in the volume and key: those of `items`, or a file for each key.
std::map<std::string, std::string> pathsOf(const StringMap& data, const std::vector<KeyToPath>& items)
{
    std::map<std::string, std::string> paths;
    if (items.empty())
        for (const auto& [key, value] : data)
            paths.emplace(key, key);
    for (const KeyToPath& item : items)
        if (data.count(item.key) != 0)
            paths.emplace(item.path, item.key);
    return paths;
}

} // namespace

std::string Kubelet::environmentOf(KubeletContext& k, const PodWork& work, const Container& spec,
                                   std::map<std::string, std::string>& environment) const
{
    const std::string& space = work.pod->metadata.namespace_;
    environment["HOSTNAME"] = work.pod->metadata.name;
    if (k.client == nullptr)
        return work.isStatic ? std::string() : "the API server does not answer";
    for (const EnvFromSource& source : spec.envFrom) {
        if (source.configMapRef) {
            const auto map = k.client->store.get<ConfigMap>({space, source.configMapRef->name});
            if (!map && !source.configMapRef->optional.value_or(false))
                return fmt::format("configmap \"{}\" not found", source.configMapRef->name);
            if (map)
                for (const auto& [key, value] : map->data)
                    environment[source.prefix + key] = value;
        }
        if (source.secretRef) {
            const auto secret = k.client->store.get<Secret>({space, source.secretRef->name});
            if (!secret && !source.secretRef->optional.value_or(false))
                return fmt::format("secret \"{}\" not found", source.secretRef->name);
            if (secret)
                for (const auto& [key, value] : secret->data)
                    environment[source.prefix + key] = decodeBase64(value).value_or("");
        }
    }
    for (const EnvVar& variable : spec.env) {
        if (!variable.valueFrom) {
            environment[variable.name] = variable.value;
            continue;
        }
        const EnvVarSource& from = *variable.valueFrom;
        if (from.fieldRef)
            environment[variable.name] = fieldOf(work, m_node, from.fieldRef->fieldPath);
        if (from.configMapKeyRef) {
            const KeyRef& ref = *from.configMapKeyRef;
            const auto map = k.client->store.get<ConfigMap>({space, ref.name});
            if (!map && !ref.optional.value_or(false))
                return fmt::format("configmap \"{}\" not found", ref.name);
            if (map && map->data.count(ref.key) == 0 && !ref.optional.value_or(false))
                return fmt::format("couldn't find key {} in ConfigMap {}/{}", ref.key, space, ref.name);
            if (map && map->data.count(ref.key) > 0)
                environment[variable.name] = map->data.at(ref.key);
        }
        if (from.secretKeyRef) {
            const KeyRef& ref = *from.secretKeyRef;
            const auto secret = k.client->store.get<Secret>({space, ref.name});
            if (!secret && !ref.optional.value_or(false))
                return fmt::format("secret \"{}\" not found", ref.name);
            if (secret && secret->data.count(ref.key) == 0 && !ref.optional.value_or(false))
                return fmt::format("couldn't find key {} in Secret {}/{}", ref.key, space, ref.name);
            if (secret && secret->data.count(ref.key) > 0)
                environment[variable.name] = decodeBase64(secret->data.at(ref.key)).value_or("");
        }
    }
    return {};
}

std::map<std::string, std::string> Kubelet::filesOf(KubeletContext& k, const PodWork& work, const Container& spec) const
{
    std::map<std::string, std::string> files;
    if (k.client == nullptr)
        return files;
    const std::string& space = work.pod->metadata.namespace_;
    for (const VolumeMount& mount : spec.volumeMounts)
        for (const Volume& volume : work.pod->spec.volumes) {
            if (volume.name != mount.name)
                continue;
            const auto addMap = [&](const std::string& name, const std::vector<KeyToPath>& items) {
                if (const auto map = k.client->store.get<ConfigMap>({space, name}))
                    for (const auto& [path, key] : pathsOf(map->data, items))
                        files[mount.mountPath + "/" + path] = map->data.at(key);
            };
            const auto addSecret = [&](const std::string& name, const std::vector<KeyToPath>& items) {
                if (const auto secret = k.client->store.get<Secret>({space, name}))
                    for (const auto& [path, key] : pathsOf(secret->data, items))
                        files[mount.mountPath + "/" + path] = decodeBase64(secret->data.at(key)).value_or("");
            };
            if (volume.configMap)
                addMap(volume.configMap->name, volume.configMap->items);
            if (volume.secret)
                addSecret(volume.secret->secretName, volume.secret->items);
            if (!volume.projected)
                continue;
            for (const VolumeProjection& source : volume.projected->sources) {
                if (source.configMap)
                    addMap(source.configMap->name, source.configMap->items);
                if (source.secret)
                    addSecret(source.secret->name, source.secret->items);
                for (const DownwardApiItem& item : source.downwardAPI.value_or(DownwardApiProjection{}).items)
                    if (item.fieldRef)
                        files[mount.mountPath + "/" + item.path] = fieldOf(work, m_node, item.fieldRef->fieldPath);
            }
        }
    return files;
}

void Kubelet::refreshMounts(KubeletContext& k)
{
    // A pod's mounts are looked at once a minute (syncFrequency), on each node at another moment. Asked every 10 s.
    constexpr std::int64_t kTurns = 6;
    const std::int64_t turn = k.now().time_since_epoch() / Duration(10s);
    if (k.client == nullptr || turn % kTurns != m_index % kTurns)
        return;
    for (auto& [uid, work] : m_pods)
        for (std::size_t i = 0; i < work.containers.size(); ++i)
            if (container::Container* running = k.context.runtimes.find(work.containers[i].id); running != nullptr)
                for (auto& [path, text] : filesOf(k, work, work.pod->spec.containers[i]))
                    running->files[path] = std::move(text);
}

std::string Kubelet::gpuHookError(KubeletContext& k, ContainerId container) const
{
    const gpu::Node* node = k.context.gpus.nodeOf(m_host);
    const container::Container* made = k.context.runtimes.find(container);
    if (node == nullptr || made == nullptr || !made->environment.contains("NVIDIA_VISIBLE_DEVICES"))
        return {};
    static constexpr const char* kHook = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start "
                                         "container process: error during container init: error running prestart hook #0: exit status 1, stdout: , stderr: Auto-detected "
                                         "mode as 'legacy'\nnvidia-container-cli: ";
    switch (gpu::nvmlStatus(node->driver, k.context.hosts.at(m_host))) {
    case gpu::NvmlStatus::Success: return {};
    case gpu::NvmlStatus::VersionMismatch: return std::string(kHook) + "initialization error: nvml error: driver/library version mismatch: unknown";
    case gpu::NvmlStatus::DriverNotLoaded: return std::string(kHook) + "initialization error: nvml error: driver not loaded: unknown";
    case gpu::NvmlStatus::LibraryNotFound: return std::string(kHook) + "initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory: unknown";
    }
    return {};
}

bool Kubelet::assignGpus(KubeletContext& k, const Container& spec, ContainerRecord& record, ContainerId container, std::map<std::string, std::string>& environment)
{
    const auto limit = spec.resources.limits.find("nvidia.com/gpu");
    if (limit == spec.resources.limits.end())
        return true;
    const std::int64_t wanted = limit->second.value();
    const auto unused = [&](GpuId id) {
        const gpu::Gpu& gpu = k.context.gpus.at(id);
        const container::Container* owner = gpu.owner.valid() ? k.context.runtimes.find(gpu.owner) : nullptr;
        return gpu.working() && (owner == nullptr || owner->state == container::Container::State::Exited);
    };
    // What a pod was given it keeps until it ends: its containers start again on devices that nobody else would get any more.
    std::vector<GpuId> free = record.gpus;
    if (free.empty() || !std::all_of(free.begin(), free.end(), unused)) {
        free.clear();
        if (k.context.gpus.offered(m_host).usable == 0)
            return wanted == 0;
        for (const GpuId id : k.context.gpus.of(m_host))
            if (k.context.gpus.at(id).healthy && unused(id))
                free.push_back(id);
    }
    if (static_cast<std::int64_t>(free.size()) < wanted)
        return false;
    free.resize(static_cast<std::size_t>(wanted));
    record.gpus = free;
    std::string devices;
    for (const GpuId id : free) {
        gpu::Gpu& gpu = k.context.gpus.at(id);
        gpu.owner = container;
        devices += (devices.empty() ? "" : ",") + gpu.card.uuid;
    }
    environment["NVIDIA_VISIBLE_DEVICES"] = devices;
    if (container::Container* made = k.context.runtimes.find(container))
        made->environment = environment;
    return true;
}

} // namespace sim::kube
