#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/usage_errors.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

/// The names netcat-openbsd shows for well-known ports, from /etc/services; "*" for others.
std::string serviceName(std::int64_t port)
{
    static const std::map<std::int64_t, const char*> names{
        {22, "ssh"}, {25, "smtp"}, {53, "domain"},  {80, "http"},         {123, "ntp"},      {443, "https"},
        {2379, "*"}, {3128, "*"},  {3306, "mysql"}, {5432, "postgresql"}, {8080, "http-alt"}};
    const auto found = names.find(port);
    return found == names.end() ? "*" : found->second;
}

void sendProbe(Invocation& inv, sim::net::Ipv4 address, std::int64_t port)
{
    sim::command::SendDatagram datagram;
    datagram.stack = stackIdOf(inv);
    datagram.destination = address;
    datagram.probe.protocol = sim::net::Protocol::Udp;
    datagram.probe.port = port;
    datagram.probe.bytes = 29;
    inv.door().apply(sim::Command{datagram});
}

int probe(Invocation& inv, const std::string& host, sim::net::Ipv4 address, std::int64_t port, const std::string* text)
{
    std::optional<sim::Duration> limit;
    if (inv.options.has("w"))
        limit = parseSeconds(inv.options.value("w"));
    const bool udp = inv.options.has("u");
    const bool verbose = inv.options.has("v");
    const Connecting c = tryConnect(inv, address, port, limit,
                                    udp ? sim::net::Protocol::Udp : sim::net::Protocol::Tcp);
    const char* protocol = udp ? "udp" : "tcp";
    const std::string shown = host == address.text() ? host : fmt::format("{} ({})", host, address.text());
    // An unanswered datagram looks like a success: netcat only hears of refusals.
    const bool open = c.connected || (udp && c.path.verdict == sim::net::Verdict::TimedOut);
    std::optional<HeldConnection> held;
    if (udp)
        sendProbe(inv, address, port);
    else
        held.emplace(inv, address, port);
    const sim::Duration took = udp && !c.connected ? sim::Duration(std::chrono::seconds(3)) : c.took;
    held ? held->sleep(took) : inv.sleep(took);
    if (held && open && text != nullptr)
        held->sends(static_cast<std::int64_t>(text->size()));
    if (held)
        held->close();
    if (open) {
        if (verbose)
            inv.err().write(fmt::format("Connection to {} {} port [{}/{}] succeeded!\n", shown, port,
                                        protocol, serviceName(port)));
        return 0;
    }
    if (verbose)
        inv.err().write(fmt::format("nc: connect to {} port {} ({}) {}\n", shown, port, protocol,
                                    c.limitHit ? "timed out: Operation now in progress" : "failed: " + c.error));
    return 1;
}

int runNc(Invocation& inv)
{
    if (inv.options.has("l"))
        return inv.fail(1, "listening is not possible here: this shell has no free port");
    if (inv.options.has("w") && !parseNumber(inv.options.value("w")))
        return inv.fail(1, "timeout invalid: " + inv.options.value("w"));
    if (inv.operands.empty()) {
        CommandSpec named;
        named.name = "nc";
        inv.err().write(usageError(named, "nc", {}).text.substr(std::string_view("nc: \n").size()));
        return 1;
    }
    if (inv.operands.size() < 2)
        return inv.fail(1, "missing port number");
    const std::string& host = inv.operands[0];
    const LookedUp name = lookUp(inv, host);
    inv.sleep(name.took);
    if (name.status != sim::NameAnswer::Status::Found) {
        inv.err().write(fmt::format("nc: getaddrinfo for host \"{}\" port {}: {}\n", host, inv.operands[1],
                                    name.error()));
        return 1;
    }
    inv.noteRead(fmt::format("http/{}:{}/", host, inv.operands[1]));
    inv.noteRead("from/" + placeName(inv));
    const std::string& ports = inv.operands[1];
    const std::size_t dash = ports.find('-');
    const auto first = parseNumber(ports.substr(0, dash));
    const auto last = dash == std::string::npos ? first : parseNumber(ports.substr(dash + 1));
    if (!first || !last || *first < 1 || *last > 65535 || *last - *first > 1024)
        return inv.fail(1, "port number invalid: " + ports);
    int status = 1;
    // What is typed goes to a server that answers nothing to it.
    const std::string text = inv.options.has("z") || inv.in().isTerminal() ? std::string() : inv.in().readAll();
    for (std::int64_t port = *first; port <= *last; ++port)
        if (probe(inv, host, name.address, port, text.empty() ? nullptr : &text) == 0)
            status = 0;
    if (!inv.options.has("z") && status == 0 && inv.in().isTerminal())
        inv.in().readAll();
    return status;
}

} // namespace

void addNc(CommandTable& table)
{
    for (const char* name : {"nc", "netcat"}) {
        CommandSpec spec;
        spec.name = name;
        spec.summary = "arbitrary TCP and UDP connections and listens";
        spec.usage = std::string(name) + " [-nuvz] [-w timeout] destination port";
        spec.options = {{'z', "", "", "only scan for listening daemons, without sending any data"},
                        {'v', "", "", "verbose output"},
                        {'w', "", "timeout", "time out after this many seconds"},
                        {'u', "", "", "use UDP instead of TCP"},
                        {'n', "", "", "do not resolve names"},
                        {'l', "", "", "listen for an incoming connection"},
                        {'4', "", "", "use IPv4 addresses only"},
                        {'N', "", "", "shut the connection down after end of input"}};
        spec.run = runNc;
        table.add(std::move(spec));
    }
}

} // namespace core::shell::node
