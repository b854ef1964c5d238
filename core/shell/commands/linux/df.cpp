// df and du of coreutils 9.1, lsblk and mount of util-linux 2.38.1.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace core::shell::node {

namespace {

using sim::host::Mount;

/// ext4 keeps a twentieth for root.
std::int64_t available(const Mount& m, std::int64_t used)
{
    const std::int64_t reserved = m.type == "ext4" ? m.sizeBytes / 20 : 0;
    return std::max<std::int64_t>(0, m.sizeBytes - used - reserved);
}

std::string percent(std::int64_t used, std::int64_t free)
{
    const std::int64_t all = used + free;
    return all <= 0 ? "-" : fmt::format("{}%", (used * 100 + all - 1) / all); // rounded up, as df does
}

std::string table(std::vector<std::vector<std::string>> rows, std::size_t leftColumns)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths.size() <= i)
                widths.push_back(0);
            widths[i] = std::max(widths[i], row[i].size());
        }
    // coreutils' least widths: 14 for the device, 5 for figures, 4 for the percentage.
    widths[0] = std::max<std::size_t>(widths[0], 14);
    for (std::size_t i = leftColumns; i + 1 < widths.size(); ++i)
        widths[i] = std::max<std::size_t>(widths[i], i + 2 == widths.size() ? 4 : 5);
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool last = i + 1 == row.size();
            text += (i > 0 ? " " : "")
                + (last                  ? row[i]
                       : i < leftColumns ? fmt::format("{:<{}}", row[i], widths[i])
                                         : fmt::format("{:>{}}", row[i], widths[i]));
        }
        text += "\n";
    }
    return text;
}

int df(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    noteHost(inv);
    std::vector<Mount> mounts;
    if (inv.operands.empty()) {
        mounts = machine.mounts;
    } else {
        for (const std::string& path : inv.operands) {
            const std::string absolute = inv.absolutePath(path);
            if (!inv.system().stat(inv.place(), absolute)) {
                inv.fail(1, path + ": No such file or directory");
                continue;
            }
            mounts.push_back(machine.mountOf(absolute));
        }
        if (mounts.empty())
            return 1;
    }
    if (inv.place().container && inv.operands.empty()) {
        // A container sees its overlay, which lies on the machine's disk.
        mounts = {machine.mountOf("/var/lib/containerd")};
        mounts[0].device = mounts[0].type = "overlay";
        mounts[0].path = "/";
    }
    const std::string type = inv.options.value("type");
    const std::vector<std::string> excluded = inv.options.values("exclude-type");
    std::erase_if(mounts, [&](const Mount& m) {
        return (!type.empty() && m.type != type) || std::count(excluded.begin(), excluded.end(), m.type) > 0;
    });
    const bool human = inv.options.has("human-readable") || inv.options.has("si");
    const bool inodes = inv.options.has("inodes");
    const bool types = inv.options.has("print-type");
    const auto cell = [&](std::int64_t n, bool bytes) {
        return human ? humanSize(static_cast<double>(n))
                     : std::to_string(bytes ? n / (inv.options.has("m") ? 1048576 : 1024) : n);
    };
    std::vector<std::vector<std::string>> rows;
    rows.push_back(
        inodes ? std::vector<std::string>{"Filesystem", "Inodes", "IUsed", "IFree", "IUse%", "Mounted on"}
               : std::vector<std::string>{"Filesystem", human ? "Size" : "1K-blocks", "Used",
                                          human ? "Avail" : "Available", "Use%", "Mounted on"});
    if (types)
        rows[0].insert(rows[0].begin() + 1, "Type");
    for (const Mount& m : mounts) {
        const std::int64_t used = inodes ? machine.usedInodes(m) : machine.usedBytes(m);
        const std::int64_t all = inodes ? m.inodes : m.sizeBytes;
        const std::int64_t free = inodes ? std::max<std::int64_t>(0, all - used) : available(m, used);
        std::vector<std::string> row{m.device,
                                     cell(all, !inodes),
                                     cell(std::min(used, std::max<std::int64_t>(all, 0)), !inodes),
                                     cell(free, !inodes),
                                     percent(std::min(used, all), free),
                                     m.path};
        if (types)
            row.insert(row.begin() + 1, m.type);
        rows.push_back(std::move(row));
    }
    inv.print(table(std::move(rows), types ? 2 : 1));
    return 0;
}

