// From power to login: firmware, GRUB, kernel, initramfs, local filesystems, units. Each step looks at the machine's files
// and devices as they are, and stops where the real one stops.
#include "sim/host/boot.h"

#include "sim/host/disk.h"
#include "sim/host/grub.h"
#include "sim/host/hosts.h"
#include "sim/host/mounts.h"
#include "sim/host/paths.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

constexpr const char* kSystemdVersion = "252.31-1~deb12u1";

/// "x-systemd.device-timeout=10s" of a mount's options.
Duration deviceTimeout(const MountSettings& mount)
{
    constexpr std::string_view kOption = "x-systemd.device-timeout=";
    const std::size_t at = mount.options.find(kOption);
    if (at == std::string::npos)
        return kDeviceTimeout;
    const std::string value = mount.options.substr(at + kOption.size(), mount.options.find(',', at) - at - kOption.size());
    return parseSpan(value).value_or(kDeviceTimeout);
}

bool isRequired(const MountSettings& mount)
{
    return !mount.has("nofail") && !mount.has("noauto");
}

/// systemd-sysctl: /etc/sysctl.d in order of names, then /etc/sysctl.conf.
void readSysctlFiles(Machine& machine)
{
    std::vector<const File*> files;
    constexpr std::string_view kFolder = "/etc/sysctl.d/";
    for (auto i = machine.files.lower_bound(std::string(kFolder)); i != machine.files.end() && i->first.compare(0, kFolder.size(), kFolder) == 0; ++i)
        if (i->first.size() > 5 && i->first.compare(i->first.size() - 5, 5, ".conf") == 0)
            files.push_back(i->second.get());
    if (const File* last = findFile(machine, "/etc/sysctl.conf"))
        files.push_back(last);
    for (const File* file : files) {
        std::string_view text = file->content;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            const std::string_view line = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            const std::size_t equals = line.find('=');
            if (line.empty() || line[0] == '#' || line[0] == ';' || equals == std::string_view::npos)
                continue;
            const std::vector<std::string> key = commandWords(line.substr(0, equals)), value = commandWords(line.substr(equals + 1));
            if (key.empty())
                continue;
            std::string name = key[0];
            if (name.front() == '-')
                name.erase(0, 1);
            std::replace(name.begin(), name.end(), '/', '.');
            std::string joined;
            for (const std::string& word : value)
                joined += (joined.empty() ? "" : "\t") + word;
            if (const auto known = machine.sysctls.find(name); known != machine.sysctls.end())
                known->second = joined;
        }
    }
}

std::string titleOfUnit(const Unit& unit)
{
    return unit.description.empty() || unit.description == unit.name ? unit.name : unit.name + " - " + unit.description;
}

} // namespace

void Console::print(std::string line)
{
    while (!line.empty() && line.back() == '\n')
        line.pop_back();
    std::size_t begin = 0;
    for (;;) {
        const std::size_t end = line.find('\n', begin);
        lines.push_back(line.substr(begin, end - begin));
        ++printed;
        if (end == std::string::npos)
            break;
        begin = end + 1;
    }
    while (lines.size() > kConsoleLines)
        lines.pop_front();
}

const std::vector<std::string>& earlyTargets()
{
    static const std::vector<std::string> targets{"local-fs.target", "sysinit.target", "basic.target"};
    return targets;
}

bool isEarly(const Unit& unit)
{
    return unit.name == "systemd-journald.service" || unit.name == "systemd-udevd.service";
}

std::string statusLine(const char* word, const std::string& text)
{
    return fmt::format("[{}] {}", word, text);
}

std::string maintenanceText(BootStage stage)
{
    return fmt::format("You are in {} mode. After logging in, type \"journalctl -xb\" to view\nsystem logs, \"systemctl reboot\" to reboot, \"systemctl default\" or "
                       "\"exit\"\nto boot into default mode.\nPress Enter for maintenance\n(or press Control-D to continue): ",
                       stage == BootStage::Rescue ? "rescue" : "emergency");
}

std::string bootTarget(const Machine& machine, const std::string& arguments)
{
    if (const std::string unit = bootArgument(arguments, "systemd.unit"); !unit.empty())
        return unit;
    for (const auto& [word, target] : {std::pair("emergency", "emergency.target"), std::pair("single", "rescue.target"), std::pair("rescue", "rescue.target"),
                                       std::pair("1", "rescue.target"), std::pair("3", "multi-user.target"), std::pair("5", "graphical.target")})
        if (bootArgument(arguments, word) == word)
            return target;
    const auto link = machine.files.find("/etc/systemd/system/default.target");
    return link == machine.files.end() ? "multi-user.target" : link->second->content.substr(link->second->content.rfind('/') + 1);
}

