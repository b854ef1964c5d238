// tracepath of iputils 20221126 and mtr 0.95: the way of packets, with what size passes and how long each hop takes.
#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/usage_errors.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::node {

namespace {

/// tracepath waits a second for each of three probes.
constexpr sim::Duration kSilentProbe = std::chrono::seconds(1);
constexpr int kProbes = 3;
/// Its name column.
constexpr int kHostColumn = 52;
constexpr std::int64_t kFirstPort = 44444;
constexpr std::int64_t kLargest = 65535;

std::string shownHost(Invocation& inv, sim::net::Ipv4 address)
{
    const std::string name = inv.options.has("n") ? address.text() : nameOfAddress(inv.door().world(), address);
    return inv.options.has("b") && name != address.text() ? fmt::format("{} ({})", name, address.text()) : name;
}

struct Router {
    sim::net::Ipv4 address;
    sim::Duration rtt{};
};

/// Hops that answer, in order, and whether the last one is the destination.
std::vector<Router> routersOf(const sim::net::PathResult& path)
{
    std::vector<Router> routers;
    for (const sim::net::Hop& hop : path.hops)
        if (hop.address != sim::net::Ipv4{})
            routers.push_back({hop.address, hop.rtt});
    return routers;
}

bool hasArrived(const sim::net::PathResult& path)
{
    using sim::net::Verdict;
    return path.verdict == Verdict::Delivered || (path.verdict == Verdict::Refused && path.answeredBy == sim::net::Ipv4{});
}

std::vector<OptionSpec> tracepathOptions()
{
    return {{'4', "", "", "use IPv4"}, {'b', "", "", "print both name and ip"}, {'l', "", "length", "use packet <length>"}, {'m', "", "hops", "use maximum <hops>"}, {'n', "", "", "no dns name resolution"}};
}

int runTracepath(Invocation& inv)
{
    if (inv.operands.empty()) {
        CommandSpec named;
        named.name = "tracepath";
        named.options = tracepathOptions();
        inv.err().write(usageError(named, "tracepath", {}).text.substr(std::string_view("tracepath: \n").size()));
        return 255;
    }
    for (const char* option : {"m", "l"})
        if (inv.options.has(option) && !parseNumber(inv.options.value(option))) {
            inv.err().write(fmt::format("tracepath: invalid argument: '{}'\n", inv.options.value(option)));
            return 1;
        }
    const std::string& host = inv.operands[0];
    const LookedUp name = lookUp(inv, host);
    inv.sleep(name.took);
    if (name.status != sim::NameAnswer::Status::Found) {
        inv.err().write(fmt::format("tracepath: {}: {}\n", host, name.error()));
        return 1;
    }
    inv.noteRead("route/" + placeName(inv));
    inv.noteRead("host/" + nameOfAddress(inv.door().world(), name.address));
    inv.noteRead("from/" + placeName(inv));
    const std::int64_t most = parseNumber(inv.options.value("m", "30")).value_or(30);
    std::int64_t mtu = parseNumber(inv.options.value("l", "65535")).value_or(kLargest);
    sim::RandomStream random = jitter(inv, "tracepath");
    const auto probe = [&](std::int64_t bytes) {
        sim::net::Probe p;
        p.protocol = sim::net::Protocol::Udp;
        p.port = kFirstPort;
        p.bytes = bytes;
        p.dontFragment = true;
        return inv.door().world().reach(stackIdOf(inv), name.address, p);
    };
    const auto time = [&](sim::Duration rtt) {
        const auto us = static_cast<std::int64_t>(sim::toSeconds(rtt) * 1e6 * (1 + 0.3 * random.unit()));
        return fmt::format("{:3}.{:03}ms ", us / 1000, us % 1000);
    };
    sim::net::PathResult path = probe(mtu);
    if (path.verdict == sim::net::Verdict::NetworkUnreachable || path.verdict == sim::net::Verdict::InvalidArgument
        || path.verdict == sim::net::Verdict::PermissionDenied) {
        inv.print(fmt::format(" 1:  send failed\n     Resume: pmtu {} \n", mtu));
        return 1;
    }
    std::int64_t ttl = 1;
    if (path.verdict == sim::net::Verdict::MessageTooLong && path.answeredBy == sim::net::Ipv4{}) {
        mtu = path.mtu;
        inv.print(fmt::format("{:2}?: {:<32} pmtu {}\n", ttl, "[LOCALHOST]", mtu));
        path = probe(mtu);
    }
    for (; ttl <= most; ++ttl) {
        std::vector<Router> routers = routersOf(path);
        const auto index = static_cast<std::size_t>(ttl - 1);
        const bool last = index + 1 >= routers.size();
        if (path.verdict == sim::net::Verdict::MessageTooLong && last) {
            // The router that found the packet too large tells what would fit, before it would count the hop.
            inv.sleep(path.errorAfter);
            mtu = path.mtu;
            inv.print(fmt::format("{:2}:  {:<{}}{}pmtu {}\n", ttl, shownHost(inv, path.answeredBy), kHostColumn, time(path.errorAfter), mtu));
            path = probe(mtu);
            --ttl;
            continue;
        }
        if (index < routers.size() && !(last && hasArrived(path))) {
            inv.sleep(routers[index].rtt);
            inv.print(fmt::format("{:2}:  {:<{}}{}\n", ttl, shownHost(inv, routers[index].address), kHostColumn, time(routers[index].rtt)));
            continue;
        }
        if (hasArrived(path)) {
            inv.sleep(path.rtt);
            inv.print(fmt::format("{:2}:  {:<{}}{}reached\n", ttl, shownHost(inv, name.address), kHostColumn, time(path.rtt)));
            inv.print(fmt::format("     Resume: pmtu {} hops {} back {} \n", mtu, ttl, ttl));
            return 0;
        }
        if (path.verdict != sim::net::Verdict::TimedOut && (path.answeredBy != sim::net::Ipv4{} || path.errorAfter > sim::Duration{0})) {
            inv.sleep(path.errorAfter);
            const sim::net::Ipv4 from = path.answeredBy != sim::net::Ipv4{} ? path.answeredBy : path.source;
            inv.print(fmt::format("{:2}:  {:<{}}{}{}\n", ttl, shownHost(inv, from), kHostColumn, time(path.errorAfter),
                                  path.verdict == sim::net::Verdict::HostUnreachable ? "!H" : "!A"));
            inv.print(fmt::format("     Resume: pmtu {} \n", mtu));
            return 0;
        }
        inv.sleep(kSilentProbe * kProbes);
        inv.print(fmt::format("{:2}:  no reply\n", ttl));
    }
    inv.print(fmt::format("     Too many hops: pmtu {}\n     Resume: pmtu {} \n", mtu, mtu));
    return 0;
}

int runMtr(Invocation& inv)
{
    if (inv.options.has("report-cycles") && parseNumber(inv.options.value("report-cycles")).value_or(0) < 1) {
        inv.err().write(fmt::format("mtr: invalid argument: '{}'\n", inv.options.value("report-cycles")));
        return 1;
    }
    if (inv.operands.empty()) {
        inv.err().write("mtr: no destination\n");
        return 1;
    }
    const std::string& host = inv.operands[0];
    const LookedUp name = lookUp(inv, host);
    inv.sleep(name.took);
    if (name.status != sim::NameAnswer::Status::Found) {
        inv.err().write(fmt::format("mtr: Failed to resolve host: {}: {}\n", host, name.error()));
        return 1;
    }
    inv.noteRead("route/" + placeName(inv));
    inv.noteRead("host/" + nameOfAddress(inv.door().world(), name.address));
    inv.noteRead("from/" + placeName(inv));
    const std::int64_t cycles = std::clamp<std::int64_t>(parseNumber(inv.options.value("report-cycles", "10")).value_or(10), 1, 1000);
    sim::net::Probe probe;
    probe.protocol = inv.options.has("tcp") ? sim::net::Protocol::Tcp : inv.options.has("udp") ? sim::net::Protocol::Udp : sim::net::Protocol::Icmp;
    probe.port = parseNumber(inv.options.value("port", probe.protocol == sim::net::Protocol::Icmp ? "0" : "80")).value_or(0);
    struct Line {
        sim::net::Ipv4 address;
        std::int64_t lost = 0;
        double last = 0, sum = 0, squares = 0, best = 1e9, worst = 0;
    };
    std::vector<Line> lines;
    sim::RandomStream random = jitter(inv, "mtr");
    const sim::Instant start = inv.now();
    bool silent = false;
    for (std::int64_t cycle = 0; cycle < cycles; ++cycle) {
        if (cycle > 0)
            inv.sleep(std::chrono::seconds(1));
        const sim::net::PathResult path = inv.door().world().reach(stackIdOf(inv), name.address, probe);
        const std::vector<Router> routers = routersOf(path);
        silent = !hasArrived(path);
        lines.resize(std::max(lines.size(), routers.size()));
        for (std::size_t i = 0; i < lines.size(); ++i) {
            Line& line = lines[i];
            if (i >= routers.size() || random.unit() < path.lossRatio) {
                ++line.lost;
                continue;
            }
            line.address = routers[i].address;
            line.last = sim::toSeconds(routers[i].rtt) * 1e3 * (1 + 0.3 * random.unit());
            line.sum += line.last;
            line.squares += line.last * line.last;
            line.best = std::min(line.best, line.last);
            line.worst = std::max(line.worst, line.last);
        }
    }
    inv.print(fmt::format("Start: {}\nHOST: {:<27} Loss%   Snt   Last   Avg  Best  Wrst StDev\n", formatDate(start, "%Y-%m-%dT%H:%M:%S+0000"), placeName(inv)));
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Line& line = lines[i];
        const double n = static_cast<double>(cycles - line.lost);
        const double mean = n > 0 ? line.sum / n : 0;
        const double deviation = n > 1 ? std::sqrt(std::max(0.0, (line.squares - n * mean * mean) / (n - 1))) : 0;
        inv.print(fmt::format("{:3}.|-- {:<25} {:>5.1f}% {:>5} {:>6.1f}{:>6.1f}{:>6.1f}{:>6.1f}{:>6.1f}\n", i + 1, shownHost(inv, line.address),
                              100.0 * static_cast<double>(line.lost) / static_cast<double>(cycles), cycles, line.last, mean, n > 0 ? line.best : 0.0,
                              line.worst, deviation));
    }
    if (silent)
        inv.print(fmt::format("{:3}.|-- {:<25} {:>5.1f}% {:>5} {:>6.1f}{:>6.1f}{:>6.1f}{:>6.1f}{:>6.1f}\n", lines.size() + 1, "???", 100.0, cycles, 0.0, 0.0, 0.0,
                              0.0, 0.0));
    return 0;
}

} // namespace

void addTracepath(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "tracepath";
    spec.summary = "trace path to a network host discovering MTU along this path";
    spec.usage = "tracepath [options] <destination>";
    spec.options = tracepathOptions();
    spec.run = runTracepath;
    table.add(spec);
    spec.name = "mtr";
    spec.summary = "a network diagnostic tool";
    spec.usage = "mtr --report [options] hostname";
    spec.options = {{'r', "report", "", "output using report mode"},
                    {'w', "report-wide", "", "output wide report"},
                    {'c', "report-cycles", "COUNT", "set the number of pings sent"},
                    {'n', "", "", "do not resolve host names"},
                    {'b', "", "", "show IP numbers and host names"},
                    {'T', "tcp", "", "use TCP instead of ICMP echo"},
                    {'u', "udp", "", "use UDP instead of ICMP echo"},
                    {'P', "port", "PORT", "target port number for TCP, SCTP, or UDP"},
                    {'4', "", "", "use IPv4 only"}};
    spec.run = runMtr;
    table.add(std::move(spec));
}

} // namespace core::shell::node