int du(Invocation& inv)
{
    const bool human = inv.options.has("human-readable");
    std::int64_t depth = inv.options.has("summarize") ? 0 : INT32_MAX;
    if (inv.options.has("max-depth"))
        depth = parseNumber(inv.options.value("max-depth")).value_or(0);
    std::vector<std::string> paths = inv.operands.empty() ? std::vector<std::string>{"."} : inv.operands;
    int status = 0;
    std::string text;
    const auto line = [&](std::int64_t bytes, const std::string& name) {
        text += (human ? humanSize(static_cast<double>(bytes)) : std::to_string((bytes + 1023) / 1024)) + "\t"
            + name + "\n";
    };
    const std::function<std::int64_t(const std::string&, const std::string&, std::int64_t)> walk =
        [&](const std::string& path, const std::string& shown, std::int64_t level) -> std::int64_t {
        constexpr std::int64_t kBlock = 4096;
        const auto stat = inv.system().stat(inv.place(), path, false);
        if (!stat)
            return 0;
        std::int64_t bytes = stat->type == FileStat::Type::Symlink
            ? 0
            : (stat->size + kBlock - 1) / kBlock * kBlock;
        if (stat->type != FileStat::Type::Directory) {
            if (level == 0 || (inv.options.has("all") && level <= depth))
                line(bytes, shown);
            return bytes;
        }
        // What the world does not keep file by file lies in images and data below a mount.
        if (!inv.place().container)
            for (const Mount& m : machineOf(inv).mounts)
                if (m.path == path && path != "/")
                    bytes += m.baseUsedBytes + m.dataUsedBytes;
        if (!inv.place().container && path == "/var/lib/containerd"
            && machineOf(inv).mountOf(path).path != path)
            bytes += machineOf(inv).mountOf(path).dataUsedBytes;
        const auto entries = inv.system().list(inv.place(), path);
        if (!entries) {
            inv.err().write(fmt::format("du: cannot read directory '{}': Permission denied\n", shown));
            status = 1;
            return bytes;
        }
        for (const DirectoryEntry& entry : *entries)
            if (path != "/" || (entry.name != "proc" && entry.name != "sys"))
                bytes += walk((path == "/" ? "" : path) + "/" + entry.name,
                              (shown == "/" ? "" : shown) + "/" + entry.name, level + 1);
        if (level <= depth)
            line(bytes, shown);
        return bytes;
    };
    for (const std::string& path : paths) {
        const std::string absolute = inv.absolutePath(path);
        if (!inv.system().stat(inv.place(), absolute)) {
            inv.err().write(fmt::format("du: cannot access '{}': No such file or directory\n", path));
            status = 1;
            continue;
        }
        inv.noteRead("file/" + placeName(inv) + absolute);
        walk(absolute, path, 0);
    }
    inv.print(text);
    return status;
}

/// "/dev/nvme0n1p2" -> "nvme0n1".
std::string diskOf(const std::string& device)
{
    const std::string name = device.substr(device.rfind('/') + 1);
    const std::size_t p = name.rfind('p');
    return name.rfind("nvme", 0) == 0 && p != std::string::npos && p > 5 ? name.substr(0, p) : name;
}

std::string wholeSize(std::int64_t bytes)
{
    double value = static_cast<double>(bytes);
    static constexpr const char* kUnits[] = {"B", "K", "M", "G", "T"};
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < std::size(kUnits)) {
        value /= 1024;
        ++unit;
    }
    const std::string text = fmt::format("{:.1f}", value);
    return (text.substr(text.size() - 2) == ".0" ? text.substr(0, text.size() - 2) : text) + kUnits[unit];
}

