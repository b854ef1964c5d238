// netstat, route and arp of net-tools 2.10, and nstat of iproute2 6.1: the same tables as ss and ip show.
#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/open_connections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::node {

namespace {

using sim::net::Interface;
using sim::net::NetStatistics;
using sim::net::Route;
using sim::net::TcpState;

std::string netmask(std::uint8_t length)
{
    return sim::net::Ipv4{length == 0 ? 0U : 0xffffffffU << (32 - length)}.text();
}

std::string routeFlags(const Route& r)
{
    std::string flags = r.type == Route::Type::Unicast ? "U" : "!";
    if (r.via)
        flags += "G";
    if (r.destination.length == 32)
        flags += "H";
    return flags;
}

int printRoutes(Invocation& inv, bool metrics)
{
    inv.noteRead("route/" + placeName(inv));
    const sim::net::Stack& stack = stackOf(inv);
    std::vector<const Route*> routes;
    for (const Route& r : stack.routes)
        if (stack.usable(r))
            routes.push_back(&r);
    // The kernel's order of /proc/net/route: by address.
    std::stable_sort(routes.begin(), routes.end(), [](const Route* a, const Route* b) { return a->destination.base < b->destination.base; });
    inv.print(metrics ? "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
                      : "Kernel IP routing table\nDestination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n");
    for (const Route* r : routes) {
        const std::string gateway = r->type != Route::Type::Unicast ? "-" : r->via ? r->via->text() : "0.0.0.0";
        const std::string device = r->type == Route::Type::Unicast ? stack.deviceOf(*r) : metrics ? "-" : "*";
        inv.print(metrics ? fmt::format("{:<15} {:<15} {:<15} {:<5} {:<6} {:<2} {:>7} {}\n", r->destination.base.text(), gateway,
                                        netmask(r->destination.length), routeFlags(*r), r->metric, r->type == Route::Type::Unicast ? "0" : "-", 0,
                                        device)
                          : fmt::format("{:<15} {:<15} {:<15} {:<5} {:>5} {:<5} {:>6} {}\n", r->destination.base.text(), gateway,
                                        netmask(r->destination.length), routeFlags(*r), r->mtu > 0 ? r->mtu - 40 : 0, 0, 0, device));
    }
    return 0;
}

int printInterfaces(Invocation& inv)
{
    inv.noteRead("interface/" + placeName(inv));
    inv.print("Kernel Interface table\nIface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n");
    std::vector<const Interface*> devices;
    for (const Interface& i : stackOf(inv).interfaces)
        if (i.adminUp || inv.options.has("all"))
            devices.push_back(&i);
    std::stable_sort(devices.begin(), devices.end(), [](const Interface* a, const Interface* b) { return a->name < b->name; });
    for (const Interface* i : devices) {
        const auto& c = i->counters;
        inv.print(fmt::format("{:<15.15} {:>5} {:>8.0f} {:>6.0f} {:>6.0f} {:<6} {:>8.0f} {:>6} {:>6.0f} {:>6} {}\n", i->name, i->mtu, std::floor(c.rxPackets),
                              std::floor(c.rxErrors), std::floor(c.rxDropped), 0, std::floor(c.txPackets), 0, std::floor(c.txDropped), 0,
                              i->name == "lo" ? "LRU" : i->adminUp ? "BMRU" : "BM"));
    }
    return 0;
}

/// A line of -s is left out when its counter is zero, unless net-tools always prints it.
int printStatistics(Invocation& inv)
{
    noteHost(inv);
    const NetStatistics& n = stackOf(inv).statistics;
    std::int64_t established = 0;
    for (const SocketRow& row : socketRows(inv))
        established += row.tcp && !row.listens && (row.socket.state == TcpState::Established || row.socket.state == TcpState::CloseWait) ? 1 : 0;
    std::string text = "Ip:\n";
    const auto add = [&](std::int64_t value, const char* words, bool always = true) {
        if (value != 0 || always)
            text += fmt::format("    {} {}\n", value, words);
    };
    text += fmt::format("    Forwarding: {}\n", stackOf(inv).forwarding ? 1 : 2);
    const std::int64_t packets = n.inReceives + n.icmpIn + n.udpIn;
    add(packets, "total packets received");
    add(n.forwarded, "forwarded");
    add(0, "incoming packets discarded");
    add(packets - n.forwarded, "incoming packets delivered");
    add(n.outRequests, "requests sent out");
    add(n.outNoRoutes, "dropped because of missing route", false);
    add(n.fragmentFails, "fragments failed", false);
    text += "Icmp:\n";
    add(n.icmpIn, "ICMP messages received");
    add(0, "input ICMP message failed");
    text += "    ICMP input histogram:\n";
    const auto histogram = [&](const char* name, std::int64_t value) {
        if (value != 0)
            text += fmt::format("        {}: {}\n", name, value);
    };
    histogram("destination unreachable", n.icmpInUnreachable);
    histogram("echo requests", n.icmpInEchos);
    histogram("echo replies", n.icmpInEchoReplies);
    add(n.icmpOut, "ICMP messages sent");
    add(0, "ICMP messages failed");
    text += "    ICMP output histogram:\n";
    histogram("destination unreachable", n.icmpOutUnreachable);
    histogram("echo requests", n.icmpOutEchos);
    histogram("echo replies", n.icmpOutEchoReplies);
    text += "Tcp:\n";
    add(n.activeOpens, "active connection openings");
    add(n.passiveOpens, "passive connection openings");
    add(n.attemptFails, "failed connection attempts");
    add(n.establishedResets, "connection resets received");
    add(established, "connections established");
    add(n.inSegments, "segments received");
    add(n.outSegments, "segments sent out");
    add(n.retransmitted, "segments retransmitted");
    add(0, "bad segments received");
    add(n.outResets, "resets sent");
    text += "Udp:\n";
    add(n.udpIn, "packets received");
    add(n.udpNoPorts, "packets to unknown port received");
    add(0, "packet receive errors");
    add(n.udpOut, "packets sent");
    text += "TcpExt:\n";
    add(n.timeWaits, "TCP sockets finished time wait in fast timer", false);
    add(n.timeouts, "other TCP timeouts", false);
    add(n.abortsOnTimeout, "connections aborted due to timeout", false);
    add(n.listenOverflows, "times the listen queue of a socket overflowed", false);
    add(n.listenDrops, "SYNs to LISTEN sockets dropped", false);
    const auto named = [&](const char* name, std::int64_t value) {
        if (value != 0)
            text += fmt::format("    {}: {}\n", name, value);
    };
    named("TCPKeepAlive", n.keepAlives);
    named("TCPSynRetrans", n.synRetransmits);
    inv.print(text);
    return 0;
}

std::string timerColumn(const sim::Socket& s)
{
    using Timer = sim::Socket::Timer;
    const char* name = s.timer == Timer::None ? "off" : s.timer == Timer::On ? "on" : s.timer == Timer::KeepAlive ? "keepalive" : "timewait";
    return fmt::format("{} ({:.2f}/{}/0)", name, sim::toSeconds(s.expires), s.retransmits);
}

int printSockets(Invocation& inv)
{
    noteHost(inv);
    const bool listening = inv.options.has("listening"), all = inv.options.has("all");
    const bool tcp = inv.options.has("tcp") || !inv.options.has("udp");
    const bool udp = inv.options.has("udp") || !inv.options.has("tcp");
    const bool programs = inv.options.has("program"), timers = inv.options.has("timers"), extended = inv.options.has("extend");
    if (programs && !isRoot(inv))
        inv.err().write("(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root to see it all.)\n");
    std::string text = fmt::format("Active Internet connections ({})\nProto Recv-Q Send-Q Local Address           Foreign Address         State      ",
                                   listening ? "only servers" : all ? "servers and established" : "w/o servers");
    if (extended)
        text += " User       Inode     ";
    if (programs)
        text += " PID/Program name    ";
    if (timers)
        text += " Timer";
    text += "\n";
    std::vector<SocketRow> rows = socketRows(inv);
    std::stable_sort(rows.begin(), rows.end(), [](const SocketRow& a, const SocketRow& b) { return a.tcp > b.tcp; });
    for (const SocketRow& row : rows) {
        if ((row.tcp ? !tcp : !udp) || (listening && !row.listens) || (!listening && !all && row.listens))
            continue;
        // netstat shows no backlog: of a listener only who waits.
        text += fmt::format("{:<5} {:>6} {:>6} {:<23} {:<23} {:<11}", row.tcp ? "tcp" : "udp", row.socket.receiveQueue, row.listens ? 0 : row.socket.sendQueue,
                            (row.anyAddress ? "0.0.0.0" : row.socket.local.text()) + ":" + std::to_string(row.socket.localPort),
                            row.listens ? "0.0.0.0:*" : fmt::format("{}:{}", row.socket.peer.text(), row.socket.peerPort), row.kernelState());
        const auto owner = ownerOf(inv, row);
        if (extended)
            text += fmt::format(" {:<10} {:<10}", owner ? owner->user == "root" ? "0" : owner->user : "0", socketInode(row));
        if (programs)
            text += fmt::format(" {:<20}", owner ? fmt::format("{}/{}", owner->pid, owner->program) : "-");
        if (timers)
            text += " " + timerColumn(row.socket);
        text += "\n";
    }
    inv.print(text);
    return 0;
}

int runNetstat(Invocation& inv)
{
    if (inv.options.has("route"))
        return printRoutes(inv, false);
    if (inv.options.has("interfaces"))
        return printInterfaces(inv);
    if (inv.options.has("statistics"))
        return printStatistics(inv);
    return printSockets(inv);
}

int runRoute(Invocation& inv)
{
    if (!inv.operands.empty())
        return inv.run([&] { // the old syntax in ip's words
            std::vector<std::string> words{"ip", "route"};
            for (std::size_t i = 0; i < inv.operands.size(); ++i) {
                const std::string& word = inv.operands[i];
                if (word == "gw")
                    words.emplace_back("via");
                else if (word != "-net" && word != "-host")
                    words.push_back(word);
            }
            return words;
        }());
    return printRoutes(inv, true);
}

int runArp(Invocation& inv)
{
    inv.noteRead("route/" + placeName(inv));
    const auto& network = inv.door().world().network();
    const sim::StackId here = stackIdOf(inv);
    std::string text;
    for (const Interface& i : stackOf(inv).interfaces) {
        const sim::LinkId own = network.fabric().linkOf(here, i.name);
        for (const auto& [id, other] : network.stacks())
            for (const Interface& theirs : other.interfaces) {
                if (id == here || other.node.valid() || theirs.addresses.empty() || !own.valid() || !network.fabric().linkOf(id, theirs.name).valid())
                    continue;
                const bool answers = i.adminUp && other.up && theirs.adminUp && network.fabric().path(own, network.fabric().linkOf(id, theirs.name));
                const std::string address = theirs.addresses.front().base.text();
                if (inv.options.has("all")) // the BSD style
                    text += fmt::format("{} ({}) at {} on {}\n", inv.options.has("numeric") ? "?" : other.name, address, answers ? theirs.mac + " [ether]" : "<incomplete>", i.name);
                else
                    text += fmt::format("{:<23.23}  {:<8}{:<20}{:<6}{:<15} {}\n", inv.options.has("numeric") ? address : other.name, answers ? "ether" : "",
                                        answers ? theirs.mac : "(incomplete)", answers ? "C" : "", "", i.name);
            }
    }
    inv.print((inv.options.has("all") ? "" : "Address                  HWtype  HWaddress           Flags Mask            Iface\n") + text);
    return 0;
}

int runNstat(Invocation& inv)
{
    noteHost(inv);
    const NetStatistics& n = stackOf(inv).statistics;
    const std::pair<const char*, std::int64_t> counters[] = {
        {"IpInReceives", n.inReceives + n.icmpIn + n.udpIn},
        {"IpForwDatagrams", n.forwarded},
        {"IpInDelivers", n.inReceives + n.icmpIn + n.udpIn},
        {"IpOutRequests", n.outRequests},
        {"IpOutNoRoutes", n.outNoRoutes},
        {"IpFragFails", n.fragmentFails},
        {"IcmpInMsgs", n.icmpIn},
        {"IcmpInDestUnreachs", n.icmpInUnreachable},
        {"IcmpInEchos", n.icmpInEchos},
        {"IcmpInEchoReps", n.icmpInEchoReplies},
        {"IcmpOutMsgs", n.icmpOut},
        {"IcmpOutDestUnreachs", n.icmpOutUnreachable},
        {"IcmpOutEchos", n.icmpOutEchos},
        {"IcmpOutEchoReps", n.icmpOutEchoReplies},
        {"TcpActiveOpens", n.activeOpens},
        {"TcpPassiveOpens", n.passiveOpens},
        {"TcpAttemptFails", n.attemptFails},
        {"TcpEstabResets", n.establishedResets},
        {"TcpInSegs", n.inSegments},
        {"TcpOutSegs", n.outSegments},
        {"TcpRetransSegs", n.retransmitted},
        {"TcpOutRsts", n.outResets},
        {"UdpInDatagrams", n.udpIn},
        {"UdpNoPorts", n.udpNoPorts},
        {"UdpOutDatagrams", n.udpOut},
        {"TcpExtTW", n.timeWaits},
        {"TcpExtListenOverflows", n.listenOverflows},
        {"TcpExtListenDrops", n.listenDrops},
        {"TcpExtTCPTimeouts", n.timeouts},
        {"TcpExtTCPAbortOnTimeout", n.abortsOnTimeout},
        {"TcpExtTCPKeepAlive", n.keepAlives},
        {"TcpExtTCPSynRetrans", n.synRetransmits},
    };
    std::string text = "#kernel\n";
    for (const auto& [name, value] : counters) {
        const bool wanted = inv.operands.empty()
            || std::any_of(inv.operands.begin(), inv.operands.end(), [&, name = name](const std::string& pattern) {
                   const std::size_t star = pattern.find('*');
                   return star == std::string::npos ? pattern == name : std::string_view(name).substr(0, star) == pattern.substr(0, star);
               });
        if (wanted && (value != 0 || inv.options.has("zeros")))
            text += fmt::format("{:<32}{:<16}{:6.1f}\n", name, value, 0.0);
    }
    inv.print(text);
    return 0;
}

} // namespace