void Hosts::powerOn(Engine& engine, net::Network&, HostId host)
{
    Machine& machine = at(host);
    if (machine.power != Machine::Power::Off)
        return;
    machine.power = Machine::Power::Booting;
    ++machine.generation;
    const std::string device = std::move(machine.boot.bootDevice);
    machine.boot = {};
    machine.boot.bootDevice = device;
    machine.boot.stage = BootStage::Firmware;
    machine.boot.firmware = engine.now();
    machine.console.print("\nPowerEdge R760\nBIOS Version 2.2.7\n");
    after(engine, host, HostEvent::BootLoader, kFirmware);
}

void Hosts::bootLoader(Engine& engine, HostId host)
{
    Machine& machine = at(host);
    const std::string device = std::exchange(machine.boot.bootDevice, {});
    if (!device.empty() && device != "disk" && device != "none") {
        machine.boot.stage = BootStage::Firmware;
        machine.console.print(device == "bios" ? "Entering System Setup"
                                               : "Booting from " + device + "\nNo boot device available.\nStrike F1 to retry boot, F2 for system setup");
        return;
    }
    machine.boot.loader = engine.now();
    machine.boot.steps.push_back({"firmware", machine.boot.firmware, engine.now()});
    const GrubConfig config = grubConfigOf(machine);
    if (!config.found || config.broken || config.entries.empty()) {
        machine.boot.stage = BootStage::Prompt;
        machine.boot.menuStays = true;
        if (config.broken)
            machine.console.print("error: syntax error.\nerror: Incorrect command.\nerror: syntax error.");
        machine.console.print("                             GNU GRUB  version 2.06-13+deb12u1\n\n   Minimal BASH-like line editing is supported. For the first word, TAB\n"
                              "   lists possible command completions. Anywhere else TAB lists possible\n   device or file completions.\n");
        return;
    }
    machine.boot.stage = BootStage::Menu;
    machine.boot.entry = config.entries[config.standard];
    machine.console.print(grubMenuText(config, config.standard));
    after(engine, host, HostEvent::BootKernel, config.timeout);
}

void Hosts::bootEntry(Engine& engine, HostId host, const BootEntry& entry)
{
    Machine& machine = at(host);
    machine.boot.entry = entry;
    ++machine.generation;
    after(engine, host, HostEvent::BootKernel, Duration{0});
}

void Hosts::bootKernel(Engine& engine, HostId host)
{
    Machine& machine = at(host);
    const BootEntry& entry = machine.boot.entry;
    const auto refuse = [&](const std::string& text) {
        machine.console.print(text + "\n\nPress any key to continue...");
        machine.boot.stage = BootStage::Menu;
        machine.boot.menuStays = true;
    };
    constexpr std::string_view kKernels = "/boot/vmlinuz-";
    const std::string kernel = grubPath(entry.kernel), initrd = grubPath(entry.initrd);
    if (findFile(machine, kernel) == nullptr) {
        refuse(fmt::format("Loading Linux ...\nerror: file `{}' not found.\n{}", kernel,
                           initrd.empty() ? "" : "Loading initial ramdisk ...\nerror: you need to load the kernel first."));
        return;
    }
    if (!initrd.empty() && findFile(machine, initrd) == nullptr) {
        refuse(fmt::format("Loading Linux ...\nLoading initial ramdisk ...\nerror: file `{}' not found.", initrd));
        return;
    }
    if (kernel.compare(0, kKernels.size(), kKernels) == 0)
        machine.kernel = kernel.substr(kKernels.size());
    machine.boot.stage = BootStage::Kernel;
    machine.boot.kernel = engine.now();
    machine.boot.steps.push_back({"loader", machine.boot.loader, engine.now()});
    machine.booted = engine.now();
    machine.bootId = newBootId(machine);
    machine.load = {0, 0, 0, engine.now()};
    machine.pressure = {};
    machine.pressure.at = engine.now();
    machine.totals = {};
    machine.cgroups.clear();
    std::erase_if(machine.slabs, [](const auto& known) { return known.second.unit.empty(); });
    for (auto& [name, cache] : machine.slabs) { // what makes them grow starts again with its unit
        cache.objects = 0;
        cache.holder = 0;
    }
    machine.nextPid = 600;
    machine.cacheBytes = std::min<std::int64_t>(machine.cacheBytes, 600LL << 20);
    machine.sysctls = machine.bootSysctls;
    if (const auto limit = machine.files.find(kPodsIoLimit); limit != machine.files.end())
        limit->second = std::make_shared<File>();
    addKernelProcesses(machine);
    machine.console.print(fmt::format("Loading Linux {} ...\nLoading initial ramdisk ...", machine.kernel));
    for (const BootLine& line : kernelBootLines(machine)) {
        machine.journal.push_back({machine.booted + line.after, "kernel", "", 0, 6, line.text});
        while (machine.journal.size() > Machine::kJournalEntries)
            machine.journal.pop_front();
    }
    if (initrd.empty()) { // the drivers of the disk are modules
        machine.boot.stage = BootStage::Panic;
        machine.console.print(fmt::format("[    1.604731] /dev/root: Can't open blockdev\n[    1.604902] VFS: Cannot open root device \"{}\" or unknown-block(0,0): error -6\n"
                                          "[    1.605011] Please append a correct \"root=\" boot option; here are the available partitions:\n"
                                          "[    1.605120] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
                                          bootArgument(entry.arguments, "root")));
        return;
    }
    after(engine, host, HostEvent::BootRoot, kInitramfs);
}

