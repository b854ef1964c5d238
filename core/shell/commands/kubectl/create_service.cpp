#include "core/shell/commands/kubectl/create.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace core::shell::kubectl {

namespace {

constexpr std::int64_t kHighestPort = 65535;

std::optional<std::int64_t> portNumber(const std::string& text)
{
    std::int64_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port < 0 || port > kHighestPort)
        return std::nullopt;
    return port;
}

/// A Service's port of "80" or "80:8080" (or "80:http"). Complains and returns nothing when it is malformed.
std::optional<Json> tcpPort(Call& call, const std::string& text, std::int64_t nodePort)
{
    const std::size_t colon = text.find(':');
    const auto port = portNumber(text.substr(0, colon));
    if (!port) {
        call.fail(fmt::format("invalid port number for --tcp: {}", text));
        return std::nullopt;
    }
    std::string name = text;
    std::replace(name.begin(), name.end(), ':', '-');
    Json spec{{"name", std::move(name)}, {"port", *port}, {"protocol", "TCP"}, {"targetPort", *port}};
    if (colon != std::string::npos) {
        const std::string target = text.substr(colon + 1);
        if (const auto number = portNumber(target))
            spec["targetPort"] = *number;
        else
            spec["targetPort"] = target;
    }
    if (nodePort > 0)
        spec["nodePort"] = nodePort;
    return spec;
}

int createService(Call& call, const std::string& type)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    const bool headless = call.flags.text("clusterip") == "None";
    const std::vector<std::string> tcp = call.flags.list("tcp");
    if (tcp.empty() && type != "ExternalName" && !headless)
        return call.fail("at least one tcp port specifier must be provided");
    const Json labels{{"app", *name}};
    const ResourceKind& kind = *findResource("services");
    Json object = newObject(kind, *name, labels);
    Json& spec = object["spec"];
    for (const std::string& text : tcp) {
        auto port = tcpPort(call, text, call.flags.number("node-port"));
        if (!port)
            return 1;
        spec["ports"].push_back(std::move(*port));
    }
    spec["selector"] = labels;
    spec["type"] = type;
    if (const std::string address = call.flags.text("clusterip"); !address.empty())
        spec["clusterIP"] = address;
    if (type == "ExternalName")
        spec["externalName"] = call.flags.text("external-name");
    object["status"]["loadBalancer"] = Json::object();
    return createObject(call, kind, std::move(object), fmt::format("failed to create {} service: ", type));
}

int runCreateClusterIp(Call& call) { return createService(call, "ClusterIP"); }
int runCreateNodePort(Call& call) { return createService(call, "NodePort"); }
int runCreateLoadBalancer(Call& call) { return createService(call, "LoadBalancer"); }
int runCreateExternalName(Call& call)
{
    return requireFlag(call, "external-name") ? createService(call, "ExternalName") : 1;
}

constexpr FlagSpec kTcp{0, "tcp", FlagSpec::Type::List, "",
    "PORT or PORT:TARGETPORT; may be given several times."};

} // namespace

Verb createServiceVerb()
{
    using T = FlagSpec::Type;
    Verb clusterIp{"clusterip", {}, "Create a ClusterIP service", "NAME [--tcp=<port>:<targetPort>]"};
    clusterIp.flags = generatorFlags({kTcp, {0, "clusterip", T::Text, "", "The address, or None for a headless one."}});
    clusterIp.run = runCreateClusterIp;
    clusterIp.examples = {"# Port 80 of the service leads to 8080 of its pods",
                          "kubectl create service clusterip web --tcp=80:8080"};
    Verb nodePort{"nodeport", {}, "Create a NodePort service", "NAME [--tcp=port:targetPort]"};
    nodePort.flags = generatorFlags({kTcp, {0, "node-port", T::Number, "0", "The port of every node; 0: any."}});
    nodePort.run = runCreateNodePort;
    nodePort.examples = {"# Reachable on every node", "kubectl create service nodeport web --tcp=80:8080"};
    Verb loadBalancer{"loadbalancer", {}, "Create a LoadBalancer service", "NAME [--tcp=port:targetPort]"};
    loadBalancer.flags = generatorFlags({kTcp});
    loadBalancer.run = runCreateLoadBalancer;
    Verb external{"externalname", {}, "Create an ExternalName service", "NAME --external-name external.name"};
    external.flags = generatorFlags({kTcp, {0, "external-name", T::Text, "", "The name it stands for."}});
    external.run = runCreateExternalName;
    Verb verb{"service", {}, "Create a service using a specified subcommand",
              "(clusterip | externalname | loadbalancer | nodeport)"};
    verb.subverbs = {std::move(clusterIp), std::move(external), std::move(loadBalancer), std::move(nodePort)};
    verb.aliases = {"svc"};
    return verb;
}

} // namespace core::shell::kubectl
