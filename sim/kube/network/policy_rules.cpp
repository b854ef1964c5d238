#include "sim/kube/network/policy_rules.h"

#include "sim/engine/sha256.h"
#include "sim/kube/client/objects.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

using net::FirewallRule;

constexpr const char* kAcceptMark = "0x10000/0x10000";
constexpr const char* kForwardHook = "cali-FORWARD";
constexpr const char* kFromDispatch = "cali-from-wl-dispatch";
constexpr const char* kToDispatch = "cali-to-wl-dispatch";
constexpr std::size_t kSetLetters = 16;

FirewallRule policyRule(const std::string& target, const std::string& comment = {}, const std::string& match = {})
{
    FirewallRule r;
    r.target = target;
    r.comment = comment;
    r.match = match;
    return r;
}

FirewallRule markRule(const char* xmark)
{
    FirewallRule r = policyRule("MARK");
    r.targetOptions = std::string("--set-xmark ") + xmark;
    return r;
}

std::string shortHash(const std::string& text, std::size_t letters)
{
    const auto digest = sha256(text);
    std::string name = base32(digest.data(), digest.size()).substr(0, letters);
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return name;
}

/// The pod has a network of its own, and an address in it.
std::optional<net::Ipv4> policedAddress(const Pod& pod)
{
    return pod.spec.hostNetwork || isTerminal(pod) ? std::nullopt : net::Ipv4::parse(pod.status.podIP);
}

/// The node's end of the pod's veth pair.
std::string deviceTo(const net::Stack& machine, net::Ipv4 address)
{
    for (const net::Route& route : machine.routes)
        if (route.destination == net::Prefix{address, 32} && route.device.rfind("cali", 0) == 0)
            return route.device;
    return {};
}

bool peerSelects(const Store& store, const NetworkPolicyPeer& peer, const std::string& policyNamespace, const Pod& pod)
{
    if (peer.namespaceSelector) {
        const auto space = store.get<Namespace>({"", pod.metadata.namespace_});
        if (!space || !peer.namespaceSelector->matches(space->metadata.labels))
            return false;
    } else if (pod.metadata.namespace_ != policyNamespace) {
        return false;
    }
    return !peer.podSelector || peer.podSelector->matches(pod.metadata.labels);
}

net::IpSet membersOf(const Store& store, const NetworkPolicyPeer& peer, const std::string& policyNamespace)
{
    net::IpSet set;
    if (peer.ipBlock) {
        if (const auto block = net::Prefix::parse(peer.ipBlock->cidr.value))
            set.members.push_back({{block->network(), block->length}, net::Protocol::Any, 0});
        for (const std::string& text : peer.ipBlock->except)
            if (const auto hole = net::Prefix::parse(text))
                set.except.push_back({hole->network(), hole->length});
        return set;
    }
    for (const auto& [key, pod] : store.all<Pod>())
        if (const auto address = policedAddress(*pod); address && peerSelects(store, peer, policyNamespace, *pod))
            set.members.push_back({{*address, 32}, net::Protocol::Any, 0});
    return set;
}

net::Protocol policyProtocol(const NetworkPolicyPort& port)
{
    return port.protocol.value_or("TCP") == "UDP" ? net::Protocol::Udp : net::Protocol::Tcp;
}

std::vector<std::shared_ptr<const Pod>> podsWithPort(const Store& store, const std::string& policyNamespace,
                                                     const LabelSelector* selected)
{
    std::vector<std::shared_ptr<const Pod>> pods;
    for (const auto& [key, pod] : store.all<Pod>())
        if (selected == nullptr || (key.namespace_ == policyNamespace && selected->matches(pod->metadata.labels)))
            pods.push_back(pod);
    return pods;
}