void Hosts::bootRoot(Engine& engine, net::Network&, HostId host)
{
    Machine& machine = at(host);
    const std::string root = bootArgument(machine.boot.entry.arguments, "root");
    const BlockDevice* device = machine.deviceOf(root);
    const bool waited = machine.boot.stage == BootStage::Initramfs;
    if (device == nullptr) {
        if (!waited) {
            machine.boot.stage = BootStage::Initramfs;
            machine.console.print("Begin: Running /scripts/local-block ... done.\nBegin: Waiting for root file system ...");
            after(engine, host, HostEvent::BootRoot, kRootDelay);
            return;
        }
        machine.boot.stage = BootStage::InitramfsShell;
        machine.console.print(fmt::format("done.\nGave up waiting for root file system device.  Common problems:\n - Boot args (cat /proc/cmdline)\n"
                                          "   - Check rootdelay= (did the system wait long enough?)\n - Missing modules (cat /proc/modules; ls /dev)\n"
                                          "ALERT!  {} does not exist.  Dropping to a shell!\n\n\nBusyBox v1.35.0 (Debian 1:1.35.0-4+b3) built-in shell (ash)\n"
                                          "Enter 'help' for a list of built-in commands.\n",
                                          root.empty() ? "" : root));
        return;
    }
    const auto mount = std::find_if(machine.mounts.begin(), machine.mounts.end(), [](const Mount& m) { return m.path == "/"; });
    if (mount == machine.mounts.end() || device->path != mount->device) {
        machine.boot.stage = BootStage::InitramfsShell;
        machine.console.print(fmt::format("mount: mounting {} on /root failed: Invalid argument\nFailed to mount {} as root file system.\n\n\n"
                                          "BusyBox v1.35.0 (Debian 1:1.35.0-4+b3) built-in shell (ash)\nEnter 'help' for a list of built-in commands.\n",
                                          device->path, device->path));
        return;
    }
    mount->readOnly = bootArgument(machine.boot.entry.arguments, "rw").empty();
    machine.boot.stage = BootStage::Kernel;
    machine.console.print(fmt::format("{}: clean, {}/{} files", device->path, machine.usedInodes(*mount), mount->inodes));
    after(engine, host, HostEvent::BootUserspace, kKernelBoot - kInitramfs);
}

