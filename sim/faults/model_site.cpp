#include "sim/faults/model_site.h"

#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/host/calendar.h"
#include "sim/host/sudo_log.h"
#include "sim/kube/client/objects.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::faults {

namespace {

using nlohmann::json;

json::iterator argumentNamed(json& arguments, const std::string& name)
{
    return std::find_if(arguments.begin(), arguments.end(), [&](const json& one) {
        const std::string& word = one.get_ref<const std::string&>();
        return word == name || word.starts_with(name + "=");
    });
}

} // namespace

bool releaseModel(Context& context, const std::string& deployment, const std::string& note,
                  const std::function<void(json& pod, json& container)>& change)
{
    return releaseIn(context, kModels, deployment, note, change);
}

bool releaseIn(Context& context, const std::string& nameSpace, const std::string& deployment, const std::string& note,
               const std::function<void(json& pod, json& container)>& change)
{
    kube::Request get;
    get.verb = kube::Verb::Get;
    get.resource = "deployments.apps";
    get.namespace_ = nameSpace;
    get.name = deployment;
    const kube::Response found = call(context, get);
    if (!found.ok())
        return false;
    json pod = found.body.at("spec").at("template").at("spec");
    change(pod, pod.at("containers").at(0));
    // A merge patch replaces lists whole, and what is gone from an object has to be named.
    json spec{{"containers", pod.at("containers")}};
    spec["nodeSelector"] = pod.contains("nodeSelector") ? pod.at("nodeSelector") : json(nullptr);
    if (pod.contains("volumes"))
        spec["volumes"] = pod.at("volumes");
    patch(context, "deployments.apps", nameSpace, deployment,
          {{"metadata", {{"annotations", {{"kubernetes.io/change-cause", note}}}}}, {"spec", {{"template", {{"spec", spec}}}}}});
    return true;
}

void setArgument(json& container, const std::string& name, const std::string& value)
{
    const std::string word = value.empty() ? name : name + "=" + value;
    json& arguments = container["args"];
    if (const auto known = argumentNamed(arguments, name); known != arguments.end())
        *known = word;
    else
        arguments.push_back(word);
}

void removeArgument(json& container, const std::string& name)
{
    json& arguments = container["args"];
    if (const auto known = argumentNamed(arguments, name); known != arguments.end())
        arguments.erase(known);
}

void setEnvironment(json& container, const std::string& name, const std::string& value)
{
    json& variables = container["env"];
    for (json& one : variables)
        if (one.at("name") == name) {
            one["value"] = value;
            return;
        }
    variables.push_back({{"name", name}, {"value", value}});
}

void setGpus(json& container, int count)
{
    for (const char* which : {"requests", "limits"})
        container["resources"][which]["nvidia.com/gpu"] = std::to_string(count);
}

void serveWithTensorRt(Context& context, json& pod, json& container, const std::string& deployment, const std::string& model, const std::string& options,
                       const json& engine)
{
    const std::string name = deployment + "-engine";
    json data{{"options.yaml", options}};
    if (!engine.is_null())
        data["config.json"] = engine.dump(1);
    create(context, {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}, {"namespace", kModels}}}, {"data", data}});
    container["image"] = "registry.lab:5000/llm/tensorrt-llm:1.0.0";
    container["command"] = {"trtllm-serve"};
    container["args"] = {engine.is_null() ? model : "/engine", "--host=0.0.0.0", "--port=8000", "--extra_llm_api_options=/engine/options.yaml"};
    container["volumeMounts"] = json::array({{{"name", "engine"}, {"mountPath", "/engine"}}});
    pod["volumes"] = json::array({{{"name", "engine"}, {"configMap", {{"name", name}}}}});
}

json toldOfModel(const Context& context, const Choice& choice, const std::string& deployment, const serving::Server& server)
{
    return {{"cause", choice.cause},
            {"variant", choice.variant},
            {"namespace", kModels},
            {"deployment", deployment},
            {"pod", server.pod},
            {"machine", context.parts.hosts.at(server.host).name},
            {"gpu", context.parts.gpus.at(server.gpus.front()).index}};
}

void addClient(Context& context, const std::string& name, const std::string& like, const std::function<void(serving::ClientSettings&)>& change)
{
    const serving::Client* known = modelClient(context, like);
    if (known == nullptr)
        return;
    serving::ClientSettings settings = known->settings;
    settings.name = name;
    change(settings);
    context.serving.addClient(settings, context.parts.engine.random("serving/clients").next(), context.parts.engine.now());
}

serving::Client* modelClient(Context& context, const std::string& name)
{
    auto& clients = context.serving.clients();
    const auto found = std::find_if(clients.begin(), clients.end(), [&](const serving::Client& client) { return client.settings.name == name; });
    return found == clients.end() ? nullptr : &*found;
}

void changeClient(Context& context, const std::string& name, const std::function<void(serving::ClientSettings&)>& change)
{
    serving::Client* client = modelClient(context, name);
    if (client == nullptr)
        return;
    serving::ClientSettings settings = client->settings;
    change(settings);
    client->change(settings, context.parts.engine.random("serving/clients").next(), context.parts.engine.now());
}

void growClients(Context& context, std::initializer_list<const char*> names, double factor)
{
    for (const char* name : names)
        changeClient(context, name, [factor](serving::ClientSettings& client) { client.load.requestsPerSecond *= factor; });
}

void addReports(Context& context, double requestsPerSecond, std::int32_t priority)
{
    addClient(context, "reports", "web", [&](serving::ClientSettings& client) {
        client.load.kind = serving::LoadKind::Documents;
        client.load.requestsPerSecond = requestsPerSecond;
        client.load.questionTokens = 11'000;
        client.load.sharedTokens = 0;
        client.load.maxTokens = 15'000;
        client.priority = priority;
        client.pauseGoal = 0;
        client.patience = 300;
        client.interactive = false;
    });
}

const serving::Server* someServer(Context& context, const std::string& deployment)
{
    std::vector<const serving::Server*> candidates;
    for (const auto& [id, server] : context.serving.servers())
        if (server.nameSpace == kModels && kube::deploymentOf(server.pod) == deployment && server.phase == serving::ServerPhase::Serving)
            candidates.push_back(&server);
    return candidates.empty() ? nullptr : candidates[context.parts.engine.random("faults/server").below(candidates.size())];
}

void signalBySudo(Context& context, const serving::Server& server, const std::vector<std::int64_t>& pids, const char* option, int signal)
{
    host::Hosts& hosts = context.parts.hosts;
    const std::string command = fmt::format("/usr/bin/kill {} {}", option, fmt::join(pids, " "));
    for (const host::SudoLine& line : host::sudoLines(hosts.at(server.host), "ops", "/home/ops", "root", command))
        hosts.log(context.parts.engine, server.host, "sudo", "", 0, line.priority, line.message);
    for (const std::int64_t pid : pids)
        hosts.signal(context.parts.engine, context.parts.network, server.host, pid, signal);
}

void announce(Context& context, const std::string& deployment, const std::string& text) { announceIn(context, kModels, deployment, text); }

void announceIn(Context& context, const std::string& nameSpace, const std::string& deployment, const std::string& text)
{
    const json note = text.empty() ? json(nullptr) : json(text);
    patch(context, "deployments.apps", nameSpace, deployment, {{"metadata", {{"annotations", {{kMaintenanceNote, note}}}}}});
}

std::string clockIn(const Context& context, Duration after)
{
    const host::Calendar until = host::calendarOf(context.parts.engine.now() + after);
    return fmt::format("{:02}:{:02} UTC", until.hour, until.minute);
}

} // namespace sim::faults
