#include "sim/faults/network_timeout.h"

#include "sim/faults/requests.h"
#include "sim/faults/site.h"
#include "sim/kube/api/time_text.h"

#include <fmt/format.h>

#include <algorithm>

// A third of the orders needs the payment provider, which is somebody else's machine behind the router. Each cause cuts the
// same way at another place: the link, the port, a filter, a route, the name.
namespace sim::faults {

namespace {

constexpr const char* kOutsideCard = "eth1";
constexpr const char* kProvider = "pay";
constexpr const char* kStandby = "pay-b";
constexpr const char* kNameServer = "infra-1";
constexpr const char* kProviderName = "pay.example.net";
constexpr const char* kProviderUnit = "pay.service";
constexpr std::int64_t kPort = 443;
constexpr std::int64_t kNewPort = 8443;
constexpr const char* kNotice = "/home/ops/runbooks/payments.md";

const Variants& timeoutVariants()
{
    static const Variants kVariants{
        {"host-unreachable", {"link-down", "peer-down"}},
        {"port-closed", {"moved-port"}},
        {"firewall-drop", {"router-forward", "own-output"}},
        {"route-missing", {"wrong-next-hop", "router-blackhole"}},
        {"dns-broken", {"dead-resolver", "stale-record"}},
        {"no-fault", {"provider-maintenance"}},
    };
    return kVariants;
}

class Cut : public Site {
public:
    using Site::Site;

    net::Ipv4 addressOf(const std::string& name) { return stack(name).primaryAddress().value_or(net::Ipv4{}); }

    void linkDown(const std::string& name, const std::string& card)
    {
        for (net::Interface& interface : stack(name).interfaces)
            if (interface.name == card)
                interface.adminUp = false;
    }

    void drop(const std::string& name, const std::string& chain, const char* comment)
    {
        net::FirewallRule rule;
        rule.protocol = net::Protocol::Tcp;
        rule.destination = net::Prefix{addressOf(kProvider), 32};
        rule.destinationPort = kPort;
        rule.target = "DROP";
        rule.comment = comment;
        stack(name).filter[chain].rules.push_back(std::move(rule));
    }

    /// What is not served is dropped without a word, as providers do.
    void silenceClosedPorts(const std::string& name, std::int64_t open)
    {
        net::Chain& input = stack(name).filter["INPUT"];
        net::FirewallRule known;
        known.match = "ctstate RELATED,ESTABLISHED";
        known.target = "ACCEPT";
        net::FirewallRule echo;
        echo.protocol = net::Protocol::Icmp;
        echo.target = "ACCEPT";
        net::FirewallRule served;
        served.protocol = net::Protocol::Tcp;
        served.destinationPort = open;
        served.target = "ACCEPT";
        input.rules = {known, echo, served};
        input.policy = "DROP";
    }

    void route(const std::string& name, net::Route route)
    {
        auto& routes = stack(name).routes;
        routes.push_back(std::move(route));
        std::stable_sort(routes.begin(), routes.end(), [](const net::Route& a, const net::Route& b) { return a.destination.length > b.destination.length; });
    }

    void replaceInFile(const std::string& name, const std::string& path, const std::string& from, const std::string& to)
    {
        host::Machine& at = machine(name);
        const auto file = at.files.find(path);
        if (file == at.files.end())
            return;
        std::string text = file->second->content;
        for (std::size_t found = text.find(from); found != std::string::npos; found = text.find(from, found + to.size()))
            text.replace(found, from.size(), to);
        m_parts.hosts.writeFile(m_parts.engine, at.id, path, text, false);
    }

    /// The provider serves on another port from now on, as it had written to its customers.
    void movePort()
    {
        for (net::Listener& listener : stack(kProvider).listeners)
            if (listener.port == kPort)
                listener.port = kNewPort;
        silenceClosedPorts(kProvider, kNewPort);
    }

    void stopProvider() { m_parts.hosts.stopUnit(m_parts.engine, m_parts.network, machine(kProvider).id, kProviderUnit); }
    void startProvider() { m_parts.hosts.startUnit(m_parts.engine, m_parts.network, machine(kProvider).id, kProviderUnit); }
    void powerOff(const std::string& name) { m_parts.hosts.powerOff(m_parts.engine, m_parts.network, machine(name).id); }
};

} // namespace

Result<nlohmann::json> injectNetworkTimeout(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, timeoutVariants(), parameters);
    if (!choice)
        return choice.error();
    Cut cut(context);
    for (const char* name : {kSiteRouter, kProvider, kStandby, kNameServer, kOrderServers[0], kOrderServers[1]})
        if (!cut.has(name))
            return Error{"the topology has no such machine", name};
    const net::Ipv4 provider = cut.addressOf(kProvider);
    nlohmann::json chosen{{"cause", choice->cause}, {"variant", choice->variant}, {"address", provider.text()}, {"port", std::to_string(kPort)}, {"name", kProviderName}};
    cut.silenceClosedPorts(kProvider, kPort);
    if (choice->is("link-down")) {
        cut.linkDown(kSiteRouter, kOutsideCard);
        chosen["machine"] = kSiteRouter;
    } else if (choice->is("peer-down")) {
        cut.powerOff(kProvider);
        chosen["standby"] = cut.addressOf(kStandby).text();
    } else if (choice->is("moved-port")) {
        cut.movePort();
        chosen["new_port"] = std::to_string(kNewPort);
    } else if (choice->is("router-forward")) {
        cut.drop(kSiteRouter, "FORWARD", "outbound review 2026-02");
        chosen["machine"] = kSiteRouter;
    } else if (choice->is("own-output")) {
        for (const char* app : kOrderServers)
            cut.drop(app, "OUTPUT", "outbound review 2026-02");
        chosen["machine"] = kOrderServers[0];
    } else if (choice->is("wrong-next-hop")) {
        for (const char* app : kOrderServers) // left over from the trial of a second router
            cut.route(app, {.destination = {net::Prefix{provider, 24}.network(), 24}, .via = net::Ipv4::parse("10.1.0.254"), .device = "eth0",
                            .protocol = "static", .scope = "global"});
        chosen["machine"] = kOrderServers[0];
    } else if (choice->is("router-blackhole")) {
        cut.route(kSiteRouter, {.destination = net::Prefix{provider, 32}, .type = net::Route::Type::Blackhole, .protocol = "static"});
        chosen["machine"] = kSiteRouter;
    } else if (choice->is("dead-resolver")) {
        for (const char* app : kOrderServers)
            cut.replaceInFile(app, "/etc/resolv.conf", "nameserver 10.1.0.2", "nameserver 10.1.0.3");
        chosen["machine"] = kOrderServers[0];
    } else if (choice->is("stale-record")) {
        cut.replaceInFile(kNameServer, "/etc/hosts", provider.text() + "\t" + kProviderName, "203.0.113.77\t" + std::string(kProviderName));
        chosen["machine"] = kNameServer;
    } else {
        const std::string now = kube::rfc3339(context.parts.engine.now());
        cut.stopProvider();
        cut.append("bastion", kNotice, fmt::format("\n## Announced\n\n{}, from {}:00 UTC: the provider exchanges its load balancers. Payments may fail for up to a quarter of an hour.\n",
                                                       now.substr(0, 10), now.substr(11, 2)));
    }
    cut.done();
    return chosen;
}

void proceedNetworkTimeout(Context& context, const nlohmann::json& parameters)
{
    if (parameters.value("variant", std::string{}) != "provider-maintenance")
        return;
    Cut cut(context);
    if (cut.has(kProvider))
        cut.startProvider();
}

} // namespace sim::faults
