#pragma once

#include "core/shell/commands/linux/here.h"
#include "sim/world/sockets.h"

#include <string>
#include <vector>

namespace core::shell::node {

/// A TCP or UDP socket as ss and netstat list it.
struct SocketRow {
    bool tcp = true;
    bool listens = false;
    sim::Socket socket; ///< of a listener: state Closed, the queues as ss shows them
    bool anyAddress = false; ///< bound to 0.0.0.0
    std::int64_t descriptor = 3; ///< in its program
    std::string state() const;       ///< "LISTEN", "UNCONN", "ESTAB"
    std::string kernelState() const; ///< "LISTEN", "", "ESTABLISHED", as netstat prints it
};

/// Listeners first, then connections, of the namespace that the command sees.
std::vector<SocketRow> socketRows(Invocation& inv);

/// Whose the socket is, for those who may know: root, and the owner. Nothing otherwise.
struct SocketOwner {
    sim::host::Pid pid = 0;
    std::string program;
    std::string user = "root";
    std::int64_t descriptor = 3;
};
std::optional<SocketOwner> ownerOf(Invocation& inv, const SocketRow& row);

/// Bytes in a program's descriptor table and in the kernel's socket table: stable for one socket.
std::uint64_t socketInode(const SocketRow& row);

} // namespace core::shell::node
