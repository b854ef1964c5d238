#include "sim/kube/webhook_network.h"

#include "sim/engine/base64.h"
#include "sim/kube/network/service_network.h"
#include "sim/net/certificate.h"
#include "sim/programs/program.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

using nlohmann::json;

// TCP and TLS handshakes and the request itself, with a program that answers at once.
constexpr Duration kRoundTrip = std::chrono::milliseconds(5);

WebhookAnswer failed(std::string why, Duration took = {})
{
    WebhookAnswer answer;
    answer.failure = std::move(why);
    answer.took = took;
    return answer;
}

/// Who listens on the port in the network namespace.
const container::Container* listening(const Context& context, StackId stack, std::int64_t port)
{
    const auto& listeners = context.network.stack(stack).listeners;
    const auto listener = std::find_if(listeners.begin(), listeners.end(), [&](const net::Listener& one) { return one.port == port; });
    if (listener == listeners.end())
        return nullptr;
    for (const auto& [id, container] : context.runtimes.containers())
        if (container.stack == stack && container.pid == listener->pid && !container.sandbox)
            return &container;
    return nullptr;
}

/// The first image of the pod that comes from none of the registries; empty when all do.
std::string foreignImage(const json& pod, const std::string& registries)
{
    const auto allowed = [&](const std::string& image) {
        for (std::size_t at = 0; at <= registries.size();) {
            const std::size_t end = std::min(registries.find(',', at), registries.size());
            if (end > at && image.starts_with(registries.substr(at, end - at) + "/"))
                return true;
            at = end + 1;
        }
        return false;
    };
    const json spec = pod.value("spec", json::object());
    for (const char* list : {"initContainers", "containers"})
        for (const json& container : spec.value(list, json::array()))
            if (const std::string image = container.value("image", std::string{}); !allowed(image))
                return image;
    return {};
}

/// A gate for pods by the registry of their images (programs::Program::Kind::PolicyWebhook).
json judge(const programs::Program& program, const json& review)
{
    const json& request = review.at("request");
    const std::string registries = programs::flagOf(program.command, "--allowed-registries").value_or("");
    const std::string foreign = request.at("object").is_object() ? foreignImage(request.at("object"), registries) : std::string{};
    json response{{"uid", request.at("uid")}, {"allowed", foreign.empty()}};
    if (!foreign.empty())
        response["status"] = {{"code", 403}, {"reason", "Forbidden"}, {"message", fmt::format("image \"{}\" does not come from {}", foreign, registries)}};
    return {{"apiVersion", "admission.k8s.io/v1"}, {"kind", "AdmissionReview"}, {"response", std::move(response)}};
}

} // namespace

/// TLS and HTTP, once the connection is there.
WebhookAnswer WebhookNetwork::ask(const WebhookCall& call, StackId stack, std::int64_t port) const
{
    const container::Container* container = listening(m_context, stack, port);
    if (container == nullptr)
        return failed("EOF", kRoundTrip);
    const auto& processes = m_context.hosts.at(container->host).processes;
    if (const auto process = processes.find(container->pid); process != processes.end() && process->second.state == 'T')
        return failed("context deadline exceeded", call.timeout); // the kernel takes the connection, nobody reads from it
    const programs::Program& program = container->program;
    const auto file = container->files.find(programs::flagOf(program.command, "--cert-dir").value_or("") + "/tls.crt");
    const auto presented = file == container->files.end() ? std::vector<net::Certificate>{} : net::certificatesIn(file->second);
    if (program.kind != programs::Program::Kind::PolicyWebhook || presented.empty())
        return failed("http: server gave HTTP response to HTTPS client", kRoundTrip);
    const auto roots = net::certificatesIn(decodeBase64(call.caBundle).value_or(""));
    const std::string name = call.serviceName + "." + call.serviceNamespace + ".svc";
    if (std::string error = net::tlsError(presented.front(), roots, name, m_context.engine.now()); !error.empty())
        return failed(std::move(error), kRoundTrip);
    if (call.path != programs::flagOf(program.command, "--path").value_or("")) {
        WebhookAnswer answer = failed("the server could not find the requested resource", kRoundTrip);
        answer.answered = true;
        return answer;
    }
    WebhookAnswer answer;
    answer.review = judge(program, call.review);
    answer.took = kRoundTrip;
    return answer;
}

WebhookAnswer WebhookNetwork::call(const Store& store, const WebhookCall& call)
{
    if (call.serviceName.empty())
        return failed("dial tcp: lookup of a host outside the cluster: no such host");
    const auto service = store.get<Service>({call.serviceNamespace, call.serviceName});
    if (!service)
        return failed(fmt::format("service \"{}\" not found", call.serviceName));
    const auto address = net::Ipv4::parse(service->spec.clusterIP);
    const auto target = address ? resolveService(store, *address, call.servicePort, 0) : std::nullopt;
    if (!target)
        return failed(fmt::format("no service port {} found for service \"{}\"", call.servicePort, call.serviceName));
    if (target->rejected)
        return failed(fmt::format("no endpoints available for service \"{}\"", call.serviceName));
    if (m_settings.controlPlane.empty())
        return failed("EOF", kRoundTrip); // hosted: nothing here is reached from there
    const StackId from = m_context.hosts.at(m_settings.controlPlane.front()).stack;
    const std::string dialed = fmt::format("dial tcp {}:{}: ", service->spec.clusterIP, call.servicePort);
    const net::PathResult path = m_context.network.reach(from, target->address, net::Protocol::Tcp, target->port);
    switch (path.verdict) {
    case net::Verdict::Delivered: return ask(call, path.target, target->port);
    case net::Verdict::Refused: return failed(dialed + "connect: connection refused");
    case net::Verdict::HostUnreachable: return failed(dialed + "connect: no route to host", std::chrono::seconds(3));
    case net::Verdict::NetworkUnreachable: return failed(dialed + "connect: network is unreachable");
    default: return failed("context deadline exceeded", call.timeout);
    }
}

} // namespace sim::kube
