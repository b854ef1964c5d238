// ss(8) of iproute2 6.1.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/open_connections.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::node {

namespace {

using sim::net::Listener;
using sim::net::Protocol;

int summary(Invocation& inv)
{
    std::size_t tcp = 0, udp = 0;
    for (const Listener& l : stackOf(inv).listeners)
        ++(l.protocol == Protocol::Tcp ? tcp : udp);
    const auto connections = openConnections(inv.door().world(), stackIdOf(inv));
    const auto established = static_cast<std::size_t>(std::count_if(
        connections.begin(), connections.end(), [](const OpenConnection& c) { return c.state == "ESTAB"; }));
    tcp += connections.size();
    inv.print(fmt::format(
        "Total: {}\nTCP:   {} (estab {}, closed 0, orphaned 0, timewait 0)\n\nTransport Total     IP        "
        "IPv6\n"
        "RAW\t  0         0         0        \nUDP\t  {:<10}{:<10}0        \nTCP\t  {:<10}{:<10}0        \n"
        "INET\t  {:<10}{:<10}0        \nFRAG\t  0         0         0        \n\n",
        tcp + udp, tcp, established, udp, udp, tcp, tcp, tcp + udp, tcp + udp));
    return 0;
}

/// The filters a learner types: "state established", "sport = :5000", "dport = :5000", "dst 10.0.0.20:5000".
struct SocketFilter {
    std::string state, local, peer;
    std::int64_t localPort = 0, peerPort = 0;

    static SocketFilter parse(const std::vector<std::string>& words)
    {
        SocketFilter filter;
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::string& key = words[i];
            std::size_t at = i + 1;
            if (at < words.size() && (words[at] == "=" || words[at] == "eq" || words[at] == "=="))
                ++at;
            if (at >= words.size())
                break;
            const std::string& value = words[at];
            const std::size_t colon = value.rfind(':');
            const std::int64_t port = colon == std::string::npos ? 0 : parseNumber(value.substr(colon + 1)).value_or(0);
            if (key == "state")
                filter.state = value;
            else if (key == "sport" || key == "src")
                filter.localPort = port;
            else if (key == "dport" || key == "dst")
                filter.peerPort = port;
            if (key == "src")
                filter.local = value.substr(0, colon);
            else if (key == "dst")
                filter.peer = value.substr(0, colon);
        }
        return filter;
    }
    bool wantsState(const std::string& shown) const
    {
        static const std::map<std::string, std::string> kNames{
            {"established", "ESTAB"}, {"syn-sent", "SYN-SENT"}, {"listening", "LISTEN"}, {"listen", "LISTEN"}};
        const auto name = kNames.find(state);
        return state.empty() || state == "all" || (name != kNames.end() && name->second == shown)
            || (state == "connected" && shown != "LISTEN");
    }
};

struct Row {
    std::string netid, state, local, localPort, peer, peerPort, process;
};

std::vector<Row> rowsOf(Invocation& inv, bool tcp, bool udp)
{
    std::vector<Row> rows;
    const SocketFilter filter = SocketFilter::parse(inv.operands);
    const auto& all = machineOf(inv).processes;
    const auto user = [&](sim::host::Pid pid, const std::string& program, std::int64_t port) {
        const auto process = all.find(pid);
        const bool own = isRoot(inv) || (process != all.end() && process->second.user == inv.place().user);
        return inv.options.has("processes") && own && pid > 0
            ? fmt::format(" users:((\"{}\",pid={},fd={}))", program, pid, 3 + port % 5)
            : std::string();
    };
    const bool listening = inv.options.has("listening") || inv.options.has("all") || filter.state.rfind("listen", 0) == 0;
    if (listening && filter.peer.empty() && filter.peerPort == 0)
        for (const Listener& l : stackOf(inv).listeners) {
            const bool isTcp = l.protocol == Protocol::Tcp;
            const std::string state = isTcp ? "LISTEN" : "UNCONN";
            if ((isTcp ? !tcp : !udp) || (filter.localPort != 0 && l.port != filter.localPort) || !filter.wantsState(state))
                continue;
            rows.push_back({isTcp ? "tcp" : "udp", state, l.address ? l.address->text() : "0.0.0.0", std::to_string(l.port),
                            "0.0.0.0", "*", user(l.pid, l.program, l.port)});
        }
    if (tcp && !inv.options.has("listening"))
        for (const OpenConnection& c : openConnections(inv.door().world(), stackIdOf(inv))) {
            if ((filter.localPort != 0 && c.localPort != filter.localPort) || (filter.peerPort != 0 && c.peerPort != filter.peerPort)
                || (!filter.local.empty() && c.local.text() != filter.local) || (!filter.peer.empty() && c.peer.text() != filter.peer)
                || !filter.wantsState(c.state))
                continue;
            rows.push_back({"tcp", c.state, c.local.text(), std::to_string(c.localPort), c.peer.text(), std::to_string(c.peerPort),
                            user(c.pid, c.program, c.localPort)});
        }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.netid < b.netid; });
    return rows;
}

int runSs(Invocation& inv)
{
    noteHost(inv);
    if (inv.options.has("summary"))
        return summary(inv);
    const bool tcp = inv.options.has("tcp") || !inv.options.has("udp");
    const bool udp = inv.options.has("udp") || (!inv.options.has("tcp") && !inv.options.has("listening"));
    const bool both = tcp && udp;
    const bool processes = inv.options.has("processes");
    const std::vector<Row> rows = rowsOf(inv, tcp, udp);
    std::size_t state = std::string_view("State ").size();
    std::size_t address = std::string_view("Local Address").size();
    std::size_t port = std::string_view("Port").size();
    std::size_t peer = address;
    std::size_t peerPort = port;
    std::size_t last = processes ? std::string_view("Process").size() : 0;
    for (const Row& r : rows) {
        state = std::max(state, r.state.size());
        address = std::max(address, r.local.size());
        port = std::max(port, r.localPort.size());
        peer = std::max(peer, r.peer.size());
        peerPort = std::max(peerPort, r.peerPort.size());
        last = std::max(last, r.process.size());
    }
    const auto line = [&](const Row& r, const std::string& receive, const std::string& send) {
        inv.print(fmt::format("{}{:<{}} {:<6} {:<6} {:>{}}:{:<{}} {:>{}}:{:<{}}{:<{}}\n", both ? fmt::format("{:<6}", r.netid) : "",
                              r.state, state, receive, send, r.local, address, r.localPort, port, r.peer, peer, r.peerPort, peerPort,
                              r.process, last));
    };
    if (!inv.options.has("no-header"))
        line({"Netid", "State", "Local Address", "Port", "Peer Address", "Port", processes ? "Process" : ""}, "Recv-Q", "Send-Q");
    for (const Row& r : rows)
        line(r, "0", r.state == "LISTEN" ? "4096" : r.state == "SYN-SENT" ? "1" : "0");
    return 0;
}

} // namespace

void addSs(CommandTable& table)
{
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
                    {'o', "options", "", "show timer information"}};
    spec.run = runSs;
    table.add(std::move(spec));
}

} // namespace core::shell::node
