// What a machine boots from and what its clock starts: disks, kernels, GRUB, /etc/fstab, targets, timers, crontabs, and the
// accounts and rights that go with them. As debootstrap and Debian 12's packages leave them.
#include "sim/host/boot.h"
#include "sim/host/grub.h"
#include "sim/host/mounts.h"
#include "sim/host/paths.h"
#include "sim/host/standard_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sim::host {

namespace {

constexpr const char* kOlderKernel = "6.1.0-26-amd64";

std::string uuidOf(const Machine& machine, const std::string& device)
{
    Fingerprint f;
    f.add(machine.machineId);
    f.add(device);
    const std::uint64_t high = f.value();
    f.add(std::uint64_t{1});
    const std::uint64_t low = f.value();
    return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xfff, (low >> 48) & 0xfff, low & 0xffffffffffffULL);
}

void put(Machine& machine, const std::string& path, std::string content, std::uint32_t mode = 0644, std::int64_t size = 0, const std::string& group = "root")
{
    const Instant installed = machine.booted - 24h * 40;
    for (std::string folder = parentPath(path); folder != "/" && machine.files.count(folder) == 0; folder = parentPath(folder))
        machine.files[folder] = std::make_shared<File>(File{File::Type::Directory, 0755, "root", "root", "", 4096, installed});
    machine.files[path] = std::make_shared<File>(File{File::Type::Regular, mode, "root", group, std::move(content), size, installed});
}

void putLink(Machine& machine, const std::string& path, const std::string& target)
{
    put(machine, path, target, 0777);
    auto link = std::make_shared<File>(*machine.files.at(path));
    link->type = File::Type::Symlink;
    machine.files[path] = std::move(link);
}

/// One partitioned disk for the system, and a whole one for data.
void addDevices(Machine& machine, const StandardMachine& d)
{
    const auto mountOn = [&](const std::string& device) {
        const auto found = std::find_if(machine.mounts.begin(), machine.mounts.end(), [&](const Mount& m) { return m.device == device; });
        return found == machine.mounts.end() ? Mount{} : *found;
    };
    const std::string disk = "/dev/nvme0n1";
    const Mount root = mountOn(disk + "p2"), efi = mountOn(disk + "p1");
    machine.devices.push_back({disk, disk, "", "", "", d.diskBytes + 512 * kMiB, {}});
    machine.devices.push_back({disk + "p1", disk, "51C4-9A0E", "vfat", "", 512 * kMiB, efi});
    machine.devices.push_back({disk + "p2", disk, uuidOf(machine, disk + "p2"), "ext4", "", d.diskBytes, root});
    if (d.dataDiskBytes > 0)
        machine.devices.push_back({"/dev/nvme1n1", "/dev/nvme1n1", uuidOf(machine, "/dev/nvme1n1"), "ext4", "data", d.dataDiskBytes, mountOn("/dev/nvme1n1")});
    for (Mount& m : machine.mounts) {
        if (m.path == "/")
            m.options = "relatime,errors=remount-ro";
        else if (m.type == "vfat")
            m.options = "relatime,fmask=0077,dmask=0077,codepage=437,iocharset=ascii,shortname=mixed,utf8,errors=remount-ro";
        else if (m.path == "/run")
            m.options = "nosuid,nodev,noexec,relatime,mode=755,inode64";
        else if (m.path == "/dev/shm")
            m.options = "nosuid,nodev,inode64";
        else if (m.path == "/dev")
            m.options = "nosuid,relatime,mode=755,inode64";
    }
    std::string fstab = "# /etc/fstab: static file system information.\n#\n# <file system> <mount point>   <type>  <options>       <dump>  <pass>\n";
    std::vector<BlockDevice> devices = machine.devices;
    std::stable_sort(devices.begin(), devices.end(), [](const BlockDevice& a, const BlockDevice& b) { return a.filesystem.path == "/" && b.filesystem.path != "/"; });
    for (const BlockDevice& device : devices)
        if (!device.uuid.empty() && !device.filesystem.path.empty())
            fstab += fmt::format("UUID={} {} {} {} 0 {}\n", device.uuid, device.filesystem.path, device.type,
                                 device.filesystem.path == "/"   ? "errors=remount-ro"
                                     : device.type == "vfat" ? "umask=0077"
                                                             : "defaults",
                                 device.filesystem.path == "/" ? 1 : 2);
    put(machine, "/etc/fstab", std::move(fstab));
}

