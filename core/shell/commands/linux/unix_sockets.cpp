#include "core/shell/commands/linux/unix_sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace core::shell::node {

namespace {

using sim::host::Process;
using SocketKind = LocalSocket::Kind;

/// A socket that a program of this name binds.
struct BoundSocket {
    const char* program; ///< comm
    SocketKind kind;
    const char* path;
    std::int64_t backlog;     ///< 0: a datagram socket
    bool systemdHolds = false; ///< a socket unit: bound by systemd, handed to the program
};

constexpr BoundSocket kBound[] = {
    {"systemd", SocketKind::UnixDatagram, "/run/systemd/notify", 0},
    {"systemd", SocketKind::UnixDatagram, "/run/systemd/cgroups-agent", 0},
    {"systemd", SocketKind::UnixStream, "/run/systemd/private", 4096},
    {"systemd", SocketKind::UnixStream, "/run/systemd/userdb/io.systemd.DynamicUser", 4096},
    {"systemd", SocketKind::UnixStream, "/run/systemd/io.system.ManagedOOM", 4096},
    {"systemd-journal", SocketKind::UnixDatagram, "/run/systemd/journal/dev-log", 0, true},
    {"systemd-journal", SocketKind::UnixDatagram, "/run/systemd/journal/socket", 0, true},
    {"systemd-journal", SocketKind::UnixStream, "/run/systemd/journal/stdout", 4096, true},
    {"systemd-journal", SocketKind::UnixStream, "/run/systemd/journal/io.systemd.journal", 4096},
    {"systemd-udevd", SocketKind::UnixSequence, "/run/udev/control", 4096, true},
    {"dbus-daemon", SocketKind::UnixStream, "/run/dbus/system_bus_socket", 4096, true},
    {"chronyd", SocketKind::UnixDatagram, "/run/chrony/chronyd.sock", 0},
    {"containerd", SocketKind::UnixStream, "/run/containerd/containerd.sock", 4096},
    {"containerd", SocketKind::UnixStream, "/run/containerd/containerd.sock.ttrpc", 4096},
    {"dockerd", SocketKind::UnixStream, "/run/docker.sock", 4096, true},
    {"dockerd", SocketKind::UnixStream, "/run/docker/metrics.sock", 4096},
    {"kubelet", SocketKind::UnixStream, "/var/lib/kubelet/pod-resources/kubelet.sock", 4096},
    {"kubelet", SocketKind::UnixStream, "/var/lib/kubelet/device-plugins/kubelet.sock", 4096},
    {"postgres", SocketKind::UnixStream, "/var/run/postgresql/.s.PGSQL.5432", 200},
    {"haproxy", SocketKind::UnixStream, "/run/haproxy/admin.sock", 4096},
};

/// A connection that a program keeps to a path that another one has bound.
struct KeptConnection {
    const char* program;
    const char* path;
};
constexpr KeptConnection kKept[] = {
    {"systemd", "/run/dbus/system_bus_socket"},
    {"systemd-logind", "/run/dbus/system_bus_socket"},
    {"systemd-network", "/run/dbus/system_bus_socket"},
    {"firewalld", "/run/dbus/system_bus_socket"},
    {"kubelet", "/run/dbus/system_bus_socket"},
    {"kubelet", "/run/containerd/containerd.sock"},
    {"dockerd", "/run/containerd/containerd.sock"},
    {"systemd-journal", "/run/systemd/notify"},
    {"systemd-logind", "/run/systemd/journal/socket"},
    {"systemd-network", "/run/systemd/journal/socket"},
    {"systemd-udevd", "/run/systemd/journal/socket"},
    {"chronyd", "/run/systemd/journal/dev-log"},
    {"cron", "/run/systemd/journal/dev-log"},
    {"sshd", "/run/systemd/journal/dev-log"},
};

struct NetlinkUser {
    const char* protocol;
    const char* program;
};
constexpr NetlinkUser kNetlink[] = {
    {"rtnl", "systemd-network"}, {"rtnl", "chronyd"},        {"rtnl", "calico-node"},     {"rtnl", "kube-proxy"}, {"rtnl", "dockerd"},
    {"audit", "systemd"},        {"audit", "systemd-journal"}, {"uevent", "systemd"},     {"uevent", "systemd-udevd"}, {"uevent", "systemd-logind"},
    {"uevent", "systemd-network"}, {"genl", "systemd-network"},
};
constexpr const char* kNetlinkFamilies[] = {"rtnl", "audit", "xfrm", "uevent", "genl", "nft"};

/// A stable number for one socket of one process: `salt` tells its sockets apart.
std::uint64_t inodeOf(const Process& process, std::string_view salt)
{
    sim::Fingerprint f;
    f.add(std::uint64_t(process.pid));
    f.add(std::string(salt));
    return 100'000 + f.value() % 400'000;
}

class SocketLister {
public:
    explicit SocketLister(Invocation& inv)
    {
        const sim::World& world = inv.door().world();
        const sim::StackId here = stackIdOf(inv);
        const sim::host::Machine& machine = machineOf(inv);
        for (const auto& [pid, process] : machine.processes) {
            if (process.kernelThread || process.state == 'Z')
                continue;
            const auto* container = process.container ? world.runtimes().find(*process.container) : nullptr;
            if ((container == nullptr ? machine.stack : container->stack) == here)
                m_processes.push_back(&process);
        }
    }

