#include "core/shell/commands/kubectl/output.h"

#include "sim/kube/api/yaml.h"
#include "sim/world/world.h"

#include <fmt/core.h>

// What client and server say of themselves: cluster-info, version, options.
namespace core::shell::kubectl {

namespace {

constexpr const char* kClientVersion = "v1.33.1";
constexpr const char* kKustomizeVersion = "v5.6.0";

/// A release as `version -o yaml` tells it. The commits are those of the releases.
Json release(const std::string& version)
{
    return {{"compiler", "gc"}, {"gitTreeState", "clean"}, {"gitVersion", version}, {"major", "1"}, {"minor", "33"},
            {"platform", "linux/amd64"}, {"buildDate", "2025-05-15T08:27:33Z"},
            {"gitCommit", "8adc0f041b8e7ad1d30e29cc59c6ae7a15e19828"}, {"goVersion", "go1.24.2"}};
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
        Json all{{"clientVersion", release(kClientVersion)}, {"kustomizeVersion", kKustomizeVersion}};
        if (reached) {
            all["serverVersion"] = release(server);
            all["serverVersion"].update({{"emulationMajor", "1"}, {"emulationMinor", "33"}, {"minCompatibilityMajor", "1"},
                                         {"minCompatibilityMinor", "32"}});
        }
        call.out(output == "yaml" ? sim::kube::toYaml(all) : prettyJson(all) + "\n");
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
