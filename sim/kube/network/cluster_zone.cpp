#include "sim/kube/network/cluster_zone.h"

#include "sim/kube/client/objects.h"
#include "sim/net/address.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

using programs::inZone;
using programs::KubernetesPlugin;

constexpr std::int64_t kNegativeTtl = 5; // plugin/kubernetes MinTTL of the SOA
constexpr const char* kSchemaVersion = "1.1.0";

std::vector<std::string> labelsOf(const std::string& name)
{
    std::vector<std::string> labels;
    std::size_t begin = 0;
    while (begin <= name.size() && !name.empty()) {
        const std::size_t dot = std::min(name.find('.', begin), name.size());
        labels.push_back(name.substr(begin, dot - begin));
        begin = dot + 1;
    }
    return labels;
}

/// One ready address behind a Service, with the name it has there.
struct NamedEndpoint {
    std::string host; ///< a StatefulSet pod's name, else its address with dashes
    std::string address;
    std::string portName;
    std::string protocol;
    std::int64_t port = 0;
};

std::vector<NamedEndpoint> namedEndpoints(const Store& store, const ObjectKey& service)
{
    std::vector<NamedEndpoint> found;
    for (const auto& slice : store.inNamespace<EndpointSlice>(service.namespace_)) {
        const auto label = slice->metadata.labels.find(kServiceNameLabel);
        if (label == slice->metadata.labels.end() || label->second != service.name)
            continue;
        for (const SliceEndpoint& endpoint : slice->endpoints) {
            if (!endpoint.conditions.ready.value_or(true) || endpoint.addresses.empty())
                continue;
            NamedEndpoint one;
            one.address = endpoint.addresses.front();
            one.host = endpoint.hostname.value_or(one.address);
            std::replace(one.host.begin(), one.host.end(), '.', '-');
            if (slice->ports.empty())
                found.push_back(one);
            for (const EndpointPort& port : slice->ports) {
                one.portName = port.name;
                one.protocol = port.protocol;
                one.port = port.port;
                found.push_back(one);
            }
        }
    }
    return found;
}

class ZoneAnswer {
public:
    ZoneAnswer(const Store& store, const KubernetesPlugin& plugin, std::string zone, const DnsQuestion& question)
        : m_store(store)
        , m_plugin(plugin)
        , m_zone(std::move(zone))
        , m_question(question)
    {
        m_reply.authoritative = true;
    }

    DnsReply run()
    {
        const std::string rest = m_question.name.size() > m_zone.size()
            ? m_question.name.substr(0, m_question.name.size() - m_zone.size() - (m_zone.empty() ? 0 : 1)) : std::string();
        answer(labelsOf(rest));
        if (m_reply.answers.empty() && m_reply.code == DnsCode::NoError)
            m_reply.authority = startOfAuthority();
        if (m_reply.code == DnsCode::NxDomain)
            m_reply.authority = startOfAuthority();
        return m_reply;
    }

private:
    void noSuchName() { m_reply.code = DnsCode::NxDomain; }

    DnsRecord startOfAuthority() const
    {
        return {m_zone, kNegativeTtl, DnsType::Soa,
                fmt::format("ns.dns.{0}. hostmaster.{0}. 1772442000 7200 1800 86400 {1}", m_zone, kNegativeTtl)};
    }

    void add(DnsType type, const std::string& data)
    {
        const DnsRecord record{m_question.name, m_plugin.ttl, type, data};
        if (std::find(m_reply.answers.begin(), m_reply.answers.end(), record) == m_reply.answers.end())
            m_reply.answers.push_back(record);
    }
    void addAddress(const std::string& address)
    {
        if (m_question.type == DnsType::A)
            add(DnsType::A, address);
    }

    void answer(const std::vector<std::string>& labels)
    {
        if (labels.empty()) {
            if (m_question.type == DnsType::Soa)
                m_reply.answers.push_back(startOfAuthority());
            else if (m_question.type == DnsType::Ns)
                add(DnsType::Ns, "ns.dns." + m_zone + ".");
            return;
        }
        if (labels == std::vector<std::string>{"dns-version"} && m_question.type == DnsType::Txt) {
            add(DnsType::Txt, fmt::format("\"{}\"", kSchemaVersion));
            return;
        }
        if (labels == std::vector<std::string>{"ns", "dns"}) {
            if (const auto dns = m_store.get<Service>({"kube-system", "kube-dns"}))
                addAddress(dns->spec.clusterIP);
            return;
        }
        const std::string& kind = labels.back();
        if (kind != "svc" && kind != "pod") {
            noSuchName();
            return;
        }
        if (labels.size() == 1)
            return; // the node above all Services exists, and has no records
        const std::string& space = labels[labels.size() - 2];
        if (!m_store.get<Namespace>({"", space})) {
            noSuchName();
            return;
        }
        const std::vector<std::string> rest(labels.begin(), labels.end() - 2);
        if (rest.empty())
            return;
        if (kind == "pod")
            podAddress(rest);
        else
            service(space, rest);
    }

    void podAddress(const std::vector<std::string>& rest)
    {
        std::string address = rest.back();
        std::replace(address.begin(), address.end(), '-', '.');
        const bool there = std::any_of(m_store.all<Pod>().begin(), m_store.all<Pod>().end(),
                                       [&](const auto& entry) { return entry.second->status.podIP == address; });
        using Pods = KubernetesPlugin::Pods;
        if (m_plugin.pods == Pods::Disabled || !net::Ipv4::parse(address) || rest.size() > 1 || (m_plugin.pods == Pods::Verified && !there))
            noSuchName();
        else
            addAddress(address);
    }