void addKernels(Machine& machine)
{
    for (const std::string& kernel : {machine.kernel, std::string(kOlderKernel)}) {
        put(machine, "/boot/vmlinuz-" + kernel, "", 0644, 8'222'272);
        put(machine, "/boot/initrd.img-" + kernel, "", 0644, 38 * kMiB);
        put(machine, "/boot/config-" + kernel, "CONFIG_CGROUPS=y\nCONFIG_BLK_DEV_NVME=m\nCONFIG_EXT4_FS=m\n", 0644, 259'424);
        put(machine, "/boot/System.map-" + kernel, "", 0600, 83);
    }
    put(machine, "/etc/default/grub",
        "# If you change this file, run 'update-grub' afterwards to update\n# /boot/grub/grub.cfg.\n\nGRUB_DEFAULT=0\nGRUB_TIMEOUT=5\n"
        "GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"console=tty0 console=ttyS0,115200\"\n"
        "GRUB_TERMINAL=\"console serial\"\n");
    put(machine, "/boot/grub/grub.cfg", grubConfigText(machine), 0600);
}

struct StandardTarget {
    const char* name;
    const char* title;
    bool reached; ///< by a normal boot
};
constexpr StandardTarget kTargets[] = {{"local-fs.target", "Local File Systems", true},     {"sysinit.target", "System Initialization", true},
                                       {"basic.target", "Basic System", true},              {"network.target", "Network", true},
                                       {"network-online.target", "Network is Online", true}, {"timers.target", "Timer Units", true},
                                       {"multi-user.target", "Multi-User System", true},    {"graphical.target", "Graphical Interface", false},
                                       {"rescue.target", "Rescue Mode", false},             {"emergency.target", "Emergency Mode", false}};

void addTargets(Machine& machine)
{
    for (const StandardTarget& standard : kTargets) {
        Unit target;
        target.name = standard.name;
        target.description = standard.title;
        target.documentation = "man:systemd.special(7)";
        target.type = "target";
        target.path = std::string("/lib/systemd/system/") + standard.name;
        target.subState = "dead";
        target.restart = "no";
        target.enabled = standard.reached;
        target.loaded = machine.booted;
        put(machine, target.path, fmt::format("[Unit]\nDescription={}\nDocumentation=man:systemd.special(7)\n", standard.title));
        machine.units[target.name] = std::move(target);
    }
    putLink(machine, "/etc/systemd/system/default.target", "/lib/systemd/system/multi-user.target");
}

/// The packages' housekeeping: a timer and the service that it starts.
struct Housekeeping {
    const char* name;
    const char* timerTitle;
    const char* timer; ///< lines of [Timer]
    const char* title;
    const char* command;
};
constexpr Housekeeping kHousekeeping[]
    = {{"systemd-tmpfiles-clean", "Daily Cleanup of Temporary Directories", "OnBootSec=15min\nOnUnitActiveSec=1d\n", "Cleanup of Temporary Directories",
        "/usr/bin/systemd-tmpfiles --clean"},
       {"logrotate", "Daily rotation of log files", "OnCalendar=daily\nPersistent=true\n", "Rotate log files", "/usr/sbin/logrotate /etc/logrotate.conf"},
       {"dpkg-db-backup", "Daily dpkg database backup timer", "OnCalendar=daily\nPersistent=true\n", "Daily dpkg database backup service",
        "/usr/libexec/dpkg/dpkg-db-backup"},
       {"e2scrub_all", "Periodic ext4 Online Metadata Check for All Filesystems", "OnCalendar=Sun *-*-* 03:10:00\nPersistent=true\n",
        "Online ext4 Metadata Check for All Filesystems", "/usr/sbin/e2scrub_all"},
       {"fstrim", "Discard unused blocks once a week", "OnCalendar=weekly\nPersistent=true\n", "Discard unused blocks on filesystems from /etc/fstab",
        "/usr/sbin/fstrim --fstab --verbose --quiet"}};

void addTimers(Machine& machine, Instant now)
{
    for (const Housekeeping& work : kHousekeeping) {
        installUnit(machine,
                    {std::string(work.name) + ".service",
                     fmt::format("[Unit]\nDescription={}\n\n[Service]\nType=oneshot\nExecStart={}\n", work.title, work.command), 6 * kMiB, 0, {}, {}, 300ms, false},
                    now);
        installUnit(machine,
                    {std::string(work.name) + ".timer",
                     fmt::format("[Unit]\nDescription={}\n\n[Timer]\n{}\n[Install]\nWantedBy=timers.target\n", work.timerTitle, work.timer), 0, 0, {}, {}, {}, true},
                    now);
        TimerSettings& timer = machine.units.at(std::string(work.name) + ".timer").timer;
        if (timer.onBoot && timer.onUnitActive && machine.booted + *timer.onBoot < now) // as it has run since the boot
            timer.last = machine.booted + *timer.onBoot + (now - machine.booted - *timer.onBoot) / *timer.onUnitActive * *timer.onUnitActive;
        else if (!timer.onCalendar.empty())
            timer.last = timer.onCalendar.front() == "daily" ? now - Duration{now.time_since_epoch().count() % Duration(24h).count()} : Instant{};
    }
}

void addAccounts(Machine& machine)
{
    std::string group = "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\ntty:x:5:\ndisk:x:6:\nsudo:x:27:ops\nshadow:x:42:\nutmp:x:43:\nstaff:x:50:\nusers:x:100:\n"
                        "nogroup:x:65534:\nsystemd-journal:x:999:\nsystemd-network:x:998:\nmessagebus:x:107:\n_chrony:x:108:\nprometheus:x:109:\n";
    std::string shadow;
    const File* passwd = findFile(machine, "/etc/passwd");
    std::string_view text = passwd == nullptr ? std::string_view() : passwd->content;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string name = line.substr(0, line.find(':'));
        const bool person = line.find("/bin/bash") != std::string::npos;
        shadow += fmt::format("{}:{}:19785:0:99999:7:::\n", name, person ? "$y$j9T$8Nq1lab$0r4Wb7kGQ2" : "*");
        const std::size_t gid = line.find(':', line.find(':', line.find(':') + 1) + 1) + 1;
        const std::string id = line.substr(gid, line.find(':', gid) - gid);
        if (group.find(fmt::format(":x:{}:", id)) == std::string::npos) // Debian's accounts have groups of their own
            group += fmt::format("{}:x:{}:\n", name, id);
    }
    put(machine, "/etc/group", std::move(group));
    put(machine, "/etc/shadow", std::move(shadow), 0640, 0, "shadow");
    put(machine, "/etc/sudoers",
        "#\n# This file MUST be edited with the 'visudo' command as root.\n#\nDefaults\tenv_reset\nDefaults\tmail_badpass\n"
        "Defaults\tsecure_path=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\nDefaults\tuse_pty\n\n# User privilege specification\n"
        "root\tALL=(ALL:ALL) ALL\n\n# Allow members of group sudo to execute any command\n%sudo\tALL=(ALL:ALL) ALL\n\n@includedir /etc/sudoers.d\n",
        0440);
    put(machine, "/etc/sudoers.d/90-lab", "ops ALL=(ALL:ALL) NOPASSWD: ALL\n", 0440);
}

