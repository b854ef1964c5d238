// iostat of sysstat 12.6.1 and iotop 0.6: the machine's one disk, and who writes to it.
#include "core/shell/commands/linux/cpu_split.h"
#include "core/shell/commands/linux/disk_load.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/usage_errors.h"
#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

/// What iostat is to show.
struct IostatRequest {
    bool cpu = true, devices = true, extended = false, omitsIdle = false, mega = false, stamp = false, skipsFirst = false;
    bool partitions = false;
    std::vector<std::string> names; ///< empty: all disks
    std::string persistent;         ///< -j: UUID or LABEL
    std::vector<std::int64_t> numbers;
};

/// A device as it is listed.
struct IostatDevice {
    std::string name;
    bool busy = false; ///< it has the machine's load
    const sim::storage::ceph::Osd* osd = nullptr; ///< whose drive it is
};

std::string bareDeviceName(const std::string& path)
{
    return path.substr(path.rfind('/') + 1);
}

/// What an OSD and its drive do now: whole objects, in requests of half a mebibyte.
DiskLoad osdLoad(const sim::storage::ceph::Osd& osd)
{
    constexpr double kRequestKilobytes = 512;
    const double busy = std::max(1e-9, osd.busy);
    DiskLoad load;
    load.kilobytes = osd.writtenPerSecond / 1024;
    load.writes = load.kilobytes / kRequestKilobytes;
    load.readKilobytes = osd.readPerSecond / 1024;
    load.reads = load.readKilobytes / kRequestKilobytes;
    load.flushMilliseconds = load.writes > 0 ? osd.commitLatency * 1e3 : 0;
    load.readMilliseconds = load.reads > 0 ? kRequestKilobytes * 1024 / (osd.device.readBytesPerSecond / osd.device.slowdown) * 1e3 / (1 - std::min(0.95, busy)) : 0;
    load.utilisation = osd.busy;
    return load;
}

const sim::storage::ceph::Osd* osdOn(const sim::World& world, const sim::host::Machine& machine, const std::string& path)
{
    for (const sim::storage::ceph::Osd& osd : world.ceph().osds())
        if (world.ceph().hosts()[osd.host].machine == machine.id && osd.device.path == path)
            return &osd;
    return nullptr;
}

std::vector<IostatDevice> iostatDevices(const sim::World& world, const sim::host::Machine& machine, const IostatRequest& r)
{
    const std::string root = bareDeviceName(machine.mountOf("/").device);
    std::vector<IostatDevice> shown;
    const auto asks = [&](const std::string& name) { return r.names.empty() || std::find(r.names.begin(), r.names.end(), name) != r.names.end(); };
    bool known = false;
    for (const sim::host::BlockDevice& device : machine.devices) {
        const std::string name = bareDeviceName(device.path), disk = bareDeviceName(device.disk);
        known = known || name == kDisk;
        const bool wanted = device.path == device.disk ? asks(name) : r.partitions ? asks(disk) || asks(name) : !r.names.empty() && asks(name);
        if (!wanted)
            continue;
        const std::string& other = r.persistent == "UUID" ? device.uuid : device.label;
        shown.push_back({r.persistent.empty() || other.empty() ? name : other, name == kDisk || name == root, osdOn(world, machine, device.path)});
    }
    if (!known && asks(kDisk))
        shown.insert(shown.begin(), {kDisk, true, nullptr});
    return shown;
}

std::string basicLine(const IostatRequest& r, const IostatDevice& device, const DiskLoad& load, double seconds)
{
    const double unit = r.mega ? 1024 : 1;
    return fmt::format("{:<14}{:8.2f} {:12.2f} {:12.2f} {:12.2f} {:10} {:10} {:10}\n", device.name, load.writes + load.reads, load.readKilobytes / unit, load.kilobytes / unit, 0.0,
                       static_cast<std::int64_t>(load.readKilobytes * seconds / unit), static_cast<std::int64_t>(load.kilobytes * seconds / unit), 0);
}

