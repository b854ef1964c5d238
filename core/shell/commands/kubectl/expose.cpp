#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/resources.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace core::shell::kubectl {

namespace {

constexpr std::size_t kLongestServiceName = 63;

/// The labels by which a Service would find the object's pods. Complains and returns nothing when it has none.
std::optional<Json> selectorOf(Call& call, const Manifest& target)
{
    const std::string& kind = target.kind->kind;
    if (kind == "Pod") {
        const Json& labels = at(target.object, {"metadata", "labels"});
        if (labels.is_object() && !labels.empty())
            return labels;
        call.failUsage("couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and "
                       "cannot be exposed");
        return std::nullopt;
    }
    if (kind == "Service" || kind == "ReplicationController") {
        const Json& selector = at(target.object, {"spec", "selector"});
        if (selector.is_object() && !selector.empty())
            return selector;
        call.failUsage("couldn't retrieve selectors via --selector flag or introspection: the service has no pod "
                       "selector set");
        return std::nullopt;
    }
    const Json& labels = at(target.object, {"spec", "selector", "matchLabels"});
    if (labels.is_object() && !labels.empty() && at(target.object, {"spec", "selector", "matchExpressions"}).empty())
        return labels;
    call.failUsage("couldn't retrieve selectors via --selector flag or introspection: invalid deployment: no "
                   "selectors, therefore cannot be exposed");
    return std::nullopt;
}

/// "a=b,c=d"; complains and returns nothing when it is malformed.
std::optional<Json> labelMap(Call& call, const std::string& text)
{
    Json map = Json::object();
    for (const std::string& pair : sim::split(text, ',')) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos) {
            call.fail(fmt::format("unexpected label spec: {}", pair));
            return std::nullopt;
        }
        map[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return map;
}

/// The ports that the object's containers (or the Service itself) declare, with their protocols.
std::vector<Json> declaredPorts(const Manifest& target)
{
    std::vector<Json> ports;
    const auto take = [&](const Json& list, const char* number) {
        for (const Json& port : list.is_array() ? list : Json::array()) {
            const std::string protocol = textAt(port, {"protocol"});
            ports.push_back(Json{{"port", numberAt(port, {number})}, {"protocol", protocol.empty() ? "TCP" : protocol}});
        }
    };
    if (target.kind->kind == "Service") {
        take(at(target.object, {"spec", "ports"}), "port");
        return ports;
    }
    const Json& spec = target.kind->kind == "Pod" ? at(target.object, {"spec"})
                                                  : at(target.object, {"spec", "template", "spec"});
    const Json& containers = at(spec, {"containers"});
    for (const Json& container : containers.is_array() ? containers : Json::array())
        take(at(container, {"ports"}), "containerPort");
    return ports;
}

Json targetPort(const std::string& text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? Json(number) : Json(text);
}

/// The Service's ports by --port, --target-port and --protocol, or those that the object declares.
std::optional<Json> servicePorts(Call& call, const Manifest& target)
{
    std::vector<Json> ports = declaredPorts(target);
    if (call.flags.given("port")) {
        const std::string declared = ports.empty() ? "TCP" : textAt(ports.front(), {"protocol"});
        ports.clear();
        for (const std::string& text : call.flags.list("port")) {
            const Json port = targetPort(text);
            if (!port.is_number()) {
                call.fail(fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", text));
                return std::nullopt;
            }
            ports.push_back(Json{{"port", port}, {"protocol", declared}});
        }
    }
    if (ports.empty() && call.flags.text("cluster-ip") != "None") {
        call.failUsage("couldn't find port via --port flag or introspection");
        return std::nullopt;
    }
    Json list = Json::array();
    for (Json& port : ports) {
        if (ports.size() > 1)
            port["name"] = fmt::format("port-{}", list.size() + 1);
        if (call.flags.given("protocol"))
            port["protocol"] = call.flags.text("protocol");
        port["targetPort"] =
            call.flags.given("target-port") ? targetPort(call.flags.text("target-port")) : port["port"];
        list.push_back(port);
    }
    return list;
}

int exposeOne(Call& call, const Manifest& target)
{
    static const std::vector<std::string> kExposable{"Deployment", "Pod", "ReplicaSet", "ReplicationController",
                                                     "Service"};
    if (std::find(kExposable.begin(), kExposable.end(), target.kind->kind) == kExposable.end()) {
        const std::string suffix = target.kind->group.empty() ? "" : "." + target.kind->group;
        return call.fail(fmt::format("cannot expose a {}{}", target.kind->kind, suffix));
    }
    const auto selector = call.flags.given("selector") ? labelMap(call, call.flags.text("selector"))
                                                       : selectorOf(call, target);
    const auto ports = selector ? servicePorts(call, target) : std::nullopt;
    if (!ports)
        return 1;
    Json labels = at(target.object, {"metadata", "labels"});
    if (call.flags.given("labels")) {
        const auto given = labelMap(call, call.flags.text("labels"));
        if (!given)
            return 1;
        labels = *given;
    }
    const std::string name = call.flags.given("name") ? call.flags.text("name") : target.name;
    Json object{{"apiVersion", "v1"},
                {"kind", "Service"},
                {"metadata", {{"creationTimestamp", nullptr}, {"name", name.substr(0, kLongestServiceName)}}},
                {"spec", {{"selector", *selector}}},
                {"status", {{"loadBalancer", Json::object()}}}};
    if (labels.is_object() && !labels.empty())
        object["metadata"]["labels"] = labels;
    if (!ports->empty())
        object["spec"]["ports"] = *ports;
    if (const std::string type = call.flags.text("type"); !type.empty())
        object["spec"]["type"] = type;
    if (const std::string address = call.flags.text("cluster-ip"); !address.empty())
        object["spec"]["clusterIP"] = address;
    if (const std::string affinity = call.flags.text("session-affinity"); affinity == "ClientIP" || affinity == "None")
        object["spec"]["sessionAffinity"] = affinity;
    else if (!affinity.empty())
        return call.fail(fmt::format("unknown session affinity: {}", affinity));
    if (const std::string address = call.flags.text("external-ip"); !address.empty())
        object["spec"]["externalIPs"] = Json::array({address}); // one text, commas and all
    if (const std::string address = call.flags.text("load-balancer-ip"); !address.empty() && call.flags.text("type") == "LoadBalancer")
        object["spec"]["loadBalancerIP"] = address;
    return createObject(call, *findResource("services"), std::move(object), {}, "exposed");
}

/// What the words or -f name. Not gather(): --selector is the Service's here and must not choose objects.
std::vector<Manifest> targetsOf(Call& call, bool& failed)
{
    if (call.namesFiles())
        return readManifests(call, failed);
    std::vector<Manifest> targets;
    const auto named = parseResources(call, call.words);
    failed = !named;
    if (named && named->empty())
        failed = call.fail(kNothingNamed) != 0;
    for (const Named& one : named.value_or(std::vector<Named>{})) {
        if (one.name.empty())
            failed = call.fail("resource(s) were provided, but no name was specified") != 0;
        else
            targets.push_back({one.kind, call.scope(*one.kind), one.name, {}, {}});
    }
    return targets;
}

int runExpose(Call& call)
{
    bool failed = false;
    for (Manifest& target : targetsOf(call, failed)) {
        sim::kube::Response live = call.client.get(*target.kind, target.nameSpace, target.name);
        if (!succeeded(live)) {
            failed = call.refused(live) != 0;
            continue;
        }
        target.object = std::move(live.body);
        failed = exposeOne(call, target) != 0 || failed;
    }
    return failed ? 1 : 0;
}

} // namespace

Verb exposeVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"expose", kBeginner, "Take a replication controller, service, deployment or pod and expose it as a new "
                                   "Kubernetes service",
              "(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] "
              "[--name=name] [--type=type]"};
    verb.flags = {kDryRun, kFieldManager, kFilename, kKustomize, kRecursive, kOutput, kSaveConfig, kShowManaged,
                  {0, "cluster-ip", T::Text, "", "The address; None makes a headless service."},
                  {0, "external-ip", T::Text, "", "An address from outside that leads to the service."},
                  {'l', "labels", T::Text, "", "Labels of the service."},
                  {0, "load-balancer-ip", T::Text, "", "The address that a LoadBalancer asks for."},
                  {0, "name", T::Text, "", "The service's name; the object's without it."},
                  {0, "port", T::List, "", "The service's port; the containers' without it."},
                  {0, "protocol", T::Text, "", "TCP, UDP or SCTP."},
                  {0, "selector", T::Text, "", "Labels of the pods to lead to; the object's own without it."},
                  {0, "session-affinity", T::Text, "", "ClientIP or None."},
                  {0, "target-port", T::Text, "", "Number or name of the containers' port."},
                  {0, "type", T::Text, "", "ClusterIP, NodePort or LoadBalancer."}};
    verb.run = runExpose;
    verb.operand = Operand::Resource;
    verb.examples = {"# A service on port 80 before pods that listen on 8080",
                     "kubectl expose deployment web --port=80 --target-port=8080"};
    return verb;
}

} // namespace core::shell::kubectl
