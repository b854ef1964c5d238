#pragma once

#include "sim/host/hosts.h"

#include <string>
#include <utility>
#include <vector>

namespace sim::host {

/// Where every machine's Ethernet card sits, and what it runs; the boot log, ethtool and the kernel's later lines agree on it.
inline constexpr const char* kEthernetPci = "0000:17:00.0";
inline constexpr const char* kEthernetFirmware = "22.39.1002";

/// NVIDIA's kernel module, as DKMS leaves it; its content names its version ("version=580.105.08").
inline constexpr const char* kNvidiaModule = "/lib/modules/6.1.0-28-amd64/updates/dkms/nvidia.ko";

inline constexpr std::int64_t kMiB = 1LL << 20;
inline constexpr std::int64_t kGiB = 1LL << 30;

/// A unit with its file's text, before it is put on a machine.
struct StandardUnit {
    std::string name;
    std::string text; ///< of /lib/systemd/system/NAME
    std::int64_t memoryBytes = 0;
    double cpuCores = 0;
    std::vector<std::int64_t> listens;
    std::vector<std::int64_t> listensUdp;
    Duration startTime = 50ms;
    bool enabled = true;
};

/// A further network card of a machine that is on two networks.
struct StandardCard {
    std::string name; ///< "eth1"
    net::Prefix address;
};

/// What tells one Debian 12 machine of the lab from another. The builder adds what all have.
struct StandardMachine {
    std::string name;
    std::string role = "worker"; ///< control-plane, worker, gpu, registry, infra, bastion, docker
    std::int64_t cpus = 8;
    std::int64_t memoryBytes = 32LL << 30;
    std::int64_t diskBytes = 200LL << 30;
    std::int64_t dataDiskBytes = 0; ///< a second disk at /var/lib/containerd (or /srv); 0: none
    std::string cpuModel = "Intel(R) Xeon(R) Platinum 8480+";
    net::Ipv4 address;
    std::uint8_t prefixLength = 24;
    std::string mac; ///< empty: made from the address
    std::optional<net::Ipv4> gateway;
    std::optional<net::Ipv4> nameserver; ///< of /etc/resolv.conf
    std::string searchDomain = "lab";
    std::vector<std::pair<net::Ipv4, std::string>> hosts; ///< lines of /etc/hosts beside its own
    bool kubernetesNode = false; ///< containerd and kubelet; the roles of nodes have them anyway
    std::string kubernetesVersion = "v1.33.1";
    std::optional<net::Ipv4> clusterDns;      ///< of /var/lib/kubelet/config.yaml
    std::vector<std::pair<net::Ipv4, std::string>> controlPlane; ///< its machines: etcd's members
    std::string apiServer;                    ///< "https://10.0.0.10:6443", of kubelet.conf
    std::optional<net::Prefix> podNetwork;    ///< masqueraded towards everything else
    std::vector<std::string> registryMirrors; ///< hosts.toml folders below /etc/containerd/certs.d
    std::vector<std::string> extraUnits;      ///< names of standardUnits() beyond the role's own
    std::vector<StandardUnit> ownUnits;       ///< programs of the people who run it
    std::vector<StandardCard> cards;          ///< beyond eth0
    std::vector<std::pair<net::Prefix, net::Ipv4>> routes; ///< beyond the default one: where to, and by whom
    std::map<std::string, std::shared_ptr<const File>> files; ///< beyond the standard ones, or in their place
    bool forwards = false;                    ///< a router; nodes forward anyway
    std::string dataMount;                    ///< of the second disk; empty: as its role has it
    std::int64_t dataInodes = 0;              ///< of the second disk; 0: one for 16 KiB
    Duration uptime = 24h * 12;               ///< at the start of the world, give or take a few hours
    bool isNode() const
    {
        return kubernetesNode || role == "control-plane" || role == "worker" || role == "gpu";
    }
};

/// The machine as it is after `uptime`: every enabled unit runs. Its ports are to be bound by the caller,
/// with listenersOf(), in the stack that it makes; it also sets Machine::stack.
Machine standardMachine(const StandardMachine& description, Instant now, RandomStream& random);
/// What the running units of a machine listen on.
std::vector<net::Listener> listenersOf(const Machine& machine);
/// A network namespace as the machine's own network service sets it up at boot.
net::Stack standardStack(const StandardMachine& description);
/// All of it at once, ready to be cabled: link "eth0" of the machine's stack.
HostId addStandardMachine(Engine& engine, net::Network& network, Hosts& hosts,
                          const StandardMachine& description);

/// Every unit the lab knows: systemd-journald, ssh, cron, chrony, containerd, kubelet, dnsmasq, registry, ...
const std::vector<StandardUnit>& standardUnits();
/// The names of the units of a role.
std::vector<std::string> unitsOfRole(const StandardMachine& description);
/// The machine has been up since Machine::booted: starts every enabled unit, with the processes and journal
/// lines that this left.
void bringUp(Machine& machine, Instant now);
/// Puts a unit on a machine: unit file, binary, wants-symlink, and the unit itself (inactive).
void installUnit(Machine& machine, const StandardUnit& unit, Instant now);

/// Disks, /boot, /etc/fstab, targets, timers, crontabs, accounts' files: what a boot and the clock work with. Requires: mounts
/// and the role's units are there.
void addBootFiles(Machine& machine, const StandardMachine& description, Instant now);
/// Machine::boot as it is on a machine that has been up for long.
void bootedAlready(Machine& machine);

/// The files that make a Debian 12 machine look like one.
void addStandardFiles(Machine& machine, const StandardMachine& description, Instant now);

} // namespace sim::host
