#include "sim/container/machine_names.h"
#include "sim/engine/base64.h"
#include "sim/gpu/dcgm_metrics.h"
#include "sim/kube/api_health.h"
#include "sim/programs/pprof_pages.h"
#include "sim/world/ingress.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

// Who answers an HTTP request, worked out from state: name, address, path, listener, program.
namespace sim {

namespace {

std::string reasonOf(int status)
{
    switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 422: return "Unprocessable Entity";
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

std::string firingAlerts(const telemetry::Telemetry& telemetry)
{
    std::string text;
    for (std::size_t i = 0; i < telemetry.rules().size(); ++i) {
        const telemetry::Alert& alert = telemetry.alerts()[i];
        if (alert.state != telemetry::Alert::State::Inactive)
            text += fmt::format("ALERTS{{alertname=\"{}\",alertstate=\"{}\",severity=\"{}\"}} 1\n", alert.rule,
                                alert.state == telemetry::Alert::State::Firing ? "firing" : "pending", telemetry.rules()[i].severity);
    }
    return text;
}

/// Of a site where nobody calls: how its training jobs get on.
std::string trainingFigures(const World& world)
{
    const telemetry::Telemetry& telemetry = world.telemetry();
    std::string text = fmt::format("# HELP training_progress_ratio Steps of all jobs over those of sound machines, last 30 s.\n"
                       "# TYPE training_progress_ratio gauge\ntraining_progress_ratio {:.4f}\n"
                       "# HELP training_step_seconds Of the last finished step.\n# TYPE training_step_seconds gauge\ntraining_step_seconds {:.3f}\n"
                       "# TYPE training_tokens_per_second gauge\ntraining_tokens_per_second {:.0f}\n",
                       telemetry.mean("sli.success", 30s), world.training().longestStepSeconds(), telemetry.mean("sli.rate", 30s));
    text += "# TYPE training_loss gauge\n";
    for (const auto& [key, job] : world.training().all())
        if (job.run && !job.history.empty()) {
            const float loss = job.history->back().loss;
            text += fmt::format("training_loss{{job=\"{}\"}} {}\n", training::jobName(key), std::isnan(loss) ? "NaN" : fmt::format("{:.4f}", loss));
        }
    return text;
}

/// Of a site that serves models: what each of its clients gets.
std::string servingFigures(const World& world)
{
    const telemetry::Telemetry& telemetry = world.telemetry();
    std::string text = fmt::format("# HELP serving_good_ratio Interactive requests answered within their goals, of those settled in the last 30 s.\n"
                                   "# TYPE serving_good_ratio gauge\nserving_good_ratio {:.4f}\n", telemetry.mean("sli.success", 30s));
    const auto family = [&](const char* name, const char* type, const char* help, auto value) {
        text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
        for (const serving::Client& client : world.serving().clients())
            text += fmt::format("{}{{client=\"{}\",service=\"{}\"}} {}\n", name, client.settings.name, client.settings.service, value(client));
    };
    family("serving_requests_total", "counter", "Requests sent.", [](const serving::Client& c) { return std::to_string(c.sent); });
    text += "# HELP serving_outcomes_total Requests by what became of them.\n# TYPE serving_outcomes_total counter\n";
    for (const serving::Client& client : world.serving().clients())
        for (std::size_t i = 0; i < serving::kOutcomes; ++i)
            text += fmt::format("serving_outcomes_total{{client=\"{}\",outcome=\"{}\"}} {}\n", client.settings.name,
                                serving::outcomeName(static_cast<serving::Outcome>(i)), client.outcomes[i]);
    for (const bool token : {false, true}) {
        const char* metric = token ? "serving_time_per_output_token_seconds" : "serving_time_to_first_token_seconds";
        text += fmt::format("# HELP {0} Of the answers of the last 30 s.\n# TYPE {0} gauge\n", metric);
        for (const serving::Client& client : world.serving().clients())
            for (const auto& [name, share] : {std::pair("0.5", 0.5), std::pair("0.99", 0.99)})
                text += fmt::format("{}{{client=\"{}\",quantile=\"{}\"}} {:.4f}\n", metric, client.settings.name, name,
                                    token ? client.perTokenSeconds(share) : client.firstTokenSeconds(share));
    }
    return text;
}

/// The monitoring machine's pages: the user-facing figures, in Prometheus' text and query formats.
void answerMonitoring(HttpAnswer& answer, const World& world, const HttpQuestion& question)
{
    const telemetry::Telemetry& telemetry = world.telemetry();
    const double success = telemetry.mean("sli.success", 30s);
    if (question.path.rfind("/checkout", 0) == 0 || question.path.rfind("/training", 0) == 0 || question.path.rfind("/serving", 0) == 0 || question.path == "/" || question.path.rfind("/metrics", 0) == 0) {
        if (world.userLoad().profile().training) {
            reply(answer, 200, "text/plain; version=0.0.4; charset=utf-8", trainingFigures(world) + firingAlerts(telemetry));
            return;
        }
        if (world.userLoad().profile().serving) {
            reply(answer, 200, "text/plain; version=0.0.4; charset=utf-8", servingFigures(world) + firingAlerts(telemetry));
            return;
        }
        std::string text = "# HELP checkout_success_ratio Checkouts answered well over the last 30 s.\n"
                           "# TYPE checkout_success_ratio gauge\n";
        text += fmt::format("checkout_success_ratio {:.4f}\n", success);
        text += "# HELP checkout_latency_p99_seconds 99th percentile over the last 30 s.\n"
                "# TYPE checkout_latency_p99_seconds gauge\n";
        text += fmt::format("checkout_latency_p99_seconds {:.3f}\n", telemetry.mean("sli.p99", 30s));
        text += fmt::format("# TYPE checkout_requests_per_second gauge\ncheckout_requests_per_second {:.1f}\n",
                            telemetry.mean("sli.rate", 30s));
        reply(answer, 200, "text/plain; version=0.0.4; charset=utf-8", text + firingAlerts(telemetry));
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
        const std::string decoded = decodeBase64(std::string_view(authorization->second).substr(6)).value_or("");
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

/// Health paths are open to anonymous users.
std::optional<kube::HealthAnswer> apiHealthOf(const kube::Cluster& cluster, const std::string& pathAndQuery, Instant now)
{
    const std::string path = pathAndQuery.substr(0, pathAndQuery.find('?'));
    const std::string group = path.substr(0, path.find('/', 1));
    if (group != "/healthz" && group != "/livez" && group != "/readyz")
        return std::nullopt;
    return cluster.health(path, pathAndQuery.find("verbose") != std::string::npos, now);
}

void answerProgram(HttpAnswer& answer, const World& world, const HttpQuestion& question, const container::Container& container)
{
    if (isIngressController(container)) {
        answerIngress(answer, world, question, container);
        return;
    }
    const programs::Program& program = container.program;
    const std::string path = question.path.substr(0, question.path.find('?'));
    if (!program.readyPath.empty() && path == program.readyPath)
        reply(answer, 200, "text/plain; charset=utf-8", "ok\n");
    else if (program.name == "dcgm-exporter" && path == "/metrics")
        reply(answer, 200, "text/plain; charset=utf-8", gpu::dcgmMetrics(world.gpus(), container.host, world.hosts().at(container.host).name, [&](const gpu::Gpu& device) {
                  const container::Container* owner = device.owner.valid() ? world.runtimes().find(device.owner) : nullptr;
                  return owner == nullptr ? std::nullopt : std::optional(gpu::DcgmOwner{owner->podNamespace, owner->podName, owner->name});
              }));
    else if (path == "/" || path == "/checkout")
        reply(answer, 200, "application/json",
              fmt::format("{{\"service\":\"{}\",\"image\":\"{}\"}}\n", program.name, container.image));
    else
        reply(answer, 404, "text/plain; charset=utf-8", "404 page not found\n");
    answer.took += program.serviceTime;
}

/// A program of the catalogue: what it looks like inside at its profiling port, that it is well at any other.
void answerRunning(HttpAnswer& answer, const programs::Running& running, const HttpQuestion& question, std::int64_t port)
{
    if (port == running.code->profilePort) {
        if (auto page = programs::profilePage(running, question.path)) {
            reply(answer, page->status, page->type, std::move(page->body));
            answer.took += page->took;
            return;
        }
    } else if (question.path == "/healthz") {
        reply(answer, 200, "text/plain; charset=utf-8", "ok\n");
        return;
    }
    reply(answer, 404, "text/plain; charset=utf-8", "404 page not found\n");
}

/// "-container-ip" and "-container-port" of a docker-proxy.
std::pair<net::Ipv4, std::int64_t> proxyTarget(const std::vector<std::string>& command)
{
    std::pair<net::Ipv4, std::int64_t> target;
    for (std::size_t i = 0; i + 1 < command.size(); ++i) {
        if (command[i] == "-container-ip")
            target.first = net::Ipv4::parse(command[i + 1]).value_or(net::Ipv4{});
        if (command[i] == "-container-port")
            target.second = std::atoll(command[i + 1].c_str());
    }
    return target;
}

} // namespace

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
        answer.took = answer.name.took;
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

    port = answer.path.reachedPort;
    // docker-proxy opens a connection of its own to the container, from the machine.
    if (const net::Listener* proxy = m_network.stack(answer.path.target).listener(net::Protocol::Tcp, answer.path.reached, port);
        proxy != nullptr && proxy->program == "docker-proxy") {
        const auto& processes = m_hosts.at(m_network.stack(answer.path.target).host).processes;
        const auto process = processes.find(proxy->pid);
        const auto [inside, insidePort] = proxyTarget(process == processes.end() ? std::vector<std::string>{} : process->second.command);
        const net::PathResult onward = reach(answer.path.target, inside, net::Protocol::Tcp, insidePort);
        if (onward.verdict != net::Verdict::Delivered) { // accepted, then closed: "Recv failure: Connection reset by peer"
            answer.failure = HttpAnswer::Failure::Timeout;
            return answer;
        }
        answer.path.target = onward.target;
        answer.path.rtt += onward.rtt;
        port = answer.path.reachedPort = onward.reachedPort;
    }
    const net::Stack& target = m_network.stack(answer.path.target);
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
    else if (const auto health = port == 6443 ? apiHealthOf(m_cluster, question.path, now()) : std::nullopt)
        reply(answer, health->status, "text/plain; charset=utf-8", health->text);
    else if (port == 6443)
        reply(answer, 403, "application/json", "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"forbidden: User \\\"system:anonymous\\\" cannot get path \\\"" + question.path + "\\\"\",\"reason\":\"Forbidden\",\"code\":403}\n");
    else if (const auto* container = listener == target.listeners.end()
                 ? nullptr : containerListening(*this, answer.path.target, listener->pid)) {
        const programs::Program::Kind kind = container->program.kind;
        if (kind == programs::Program::Kind::LlmServer || kind == programs::Program::Kind::LlmRouter)
            answerModel(answer, question, *container);
        else
            answerProgram(answer, *this, question, *container);
    }
    else if (const auto* running = listener == target.listeners.end() ? nullptr : m_programs.find(target.host, listener->pid))
        answerRunning(answer, running->at(now()), question, port);
    else if (port == 10248 && question.path == "/healthz")
        reply(answer, 200, "text/plain; charset=utf-8", "ok");
    else
        reply(answer, 404, "text/plain; charset=utf-8", "404 page not found\n");
    // Where full-size segments vanish, only what fits into smaller ones gets through: no certificate chain, no large body.
    constexpr std::size_t kHeads = 200;
    const auto fits = [](std::size_t bytes, std::int64_t mss) { return bytes + kHeads <= static_cast<std::size_t>(std::max<std::int64_t>(mss, 0)); };
    if ((!answer.path.largeAnswerPasses && (question.tls || !fits(answer.body.size(), answer.path.answerMss)))
        || (!answer.path.largePasses && !fits(question.body.size(), answer.path.mss))) {
        answer.failure = HttpAnswer::Failure::Timeout;
        answer.status = 0;
        answer.body.clear();
    }
    if (answer.status != 0 && answer.reason.empty())
        answer.reason = reasonOf(answer.status);
    return answer;
}

} // namespace sim
