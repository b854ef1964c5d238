#include "core/shell/commands/kubectl/kustomize_resource.h"

#include "sim/engine/sha256.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace core::shell::kubectl {

namespace {

struct SelectorPlace {
    std::string_view kind;
    std::string_view path;
    bool create;
};

constexpr SelectorPlace kSelectors[] = {
    {"Service", "spec/selector", true},
    {"ReplicationController", "spec/selector", true},
    {"Deployment", "spec/selector/matchLabels", true},
    {"ReplicaSet", "spec/selector/matchLabels", true},
    {"DaemonSet", "spec/selector/matchLabels", true},
    {"StatefulSet", "spec/selector/matchLabels", true},
    {"Job", "spec/selector/matchLabels", false},
    {"CronJob", "spec/jobTemplate/spec/selector/matchLabels", false},
    {"PodDisruptionBudget", "spec/selector/matchLabels", false},
    {"NetworkPolicy", "spec/podSelector/matchLabels", false},
    {"NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false},
    {"NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false},
};

/// Of Deployments and StatefulSets, below their pod's spec: terms that mean the set's own pods.
constexpr std::string_view kPodTerms[] = {
    "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "topologySpreadConstraints/labelSelector/matchLabels",
};

/// A field that holds the name of an object of a kind; "pod:" paths are below a pod's spec, of any kind that has one.
struct ReferencePlace {
    std::string_view to;
    std::string_view from; ///< empty: any kind with pods
    std::string_view path;
};

constexpr ReferencePlace kReferences[] = {
    {"ConfigMap", "", "volumes/configMap/name"},
    {"ConfigMap", "", "containers/env/valueFrom/configMapKeyRef/name"},
    {"ConfigMap", "", "initContainers/env/valueFrom/configMapKeyRef/name"},
    {"ConfigMap", "", "containers/envFrom/configMapRef/name"},
    {"ConfigMap", "", "initContainers/envFrom/configMapRef/name"},
    {"ConfigMap", "", "volumes/projected/sources/configMap/name"},
    {"Secret", "", "volumes/secret/secretName"},
    {"Secret", "", "containers/env/valueFrom/secretKeyRef/name"},
    {"Secret", "", "initContainers/env/valueFrom/secretKeyRef/name"},
    {"Secret", "", "containers/envFrom/secretRef/name"},
    {"Secret", "", "initContainers/envFrom/secretRef/name"},
    {"Secret", "", "imagePullSecrets/name"},
    {"Secret", "", "volumes/projected/sources/secret/name"},
    {"ServiceAccount", "", "serviceAccountName"},
    {"PersistentVolumeClaim", "", "volumes/persistentVolumeClaim/claimName"},
    {"PriorityClass", "", "priorityClassName"},
    {"Deployment", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {"ReplicationController", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {"ReplicaSet", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {"StatefulSet", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {"Secret", "Ingress", "spec/tls/secretName"},
    {"Secret", "ServiceAccount", "imagePullSecrets/name"},
    {"Service", "StatefulSet", "spec/serviceName"},
    {"Service", "Ingress", "spec/rules/http/paths/backend/service/name"},
    {"Service", "Ingress", "spec/defaultBackend/service/name"},
    {"Service", "APIService", "spec/service/name"},
    {"Service", "ValidatingWebhookConfiguration", "webhooks/clientConfig/service/name"},
    {"Service", "MutatingWebhookConfiguration", "webhooks/clientConfig/service/name"},
    {"Role", "RoleBinding", "roleRef/name"},
    {"ClusterRole", "RoleBinding", "roleRef/name"},
    {"ClusterRole", "ClusterRoleBinding", "roleRef/name"},
    {"PersistentVolume", "PersistentVolumeClaim", "spec/volumeName"},
    {"StorageClass", "PersistentVolume", "spec/storageClassName"},
    {"StorageClass", "PersistentVolumeClaim", "spec/storageClassName"},
    {"StorageClass", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"},
    {"IngressClass", "Ingress", "spec/ingressClassName"},
};

constexpr std::string_view kFirstKinds[] = {
    "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy", "Role", "ClusterRole",
    "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service", "LimitRange", "PriorityClass", "PersistentVolume",
    "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob", "PodDisruptionBudget"};
constexpr std::string_view kLastKinds[] = {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"};

int rankOf(const std::string& kind)
{
    const auto first = std::find(std::begin(kFirstKinds), std::end(kFirstKinds), kind);
    if (first != std::end(kFirstKinds))
        return static_cast<int>(first - std::end(kFirstKinds));
    const auto last = std::find(std::begin(kLastKinds), std::end(kLastKinds), kind);
    return last == std::end(kLastKinds) ? 0 : static_cast<int>(last - std::begin(kLastKinds)) + 1;
}

std::string sortText(const KustomizedResource& resource)
{
    const auto orTilde = [](const std::string& text, const char* none) { return text.empty() ? std::string(none) : text; };
    return fmt::format("{}_{}_{}|{}|{}", orTilde(resource.group(), "~G"), orTilde(resource.version(), "~V"), resource.kind(),
                       orTilde(resource.nameSpace(), "~X"), resource.name());
}

void addEntries(Json& map, const Json& entries)
{
    if (map.is_object() && entries.is_object())
        map.update(entries);
}

/// The one object that a reference from `referrer` means; null when none does, or several.
const KustomizedResource* meantBy(const std::vector<KustomizedResource>& resources, const KustomizedResource& referrer, std::string_view kind,
                                  const std::string& name)
{
    const KustomizedResource* found = nullptr;
    for (const KustomizedResource& one : resources) {
        if (one.kind() != kind || !one.isCalled(name) || (!one.nameSpace().empty() && !referrer.nameSpace().empty() && one.nameSpace() != referrer.nameSpace()))
            continue;
        if (found != nullptr && found->name() != one.name())
            return nullptr;
        found = &one;
    }
    return found;
}

/// Subjects of a binding name an account together with its namespace.
void fixSubjects(const std::vector<KustomizedResource>& resources, Json& binding)
{
    visitPath(binding, "subjects", false, [&](Json& subject) {
        if (!subject.is_object() || textAt(subject, {"kind"}) != "ServiceAccount")
            return;
        for (const KustomizedResource& one : resources)
            if (one.kind() == "ServiceAccount" && one.isCalled(textAt(subject, {"name"}))) {
                subject["name"] = one.name();
                if (!one.nameSpace().empty())
                    subject["namespace"] = one.nameSpace();
                return;
            }
    });
}

} // namespace

std::string KustomizedResource::group() const
{
    const std::string apiVersion = textAt(object, {"apiVersion"});
    const std::size_t slash = apiVersion.find('/');
    return slash == std::string::npos ? std::string() : apiVersion.substr(0, slash);
}

std::string KustomizedResource::version() const
{
    const std::string apiVersion = textAt(object, {"apiVersion"});
    return apiVersion.substr(apiVersion.find('/') + 1); // npos + 1: all of it
}

std::string KustomizedResource::id() const
{
    const auto orElse = [](std::string text, const char* none) { return text.empty() ? std::string(none) : text; };
    return fmt::format("{}.{}.{}/{}.{}", kind(), orElse(version(), "[noVer]"), orElse(group(), "[noGrp]"), orElse(name(), "[noName]"),
                       orElse(nameSpace(), "[noNs]"));
}

bool KustomizedResource::isCalled(std::string_view text) const
{
    return name() == text || std::find(earlierNames.begin(), earlierNames.end(), text) != earlierNames.end();
}

void KustomizedResource::rename(std::string name)
{
    earlierNames.push_back(this->name());
    object["metadata"]["name"] = std::move(name);
}

void visitPath(Json& object, std::string_view path, bool create, const std::function<void(Json&)>& visit)
{
    if (object.is_array()) {
        for (Json& item : object)
            visitPath(item, path, create, visit);
        return;
    }
    if (path.empty()) {
        visit(object);
        return;
    }
    if (!object.is_object() && !(create && object.is_null()))
        return;
    const std::string key(path.substr(0, path.find('/')));
    const std::string_view rest = key.size() == path.size() ? std::string_view() : path.substr(key.size() + 1);
    if (!create && !object.contains(key))
        return;
    Json& below = object[key];
    if (below.is_null() && create)
        below = Json::object();
    visitPath(below, rest, create, visit);
}

std::string podSpecPath(std::string_view kind)
{
    constexpr std::array<std::string_view, 6> kWithTemplate{"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "ReplicationController"};
    if (kind == "Pod")
        return "spec";
    if (kind == "CronJob")
        return "spec/jobTemplate/spec/template/spec";
    return std::find(kWithTemplate.begin(), kWithTemplate.end(), kind) == kWithTemplate.end() ? "" : "spec/template/spec";
}

namespace {

/// The metadata of templates inside an object: a pod's, and of a CronJob the Job's.
void visitTemplates(KustomizedResource& resource, const char* part, const std::function<void(Json&)>& visit)
{
    const std::string kind = resource.kind();
    const std::string pods = podSpecPath(kind);
    if (kind == "CronJob")
        visitPath(resource.object, fmt::format("spec/jobTemplate/metadata/{}", part), true, visit);
    if (!pods.empty() && kind != "Pod")
        visitPath(resource.object, pods.substr(0, pods.rfind('/')) + "/metadata/" + part, true, visit);
}

} // namespace

void addLabels(KustomizedResource& resource, const Json& labels, LabelReach reach)
{
    if (labels.empty())
        return;
    const auto add = [&](Json& map) { addEntries(map, labels); };
    const std::string kind = resource.kind();
    if (reach == LabelReach::Selectors) {
        for (const SelectorPlace& place : kSelectors)
            if (place.kind == kind)
                visitPath(resource.object, place.path, place.create, add);
        if (kind == "Deployment" || kind == "StatefulSet")
            for (const std::string_view term : kPodTerms)
                visitPath(resource.object, podSpecPath(kind) + "/" + std::string(term), false, add);
        if (kind == "StatefulSet")
            visitPath(resource.object, "spec/volumeClaimTemplates", false, [&](Json& claim) { visitPath(claim, "metadata/labels", true, add); });
    }
    visitPath(resource.object, "metadata/labels", true, add);
    if (reach != LabelReach::Metadata)
        visitTemplates(resource, "labels", add);
}

void addAnnotations(KustomizedResource& resource, const Json& annotations)
{
    if (annotations.empty())
        return;
    const auto add = [&](Json& map) { addEntries(map, annotations); };
    visitPath(resource.object, "metadata/annotations", true, add);
    visitTemplates(resource, "annotations", add);
}

void fixReferences(std::vector<KustomizedResource>& resources)
{
    for (KustomizedResource& resource : resources) {
        const std::string kind = resource.kind();
        const std::string pods = podSpecPath(kind);
        for (const ReferencePlace& place : kReferences) {
            if (place.from.empty() ? pods.empty() : place.from != kind)
                continue;
            // A reference may belong to objects of other kinds as well: its own says which.
            const auto ownKind = [&](const std::string& path) {
                const std::string around = path.substr(0, path.rfind('/'));
                std::string found;
                if (around == "roleRef" || around == "spec/scaleTargetRef")
                    visitPath(resource.object, around + "/kind", false, [&](Json& value) { found = value.is_string() ? value.get<std::string>() : ""; });
                return found;
            };
            const std::string path = (place.from.empty() ? pods + "/" : std::string()) + std::string(place.path);
            if (const std::string own = ownKind(path); !own.empty() && own != place.to)
                continue;
            visitPath(resource.object, path, false, [&](Json& value) {
                if (!value.is_string())
                    return;
                if (const KustomizedResource* meant = meantBy(resources, resource, place.to, value.get<std::string>()))
                    value = meant->name();
            });
        }
        if (kind == "RoleBinding" || kind == "ClusterRoleBinding")
            fixSubjects(resources, resource.object);
    }
}

std::string contentHash(const Json& object)
{
    // kustomize looks the name up under a key that no object has, so it is always empty.
    const bool secret = textAt(object, {"kind"}) == "Secret";
    Json content{{"kind", secret ? "Secret" : "ConfigMap"}, {"name", ""}, {"data", ""}};
    if (object.contains("data"))
        content["data"] = object.at("data");
    if (secret)
        content["type"] = textAt(object, {"type"});
    else if (object.contains("binaryData"))
        content["binaryData"] = object.at("binaryData");
    std::string hex;
    for (const std::uint8_t byte : sim::sha256(compactJson(content)))
        hex += fmt::format("{:02x}", byte);
    hex.resize(10);
    constexpr std::string_view kDigits = "013ae"; // those that could make a word
    constexpr std::string_view kLetters = "ghkmt";
    for (char& c : hex)
        if (const std::size_t at = kDigits.find(c); at != std::string_view::npos)
            c = kLetters[at];
    return hex;
}

void sortForOutput(std::vector<KustomizedResource>& resources)
{
    std::stable_sort(resources.begin(), resources.end(), [](const KustomizedResource& a, const KustomizedResource& b) {
        const int first = rankOf(a.kind());
        const int second = rankOf(b.kind());
        return first != second ? first < second : sortText(a) < sortText(b);
    });
}

} // namespace core::shell::kubectl
