#include "core/endpoint/upgrade.h"

#include "core/endpoint/exec_tunnel.h"
#include "core/endpoint/media_type.h"
#include "core/endpoint/pod_target.h"
#include "core/endpoint/port_forward.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace core::endpoint {

namespace {

constexpr std::string_view kTunnelled = "SPDY/3.1+portforward.k8s.io";

std::vector<std::string> listed(const std::string& header)
{
    std::vector<std::string> names{""};
    for (const char c : header) {
        if (c == ',')
            names.emplace_back();
        else if (c != ' ')
            names.back() += c;
    }
    return names;
}

/// The first of the client's protocols that is spoken here.
std::string chosen(const std::vector<std::string>& offered, std::initializer_list<std::string_view> spoken)
{
    for (const std::string& one : offered)
        if (std::find(spoken.begin(), spoken.end(), one) != spoken.end())
            return one;
    return {};
}

std::optional<HttpAnswer> choose(const HttpRequest& http, Upgrade& upgrade)
{
    const bool exec = upgrade.kind == Upgrade::Kind::Exec;
    const std::string to = sim::lowered(http.header("upgrade"));
    if (to == "websocket") {
        const auto offered = listed(http.header("sec-websocket-protocol"));
        upgrade.carrier = Upgrade::Carrier::WebSocket;
        if (exec)
            upgrade.protocol = chosen(offered, {"v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io"});
        else
            upgrade.protocol = chosen(offered, {kTunnelled, "v4.channel.k8s.io", "portforward.k8s.io"});
        if (upgrade.protocol == kTunnelled)
            upgrade.carrier = Upgrade::Carrier::SpdyInWebSocket;
        if (upgrade.protocol.empty())
            return statusAnswer(400, "BadRequest", fmt::format("unable to upgrade: no protocol of {} is supported", http.header("sec-websocket-protocol")));
        return std::nullopt;
    }
    if (to == "spdy/3.1") {
        const auto offered = listed(http.header("x-stream-protocol-version"));
        upgrade.carrier = Upgrade::Carrier::Spdy;
        upgrade.protocol = exec ? chosen(offered, {"v4.channel.k8s.io"}) : chosen(offered, {"portforward.k8s.io"});
        if (upgrade.protocol.empty())
            return statusAnswer(403, "Forbidden", fmt::format("unable to upgrade: unable to negotiate protocol: client supports [{}], server accepts [{}]",
                                                              http.header("x-stream-protocol-version"), exec ? "v4.channel.k8s.io" : "portforward.k8s.io"));
        return std::nullopt;
    }
    return statusAnswer(400, "BadRequest", "Upgrade request required");
}

std::vector<std::int64_t> portsOf(const HttpRequest& http)
{
    std::vector<std::int64_t> ports;
    for (const std::string& text : http.parameters("ports")) {
        std::int64_t port = 0;
        std::from_chars(text.data(), text.data() + text.size(), port);
        if (port > 0 && port < 65536)
            ports.push_back(port);
    }
    return ports;
}

} // namespace

Reaction negotiateUpgrade(const sim::World& world, const HttpRequest& http, const ResourcePath& path)
{
    if (http.method != "GET" && http.method != "POST")
        return statusAnswer(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    Upgrade upgrade;
    upgrade.kind = path.subresource == "portforward" ? Upgrade::Kind::PortForward : Upgrade::Kind::Exec;
    std::string container = http.parameter("container").value_or("");
    if (upgrade.kind == Upgrade::Kind::PortForward && container.empty())
        if (const auto pod = world.cluster().store().get<sim::kube::Pod>({path.namespace_, path.name}); pod && !pod->spec.containers.empty())
            container = pod->spec.containers.front().name; // one network for all of them
    auto found = findPodTarget(world, http, path, container);
    if (auto* problem = std::get_if<HttpAnswer>(&found))
        return std::move(*problem);
    upgrade.settings.target = std::move(std::get<PodTarget>(found));
    upgrade.settings.in = http.flag("stdin");
    upgrade.settings.out = http.flag("stdout");
    upgrade.settings.err = http.flag("stderr");
    upgrade.settings.tty = http.flag("tty");
    upgrade.settings.command = http.parameters("command");
    if (path.subresource == "exec" && upgrade.settings.command.empty())
        return statusAnswer(400, "BadRequest", "you must specify at least one command for the container");
    if (path.subresource == "attach")
        upgrade.settings.command.clear();
    if (upgrade.kind == Upgrade::Kind::Exec && !upgrade.settings.in && !upgrade.settings.out && !upgrade.settings.err)
        return statusAnswer(400, "BadRequest", "you must specify at least 1 of stdin, stdout, stderr");
    upgrade.ports = portsOf(http);
    if (auto problem = choose(http, upgrade))
        return std::move(*problem);
    return upgrade;
}

std::unique_ptr<Tunnel> openTunnel(const Upgrade& upgrade, const LabSource& lab)
{
    const bool web = upgrade.carrier == Upgrade::Carrier::WebSocket;
    if (upgrade.kind == Upgrade::Kind::Exec)
        return web ? webSocketExec(lab, upgrade.settings) : spdyExec(lab, upgrade.settings);
    return web ? webSocketPortForward(lab, upgrade.settings.target, upgrade.ports) : spdyPortForward(lab, upgrade.settings.target);
}

} // namespace core::endpoint