    std::vector<LocalSocket> list()
    {
        for (const BoundSocket& bound : kBound)
            if (const Process* owner = named(bound.program))
                bind(*owner, bound);
        for (const Process* shim : m_processes)
            if (shim->name.rfind("containerd-shim", 0) == 0)
                serveShim(*shim);
        for (const KeptConnection& kept : kKept)
            if (const Process* client = named(kept.program))
                connect(*client, kept.path, std::string(kept.program) + kept.path);
        for (const Process* process : m_processes)
            if (writesToJournal(*process))
                streamToJournal(*process);
        listNetlink();
        return std::move(m_sockets);
    }

private:
    const Process* named(std::string_view program) const
    {
        const auto found = std::find_if(m_processes.begin(), m_processes.end(), [&](const Process* p) { return p->name == program; });
        return found == m_processes.end() ? nullptr : *found;
    }

    /// Descriptors are handed out in order, after the three streams and what a process has open beside sockets.
    LocalSocket::User userOf(const Process& process)
    {
        std::int64_t& last = m_descriptors[process.pid];
        last = std::max<std::int64_t>(last + 1, 3);
        while (std::any_of(process.openFiles.begin(), process.openFiles.end(), [&](const auto& open) { return open.descriptor == last; }))
            ++last;
        return {process.pid, process.name, last};
    }

    LocalSocket& add(SocketKind kind, std::string state, std::string local, std::uint64_t inode, std::uint64_t peer)
    {
        m_sockets.push_back({kind, std::move(state), std::move(local), std::to_string(inode), std::to_string(peer), 0, {}});
        return m_sockets.back();
    }

    void bind(const Process& owner, const BoundSocket& bound)
    {
        LocalSocket& socket = add(bound.kind, bound.backlog > 0 ? "LISTEN" : "UNCONN", bound.path, inodeOf(owner, bound.path), 0);
        socket.backlog = bound.backlog;
        socket.users.push_back(userOf(owner));
        if (const Process* systemd = named("systemd"); bound.systemdHolds && systemd != nullptr)
            socket.users.push_back(userOf(*systemd));
    }

    /// Each shim answers containerd at an address of its own.
    void serveShim(const Process& shim)
    {
        sim::Fingerprint f;
        f.add(std::uint64_t(shim.pid));
        const std::string path = fmt::format("/run/containerd/s/{:016x}{:016x}{:016x}{:016x}", f.value(), f.value() * 31, f.value() * 131, f.value() * 521);
        LocalSocket& socket = add(SocketKind::UnixStream, "LISTEN", path, inodeOf(shim, path), 0);
        socket.backlog = 4096;
        socket.users.push_back(userOf(shim));
        if (const Process* containerd = named("containerd"))
            connect(*containerd, path, path);
    }

    /// Nothing is connected where nobody has bound the path.
    void connect(const Process& client, const std::string& path, const std::string& salt)
    {
        const auto server = std::find_if(m_sockets.begin(), m_sockets.end(), [&](const LocalSocket& s) { return s.local == path && s.peerPort == "0"; });
        if (server == m_sockets.end())
            return;
        const SocketKind kind = server->kind;
        if (kind == SocketKind::UnixDatagram) { // connecting marks the receiver, too (unix_dgram_connect of Linux 5.15 on)
            server->state = "ESTAB";
            const std::uint64_t receiver = static_cast<std::uint64_t>(parseNumber(server->localPort).value_or(0));
            add(kind, "ESTAB", "*", inodeOf(client, salt), receiver).users.push_back(userOf(client));
            return;
        }
        const LocalSocket::User owner = server->users.front();
        const std::uint64_t near = inodeOf(client, salt), far = near + 1;
        add(kind, "ESTAB", "*", near, far).users.push_back(userOf(client));
        LocalSocket& accepted = add(kind, "ESTAB", path, far, near);
        accepted.users.push_back({owner.pid, owner.program, ++m_descriptors[owner.pid]});
    }

    /// Standard output and error of a service: one stream to journald, whose end systemd keeps over restarts of journald.
    void streamToJournal(const Process& process)
    {
        const Process* journal = named("systemd-journal");
        const std::uint64_t near = journalStreamInode(process);
        const std::uint64_t far = near + 20'000;
        LocalSocket& client = add(SocketKind::UnixStream, "ESTAB", "*", near, journal == nullptr ? 0 : far);
        client.users.push_back({process.pid, process.name, 2});
        client.users.push_back({process.pid, process.name, 1});
        if (journal == nullptr)
            return;
        LocalSocket& server = add(SocketKind::UnixStream, "ESTAB", "/run/systemd/journal/stdout", far, near);
        server.users.push_back(userOf(*journal));
        if (const Process* systemd = named("systemd"))
            server.users.push_back(userOf(*systemd));
    }

    void listNetlink()
    {
        for (const char* family : kNetlinkFamilies) {
            m_sockets.push_back({SocketKind::Netlink, "UNCONN", family, "kernel", {}, 0, {}});
            for (const NetlinkUser& user : kNetlink)
                if (const Process* process = named(user.program); process != nullptr && std::string_view(user.protocol) == family)
                    m_sockets.push_back({SocketKind::Netlink, "UNCONN", family, fmt::format("{}/{}", process->name, process->pid), {}, 0, {userOf(*process)}});
        }
    }

    std::vector<const Process*> m_processes;
    std::map<sim::host::Pid, std::int64_t> m_descriptors;
    std::vector<LocalSocket> m_sockets;
};

} // namespace

bool writesToJournal(const Process& process)
{
    // journald's own output goes to /dev/null: it would wait for itself.
    return !process.kernelThread && !process.container && !process.unit.empty() && process.name != "systemd-journal";
}

std::uint64_t journalStreamInode(const Process& process)
{
    return 20'000 + static_cast<std::uint64_t>(process.pid);
}

std::vector<LocalSocket> localSockets(Invocation& inv)
{
    return SocketLister(inv).list();
}

} // namespace core::shell::node
