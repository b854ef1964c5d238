#include "sim/kube/network/kube_proxy.h"

#include "sim/engine/sha256.h"
#include "sim/kube/client/objects.h"
#include "sim/net/firewall.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

using net::FirewallRule;

constexpr const char* kServicesChain = "KUBE-SERVICES";
constexpr const char* kExternalChain = "KUBE-EXTERNAL-SERVICES";
constexpr const char* kNodePortsChain = "KUBE-NODEPORTS";
constexpr const char* kPostroutingChain = "KUBE-POSTROUTING";
constexpr const char* kMarkChain = "KUBE-MARK-MASQ";
constexpr const char* kForwardChain = "KUBE-FORWARD";
constexpr const char* kFirewallChain = "KUBE-FIREWALL";
constexpr const char* kProxyFirewallChain = "KUBE-PROXY-FIREWALL";
constexpr std::int64_t kDefaultAffinitySeconds = 10'800;
constexpr std::size_t kHashLetters = 16;

std::string hashed(const std::string& text)
{
    const auto digest = sha256(text);
    return base32(digest.data(), digest.size()).substr(0, kHashLetters);
}

net::Protocol protocolOf(const std::string& name)
{
    return name == "UDP" ? net::Protocol::Udp : net::Protocol::Tcp;
}

std::string lowerName(net::Protocol protocol)
{
    return protocol == net::Protocol::Udp ? "udp" : "tcp";
}

struct ProxyEndpoint {
    std::string address;
    std::int64_t port = 0;
    bool local = false;
    std::string text() const { return fmt::format("{}:{}", address, port); }
};

/// Ready endpoints of one port; when there is none, those that still serve while they end.
std::vector<ProxyEndpoint> endpointsOf(const Store& store, const ObjectKey& service, const ServicePort& port, const std::string& node)
{
    std::vector<ProxyEndpoint> ready;
    std::vector<ProxyEndpoint> leaving;
    const auto& slices = store.all<EndpointSlice>();
    for (auto it = slices.lower_bound({service.namespace_, {}}); it != slices.end() && it->first.namespace_ == service.namespace_; ++it) {
        const EndpointSlice& slice = *it->second;
        const auto label = slice.metadata.labels.find(kServiceNameLabel);
        if (label == slice.metadata.labels.end() || label->second != service.name)
            continue;
        for (const EndpointPort& one : slice.ports) {
            if (one.name != port.name)
                continue;
            for (const SliceEndpoint& endpoint : slice.endpoints) {
                if (endpoint.addresses.empty())
                    continue;
                ProxyEndpoint found{endpoint.addresses.front(), one.port, endpoint.nodeName == node};
                if (endpoint.conditions.ready.value_or(true))
                    ready.push_back(std::move(found));
                else if (endpoint.conditions.serving.value_or(false) && endpoint.conditions.terminating.value_or(false))
                    leaving.push_back(std::move(found));
            }
        }
    }
    if (ready.empty())
        ready = std::move(leaving);
    std::sort(ready.begin(), ready.end(), [](const auto& a, const auto& b) { return a.text() < b.text(); });
    return ready;
}

/// One Service port as the proxy sees it.
struct ProxiedPort {
    std::string name;      ///< "kube-system/kube-dns:dns"
    std::string protocol;  ///< "udp"
    std::string clusterIp;
    std::int64_t port = 0;
    std::int64_t nodePort = 0;
    bool localExternally = false;
    std::int64_t affinitySeconds = 0; ///< 0: none
    std::vector<ProxyEndpoint> inside;  ///< for traffic to the cluster address
    std::vector<ProxyEndpoint> all;
    std::vector<ProxyEndpoint> local;
};

class ServiceRules {
public:
    ServiceRules(net::Stack& stack, const net::Prefix& podNetwork) : m_stack(stack), m_podNetwork(podNetwork) { }