void Hosts::bootUserspace(Engine& engine, net::Network& network, HostId host)
{
    Machine& machine = at(host);
    machine.boot.userspace = engine.now();
    machine.boot.steps.push_back({"kernel", machine.boot.kernel, engine.now()});
    machine.boot.stage = BootStage::Services;
    machine.boot.target = bootTarget(machine, machine.boot.entry.arguments);
    log(engine, host, "systemd", "", 1, 6, fmt::format("systemd {} running in system mode", kSystemdVersion));
    machine.console.print("\nWelcome to Debian GNU/Linux 12 (bookworm)!\n");
    if (machine.units.count(machine.boot.target) == 0) {
        log(engine, host, "systemd", "", 1, 3, fmt::format("Failed to load configuration of {}: No such file or directory", machine.boot.target));
        machine.boot.target = "rescue.target";
    }
    std::vector<std::string> mounted;
    for (const Mount& m : machine.mounts)
        if (m.path != "/" && m.device.compare(0, 5, "/dev/") == 0)
            mounted.push_back(m.path);
    std::sort(mounted.rbegin(), mounted.rend()); // the inner ones first
    for (const std::string& path : mounted)
        detach(machine, path);
    daemonReload(engine, host); // systemd reads what lies there now, and makes mount units of fstab
    for (auto& [name, unit] : machine.units)
        if (isEarly(unit) && unit.enabled && !unit.masked)
            start(engine, network, host, unit, 0);
    const bool emergency = machine.boot.target == "emergency.target";
    for (const MountSettings& entry : fstabOf(machine)) // systemd-remount-fs
        if (entry.where == "/" && !emergency)
            remount(engine, host, "/", entry.has("ro") ? "ro" : "rw," + entry.options);
    if (Unit* root = unit(host, "-.mount"))
        setState(host, *root, Unit::State::Active, "mounted", engine.now());
    if (emergency)
        enterEmergency(engine, host);
    else
        bootServices(engine, network, host);
}

void Hosts::bootServices(Engine& engine, net::Network& network, HostId host)
{
    Machine& machine = at(host);
    machine.boot.stage = BootStage::Services;
    machine.boot.waitsFor.clear();
    std::vector<std::string> mounts;
    for (const auto& [name, unit] : machine.units)
        if (unit.type == "mount" && !unit.masked && unit.state != Unit::State::Active && !unit.mount.where.empty() && unit.mount.where != "/"
            && !unit.mount.has("noauto"))
            mounts.push_back(name);
    for (const std::string& name : mounts)
        if (isRequired(machine.units.at(name).mount))
            machine.boot.waitsFor.push_back(name);
    if (machine.boot.waitsFor.empty()) { // settles at once
        for (const std::string& name : mounts)
            start(engine, network, host, machine.units.at(name), 0);
        mountSettled(engine, network, host, machine.units.at("local-fs.target"), true);
        return;
    }
    for (const std::string& name : mounts)
        if (machine.boot.stage == BootStage::Services)
            start(engine, network, host, machine.units.at(name), 0);
}

void Hosts::startMount(Engine& engine, net::Network& network, HostId host, Unit& unit)
{
    Machine& machine = at(host);
    const std::string name = unit.name;
    unit.activating = engine.now();
    const bool needsDevice = unit.mount.type != "tmpfs";
    if (needsDevice && machine.deviceOf(unit.mount.what) == nullptr) {
        setState(host, unit, Unit::State::Activating, "start", engine.now());
        unit.subState = "start";
        machine.console.print(fmt::format("[ *** ] A start job is running for {} (0s / {:.0f}s)", devicePath(unit.mount.what), toSeconds(deviceTimeout(unit.mount))));
        later(engine, host, unit, HostEvent::UnitFails, deviceTimeout(unit.mount));
        return;
    }
    unitLog(engine, host, unit, 6, "Mounting " + titleOfUnit(unit) + "...");
    if (findFile(machine, unit.mount.where) == nullptr)
        makeDirectory(engine, host, unit.mount.where, true);
    const std::string error = mount(engine, host, unit.mount);
    Unit& now = machine.units.at(name);
    if (!error.empty()) {
        log(engine, host, "mount", name, machine.nextPid++, 6, "mount: " + error);
        unitLog(engine, host, now, 5, name + ": Mount process exited, code=exited, status=32/n/a");
        now.result = "exit-code";
        now.exitCode = 32;
        unitLog(engine, host, now, 4, name + ": Failed with result 'exit-code'.");
        setState(host, now, Unit::State::Failed, "failed", engine.now());
        unitLog(engine, host, now, 3, "Failed to mount " + titleOfUnit(now) + ".");
        machine.console.print(statusLine("FAILED", "Failed to mount " + titleOfUnit(now) + ".\nSee 'systemctl status " + name + "' for details."));
    } else {
        now.result = "success";
        unitLog(engine, host, now, 6, "Mounted " + titleOfUnit(now) + ".");
    }
    mountSettled(engine, network, host, now, error.empty());
}

