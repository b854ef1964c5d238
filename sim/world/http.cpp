#include "sim/container/machine_names.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

// Who answers an HTTP request, worked out from state: name, address, path, listener, program.
namespace sim {

namespace {

std::string decodeBase64(std::string_view text)
{
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        int value = -1;
        if (c >= 'A' && c <= 'Z') value = c - 'A';
        else if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
        else if (c >= '0' && c <= '9') value = c - '0' + 52;
        else if (c == '+') value = 62;
        else if (c == '/') value = 63;
        if (value < 0)
            continue;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 0xff);
        }
    }
    return out;
}

std::string reasonOf(int status)
{
    switch (status) {
    case 200: return "OK";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Unknown";
    }
}

void reply(HttpAnswer& answer, int status, std::string type, std::string body)
{
    answer.status = status;
    answer.headers["Content-Type"] = std::move(type);
    answer.body = std::move(body);
}

/// The monitoring machine's pages: the user-facing figures, in Prometheus' text and query formats.
void answerMonitoring(HttpAnswer& answer, const World& world, const HttpQuestion& question)
{
    const telemetry::Telemetry& telemetry = world.telemetry();
    const double success = telemetry.mean("sli.success", 30s);
    if (question.path.rfind("/checkout", 0) == 0 || question.path == "/" || question.path.rfind("/metrics", 0) == 0) {
        std::string text = "# HELP checkout_success_ratio Checkouts answered well over the last 30 s.\n"
                           "# TYPE checkout_success_ratio gauge\n";
        text += fmt::format("checkout_success_ratio {:.4f}\n", success);
        text += "# HELP checkout_latency_p99_seconds 99th percentile over the last 30 s.\n"
                "# TYPE checkout_latency_p99_seconds gauge\n";
        text += fmt::format("checkout_latency_p99_seconds {:.3f}\n", telemetry.mean("sli.p99", 30s));
        text += fmt::format("# TYPE checkout_requests_per_second gauge\ncheckout_requests_per_second {:.1f}\n",
                            telemetry.mean("sli.rate", 30s));
        for (std::size_t i = 0; i < telemetry.rules().size(); ++i) {
            const telemetry::Alert& alert = telemetry.alerts()[i];
            if (alert.state != telemetry::Alert::State::Inactive)
                text += fmt::format("ALERTS{{alertname=\"{}\",alertstate=\"{}\",severity=\"{}\"}} 1\n", alert.rule,
                                    alert.state == telemetry::Alert::State::Firing ? "firing" : "pending",
                                    telemetry.rules()[i].severity);
        }
        reply(answer, 200, "text/plain; version=0.0.4; charset=utf-8", text);
        return;
    }
    if (question.path.rfind("/api/v1/alerts", 0) == 0) {
        nlohmann::json alerts = nlohmann::json::array();
        for (std::size_t i = 0; i < telemetry.rules().size(); ++i) {
            const telemetry::Alert& alert = telemetry.alerts()[i];
            if (alert.state == telemetry::Alert::State::Inactive)
                continue;
            alerts.push_back({{"labels", {{"alertname", alert.rule}, {"severity", telemetry.rules()[i].severity}}},
                              {"annotations", {{"summary", telemetry.rules()[i].summary}}},
                              {"state", alert.state == telemetry::Alert::State::Firing ? "firing" : "pending"},
                              {"value", fmt::format("{:.3e}", alert.value)}});
        }
        reply(answer, 200, "application/json", nlohmann::json{{"status", "success"}, {"data", {{"alerts", alerts}}}}.dump());
        return;
    }
    reply(answer, 404, "text/plain; charset=utf-8", "404 page not found\n");
}

void answerRegistry(HttpAnswer& answer, const World& world, const HttpQuestion& question, const container::Registry& registry)
{
    if (!question.tls) {
        reply(answer, 400, "text/plain", "Client sent an HTTP request to an HTTPS server.\n");
        return;
    }
    std::string user;
    std::string password;
    const auto authorization = question.headers.find("authorization");
    if (authorization != question.headers.end() && authorization->second.rfind("Basic ", 0) == 0) {
        const std::string decoded = decodeBase64(std::string_view(authorization->second).substr(6));
        user = decoded.substr(0, decoded.find(':'));
        password = decoded.find(':') == std::string::npos ? std::string{} : decoded.substr(decoded.find(':') + 1);
    }
    const auto said = world.registries().answer(world.hosts(), registry, world.now(), question.method, question.path, user, password);
    answer.status = said.status;
    answer.headers = said.headers;
    answer.headers["Docker-Distribution-Api-Version"] = "registry/2.0";
    answer.body = question.method == "HEAD" ? std::string{} : said.body;
}

