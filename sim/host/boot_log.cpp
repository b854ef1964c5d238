#include "sim/host/boot.h"

#include "sim/host/grub.h"
#include "sim/host/hosts.h"
#include "sim/host/mounts.h"
#include "sim/host/paths.h"
#include "sim/host/standard_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

namespace sim::host {

namespace {

Process kernelThread(Pid pid, std::string name, char state)
{
    Process p;
    p.pid = pid;
    p.parent = pid == 2 ? 0 : 2;
    p.name = name.substr(0, 15);
    p.command = {std::move(name)};
    p.state = state;
    p.kernelThread = true;
    return p;
}

} // namespace

std::vector<BootLine> kernelBootLines(const Machine& machine)
{
    std::vector<BootLine> lines;
    const auto add = [&](std::int64_t microseconds, std::string text) {
        lines.push_back({Duration{microseconds * 1000}, std::move(text)});
    };
    const std::int64_t kb = machine.memoryBytes / 1024;
    add(0,
        fmt::format("Linux version {} (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, "
                    "GNU ld (GNU "
                    "Binutils for Debian) 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)",
                    machine.kernel));
    add(0,
        fmt::format("Command line: BOOT_IMAGE={} {}", machine.boot.entry.kernel, machine.boot.entry.arguments));
    add(0, "BIOS-provided physical RAM map:");
    add(0, "x86/fpu: Supporting XSAVE feature 0x001: 'x87 floating point registers'");
    add(0, "DMI: Dell Inc. PowerEdge R760/0VRV9X, BIOS 2.2.7 06/12/2024");
    add(3012, "tsc: Detected 2000.000 MHz processor");
    add(21'004,
        fmt::format("Memory: {}K/{}K available (14342K kernel code, 2331K rwdata, 9076K rodata, 2804K init)",
                    kb - kb / 50, kb));
    add(48'120, "rcu: Hierarchical RCU implementation.");
    add(151'331,
        fmt::format("smpboot: CPU0: {} (family: 0x6, model: 0x8f, stepping: 0x8)", machine.cpuModel));
    add(402'870, fmt::format("smp: Brought up 1 node, {} CPUs", machine.cpus));
    add(611'204, "NET: Registered PF_INET protocol family");
    add(809'542, "PCI: Using ACPI for IRQ routing");
    add(1'322'180, "nvme nvme0: pci function 0000:01:00.0");
    add(1'377'902, fmt::format("nvme nvme0: {}/0/0 default/read/poll queues", machine.cpus));
    add(1'390'416, " nvme0n1: p1 p2");
    add(1'604'731, fmt::format("mlx5_core {}: firmware version: {}", kEthernetPci, kEthernetFirmware));
    add(2'011'008, fmt::format("mlx5_core {} eth0: Link up", kEthernetPci));
    add(2'298'640, "EXT4-fs (nvme0n1p2): mounted filesystem with ordered data mode. Quota mode: none.");
    add(2'540'112, "systemd[1]: Detected architecture x86-64.");
    add(2'541'877, fmt::format("systemd[1]: Hostname set to <{}>.", machine.name));
    add(3'102'553, "EXT4-fs (nvme0n1p2): re-mounted. Quota mode: none.");
    add(3'350'206, "ACPI: button: Power Button [PWRF]");
    add(3'610'995, "IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready");
    add(3'902'481,
        "nf_conntrack: default automatic helper assignment has been turned off for security reasons");
    add(4'118'009, "br_netfilter: module loaded");
    if (const auto module = machine.files.find(kNvidiaModule); module != machine.files.end()) {
        const std::string& about = module->second->content;
        const std::string version = about.substr(about.find('=') + 1, about.find('\n') - about.find('=') - 1);
        add(4'630'118, "nvidia: loading out-of-tree module taints kernel.");
        add(4'655'871, "nvidia-nvlink: Nvlink Core is being initialized, major device number 511");
        add(4'702'340,
            fmt::format("NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  {}  Release Build  (root@{})", version, machine.name));
        add(4'998'012, "nvidia-uvm: Loaded the UVM driver, major device number 509.");
    }
    return lines;
}

void addKernelProcesses(Machine& machine)
{
    Process init;
    init.pid = 1;
    init.parent = 0;
    init.name = "systemd";
    init.command = {"/sbin/init"};
    init.residentBytes = 13 << 20;
    init.virtualBytes = 168 << 20;
    init.oomScoreAdjust = 0;
    machine.processes[1] = init;
    Pid pid = 2;
    const auto add = [&](std::string name, char state = 'S') {
        machine.processes[pid] = kernelThread(pid, std::move(name), state);
        ++pid;
    };
    add("kthreadd");
    for (const char* name : {"rcu_gp", "rcu_par_gp", "slub_flushwq", "netns", "mm_percpu_wq"})
        add(name, 'I');
    add("ksoftirqd/0");
    add("rcu_preempt", 'I');
    add("migration/0");
    for (std::int64_t cpu = 1; cpu < std::min<std::int64_t>(machine.cpus, 4); ++cpu)
        add(fmt::format("ksoftirqd/{}", cpu));
    for (const char* name : {"kdevtmpfs", "kauditd", "khungtaskd", "oom_reaper", "kcompactd0", "kswapd0"})
        add(name);
    add("kworker/0:1-events", 'I');
    add("kworker/u16:1-flush-259:0", 'I');
    add("nvme-wq", 'I');
    add("jbd2/nvme0n1p2-8");
    add("ext4-rsv-conver", 'I');
    for (auto& [id, process] : machine.processes) {
        process.started = machine.booted;
        process.cpuSince = machine.booted;
        process.cgroup = cgroupOf(machine, process);
    }
}

std::vector<std::string> startOrder(const Machine& machine)
{
    std::vector<std::string> order;
    std::set<std::string> seen;
    const std::function<void(const std::string&)> visit = [&](const std::string& name) {
        const auto found = machine.units.find(name);
        if (found == machine.units.end() || !seen.insert(name).second)
            return;
        for (const auto* list : {&found->second.after, &found->second.requires_})
            for (const std::string& before : *list)
                if (machine.units.count(before) > 0)
                    visit(before);
        if (found->second.enabled && !found->second.masked && found->second.type != "mount")
            order.push_back(name);
    };
    for (const auto& [name, unit] : machine.units)
        if (unit.type != "target" && unit.type != "mount")
            visit(name);
    for (const auto& [name, unit] : machine.units)
        visit(name);
    return order;
}

std::string bootObstacle(const Machine& machine, const std::string& unit)
{
    const GrubConfig config = grubConfigOf(machine);
    if (!config.found || config.broken || config.entries.empty())
        return "GRUB has no entry to boot";
    const BootEntry& entry = config.entries[config.standard];
    for (const std::string& file : {entry.kernel, entry.initrd})
        if (!file.empty() && findFile(machine, grubPath(file)) == nullptr)
            return grubPath(file) + " does not exist";
    if (const std::string root = bootArgument(entry.arguments, "root"); machine.deviceOf(root) == nullptr)
        return "no device is " + root;
    for (const MountSettings& line : fstabOf(machine))
        if (line.type != "swap" && !line.has("nofail") && !line.has("noauto") && machine.deviceOf(line.what) == nullptr)
            return fmt::format("no device is {} for {}", line.what, line.where);
    const std::vector<std::string> order = startOrder(machine);
    return std::find(order.begin(), order.end(), unit) == order.end() ? unit + " is not started at boot" : std::string();
}

std::string newBootId(const Machine& machine)
{
    Fingerprint f;
    f.add(machine.machineId);
    f.add(static_cast<std::uint64_t>(machine.booted.time_since_epoch().count()));
    f.add(std::uint64_t{1});
    const std::uint64_t high = f.value();
    f.add(std::uint64_t{2});
    return fmt::format("{:016x}{:016x}", high, f.value());
}

} // namespace sim::host
