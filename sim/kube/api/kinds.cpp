#include "sim/kube/api/kinds.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace sim::kube {

namespace {

// Names as `kubectl api-resources` of v1.33 lists them, in the order of AllKinds.
std::vector<KindInfo> buildKinds()
{
    using namespace std::string_view_literals;
    std::vector<KindInfo> kinds = {
        {kindIdOf<Namespace>, ""sv, "v1"sv, "Namespace"sv, "namespaces"sv, "namespace"sv, {"ns"sv}, false},
        {kindIdOf<Node>, ""sv, "v1"sv, "Node"sv, "nodes"sv, "node"sv, {"no"sv}, false},
        {kindIdOf<Pod>, ""sv, "v1"sv, "Pod"sv, "pods"sv, "pod"sv, {"po"sv}, true},
        {kindIdOf<Service>, ""sv, "v1"sv, "Service"sv, "services"sv, "service"sv, {"svc"sv}, true},
        {kindIdOf<Endpoints>, ""sv, "v1"sv, "Endpoints"sv, "endpoints"sv, "endpoints"sv, {"ep"sv}, true},
        {kindIdOf<ConfigMap>, ""sv, "v1"sv, "ConfigMap"sv, "configmaps"sv, "configmap"sv, {"cm"sv}, true},
        {kindIdOf<Secret>, ""sv, "v1"sv, "Secret"sv, "secrets"sv, "secret"sv, {}, true},
        {kindIdOf<ServiceAccount>, ""sv, "v1"sv, "ServiceAccount"sv, "serviceaccounts"sv, "serviceaccount"sv,
         {"sa"sv}, true},
        {kindIdOf<KubeEvent>, ""sv, "v1"sv, "Event"sv, "events"sv, "event"sv, {"ev"sv}, true},
        {kindIdOf<Deployment>, "apps"sv, "v1"sv, "Deployment"sv, "deployments"sv, "deployment"sv, {"deploy"sv}, true},
        {kindIdOf<ReplicaSet>, "apps"sv, "v1"sv, "ReplicaSet"sv, "replicasets"sv, "replicaset"sv, {"rs"sv}, true},
        {kindIdOf<DaemonSet>, "apps"sv, "v1"sv, "DaemonSet"sv, "daemonsets"sv, "daemonset"sv, {"ds"sv}, true},
        {kindIdOf<EndpointSlice>, "discovery.k8s.io"sv, "v1"sv, "EndpointSlice"sv, "endpointslices"sv,
         "endpointslice"sv, {}, true},
        {kindIdOf<Lease>, "coordination.k8s.io"sv, "v1"sv, "Lease"sv, "leases"sv, "lease"sv, {}, true},
    };
    FL_ASSERT(kinds.size() == kKindCount);
    for (std::size_t i = 0; i < kinds.size(); ++i)
        FL_ASSERT(kinds[i].id == i);
    return kinds;
}

const std::vector<KindInfo>& kinds()
{
    static const std::vector<KindInfo> table = buildKinds();
    return table;
}

std::string lowered(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool hasName(const KindInfo& info, std::string_view name)
{
    return name == info.plural || name == info.singular || name == lowered(info.kind)
        || std::find(info.shortNames.begin(), info.shortNames.end(), name) != info.shortNames.end();
}

} // namespace

std::string KindInfo::apiVersion() const
{
    return group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
}

std::string KindInfo::groupResource() const
{
    return group.empty() ? std::string(plural) : std::string(plural) + "." + std::string(group);
}

const KindInfo& kindInfo(KindId id)
{
    FL_ASSERT(id < kKindCount);
    return kinds()[id];
}

const KindInfo* findKind(std::string_view name)
{
    const std::string wanted = lowered(name);
    const std::size_t dot = wanted.find('.');
    const std::string_view resource = std::string_view(wanted).substr(0, dot);
    const bool qualified = dot != std::string::npos;
    const std::string_view rest = qualified ? std::string_view(wanted).substr(dot + 1) : std::string_view();
    for (const KindInfo& info : kinds()) {
        if (!hasName(info, resource))
            continue;
        if (!qualified || rest == info.group)
            return &info;
        // "deployments.v1.apps"; for the core group "pods.v1." and "pods.v1".
        const std::string versioned = std::string(info.version) + "." + std::string(info.group);
        if (rest == versioned || (info.group.empty() && rest == info.version))
            return &info;
    }
    return nullptr;
}

} // namespace sim::kube