const container::Container* containerListening(const World& world, StackId stack, std::int64_t pid)
{
    for (const auto& [id, container] : world.runtimes().containers())
        if (container.stack == stack && container.pid == pid && !container.sandbox)
            return &container;
    return nullptr;
}

void answerProgram(HttpAnswer& answer, const World& world, const HttpQuestion& question, const container::Container& container)
{
    const programs::Program& program = container.program;
    const std::string path = question.path.substr(0, question.path.find('?'));
    if (!program.readyPath.empty() && path == program.readyPath)
        reply(answer, 200, "text/plain; charset=utf-8", "ok\n");
    else if (program.kind == programs::Program::Kind::LlmServer && path == "/v1/models")
        reply(answer, 200, "application/json", R"({"object":"list","data":[{"id":"llama-3-8b","object":"model"}]})");
    else if (path == "/" || path == "/checkout")
        reply(answer, 200, "application/json",
              fmt::format("{{\"service\":\"{}\",\"image\":\"{}\"}}\n", program.name, container.image));
    else
        reply(answer, 404, "text/plain; charset=utf-8", "404 page not found\n");
    answer.took += program.serviceTime;
    (void)world;
}

} // namespace

NameAnswer World::resolve(StackId from, const std::string& name) const
{
    NameAnswer answer;
    answer.canonicalName = name;
    if (!m_network.hasStack(from))
        return answer;
    const net::Stack& stack = m_network.stack(from);
    if (!stack.node.valid()) {
        const container::MachineName found = container::resolveOnMachine(m_hosts, m_network, stack.host, name);
        answer.server = found.server;
        answer.status = found.status == container::MachineName::Status::Found ? NameAnswer::Status::Found
            : found.status == container::MachineName::Status::NotFound        ? NameAnswer::Status::NotFound
                                                                              : NameAnswer::Status::NoServer;
        if (found.status == container::MachineName::Status::Found)
            answer.addresses = found.addresses;
        return answer;
    }
    // A pod: its sandbox's resolv.conf names the cluster DNS; anything else goes on to the node's server.
    if (const auto literal = net::Ipv4::parse(name)) {
        answer.status = NameAnswer::Status::Found;
        answer.addresses = {*literal};
        return answer;
    }
    std::string resolvConf;
    std::string nameSpace = "default";
    for (const auto& [id, container] : m_runtimes.containers())
        if (container.sandbox && container.stack == from) {
            nameSpace = container.podNamespace;
            const auto file = container.files.find("/etc/resolv.conf");
            resolvConf = file == container.files.end() ? std::string{} : file->second;
        }
    const auto servers = container::nameserversIn(resolvConf);
    answer.status = NameAnswer::Status::NoServer;
    answer.server = servers.empty() ? std::string{} : servers.front().text();
    if (!servers.empty() && servers.front() == m_cluster.settings().dnsAddress) {
        const auto dns = m_cluster.resolveService(m_cluster.settings().dnsAddress, 53, 0);
        if (!dns || dns->rejected
            || m_network.reach(from, dns->address, net::Protocol::Udp, dns->port).verdict != net::Verdict::Delivered)
            return answer;
        const std::string domain = m_cluster.settings().dnsDomain;
        for (const std::string& suffix : {std::string("." + nameSpace + ".svc." + domain), ".svc." + domain, "." + domain, std::string{}}) {
            const std::string full = name + suffix;
            answer.addresses = m_cluster.resolveName(full);
            if (!answer.addresses.empty()) {
                answer.status = NameAnswer::Status::Found;
                answer.canonicalName = full;
                return answer;
            }
        }
    }
    // CoreDNS forwards what is not its own to the node's nameservers.
    const host::Machine& machine = m_hosts.at(stack.host);
    const auto forwarded = container::resolveOnMachine(m_hosts, m_network, machine.id, name);
    answer.status = forwarded.status == container::MachineName::Status::Found ? NameAnswer::Status::Found : NameAnswer::Status::NotFound;
    if (answer.status == NameAnswer::Status::Found)
        answer.addresses = forwarded.addresses;
    return answer;
}