    void begin()
    {
        for (auto* table : {&m_stack.filter, &m_stack.nat})
            std::erase_if(*table, [](const auto& entry) { return entry.first.rfind("KUBE-", 0) == 0; });
        for (const char* chain : {kServicesChain, kNodePortsChain, kPostroutingChain, kMarkChain})
            m_stack.nat[chain];
        for (const char* chain : {kServicesChain, kExternalChain, kNodePortsChain, kForwardChain, kFirewallChain, kProxyFirewallChain})
            m_stack.filter[chain];
        jump(m_stack.filter, "INPUT", kExternalChain, "kubernetes externally-visible service portals", "ctstate NEW");
        jump(m_stack.filter, "INPUT", kNodePortsChain, "kubernetes health check service ports");
        jump(m_stack.filter, "INPUT", kProxyFirewallChain, "kubernetes load balancer firewall", "ctstate NEW");
        jump(m_stack.filter, "INPUT", kFirewallChain, {});
        jump(m_stack.filter, "FORWARD", kExternalChain, "kubernetes externally-visible service portals", "ctstate NEW");
        jump(m_stack.filter, "FORWARD", kServicesChain, "kubernetes service portals", "ctstate NEW");
        jump(m_stack.filter, "FORWARD", kForwardChain, "kubernetes forwarding rules");
        jump(m_stack.filter, "FORWARD", kProxyFirewallChain, "kubernetes load balancer firewall", "ctstate NEW");
        jump(m_stack.filter, "OUTPUT", kServicesChain, "kubernetes service portals", "ctstate NEW");
        jump(m_stack.filter, "OUTPUT", kProxyFirewallChain, "kubernetes load balancer firewall", "ctstate NEW");
        jump(m_stack.filter, "OUTPUT", kFirewallChain, {});
        jump(m_stack.nat, "PREROUTING", kServicesChain, "kubernetes service portals");
        jump(m_stack.nat, "OUTPUT", kServicesChain, "kubernetes service portals");
        jump(m_stack.nat, "POSTROUTING", kPostroutingChain, "kubernetes postrouting rules");

        FirewallRule localnet = rule("DROP", "block incoming localnet connections", "ctstate !RELATED,ESTABLISHED,DNAT");
        localnet.source = localnet.destination = net::Prefix{net::Ipv4{0x7f000000}, 8};
        localnet.notSource = true;
        filter(kFirewallChain, std::move(localnet)); // the kubelet's own (makeIPTablesUtilChains)
        nat(kMarkChain, marking("0x4000/0x4000"));
        nat(kPostroutingChain, rule("RETURN", {}, "mark !0x4000/0x4000"));
        nat(kPostroutingChain, marking("0x4000/0x0"));
        FirewallRule masquerade = rule("MASQUERADE", "kubernetes service traffic requiring SNAT");
        masquerade.targetOptions = "--random-fully";
        nat(kPostroutingChain, std::move(masquerade));
        filter(kForwardChain, rule("DROP", {}, "ctstate INVALID"));
        filter(kForwardChain, rule("ACCEPT", "kubernetes forwarding rules", "mark 0x4000/0x4000"));
        filter(kForwardChain, rule("ACCEPT", "kubernetes forwarding conntrack rule", "ctstate RELATED,ESTABLISHED"));
    }

    void add(const ProxiedPort& p)
    {
        const std::string serviceChain = serviceChainName("KUBE-SVC-", p.name, p.protocol);
        const std::string localChain = serviceChainName("KUBE-SVL-", p.name, p.protocol);
        const std::string externalChain = serviceChainName("KUBE-EXT-", p.name, p.protocol);
        if (p.inside.empty()) {
            FirewallRule refuse = toPort(p, p.all.empty() ? "REJECT" : "DROP",
                                         p.name + (p.all.empty() ? " has no endpoints" : " has no local endpoints"));
            if (p.all.empty())
                refuse.targetOptions = "--reject-with icmp-port-unreachable";
            filter(kServicesChain, std::move(refuse));
        } else {
            const bool local = p.inside.size() != p.all.size();
            nat(kServicesChain, toPort(p, local ? localChain : serviceChain, p.name + " cluster IP"));
        }
        if (p.nodePort > 0)
            addNodePort(p, serviceChain, localChain, externalChain);
        if (!p.all.empty())
            addSpread(p, serviceChain, p.all, true);
        if (!p.local.empty() && (p.localExternally || p.inside.size() != p.all.size()))
            addSpread(p, localChain, p.local, p.inside.size() != p.all.size());
        for (const ProxyEndpoint& endpoint : p.all)
            addEndpoint(p, endpoint);
    }

    void end()
    {
        nat(kServicesChain, rule(kNodePortsChain, "kubernetes service nodeports; NOTE: this must be the last rule in this chain",
                                 "addrtype --dst-type LOCAL"));
    }

private:
    static FirewallRule rule(const std::string& target, const std::string& comment, const std::string& match = {})
    {
        FirewallRule r;
        r.target = target;
        r.comment = comment;
        r.match = match;
        return r;
    }
    static FirewallRule marking(const char* valueAndMask)
    {
        FirewallRule r = rule("MARK", {});
        r.targetOptions = std::string("--set-xmark ") + valueAndMask;
        return r;
    }
    void nat(const std::string& chain, FirewallRule r) { m_stack.nat[chain].rules.push_back(std::move(r)); }
    void filter(const std::string& chain, FirewallRule r) { m_stack.filter[chain].rules.push_back(std::move(r)); }

