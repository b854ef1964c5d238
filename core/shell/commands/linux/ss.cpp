// ss(8) of iproute2 6.1.
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/open_connections.h"
#include "core/shell/commands/linux/socket_filter.h"
#include "core/shell/usage_errors.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::net::TcpState;

int summary(Invocation& inv)
{
    std::int64_t tcp = 0, udp = 0, established = 0, closed = 0, orphaned = 0, timeWait = 0;
    for (const SocketRow& row : socketRows(inv)) {
        ++(row.tcp ? tcp : udp);
        if (row.listens)
            continue;
        established += row.socket.state == TcpState::Established ? 1 : 0;
        timeWait += row.socket.state == TcpState::TimeWait ? 1 : 0;
        orphaned += row.socket.pid == 0 && row.socket.state != TcpState::TimeWait ? 1 : 0;
    }
    closed = timeWait; // counted as closed by the kernel
    inv.print(fmt::format(
        "Total: {}\nTCP:   {} (estab {}, closed {}, orphaned {}, timewait {})\n\nTransport Total     IP        "
        "IPv6\n"
        "RAW\t  0         0         0        \nUDP\t  {:<10}{:<10}0        \nTCP\t  {:<10}{:<10}0        \n"
        "INET\t  {:<10}{:<10}0        \nFRAG\t  0         0         0        \n\n",
        tcp + udp, tcp, established, closed, orphaned, timeWait, udp, udp, tcp - timeWait, tcp - timeWait, tcp + udp - timeWait,
        tcp + udp - timeWait));
    return 0;
}

/// print_ms_timer() of misc/ss.c: "119min", "7.250ms", "12sec".
std::string timerText(sim::Duration left)
{
    std::int64_t milliseconds = std::max<std::int64_t>(0, left.count() / 1'000'000);
    std::int64_t seconds = milliseconds / 1000;
    const std::int64_t minutes = seconds / 60;
    seconds %= 60;
    milliseconds %= 1000;
    std::string text;
    if (minutes > 0) {
        milliseconds = 0;
        text = fmt::format("{}min", minutes);
        if (minutes > 9)
            seconds = 0;
    }
    if (seconds > 0) {
        if (seconds > 9)
            milliseconds = 0;
        text += fmt::format("{}{}", seconds, milliseconds > 0 ? "." : "sec");
    }
    if (milliseconds > 0)
        text += fmt::format("{:03}ms", milliseconds);
    return text;
}

std::string timerPart(const SocketRow& row)
{
    using Timer = sim::Socket::Timer;
    if (row.listens || row.socket.timer == Timer::None)
        return {};
    const char* name = row.socket.timer == Timer::On ? "on" : row.socket.timer == Timer::KeepAlive ? "keepalive" : "timewait";
    return fmt::format(" timer:({},{},{})", name, timerText(row.socket.expires), row.socket.retransmits);
}

