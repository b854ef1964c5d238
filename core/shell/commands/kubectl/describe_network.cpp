#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/flags.h"

#include <fmt/core.h>

#include <set>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

std::string unset(const std::string& text)
{
    return text.empty() ? "<unset>" : text;
}

std::string addressesText(const std::vector<EndpointAddress>& addresses)
{
    std::vector<std::string> parts;
    for (const EndpointAddress& address : addresses)
        parts.push_back(address.ip);
    return parts.empty() ? "<none>" : join(parts, ",");
}

void describePortTable(TabText& out, const std::vector<EndpointPort>& ports, int level)
{
    out.line(level, "Name\tPort\tProtocol");
    out.line(level, "----\t----\t--------");
    for (const EndpointPort& port : ports)
        out.line(level, fmt::format("{}\t{}\t{}", unset(port.name), port.port, port.protocol));
}

} // namespace

/// At most three ready addresses. A further endpoint makes the rest a count, even when that count is zero
/// because it is not ready: the real tool's quirk.
std::string endpointsText(const std::vector<EndpointSlice>& slices, const std::string& port)
{
    constexpr std::size_t kShown = 3;
    if (slices.empty())
        return "<none>";
    std::vector<std::string> shown;
    std::size_t count = 0;
    bool more = false;
    const auto walk = [&](const EndpointSlice& slice, const std::string& suffix) {
        for (const SliceEndpoint& endpoint : slice.endpoints) {
            more = more || shown.size() == kShown;
            if (!endpoint.conditions.ready.value_or(true) || endpoint.addresses.empty())
                continue;
            if (!more)
                shown.push_back(endpoint.addresses[0] + suffix);
            ++count;
        }
    };
    for (const EndpointSlice& slice : slices) {
        if (slice.ports.empty())
            walk(slice, "");
        for (const EndpointPort& one : slice.ports) {
            if (one.name == port)
                walk(slice, fmt::format(":{}", one.port));
        }
    }
    const std::string text = join(shown, ",");
    return more ? fmt::format("{} + {} more...", text, count - kShown) : text;
}