    /// The proxy's jumps stand first in their chains; one that somebody took out comes back.
    static void jump(std::map<std::string, net::Chain>& table, const std::string& from, const std::string& to,
                     const std::string& comment, const std::string& match = {})
    {
        auto& rules = table[from].rules;
        if (table[from].policy.empty())
            table[from].policy = "ACCEPT";
        if (std::any_of(rules.begin(), rules.end(), [&](const FirewallRule& r) { return r.target == to; }))
            return;
        // Behind the other KUBE jumps, so that the order of the calls is the order of the rules.
        const auto place = std::find_if(rules.begin(), rules.end(), [](const FirewallRule& r) { return r.target.rfind("KUBE-", 0) != 0; });
        rules.insert(place, rule(to, comment, match));
    }

    FirewallRule toPort(const ProxiedPort& p, const std::string& target, const std::string& comment) const
    {
        FirewallRule r = rule(target, comment);
        r.protocol = p.protocol == "udp" ? net::Protocol::Udp : net::Protocol::Tcp;
        if (const auto address = net::Ipv4::parse(p.clusterIp))
            r.destination = net::Prefix{*address, 32};
        r.destinationPort = p.port;
        return r;
    }

    FirewallRule toNodePort(const ProxiedPort& p, const std::string& target, const std::string& comment) const
    {
        FirewallRule r = rule(target, comment);
        r.protocol = p.protocol == "udp" ? net::Protocol::Udp : net::Protocol::Tcp;
        r.destinationPort = p.nodePort;
        return r;
    }

    void addNodePort(const ProxiedPort& p, const std::string& serviceChain, const std::string& localChain, const std::string& externalChain)
    {
        if (p.all.empty() || (p.localExternally && p.local.empty())) {
            FirewallRule refuse = toNodePort(p, p.all.empty() ? "REJECT" : "DROP",
                                             p.name + (p.all.empty() ? " has no endpoints" : " has no local endpoints"));
            refuse.match = "addrtype --dst-type LOCAL";
            if (p.all.empty())
                refuse.targetOptions = "--reject-with icmp-port-unreachable";
            filter(kExternalChain, std::move(refuse));
            if (p.all.empty())
                return;
        }
        nat(kNodePortsChain, toNodePort(p, externalChain, p.name));
        if (!p.localExternally) {
            nat(externalChain, rule(kMarkChain, fmt::format("masquerade traffic for {} external destinations", p.name)));
            nat(externalChain, rule(serviceChain, {}));
            return;
        }
        FirewallRule pods = rule(serviceChain, fmt::format("pod traffic for {} external destinations", p.name));
        pods.source = m_podNetwork;
        nat(externalChain, std::move(pods));
        nat(externalChain, rule(kMarkChain, fmt::format("masquerade LOCAL traffic for {} external destinations", p.name),
                                "addrtype --src-type LOCAL"));
        nat(externalChain, rule(serviceChain, fmt::format("route LOCAL traffic for {} external destinations", p.name),
                                "addrtype --src-type LOCAL"));
        if (!p.local.empty())
            nat(externalChain, rule(localChain, {}));
    }

    void addSpread(const ProxiedPort& p, const std::string& chain, const std::vector<ProxyEndpoint>& endpoints, bool clusterAddress)
    {
        if (clusterAddress) {
            FirewallRule outside = toPort(p, kMarkChain, p.name + " cluster IP");
            outside.source = m_podNetwork;
            outside.notSource = true;
            nat(chain, std::move(outside));
        }
        if (p.affinitySeconds > 0)
            for (const ProxyEndpoint& endpoint : endpoints) {
                const std::string target = endpointChainName(p.name, p.protocol, endpoint.text());
                nat(chain, rule(target, fmt::format("{} -> {}", p.name, endpoint.text()),
                                fmt::format("recent --rcheck --seconds {} --reap --name {} --mask 255.255.255.255 --rsource",
                                            p.affinitySeconds, target)));
            }
        for (std::size_t i = 0; i < endpoints.size(); ++i) {
            FirewallRule r = rule(endpointChainName(p.name, p.protocol, endpoints[i].text()),
                                  fmt::format("{} -> {}", p.name, endpoints[i].text()));
            if (i + 1 < endpoints.size())
                r.match = fmt::format("statistic {:.11f}", 1.0 / static_cast<double>(endpoints.size() - i));
            nat(chain, std::move(r));
        }
    }

