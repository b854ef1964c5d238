#include "sim/faults/stuck_terminating.h"

#include "sim/faults/checkout_release.h"
#include "sim/faults/requests.h"
#include "sim/host/signals.h"

#include <algorithm>

// Every cause begins with the same preview environment, which CI deletes. What stays behind differs: an object, a pod,
// or only the doubt whether there is something that could not be listed.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr const char* kPreview = "preview-42";
constexpr const char* kApp = "cart";
constexpr const char* kCartImage = "registry.lab:5000/shop/cart:3.1.0";
constexpr const char* kApiService = "v1beta1.custom.metrics.k8s.io";
constexpr const char* kAdapter = "metrics-adapter";
constexpr const char* kMonitoring = "monitoring";
constexpr std::int64_t kHours = 7200;
constexpr std::int64_t kMinutes = 900;

const Variants& stuckTerminatingVariants()
{
    static const Variants kVariants{
        {"orphaned-finalizer", {"custom-resource", "config-map"}},
        {"node-unreachable", {"kubelet-stopped", "powered-off"}},
        {"apiservice-unavailable", {"no-endpoints", "service-missing"}},
        {"long-grace", {"frozen", "pre-stop"}},
        {"no-fault", {"draining"}},
    };
    return kVariants;
}

/// How the programs of the preview end.
struct Ending {
    std::int64_t graceSeconds = 30;
    std::int64_t preStopSeconds = 0; ///< of a hook that only waits; 0: none
};

Ending endingOf(const Choice& choice)
{
    if (choice.is("pre-stop"))
        return {kHours, kHours - 60};
    if (choice.cause == "no-fault")
        return {kMinutes, kMinutes - 60};
    return {choice.cause == "long-grace" ? kHours : 30, 0};
}

void createPreview(Context& context, const Ending& ending)
{
    create(context, {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", kPreview}, {"labels", {{"team", "shop"}}}}}});
    if (const auto secret = context.cluster.store().get<kube::Secret>({kShop, "regcred"}))
        create(context, {{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", "regcred"}, {"namespace", kPreview}}},
                         {"type", "kubernetes.io/dockerconfigjson"},
                         {"data", {{".dockerconfigjson", secret->data.at(".dockerconfigjson")}}}});
    create(context, {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "preview-config"}, {"namespace", kPreview}}},
                     {"data", {{"BRANCH", "feature/gift-cards"}}}});
    json container{{"name", kApp}, {"image", kCartImage}, {"resources", {{"requests", {{"cpu", "100m"}, {"memory", "128Mi"}}}}},
                         {"readinessProbe", {{"httpGet", {{"path", "/healthz"}, {"port", 8080}}}, {"periodSeconds", 5}}}};
    if (ending.preStopSeconds > 0)
        container["lifecycle"]["preStop"]["sleep"]["seconds"] = ending.preStopSeconds;
    const json spread{{"maxSkew", 1}, {"topologyKey", "kubernetes.io/hostname"}, {"whenUnsatisfiable", "ScheduleAnyway"},
                      {"labelSelector", {{"matchLabels", {{"app", kApp}}}}}};
    const json pod{{"containers", json::array({container})}, {"terminationGracePeriodSeconds", ending.graceSeconds},
                   {"imagePullSecrets", json::array({{{"name", "regcred"}}})}, {"topologySpreadConstraints", json::array({spread})}};
    create(context, {{"apiVersion", "apps/v1"}, {"kind", "Deployment"},
                     {"metadata", {{"name", kApp}, {"namespace", kPreview}, {"labels", {{"app", kApp}}}}},
                     {"spec", {{"replicas", 3}, {"selector", {{"matchLabels", {{"app", kApp}}}}},
                               {"template", {{"metadata", {{"labels", {{"app", kApp}}}}}, {"spec", pod}}}}}});
}

/// A kind whose operator made objects and was removed afterwards.
void createDatabaseKind(Context& context)
{
    const json schema{{"openAPIV3Schema", {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}}};
    const json version{{"name", "v1"}, {"served", true}, {"storage", true}, {"schema", schema}};
    create(context, {{"apiVersion", "apiextensions.k8s.io/v1"}, {"kind", "CustomResourceDefinition"},
                     {"metadata", {{"name", "previewdatabases.lab.ops"}}},
                     {"spec", {{"group", "lab.ops"}, {"scope", "Namespaced"},
                               {"names", {{"plural", "previewdatabases"}, {"singular", "previewdatabase"}, {"kind", "PreviewDatabase"},
                                          {"shortNames", json::array({"pdb42"})}}},
                               {"versions", json::array({version})}}}});
}

void createDatabase(Context& context)
{
    kube::Request request;
    request.verb = kube::Verb::Create;
    request.resource = "previewdatabases.lab.ops";
    request.namespace_ = kPreview;
    request.body = {{"apiVersion", "lab.ops/v1"}, {"kind", "PreviewDatabase"},
                    {"metadata", {{"name", "orders"}, {"namespace", kPreview}, {"finalizers", json::array({"databases.lab.ops/drop"})}}},
                    {"spec", {{"engine", "postgres"}, {"size", "5Gi"}}}};
    call(context, request);
}