int lsblk(Invocation& inv)
{
    noteHost(inv);
    std::map<std::string, std::vector<const Mount*>> disks;
    for (const Mount& m : machineOf(inv).mounts)
        if (m.device.rfind("/dev/", 0) == 0)
            disks[diskOf(m.device)].push_back(&m);
    std::string text = "NAME        MAJ:MIN RM   SIZE RO TYPE MOUNTPOINTS\n";
    int number = 0;
    for (auto& [disk, parts] : disks) {
        std::sort(parts.begin(), parts.end(),
                  [](const Mount* a, const Mount* b) { return a->device < b->device; });
        std::int64_t size = 0;
        for (const Mount* m : parts)
            size += m->sizeBytes + m->sizeBytes / 64;
        const bool whole = parts.size() == 1 && parts[0]->device == "/dev/" + disk;
        text += fmt::format("{:<11} 259:{:<3} {:>2} {:>6} {:>2} {:<4} {}\n", disk, number++, 0,
                            wholeSize(size), 0, "disk", whole ? parts[0]->path : "");
        if (!whole)
            for (std::size_t i = 0; i < parts.size(); ++i)
                text += fmt::format("{}{:<{}} 259:{:<3} {:>2} {:>6} {:>2} {:<4} {}\n",
                                    i + 1 < parts.size() ? "\u251c\u2500" : "\u2514\u2500",
                                    parts[i]->device.substr(5), 9, number++, 0,
                                    wholeSize(parts[i]->sizeBytes + parts[i]->sizeBytes / 64),
                                    parts[i]->readOnly ? 1 : 0, "part", parts[i]->path);
    }
    inv.print(text);
    return 0;
}

int mount(Invocation& inv)
{
    noteHost(inv);
    if (!inv.operands.empty())
        return isRoot(inv) ? inv.fail(32, "the lab's disks cannot be mounted by hand")
                           : inv.fail(1, "only root can do that");
    std::string text;
    for (const Mount& m : machineOf(inv).mounts) {
        const std::string type = inv.options.value("types");
        if (type.empty() || type == m.type)
            text += fmt::format("{} on {} type {} ({},relatime{})\n", m.device, m.path, m.type,
                                m.readOnly ? "ro" : "rw", m.type == "ext4" ? ",errors=remount-ro" : "");
    }
    inv.print(text);
    return 0;
}

} // namespace

void addDf(CommandTable& all)
{
    const auto add = [&](const char* name, const char* summary, std::vector<OptionSpec> options,
                         int (*run)(Invocation&)) {
        CommandSpec spec;
        spec.name = name;
        spec.summary = summary;
        spec.usage = std::string(name) + " [OPTION]... [FILE]...";
        spec.options = std::move(options);
        spec.run = run;
        all.add(std::move(spec));
    };
    add("df", "report file system space usage",
        {{'h', "human-readable", "", "print sizes in powers of 1024"},
         {'H', "si", "", "print sizes in powers of 1000"},
         {'i', "inodes", "", "list inode information instead of block usage"},
         {'T', "print-type", "", "print file system type"},
         {'t', "type", "TYPE", "limit listing to file systems of type TYPE"},
         {'x', "exclude-type", "TYPE", "limit listing to file systems not of type TYPE"},
         {'k', "", "", "like --block-size=1K"},
         {'m', "", "", "like --block-size=1M"},
         {'a', "all", "", "include pseudo file systems"},
         {'l', "local", "", "limit listing to local file systems"},
         {'P', "portability", "", "use the POSIX output format"}},
        df);
    add("du", "estimate file space usage",
        {{'h', "human-readable", "", "print sizes in human readable format"},
         {'s', "summarize", "", "display only a total for each argument"},
         {'d', "max-depth", "N", "print the total only if it is N or fewer levels below"},
         {'a', "all", "", "write counts for all files"},
         {'x', "one-file-system", "", "skip directories on different file systems"},
         {'c', "total", "", "produce a grand total"},
         {'k', "", "", "like --block-size=1K"},
         {'m', "", "", "like --block-size=1M"}},
        du);
    add("lsblk", "list block devices",
        {{'f', "fs", "", "output info about filesystems"}, {'o', "output", "list", "output columns"}}, lsblk);
    add("mount", "mount a filesystem",
        {{'t', "types", "list", "limit the set of filesystem types"},
         {'l', "", "", "show labels"},
         {'o', "options", "list", "mount options"}},
        mount);
}

} // namespace core::shell::node
