#include "core/endpoint/model_target.h"

#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace core::endpoint {

namespace {

using nlohmann::json;

struct Port {
    std::string host;
    std::int64_t port = 0;
};

std::optional<Port> portOfService(const sim::World& world, const std::string& nameSpace, const std::string& name)
{
    const auto service = world.cluster().store().get<sim::kube::Service>({nameSpace, name});
    if (!service || service->spec.ports.empty() || service->spec.clusterIP.empty() || service->spec.clusterIP == "None")
        return std::nullopt;
    return Port{service->spec.clusterIP, service->spec.ports.front().port.value};
}

std::optional<Port> portOfPod(const sim::World& world, const std::string& nameSpace, const std::string& name)
{
    const auto pod = world.cluster().store().get<sim::kube::Pod>({nameSpace, name});
    if (!pod || pod->status.podIP.empty() || pod->spec.containers.empty() || pod->spec.containers.front().ports.empty())
        return std::nullopt;
    return Port{pod->status.podIP, pod->spec.containers.front().ports.front().containerPort};
}

/// Services that clients of the lab use, in their order.
std::vector<std::string> services(const sim::World& world)
{
    std::vector<std::string> names;
    for (const sim::serving::Client& client : world.serving().clients())
        if (std::find(names.begin(), names.end(), client.settings.service) == names.end())
            names.push_back(client.settings.service);
    return names;
}

/// A machine of the cluster that is on: from where requests enter it.
std::optional<sim::StackId> entry(const sim::World& world)
{
    for (const sim::HostId node : world.cluster().settings().nodes)
        if (const sim::host::Machine& machine = world.hosts().at(node); machine.power == sim::host::Machine::Power::On)
            return machine.stack;
    return std::nullopt;
}

json modelsOf(const sim::World& world, sim::StackId from, const std::string& service)
{
    const std::size_t slash = service.find('/');
    const auto port = portOfService(world, service.substr(0, slash), service.substr(slash + 1));
    if (!port)
        return json::array();
    const sim::HttpAnswer answer = world.http({.from = from, .host = port->host, .port = port->port, .path = "/v1/models"});
    const json body = answer.status == 200 ? json::parse(answer.body, nullptr, false) : json();
    return body.is_object() ? body.value("data", json::array()) : json::array();
}

std::string modelAsked(const RequestMessage& message)
{
    const json body = json::parse(message.body(), nullptr, false);
    return body.is_object() && body.contains("model") && body["model"].is_string() ? body["model"].get<std::string>() : "";
}

} // namespace

ModelTarget modelTarget(const sim::World& world, const RequestMessage& message)
{
    ModelTarget target;
    const auto from = entry(world);
    if (!from) {
        target.status = 503;
        target.refusal = "No machine of the cluster is on.";
        return target;
    }
    sim::HttpQuestion& question = target.question;
    question.from = *from;
    question.method = std::string(message.method_string());
    question.path = std::string(message.target());
    for (const auto& field : message)
        question.headers[sim::lowered(std::string_view(field.name_string().data(), field.name_string().size()))] = std::string(field.value());
    question.body = message.body();

    std::optional<Port> port;
    constexpr std::string_view kNamespaces = "/namespaces/";
    if (question.path.starts_with(kNamespaces)) {
        const std::vector<std::string> parts = sim::split(question.path.substr(1), '/'); // namespaces NS services NAME ...
        if (parts.size() < 4 || (parts[2] != "services" && parts[2] != "pods")) {
            target.refusal = "Paths are /namespaces/NAMESPACE/services/NAME/... and /namespaces/NAMESPACE/pods/NAME/...";
            return target;
        }
        port = parts[2] == "services" ? portOfService(world, parts[1], parts[3]) : portOfPod(world, parts[1], parts[3]);
        if (!port) {
            target.refusal = fmt::format("There is no {} {}/{} with a port in the lab.", parts[2] == "services" ? "Service" : "pod", parts[1], parts[3]);
            return target;
        }
        std::string rest;
        for (std::size_t i = 4; i < parts.size(); ++i)
            rest += "/" + parts[i];
        question.path = rest.empty() ? "/" : rest;
    } else {
        const std::vector<std::string> all = services(world);
        if (all.empty()) {
            target.refusal = "No language model is served in this lab; start one that does: faultctl serve --topology serving";
            return target;
        }
        const std::string path = question.path.substr(0, question.path.find('?'));
        if (path == "/v1/models" && question.method == "GET") {
            json data = json::array();
            std::set<std::string> seen;
            for (const std::string& service : all)
                for (const json& model : modelsOf(world, *from, service))
                    if (seen.insert(model.value("id", "")).second)
                        data.push_back(model);
            target.page.emplace();
            target.page->status = 200;
            target.page->headers["Content-Type"] = "application/json";
            target.page->body = json{{"object", "list"}, {"data", data}}.dump();
            return target;
        }
        std::string chosen = all.front();
        if (const std::string model = modelAsked(message); !model.empty())
            for (const std::string& service : all) {
                const json models = modelsOf(world, *from, service);
                if (std::any_of(models.begin(), models.end(), [&](const json& one) { return one.value("id", "") == model; })) {
                    chosen = service;
                    break;
                }
            }
        const std::size_t slash = chosen.find('/');
        port = portOfService(world, chosen.substr(0, slash), chosen.substr(slash + 1));
        if (!port) {
            target.status = 503;
            target.refusal = fmt::format("The Service {} is gone.", chosen);
            return target;
        }
    }
    question.host = port->host;
    question.port = port->port;
    question.headers["host"] = fmt::format("{}:{}", port->host, port->port);
    return target;
}

} // namespace core::endpoint
