#include "core/shell/commands/kubectl/describe.h"

#include "core/shell/commands/kubectl/resources.h"
#include "core/shell/commands/kubectl/typed.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

/// Reads what belongs to an object and hands all of it to the describer of its kind.
class Describer {
public:
    explicit Describer(Call& call) : m_call(call), m_now(call.inv.now()) { }

    std::string describe(const Manifest& target)
    {
        const std::string& kind = target.kind->kind;
        m_call.saw(*target.kind, target.nameSpace, target.name);
        const Json& object = target.object;
        if (kind == "Pod")
            return describePod(decoded<Pod>(object), events(target), m_now);
        if (kind == "Node")
            return node(target);
        if (kind == "Deployment") {
            const auto deployment = decoded<Deployment>(object);
            const auto sets = all<ReplicaSet>(target.nameSpace, {selectorOf(deployment.spec.selector), {}});
            return describeDeployment(deployment, sets, events(target), m_now);
        }
        if (kind == "ReplicaSet") {
            const auto set = decoded<ReplicaSet>(object);
            const auto pods = all<Pod>(target.nameSpace, {selectorOf(set.spec.selector), {}});
            return describeReplicaSet(set, pods, events(target), m_now);
        }
        if (kind == "DaemonSet") {
            const auto set = decoded<DaemonSet>(object);
            const auto pods = all<Pod>(target.nameSpace, {selectorOf(set.spec.selector), {}});
            return describeDaemonSet(set, pods, events(target), m_now);
        }
        if (kind == "Service") {
            const auto slices = all<EndpointSlice>(target.nameSpace,
                                                   {"kubernetes.io/service-name=" + target.name, {}});
            return describeService(decoded<Service>(object), slices, events(target), m_now);
        }
        if (kind == "Endpoints")
            return describeEndpoints(decoded<Endpoints>(object), events(target), m_now);
        if (kind == "EndpointSlice")
            return describeEndpointSlice(decoded<EndpointSlice>(object), events(target), m_now);
        if (kind == "ConfigMap")
            return describeConfigMap(decoded<ConfigMap>(object), events(target), m_now);
        if (kind == "Secret")
            return describeSecret(decoded<Secret>(object));
        if (kind == "ServiceAccount") {
            return describeServiceAccount(decoded<ServiceAccount>(object), all<Secret>(target.nameSpace, {}),
                                          events(target), m_now);
        }
        if (kind == "Namespace")
            return describeNamespace(decoded<Namespace>(object), all<ResourceQuota>(target.name, {}), all<LimitRange>(target.name, {}));
        if (kind == "StatefulSet") {
            const auto set = decoded<StatefulSet>(object);
            return describeStatefulSet(set, all<Pod>(target.nameSpace, {selectorOf(set.spec.selector), {}}), events(target), m_now);
        }
        if (kind == "Job")
            return describeJob(decoded<Job>(object), events(target), m_now);
        if (kind == "CronJob")
            return describeCronJob(decoded<CronJob>(object), events(target), m_now);
        if (kind == "HorizontalPodAutoscaler")
            return describeHorizontalPodAutoscaler(decoded<HorizontalPodAutoscaler>(object), events(target), m_now);
        if (kind == "PersistentVolumeClaim")
            return describePersistentVolumeClaim(decoded<PersistentVolumeClaim>(object), all<Pod>(target.nameSpace, {}), events(target), m_now);
        if (kind == "PersistentVolume")
            return describePersistentVolume(decoded<PersistentVolume>(object), events(target), m_now);
        if (kind == "StorageClass")
            return describeStorageClass(decoded<StorageClass>(object), events(target), m_now);
        if (kind == "CSINode")
            return describeCsiNode(decoded<CSINode>(object), events(target), m_now);
        if (kind == "PodDisruptionBudget")
            return describePodDisruptionBudget(decoded<PodDisruptionBudget>(object), events(target), m_now);
        if (kind == "ResourceQuota")
            return describeResourceQuota(decoded<ResourceQuota>(object));
        if (kind == "LimitRange")
            return describeLimitRange(decoded<LimitRange>(object));
        if (kind == "PriorityClass")
            return describePriorityClass(decoded<PriorityClass>(object), events(target), m_now);
        if (kind == "NetworkPolicy")
            return describeNetworkPolicy(decoded<NetworkPolicy>(object));
        if (kind == "Ingress")
            return describeIngress(decoded<Ingress>(object), backendsOf(target.nameSpace), events(target), m_now);
        if (kind == "IngressClass")
            return describeIngressClass(decoded<IngressClass>(object), events(target), m_now);
        return describeRights(target);
    }

private:
    /// Roles and bindings; other kinds as their fields come.
    std::string describeRights(const Manifest& target)
    {
        const std::string& kind = target.kind->kind;
        if (kind == "Role") {
            const auto role = decoded<Role>(target.object);
            return describeRole(role.metadata, role.rules);
        }
        if (kind == "ClusterRole") {
            const auto role = decoded<ClusterRole>(target.object);
            return describeRole(role.metadata, role.rules);
        }
        if (kind == "RoleBinding") {
            const auto binding = decoded<RoleBinding>(target.object);
            return describeRoleBinding(binding.metadata, binding.roleRef, binding.subjects);
        }
        if (kind == "ClusterRoleBinding") {
            const auto binding = decoded<ClusterRoleBinding>(target.object);
            return describeRoleBinding(binding.metadata, binding.roleRef, binding.subjects);
        }
        return describeGeneric(target.object, events(target), m_now);
    }

