#include "core/shell/commands/linux/open_connections.h"

#include <algorithm>
#include <map>

namespace core::shell::node {

std::string SocketRow::state() const
{
    return listens ? (tcp ? "LISTEN" : "UNCONN") : sim::net::stateName(socket.state);
}

std::string SocketRow::kernelState() const
{
    return listens ? (tcp ? "LISTEN" : "") : sim::net::kernelStateName(socket.state);
}

std::vector<SocketRow> socketRows(Invocation& inv)
{
    std::vector<SocketRow> rows;
    const sim::net::Stack& stack = stackOf(inv);
    for (const sim::net::Listener& l : stack.listeners) {
        SocketRow row;
        row.tcp = l.protocol == sim::net::Protocol::Tcp;
        row.listens = true;
        row.anyAddress = !l.address;
        row.socket.state = sim::net::TcpState::Closed;
        row.socket.local = l.address.value_or(sim::net::Ipv4{});
        row.socket.localPort = l.port;
        row.socket.pid = l.pid;
        row.socket.program = l.program;
        row.descriptor = 3 + l.port % 5;
        if (row.tcp) { // of a listener: connections that wait, and how many may
            row.socket.receiveQueue = l.waiting;
            row.socket.sendQueue = std::min(l.backlog, stack.somaxconn);
        }
        rows.push_back(std::move(row));
    }
    std::map<sim::host::Pid, std::int64_t> opened;
    for (sim::Socket& socket : sim::socketsOf(inv.door().world(), stackIdOf(inv))) {
        SocketRow row;
        row.socket = std::move(socket);
        row.descriptor = 10 + opened[row.socket.pid]++; // above the files and listeners that a daemon opens at its start
        rows.push_back(std::move(row));
    }
    return rows;
}

std::optional<SocketOwner> ownerOf(Invocation& inv, const SocketRow& row)
{
    using sim::net::TcpState;
    if (row.socket.pid <= 0 || row.socket.state == TcpState::TimeWait || row.socket.state == TcpState::SynReceived)
        return std::nullopt;
    SocketOwner owner;
    owner.pid = row.socket.pid;
    owner.program = row.socket.program;
    owner.descriptor = row.descriptor;
    const auto& all = machineOf(inv).processes;
    const auto process = all.find(row.socket.pid);
    if (process != all.end())
        owner.user = process->second.user;
    if (!isRoot(inv) && (process == all.end() || process->second.user != inv.place().user))
        return std::nullopt;
    return owner;
}

std::uint64_t socketInode(const SocketRow& row)
{
    sim::Fingerprint f;
    f.add(std::uint64_t{row.socket.local.value});
    f.add(static_cast<std::uint64_t>(row.socket.localPort));
    f.add(std::uint64_t{row.socket.peer.value});
    f.add(static_cast<std::uint64_t>(row.socket.peerPort));
    return 20'000 + f.value() % 80'000;
}

} // namespace core::shell::node
