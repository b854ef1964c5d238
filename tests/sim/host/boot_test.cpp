// Boots that break and are repaired at the console, and what a clock starts.
#include "sim/host/accounts.h"
#include "sim/host/calendar.h"
#include "sim/host/cron.h"
#include "sim/host/grub.h"
#include "sim/host/journal_files.h"
#include "sim/host/mounts.h"
#include "sim/host/paths.h"
#include "tests/sim/host/one_machine.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace sim;
using namespace sim::host;

namespace {

std::string consoleText(OneMachine& lab)
{
    std::string text;
    for (const std::string& line : lab.machine().console.lines)
        text += line + "\n";
    return text;
}

bool consoleHas(OneMachine& lab, const std::string& words)
{
    return consoleText(lab).find(words) != std::string::npos;
}

void write(OneMachine& lab, const std::string& path, const std::string& text)
{
    ASSERT_EQ(lab.hosts.writeFile(lab.engine, lab.id, path, text, false), FileError::None) << path;
}

std::string fstabText(OneMachine& lab)
{
    return findFile(lab.machine(), "/etc/fstab")->content;
}

void replaceIn(OneMachine& lab, const std::string& path, const std::string& from, const std::string& to)
{
    std::string text = findFile(lab.machine(), path)->content;
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << path << " lacks " << from;
    text.replace(at, from.size(), to);
    write(lab, path, text);
}

std::string type(OneMachine& lab, const std::string& line)
{
    return lab.hosts.typeAtConsole(lab.engine, lab.net, lab.id, line);
}

std::string rootUuid(OneMachine& lab)
{
    return lab.machine().deviceOf("/dev/nvme0n1p2")->uuid;
}

bool has(const std::vector<std::string>& lines, const std::string& line)
{
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

} // namespace

TEST(Boot, IsAChartOfPhasesAndUnits)
{
    OneMachine lab;
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(60s);
    const Boot& boot = lab.machine().boot;
    EXPECT_EQ(boot.stage, BootStage::Running);
    ASSERT_GE(boot.steps.size(), 10u);
    EXPECT_EQ(boot.steps[0].name, "firmware");
    EXPECT_EQ(boot.steps[2].name, "kernel");
    for (const BootStep& step : boot.steps)
        EXPECT_LE(step.begin, step.end) << step.name;
    EXPECT_EQ(lab.machine().pastBoots.size(), 1u);
    EXPECT_TRUE(consoleHas(lab, "Welcome to Debian GNU/Linux 12 (bookworm)!"));
    EXPECT_TRUE(consoleHas(lab, "[  OK  ] Started kubelet.service"));
}

TEST(Boot, MissingKernelStopsAtTheMenuAndAnotherEntryBoots)
{
    OneMachine lab;
    lab.hosts.remove(lab.engine, lab.id, "/boot/vmlinuz-6.1.0-28-amd64");
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(5min);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Menu);
    EXPECT_TRUE(consoleHas(lab, "error: file `/boot/vmlinuz-6.1.0-28-amd64' not found."));
    const GrubConfig config = grubConfigOf(lab.machine());
    ASSERT_EQ(config.entries.size(), 5u);
    EXPECT_EQ(config.entries[3].title, "Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-26-amd64");
    type(lab, "3");
    lab.run(40s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Running);
    EXPECT_EQ(lab.machine().kernel, "6.1.0-26-amd64");
    write(lab, "/boot/grub/grub.cfg", grubConfigText(lab.machine())); // update-grub
    EXPECT_EQ(grubConfigOf(lab.machine()).entries.size(), 3u);
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(60s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Running);
}

TEST(Boot, WrongRootDropsToTheInitramfsAndThePromptRepairsIt)
{
    OneMachine lab;
    const std::string uuid = rootUuid(lab);
    replaceIn(lab, "/boot/grub/grub.cfg", "root=UUID=" + uuid, "root=UUID=0000dead");
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(3min);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::InitramfsShell);
    EXPECT_TRUE(consoleHas(lab, "ALERT!  UUID=0000dead does not exist.  Dropping to a shell!"));
    EXPECT_EQ(type(lab, "cat /proc/cmdline").find("BOOT_IMAGE=/boot/vmlinuz-6.1.0-28-amd64 root=UUID=0000dead"), 0u);
    EXPECT_NE(type(lab, "blkid").find(uuid), std::string::npos);
    type(lab, "reboot");
    lab.run(17s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Menu);
    type(lab, "c");
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Prompt);
    lab.run(1min);
    EXPECT_EQ(type(lab, "ls"), "(proc) (hd0) (hd0,gpt1) (hd0,gpt2)\n");
    EXPECT_NE(type(lab, "ls (hd0,gpt2)/boot/").find("vmlinuz-6.1.0-28-amd64"), std::string::npos);
    EXPECT_EQ(type(lab, "initrd /boot/x"), "error: you need to load the kernel first.\n");
    EXPECT_EQ(type(lab, "linux /boot/vmlinuz-6.1.0-28-amd64 root=UUID=" + uuid + " ro"), "");
    EXPECT_EQ(type(lab, "initrd /boot/initrd.img-6.1.0-28-amd64"), "");
    type(lab, "boot");
    lab.run(40s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Running);
}