    void addEndpoint(const ProxiedPort& p, const ProxyEndpoint& endpoint)
    {
        const std::string chain = endpointChainName(p.name, p.protocol, endpoint.text());
        FirewallRule hairpin = rule(kMarkChain, p.name);
        if (const auto address = net::Ipv4::parse(endpoint.address))
            hairpin.source = net::Prefix{*address, 32};
        nat(chain, std::move(hairpin));
        FirewallRule translate = rule("DNAT", p.name);
        translate.protocol = p.protocol == "udp" ? net::Protocol::Udp : net::Protocol::Tcp;
        translate.targetOptions = "to:" + endpoint.text();
        nat(chain, std::move(translate));
    }

    net::Stack& m_stack;
    net::Prefix m_podNetwork;
};

ProxiedPort proxied(const Store& store, const ObjectKey& key, const Service& service, const ServicePort& port, const std::string& node)
{
    ProxiedPort p;
    p.name = key.namespace_ + "/" + key.name + (port.name.empty() ? "" : ":" + port.name);
    p.protocol = lowerName(protocolOf(port.protocol));
    p.clusterIp = service.spec.clusterIP;
    p.port = port.port.value;
    p.nodePort = port.nodePort;
    p.localExternally = service.spec.externalTrafficPolicy == "Local";
    if (service.spec.sessionAffinity == "ClientIP") {
        const auto& config = service.spec.sessionAffinityConfig;
        p.affinitySeconds = config && config->clientIP ? config->clientIP->timeoutSeconds.value_or(kDefaultAffinitySeconds)
                                                       : kDefaultAffinitySeconds;
    }
    p.all = endpointsOf(store, key, port, node);
    std::copy_if(p.all.begin(), p.all.end(), std::back_inserter(p.local), [](const ProxyEndpoint& e) { return e.local; });
    p.inside = service.spec.internalTrafficPolicy == "Local" ? p.local : p.all;
    return p;
}

/// Follows the jumps of a Service's chain to the endpoints' DNAT rules.
void collectBackends(const net::Stack& machine, const std::string& chain, std::vector<ServiceBackend>& backends, int depth)
{
    constexpr int kDeepest = 4; // KUBE-EXT, KUBE-SVC, KUBE-SEP
    const auto found = machine.nat.find(chain);
    if (found == machine.nat.end() || depth > kDeepest)
        return;
    for (const FirewallRule& r : found->second.rules) {
        if (r.target == "DNAT") {
            const net::NatTarget target = net::parseNatTarget(r.targetOptions);
            const ServiceBackend backend{target.address.value_or(net::Ipv4{}), target.port.value_or(0)};
            if (std::find(backends.begin(), backends.end(), backend) == backends.end())
                backends.push_back(backend);
        } else if (r.target.rfind("KUBE-S", 0) == 0) {
            collectBackends(machine, r.target, backends, depth + 1);
        }
    }
}

} // namespace

std::string serviceChainName(const std::string& prefix, const std::string& servicePort, const std::string& protocol)
{
    return prefix + hashed(servicePort + protocol);
}

std::string endpointChainName(const std::string& servicePort, const std::string& protocol, const std::string& endpoint)
{
    return "KUBE-SEP-" + hashed(servicePort + protocol + endpoint);
}

void writeServiceRules(net::Stack& stack, const Store& store, const std::string& node, const net::Prefix& podNetwork)
{
    ServiceRules rules(stack, podNetwork);
    rules.begin();
    for (const auto& [key, service] : store.all<Service>()) {
        if (service->spec.clusterIP.empty() || service->spec.clusterIP == "None" || service->spec.type == "ExternalName")
            continue;
        for (const ServicePort& port : service->spec.ports)
            rules.add(proxied(store, key, *service, port, node));
    }
    rules.end();
}

std::vector<ServiceBackend> serviceBackends(const net::Stack& machine, net::Ipv4 address, net::Protocol protocol, std::int64_t port)
{
    std::vector<ServiceBackend> backends;
    const auto services = machine.nat.find(kServicesChain);
    if (services == machine.nat.end())
        return backends;
    for (const FirewallRule& r : services->second.rules)
        if (r.destination && r.destination->contains(address) && r.protocol == protocol && r.destinationPort == port)
            collectBackends(machine, r.target, backends, 0);
    return backends;
}

} // namespace sim::kube
