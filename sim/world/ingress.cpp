#include "sim/world/ingress.h"

#include "sim/kube/client/objects.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim {

namespace {

constexpr const char* kControllerProgram = "nginx-ingress-controller";
constexpr const char* kIngressClass = "nginx";
// ingress-nginx's defaults: proxy-connect-timeout 5 s, proxy-next-upstream-tries 3.
constexpr Duration kConnectTimeout = 5s;
constexpr int kTries = 3;

void nginxPage(HttpAnswer& answer, int status, const char* title)
{
    answer.status = status;
    answer.reason = title;
    answer.headers["Content-Type"] = "text/html";
    answer.body = fmt::format("<html>\r\n<head><title>{0} {1}</title></head>\r\n<body>\r\n<center><h1>{0} {1}</h1></center>\r\n"
                              "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", status, title);
}

/// "*.shop.lab" stands for one label in front.
bool hostMatches(const std::string& rule, const std::string& host)
{
    if (rule.empty() || rule == host)
        return true;
    if (rule.rfind("*.", 0) != 0)
        return false;
    const auto dot = host.find('.');
    return dot != std::string::npos && dot > 0 && host.substr(dot) == rule.substr(1);
}

/// Prefix counts whole elements: /cart covers /cart and /cart/1, not /cartoon.
bool pathMatches(const kube::HttpIngressPath& rule, const std::string& path)
{
    const std::string own = rule.path.empty() ? "/" : rule.path;
    if (rule.pathType.value_or("ImplementationSpecific") == "Exact")
        return path == own;
    const std::string prefix = own.size() > 1 && own.back() == '/' ? own.substr(0, own.size() - 1) : own;
    return prefix == "/" || path == prefix || path.rfind(prefix + "/", 0) == 0;
}

struct IngressChoice {
    std::string namespace_;
    std::optional<kube::IngressServiceBackend> backend;
};

IngressChoice backendFor(const kube::Store& store, const std::string& host, const std::string& path)
{
    IngressChoice best;
    std::size_t length = 0;
    for (const auto& [key, ingress] : store.all<kube::Ingress>()) {
        if (ingress->spec.ingressClassName.value_or(kIngressClass) != kIngressClass)
            continue;
        for (const kube::IngressRule& rule : ingress->spec.rules) {
            if (!rule.http || !hostMatches(rule.host, host))
                continue;
            for (const kube::HttpIngressPath& one : rule.http->paths) {
                const std::size_t weight = one.path.size() + (rule.host.empty() ? 0 : 1000) + 1;
                if (pathMatches(one, path) && weight > length) {
                    best = {key.namespace_, one.backend.service};
                    length = weight;
                }
            }
        }
        if (ingress->spec.defaultBackend && length == 0) {
            best = {key.namespace_, ingress->spec.defaultBackend->service};
            length = 1;
        }
    }
    return best;
}

/// Addresses and ports of a Service's ready endpoints, as the controller puts them into nginx's upstream.
std::vector<std::pair<net::Ipv4, std::int64_t>> upstreams(const kube::Store& store, const std::string& space,
                                                          const kube::IngressServiceBackend& backend)
{
    std::vector<std::pair<net::Ipv4, std::int64_t>> found;
    const auto service = store.get<kube::Service>({space, backend.name.value});
    if (!service)
        return found;
    for (const kube::ServicePort& port : service->spec.ports) {
        if (backend.port.name.empty() ? port.port.value != backend.port.number : port.name != backend.port.name)
            continue;
        for (const auto& slice : store.inNamespace<kube::EndpointSlice>(space)) {
            const auto label = slice->metadata.labels.find(kube::kServiceNameLabel);
            if (label == slice->metadata.labels.end() || label->second != backend.name.value)
                continue;
            for (const kube::EndpointPort& one : slice->ports)
                for (const kube::SliceEndpoint& endpoint : slice->endpoints)
                    if (one.name == port.name && endpoint.conditions.ready.value_or(true) && !endpoint.addresses.empty())
                        if (const auto address = net::Ipv4::parse(endpoint.addresses.front()))
                            found.emplace_back(*address, one.port);
        }
    }
    return found;
}

} // namespace

bool isIngressController(const container::Container& container)
{
    return container.program.name == kControllerProgram;
}

void answerIngress(HttpAnswer& answer, const World& world, const HttpQuestion& question, const container::Container& controller)
{
    const auto header = question.headers.find("host");
    std::string host = header == question.headers.end() ? question.host : header->second;
    host = host.substr(0, host.find(':'));
    const std::string path = question.path.substr(0, question.path.find('?'));
    const kube::Store& store = world.cluster().store();
    const IngressChoice choice = backendFor(store, host, path);
    if (!choice.backend) {
        nginxPage(answer, 404, "Not Found");
        return;
    }
    const auto endpoints = upstreams(store, choice.namespace_, *choice.backend);
    if (endpoints.empty()) {
        nginxPage(answer, 503, "Service Temporarily Unavailable");
        return;
    }
    bool silent = false;
    const auto first = static_cast<std::size_t>(world.now().time_since_epoch() / Duration(1s)) % endpoints.size();
    for (std::size_t i = 0; i < std::min<std::size_t>(endpoints.size(), kTries); ++i) {
        const auto& [address, port] = endpoints[(first + i) % endpoints.size()];
        HttpQuestion onward = question;
        onward.from = controller.stack;
        onward.tls = false;
        onward.host = address.text();
        onward.port = port;
        onward.proxy.clear();
        const HttpAnswer upstream = world.http(onward);
        silent = upstream.failure == HttpAnswer::Failure::Timeout;
        answer.took += silent ? kConnectTimeout : upstream.took;
        if (upstream.failure != HttpAnswer::Failure::None)
            continue;
        answer.status = upstream.status;
        answer.reason = upstream.reason;
        answer.headers = upstream.headers;
        answer.body = upstream.body;
        return;
    }
    if (silent)
        nginxPage(answer, 504, "Gateway Time-out");
    else
        nginxPage(answer, 502, "Bad Gateway");
}

} // namespace sim