net::PathResult World::reach(StackId from, net::Ipv4 destination, net::Protocol protocol, std::int64_t port) const
{
    // kube-proxy's rules are on cluster nodes and in pods; elsewhere a Service address is just unknown.
    const net::Stack& stack = m_network.stack(from);
    const bool onNode = m_cluster.store().get<kube::Node>({"", m_hosts.at(stack.host).name}) != nullptr;
    if (onNode)
        if (const auto target = m_cluster.resolveService(destination, port, 0)) {
            if (target->rejected) {
                net::PathResult refused;
                refused.verdict = net::Verdict::Refused;
                return refused;
            }
            return m_network.reach(from, target->address, protocol, target->port);
        }
    return m_network.reach(from, destination, protocol, port);
}

HttpAnswer World::http(const HttpQuestion& question) const
{
    HttpAnswer answer;
    std::string host = question.host;
    std::int64_t port = question.port;
    if (!question.proxy.empty()) {
        std::string proxy = question.proxy;
        if (const auto scheme = proxy.find("://"); scheme != std::string::npos)
            proxy = proxy.substr(scheme + 3);
        const auto colon = proxy.find(':');
        host = proxy.substr(0, colon);
        port = colon == std::string::npos ? 3128 : std::atoll(proxy.c_str() + colon + 1);
    }
    answer.name = resolve(question.from, host);
    if (answer.name.status != NameAnswer::Status::Found) {
        answer.failure = HttpAnswer::Failure::Name;
        answer.took = answer.name.status == NameAnswer::Status::NoServer ? Duration(10s) : Duration(3ms);
        return answer;
    }
    answer.address = answer.name.addresses.front();
    answer.path = reach(question.from, answer.address, net::Protocol::Tcp, port);
    answer.took = answer.path.rtt;
    if (answer.path.verdict != net::Verdict::Delivered) {
        answer.failure = answer.path.verdict == net::Verdict::TimedOut || answer.path.verdict == net::Verdict::NotPermitted
            ? HttpAnswer::Failure::Timeout : HttpAnswer::Failure::Connect;
        return answer;
    }
    answer.took += answer.path.rtt * (question.tls ? 3 : 1) + 2ms;

    const net::Stack& target = m_network.stack(answer.path.target);
    if (const auto service = m_cluster.resolveService(answer.address, port, 0); service && !service->rejected)
        port = service->port;
    const auto listener = std::find_if(target.listeners.begin(), target.listeners.end(),
                                       [&](const net::Listener& l) { return l.port == port; });
    const host::Machine& machine = m_hosts.at(target.host);
    if (listener != target.listeners.end()) {
        const auto process = machine.processes.find(listener->pid);
        if (process != machine.processes.end() && process->second.state == 'T') {
            answer.failure = HttpAnswer::Failure::Timeout; // connected by the kernel, never answered
            return answer;
        }
    }
    if (const auto* registry = m_registries.onHost(target.host); registry != nullptr && registry->port == port && !target.node.valid())
        answerRegistry(answer, *this, question, *registry);
    else if (listener != target.listeners.end() && listener->program == "prometheus")
        answerMonitoring(answer, *this, question);
    else if (port == 6443 && (question.path == "/healthz" || question.path == "/livez" || question.path == "/readyz"))
        reply(answer, 200, "text/plain; charset=utf-8", "ok");
    else if (port == 6443)
        reply(answer, 403, "application/json", "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"forbidden: User \\\"system:anonymous\\\" cannot get path \\\"" + question.path + "\\\"\",\"reason\":\"Forbidden\",\"code\":403}\n");
    else if (const auto* container = listener == target.listeners.end()
                 ? nullptr : containerListening(*this, answer.path.target, listener->pid))
        answerProgram(answer, *this, question, *container);
    else if (port == 10248 && question.path == "/healthz")
        reply(answer, 200, "text/plain; charset=utf-8", "ok");
    else
        reply(answer, 404, "text/plain; charset=utf-8", "404 page not found\n");
    if (answer.status != 0)
        answer.reason = reasonOf(answer.status);
    return answer;
}

} // namespace sim