/// A named port means another number in each pod: an ip,port set of the pods that have it.
net::IpSet namedPortMembers(const std::vector<std::shared_ptr<const Pod>>& pods, const std::string& name, net::Protocol protocol)
{
    net::IpSet set;
    for (const auto& pod : pods) {
        const auto address = policedAddress(*pod);
        if (!address)
            continue;
        for (const Container& container : pod->spec.containers)
            for (const ContainerPort& port : container.ports)
                if (port.name == name && (port.protocol == "UDP") == (protocol == net::Protocol::Udp))
                    set.members.push_back({{*address, 32}, protocol, port.containerPort.value});
    }
    return set;
}

class PolicyWriter {
public:
    PolicyWriter(net::Network& network, StackId machine, const Store& store) : m_stack(network.stack(machine)), m_store(store) { }

    void begin()
    {
        std::erase_if(m_stack.filter, [](const auto& entry) { return entry.first.rfind("cali-", 0) == 0; });
        std::erase_if(m_stack.ipsets, [](const auto& entry) { return entry.first.rfind("cali40", 0) == 0; });
        auto& forward = m_stack.filter["FORWARD"].rules;
        std::erase_if(forward, [](const FirewallRule& r) { return r.target == kForwardHook; });
    }

    void guard(const std::string& device, const std::vector<std::shared_ptr<const NetworkPolicy>>& policies, bool ingress)
    {
        if (policies.empty() || device.empty())
            return;
        const std::string chain = (ingress ? "cali-tw-" : "cali-fw-") + device;
        auto& rules = m_stack.filter[chain].rules;
        rules.push_back(policyRule("ACCEPT", {}, "ctstate RELATED,ESTABLISHED"));
        rules.push_back(markRule("0x0/0x10000"));
        for (const auto& policy : policies) {
            const std::string name = policy->metadata.namespace_ + "/knp.default." + policy->metadata.name;
            rules.push_back(policyRule(policyChain(*policy, ingress), "Policy: " + name));
            rules.push_back(policyRule("RETURN", "Return if policy accepted", std::string("mark ") + kAcceptMark));
        }
        rules.push_back(policyRule("DROP", "Drop if no policies passed packet"));
        FirewallRule dispatch = policyRule(chain);
        (ingress ? dispatch.outInterface : dispatch.inInterface) = device;
        m_stack.filter[ingress ? kToDispatch : kFromDispatch].rules.push_back(std::move(dispatch));
    }

    void end()
    {
        const bool from = m_stack.filter.count(kFromDispatch) > 0;
        const bool to = m_stack.filter.count(kToDispatch) > 0;
        if (!from && !to)
            return;
        auto& hook = m_stack.filter[kForwardHook].rules;
        if (from) {
            hook.push_back(policyRule(kFromDispatch));
            hook.back().inInterface = "cali+";
        }
        if (to) {
            hook.push_back(policyRule(kToDispatch));
            hook.back().outInterface = "cali+";
        }
        auto& forward = m_stack.filter["FORWARD"];
        if (forward.policy.empty())
            forward.policy = "ACCEPT";
        forward.rules.insert(forward.rules.begin(), policyRule(kForwardHook, "cali:wUHhoiAYhphO9Mso"));
    }

private:
    /// The chain of one policy and direction; made when first asked for.
    std::string policyChain(const NetworkPolicy& policy, bool ingress)
    {
        const std::string name = (ingress ? "cali-pi-_" : "cali-po-_")
            + shortHash(policy.metadata.namespace_ + "/" + policy.metadata.name, kSetLetters);
        if (m_stack.filter.count(name) > 0)
            return name;
        m_stack.filter[name];
        if (ingress)
            for (const NetworkPolicyIngressRule& r : policy.spec.ingress)
                addRule(name, policy, r.from, r.ports, true);
        else
            for (const NetworkPolicyEgressRule& r : policy.spec.egress)
                addRule(name, policy, r.to, r.ports, false);
        return name;
    }

