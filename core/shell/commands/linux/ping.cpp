#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::node {

namespace {

using sim::net::Verdict;

/// Linux' initial time to live; every router on the way takes one.
constexpr int kTimeToLive = 64;
/// iputils waits this long for the last answer when none has come (MAXWAIT).
constexpr sim::Duration kLinger = std::chrono::seconds(10);

struct Pinger {
    Invocation& inv;
    std::string host;
    std::string shown; ///< "registry.lab (10.0.0.20)" or the bare address
    sim::net::Ipv4 address;
    bool numeric = false;
    bool quiet = false;
    sim::Duration interval = std::chrono::seconds(1);
    sim::Duration wait = kLinger;
    std::int64_t count = 0; ///< 0: until interrupted
    int size = 56;
    sim::net::Ipv4 source{};        ///< -I
    std::string sourceShown;        ///< "from 10.0.0.5 eth0: " as the banner has it
    enum class Discovery { Want, Do, Dont };
    Discovery discovery = Discovery::Want; ///< -M
    std::int64_t learnedMtu = 0;    ///< by ICMP fragmentation-needed; 0: none
    std::int64_t id = 1;            ///< of the echoes

    sim::Instant started{};
    std::int64_t sent = 0;
    std::int64_t received = 0;
    std::int64_t errors = 0;
    std::vector<double> times;            ///< ms
    std::vector<std::int64_t> unanswered; ///< sequence numbers whose error is still to come
    sim::Instant errorsAt{};              ///< when the kernel gives up on the first of them
    sim::Instant lastSent{};

    std::string who(sim::net::Ipv4 from) const
    {
        const std::string name = numeric ? from.text() : nameOfAddress(inv.door().world(), from);
        return name == from.text() ? name : fmt::format("{} ({})", name, from.text());
    }

    void reportUnreachable(const sim::net::PathResult& path, std::int64_t sequence)
    {
        ++errors;
        const sim::net::Ipv4 from = path.answeredBy != sim::net::Ipv4{} ? path.answeredBy : path.source;
        if (!quiet)
            inv.print(fmt::format("From {} icmp_seq={} {}\n", who(from), sequence,
                                  path.icmpError.empty() ? "Destination Host Unreachable" : path.icmpError));
    }

    sim::net::Probe probe(std::int64_t sequence) const
    {
        sim::net::Probe p;
        p.protocol = sim::net::Protocol::Icmp;
        p.bytes = size + 28;
        p.source = source;
        p.sourcePort = id;
        p.sequence = sequence;
        // The kernel cuts what is larger than it knows to fit, unless it must not.
        p.dontFragment = discovery == Discovery::Do
            || (discovery == Discovery::Want && (learnedMtu == 0 || p.bytes <= learnedMtu) && p.bytes <= ownMtu());
        return p;
    }

    std::int64_t ownMtu() const
    {
        const sim::net::Stack& stack = stackOf(inv);
        const sim::net::Route* route = stack.lookup(address);
        return stack.isLocal(address) || route == nullptr ? 65536 : stack.mtuOf(*route);
    }

    void tellTooLong(std::int64_t mtu)
    {
        ++errors;
        if (!quiet)
            inv.err().write(fmt::format("ping: local error: message too long, mtu={}\n", mtu));
    }

    /// One packet; false when the tool itself gives up.
    bool send(std::int64_t sequence, sim::RandomStream& random)
    {
        const sim::net::Probe packet = probe(sequence);
        if (packet.dontFragment && learnedMtu > 0 && packet.bytes > learnedMtu) {
            ++sent;
            tellTooLong(learnedMtu);
            return true;
        }
        const sim::net::PathResult path = inv.door().world().reach(stackIdOf(inv), address, packet);
        inv.door().apply(sim::Command{sim::command::SendDatagram{stackIdOf(inv), address, packet}});
        switch (path.verdict) {
        case Verdict::MessageTooLong:
            ++sent;
            learnedMtu = path.mtu;
            if (path.answeredBy == sim::net::Ipv4{})
                tellTooLong(path.mtu);
            else
                reportUnreachable(path, sequence);
            return true;
        case Verdict::Delivered:
        case Verdict::Refused: {
            ++sent;
            if (random.unit() < path.lossRatio)
                return true;
            const double ms = sim::toSeconds(path.rtt) * 1e3 * (1 + 0.12 * random.unit());
            ++received;
            times.push_back(ms);
            int routers = 0;
            for (const auto& hop : path.hops)
                routers += hop.address != sim::net::Ipv4{} ? 1 : 0;
            if (!quiet)
                inv.print(fmt::format("{} bytes from {}: icmp_seq={} ttl={} time={} ms\n", size + 8, shown,
                                      sequence, kTimeToLive - std::max(0, routers - 1), timeText(ms)));
            return true;
        }
        case Verdict::TimedOut: ++sent; return true;
        case Verdict::NetworkUnreachable: // of this machine, which lost its route meanwhile, or of one on the way
            if (path.answeredBy == sim::net::Ipv4{}) {
                inv.err().write("ping: sendmsg: Network is unreachable\n");
                ++sent;
                return true;
            }
            [[fallthrough]];
        case Verdict::HostUnreachable:
        case Verdict::Prohibited:
            if (path.errorAfter == sim::Duration{0}
                && path.icmpError.empty()) { // an unreachable route of its own
                inv.err().write("ping: connect: No route to host\n");
                return false;
            }
            ++sent;
            if (path.errorAfter >= std::chrono::seconds(1)) {
                if (unanswered.empty())
                    errorsAt = inv.now() + path.errorAfter;
                unanswered.push_back(sequence);
            } else
                reportUnreachable(path, sequence);
            return true;
        case Verdict::NotPermitted:
            ++sent;
            inv.err().write("ping: sendmsg: Operation not permitted\n");
            return true;
        default:
            inv.err().write(fmt::format("ping: {}: {}\n", sequence == 1 ? "connect" : "sendmsg",
                                        sim::net::errnoText(path.verdict)));
            return false;
        }
    }