    void service(const std::string& space, const std::vector<std::string>& rest)
    {
        const ObjectKey key{space, rest.back()};
        const auto found = m_store.get<Service>(key);
        if (!found || rest.size() > 3) {
            noSuchName();
            return;
        }
        const Service& service = *found;
        if (service.spec.type == "ExternalName") {
            if (rest.size() == 1)
                add(DnsType::Cname, dnsName(service.spec.externalName) + ".");
            else
                noSuchName();
            return;
        }
        const bool headless = service.spec.clusterIP == "None";
        const bool forPort = rest.size() == 3;
        const std::string portName = forPort ? rest[0].substr(rest[0].rfind('_') + 1) : std::string();
        const std::string protocol = forPort ? rest[1].substr(rest[1].rfind('_') + 1) : std::string();
        const auto wanted = [&](const std::string& name, const std::string& proto) {
            return !forPort || (dnsName(name) == portName && dnsName(proto) == protocol);
        };
        bool any = false;
        if (!headless && rest.size() != 2) {
            for (const ServicePort& port : service.spec.ports) {
                if (!wanted(port.name, port.protocol.empty() ? "tcp" : port.protocol))
                    continue;
                any = true;
                addAddress(service.spec.clusterIP);
                if (m_question.type == DnsType::Srv)
                    addServer(fmt::format("{}.{}.svc.{}.", key.name, space, m_zone), port.port.value, service.spec.clusterIP);
            }
        } else {
            for (const NamedEndpoint& endpoint : namedEndpoints(m_store, key)) {
                if (rest.size() == 2 ? endpoint.host != rest[0] : !wanted(endpoint.portName, endpoint.protocol))
                    continue;
                any = true;
                addAddress(endpoint.address);
                if (m_question.type == DnsType::Srv)
                    addServer(fmt::format("{}.{}.{}.svc.{}.", endpoint.host, key.name, space, m_zone), endpoint.port, endpoint.address);
            }
        }
        if (!any)
            noSuchName();
    }

    void addServer(const std::string& host, std::int64_t port, const std::string& address)
    {
        add(DnsType::Srv, fmt::format("0 100 {} {}", port, host));
        m_reply.additional.push_back({dnsName(host), m_plugin.ttl, DnsType::A, address});
    }

    const Store& m_store;
    const KubernetesPlugin& m_plugin;
    std::string m_zone;
    const DnsQuestion& m_question;
    DnsReply m_reply;
};

/// "10.0.96.10.in-addr.arpa" -> 10.96.0.10.
std::optional<std::string> reversedAddress(const std::string& name)
{
    constexpr std::string_view kReverse = ".in-addr.arpa";
    if (name.size() <= kReverse.size() || name.compare(name.size() - kReverse.size(), kReverse.size(), kReverse) != 0)
        return std::nullopt;
    const auto labels = labelsOf(name.substr(0, name.size() - kReverse.size()));
    if (labels.size() != 4)
        return std::nullopt;
    const std::string address = labels[3] + "." + labels[2] + "." + labels[1] + "." + labels[0];
    return net::Ipv4::parse(address) ? std::optional(address) : std::nullopt;
}

/// The cluster's name for an address; empty: it has none.
std::string reverseName(const Store& store, const std::string& address, const std::string& zone)
{
    for (const auto& [key, service] : store.all<Service>())
        if (service->spec.clusterIP == address)
            return fmt::format("{}.{}.svc.{}.", key.name, key.namespace_, zone);
    for (const auto& [key, slice] : store.all<EndpointSlice>()) {
        const auto label = slice->metadata.labels.find(kServiceNameLabel);
        if (label == slice->metadata.labels.end())
            continue;
        for (const NamedEndpoint& endpoint : namedEndpoints(store, {key.namespace_, label->second}))
            if (endpoint.address == address)
                return fmt::format("{}.{}.{}.svc.{}.", endpoint.host, label->second, key.namespace_, zone);
    }
    return {};
}

/// The longest of the plugin's zones that the name is in.
const std::string* zoneOf(const KubernetesPlugin& plugin, const std::string& name)
{
    const std::string* best = nullptr;
    for (const std::string& zone : plugin.zones)
        if (inZone(name, zone) && (best == nullptr || zone.size() > best->size()))
            best = &zone;
    return best;
}

bool fallsThrough(const KubernetesPlugin& plugin, const std::string& name)
{
    return plugin.fallsThrough
        && (plugin.fallthroughZones.empty()
            || std::any_of(plugin.fallthroughZones.begin(), plugin.fallthroughZones.end(),
                           [&](const std::string& zone) { return inZone(name, zone); }));
}

} // namespace

std::optional<DnsReply> answerFromCluster(const Store& store, const KubernetesPlugin& plugin, const DnsQuestion& question)
{
    const std::string* zone = zoneOf(plugin, question.name);
    if (zone == nullptr)
        return std::nullopt;
    const bool reverse = inZone(*zone, "arpa");
    DnsReply reply;
    if (reverse) {
        reply.authoritative = true;
        const auto address = reversedAddress(question.name);
        std::string primary;
        for (const std::string& one : plugin.zones)
            if (primary.empty() && !inZone(one, "arpa"))
                primary = one;
        const std::string name = address ? reverseName(store, *address, primary) : std::string();
        if (!name.empty() && question.type == DnsType::Ptr)
            reply.answers.push_back({question.name, plugin.ttl, DnsType::Ptr, name});
        else if (name.empty())
            reply.code = DnsCode::NxDomain;
    } else {
        reply = ZoneAnswer(store, plugin, *zone, question).run();
    }
    if (reply.code == DnsCode::NxDomain && fallsThrough(plugin, question.name))
        return std::nullopt;
    return reply;
}

} // namespace sim::kube