void addCrontabs(Machine& machine)
{
    put(machine, "/etc/crontab",
        "# /etc/crontab: system-wide crontab\n# Unlike any other crontab you don't have to run the `crontab'\n# command to install the new version when you edit this file\n\n"
        "SHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin\n\n"
        "17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n"
        "25 6\t* * *\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }\n"
        "47 6\t* * 7\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }\n"
        "52 6\t1 * *\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.monthly; }\n");
    const Instant installed = machine.booted - 24h * 40;
    for (const char* folder : {"/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly", "/boot/efi", "/usr/local", "/usr/local/bin", "/usr/local/sbin"})
        machine.files[folder] = std::make_shared<File>(File{File::Type::Directory, 0755, "root", "root", "", 4096, installed});
    machine.files["/var/spool/cron/crontabs"] = std::make_shared<File>(File{File::Type::Directory, 01730, "root", "crontab", "", 4096, installed});
}

/// Two archives behind the active file; the room they take was counted among the base's before.
void addJournalFiles(Machine& machine)
{
    constexpr std::int64_t kArchive = 64 * kMiB;
    const std::string folder = "/var/log/journal/" + machine.machineId + "/";
    for (int i = 2; i > 0; --i) {
        const Instant head = machine.booted - 24h * 12 * i;
        const std::string path = fmt::format("{}system@{}-{:016x}-{:016x}.journal", folder, machine.machineId, ++machine.journalSequence,
                                             static_cast<std::uint64_t>(head.time_since_epoch().count() / 1000));
        put(machine, path, "", 0640, kArchive, "systemd-journal");
        auto dated = std::make_shared<File>(*machine.files.at(path));
        dated->modified = head + 24h * 12;
        machine.files[path] = std::move(dated);
    }
    for (Mount& m : machine.mounts)
        if (m.path == "/")
            m.baseUsedBytes -= 2 * kArchive + 110 * kMiB; // and what lies in /boot
    for (BlockDevice& device : machine.devices)
        if (device.filesystem.path == "/")
            device.filesystem.baseUsedBytes -= 2 * kArchive + 110 * kMiB;
    machine.journalBytes = 61 * kMiB;
    put(machine, "/etc/systemd/journald.conf",
        "[Journal]\n#Storage=auto\n#Compress=yes\n#SystemMaxUse=\n#SystemKeepFree=\n#SystemMaxFileSize=\n#SystemMaxFiles=100\n#MaxRetentionSec=0\n#ForwardToSyslog=yes\n");
}

} // namespace