void Hosts::mountTimedOut(Engine& engine, net::Network& network, HostId host, Unit& unit)
{
    Machine& machine = at(host);
    if (unit.state != Unit::State::Activating)
        return;
    const std::string device = devicePath(unit.mount.what), deviceUnit = escapedPath(device) + ".device";
    log(engine, host, "systemd", deviceUnit, 1, 4, fmt::format("{0}: Job {0}/start timed out.", deviceUnit));
    log(engine, host, "systemd", deviceUnit, 1, 3, fmt::format("Timed out waiting for device {} - {}.", deviceUnit, device));
    unitLog(engine, host, unit, 4, "Dependency failed for " + titleOfUnit(unit) + ".");
    unitLog(engine, host, unit, 5, fmt::format("{0}: Job {0}/start failed with result 'dependency'.", unit.name));
    log(engine, host, "systemd", deviceUnit, 1, 5, fmt::format("{0}: Job {0}/start failed with result 'timeout'.", deviceUnit));
    machine.console.print(statusLine(" TIME ", fmt::format("Timed out waiting for device {} - {}.", deviceUnit, device)));
    machine.console.print(statusLine("DEPEND", "Dependency failed for " + titleOfUnit(unit) + "."));
    machine.boot.steps.push_back({unit.name, unit.activating, engine.now(), false});
    unit.result = "success";
    setState(host, unit, Unit::State::Inactive, "dead", engine.now());
    mountSettled(engine, network, host, unit, false);
}

void Hosts::mountSettled(Engine& engine, net::Network& network, HostId host, Unit& unit, bool mounted)
{
    Machine& machine = at(host);
    if (machine.boot.stage != BootStage::Services || machine.power != Machine::Power::Booting)
        return;
    const bool waited = std::erase(machine.boot.waitsFor, unit.name) > 0;
    if (waited && !mounted) {
        Unit& target = machine.units.at("local-fs.target");
        unitLog(engine, host, target, 4, "Dependency failed for local-fs.target - Local File Systems.");
        unitLog(engine, host, target, 5, "local-fs.target: Job local-fs.target/start failed with result 'dependency'.");
        unitLog(engine, host, target, 5, "local-fs.target: Triggering OnFailure= dependencies.");
        machine.console.print(statusLine("DEPEND", "Dependency failed for local-fs.target - Local File Systems."));
        enterEmergency(engine, host);
        return;
    }
    if (!machine.boot.waitsFor.empty() || (!waited && unit.type == "mount"))
        return;
    for (const std::string& name : earlyTargets())
        if (Unit* target = this->unit(host, name))
            start(engine, network, host, *target, 0);
    for (const MountSettings& entry : fstabOf(machine))
        if (entry.type == "swap" && !entry.has("noauto"))
            swapOn(host, entry.what);
    if (machine.boot.target == "rescue.target") {
        machine.boot.stage = BootStage::Rescue;
        machine.units.at("rescue.target").state = Unit::State::Active;
        machine.units.at("rescue.target").subState = "active";
        log(engine, host, "systemd", "rescue.target", 1, 6, "Reached target rescue.target - Rescue Mode.");
        machine.console.print(maintenanceText(machine.boot.stage));
        return;
    }
    readSysctlFiles(machine);
    setUpNetwork(engine, network, host);
    Duration delay = kUnitGap;
    for (const std::string& name : startOrder(machine)) {
        Unit& next = machine.units.at(name);
        if (next.state == Unit::State::Active)
            continue;
        if (isEarly(next) && next.state != Unit::State::Inactive) {
            delay += kUnitGap;
            continue;
        }
        later(engine, host, next, HostEvent::BootUnit, delay);
        delay += std::min(kUnitGap, kUserspace / static_cast<int>(machine.units.size() + 2));
    }
    after(engine, host, HostEvent::BootDone, std::max(delay + kUnitGap, kUserspace));
}

void Hosts::enterEmergency(Engine& engine, HostId host)
{
    Machine& machine = at(host);
    ++machine.generation; // no start that is still to come
    machine.boot.stage = BootStage::Emergency;
    machine.boot.waitsFor.clear();
    for (auto& [name, unit] : machine.units)
        if (unit.type == "mount" && unit.state == Unit::State::Activating) {
            ++unit.generation;
            setState(host, unit, Unit::State::Inactive, "dead", engine.now());
        }
    if (Unit* target = unit(host, "emergency.target")) {
        setState(host, *target, Unit::State::Active, "active", engine.now());
        unitLog(engine, host, *target, 6, "Reached target emergency.target - Emergency Mode.");
    }
    machine.console.print(statusLine("  OK  ", "Started emergency.service - Emergency Shell."));
    machine.console.print(statusLine("  OK  ", "Reached target emergency.target - Emergency Mode."));
    machine.console.print(maintenanceText(machine.boot.stage));
}