void addNetstat(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "netstat";
    spec.summary = "print network connections, routing tables and interface statistics";
    spec.usage = "netstat [-tulnape] [-r] [-i] [-s]";
    spec.options = {{'t', "tcp", "", "TCP sockets"},
                    {'u', "udp", "", "UDP sockets"},
                    {'l', "listening", "", "display listening server sockets"},
                    {'a', "all", "", "display all sockets (default: connected)"},
                    {'n', "numeric", "", "don't resolve names"},
                    {'p', "program", "", "display PID/Program name for sockets"},
                    {'e', "extend", "", "display other/more information"},
                    {'o', "timers", "", "display timers"},
                    {'r', "route", "", "display routing table"},
                    {'i', "interfaces", "", "display interface table"},
                    {'s', "statistics", "", "display networking statistics"},
                    {'4', "inet", "", "IPv4"}};
    spec.run = runNetstat;
    table.add(spec);
    spec.name = "route";
    spec.summary = "show / manipulate the IP routing table";
    spec.usage = "route [-n] [add|del ...]";
    spec.options = {{'n', "numeric", "", "don't resolve names"}, {'e', "extend", "", "netstat's format"}};
    spec.run = runRoute;
    table.add(spec);
    spec.name = "arp";
    spec.summary = "manipulate the system ARP cache";
    spec.usage = "arp [-n]";
    spec.options = {{'n', "numeric", "", "don't resolve names"}, {'a', "all", "", "all hosts"}, {'e', "", "", "default style"}};
    spec.run = runArp;
    table.add(spec);
    spec.name = "nstat";
    spec.summary = "network statistics tools";
    spec.usage = "nstat [-az] [PATTERN]...";
    spec.options = {{'a', "ignore", "", "dump absolute values"}, {'z', "zeros", "", "show entries with zero activity"}, {'s', "noupdate", "", "do not update history"}};
    spec.run = runNstat;
    table.add(std::move(spec));
}

} // namespace core::shell::node