    /// The endpoints behind an Ingress's Services.
    BackendText backendsOf(const std::string& space)
    {
        return [this, space](const IngressServiceBackend& backend) -> std::string {
            const Response found = m_call.client.get(resourceOf<Service>(), space, backend.name);
            if (!succeeded(found))
                return fmt::format("<error: {}>", messageOf(found));
            const Service service = decoded<Service>(found.body);
            std::string port;
            for (const ServicePort& one : service.spec.ports)
                if (backend.port.name.empty() ? one.port.value == backend.port.number : one.name == backend.port.name)
                    port = one.name;
            return endpointsText(all<EndpointSlice>(space, {"kubernetes.io/service-name=" + backend.name.value, {}}), port);
        };
    }

    static std::string selectorOf(const LabelSelector& selector)
    {
        const std::string text = selectorText(selector);
        return text == "<none>" ? std::string() : text;
    }

    template <class T>
    std::vector<T> all(const std::string& ns, const ListQuery& query)
    {
        std::vector<T> objects;
        const auto items = m_call.client.list(resourceOf<T>(), ns, query);
        if (const auto* list = std::get_if<std::vector<Json>>(&items)) {
            for (const Json& item : *list)
                objects.push_back(decoded<T>(item));
        }
        return objects;
    }

    EventList events(const Manifest& target)
    {
        if (!m_call.flags.on("show-events"))
            return std::nullopt;
        ListQuery query;
        query.fields = fmt::format("involvedObject.name={},involvedObject.kind={}", target.name, target.kind->kind);
        std::vector<KubeEvent> found = all<KubeEvent>(target.nameSpace, query);
        const std::string uid = textAt(target.object, {"metadata", "uid"});
        found.erase(std::remove_if(found.begin(), found.end(), [&](const KubeEvent& event) {
            const std::string& about = event.involvedObject.uid;
            // The real tool asks by uid; a kubelet's node events carry the node's name in its place.
            return about != uid && (target.kind->kind != "Node" || about != target.name);
        }), found.end());
        if (!found.empty())
            m_call.inv.noteRead("event/" + (target.nameSpace.empty() ? "default" : target.nameSpace) + "/"
                                + target.kind->singular + "/" + target.name);
        return found;
    }

    std::string node(const Manifest& target)
    {
        std::optional<Lease> lease;
        const Response found = m_call.client.get(resourceOf<Lease>(), "kube-node-lease", target.name);
        if (succeeded(found))
            lease = decoded<Lease>(found.body);
        ListQuery query;
        query.fields = fmt::format("spec.nodeName={},status.phase!=Succeeded,status.phase!=Failed", target.name);
        const auto pods = all<Pod>({}, query);
        return describeNode(decoded<Node>(target.object), lease ? &*lease : nullptr, pods, events(target), m_now);
    }

    Call& m_call;
    sim::Instant m_now;
};

/// `describe pod web` also takes web as the start of names when nothing has exactly that name.
std::vector<Manifest> byPrefix(Call& call, const Named& wanted)
{
    std::vector<Manifest> found;
    auto items = call.client.list(*wanted.kind, call.scope(*wanted.kind));
    if (auto* list = std::get_if<std::vector<Json>>(&items)) {
        for (Json& item : *list) {
            const std::string name = textAt(item, {"metadata", "name"});
            if (name.compare(0, wanted.name.size(), wanted.name) == 0)
                found.push_back({wanted.kind, textAt(item, {"metadata", "namespace"}), name, std::move(item), {}});
        }
    }
    return found;
}

int runDescribe(Call& call)
{
    if (call.words.empty() && !call.namesFiles()) {
        return call.fail("You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete "
                         "list of supported resources.");
    }
    bool failed = false;
    bool byNamesBeginning = false;
    std::vector<Manifest> targets;
    const auto named = call.namesFiles() ? std::nullopt : parseResources(call, call.words);
    if (!call.namesFiles() && !named)
        return 1;
    if (named && named->size() == 1 && !(*named)[0].name.empty() && call.flags.text("selector").empty()) {
        const Named& one = (*named)[0];
        const std::string ns = one.kind->namespaced ? call.nameSpace() : std::string();
        Response response = call.client.get(*one.kind, ns, one.name);
        if (succeeded(response)) {
            targets.push_back({one.kind, ns, one.name, std::move(response.body), {}});
        } else {
            if (response.code == 404)
                targets = byPrefix(call, one);
            byNamesBeginning = true;
            if (targets.empty())
                return call.refused(response);
        }
    } else {
        GatherOptions options;
        options.listAll = true;
        targets = gather(call, call.words, failed, options);
        if (targets.empty() && !failed) {
            // The real tool names the namespace for cluster-wide kinds, too.
            call.err(call.allNamespaces() ? "No resources found\n" : "No resources found in " + call.nameSpace() + " namespace.\n");
        }
    }
    Describer describer(call);
    bool first = true;
    for (const Manifest& target : targets) {
        const std::string text = describer.describe(target);
        if (byNamesBeginning)
            call.out(text + "\n");
        else
            call.out(first ? text : "\n\n" + text);
        first = false;
    }
    return failed ? 1 : 0;
}

} // namespace

Verb describeVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"describe", kTroubleshooting, "Show details of a specific resource or group of resources",
              "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)"};
    verb.flags = {kAllNamespaces, kFilename, kKustomize, kRecursive, kSelector,
                  {0, "chunk-size", T::Number, "500", "How many objects to ask for at a time."},
                  {0, "show-events", T::Bool, "true", "Show the events about the object."}};
    verb.run = runDescribe;
    verb.operand = Operand::Resource;
    verb.examples = {"# One pod, with its events", "kubectl describe pod web-0", "# A node and what runs on it",
                     "kubectl describe node worker-1", "# All pods with a label",
                     "kubectl describe pods -l app=checkout"};
    return verb;
}

} // namespace core::shell::kubectl