std::string extendedLine(const IostatRequest& r, const IostatDevice& device, const DiskLoad& load)
{
    const double unit = r.mega ? 1024 : 1;
    return fmt::format("{:<14}{:7.2f} {:9.2f} {:8.2f} {:6.2f} {:7.2f} {:8.2f} {:7.2f} {:9.2f} {:8.2f} {:6.2f} {:7.2f} {:8.2f} {:7.2f} {:9.2f} "
                       "{:8.2f} {:6.2f} {:7.2f} {:8.2f} {:7.2f} {:7.2f} {:7.2f} {:6.2f}\n",
                       device.name, load.reads, load.readKilobytes / unit, 0.0, 0.0, load.readMilliseconds, load.reads > 0 ? kReadRequestKilobytes : 0.0, load.writes, load.kilobytes / unit, 0.0,
                       0.0, load.writeMilliseconds(), load.writes > 0 ? load.kilobytes / load.writes : 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, device.busy ? 9.5 : 0.0, load.flushMilliseconds,
                       load.queue(), load.utilisation * 100);
}

void printIostat(Invocation& inv, const IostatRequest& r, double seconds)
{
    const sim::host::Machine& machine = machineOf(inv);
    if (r.stamp)
        inv.print(formatDate(inv.now(), "%m/%d/%y %H:%M:%S") + "\n");
    if (r.cpu) {
        const CpuSplit cpu = cpuSplit(machine);
        inv.print("avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n");
        inv.print(fmt::format("        {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:7.2f}\n\n", cpu.user, cpu.nice, cpu.system, cpu.wait, 0.0, cpu.idle));
    }
    if (!r.devices)
        return;
    const std::string_view unit = r.mega ? "MB" : "kB";
    std::string text = r.extended
        ? fmt::format("Device            r/s     r{0}/s   rrqm/s  %rrqm r_await rareq-sz     w/s     w{0}/s   wrqm/s  %wrqm w_await wareq-sz     "
                      "d/s     d{0}/s   drqm/s  %drqm d_await dareq-sz     f/s f_await  aqu-sz  %util\n", unit)
        : fmt::format("Device             tps    {0}_read/s    {0}_wrtn/s    {0}_dscd/s    {0}_read    {0}_wrtn    {0}_dscd\n", unit);
    for (const IostatDevice& device : iostatDevices(inv.door().world(), machine, r)) {
        const DiskLoad load = device.osd != nullptr ? osdLoad(*device.osd) : device.busy ? diskLoad(machine) : DiskLoad{};
        if (!r.omitsIdle || load.writes + load.reads > 0)
            text += r.extended ? extendedLine(r, device, load) : basicLine(r, device, load, seconds);
    }
    inv.print(text + "\n\n");
}

int iostatUsage(Invocation& inv)
{
    inv.err().write(sysstatUsage("iostat"));
    return 1;
}

/// Words: devices, then the interval and the count. -p takes the word after it when that is no number.
std::optional<int> readIostat(Invocation& inv, IostatRequest& r)
{
    const Options& options = inv.options;
    r.extended = options.has("x");
    r.omitsIdle = options.has("z");
    r.mega = options.has("m");
    r.stamp = options.has("t");
    r.skipsFirst = options.has("y");
    r.cpu = !options.has("d") || options.has("c");
    r.devices = !options.has("c") || options.has("d") || options.has("x") || options.has("p");
    r.partitions = options.has("p");
    if (options.has("j")) {
        r.persistent = sim::raised(options.value("j"));
        if (r.persistent != "UUID" && r.persistent != "LABEL") {
            inv.err().write("Invalid type of persistent device name\n");
            return 1;
        }
    }
    std::vector<std::string> words = inv.operands;
    const std::string attached = options.value("p");
    if (!attached.empty())
        words.insert(words.begin(), attached);
    for (const std::string& word : words)
        if (const auto number = parseNumber(word))
            r.numbers.push_back(*number);
        else if (!r.numbers.empty()) // a device after the interval
            return iostatUsage(inv);
        else if (word != "ALL")
            for (const std::string& name : sim::split(word, ','))
                r.names.push_back(bareDeviceName(name));
    if (r.numbers.size() > 2 || (!r.numbers.empty() && r.numbers[0] < 1) || (r.numbers.size() > 1 && r.numbers[1] < 1))
        return iostatUsage(inv);
    return std::nullopt;
}

