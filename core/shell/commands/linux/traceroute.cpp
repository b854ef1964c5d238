#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

/// traceroute(8) waits five seconds for each of three probes, sent side by side.
constexpr sim::Duration kProbeWait = std::chrono::seconds(5);
constexpr std::int64_t kMaxHops = 30;

std::string probes(sim::Duration rtt, sim::RandomStream& random)
{
    std::string text;
    for (int i = 0; i < 3; ++i)
        text += fmt::format("  {:.3f} ms", sim::toSeconds(rtt) * 1e3 * (1 + 0.2 * random.unit()));
    return text;
}

int runTraceroute(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.err().write("Usage:\n  traceroute [ -46dFITnreAUDV ] [ -f first_ttl ] [ -g gate,... ] [ -i device ] [ -m max_ttl ] [ -N squeries ] [ -p port ] [ -t tos ] "
                        "[ -l flow_label ] [ -w MAX,HERE,NEAR ] [ -q nqueries ] [ -s src_addr ] [ -z sendwait ] [ --fwmark=num ] host [ packetlen ]\n");
        return 0;
    }
    for (const char* option : {"m", "p", "w"})
        if (inv.options.has(option) && !parseSeconds(inv.options.value(option))) {
            inv.err().write(fmt::format("Cannot handle `-{}' option with arg `{}' (argc 2)\n", option, inv.options.value(option)));
            return 2;
        }
    if (parseNumber(inv.options.value("m", "30")).value_or(0) > 255) {
        inv.err().write("max hops cannot be more than 255\n");
        return 2;
    }
    const std::string& host = inv.operands[0];
    const LookedUp name = lookUp(inv, host);
    inv.sleep(name.took);
    if (name.status != sim::NameAnswer::Status::Found) {
        inv.err().write(
            fmt::format("{}: {}\nCannot handle \"host\" cmdline arg `{}' on position 1 (argc 1)\n", host,
                        name.error(), host));
        return 2;
    }
    const std::int64_t most = parseNumber(inv.options.value("m", "30")).value_or(kMaxHops);
    const sim::Duration wait = parseSeconds(inv.options.value("w", "5")).value_or(kProbeWait);
    inv.print(fmt::format("traceroute to {} ({}), {} hops max, 60 byte packets\n", host, name.address.text(),
                          most));
    inv.noteRead("route/" + placeName(inv));
    inv.noteRead("host/" + nameOfAddress(inv.door().world(), name.address));

    // Datagrams to an unused port by default: the target's "port unreachable" ends the trace.
    const auto protocol = inv.options.has("T") ? sim::net::Protocol::Tcp
        : inv.options.has("I")                 ? sim::net::Protocol::Icmp
                                               : sim::net::Protocol::Udp;
    const std::int64_t port
        = parseNumber(inv.options.value("p", inv.options.has("T") ? "80" : "33434")).value_or(33434);
    const sim::net::PathResult path = inv.door().world().reach(stackIdOf(inv), name.address, protocol, port);
    using sim::net::Verdict;
    if (path.verdict == Verdict::NetworkUnreachable || path.verdict == Verdict::InvalidArgument
        || path.verdict == Verdict::PermissionDenied) {
        inv.err().write(fmt::format("connect: {}\n", sim::net::errnoText(path.verdict)));
        return 1;
    }
    sim::RandomStream random = jitter(inv, "traceroute");
    const auto shown = [&](sim::net::Ipv4 address) {
        const std::string known = inv.options.has("n") ? address.text()
                                                       : nameOfAddress(inv.door().world(), address);
        return inv.options.has("n") ? known : fmt::format("{} ({})", known, address.text());
    };
    std::int64_t hop = 0;
    for (const auto& h : path.hops) {
        if (h.address == sim::net::Ipv4{} || hop >= most)
            continue;
        ++hop;
        inv.sleep(h.rtt);
        inv.print(fmt::format("{:2}  {}{}\n", hop, shown(h.address), probes(h.rtt, random)));
    }
    const bool arrived = path.verdict == Verdict::Delivered
        || (path.verdict == Verdict::Refused && path.answeredBy == sim::net::Ipv4{});
    if (arrived)
        return 0;
    if (path.verdict != Verdict::TimedOut && path.verdict != Verdict::NotPermitted) {
        const sim::net::Ipv4 from = path.answeredBy != sim::net::Ipv4{} ? path.answeredBy : path.source;
        inv.sleep(path.errorAfter);
        const std::string mark = path.verdict == Verdict::HostUnreachable ? "!H" : "!X";
        inv.print(fmt::format("{:2}  {}", hop + 1, shown(from)));
        for (int i = 0; i < 3; ++i)
            inv.print(fmt::format("  {:.3f} ms {}", sim::toSeconds(path.errorAfter) * 1e3, mark));
        inv.print("\n");
        return 0;
    }
    // Sixteen probes are on the way at once, so five silent hops cost one waiting time.
    constexpr std::int64_t kHopsAtOnce = 5;
    for (++hop; hop <= most; ++hop) {
        if ((hop - 1) % kHopsAtOnce == 0)
            inv.sleep(wait);
        inv.print(fmt::format("{:2}  * * *\n", hop));
    }
    return 0;
}

} // namespace

void addTraceroute(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "traceroute";
    spec.summary = "print the route packets trace to network host";
    spec.usage = "traceroute [ -nIT ] [ -m max_ttl ] [ -p port ] [ -w waittime ] host";
    spec.options = {{'n', "", "", "do not resolve IP addresses"},
                    {'I', "", "", "use ICMP ECHO"},
                    {'T', "", "", "use TCP SYN"},
                    {'m', "", "max_ttl", "most hops"},
                    {'p', "", "port", "destination port"},
                    {'w', "", "seconds", "how long to wait for an answer"}};
    spec.run = runTraceroute;
    table.add(std::move(spec));
}

} // namespace core::shell::node
