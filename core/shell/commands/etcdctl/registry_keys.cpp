#include "core/shell/commands/etcdctl/registry_keys.h"

#include <algorithm>
#include <array>
#include <map>

namespace core::shell::etcd {

namespace {

using namespace sim::kube;

/// pkg/registry: most groups lie beside the core; those below have a folder of their own, or another name.
std::string folderOf(const KindInfo& info)
{
    static const std::map<std::string, std::string, std::less<>> kRenamed{
        {"nodes", "minions"}, {"services", "services/specs"}, {"endpoints", "services/endpoints"}, {"ingresses", "ingress"},
        {"customresourcedefinitions", "apiextensions.k8s.io/customresourcedefinitions"}};
    const auto renamed = kRenamed.find(info.plural);
    return "/registry/" + (renamed == kRenamed.end() ? std::string(info.plural) : renamed->second) + "/";
}

} // namespace

std::vector<RegistryKey> registryKeys(const Store& store, const std::string& prefix)
{
    std::vector<RegistryKey> keys;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, AllKinds>>([&](auto kind) {
        using T = typename decltype(kind)::type;
        const std::string folder = folderOf(kindInfo(kindIdOf<T>));
        for (const auto& [key, object] : store.all<T>()) {
            std::string path = folder;
            if constexpr (std::is_same_v<T, CustomObject>)
                path = "/registry/" + object->group + "/" + object->plural + "/";
            path += key.namespace_.empty() ? object->metadata.name : key.namespace_ + "/" + object->metadata.name;
            if (path.compare(0, prefix.size(), prefix) == 0)
                keys.push_back({std::move(path), kindIdOf<T>, object});
        }
    });
    std::sort(keys.begin(), keys.end(), [](const RegistryKey& a, const RegistryKey& b) { return a.key < b.key; });
    return keys;
}

} // namespace core::shell::etcd