TEST(Boot, FstabWithADeviceThatIsNotThereEndsInEmergencyMode)
{
    OneMachine lab;
    const std::string good = fstabText(lab);
    write(lab, "/etc/fstab", good + "UUID=1111-2222 /data ext4 defaults 0 2\n");
    const Instant from = lab.engine.now();
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(60s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Services);
    lab.run(90s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Emergency);
    EXPECT_EQ(lab.machine().power, Machine::Power::Booting);
    EXPECT_FALSE(lab.net.stack(lab.machine().stack).up);
    EXPECT_FALSE(lab.hosts.unitActive(lab.id, "ssh.service"));
    const auto lines = lab.journal(from);
    EXPECT_TRUE(has(lines, "Timed out waiting for device dev-disk-by\\x2duuid-1111\\x2d2222.device - /dev/disk/by-uuid/1111-2222."));
    EXPECT_TRUE(has(lines, "Dependency failed for data.mount - /data."));
    EXPECT_TRUE(has(lines, "Dependency failed for local-fs.target - Local File Systems."));
    EXPECT_TRUE(consoleHas(lab, "You are in emergency mode."));

    type(lab, "default"); // the mount units are the old ones still
    lab.run(95s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Emergency);
    write(lab, "/etc/fstab", good);
    lab.hosts.daemonReload(lab.engine, lab.id);
    type(lab, "default");
    lab.run(30s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Running);
    EXPECT_EQ(lab.machine().power, Machine::Power::On);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "ssh.service"));
}

TEST(Boot, NofailPassesAndEmergencyArgumentKeepsTheRootReadOnly)
{
    OneMachine lab;
    write(lab, "/etc/fstab", fstabText(lab) + "/dev/sdz1 /data ext4 defaults,nofail 0 2\n");
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(60s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Running);
    lab.run(60s);
    EXPECT_EQ(lab.machine().units.at("data.mount").state, Unit::State::Inactive);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Running);

    replaceIn(lab, "/boot/grub/grub.cfg", " quiet\n", " quiet emergency\n");
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(60s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Emergency);
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/etc/motd", "x", false), FileError::ReadOnly);
    EXPECT_EQ(lab.hosts.remount(lab.engine, lab.id, "/", "rw"), "");
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/etc/motd", "x", false), FileError::None);
    type(lab, "exit");
    lab.run(30s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Running);
}

TEST(Boot, WithoutAConfigurationThereIsOnlyThePrompt)
{
    OneMachine lab;
    lab.hosts.remove(lab.engine, lab.id, "/boot/grub/grub.cfg");
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(60s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Prompt);
    type(lab, "linux /boot/vmlinuz-6.1.0-28-amd64 root=/dev/nvme0n1p2");
    type(lab, "boot");
    lab.run(30s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Panic); // no initrd, no driver for the disk
    EXPECT_TRUE(consoleHas(lab, "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)"));
}

TEST(Boot, DefaultTargetAndIsolate)
{
    OneMachine lab;
    lab.hosts.setDefaultTarget(lab.engine, lab.id, "rescue.target");
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(60s);
    EXPECT_EQ(lab.machine().boot.stage, BootStage::Rescue);
    lab.hosts.setDefaultTarget(lab.engine, lab.id, "multi-user.target");
    EXPECT_TRUE(lab.hosts.isolate(lab.engine, lab.net, lab.id, "default"));
    lab.run(30s);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "ssh.service"));
    EXPECT_TRUE(lab.hosts.isolate(lab.engine, lab.net, lab.id, "rescue.target"));
    lab.run(5s);
    EXPECT_FALSE(lab.hosts.unitActive(lab.id, "ssh.service"));
    EXPECT_TRUE(lab.hosts.isolate(lab.engine, lab.net, lab.id, "multi-user.target"));
    lab.run(5s);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "ssh.service"));
    EXPECT_FALSE(lab.hosts.isolate(lab.engine, lab.net, lab.id, "nope.target"));
}

