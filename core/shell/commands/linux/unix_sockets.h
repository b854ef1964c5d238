#pragma once

#include "core/shell/commands/linux/here.h"

#include <cstdint>
#include <string>
#include <vector>

namespace core::shell::node {

/// A Unix domain, netlink or raw socket as ss lists it.
struct LocalSocket {
    enum class Kind { UnixStream, UnixDatagram, UnixSequence, Netlink };
    struct User {
        sim::host::Pid pid = 0;
        std::string program;
        std::int64_t descriptor = 3;
    };
    Kind kind = Kind::UnixStream;
    std::string state;     ///< "LISTEN", "UNCONN", "ESTAB"
    std::string local;     ///< a path, "*", or a netlink protocol
    std::string localPort; ///< the inode, or who has a netlink socket: "kernel", "systemd/1"
    std::string peerPort;  ///< the other end's inode; "0": none; empty for netlink
    std::int64_t backlog = 0; ///< of a listener
    std::vector<User> users;
};

/// The sockets without addresses of the network namespace that the command sees: what the daemons that run in it have
/// bound and connected. Listeners of a daemon that systemd starts by socket are systemd's as well.
std::vector<LocalSocket> localSockets(Invocation& inv);

/// Whether the process's output goes to the journal by a socket (lsof and ss show it).
bool writesToJournal(const sim::host::Process& process);
/// Its inode.
std::uint64_t journalStreamInode(const sim::host::Process& process);

} // namespace core::shell::node