    /// Every peer with every port; no peers or no ports stand for any.
    void addRule(const std::string& chain, const NetworkPolicy& policy, const std::vector<NetworkPolicyPeer>& peers,
                 const std::vector<NetworkPolicyPort>& ports, bool ingress)
    {
        std::vector<std::string> sets;
        for (const NetworkPolicyPeer& peer : peers)
            sets.push_back(keep("cali40s:", membersOf(m_store, peer, policy.metadata.namespace_)));
        if (peers.empty())
            sets.emplace_back();
        for (const std::string& set : sets) {
            const std::string peerMatch = set.empty() ? std::string() : fmt::format("set {} {}", set, ingress ? "src" : "dst");
            if (ports.empty())
                accept(chain, policyRule("MARK", {}, peerMatch));
            for (const NetworkPolicyPort& port : ports) {
                FirewallRule r = policyRule("MARK", {}, peerMatch);
                r.protocol = policyProtocol(port);
                if (port.port && std::holds_alternative<std::int64_t>(port.port->value)) {
                    r.destinationPort = std::get<std::int64_t>(port.port->value);
                    r.destinationPortLast = port.endPort.value_or(0);
                } else if (port.port) {
                    const auto pods = podsWithPort(m_store, policy.metadata.namespace_, ingress ? &policy.spec.podSelector : nullptr);
                    const std::string named = keep("cali40n:", namedPortMembers(pods, std::get<std::string>(port.port->value), r.protocol));
                    r.match += (r.match.empty() ? "" : " ") + fmt::format("set {} dst,dst", named);
                }
                accept(chain, std::move(r));
            }
        }
    }

    void accept(const std::string& chain, FirewallRule r)
    {
        r.targetOptions = std::string("--set-xmark ") + kAcceptMark;
        m_stack.filter[chain].rules.push_back(std::move(r));
        m_stack.filter[chain].rules.push_back(policyRule("RETURN", {}, std::string("mark ") + kAcceptMark));
    }

    /// Equal sets share one name, as felix names them by what they select.
    std::string keep(const std::string& prefix, net::IpSet set)
    {
        const std::string name = prefix + shortHash(fmt::format("{:016x}", fingerprintOf(set)), kSetLetters);
        m_stack.ipsets[name] = std::move(set);
        return name;
    }

    net::Stack& m_stack;
    const Store& m_store;
};

} // namespace

std::vector<std::shared_ptr<const NetworkPolicy>> policiesOf(const Store& store, const Pod& pod, bool ingress)
{
    std::vector<std::shared_ptr<const NetworkPolicy>> found;
    for (const auto& policy : store.inNamespace<NetworkPolicy>(pod.metadata.namespace_)) {
        const auto& types = policy->spec.policyTypes;
        if (std::find(types.begin(), types.end(), ingress ? "Ingress" : "Egress") != types.end()
            && policy->spec.podSelector.matches(pod.metadata.labels))
            found.push_back(policy);
    }
    return found;
}

void writePolicyRules(net::Network& network, StackId machine, const Store& store, const std::string& node)
{
    PolicyWriter writer(network, machine, store);
    writer.begin();
    if (!store.all<NetworkPolicy>().empty())
        for (const auto& [key, pod] : store.all<Pod>()) {
            const auto address = pod->spec.nodeName == node ? policedAddress(*pod) : std::nullopt;
            if (!address)
                continue;
            const std::string device = deviceTo(network.stack(machine), *address);
            for (const bool ingress : {true, false})
                writer.guard(device, policiesOf(store, *pod, ingress), ingress);
        }
    writer.end();
}

std::optional<PolicyChain> policyChainIn(const std::string& place)
{
    for (const bool ingress : {true, false}) {
        const std::string prefix = ingress ? "cali-tw-" : "cali-fw-";
        const auto at = place.find(prefix);
        if (at == std::string::npos)
            continue;
        const auto begin = at + prefix.size();
        return PolicyChain{place.substr(begin, place.find(' ', begin) - begin), ingress};
    }
    return std::nullopt;
}

} // namespace sim::kube
