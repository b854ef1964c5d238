#include "sim/kube/api/admission.h"

#include "sim/kube/api/authorizer.h"
#include "sim/kube/api/limit_ranges.h"
#include "sim/kube/api/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

// plugin/pkg/admission/{namespace/lifecycle,serviceaccount,priority,limitranger}, pkg/registry/rbac/escalation_check.go.
namespace sim::kube {

namespace {

constexpr const char* kMirrorPod = "kubernetes.io/config.mirror";
constexpr const char* kRbac = "rbac.authorization.k8s.io";
constexpr std::int64_t kFirstNodePort = 30000;
constexpr std::int64_t kLastNodePort = 32767;

std::string podRefusal(const Store& store, const Pod& pod)
{
    if (pod.metadata.annotations.count(kMirrorPod) != 0)
        return {};
    const std::string& account = pod.spec.serviceAccountName;
    // The default account is waited for: its controller makes it as soon as the namespace is there.
    if (!account.empty() && account != "default" && !store.get<ServiceAccount>({pod.metadata.namespace_, account}))
        return fmt::format("error looking up service account {}/{}: serviceaccount \"{}\" not found", pod.metadata.namespace_, account, account);
    const std::string& priority = pod.spec.priorityClassName;
    const bool builtIn = priority == "system-node-critical" || priority == "system-cluster-critical";
    const auto known = store.get<PriorityClass>({"", priority});
    if (!priority.empty() && !builtIn && !known)
        return fmt::format("no PriorityClass with name {} was found", priority);
    if (pod.spec.priority) {
        const std::int64_t computed = known ? known->value.value : priority == "system-node-critical" ? 2000001000
            : priority == "system-cluster-critical" ? 2000000000 : 0;
        if (*pod.spec.priority != computed)
            return fmt::format("the integer value of priority ({}) must not be provided in pod spec; priority admission controller computed {} "
                               "from the given PriorityClass name", *pod.spec.priority, computed);
    }
    return {};
}

bool mayAct(const Store& store, const Request& request, const KindInfo& info, const std::string& verb, const std::string& name)
{
    Attributes asked;
    asked.user = request.user;
    asked.groups = request.groups;
    asked.verb = verb;
    asked.group = kRbac;
    asked.resource = info.plural;
    asked.namespace_ = request.namespace_;
    asked.name = name;
    return authorize(store, asked).allowed;
}

std::string quotedGroups(const std::vector<std::string>& groups)
{
    std::string text;
    for (const std::string& group : groups)
        text += fmt::format("{}\"{}\"", text.empty() ? "" : " ", group);
    return text;
}

bool inServiceRange(const std::string& address)
{
    unsigned parts[4] = {};
    char rest = 0;
    if (std::sscanf(address.c_str(), "%u.%u.%u.%u%c", &parts[0], &parts[1], &parts[2], &parts[3], &rest) != 4)
        return false;
    return parts[0] == 10 && parts[1] >= 96 && parts[1] < 112; // 10.96.0.0/12
}

} // namespace

std::optional<Response> namespaceRefusal(const Store& store, const KindInfo& info, const std::string& namespace_, const std::string& name)
{
    const auto space = store.get<Namespace>({"", namespace_});
    if (!space)
        return notFound(kindInfo(kindIdOf<Namespace>), namespace_);
    if (!space->metadata.deletionTimestamp)
        return std::nullopt;
    Response refusal = forbidden(info, name, fmt::format("unable to create new content in namespace {} because it is being terminated", namespace_));
    refusal.body["details"]["causes"] = nlohmann::json::array(
        {{{"reason", "NamespaceTerminating"}, {"message", fmt::format("namespace {} is being terminated", namespace_)}, {"field", "metadata.namespace"}}});
    return refusal;
}

std::string mutatingRefusal(const Store& store, KindId kind, void* object)
{
    if (kind != kindIdOf<Pod>)
        return {};
    Pod& pod = *static_cast<Pod*>(object);
    applyLimitRanges(pod, store);
    return podRefusal(store, pod);
}

std::string validatingRefusal(const Store& store, KindId kind, const void* object)
{
    if (kind == kindIdOf<Pod>)
        return limitRangeRefusal(*static_cast<const Pod*>(object), store);
    if (kind == kindIdOf<PersistentVolumeClaim>)
        return limitRangeRefusal(*static_cast<const PersistentVolumeClaim*>(object), store);
    return {};
}

std::optional<Response> escalationRefusal(const Store& store, const Request& request, const KindInfo& info, const void* object,
                                          const std::string& name)
{
    if (std::find(request.groups.begin(), request.groups.end(), kMastersGroup) != request.groups.end())
        return std::nullopt;
    std::vector<PolicyRule> wanted;
    std::string verb = "escalate";
    const KindInfo* asked = &info;
    std::string target = name;
    if (info.id == kindIdOf<Role>) {
        wanted = static_cast<const Role*>(object)->rules;
    } else if (info.id == kindIdOf<ClusterRole>) {
        wanted = static_cast<const ClusterRole*>(object)->rules;
    } else if (info.id == kindIdOf<RoleBinding> || info.id == kindIdOf<ClusterRoleBinding>) {
        const RoleRef& role = info.id == kindIdOf<RoleBinding> ? static_cast<const RoleBinding*>(object)->roleRef
                                                               : static_cast<const ClusterRoleBinding*>(object)->roleRef;
        wanted = rulesOfRole(store, role, request.namespace_);
        verb = "bind";
        asked = &kindInfo(role.kind.value == "Role" ? kindIdOf<Role> : kindIdOf<ClusterRole>);
        target = role.name.value;
    } else {
        return std::nullopt;
    }
    if (mayAct(store, request, *asked, verb, target))
        return std::nullopt;
    const std::string missing = notCovered(wanted, rulesOf(store, request.user, request.groups, request.namespace_));
    if (missing.empty())
        return std::nullopt;
    return forbidden(info, name, fmt::format("user \"{}\" (groups=[{}]) is attempting to grant RBAC permissions not currently held:\n{}",
                                             request.user, quotedGroups(request.groups), missing));
}

FieldErrors allocationErrors(const Store& store, const Service& service)
{
    FieldErrors errors;
    const ObjectKey own = keyOf(service);
    const std::string& address = service.spec.clusterIP;
    if (!address.empty() && address != "None") {
        if (!inServiceRange(address))
            errors.invalidDump("spec.clusterIPs", goDump(std::vector<std::string>{address}),
                               fmt::format("failed to allocate IP {}: the provided network does not match the current range", address));
        for (const auto& [key, other] : store.all<Service>())
            if (key != own && other->spec.clusterIP == address)
                errors.invalidDump("spec.clusterIPs", goDump(std::vector<std::string>{address}),
                                   fmt::format("failed to allocate IP {}: provided IP is already allocated", address));
    }
    for (std::size_t i = 0; i < service.spec.ports.size(); ++i) {
        const std::int64_t port = service.spec.ports[i].nodePort;
        const std::string at = fmt::format("spec.ports[{}].nodePort", i);
        if (port == 0)
            continue;
        if (port < kFirstNodePort || port > kLastNodePort) {
            errors.invalid(at, port, "provided port is not in the valid range. The range of valid ports is 30000-32767");
            continue;
        }
        for (const auto& [key, other] : store.all<Service>())
            if (key != own && std::any_of(other->spec.ports.begin(), other->spec.ports.end(), [&](const ServicePort& one) {
                    return one.nodePort == port && one.protocol == service.spec.ports[i].protocol;
                }))
                errors.invalid(at, port, "provided port is already allocated");
    }
    return errors;
}

} // namespace sim::kube