int iostat(Invocation& inv)
{
    IostatRequest r;
    if (const auto status = readIostat(inv, r))
        return *status;
    noteHost(inv);
    inv.print(sysstatBanner(inv));
    // The first report is about all the time since the boot; -y leaves it out.
    double seconds = sim::toSeconds(inv.now() - machineOf(inv).booted);
    for (std::int64_t shown = r.skipsFirst && !r.numbers.empty() ? 0 : 1;; ++shown) {
        if (shown > 0)
            printIostat(inv, r, seconds);
        if (r.numbers.empty() || (r.numbers.size() > 1 && shown >= r.numbers[1]))
            return 0;
        seconds = static_cast<double>(r.numbers[0]);
        inv.sleep(std::chrono::seconds(r.numbers[0]));
    }
}

std::string rateText(double bytes)
{
    static constexpr const char* kUnits[] = {"B/s", "K/s", "M/s", "G/s"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < std::size(kUnits)) {
        bytes /= 1024;
        ++unit;
    }
    return fmt::format("{:.2f} {}", bytes, kUnits[unit]);
}

int iotop(Invocation& inv)
{
    if (!isRoot(inv))
        return inv.fail(1, "netlink: permission denied; run it as root (sudo iotop -b -n 1)");
    noteHost(inv);
    const sim::host::Machine& machine = machineOf(inv);
    const double scale = std::max(1.0, machine.diskDemand());
    std::vector<const sim::host::Process*> shown;
    double total = kQuietKilobytesPerSecond * 1024;
    for (const sim::host::Process* process : visibleProcesses(inv)) {
        const double rate = process->state == 'T' ? 0 : process->syncedBytesPerSecond / scale;
        total += rate;
        if (rate > 0 || (process->runs() && process->readBytesPerSecond > 0) || (!inv.options.has("only") && !process->kernelThread))
            shown.push_back(process);
    }
    std::stable_sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) { return a->syncedBytesPerSecond > b->syncedBytesPerSecond; });
    inv.print(fmt::format("Total DISK READ:   {:>14} | Total DISK WRITE:   {:>14}\n", rateText(diskReadRate(machine)), rateText(total)));
    inv.print(fmt::format("Current DISK READ: {:>14} | Current DISK WRITE: {:>14}\n", rateText(diskReadRate(machine)), rateText(total)));
    inv.print("    TID  PRIO  USER     DISK READ  DISK WRITE  COMMAND\n");
    for (const sim::host::Process* process : shown) {
        std::string command;
        for (const std::string& word : process->command)
            command += (command.empty() ? "" : " ") + word;
        inv.print(fmt::format("{:>7} be/4 {:<8} {:>10} {:>11}  {}\n", process->pid, process->user.substr(0, 8), rateText(process->runs() ? process->readBytesPerSecond / scale : 0),
                              rateText(process->state == 'T' ? 0 : process->syncedBytesPerSecond / scale), command.empty() ? process->name : command));
    }
    return 0;
}

} // namespace

void addIostat(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "iostat";
    spec.summary = "report CPU statistics and input/output statistics for devices and partitions";
    spec.usage = "iostat [ options ] [ <interval> [ <count> ] ]";
    spec.options = {{'x', "", "", "display extended statistics"}, {'d', "", "", "display the device utilization report"}, {'c', "", "", "display the CPU utilization report"},
                    {'z', "", "", "omit devices without activity"}, {'k', "", "", "kilobytes per second"}, {'m', "", "", "megabytes per second"}, {'t', "", "", "print the time of each report"}, {'N', "", "", "names of device mapper devices"},
                    {'p', "", "device", "statistics of partitions", true}, {'j', "", "TYPE", "persistent names of devices: UUID or LABEL"}, {'y', "", "", "omit the first report"}};
    spec.run = iostat;
    table.add(spec);
    spec = {};
    spec.name = "iotop";
    spec.summary = "simple top-like I/O monitor";
    spec.usage = "iotop [OPTIONS]";
    spec.options = {{'o', "only", "", "only show processes or threads actually doing I/O"}, {'b', "batch", "", "non-interactive mode"},
                    {'n', "iter", "NUM", "number of iterations before ending"}, {'P', "processes", "", "only show processes, not all threads"}};
    spec.run = iotop;
    table.add(std::move(spec));
}

} // namespace core::shell::node