void Hosts::bootDone(Engine& engine, HostId host)
{
    Machine& machine = at(host);
    if (machine.power != Machine::Power::On) {
        machine.power = Machine::Power::On;
        machine.boot.stage = BootStage::Running;
        machine.console.print(fmt::format("\nDebian GNU/Linux 12 {} ttyS0\n\n{} login: root (automatic login)", machine.name, machine.name));
        watchCron(engine, host);
        m_notices.emplace_back(PowerChanged{host, true});
    }
    bootFinished(engine, host);
}

/// The startup has finished when no job is left, which is when the boot's target has been reached.
void Hosts::bootFinished(Engine& engine, HostId host)
{
    constexpr Duration kLooksAgain = 500ms;
    Machine& machine = at(host);
    const auto target = machine.units.find(machine.boot.target);
    if (machine.boot.stage != BootStage::Running)
        return;
    if (target != machine.units.end() && target->second.state != Unit::State::Active) {
        after(engine, host, HostEvent::BootDone, kLooksAgain);
        return;
    }
    machine.boot.finished = engine.now();
    const double userspace = toSeconds(engine.now() - machine.boot.userspace);
    const double firmware = toSeconds(machine.boot.loader - machine.boot.firmware);
    const double loader = toSeconds(machine.boot.kernel - machine.boot.loader);
    const double kernel = toSeconds(machine.boot.userspace - machine.boot.kernel);
    log(engine, host, "systemd", "", 1, 6,
        fmt::format("Startup finished in {:.3f}s (firmware) + {:.3f}s (loader) + {:.3f}s (kernel) + {:.3f}s (userspace) = {:.3f}s.", firmware, loader, kernel, userspace,
                    firmware + loader + kernel + userspace));
}

bool Hosts::isolate(Engine& engine, net::Network& network, HostId host, const std::string& name)
{
    Machine& machine = at(host);
    const std::string target = name == "default" || name == "default.target" ? bootTarget(machine, "") : name;
    const auto found = machine.units.find(target);
    if (found == machine.units.end() || found->second.type != "target" || machine.power == Machine::Power::Off)
        return false;
    const bool stays = machine.boot.stage == BootStage::Emergency || machine.boot.stage == BootStage::Rescue;
    if (target == "rescue.target" || target == "emergency.target") {
        std::vector<std::string> running;
        for (const auto& [unitName, unit] : machine.units)
            if (unit.type != "target" && unit.type != "mount" && unit.state != Unit::State::Inactive && !isEarly(unit))
                running.push_back(unitName);
        for (const std::string& unitName : running)
            stopUnit(engine, network, host, unitName);
        if (network.hasStack(machine.stack))
            network.stack(machine.stack).up = false;
        network.changed(engine);
        machine.boot.stage = target == "rescue.target" ? BootStage::Rescue : BootStage::Emergency;
        setState(host, found->second, Unit::State::Active, "active", engine.now());
        machine.console.print(maintenanceText(machine.boot.stage));
        return true;
    }
    machine.boot.target = target;
    if (!stays || machine.power == Machine::Power::On) {
        if (stays) {
            machine.boot.stage = BootStage::Running;
            setUpNetwork(engine, network, host);
            for (const char* left : {"emergency.target", "rescue.target"})
                if (Unit* unit = this->unit(host, left))
                    setState(host, *unit, Unit::State::Inactive, "dead", engine.now());
        }
        std::vector<std::string> missing;
        for (const std::string& unitName : startOrder(machine))
            if (machine.units.at(unitName).state == Unit::State::Inactive)
                missing.push_back(unitName);
        for (const std::string& unitName : missing)
            start(engine, network, host, machine.units.at(unitName), 0);
        start(engine, network, host, found->second, 0);
        return true;
    }
    for (const char* left : {"emergency.target", "rescue.target"})
        if (Unit* unit = this->unit(host, left); unit != nullptr && unit->state == Unit::State::Active) {
            setState(host, *unit, Unit::State::Inactive, "dead", engine.now());
            unitLog(engine, host, *unit, 6, fmt::format("Stopped target {}.", titleOfUnit(*unit)));
        }
    for (auto& [unitName, unit] : machine.units)
        if (unit.type == "mount" && unit.state == Unit::State::Failed)
            setState(host, unit, Unit::State::Inactive, "dead", engine.now());
    bootServices(engine, network, host);
    return true;
}

} // namespace sim::host
