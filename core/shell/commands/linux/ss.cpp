// ss(8) of iproute2 6.1.
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/open_connections.h"
#include "core/shell/commands/linux/socket_filter.h"
#include "core/shell/commands/linux/unix_sockets.h"
#include "core/shell/usage_errors.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

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
    const auto others = static_cast<std::int64_t>(localSockets(inv).size());
    inv.print(fmt::format(
        "Total: {}\nTCP:   {} (estab {}, closed {}, orphaned {}, timewait {})\n\nTransport Total     IP        "
        "IPv6\n"
        "RAW\t  0         0         0        \nUDP\t  {:<10}{:<10}0        \nTCP\t  {:<10}{:<10}0        \n"
        "INET\t  {:<10}{:<10}0        \nFRAG\t  0         0         0        \n\n",
        tcp + udp + others - timeWait, tcp, established, closed, orphaned, timeWait, udp, udp, tcp - timeWait, tcp - timeWait, tcp + udp - timeWait,
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
    struct Widths {
        std::size_t netid = 0, state = 0, receive = 0, send = 0, local = 0, localPort = 0, peer = 0, peerPort = 0, process = 0;
        void include(const SocketLine& line)
        {
            for (const auto& [width, text] : {std::pair(&netid, &line.netid), std::pair(&state, &line.state), std::pair(&receive, &line.receive), std::pair(&send, &line.send),
                                              std::pair(&local, &line.local), std::pair(&localPort, &line.localPort), std::pair(&peer, &line.peer),
                                              std::pair(&peerPort, &line.peerPort), std::pair(&process, &line.process)})
                *width = std::max(*width, text->size());
        }
    };
};

/// The socket tables that ss reads, by the words of -A; they are listed in this order.
enum SocketTable : unsigned {
    kNetlinkTable = 1U << 0,
    kPacketRaw = 1U << 1,
    kPacketDatagram = 1U << 2,
    kUnixDatagram = 1U << 3,
    kUnixStream = 1U << 4,
    kUnixSequence = 1U << 5,
    kRawTable = 1U << 6,
    kUdpTable = 1U << 7,
    kTcpTable = 1U << 8,
    kOtherTables = 1U << 9, ///< SCTP, DCCP, MPTCP, TIPC, XDP, vsock: nothing in the lab speaks them
};
constexpr unsigned kUnixTables = kUnixDatagram | kUnixStream | kUnixSequence;
constexpr unsigned kInetTables = kRawTable | kUdpTable | kTcpTable | kOtherTables;
constexpr unsigned kPacketTables = kPacketRaw | kPacketDatagram;
constexpr unsigned kAllTables = kNetlinkTable | kPacketTables | kUnixTables | kInetTables;

std::optional<unsigned> tablesNamed(const std::string& word)
{
    static const std::map<std::string, unsigned> kWords{
        {"all", kAllTables},           {"inet", kInetTables},          {"tcp", kTcpTable},           {"udp", kUdpTable},           {"raw", kRawTable},
        {"unix", kUnixTables},         {"unix_stream", kUnixStream},   {"u_str", kUnixStream},       {"unix_dgram", kUnixDatagram}, {"u_dgr", kUnixDatagram},
        {"unix_seqpacket", kUnixSequence}, {"u_seq", kUnixSequence},   {"packet", kPacketTables},    {"packet_raw", kPacketRaw},   {"p_raw", kPacketRaw},
        {"packet_dgram", kPacketDatagram}, {"p_dgr", kPacketDatagram}, {"netlink", kNetlinkTable},   {"mptcp", kOtherTables},      {"dccp", kOtherTables},
        {"sctp", kOtherTables},        {"tipc", kOtherTables},         {"xdp", kOtherTables},        {"vsock", kOtherTables},      {"vsock_stream", kOtherTables},
        {"vsock_dgram", kOtherTables}};
    const auto found = kWords.find(word);
    return found == kWords.end() ? std::nullopt : std::optional(found->second);
}

std::optional<unsigned> tablesOfFamily(const std::string& family)
{
    static const std::map<std::string, unsigned> kFamilies{{"inet", kInetTables}, {"inet6", kInetTables}, {"link", kPacketTables},  {"unix", kUnixTables},
                                                           {"netlink", kNetlinkTable}, {"vsock", kOtherTables}, {"tipc", kOtherTables}, {"xdp", kOtherTables}};
    const auto found = kFamilies.find(family);
    return found == kFamilies.end() ? std::nullopt : std::optional(found->second);
}

const CommandSpec* ssSpecification();

int wrongWord(Invocation& inv, const std::string& text)
{
    inv.err().write(fmt::format("ss: {}\n", text) + usageError(*ssSpecification(), "ss", {}).text.substr(std::string_view("ss: \n").size()));
    return 255;
}

/// What the options ask for: tables, and which states where the filter names none.
struct SocketQuery {
    unsigned tables = 0;
    bool chosen = false; ///< tables were named
    bool six = false;    ///< only IPv6, of which the lab has none
    bool listening = false, all = false;

    bool wants(unsigned table) const { return (tables & table) != 0; }
    bool oneTable() const { return (tables & (tables - 1)) == 0; }
    /// Packet and netlink sockets have one state only, closed.
    bool wantsClosedOnly() const { return !all && !listening && (tables & ~(kPacketTables | kNetlinkTable)) == 0; }
    /// Of UDP and raw sockets the connected ones are asked for, and those have one state, too.
    bool wantsOneState() const { return wantsClosedOnly() || (!all && !listening && (tables & ~(kRawTable | kUdpTable)) == 0); }
    bool wantsState(const std::string& state) const
    {
        if (all || wantsClosedOnly())
            return true;
        const bool closed = state == "LISTEN" || state == "UNCONN";
        return listening ? closed : !closed && state != "TIME-WAIT" && state != "SYN-RECV";
    }
};

/// Reads the options; a complaint gives the exit status.
std::optional<int> readQuery(Invocation& inv, SocketQuery& query)
{
    static constexpr std::pair<const char*, unsigned> kFlags[] = {{"tcp", kTcpTable}, {"udp", kUdpTable}, {"raw", kRawTable}, {"unix", kUnixTables}, {"packet", kPacketTables},
                                                                  {"sctp", kOtherTables}, {"dccp", kOtherTables}, {"mptcp", kOtherTables}, {"vsock", kOtherTables},
                                                                  {"tipc", kOtherTables}, {"xdp", kOtherTables}};
    for (const auto& [name, table] : kFlags)
        if (inv.options.has(name))
            query.tables |= table;
    for (const std::string& list : inv.options.values("query"))
        for (const std::string& word : sim::split(list, ',')) {
            const auto tables = tablesNamed(word);
            if (!tables)
                return wrongWord(inv, fmt::format("\"{}\" is illegal socket table id", word));
            query.tables |= *tables;
        }
    std::string family = inv.options.value("family");
    if (inv.options.has("ipv4") || inv.options.has("ipv6"))
        family = inv.options.has("ipv6") ? "inet6" : "inet";
    if (!family.empty()) {
        const auto tables = tablesOfFamily(family);
        if (!tables)
            return wrongWord(inv, fmt::format("\"{}\" is invalid family", family));
        query.tables = query.tables == 0 ? *tables : query.tables & *tables;
        query.six = family == "inet6";
    }
    query.chosen = query.tables != 0;
    if (!query.chosen)
        query.tables = kAllTables;
    query.listening = inv.options.has("listening");
    query.all = inv.options.has("all");
    return std::nullopt;
}

std::optional<int> readFilter(Invocation& inv, std::optional<SocketFilter>& filter)
{
    for (std::size_t i = 0; i + 1 < inv.operands.size(); ++i)
        if ((inv.operands[i] == "state" || inv.operands[i] == "exclude") && !SocketFilter::parse({"state", inv.operands[i + 1]})) {
            inv.err().write(fmt::format("ss: wrong state name: {}\n", inv.operands[i + 1]));
            return 255;
        }
    filter = SocketFilter::parse(inv.operands);
    if (filter)
        return std::nullopt;
    const std::string& last = inv.operands.back();
    if (last == "sport" || last == "dport" || last == "src" || last == "dst")
        return wrongWord(inv, "bison bellows (while parsing filter): \"syntax error!\" Sorry.");
    inv.err().write(fmt::format("Error: an inet prefix is expected rather than \"{}\".\nCannot parse dst/src address.\n", last));
    return 1;
}

std::string usersText(const std::vector<LocalSocket::User>& users)
{
    std::string text;
    for (const LocalSocket::User& user : users)
        text += fmt::format("{}(\"{}\",pid={},fd={})", text.empty() ? "" : ",", user.program, user.pid, user.descriptor);
    return text.empty() ? text : " users:(" + text + ")";
}

/// Of the users those whose descriptors the caller may look at.
std::vector<LocalSocket::User> visibleUsers(Invocation& inv, std::vector<LocalSocket::User> users)
{
    const auto& processes = machineOf(inv).processes;
    std::erase_if(users, [&](const LocalSocket::User& user) {
        const auto process = processes.find(user.pid);
        return process == processes.end() || (!isRoot(inv) && process->second.user != inv.place().user);
    });
    return users;
}

constexpr const char* kQuietMemory = " skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)";

std::vector<SocketLine> localLines(Invocation& inv, const SocketQuery& query, const SocketFilter& filter)
{
    std::vector<SocketLine> lines;
    if (filter.testsAddresses()) // ports and prefixes are nothing that these sockets have
        return lines;
    for (const LocalSocket& socket : localSockets(inv)) {
        using Kind = LocalSocket::Kind;
        const auto [table, netid] = socket.kind == Kind::Netlink ? std::pair(kNetlinkTable, "nl")
            : socket.kind == Kind::UnixStream                    ? std::pair(kUnixStream, "u_str")
            : socket.kind == Kind::UnixDatagram                  ? std::pair(kUnixDatagram, "u_dgr")
                                                                 : std::pair(kUnixSequence, "u_seq");
        if (!query.wants(table) || !(filter.namesStates() ? filter.wantsState(socket.state) : query.wantsState(socket.state)))
            continue;
        const bool netlink = socket.kind == Kind::Netlink;
        SocketLine line{netid, socket.state, "0", std::to_string(socket.backlog), socket.local + (netlink ? ":" : " "), socket.localPort, netlink ? "*" : "* ", socket.peerPort, {}, {}};
        if (inv.options.has("processes"))
            line.process = usersText(visibleUsers(inv, socket.users));
        if (inv.options.has("memory"))
            line.process += kQuietMemory;
        if (inv.options.has("extended") && !netlink)
            line.process += socket.state == "LISTEN" ? " <-> peers:" : " <->";
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<SocketLine> internetLines(Invocation& inv, const SocketQuery& query, const SocketFilter& filter)
{
    std::vector<SocketLine> lines;
    if (query.six)
        return lines;
    for (const SocketRow& row : socketRows(inv)) {
        const bool wanted = filter.namesStates() ? filter.wantsState(row.state()) : query.wantsState(row.state());
        if (!query.wants(row.tcp ? kTcpTable : kUdpTable) || !wanted || !filter.matches(row.socket))
            continue;
        SocketLine shown;
        shown.netid = row.tcp ? "tcp" : "udp";
        shown.state = row.state();
        shown.receive = std::to_string(row.socket.receiveQueue);
        shown.send = std::to_string(row.socket.sendQueue);
        shown.local = (row.anyAddress ? "0.0.0.0" : row.socket.local.text()) + ":";
        shown.localPort = std::to_string(row.socket.localPort);
        shown.peer = (row.listens ? "0.0.0.0" : row.socket.peer.text()) + ":";
        shown.peerPort = row.listens ? "*" : std::to_string(row.socket.peerPort);
        if (inv.options.has("processes"))
            if (const auto owner = ownerOf(inv, row))
                shown.process = usersText({{owner->pid, owner->program, owner->descriptor}});
        if (inv.options.has("options"))
            shown.process += timerPart(row);
        if (inv.options.has("extended") && row.socket.state != TcpState::TimeWait)
            shown.process += fmt::format(" ino:{} sk:{:x} <->", socketInode(row), socketInode(row) % 4096);
        if (inv.options.has("info") && row.tcp && row.socket.state != TcpState::TimeWait)
            shown.info = tcpInfo(row);
        lines.push_back(std::move(shown));
    }
    return lines;
}

/// Every column is as wide as its widest entry; the last one is there without -p, too.
void printSockets(Invocation& inv, const std::vector<SocketLine>& rows, bool withTable, bool withState)
{
    const SocketLine header{"Netid", "State", "Recv-Q", "Send-Q", "Local Address:", "Port", "Peer Address:", "Port", "Process", ""};
    const bool headed = !inv.options.has("no-header");
    SocketLine::Widths width;
    if (headed)
        width.include(header);
    for (const SocketLine& row : rows)
        width.include(row);
    std::string text;
    const auto line = [&](const SocketLine& r) {
        if (withTable)
            text += fmt::format("{:<{}} ", r.netid, width.netid);
        if (withState)
            text += fmt::format("{:<{}} ", r.state, width.state);
        text += fmt::format("{:<{}} {:<{}} {:>{}}{:<{}} {:>{}}{:<{}}{:<{}}", r.receive, width.receive, r.send, width.send, r.local, width.local, r.localPort, width.localPort, r.peer, width.peer,
                            r.peerPort, width.peerPort, r.process, width.process);
        const bool oneLine = inv.options.has("oneline");
        text += r.info.empty() ? "\n" : (oneLine ? " " : "\n") + r.info + "\n";
    };
    if (headed)
        line(header);
    for (const SocketLine& row : rows)
        line(row);
    inv.print(text);
}

int runSs(Invocation& inv)
{
    noteHost(inv);
    SocketQuery query;
    if (const auto status = readQuery(inv, query))
        return *status;
    std::optional<SocketFilter> filter;
    if (const auto status = readFilter(inv, filter))
        return *status;
    if (inv.options.has("summary")) {
        summary(inv);
        if (!query.chosen && inv.operands.empty())
            return 0;
    }
    std::vector<SocketLine> rows = localLines(inv, query, *filter);
    const std::vector<SocketLine> internet = internetLines(inv, query, *filter);
    rows.insert(rows.end(), internet.begin(), internet.end());
    // Table after table: netlink, Unix, UDP, TCP.
    const auto table = [](const SocketLine& line) { return line.netid == "nl" ? 0 : line.netid[1] == '_' ? 1 : line.netid == "udp" ? 2 : 3; };
    std::stable_sort(rows.begin(), rows.end(), [&](const SocketLine& a, const SocketLine& b) { return table(a) < table(b); });
    printSockets(inv, rows, !query.oneTable(), !(filter->namesStates() ? filter->namesOneState() : query.wantsOneState()));
    return 0;
}

const CommandSpec* ssSpecification()
{
    static const CommandSpec kSpec = [] {
        CommandSpec spec;
        spec.name = "ss";
        spec.summary = "another utility to investigate sockets";
        spec.usage = "ss [ OPTIONS ] [ FILTER ]";
        spec.options = {{'n', "numeric", "", "don't resolve service names"},
                        {'r', "resolve", "", "resolve host names"},
                        {'a', "all", "", "display all sockets"},
                        {'l', "listening", "", "display listening sockets"},
                        {'o', "options", "", "show timer information"},
                        {'e', "extended", "", "show detailed socket information"},
                        {'m', "memory", "", "show socket memory usage"},
                        {'p', "processes", "", "show process using socket"},
                        {'i', "info", "", "show internal TCP information"},
                        {'s', "summary", "", "show socket usage summary"},
                        {'4', "ipv4", "", "display only IP version 4 sockets"},
                        {'6', "ipv6", "", "display only IP version 6 sockets"},
                        {'0', "packet", "", "display PACKET sockets"},
                        {'t', "tcp", "", "display only TCP sockets"},
                        {'M', "mptcp", "", "display only MPTCP sockets"},
                        {'S', "sctp", "", "display only SCTP sockets"},
                        {'u', "udp", "", "display only UDP sockets"},
                        {'d', "dccp", "", "display only DCCP sockets"},
                        {'w', "raw", "", "display only RAW sockets"},
                        {'x', "unix", "", "display only Unix domain sockets"},
                        {0, "tipc", "", "display only TIPC sockets"},
                        {0, "vsock", "", "display only vsock sockets"},
                        {0, "xdp", "", "display only XDP sockets"},
                        {'f', "family", "FAMILY", "display sockets of type FAMILY"},
                        {'H', "no-header", "", "Suppress header line"},
                        {'O', "oneline", "", "socket's data printed on a single line"},
                        {'A', "query", "QUERY", "display the sockets of these tables"}};
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