TEST(Mounts, HideAndGiveBackWhatLies)
{
    OneMachine lab;
    Machine& machine = lab.machine();
    BlockDevice disk{"/dev/nvme2n1", "/dev/nvme2n1", "aaaa-bbbb", "ext4", "", 10LL << 30, {}};
    disk.filesystem = {"/dev/nvme2n1", "ext4", "", 10LL << 30, 1 << 20, 0, 1000, 11, false};
    machine.devices.push_back(disk);
    write(lab, "/mnt/under", "old\n");
    EXPECT_EQ(lab.hosts.mount(lab.engine, lab.id, {"UUID=cccc", "/mnt", "", "defaults"}), "/mnt: can't find UUID=cccc.");
    EXPECT_EQ(lab.hosts.mount(lab.engine, lab.id, {"/dev/nvme2n1", "/nowhere", "", "defaults"}), "/nowhere: mount point does not exist.");
    EXPECT_EQ(lab.hosts.mount(lab.engine, lab.id, {"/dev/nvme2n1", "/mnt", "extt4", "defaults"}), "/mnt: unknown filesystem type 'extt4'.");
    ASSERT_EQ(lab.hosts.mount(lab.engine, lab.id, {"UUID=aaaa-bbbb", "/mnt", "ext4", "noexec"}), "");
    EXPECT_TRUE(machine.mountOf("/mnt/x").has("noexec"));
    EXPECT_EQ(findFile(machine, "/mnt/under"), nullptr);
    write(lab, "/mnt/new", "x");
    EXPECT_EQ(machine.units.at("mnt.mount").subState, "mounted");
    Process writer;
    writer.name = "app";
    openFile(machine, writer, {4, OpenFile::Kind::Regular, "/mnt/new", 0, true});
    const Pid pid = lab.hosts.spawn(lab.engine, lab.id, writer);
    EXPECT_EQ(lab.hosts.unmount(lab.engine, lab.id, "/mnt"), "/mnt: target is busy.");
    lab.hosts.signal(lab.engine, lab.net, lab.id, pid, 9);
    EXPECT_EQ(lab.hosts.unmount(lab.engine, lab.id, "/mnt"), "");
    EXPECT_NE(findFile(machine, "/mnt/under"), nullptr);
    EXPECT_EQ(findFile(machine, "/mnt/new"), nullptr);
    ASSERT_EQ(lab.hosts.mount(lab.engine, lab.id, {"/dev/nvme2n1", "/mnt", "auto", "ro"}), "");
    EXPECT_EQ(findFile(machine, "/mnt/new")->content, "x");
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/mnt/new", "y", false), FileError::ReadOnly);
    EXPECT_EQ(escapedPath("/srv/my-data"), "srv-my\\x2ddata");
}

TEST(Swap, IsMadeOnAndOff)
{
    OneMachine lab;
    lab.hosts.writeFile(lab.engine, lab.id, "/swapfile", "", false, 0600, 1LL << 30);
    EXPECT_EQ(lab.hosts.swapOn(lab.id, "/swapfile"), "/swapfile: read swap header failed");
    lab.hosts.writeFile(lab.engine, lab.id, "/swapfile", std::string(kSwapSignature), false, 0600, 1LL << 30);
    EXPECT_EQ(lab.hosts.swapOn(lab.id, "/swapfile"), "");
    EXPECT_EQ(lab.machine().swapBytes(), (1LL << 30) - 4096);
    EXPECT_EQ(lab.hosts.swapOff(lab.engine, lab.id, "/swapfile"), "");
    EXPECT_EQ(lab.machine().swapBytes(), 0);
}

