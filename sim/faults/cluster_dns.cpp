#include "sim/faults/cluster_dns.h"

#include "sim/faults/checkout_release.h"
#include "sim/faults/requests.h"

#include <algorithm>

// Each cause is one change of somebody who meant well. What a look-up ends in is shared by variants of different causes
// on purpose; see README.md.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr const char* kSystem = "kube-system";
constexpr const char* kCoreDns = "coredns";
constexpr const char* kDnsService = "kube-dns";
constexpr const char* kGateway = "gateway";
constexpr const char* kCorefileKey = "Corefile";
constexpr const char* kNodeKubeletConfig = "/var/lib/kubelet/config.yaml";
constexpr const char* kSiteNameserver = "10.0.0.2";
constexpr const char* kShopPolicy = "restrict-egress";
constexpr const char* kDnsPolicy = "protect-dns";

const Variants& clusterDnsVariants()
{
    static const Variants kVariants{
        {"coredns-down", {"scaled-zero", "unschedulable", "out-of-memory"}},
        {"bad-resolv-conf", {"default-policy", "pinned-server", "kubelet"}},
        {"netpol-blocks-dns", {"egress", "tcp-only", "ingress"}},
        {"corefile-error", {"wrong-zone", "loop", "unknown-directive"}},
        {"service-endpoints", {"selector", "port-name"}},
        {"no-fault", {"restarted"}},
    };
    return kVariants;
}

void strategicPatch(Context& context, const std::string& resource, const std::string& namespace_, const std::string& name, json body)
{
    kube::Request request;
    request.verb = kube::Verb::Patch;
    request.resource = resource;
    request.namespace_ = namespace_;
    request.name = name;
    request.body = std::move(body);
    call(context, request);
}

std::vector<kube::ObjectKey> podsLabelled(const Context& context, const std::string& namespace_, const std::string& key, const std::string& value)
{
    std::vector<kube::ObjectKey> keys;
    for (const auto& pod : context.cluster.store().inNamespace<kube::Pod>(namespace_)) {
        const auto label = pod->metadata.labels.find(key);
        if (label != pod->metadata.labels.end() && label->second == value)
            keys.push_back({namespace_, pod->metadata.name});
    }
    return keys;
}

void restartCoreDns(Context& context)
{
    for (const kube::ObjectKey& key : podsLabelled(context, kSystem, "k8s-app", kDnsService))
        remove(context, "pods", key.namespace_, key.name);
}

/// The Deployment coredns gets another pod, and all of its old ones may go at once.
void changeCoreDnsPods(Context& context, const json& podSpec)
{
    strategicPatch(context, "deployments.apps", kSystem, kCoreDns,
                   {{"spec", {{"strategy", {{"rollingUpdate", {{"maxUnavailable", "100%"}}}}}, {"template", {{"spec", podSpec}}}}}});
}

void stopCoreDns(Context& context, const Choice& choice)
{
    if (choice.is("scaled-zero"))
        patch(context, "deployments.apps", kSystem, kCoreDns, {{"spec", {{"replicas", 0}}}});
    else if (choice.is("unschedulable"))
        changeCoreDnsPods(context, {{"nodeSelector", {{"node-pool", "infra"}}}});
    else // below what a CoreDNS with this many names needs
        changeCoreDnsPods(context, {{"containers", json::array({{{"name", kCoreDns}, {"resources", {{"limits", {{"memory", "24Mi"}}},
                                                                                                     {"requests", {{"memory", "24Mi"}}}}}}})}});
}

/// A runtime update ends what runs on the node but for the cluster's own pods; the kubelet makes it anew.
void renewPods(Context& context, HostId host)
{
    std::vector<ContainerId> sandboxes;
    for (const auto& [id, container] : context.parts.runtimes.containers())
        if (container.sandbox && container.host == host && container.podNamespace != kSystem
            && context.parts.network.stack(container.stack).node.valid())
            sandboxes.push_back(id);
    container::Context runtime = context.parts.runtimeContext();
    for (const ContainerId id : sandboxes)
        context.parts.runtimes.stop(runtime, id, Duration{});
}

