#include "core/shell/commands/kubectl/output.h"

#include "sim/kube/api/server_version.h"
#include "sim/kube/api/yaml.h"
#include "sim/world/world.h"

#include <fmt/core.h>

// What client and server say of themselves: cluster-info, version, options.
namespace core::shell::kubectl {

namespace {

constexpr const char* kClientVersion = "v1.33.1";
constexpr const char* kKustomizeVersion = "v5.6.0";

/// The client as `version -o yaml` tells it: built from the same release as the server of that version.
Json clientBuild()
{
    Json build = sim::kube::serverVersion(kClientVersion);
    for (const char* servers : {"emulationMajor", "emulationMinor", "minCompatibilityMajor", "minCompatibilityMinor"})
        build.erase(servers);
    return build;
}

int runVersion(Call& call)
{
    const std::string output = call.flags.text("output");
    if (!output.empty() && output != "yaml" && output != "json")
        return call.fail("--output must be 'yaml' or 'json'");
    const bool client = call.flags.on("client");
    const auto probe = client ? sim::kube::Response{} : call.client.get(*findResource("namespaces"), {}, "default");
    const bool reached = !client && probe.code != 0;
    const std::string server = call.inv.door().world().cluster().settings().version;
    if (!output.empty()) {
        Json all{{"clientVersion", clientBuild()}, {"kustomizeVersion", kKustomizeVersion}};
        if (reached)
            all["serverVersion"] = sim::kube::serverVersion(server);
        call.out(output == "yaml" ? sim::kube::toYaml(all) + "\n" : prettyJson(all) + "\n");
    } else {
        call.out(fmt::format("Client Version: {}\nKustomize Version: {}\n", kClientVersion, kKustomizeVersion));
        if (reached)
            call.out(fmt::format("Server Version: {}\n", server));
    }
    return client || reached ? 0 : call.refused(probe);
}

int runClusterInfo(Call& call)
{
    const auto services = call.client.list(*findResource("services"), "kube-system", {"kubernetes.io/cluster-service=true", {}});
    if (const auto* response = std::get_if<sim::kube::Response>(&services)) {
        call.refused(*response);
        call.err("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
        return 1;
    }
    call.out(fmt::format("Kubernetes control plane is running at {}\n", call.client.config().server));
    for (const Json& service : std::get<std::vector<Json>>(services)) {
        const std::string name = textAt(service, {"metadata", "name"});
        const std::string label = textAt(service, {"metadata", "labels", "kubernetes.io/name"});
        std::string port;
        if (const Json& ports = at(service, {"spec", "ports"}); ports.is_array() && !ports.empty())
            port = textAt(ports.front(), {"name"});
        call.out(fmt::format("{} is running at {}/api/v1/namespaces/kube-system/services/{}{}/proxy\n", label.empty() ? name : label,
                             call.client.config().server, name, port.empty() ? "" : ":" + port));
    }
    call.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
    return 0;
}

int runOptions(Call& call)
{
    call.out(globalOptionsText());
    return 0;
}

} // namespace

Verb clusterInfoVerb()
{
    Verb verb{"cluster-info", kManagement, "Display cluster information", "[flags]"};
    verb.run = runClusterInfo;
    return verb;
}

Verb versionVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"version", kOther, "Print the client and server version information", "[flags]"};
    verb.flags = {{0, "client", T::Bool, "false", "Do not ask the server."}, {'o', "output", T::Text, "", "yaml or json."}};
    verb.run = runVersion;
    return verb;
}

Verb optionsVerb()
{
    Verb verb{"options", {}, "Print the list of flags inherited by all commands", ""};
    verb.run = runOptions;
    return verb;
}

} // namespace core::shell::kubectl