    /// The kernel tells about unanswered ARP three seconds after the first packet, for all that waited.
    void flushUnanswered()
    {
        const sim::net::PathResult path = inv.door().world().reach(stackIdOf(inv), address,
                                                                   sim::net::Protocol::Icmp, 0);
        for (const std::int64_t sequence : unanswered)
            reportUnreachable(path, sequence);
        unanswered.clear();
    }

    static std::string timeText(double ms)
    {
        return ms < 1  ? fmt::format("{:.3f}", ms)
            : ms < 10  ? fmt::format("{:.2f}", ms)
            : ms < 100 ? fmt::format("{:.1f}", ms)
                       : fmt::format("{:.0f}", ms);
    }

    void statistics()
    {
        inv.print(fmt::format("\n--- {} ping statistics ---\n", host));
        const std::int64_t elapsed = (lastSent - started).count() / 1'000'000;
        const double loss = sent == 0
            ? 0
            : 100.0 * static_cast<double>(sent - received) / static_cast<double>(sent);
        std::string errorPart = errors > 0 ? fmt::format("+{} errors, ", errors) : "";
        inv.print(fmt::format("{} packets transmitted, {} received, {}{:.6g}% packet loss, time {}ms\n", sent,
                              received, errorPart, loss, elapsed));
        if (!times.empty()) {
            double sum = 0, squares = 0;
            for (const double t : times) {
                sum += t;
                squares += t * t;
            }
            const double n = static_cast<double>(times.size());
            const double mean = sum / n;
            inv.print(fmt::format("rtt min/avg/max/mdev = {:.3f}/{:.3f}/{:.3f}/{:.3f} ms\n",
                                  *std::min_element(times.begin(), times.end()), mean,
                                  *std::max_element(times.begin(), times.end()),
                                  std::sqrt(std::max(0.0, squares / n - mean * mean))));
        }
        // Several on the way at once: ARP's three seconds. The line is empty where there is nothing to say.
        if (received == 0 && errors > 1)
            inv.print(fmt::format("pipe {}\n", std::min<std::int64_t>(errors, 3)));
        else if (times.empty())
            inv.print("\n");
    }

