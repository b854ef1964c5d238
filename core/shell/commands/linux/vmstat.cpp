// vmstat of procps-ng 4.0.2.
#include "core/shell/commands/linux/cpu_split.h"
#include "core/shell/commands/linux/disk_load.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/usage_errors.h"
#include "sim/engine/split.h"
#include "sim/host/memory_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::node {

namespace {

CommandSpec vmstatSpecification();

/// A value of a "Name:   123 kB" or "name 123" file of /proc.
std::int64_t procValue(Invocation& inv, const std::string& file, const std::string& name)
{
    const std::string text = "\n" + inv.system().readFile(inv.place(), file).text;
    const std::size_t at = text.find("\n" + name);
    if (at == std::string::npos)
        return 0;
    const std::vector<std::string> words = splitWords(text.substr(at + 1, text.find('\n', at + 1) - at - 1));
    return words.size() > 1 ? parseNumber(words[1]).value_or(0) : 0;
}

/// What -S chooses.
struct VmstatUnit {
    std::int64_t bytes = 1024;
    char letter = 'K';
};

/// vmstat -s.
int vmstatTotals(Invocation& inv, const VmstatUnit& unit)
{
    const sim::host::Machine& machine = machineOf(inv);
    const DiskTotals disk = diskTotals(machine, inv.now());
    const sim::host::MemoryFigures m = sim::host::memoryFigures(machine);
    std::string text;
    const auto row = [&](std::int64_t value, const char* name) { text += fmt::format("{:>13} {}\n", value, name); };
    const auto size = [&](std::int64_t bytes, const char* name) { text += fmt::format("{:>13} {} {}\n", bytes / unit.bytes, unit.letter, name); };
    size(m.total, "total memory");
    size(m.total - m.available, "used memory");
    size(procValue(inv, "/proc/meminfo", "Active:") << 10, "active memory");
    size(procValue(inv, "/proc/meminfo", "Inactive:") << 10, "inactive memory");
    size(m.free, "free memory");
    size(m.buffers, "buffer memory");
    size(m.cached + m.slabReclaimable, "swap cache"); // procps calls its page cache so
    size(m.swapTotal, "total swap");
    size(m.swapTotal - m.swapFree, "used swap");
    size(m.swapFree, "free swap");
    const std::string stat = inv.system().readFile(inv.place(), "/proc/stat").text;
    const std::vector<std::string> ticks = splitWords(stat.substr(0, stat.find('\n')));
    constexpr const char* kTicks[] = {"non-nice user cpu ticks", "nice user cpu ticks", "system cpu ticks", "idle cpu ticks", "IO-wait cpu ticks",
                                      "IRQ cpu ticks", "softirq cpu ticks", "stolen cpu ticks", "non-nice guest cpu ticks", "nice guest cpu ticks"};
    for (std::size_t i = 0; i < std::size(kTicks); ++i)
        row(i + 1 < ticks.size() ? parseNumber(ticks[i + 1]).value_or(0) : 0, kTicks[i]);
    row(disk.readSectors / 2, "K paged in");
    row(disk.writtenSectors / 2, "K paged out");
    row(procValue(inv, "/proc/vmstat", "pswpin"), "pages swapped in");
    row(procValue(inv, "/proc/vmstat", "pswpout"), "pages swapped out");
    // Not counted one by one: what runs now, since the boot.
    const double up = sim::toSeconds(inv.now() - machine.booted);
    row(static_cast<std::int64_t>(interruptsPerSecond(machine) * up), "interrupts");
    row(static_cast<std::int64_t>(switchesPerSecond(machine) * up), "CPU context switches");
    row(procValue(inv, "/proc/stat", "btime"), "boot time");
    row(procValue(inv, "/proc/stat", "processes"), "forks");
    inv.print(text);
    return 0;
}

/// vmstat -m: /proc/slabinfo, which only root may read.
int vmstatSlabs(Invocation& inv)
{
    const ReadFile file = inv.system().readFile(inv.place(), "/proc/slabinfo");
    if (file.error != Errno::None)
        return inv.fail(1, fmt::format("Unable to create slabinfo structure: {}", describe(file.error)));
    std::string text = "Cache                       Num  Total   Size  Pages\n";
    constexpr std::size_t kSlabHeadLines = 2;
    std::size_t line = 0;
    for (const std::string& row : sim::linesOf(file.text)) {
        const std::vector<std::string> words = splitWords(row);
        if (++line > kSlabHeadLines && words.size() > 4)
            text += fmt::format("{:<24.24} {:>6} {:>6} {:>6} {:>6}\n", words[0], words[1], words[2], words[3], words[4]);
    }
    inv.print(text);
    return 0;
}

/// A line of /proc/diskstats.
struct DiskLine {
    std::string name;
    bool partition = false;
    DiskTotals totals;
};

/// The first disk does all the work; of its partitions the one that / lies on.
std::vector<DiskLine> diskLines(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    const DiskTotals busy = diskTotals(machine, inv.now());
    const auto bare = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
    const std::string root = bare(machine.mountOf("/").device);
    std::vector<DiskLine> lines;
    for (const sim::host::BlockDevice& device : machine.devices) {
        const std::string name = bare(device.path);
        lines.push_back({name, device.path != device.disk, name == kDisk || name == root ? busy : DiskTotals{}});
    }
    if (std::none_of(lines.begin(), lines.end(), [](const DiskLine& line) { return line.name == kDisk; }))
        lines.insert(lines.begin(), {kDisk, false, busy});
    std::stable_sort(lines.begin(), lines.end(), [](const DiskLine& a, const DiskLine& b) { return a.name < b.name; });
    return lines;
}

std::string vmstatStamp(Invocation& inv, bool stamp)
{
    return stamp ? " " + formatDate(inv.now(), "%Y-%m-%d %H:%M:%S") : "";
}

/// vmstat -d.
std::string diskHeader(bool wide, bool stamp)
{
    return std::string(wide ? "disk- -------------------reads------------------- -------------------writes------------------ ------IO-------"
                            : "disk- ------------reads------------ ------------writes----------- -----IO------")
        + (stamp ? " -----timestamp-----\n" : "\n")
        + (wide ? "          total    merged     sectors          ms     total    merged     sectors          ms     cur     sec"
                : "       total merged sectors      ms  total merged sectors      ms    cur    sec")
        + (stamp ? "                 UTC\n" : "\n");
}

std::string diskRows(Invocation& inv, bool wide, bool stamp)
{
    std::string text;
    for (const DiskLine& line : diskLines(inv)) {
        if (line.partition)
            continue;
        const DiskTotals& t = line.totals;
        text += fmt::format(fmt::runtime(wide ? "{:<5} {:>9} {:>9} {:>11} {:>11} {:>9} {:>9} {:>11} {:>11} {:>7} {:>7}" : "{:<5} {:>6} {:>6} {:>7} {:>7} {:>6} {:>6} {:>7} {:>7} {:>6} {:>6}"),
                            line.name, t.reads, 0, t.readSectors, t.readMilliseconds, t.writes, t.mergedWrites, t.writtenSectors, t.writeMilliseconds, t.inProgress, t.busyMilliseconds / 1000)
            + vmstatStamp(inv, stamp) + "\n";
    }
    return text;
}

/// vmstat -D: procps counts the disks' figures together, and prints the two times in seconds whatever it calls them.
int vmstatDiskSum(Invocation& inv)
{
    DiskTotals sum;
    std::int64_t disks = 0, partitions = 0;
    for (const DiskLine& line : diskLines(inv)) {
        ++(line.partition ? partitions : disks);
        if (!line.partition)
            sum += line.totals;
    }
    std::string text;
    const auto row = [&](std::int64_t value, const char* name) { text += fmt::format("{:>13} {}\n", value, name); };
    row(disks, "disks");
    row(partitions, "partitions");
    row(sum.reads, "total reads");
    row(0, "merged reads");
    row(sum.readSectors, "read sectors");
    row(sum.readMilliseconds, "milli reading");
    row(sum.writes, "writes");
    row(sum.mergedWrites, "merged writes");
    row(sum.writtenSectors, "written sectors");
    row(sum.writeMilliseconds, "milli writing");
    row(sum.inProgress, "inprogress IO");
    row(sum.busyMilliseconds / 1000, "milli spent IO");
    row((sum.readMilliseconds + sum.writeMilliseconds) / 1000, "milli weighted IO");
    inv.print(text);
    return 0;
}

/// vmstat -p: a partition or a whole disk, with or without /dev/.
std::optional<DiskLine> partitionNamed(Invocation& inv, std::string name)
{
    if (name.rfind("/dev/", 0) == 0)
        name.erase(0, 5);
    for (DiskLine& line : diskLines(inv))
        if (line.name == name)
            return std::move(line);
    return std::nullopt;
}

std::string partitionHeader(const std::string& name)
{
    return fmt::format("{:<10} {:>10}  {:>16}  {:>10}  {:>16}\n", name, "reads", "read sectors", "writes", "requested writes");
}

std::string partitionRow(const DiskTotals& t)
{
    return fmt::format("{:>21}  {:>16}  {:>10}  {:>16}\n", t.reads, t.readSectors, t.writes, t.writtenSectors);
}

struct VmstatView {
    bool active = false, wide = false, stamp = false;
    VmstatUnit unit;
};

std::string vmstatHeader(const VmstatView& v)
{
    std::string text = v.wide ? "--procs-- -----------------------memory---------------------- ---swap-- -----io---- -system-- ----------cpu----------"
                              : "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----";
    text += v.stamp ? " -----timestamp-----\n" : "\n";
    text += v.wide ? (v.active ? "   r    b         swpd         free        inact       active   si   so    bi    bo   in   cs  us  sy  id  wa  st  gu"
                               : "   r    b         swpd         free         buff        cache   si   so    bi    bo   in   cs  us  sy  id  wa  st  gu")
        : v.active ? " r  b   swpd   free  inact active   si   so    bi    bo   in   cs us sy id wa st"
                   : " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st";
    return text + (v.stamp ? "                 UTC\n" : "\n");
}

std::string vmstatLine(Invocation& inv, const VmstatView& v)
{
    const sim::host::Machine& machine = machineOf(inv);
    const sim::host::MemoryFigures m = sim::host::memoryFigures(machine);
    const TaskCounts tasks = taskCounts(machine);
    const CpuSplit cpu = cpuSplit(machine);
    const auto whole = [](double value) { return static_cast<std::int64_t>(value + 0.5); };
    const std::int64_t swapped = m.swapTotal - m.swapFree;
    const std::int64_t paging = swapped > 0 && machine.starvedOfMemory() ? swapped >> 18 : 0;
    const std::int64_t third = v.active ? procValue(inv, "/proc/meminfo", "Inactive:") << 10 : m.buffers;
    const std::int64_t fourth = v.active ? procValue(inv, "/proc/meminfo", "Active:") << 10 : m.cached + m.slabReclaimable;
    std::string text = fmt::format(fmt::runtime(v.wide ? "{:4} {:4} {:12} {:12} {:12} {:12} {:4} {:4} {:5} {:5} {:4} {:4} {:3} {:3} {:3} {:3} {:3}"
                                                       : "{:2} {:2} {:6} {:6} {:6} {:6} {:4} {:4} {:5} {:5} {:4} {:4} {:2} {:2} {:2} {:2} {:2}"),
                                   tasks.runnable, tasks.blocked, swapped / v.unit.bytes, m.free / v.unit.bytes, third / v.unit.bytes, fourth / v.unit.bytes, paging, paging * 2,
                                   whole(diskReadRate(machine) / 1024), whole(diskWriteRate(machine) / 1024), whole(interruptsPerSecond(machine)), whole(switchesPerSecond(machine)),
                                   whole(cpu.user + cpu.nice), whole(cpu.system), whole(cpu.idle), whole(cpu.wait), 0);
    text += v.wide ? fmt::format(" {:3}", 0) : "";
    return text + vmstatStamp(inv, v.stamp) + "\n";
}

int vmstat(Invocation& inv)
{
    std::vector<std::int64_t> numbers;
    for (const std::string& word : inv.operands) {
        const auto number = parseNumber(word);
        if (!number)
            return inv.fail(1, fmt::format("failed to parse argument: '{}'", word));
        numbers.push_back(*number);
    }
    if (!numbers.empty() && numbers[0] < 1)
        return inv.fail(1, "delay must be positive integer");
    if (numbers.size() > 2) {
        inv.err().write(procpsUsage(vmstatSpecification()));
        return 1;
    }
    VmstatView view;
    view.active = inv.options.has("active");
    view.wide = inv.options.has("wide");
    view.stamp = inv.options.has("timestamp");
    if (inv.options.has("unit")) {
        static const std::map<std::string, std::int64_t> kUnits{{"k", 1000}, {"K", 1024}, {"m", 1'000'000}, {"M", 1 << 20}};
        const auto unit = kUnits.find(inv.options.value("unit"));
        if (unit == kUnits.end())
            return inv.fail(1, "-S requires k, K, m or M (default is KiB)");
        view.unit = {unit->second, unit->first[0]};
    }
    noteHost(inv);
    if (inv.options.has("forks")) {
        inv.print(fmt::format("{:>13} forks\n", procValue(inv, "/proc/stat", "processes")));
        return 0;
    }
    if (inv.options.has("stats"))
        return vmstatTotals(inv, view.unit);
    if (inv.options.has("slabs"))
        return vmstatSlabs(inv);
    if (inv.options.has("disk-sum"))
        return vmstatDiskSum(inv);
    const std::string partition = inv.options.value("partition");
    if (inv.options.has("partition") && !partitionNamed(inv, partition))
        return inv.fail(1, fmt::format("Disk/Partition {} not found", partition));
    const std::int64_t count = numbers.size() > 1 ? std::max<std::int64_t>(1, numbers[1]) : numbers.empty() ? 1 : 0;
    const bool disks = inv.options.has("disk");
    inv.print(inv.options.has("partition") ? partitionHeader(partitionNamed(inv, partition)->name) : disks ? diskHeader(view.wide, view.stamp) : vmstatHeader(view));
    for (std::int64_t n = 0; count == 0 || n < count; ++n) {
        if (n > 0 || inv.options.has("no-first"))
            inv.sleep(std::chrono::seconds(numbers.empty() ? 1 : numbers[0]));
        inv.print(inv.options.has("partition") ? partitionRow(partitionNamed(inv, partition)->totals) : disks ? diskRows(inv, view.wide, view.stamp) : vmstatLine(inv, view));
    }
    return 0;
}

CommandSpec vmstatSpecification()
{
    CommandSpec spec;
    spec.name = "vmstat";
    spec.summary = "report virtual memory statistics";
    spec.usage = "vmstat [options] [delay [count]]";
    spec.options = {{'a', "active", "", "active/inactive memory"},
                    {'f', "forks", "", "number of forks since boot"},
                    {'m', "slabs", "", "slabinfo"},
                    {'n', "one-header", "", "do not redisplay header"},
                    {'s', "stats", "", "event counter statistics"},
                    {'d', "disk", "", "disk statistics"},
                    {'D', "disk-sum", "", "summarize disk statistics"},
                    {'p', "partition", "dev", "partition specific statistics"},
                    {'S', "unit", "char", "define display unit"},
                    {'w', "wide", "", "wide output"},
                    {'t', "timestamp", "", "show timestamp"},
                    {'y', "no-first", "", "skips first line of output"}};
    return spec;
}

} // namespace

void addVmstat(CommandTable& table)
{
    CommandSpec spec = vmstatSpecification();
    spec.run = vmstat;
    table.add(std::move(spec));
}

} // namespace core::shell::node