TEST(Calendar, ExpressionsAndCron)
{
    const Instant at = instantOf(2026, 3, 2, 9, 30, 15); // a Monday
    EXPECT_EQ(nextElapse("daily", at), instantOf(2026, 3, 3, 0, 0, 0));
    EXPECT_EQ(nextElapse("hourly", at), instantOf(2026, 3, 2, 10, 0, 0));
    EXPECT_EQ(nextElapse("*:0/5", at), instantOf(2026, 3, 2, 9, 35, 0));
    EXPECT_EQ(nextElapse("Sun *-*-* 03:10:00", at), instantOf(2026, 3, 8, 3, 10, 0));
    EXPECT_EQ(nextElapse("Mon..Fri 09:00", at), instantOf(2026, 3, 3, 9, 0, 0));
    EXPECT_EQ(nextElapse("*-*-31 12:00:00", at), instantOf(2026, 3, 31, 12, 0, 0));
    EXPECT_FALSE(nextElapse("fortnightly", at));
    const Calendar c = calendarOf(at);
    EXPECT_EQ(c.weekday, 1);
    EXPECT_TRUE(cronTimeOf({"*/10", "9", "*", "*", "mon"})->fits(c));
    EXPECT_FALSE(cronTimeOf({"*/20", "*", "*", "*", "*"})->fits(c));
    EXPECT_TRUE(cronTimeOf({"30", "9", "2", "*", "5"})->fits(c)); // either day
    EXPECT_FALSE(cronTimeOf({"61", "*", "*", "*", "*"}));
    EXPECT_EQ(crontabError("* * * * *\n", false, "-"), "\"-\":1: bad command");
    EXPECT_EQ(crontabError("\n99 * * * * x\n", false, "-"), "\"-\":2: bad minute");
}

TEST(Cron, KillsWhoTheJobsUserMayKill)
{
    OneMachine lab;
    const auto start = [&](const char* user) {
        Process process;
        process.name = "python3";
        process.command = {"/usr/bin/python3", "train.py"};
        process.user = user;
        return lab.hosts.spawn(lab.engine, lab.id, process);
    };
    const Pid roots = start("root"), own = start("ops");
    write(lab, "/var/spool/cron/crontabs/ops", "* * * * * pkill -KILL -f train.py\n");
    lab.run(61s);
    EXPECT_TRUE(lab.machine().processes.contains(roots));
    EXPECT_FALSE(lab.machine().processes.contains(own));
    write(lab, "/etc/cron.d/janitor", "* * * * * root pkill -9 python\n");
    lab.run(60s);
    EXPECT_FALSE(lab.machine().processes.contains(roots));
}

TEST(Cron, RunsJobsByTheMinute)
{
    OneMachine lab;
    const Instant from = lab.engine.now();
    write(lab, "/var/spool/cron/crontabs/ops", "* * * * * echo hello >> /home/ops/out.log\n");
    write(lab, "/etc/cron.d/backup", "*/2 * * * * root /usr/local/bin/missing.sh\n");
    lab.hosts.changeMode(lab.id, "/home/ops", std::nullopt, "ops:ops");
    lab.run(4min + 1s);
    const auto lines = lab.journal(from, "cron.service");
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "(ops) CMD (echo hello >> /home/ops/out.log)"), 4);
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "(root) CMD (/usr/local/bin/missing.sh)"), 2);
    EXPECT_TRUE(has(lines, "(CRON) info (No MTA installed, discarding output)") || findFile(lab.machine(), "/usr/local/bin/missing.sh") == nullptr);
    ASSERT_NE(findFile(lab.machine(), "/home/ops/out.log"), nullptr);
    EXPECT_EQ(findFile(lab.machine(), "/home/ops/out.log")->content, "hello\nhello\nhello\nhello\n");
    lab.hosts.stopUnit(lab.engine, lab.net, lab.id, "cron.service");
    lab.run(3min);
    EXPECT_EQ(findFile(lab.machine(), "/home/ops/out.log")->size, 24);
}

TEST(Timers, StartTheirServices)
{
    OneMachine lab;
    write(lab, "/etc/systemd/system/tick.service", "[Service]\nType=oneshot\nExecStart=/usr/local/bin/tick.sh\n");
    write(lab, "/etc/systemd/system/tick.timer", "[Unit]\nDescription=Tick\n[Timer]\nOnCalendar=*:0/1\n[Install]\nWantedBy=timers.target\n");
    lab.hosts.writeFile(lab.engine, lab.id, "/usr/local/bin/tick.sh", "#!/bin/sh\necho tick >> /var/log/tick.log\n", false, 0755);
    lab.hosts.daemonReload(lab.engine, lab.id);
    ASSERT_TRUE(lab.hosts.startUnit(lab.engine, lab.net, lab.id, "tick.timer"));
    const Instant from = lab.engine.now();
    lab.run(3min + 1s);
    ASSERT_NE(findFile(lab.machine(), "/var/log/tick.log"), nullptr);
    EXPECT_EQ(findFile(lab.machine(), "/var/log/tick.log")->content, "tick\ntick\ntick\n");
    EXPECT_TRUE(has(lab.journal(from, "tick.service"), "Finished tick.service."));
    EXPECT_GT(lab.machine().units.at("tick.timer").timer.next, lab.engine.now());
    lab.hosts.writeFile(lab.engine, lab.id, "/usr/local/bin/tick.sh", "#!/bin/sh\nfalse\n", false, 0755);
    lab.run(1min);
    EXPECT_EQ(lab.machine().units.at("tick.service").state, Unit::State::Failed);
    EXPECT_GT(lab.machine().units.at("logrotate.timer").timer.next, lab.engine.now());
}