std::string describeService(const Service& service, const std::vector<EndpointSlice>& slices, const EventList& events,
                            sim::Instant now)
{
    TabText out;
    const ServiceSpec& spec = service.spec;
    out.line(0, "Name:\t" + service.metadata.name);
    out.line(0, "Namespace:\t" + service.metadata.namespace_);
    describeLabels(out, "Labels", service.metadata.labels);
    describeAnnotations(out, "Annotations", service.metadata.annotations);
    out.line(0, "Selector:\t" + selectorText(spec.selector));
    out.line(0, "Type:\t" + spec.type);
    if (!spec.ipFamilyPolicy.empty())
        out.line(0, "IP Family Policy:\t" + spec.ipFamilyPolicy);
    if (!spec.ipFamilies.empty())
        out.line(0, "IP Families:\t" + join(spec.ipFamilies, ","));
    out.line(0, "IP:\t" + spec.clusterIP);
    if (!spec.clusterIPs.empty())
        out.line(0, "IPs:\t" + join(spec.clusterIPs, ","));
    for (const ServicePort& port : spec.ports) {
        out.line(0, fmt::format("Port:\t{}\t{}/{}", unset(port.name), port.port.value, port.protocol));
        out.line(0, fmt::format("TargetPort:\t{}/{}", intOrStringText(port.targetPort), port.protocol));
        if (port.nodePort != 0)
            out.line(0, fmt::format("NodePort:\t{}\t{}/{}", unset(port.name), port.nodePort, port.protocol));
        out.line(0, "Endpoints:\t" + endpointsText(slices, port.name));
    }
    out.line(0, "Session Affinity:\t" + spec.sessionAffinity);
    if (!spec.externalTrafficPolicy.empty())
        out.line(0, "External Traffic Policy:\t" + spec.externalTrafficPolicy);
    if (!spec.internalTrafficPolicy.empty())
        out.line(0, "Internal Traffic Policy:\t" + spec.internalTrafficPolicy);
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeEndpoints(const Endpoints& endpoints, const EventList& events, sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + endpoints.metadata.name);
    out.line(0, "Namespace:\t" + endpoints.metadata.namespace_);
    describeLabels(out, "Labels", endpoints.metadata.labels);
    describeAnnotations(out, "Annotations", endpoints.metadata.annotations);
    out.line(0, "Subsets:");
    for (const EndpointSubset& subset : endpoints.subsets) {
        out.line(1, "Addresses:\t" + addressesText(subset.addresses));
        out.line(1, "NotReadyAddresses:\t" + addressesText(subset.notReadyAddresses));
        if (!subset.ports.empty()) {
            out.line(1, "Ports:");
            describePortTable(out, subset.ports, 2);
        }
        out.line(0, "");
    }
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeEndpointSlice(const EndpointSlice& slice, const EventList& events, sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + slice.metadata.name);
    out.line(0, "Namespace:\t" + slice.metadata.namespace_);
    describeLabels(out, "Labels", slice.metadata.labels);
    describeAnnotations(out, "Annotations", slice.metadata.annotations);
    out.line(0, "AddressType:\t" + slice.addressType);
    if (slice.ports.empty()) {
        out.line(0, "Ports: <unset>");
    } else {
        out.line(0, "Ports:");
        describePortTable(out, slice.ports, 1);
    }
    if (slice.endpoints.empty()) {
        out.line(0, "Endpoints: <none>");
    } else {
        out.line(0, "Endpoints:");
        for (const SliceEndpoint& endpoint : slice.endpoints) {
            out.line(1, "- Addresses:\t" + join(endpoint.addresses, ", "));
            out.line(2, "Conditions:");
            const auto& ready = endpoint.conditions.ready;
            out.line(3, "Ready:\t" + std::string(!ready ? "<unset>" : *ready ? "true" : "false"));
            out.line(2, "Hostname:\t" + unset(endpoint.hostname.value_or("")));
            if (endpoint.targetRef)
                out.line(2, fmt::format("TargetRef:\t{}/{}", endpoint.targetRef->kind, endpoint.targetRef->name));
            out.line(2, "NodeName:\t" + unset(endpoint.nodeName));
            out.line(2, "Zone:\t" + unset(endpoint.zone));
        }
    }
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeIngress(const Ingress& ingress, const BackendText& backend, const EventList& events, sim::Instant now)
{
    TabText out;
    const IngressSpec& spec = ingress.spec;
    const auto backendText = [&](const IngressBackend& one) {
        if (one.service) {
            const std::string port = one.service->port.name.empty() ? std::to_string(one.service->port.number) : one.service->port.name;
            return fmt::format("{}:{} ({})", one.service->name.value, port, backend(*one.service));
        }
        if (one.resource)
            return fmt::format("APIGroup: {}, Kind: {}, Name: {}", one.resource->apiGroup.value_or("<none>"), one.resource->kind.value, one.resource->name.value);
        return std::string();
    };
    std::vector<std::string> addresses;
    for (const auto& one : ingress.status.loadBalancer.ingress)
        addresses.push_back(one.ip.empty() ? one.hostname : one.ip);
    const std::string otherwise = spec.defaultBackend ? backendText(*spec.defaultBackend) : "<default>";
    out.line(0, "Name:\t" + ingress.metadata.name);
    describeLabels(out, "Labels", ingress.metadata.labels);
    out.line(0, "Namespace:\t" + ingress.metadata.namespace_);
    out.line(0, "Address:\t" + join(addresses, ","));
    out.line(0, "Ingress Class:\t" + spec.ingressClassName.value_or("<none>"));
    out.line(0, "Default backend:\t" + otherwise);
    if (!spec.tls.empty())
        out.line(0, "TLS:");
    for (const IngressTls& tls : spec.tls)
        out.line(1, tls.secretName.empty() ? "SNI routes " + join(tls.hosts, ",") : tls.secretName + " terminates " + join(tls.hosts, ","));
    out.line(0, "Rules:");
    out.line(1, "Host\tPath\tBackends");
    out.line(1, "----\t----\t--------");
    bool any = false;
    for (const IngressRule& rule : spec.rules) {
        if (!rule.http)
            continue;
        any = true;
        out.line(1, (rule.host.empty() ? "*" : rule.host) + "\t");
        for (const HttpIngressPath& path : rule.http->paths)
            out.line(2, fmt::format("\t{} \t{}", path.path, backendText(path.backend)));
    }
    if (!any)
        out.line(1, "*\t*\t" + otherwise);
    describeAnnotations(out, "Annotations", ingress.metadata.annotations);
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeIngressClass(const IngressClass& ingressClass, const EventList& events, sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + ingressClass.metadata.name);
    describeLabels(out, "Labels", ingressClass.metadata.labels);
    describeAnnotations(out, "Annotations", ingressClass.metadata.annotations);
    out.line(0, "Controller:\t" + ingressClass.spec.controller);
    if (const auto& parameters = ingressClass.spec.parameters) {
        out.line(0, "Parameters:");
        if (parameters->apiGroup)
            out.line(1, "APIGroup:\t" + *parameters->apiGroup);
        out.line(1, "Kind:\t" + parameters->kind.value);
        out.line(1, "Name:\t" + parameters->name.value);
    }
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