/// What -i adds on a line of its own.
std::string tcpInfo(const SocketRow& row)
{
    const sim::Socket& s = row.socket;
    if (row.listens)
        return "\t cubic cwnd:10";
    const double rtt = std::max(sim::toSeconds(s.rtt) * 1e3, 0.02);
    std::string text = fmt::format("\t cubic wscale:7,7 rto:{} rtt:{:.6g}/{:.6g}", s.retransmits > 0 ? std::min<std::int64_t>(200LL << std::min<std::int64_t>(s.retransmits, 9), 120'000) : 204,
                                   rtt, rtt / 4);
    text += fmt::format(" mss:{} pmtu:{} rcvmss:536 advmss:{} cwnd:{}", s.mss, s.mss + 52, s.mss, s.retransmits > 0 ? 1 : 10);
    if (s.sentBytes > 0)
        text += fmt::format(" bytes_sent:{0} bytes_acked:{1}", s.sentBytes + s.sendQueue, s.sentBytes);
    if (s.retransmits > 0 || s.allRetransmits > 0)
        text += fmt::format(" retrans:{}/{}", s.retransmits > 0 ? 1 : 0, s.allRetransmits);
    if (s.sendQueue > 0 && s.state == TcpState::Established)
        text += fmt::format(" unacked:{} lost:{}", (s.sendQueue + s.mss - 1) / std::max<std::int64_t>(s.mss, 1), s.retransmits > 0 ? 1 : 0);
    return text;
}

struct SocketLine {
    std::string netid, state, receive, send, local, localPort, peer, peerPort, process, info;
};

bool listedByDefault(const SocketRow& row)
{
    return !row.listens && row.socket.state != TcpState::TimeWait && row.socket.state != TcpState::SynReceived;
}

const CommandSpec* ssSpecification();

int runSs(Invocation& inv)
{
    noteHost(inv);
    if (inv.options.has("summary"))
        return summary(inv);
    for (std::size_t i = 0; i + 1 < inv.operands.size(); ++i)
        if ((inv.operands[i] == "state" || inv.operands[i] == "exclude") && !SocketFilter::parse({"state", inv.operands[i + 1]})) {
            inv.err().write(fmt::format("ss: wrong state name: {}\n", inv.operands[i + 1]));
            return 255;
        }
    const auto filter = SocketFilter::parse(inv.operands);
    if (!filter && (inv.operands.back() == "sport" || inv.operands.back() == "dport" || inv.operands.back() == "src" || inv.operands.back() == "dst")) {
        inv.err().write("ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.\n"
                        + usageError(*ssSpecification(), "ss", {}).text.substr(std::string_view("ss: \n").size()));
        return 255;
    }
    if (!filter) {
        inv.err().write(fmt::format("Error: an inet prefix is expected rather than \"{}\".\nCannot parse dst/src address.\n",
                                    inv.operands.empty() ? "" : inv.operands.back()));
        return 1;
    }
    const bool tcp = inv.options.has("tcp") || !inv.options.has("udp");
    const bool udp = inv.options.has("udp") || (!inv.options.has("tcp") && !inv.options.has("listening"));
    const bool both = tcp && udp;
    const bool processes = inv.options.has("processes");
    std::vector<SocketLine> rows;
    for (const SocketRow& row : socketRows(inv)) {
        const bool wanted = filter->namesStates() ? filter->wantsState(row.state())
            : inv.options.has("listening")        ? row.listens
            : inv.options.has("all")              ? true
                                                  : listedByDefault(row);
        if ((row.tcp ? !tcp : !udp) || !wanted || !filter->matches(row.socket))
            continue;
        const auto owner = processes ? ownerOf(inv, row) : std::nullopt;
        SocketLine shown;
        shown.netid = row.tcp ? "tcp" : "udp";
        shown.state = row.state();
        shown.receive = std::to_string(row.socket.receiveQueue);
        shown.send = std::to_string(row.socket.sendQueue);
        shown.local = row.anyAddress ? "0.0.0.0" : row.socket.local.text();
        shown.localPort = std::to_string(row.socket.localPort);
        shown.peer = row.listens ? "0.0.0.0" : row.socket.peer.text();
        shown.peerPort = row.listens ? "*" : std::to_string(row.socket.peerPort);
        if (owner)
            shown.process = fmt::format(" users:((\"{}\",pid={},fd={}))", owner->program, owner->pid, owner->descriptor);
        if (inv.options.has("options"))
            shown.process += timerPart(row);
        if (inv.options.has("extended") && row.socket.state != TcpState::TimeWait)
            shown.process += fmt::format(" ino:{} sk:{:x} <->", socketInode(row), socketInode(row) % 4096);
        if (inv.options.has("info") && row.tcp && row.socket.state != TcpState::TimeWait)
            shown.info = tcpInfo(row);
        rows.push_back(std::move(shown));
    }
    std::stable_sort(rows.begin(), rows.end(), [](const SocketLine& a, const SocketLine& b) { return a.netid < b.netid; });
    std::size_t state = std::string_view("State").size();
    std::size_t receive = std::string_view("Recv-Q").size(), send = receive;
    std::size_t address = std::string_view("Local Address").size();
    std::size_t port = std::string_view("Port").size();
    std::size_t peer = address;
    std::size_t peerPort = port;
    std::size_t last = std::string_view("Process").size(); // the column is there without -p, too
    for (const SocketLine& r : rows) {
        state = std::max(state, r.state.size());
        receive = std::max(receive, r.receive.size());
        send = std::max(send, r.send.size());
        address = std::max(address, r.local.size());
        port = std::max(port, r.localPort.size());
        peer = std::max(peer, r.peer.size());
        peerPort = std::max(peerPort, r.peerPort.size());
        last = std::max(last, r.process.size());
    }
    const auto line = [&](const SocketLine& r) {
        inv.print(fmt::format("{}{}{:<{}} {:<{}} {:>{}}:{:<{}} {:>{}}:{:<{}}{:<{}}\n", both ? fmt::format("{:<6}", r.netid) : "",
                              filter->namesOneState() ? std::string() : fmt::format("{:<{}} ", r.state, state), r.receive, receive, r.send, send, r.local, address, r.localPort, port, r.peer, peer, r.peerPort, peerPort,
                              r.process, last));
        if (!r.info.empty())
            inv.print(r.info + "\n");
    };
    if (!inv.options.has("no-header"))
        line({"Netid", "State", "Recv-Q", "Send-Q", "Local Address", "Port", "Peer Address", "Port", "Process", ""});
    for (const SocketLine& r : rows)
        line(r);
    return 0;
}

const CommandSpec* ssSpecification()
{
    static const CommandSpec kSpec = [] {
        CommandSpec spec;
        spec.name = "ss";
        spec.summary = "another utility to investigate sockets";
        spec.usage = "ss [ OPTIONS ] [ FILTER ]";
        spec.options = {{'t', "tcp", "", "display only TCP sockets"},
                        {'u', "udp", "", "display only UDP sockets"},
                        {'l', "listening", "", "display listening sockets"},
                        {'n', "numeric", "", "don't resolve service names"},
                        {'p', "processes", "", "show process using socket"},
                        {'a', "all", "", "display all sockets"},
                        {'s', "summary", "", "show socket usage summary"},
                        {'H', "no-header", "", "Suppress header line"},
                        {'4', "ipv4", "", "display only IP version 4 sockets"},
                        {'e', "extended", "", "show detailed socket information"},
                        {'i', "info", "", "show internal TCP information"},
                        {'o', "options", "", "show timer information"}};
        spec.run = runSs;
        return spec;
    }();
    return &kSpec;
}

} // namespace

void addSs(CommandTable& table)
{
    table.add(*ssSpecification());
}

} // namespace core::shell::node