void addBootFiles(Machine& machine, const StandardMachine& d, Instant now)
{
    addDevices(machine, d);
    addKernels(machine);
    addTargets(machine);
    addTimers(machine, now);
    addAccounts(machine);
    addCrontabs(machine);
    addJournalFiles(machine);
}

void bootedAlready(Machine& machine)
{
    const GrubConfig config = grubConfigOf(machine);
    Boot& boot = machine.boot;
    boot.stage = BootStage::Running;
    if (!config.entries.empty())
        boot.entry = config.entries[config.standard];
    boot.target = bootTarget(machine, boot.entry.arguments);
    boot.kernel = machine.booted;
    boot.loader = machine.booted - config.timeout;
    boot.firmware = boot.loader - kFirmware;
    boot.userspace = machine.booted + kKernelBoot;
    boot.steps = {{"firmware", boot.firmware, boot.loader}, {"loader", boot.loader, boot.kernel}, {"kernel", boot.kernel, boot.userspace}};
    generateMountUnits(machine, machine.booted);
    for (auto& [name, unit] : machine.units) {
        const bool mounted = unit.type == "mount" && std::any_of(machine.mounts.begin(), machine.mounts.end(), [&](const Mount& m) { return m.path == unit.mount.where; });
        if (!mounted)
            continue;
        unit.state = Unit::State::Active;
        unit.subState = "mounted";
        unit.since = unit.activating = boot.userspace + 120ms;
        boot.steps.push_back({name, boot.userspace + 100ms, boot.userspace + 120ms});
    }
    machine.console.print(fmt::format("Debian GNU/Linux 12 {0} ttyS0\n\n{0} login: root (automatic login)", machine.name));
}

} // namespace sim::host
