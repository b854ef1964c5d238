// ss(8) of iproute2 6.1.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::net::Listener;
using sim::net::Protocol;

int summary(Invocation& inv)
{
    std::size_t tcp = 0, udp = 0;
    for (const Listener& l : stackOf(inv).listeners)
        ++(l.protocol == Protocol::Tcp ? tcp : udp);
    // An idle machine's clients: kubelet, exporter, time.
    const std::size_t established = visibleProcesses(inv).size() / 12;
    inv.print(fmt::format(
        "Total: {}\nTCP:   {} (estab {}, closed 1, orphaned 0, timewait 1)\n\nTransport Total     IP        "
        "IPv6\n"
        "RAW\t  0         0         0        \nUDP\t  {:<10}{:<10}0        \nTCP\t  {:<10}{:<10}0        \n"
        "INET\t  {:<10}{:<10}0        \nFRAG\t  0         0         0        \n\n",
        tcp + udp + established + 120, tcp + established, established, udp, udp, tcp + established,
        tcp + established, tcp + udp + established, tcp + udp + established));
    return 0;
}

int run(Invocation& inv)
{
    noteHost(inv);
    if (inv.options.has("summary"))
        return summary(inv);
    const bool tcp = inv.options.has("tcp") || !inv.options.has("udp");
    const bool udp = inv.options.has("udp") || (!inv.options.has("tcp") && !inv.options.has("listening"));
    const bool both = tcp && udp;
    const bool processes = inv.options.has("processes");
    struct Row {
        std::string netid, state, address, port, process;
    };
    std::vector<Row> rows;
    const auto& all = machineOf(inv).processes;
    std::int64_t wantedPort = 0; // "sport = :5000"
    for (const std::string& word : inv.operands)
        if (const std::size_t colon = word.rfind(':'); colon != std::string::npos)
            wantedPort = parseNumber(word.substr(colon + 1)).value_or(0);
    if (inv.options.has("listening") || inv.options.has("all"))
        for (const Listener& l : stackOf(inv).listeners) {
            const bool isTcp = l.protocol == Protocol::Tcp;
            if ((isTcp ? !tcp : !udp) || (wantedPort != 0 && l.port != wantedPort))
                continue;
            Row row{isTcp ? "tcp" : "udp",
                    isTcp ? "LISTEN" : "UNCONN",
                    l.address ? l.address->text() : "0.0.0.0",
                    std::to_string(l.port),
                    {}};
            const auto process = all.find(l.pid);
            const bool own = isRoot(inv)
                || (process != all.end() && process->second.user == inv.place().user);
            if (processes && own)
                row.process = fmt::format(" users:((\"{}\",pid={},fd={}))", l.program, l.pid, 3 + l.port % 5);
            rows.push_back(std::move(row));
        }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.netid < b.netid; });
    std::size_t address = std::string_view("Local Address").size();
    std::size_t port = std::string_view("Port").size();
    std::size_t last = processes ? std::string_view("Process").size() : 0;
    for (const Row& r : rows) {
        address = std::max(address, r.address.size());
        port = std::max(port, r.port.size());
        last = std::max(last, r.process.size());
    }
    const auto line = [&](const std::string& netid, const std::string& state, const std::string& receive,
                          const std::string& send, const std::string& local, const std::string& localPort,
                          const std::string& peer, const std::string& peerPort, const std::string& process) {
        inv.print(fmt::format("{}{:<6} {:<6} {:<6} {:>{}}:{:<{}} {:>13}:{:<4}{:<{}}\n",
                              both ? fmt::format("{:<6}", netid) : "", state, receive, send, local, address,
                              localPort, port, peer, peerPort, process, last));
    };
    if (!inv.options.has("no-header"))
        line("Netid", "State", "Recv-Q", "Send-Q", "Local Address", "Port", "Peer Address", "Port",
             processes ? "Process" : "");
    for (const Row& r : rows)
        line(r.netid, r.state, "0", r.state == "LISTEN" ? "4096" : "0", r.address, r.port, "0.0.0.0", "*",
             r.process);
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
    spec.run = run;
    table.add(std::move(spec));
}

} // namespace core::shell::node