TEST(JournalFiles, GrowRotateAndVacuum)
{
    OneMachine lab;
    const Mount& root = lab.machine().mountOf("/var/log/journal");
    EXPECT_EQ(journalFiles(lab.machine()).size(), 3u);
    lab.machine().journalBytesPerSecond = 4 << 20;
    lab.hosts.watchGrowth(lab.engine, lab.id);
    lab.run(60s);
    lab.machine().journalBytesPerSecond = 0;
    EXPECT_GT(journalFiles(lab.machine()).size(), 3u);
    const std::int64_t before = lab.machine().usedBytes(root);
    lab.hosts.rotateJournal(lab.engine, lab.id);
    const auto gone = lab.hosts.vacuumJournal(lab.engine, lab.id, 100 << 20, Duration::max());
    std::int64_t freed = 0;
    for (const auto& [path, bytes] : gone)
        freed += bytes;
    EXPECT_GE(gone.size(), 2u);
    EXPECT_NEAR(static_cast<double>(before - lab.machine().usedBytes(root)), static_cast<double>(freed), 130e6);
    write(lab, "/etc/systemd/journald.conf", "[Journal]\nSystemMaxUse=200M\n");
    EXPECT_EQ(journalMaxUse(lab.machine()), 200LL << 20);
    lab.machine().journalBytesPerSecond = 4 << 20;
    lab.hosts.watchGrowth(lab.engine, lab.id);
    lab.run(5min);
    std::int64_t total = 0;
    for (const JournalFile& file : journalFiles(lab.machine()))
        total += file.sizeBytes;
    EXPECT_LE(total, 260LL << 20);
}

TEST(Accounts, GroupsSudoersAndAccess)
{
    OneMachine lab;
    Machine& machine = lab.machine();
    EXPECT_EQ(accountOf(machine, "ops")->uid, 1000);
    EXPECT_EQ(groupsOfUser(machine, "ops").size(), 2u);
    EXPECT_EQ(sudoRights(machine, "ops").size(), 2u);
    EXPECT_TRUE(sudoRights(machine, "prometheus").empty());
    EXPECT_EQ(sudoersError(machine, ""), "");
    write(lab, "/etc/sudoers.d/bad", "ops ALL NOPASSWD ALL\n");
    EXPECT_EQ(sudoersError(machine, "").find("/etc/sudoers.d/bad:1:"), 0u);
    const File secret{File::Type::Regular, 0640, "root", "sudo", "", 0, {}};
    EXPECT_TRUE(mayAccess(machine, secret, "ops", 4));
    EXPECT_FALSE(mayAccess(machine, secret, "ops", 2));
    EXPECT_FALSE(mayAccess(machine, secret, "nobody", 4));
    EXPECT_FALSE(mayAccess(machine, secret, "root", 1)); // nobody may execute it
    EXPECT_EQ(lab.hosts.setImmutable(lab.id, "/etc/hosts", true), FileError::None);
    EXPECT_EQ(lab.hosts.remove(lab.engine, lab.id, "/etc/hosts"), FileError::NotPermitted);
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/etc/hosts", "", false), FileError::NotPermitted);
}

TEST(SmallFiles, ThirtyThousandAreCounted)
{
    OneMachine lab;
    Machine& machine = lab.machine();
    const Mount& root = machine.mountOf("/var/spool/mass");
    const std::int64_t before = machine.usedInodes(root);
    lab.hosts.makeDirectory(lab.engine, lab.id, "/var/spool/mass");
    for (int i = 0; i < 30'000; ++i)
        machine.files["/var/spool/mass/m" + std::to_string(i)] = std::make_shared<File>(File{File::Type::Regular, 0644, "root", "root", "x", 1, {}});
    EXPECT_EQ(machine.usedInodes(root), before + 30'001);
    EXPECT_EQ(lab.hosts.list(lab.id, "/var/spool/mass", lab.engine.now())->size(), 30'000u);
    EXPECT_EQ(lab.hosts.remove(lab.engine, lab.id, "/var/spool/mass", true), FileError::None);
    EXPECT_EQ(machine.usedInodes(root), before);
}