/// An extension of the API that the metrics adapter in monitoring serves.
void registerApi(Context& context)
{
    create(context, {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", kAdapter}, {"namespace", kMonitoring}}},
                     {"spec", {{"selector", {{"app", kAdapter}}},
                               {"ports", json::array({{{"name", "https"}, {"port", 443}, {"targetPort", 9090}}})}}}});
    const json container{{"name", kAdapter}, {"image", "registry.lab:5000/infra/prometheus:v2.55.1"},
                         {"resources", {{"requests", {{"cpu", "50m"}, {"memory", "64Mi"}}}}},
                         {"readinessProbe", {{"tcpSocket", {{"port", 9090}}}, {"periodSeconds", 5}}}};
    const json pod{{"containers", json::array({container})}, {"imagePullSecrets", json::array({{{"name", "regcred"}}})}};
    create(context, {{"apiVersion", "apps/v1"}, {"kind", "Deployment"},
                     {"metadata", {{"name", kAdapter}, {"namespace", kMonitoring}, {"labels", {{"app", kAdapter}}}}},
                     {"spec", {{"replicas", 1}, {"selector", {{"matchLabels", {{"app", kAdapter}}}}},
                               {"template", {{"metadata", {{"labels", {{"app", kAdapter}}}}}, {"spec", pod}}}}}});
    create(context, {{"apiVersion", "apiregistration.k8s.io/v1"}, {"kind", "APIService"}, {"metadata", {{"name", kApiService}}},
                     {"spec", {{"group", "custom.metrics.k8s.io"}, {"version", "v1beta1"}, {"groupPriorityMinimum", 100},
                               {"versionPriority", 100}, {"insecureSkipTLSVerify", true},
                               {"service", {{"name", kAdapter}, {"namespace", kMonitoring}, {"port", 443}}}}}});
}

std::vector<std::string> nodesOf(const Context& context, const std::string& namespace_, const std::string& app)
{
    std::vector<std::string> names;
    for (const auto& pod : context.cluster.store().inNamespace<kube::Pod>(namespace_)) {
        const auto label = pod->metadata.labels.find("app");
        if (label != pod->metadata.labels.end() && label->second == app && !pod->spec.nodeName.empty()
            && std::find(names.begin(), names.end(), pod->spec.nodeName) == names.end())
            names.push_back(pod->spec.nodeName);
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// A worker that runs a pod of the preview, by the seed. Losing it should be told of by the preview, and neither by the
/// shop's database nor by the metrics adapter.
std::string nodeOfPreview(Context& context, const std::string& asked)
{
    if (!asked.empty())
        return asked;
    std::vector<std::string> names = nodesOf(context, kPreview, kApp);
    for (const auto& needed : {nodesOf(context, kShop, "postgres"), nodesOf(context, kMonitoring, kAdapter)})
        for (const std::string& node : needed)
            if (names.size() > 1)
                std::erase(names, node);
    return names.empty() ? std::string{} : names[context.parts.engine.random("faults/node").below(names.size())];
}

void loseNode(Context& context, const Choice& choice, HostId node)
{
    kube::Context& parts = context.parts;
    if (choice.is("powered-off"))
        parts.hosts.powerOff(parts.engine, parts.network, node);
    else
        parts.hosts.stopUnit(parts.engine, parts.network, node, "kubelet.service");
}

/// The programs of the preview hang: they take no signal but KILL.
void freezePreview(Context& context)
{
    for (const auto& [id, container] : context.parts.runtimes.containers())
        if (container.podNamespace == kPreview && !container.sandbox && container.pid != 0)
            context.parts.hosts.signal(context.parts.engine, context.parts.network, container.host, container.pid, host::kSigStop);
}

} // namespace

Result<json> prepareStuckTerminating(Context& context, const json& parameters)
{
    const auto choice = choose(context, stuckTerminatingVariants(), parameters);
    if (!choice)
        return choice.error();
    if (const auto found = checkoutRegistry(context); !found)
        return found.error();
    createPreview(context, endingOf(*choice));
    createDatabaseKind(context);
    registerApi(context);
    return json{{"cause", choice->cause}, {"variant", choice->variant}};
}

Result<json> injectStuckTerminating(Context& context, const json& parameters)
{
    const auto choice = choose(context, stuckTerminatingVariants(), parameters);
    if (!choice)
        return choice.error();
    const std::string node = nodeOfPreview(context, parameters.value("node", std::string{}));
    const host::Machine* machine = context.parts.hosts.find(node);
    if (machine == nullptr)
        return Error{"no node runs the preview, or the node asked for does not exist", node};

    if (choice->is("custom-resource"))
        createDatabase(context);
    else if (choice->is("config-map"))
        patch(context, "configmaps", kPreview, "preview-config", {{"metadata", {{"finalizers", json::array({"preview.lab.ops/teardown"})}}}});
    else if (choice->is("no-endpoints"))
        patch(context, "deployments.apps", kMonitoring, kAdapter, {{"spec", {{"replicas", 0}}}});
    else if (choice->is("service-missing"))
        remove(context, "services", kMonitoring, kAdapter);
    else if (choice->cause == "node-unreachable")
        loseNode(context, *choice, machine->id);
    else if (choice->is("frozen"))
        freezePreview(context);
    remove(context, "namespaces", "", kPreview);

    return json{{"cause", choice->cause}, {"variant", choice->variant}, {"node", node}, {"preview", kPreview},
                {"apiservice", kApiService}, {"adapter", kAdapter}};
}

} // namespace sim::faults