/// The node's kubelet is told to give its pods the site's name server, and its pods are made anew.
void changeKubelet(Context& context, const std::string& node)
{
    const host::Machine* machine = context.parts.hosts.find(node);
    const auto file = machine == nullptr ? std::nullopt : context.parts.hosts.read(machine->id, kNodeKubeletConfig, context.parts.engine.now());
    if (!file)
        return;
    std::string text = file->content;
    const std::string right = context.cluster.settings().dnsAddress.text();
    if (const auto at = text.find("- " + right); at != std::string::npos)
        text.replace(at + 2, right.size(), kSiteNameserver);
    context.parts.hosts.writeFile(context.parts.engine, machine->id, kNodeKubeletConfig, text, false);
    context.parts.hosts.restartUnit(context.parts.engine, context.parts.network, machine->id, "kubelet.service");
    renewPods(context, machine->id);
}

void changeResolver(Context& context, const Choice& choice, const std::string& node, const std::string& oldServer)
{
    if (choice.is("kubelet")) {
        changeKubelet(context, node);
        return;
    }
    json spec{{"dnsPolicy", "Default"}};
    if (choice.is("pinned-server"))
        spec = {{"dnsPolicy", "None"},
                {"dnsConfig", {{"nameservers", json::array({oldServer})},
                               {"searches", json::array({"shop.svc.cluster.local", "svc.cluster.local", "cluster.local"})},
                               {"options", json::array({{{"name", "ndots"}, {"value", "5"}}})}}}};
    strategicPatch(context, "deployments.apps", kShop, kGateway, {{"spec", {{"template", {{"spec", spec}}}}}});
}

json namespacePeer(const char* name) { return {{"namespaceSelector", {{"matchLabels", {{"kubernetes.io/metadata.name", name}}}}}}; }

void restrictTraffic(Context& context, const Choice& choice)
{
    if (choice.is("ingress")) {
        create(context, {{"apiVersion", "networking.k8s.io/v1"}, {"kind", "NetworkPolicy"},
                         {"metadata", {{"name", kDnsPolicy}, {"namespace", kSystem}}},
                         {"spec", {{"podSelector", {{"matchLabels", {{"k8s-app", kDnsService}}}}}, {"policyTypes", json::array({"Ingress"})},
                                   {"ingress", json::array({{{"from", json::array({namespacePeer("kube-system"), namespacePeer("monitoring")})}}})}}}});
        return;
    }
    json egress = json::array({{{"to", json::array({{{"podSelector", json::object()}}})}}});
    if (choice.is("tcp-only"))
        egress.push_back({{"to", json::array({namespacePeer("kube-system")})}, {"ports", json::array({{{"port", 53}}})}});
    create(context, {{"apiVersion", "networking.k8s.io/v1"}, {"kind", "NetworkPolicy"},
                     {"metadata", {{"name", kShopPolicy}, {"namespace", kShop}}},
                     {"spec", {{"podSelector", json::object()}, {"policyTypes", json::array({"Egress"})}, {"egress", egress}}}});
}

void replaceOnce(std::string& text, const std::string& from, const std::string& to)
{
    if (const auto at = text.find(from); at != std::string::npos)
        text.replace(at, from.size(), to);
}

void editCorefile(Context& context, const Choice& choice)
{
    const auto map = context.cluster.store().get<kube::ConfigMap>({kSystem, kCoreDns});
    if (!map || map->data.count(kCorefileKey) == 0)
        return;
    std::string text = map->data.at(kCorefileKey);
    if (choice.is("wrong-zone"))
        replaceOnce(text, "kubernetes cluster.local", "kubernetes cluster.internal");
    else if (choice.is("loop"))
        replaceOnce(text, "forward . /etc/resolv.conf", "forward . 127.0.0.53");
    else
        replaceOnce(text, "loadbalance\n", "loadbalancer\n");
    patch(context, "configmaps", kSystem, kCoreDns, {{"data", {{kCorefileKey, text}}}});
    restartCoreDns(context); // so that the new file is read now
}