    int run()
    {
        started = inv.now();
        if (const sim::net::Stack& stack = stackOf(inv); !stack.isLocal(address) && stack.lookup(address) == nullptr) {
            inv.err().write("ping: connect: Network is unreachable\n"); // ping connects a socket to learn its own address
            return 2;
        }
        inv.print(fmt::format("PING {} ({}) {}{}({}) bytes of data.\n", host, address.text(), sourceShown, size, size + 28));
        sim::RandomStream random = jitter(inv, "ping");
        id = 1 + static_cast<std::int64_t>(jitter(inv, "ping-id").below(65535));
        try {
            for (std::int64_t sequence = 1; count == 0 || sequence <= count; ++sequence) {
                if (sequence > 1)
                    inv.sleep(interval);
                if (!unanswered.empty() && inv.now() >= errorsAt)
                    flushUnanswered();
                lastSent = inv.now();
                if (!send(sequence, random))
                    return 2;
            }
            // Only a missing answer makes ping wait after its last packet.
            if (!unanswered.empty()) {
                inv.sleep(std::max(sim::Duration{0}, errorsAt - inv.now()));
                flushUnanswered();
            } else if (received + errors < sent) {
                inv.sleep(received > 0 ? std::min<sim::Duration>(wait, std::chrono::seconds(1)) : wait);
            }
        } catch (const Interrupted&) {
            statistics(); // Ctrl-C ends the series with its figures
            throw;
        }
        statistics();
        return received > 0 ? 0 : 1;
    }
};

int runPing(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.err().write("ping: usage error: Destination address required\n");
        return 1;
    }
    Pinger pinger{inv, inv.operands.back(), {}, {}};
    if (inv.options.has("c")) {
        const auto count = parseNumber(inv.options.value("c"));
        if (!count || *count < 1) {
            inv.err().write(
                !parseNumber(inv.options.value("c")) ? fmt::format("ping: invalid argument: '{}'\n", inv.options.value("c")) : fmt::format("ping: invalid argument: '{}': out of range: 1 <= value <= 9223372036854775807\n",
                            inv.options.value("c")));
            return 1;
        }
        pinger.count = *count;
    }
    pinger.interval = parseSeconds(inv.options.value("i", "1")).value_or(std::chrono::seconds(1));
    pinger.interval = std::max<sim::Duration>(pinger.interval, std::chrono::milliseconds(2));
    pinger.wait = parseSeconds(inv.options.value("W", "10")).value_or(kLinger);
    if (inv.options.has("w"))
        pinger.count = pinger.count > 0
            ? pinger.count
            : std::max<std::int64_t>(1, parseNumber(inv.options.value("w")).value_or(1));
    pinger.numeric = inv.options.has("n");
    pinger.quiet = inv.options.has("q");
    pinger.size = static_cast<int>(
        std::clamp<std::int64_t>(parseNumber(inv.options.value("s", "56")).value_or(56), 0, 65507));

    if (inv.options.has("M")) {
        const std::string& wanted = inv.options.value("M");
        if (wanted != "do" && wanted != "want" && wanted != "dont" && wanted != "probe") {
            inv.err().write(fmt::format("ping: invalid -M argument: {}\n", wanted));
            return 1;
        }
        pinger.discovery = wanted == "do" || wanted == "probe" ? Pinger::Discovery::Do
            : wanted == "dont"                                 ? Pinger::Discovery::Dont
                                                               : Pinger::Discovery::Want;
    }
    if (inv.options.has("I")) {
        const std::string& wanted = inv.options.value("I");
        const sim::net::Interface* device = stackOf(inv).interface(wanted);
        const auto literal = sim::net::Ipv4::parse(wanted);
        if (device == nullptr && !literal) {
            inv.err().write(fmt::format("ping: SO_BINDTODEVICE {}: No such device\n", wanted));
            return 2;
        }
        if (literal && !stackOf(inv).isLocal(*literal)) {
            inv.err().write("ping: bind: Cannot assign requested address\n");
            return 2;
        }
        pinger.source = literal ? *literal : device->addresses.empty() ? sim::net::Ipv4{} : device->addresses.front().base;
        pinger.sourceShown = fmt::format("from {} {}: ", pinger.source.text(), literal ? "" : wanted);
    }

    const LookedUp name = lookUp(inv, pinger.host);
    inv.sleep(name.took);
    if (name.status != sim::NameAnswer::Status::Found) {
        inv.err().write(fmt::format("ping: {}: {}\n", pinger.host, name.error()));
        return 2;
    }
    pinger.address = name.address;
    pinger.shown = pinger.host == name.address.text()
        ? pinger.host
        : fmt::format("{} ({})", pinger.host, name.address.text());
    inv.noteRead("host/" + nameOfAddress(inv.door().world(), name.address));
    inv.noteRead("from/" + placeName(inv));
    return pinger.run();
}

} // namespace

void addPing(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "ping";
    spec.summary = "send ICMP ECHO_REQUEST to network hosts";
    spec.usage = "ping [options] <destination>";
    spec.options = {{'c', "", "count", "stop after <count> replies"},
                    {'i', "", "interval", "seconds between sending each packet"},
                    {'W', "", "timeout", "time to wait for response"},
                    {'w', "", "deadline", "reply wait <deadline> in seconds"},
                    {'n', "", "", "no dns name resolution"},
                    {'q', "", "", "quiet output"},
                    {'s', "", "size", "use <size> as number of data bytes to be sent"},
                    {'4', "", "", "use IPv4"},
                    {'M', "", "pmtud opt", "define mtu discovery, can be one of <do|dont|want>"},
                    {'I', "", "interface", "either interface name or address"}};
    spec.run = runPing;
    table.add(std::move(spec));
}

} // namespace core::shell::node
