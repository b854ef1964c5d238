#include "sim/host/standard_machine.h"

#include "sim/host/boot.h"
#include "sim/host/paths.h"
#include "sim/host/start_script.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

net::Route route(net::Prefix to, std::optional<net::Ipv4> via, std::optional<net::Ipv4> source,
                 const char* protocol)
{
    return {to, net::Route::Type::Unicast, via, "eth0", source, protocol, via ? "global" : "link", 0};
}

std::string dataMountOf(const StandardMachine& d)
{
    return !d.dataMount.empty() ? d.dataMount : d.isNode() ? "/var/lib/containerd" : "/srv";
}

std::vector<Mount> mountsOf(const StandardMachine& d)
{
    // ext4 keeps an inode per 16 KiB and about 1.6 % of the disk for itself.
    const auto inodes = [](std::int64_t bytes) {
        return bytes / 16384;
    };
    const std::int64_t root = d.diskBytes - d.diskBytes / 64;
    std::vector<Mount> mounts;
    mounts.push_back(
        {"udev", "devtmpfs", "/dev", d.memoryBytes / 2, 0, 0, d.memoryBytes / 2 / 4096, 480, false});
    mounts.push_back(
        {"tmpfs", "tmpfs", "/run", d.memoryBytes / 5, 3 * kMiB, 0, d.memoryBytes / 4096 / 5, 900, false});
    mounts.push_back(
        {"/dev/nvme0n1p2", "ext4", "/", root, 6 * kGiB + 200 * kMiB, 0, inodes(d.diskBytes), 128'000, false});
    mounts.push_back({"/dev/nvme0n1p1", "vfat", "/boot/efi", 511 * kMiB, 6 * kMiB, 0, 0, 0, false});
    mounts.push_back(
        {"tmpfs", "tmpfs", "/dev/shm", d.memoryBytes / 2, 0, 0, d.memoryBytes / 2 / 4096, 1, false});
    if (d.dataDiskBytes > 0)
        mounts.push_back({"/dev/nvme1n1", "ext4", dataMountOf(d),
                          d.dataDiskBytes - d.dataDiskBytes / 64, 40 * kMiB, 0, d.dataInodes > 0 ? d.dataInodes : inodes(d.dataDiskBytes), 11,
                          false});
    return mounts;
}

std::map<std::string, std::string> sysctlsOf(const StandardMachine& d)
{
    return {{"fs.file-max", "9223372036854775807"},
            {"fs.inotify.max_user_instances", "128"},
            {"fs.inotify.max_user_watches", "249430"},
            {"kernel.hostname", d.name},
            {"kernel.panic", "10"},
            {"kernel.pid_max", "4194304"},
            {"net.bridge.bridge-nf-call-iptables", "1"},
            {"net.core.somaxconn", "4096"},
            {"net.core.rmem_max", "212992"},
            {"net.core.wmem_max", "212992"},
            {"net.ipv4.conf.all.rp_filter", "0"},
            {"net.ipv4.ip_forward", d.isNode() || d.forwards ? "1" : "0"},
            {"net.ipv4.ip_local_port_range", "32768\t60999"},
            {"net.ipv4.tcp_retries2", "15"},
            {"net.ipv4.tcp_syn_retries", "6"},
            {"net.netfilter.nf_conntrack_count", "0"},
            {"net.netfilter.nf_conntrack_max", "262144"},
            {"vm.max_map_count", "65530"},
            {"vm.nr_hugepages", "0"},
            {"vm.overcommit_memory", "1"},
            {"vm.swappiness", "60"}};
}

} // namespace

net::Stack standardStack(const StandardMachine& d)
{
    net::Stack stack;
    stack.name = d.name;
    stack.forwarding = d.isNode() || d.forwards;
    stack.interfaces.push_back(
        {"lo", "00:00:00:00:00:00", {net::Prefix{net::Ipv4{0x7f000001}, 8}}, 65536, true});
    const std::string mac = !d.mac.empty()
        ? d.mac
        : fmt::format("b8:59:9f:{:02x}:{:02x}:{:02x}", (d.address.value >> 16) & 255,
                      (d.address.value >> 8) & 255, d.address.value & 255);
    const net::Prefix own{d.address, d.prefixLength};
    stack.interfaces.push_back({"eth0", mac, {own}, 1500, true});
    stack.routes.push_back(route({own.network(), own.length}, std::nullopt, d.address, "kernel"));
    for (const StandardCard& card : d.cards) {
        const net::Ipv4 address = card.address.base;
        stack.interfaces.push_back({card.name, fmt::format("b8:59:9f:{:02x}:{:02x}:{:02x}", (address.value >> 16) & 255, (address.value >> 8) & 255, address.value & 255),
                                    {card.address}, 1500, true});
        net::Route connected = route({card.address.network(), card.address.length}, std::nullopt, address, "kernel");
        connected.device = card.name;
        stack.routes.push_back(std::move(connected));
    }
    for (const auto& [destination, via] : d.routes) {
        net::Route further = route(destination, via, std::nullopt, "static");
        for (const StandardCard& card : d.cards)
            if (card.address.contains(via))
                further.device = card.name;
        stack.routes.push_back(std::move(further));
    }
    if (d.gateway)
        stack.routes.push_back(route({net::Ipv4{}, 0}, *d.gateway, std::nullopt, "static"));
    for (const char* chain : {"INPUT", "FORWARD", "OUTPUT"})
        stack.filter[chain].policy = "ACCEPT";
    for (const char* chain : {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"})
        stack.nat[chain].policy = "ACCEPT";
    if (d.podNetwork) {
        net::FirewallRule masquerade;
        masquerade.source = d.podNetwork;
        masquerade.destination = d.podNetwork;
        masquerade.notDestination = true;
        masquerade.target = "MASQUERADE";
        masquerade.comment = "pods leave with the node's address";
        stack.nat["POSTROUTING"].rules.push_back(std::move(masquerade));
    }
    return stack;
}

void installUnit(Machine& machine, const StandardUnit& standard, Instant now)
{
    const auto put = [&](const std::string& path, File file) {
        for (std::string folder = parentPath(path); folder != "/" && machine.files.count(folder) == 0;
             folder = parentPath(folder))
            machine.files[folder] = std::make_shared<File>(
                File{File::Type::Directory, 0755, "root", "root", "", 4096, now});
        machine.files[path] = std::make_shared<File>(std::move(file));
    };
    Unit unit;
    unit.name = standard.name;
    unit.path = "/lib/systemd/system/" + standard.name;
    unit.enabled = standard.enabled;
    unit.subState = "dead";
    unit.restart = "no";
    if (unitType(unit.name) != "service")
        unit.type = unitType(unit.name);
    unit.memoryBytes = standard.memoryBytes;
    unit.cpuCores = standard.cpuCores;
    unit.listens = standard.listens;
    unit.listensUdp = standard.listensUdp;
    unit.startTime = standard.startTime;
    unit.loaded = now;
    const Instant installed = machine.booted - 24h * 40;
    put(unit.path, {File::Type::Regular, 0644, "root", "root", standard.text, 0, installed});
    UnitFileReader reader(machine);
    reader.read(standard.text, unit);
    const std::string dropIns = "/etc/systemd/system/" + unit.name + ".d/";
    for (auto i = machine.files.lower_bound(dropIns);
         i != machine.files.end() && i->first.compare(0, dropIns.size(), dropIns) == 0; ++i) {
        reader.read(i->second->content, unit);
        unit.dropIns.push_back(i->first);
    }
    reader.finish(unit);
    if (!unit.command.empty() && machine.files.count(resolvePath(machine, unit.command.front())) == 0)
        put(unit.command.front(),
            {File::Type::Regular, 0755, "root", "root", "", standard.memoryBytes / 2 + kMiB, installed});
    if (unit.enabled && !unit.wantedBy.empty())
        put("/etc/systemd/system/" + unit.wantedBy.front() + ".wants/" + unit.name,
            {File::Type::Symlink, 0777, "root", "root", unit.path, 0, installed});
    machine.units[unit.name] = std::move(unit);
}

Machine standardMachine(const StandardMachine& d, Instant now, RandomStream& random)
{
    Machine machine;
    machine.name = d.name;
    machine.role = d.role;
    machine.machineId = fmt::format("{:016x}{:016x}", random.next(), random.next());
    machine.booted = now - d.uptime - random.uniform(0s, 6h);
    machine.cpus = d.cpus;
    machine.cpuModel = d.cpuModel;
    machine.memoryBytes = d.memoryBytes;
    // Kernel text, page tables, slab and per-CPU areas of an idle Debian machine: about 1.5 % of its memory.
    machine.kernelMemoryBytes = 177 * kMiB + d.memoryBytes / 80;
    machine.cacheBytes = std::min(d.memoryBytes / 4, 12 * kGiB);
    machine.mounts = mountsOf(d);
    machine.sysctls = sysctlsOf(d);
    machine.bootSysctls = machine.sysctls;
    const net::Stack stack = standardStack(d);
    machine.networkSetup = std::make_shared<NetworkSetup>(
        NetworkSetup{stack.interfaces, stack.routes, stack.forwarding});
    addStandardFiles(machine, d, now);
    const std::vector<std::string> wanted = unitsOfRole(d);
    for (const StandardUnit& unit : standardUnits())
        if (std::find(wanted.begin(), wanted.end(), unit.name) != wanted.end())
            installUnit(machine, unit, now);
    for (const StandardUnit& unit : d.ownUnits)
        installUnit(machine, unit, now);
    addBootFiles(machine, d, now);
    bringUp(machine, now);
    return machine;
}

std::vector<net::Listener> listenersOf(const Machine& machine)
{
    std::vector<net::Listener> listeners;
    for (const auto& [name, unit] : machine.units) {
        if (unit.state != Unit::State::Active || unit.mainPid == 0)
            continue;
        for (const std::int64_t port : unit.listens)
            listeners.push_back({net::Protocol::Tcp, std::nullopt, port, unit.mainPid, unit.processName});
        for (const std::int64_t port : unit.listensUdp)
            listeners.push_back({net::Protocol::Udp, std::nullopt, port, unit.mainPid, unit.processName});
    }
    return listeners;
}

void bringUp(Machine& machine, Instant now)
{
    machine.power = Machine::Power::On;
    machine.bootId = newBootId(machine);
    addKernelProcesses(machine);
    machine.nextPid = 600;
    bootedAlready(machine);
    for (const BootLine& line : kernelBootLines(machine))
        machine.journal.push_back({machine.booted + line.after, "kernel", "", 0, 6, line.text});
    Instant at = machine.booted + kKernelBoot;
    for (const std::string& name : startOrder(machine)) {
        Unit& unit = machine.units.at(name);
        at += kUnitGap;
        const std::string title = unit.description.empty() ? unit.name : unit.name + " - " + unit.description;
        const auto note = [&](std::string text) {
            machine.journal.push_back({at, "systemd", unit.name, 1, 6, std::move(text)});
        };
        unit.since = at;
        unit.state = Unit::State::Active;
        unit.activating = at;
        if (unit.type == "timer") {
            unit.subState = "waiting";
            note("Started " + title + ".");
            continue;
        }
        if (unit.type == "target") {
            unit.subState = "active";
            note("Reached target " + title + ".");
            continue;
        }
        if (unit.type != "simple")
            note("Starting " + title + "...");
        if (unit.type == "oneshot") {
            unit.state = unit.remainsAfterExit ? Unit::State::Active : Unit::State::Inactive;
            unit.subState = unit.remainsAfterExit ? "exited" : "dead";
            note("Finished " + title + ".");
            continue;
        }
        note("Started " + title + ".");
        Process process;
        process.pid = machine.nextPid;
        machine.nextPid += 2
            + static_cast<Pid>(unit.name.size() % 7); // short-lived helpers took the pids between
        process.command = startedCommand(machine, unit);
        if (process.command != unit.command)
            unit.processName = process.command.front().substr(process.command.front().rfind('/') + 1);
        process.name = unit.processName;
        process.user = unit.user;
        process.unit = unit.name;
        process.oomScoreAdjust = unit.oomScoreAdjust;
        process.residentBytes = unit.memoryBytes;
        process.virtualBytes = unit.memoryBytes * 3;
        process.threadCount = usualThreads(machine, process.command);
        reserveHeap(machine, process);
        process.cpuCores = unit.cpuCores;
        process.started = at;
        process.cpuSince = now;
        process.cpuSeconds = unit.cpuCores * toSeconds(now - at);
        process.systemSeconds = process.cpuSeconds * process.systemShare;
        process.cgroup = cgroupOf(machine, process);
        unit.mainPid = unit.lastPid = process.pid;
        unit.subState = "running";
        machine.boot.steps.push_back({name, at, at + std::min(unit.startTime, Duration{kUnitGap})});
        machine.processes.emplace(process.pid, std::move(process));
    }
    machine.boot.finished = at + kUnitGap;
    const double userspace = toSeconds(machine.boot.finished - machine.boot.userspace);
    const double before = toSeconds(machine.boot.kernel - machine.boot.firmware);
    machine.journal.push_back(
        {at + kUnitGap, "systemd", "", 1, 6,
         fmt::format("Startup finished in {:.3f}s (firmware) + {:.3f}s (loader) + {:.3f}s (kernel) + {:.3f}s (userspace) = {:.3f}s.", toSeconds(kFirmware),
                     before - toSeconds(kFirmware), toSeconds(kKernelBoot), userspace, before + toSeconds(kKernelBoot) + userspace)});
    for (auto& [pid, process] : machine.processes)
        if (process.cgroup.empty())
            process.cgroup = cgroupOf(machine, process);
    shareProcessors(machine);
    const double cores = machine.cpuCoresUsed();
    machine.totals.userSeconds = cores * toSeconds(now - machine.booted) * 0.75;
    machine.totals.systemSeconds = cores * toSeconds(now - machine.booted) * 0.25;
    machine.totals.forks = 20'000;
    machine.pressure.at = now;
    machine.load = {cores, cores, cores, now};
    machine.nextPid += 20'000; // days of cron jobs and probes
}

HostId addStandardMachine(Engine& engine, net::Network& network, Hosts& hosts, const StandardMachine& d)
{
    const HostId id = hosts.add(standardMachine(d, engine.now(), engine.random("host/build/" + d.name)));
    net::Stack stack = standardStack(d);
    stack.host = id;
    stack.listeners = listenersOf(hosts.at(id));
    hosts.at(id).stack = network.addStack(std::move(stack));
    for (auto& [name, unit] : hosts.at(id).units)
        hosts.armTimer(engine, id, unit);
    hosts.watchCron(engine, id);
    return id;
}

} // namespace sim::host