void changeService(Context& context, const Choice& choice)
{
    if (choice.is("selector")) {
        patch(context, "services", kSystem, kDnsService, {{"spec", {{"selector", {{"k8s-app", kCoreDns}}}}}});
        return;
    }
    patch(context, "services", kSystem, kDnsService,
          {{"spec", {{"ports", json::array({{{"name", "dns"}, {"port", 53}, {"protocol", "UDP"}, {"targetPort", "dns-udp"}},
                                            {{"name", "dns-tcp"}, {"port", 53}, {"protocol", "TCP"}, {"targetPort", "dns-tcp"}},
                                            {{"name", "metrics"}, {"port", 9153}, {"protocol", "TCP"}, {"targetPort", 9153}}})}}}});
}

/// A worker that runs shop/checkout, and one of its pods there.
struct Place {
    std::string node;
    std::string pod;
};

Result<Place> choosePlace(Context& context, const json& parameters)
{
    std::vector<Place> places;
    for (const kube::ObjectKey& key : podsLabelled(context, kShop, "app", kCheckout)) {
        const auto pod = context.cluster.store().get<kube::Pod>(key);
        const std::string& node = pod->spec.nodeName;
        const bool known = std::any_of(places.begin(), places.end(), [&](const Place& place) { return place.node == node; });
        if (!node.empty() && !known && (!parameters.contains("node") || parameters["node"] == node))
            places.push_back({node, key.name});
    }
    if (places.empty())
        return Error{"no node runs shop/checkout, or not the node asked for; use the topology mini", parameters.value("node", std::string{})};
    return places[context.parts.engine.random("faults/node").below(places.size())];
}

/// An address of a node's pod range that no pod has: where a CoreDNS pod used to be.
std::string formerPodAddress(const Context& context, const std::string& node)
{
    constexpr std::uint32_t kFarUp = 201;
    const auto stored = context.cluster.store().get<kube::Node>({"", node});
    const auto range = stored ? net::Prefix::parse(stored->spec.podCIDR) : std::nullopt;
    return range ? net::Ipv4{range->network().value + kFarUp}.text() : std::string();
}

} // namespace

Result<nlohmann::json> injectClusterDns(Context& context, const nlohmann::json& parameters)
{
    const auto chosen = choose(context, clusterDnsVariants(), parameters);
    if (!chosen)
        return chosen.error();
    const Choice& choice = *chosen;
    const kube::Store& store = context.cluster.store();
    if (!store.get<kube::Deployment>({kSystem, kCoreDns}) || !store.get<kube::Deployment>({kShop, kGateway}))
        return Error{"this topology runs no kube-system/coredns and shop/gateway; use the topology mini", choice.cause};
    const auto place = choosePlace(context, parameters);
    if (!place)
        return place.error();
    const std::string oldServer = formerPodAddress(context, place->node);

    if (choice.cause == "coredns-down")
        stopCoreDns(context, choice);
    else if (choice.cause == "bad-resolv-conf")
        changeResolver(context, choice, place->node, oldServer);
    else if (choice.cause == "netpol-blocks-dns")
        restrictTraffic(context, choice);
    else if (choice.cause == "corefile-error")
        editCorefile(context, choice);
    else if (choice.cause == "service-endpoints")
        changeService(context, choice);
    else // somebody restarts both CoreDNS pods at the same moment, and they come back
        restartCoreDns(context);

    return nlohmann::json{{"cause", choice.cause}, {"variant", choice.variant}, {"node", place->node}, {"node_pod", place->pod},
                          {"dns_address", context.cluster.settings().dnsAddress.text()}, {"site_nameserver", kSiteNameserver},
                          {"old_server", oldServer}, {"namespace", kShop},
                          {"policy", choice.is("ingress") ? kDnsPolicy : kShopPolicy},
                          {"policy_namespace", choice.is("ingress") ? kSystem : kShop}};
}

} // namespace sim::faults
