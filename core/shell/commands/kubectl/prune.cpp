#include "core/shell/commands/kubectl/prune.h"

#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/klog.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

// kubectl/pkg/util/prune/prune.go, pkg/cmd/apply/prune.go.
namespace core::shell::kubectl {

namespace {

constexpr std::pair<std::string_view, std::string_view> kUsualKinds[] = {
    {"v1", "ConfigMap"}, {"v1", "Endpoints"}, {"v1", "PersistentVolumeClaim"}, {"v1", "Pod"}, {"v1", "Secret"}, {"v1", "Service"},
    {"batch/v1", "Job"}, {"batch/v1", "CronJob"}, {"networking.k8s.io/v1", "Ingress"}, {"apps/v1", "DaemonSet"}, {"apps/v1", "Deployment"},
    {"apps/v1", "ReplicaSet"}, {"apps/v1", "StatefulSet"}, {"v1", "Namespace"}, {"v1", "PersistentVolume"}};

std::optional<sim::kube::Response> pruneKind(Call& call, const ResourceKind& kind, const std::string& space, const Applied& applied,
                                             const std::function<void(const ResourceKind&, const Json&)>& pruned)
{
    const auto items = call.client.list(kind, space, {call.flags.text("selector"), {}});
    if (const auto* refused = std::get_if<sim::kube::Response>(&items))
        return *refused;
    for (const Json& item : std::get<std::vector<Json>>(items)) {
        if (textAt(item, {"metadata", "annotations", kLastAppliedAnnotation}).empty() || applied.uids.contains(textAt(item, {"metadata", "uid"})))
            continue;
        if (!call.clientDryRun()) {
            auto request = call.client.request(sim::kube::Verb::Delete, kind, space, textAt(item, {"metadata", "name"}));
            request.dryRun = call.serverDryRun();
            request.propagationPolicy = "Background";
            if (auto response = call.client.write(std::move(request)); !succeeded(response))
                return response;
        }
        pruned(kind, item);
    }
    return std::nullopt;
}

} // namespace

std::optional<std::vector<const ResourceKind*>> kindsToPrune(Call& call)
{
    std::vector<const ResourceKind*> kinds;
    for (const std::string& word : call.flags.list("prune-allowlist")) {
        const auto parts = sim::split(word, '/');
        if (parts.size() != 3) {
            call.fail(fmt::format("invalid GroupVersionKind format: {}, please follow <group/version/kind>", word));
            return std::nullopt;
        }
        const std::string version = parts[0].empty() || parts[0] == "core" ? parts[1] : parts[0] + "/" + parts[1];
        const ResourceKind* kind = call.client.find(version, parts[2]);
        if (kind == nullptr) {
            call.fail(fmt::format("no matches for kind \"{}\" in version \"{}\"", parts[2], version));
            return std::nullopt;
        }
        kinds.push_back(kind);
    }
    if (!kinds.empty())
        return kinds;
    for (const auto& [version, kind] : kUsualKinds)
        kinds.push_back(call.client.find(version, kind));
    return kinds;
}

std::optional<sim::kube::Response> prune(Call& call, const std::vector<const ResourceKind*>& kinds, const Applied& applied,
                                         const std::function<void(const ResourceKind&, const Json&)>& pruned)
{
    if (!call.flags.given("prune-allowlist"))
        call.err(klogLine(call, 'W', "prune.go:71",
                          "Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a "
                          "future release. To preserve the current behaviour, list the resources you want to target explicitly in the "
                          "--prune-allowlist flag."));
    for (const std::string& space : applied.namespaces)
        for (const ResourceKind* kind : kinds)
            if (kind->namespaced)
                if (auto refused = pruneKind(call, *kind, space, applied, pruned))
                    return refused;
    for (const ResourceKind* kind : kinds)
        if (!kind->namespaced)
            if (auto refused = pruneKind(call, *kind, {}, applied, pruned))
                return refused;
    return std::nullopt;
}

} // namespace core::shell::kubectl
