// df and du of coreutils 9.1.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/mount_room.h"
#include "core/shell/numbers.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace core::shell::node {

namespace {

using sim::host::Mount;

std::string percent(std::int64_t used, std::int64_t free)
{
    const std::int64_t all = used + free;
    return all <= 0 ? "-" : fmt::format("{}%", (used * 100 + all - 1) / all); // rounded up, as df does
}

/// coreutils' least widths: 14 for the device, 5 for sizes, 4 for percentages and types.
std::string table(std::vector<std::vector<std::string>> rows, const std::vector<std::string>& fields, std::size_t leftColumns)
{
    std::vector<std::size_t> widths;
    for (const std::string& field : fields)
        widths.push_back(field == "source" ? 14 : field == "pcent" || field == "ipcent" || field == "fstype" ? 4 : field == "target" || field == "file" ? 0 : 5);
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool left = i < leftColumns || fields[i] == "file" || fields[i] == "target";
            text += (i > 0 ? " " : "") + (i + 1 == row.size() && left ? row[i] : left ? fmt::format("{:<{}}", row[i], widths[i]) : fmt::format("{:>{}}", row[i], widths[i]));
        }
        text += "\n";
    }
    return text;
}

constexpr const char* kFields[] = {"source", "fstype", "itotal", "iused", "iavail", "ipcent", "size", "used", "avail", "pcent", "file", "target"};

std::vector<std::string> fieldsOf(const std::string& list)
{
    if (list.empty())
        return {std::begin(kFields), std::end(kFields)};
    return sim::split(list, ',');
}

/// How sizes are shown.
struct Scale {
    bool human = false;
    std::int64_t base = 1024;   ///< of -h and -H
    std::int64_t block = 1024;
    std::string suffix;         ///< "M" of -BM: printed behind each figure
    std::string blockName = "1K";
};

/// coreutils' human_readable() with powers of 1000: "8.4G", "3.2M", "512k".
std::string thousandsSize(double bytes)
{
    constexpr std::string_view kUnits = "kMGTPE";
    if (bytes < 1000)
        return fmt::format("{:.0f}", bytes);
    std::size_t unit = 0;
    for (bytes /= 1000; bytes >= 1000 && unit + 1 < kUnits.size(); ++unit)
        bytes /= 1000;
    const double tenths = std::ceil(bytes * 10) / 10;
    return tenths < 10 ? fmt::format("{:.1f}{}", tenths, kUnits[unit]) : fmt::format("{:.0f}{}", std::ceil(bytes), kUnits[unit]);
}

/// From -h, -H, -k, -m, -B; nothing when -B's value is none.
std::optional<Scale> blockScale(Invocation& inv)
{
    Scale scale;
    scale.human = inv.options.has("human-readable") || inv.options.has("si");
    scale.base = inv.options.has("si") ? 1000 : 1024;
    if (inv.options.has("m")) {
        scale.block = 1 << 20;
        scale.blockName = "1M";
    }
    if (!inv.options.has("block-size"))
        return scale;
    const std::string text = inv.options.value("block-size");
    const bool bare = !text.empty() && (text[0] < '0' || text[0] > '9');
    const auto bytes = parseBytes((bare ? "1" : "") + text);
    if (!bytes || *bytes <= 0)
        return std::nullopt;
    scale.block = *bytes;
    scale.suffix = bare ? text : "";
    scale.blockName = text == "1" ? "1" : bare ? "1" + text : text;
    scale.blockName += scale.blockName == "1" ? "B" : "";
    return scale;
}

std::string sizeText(std::int64_t bytes, const Scale& scale)
{
    if (scale.human)
        return scale.base == 1000 ? thousandsSize(static_cast<double>(bytes)) : humanSize(static_cast<double>(bytes));
    return std::to_string((bytes + scale.block - 1) / scale.block) + scale.suffix;
}

/// One file system's figures.
struct Usage {
    std::string device, type, path;
    std::int64_t size = 0, used = 0, free = 0;
    std::int64_t inodes = 0, usedInodes = 0;

    void add(const Usage& other)
    {
        size += other.size;
        used += other.used;
        free += other.free;
        inodes += other.inodes;
        usedInodes += other.usedInodes;
    }
};

Usage usageOf(const sim::host::Machine& machine, const Mount& m)
{
    Usage usage{m.device, m.type, m.path};
    usage.size = m.sizeBytes;
    usage.used = std::min(machine.usedBytes(m), std::max<std::int64_t>(m.sizeBytes, 0));
    usage.free = roomFor(m, usage.used);
    usage.inodes = m.inodes;
    usage.usedInodes = std::min(machine.usedInodes(m), m.inodes);
    return usage;
}

/// `all`: --output without a list, where "Avail" is what the size's column is called too.
std::string headerOf(const std::string& field, const Scale& scale, bool posix, bool all)
{
    if (field == "size")
        return scale.human ? "Size" : posix ? fmt::format("{}-blocks", scale.block) : scale.blockName + "-blocks";
    if (field == "avail")
        return scale.human || all ? "Avail" : "Available";
    if (field == "pcent")
        return posix ? "Capacity" : "Use%";
    static const std::map<std::string, std::string> kHeaders{{"source", "Filesystem"}, {"fstype", "Type"}, {"itotal", "Inodes"}, {"iused", "IUsed"}, {"iavail", "IFree"},
                                                             {"ipcent", "IUse%"}, {"used", "Used"}, {"file", "File"}, {"target", "Mounted on"}};
    return kHeaders.at(field);
}

std::vector<std::string> rowOf(const std::vector<std::string>& fields, const Usage& u, const Scale& scale, const std::string& file)
{
    std::vector<std::string> row;
    const std::int64_t freeInodes = std::max<std::int64_t>(0, u.inodes - u.usedInodes);
    const auto count = [&](std::int64_t n) { return scale.human ? humanSize(static_cast<double>(n)) : std::to_string(n); };
    for (const std::string& field : fields)
        row.push_back(field == "source"       ? u.device
                          : field == "fstype" ? u.type
                          : field == "itotal" ? count(u.inodes)
                          : field == "iused"  ? count(u.usedInodes)
                          : field == "iavail" ? count(freeInodes)
                          : field == "ipcent" ? percent(u.usedInodes, freeInodes)
                          : field == "size"   ? sizeText(u.size, scale)
                          : field == "used"   ? sizeText(u.used, scale)
                          : field == "avail"  ? sizeText(u.free, scale)
                          : field == "pcent"  ? percent(u.used, u.free)
                          : field == "file"   ? file
                                              : u.path);
    return row;
}

int df(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    noteHost(inv);
    int status = 0;
    std::vector<Mount> mounts;
    if (inv.operands.empty()) {
        mounts = machine.mounts;
    } else {
        for (const std::string& path : inv.operands) {
            const std::string absolute = inv.absolutePath(path);
            if (!inv.system().stat(inv.place(), absolute)) {
                status = inv.fail(1, path + ": No such file or directory");
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
    if (mounts.empty()) {
        inv.err().write("df: no file systems processed\n");
        return 1;
    }
    const auto scale = blockScale(inv);
    if (!scale) {
        inv.err().write(fmt::format("df: invalid -B argument '{}'\n", inv.options.value("block-size")));
        return 1;
    }
    std::vector<std::string> fields;
    if (inv.options.has("output")) {
        fields = fieldsOf(inv.options.value("output"));
        for (const std::string& field : fields)
            if (std::find(std::begin(kFields), std::end(kFields), field) == std::end(kFields)) {
                inv.err().write(fmt::format("df: option --output: field ‘{}’ unknown\nTry 'df --help' for more information.\n", field));
                return 1;
            }
    } else if (inv.options.has("inodes")) {
        fields = {"source", "itotal", "iused", "iavail", "ipcent", "target"};
    } else {
        fields = {"source", "size", "used", "avail", "pcent", "target"};
    }
    if (inv.options.has("print-type") && !inv.options.has("output"))
        fields.insert(fields.begin() + 1, "fstype");
    std::vector<std::vector<std::string>> rows(1);
    const bool all = inv.options.has("output") && inv.options.value("output").empty();
    for (const std::string& field : fields)
        rows[0].push_back(headerOf(field, *scale, inv.options.has("portability"), all));
    Usage total{"total", "-", "-"};
    std::size_t next = 0;
    for (const Mount& m : mounts) {
        const std::string file = inv.operands.empty() || next >= inv.operands.size() ? "-" : inv.operands[next++];
        const Usage usage = usageOf(machine, m);
        total.add(usage);
        rows.push_back(rowOf(fields, usage, *scale, file));
    }
    if (inv.options.has("total"))
        rows.push_back(rowOf(fields, total, *scale, "-"));
    std::size_t left = 0;
    while (left < fields.size() && (fields[left] == "source" || fields[left] == "fstype"))
        ++left;
    inv.print(table(std::move(rows), fields, left));
    return status;
}

int du(Invocation& inv)
{
    constexpr const char* kHint = "Try 'du --help' for more information.\n";
    std::int64_t depth = inv.options.has("summarize") ? 0 : INT32_MAX;
    if (inv.options.has("max-depth")) {
        const auto asked = parseNumber(inv.options.value("max-depth"));
        if (!asked || *asked < 0) {
            inv.err().write(fmt::format("du: invalid maximum depth \u2018{}\u2019\n{}", inv.options.value("max-depth"), kHint));
            return 1;
        }
        if (inv.options.has("summarize") && *asked != 0) {
            inv.err().write(fmt::format("du: warning: summarizing conflicts with --max-depth={}\n{}", *asked, kHint));
            return 1;
        }
        depth = *asked;
    }
    if (inv.options.has("summarize") && inv.options.has("all")) {
        inv.err().write(fmt::format("du: cannot both summarize and show all entries\n{}", kHint));
        return 1;
    }
    auto scale = blockScale(inv);
    if (!scale) {
        inv.err().write(fmt::format("du: invalid -B argument '{}'\n", inv.options.value("block-size")));
        return 1;
    }
    const bool apparent = inv.options.has("apparent-size") || inv.options.has("bytes");
    if (inv.options.has("bytes"))
        scale->block = 1;
    std::vector<std::string> paths = inv.operands.empty() ? std::vector<std::string>{"."} : inv.operands;
    int status = 0;
    std::string text;
    const bool counts = inv.options.has("inodes");
    const auto line = [&](std::int64_t bytes, const std::string& name) {
        text += (counts ? std::to_string(bytes) : sizeText(bytes, *scale)) + "\t" + name + "\n";
    };
    const std::function<std::int64_t(const std::string&, const std::string&, std::int64_t)> walk =
        [&](const std::string& path, const std::string& shown, std::int64_t level) -> std::int64_t {
        const std::int64_t block = apparent ? 1 : 4096;
        const auto stat = inv.system().stat(inv.place(), path, false);
        if (!stat)
            return 0;
        std::int64_t bytes = counts ? 1
            : stat->type == FileStat::Type::Symlink
            ? 0
            : (stat->size + block - 1) / block * block;
        if (stat->type != FileStat::Type::Directory) {
            if (level == 0 || (inv.options.has("all") && level <= depth))
                line(bytes, shown);
            return bytes;
        }
        // What the world does not keep file by file lies in images and data below a mount.
        if (!inv.place().container && !counts)
            for (const Mount& m : machineOf(inv).mounts)
                if (m.path == path && path != "/")
                    bytes += m.baseUsedBytes + m.dataUsedBytes;
        if (!counts && !inv.place().container && path == "/var/lib/containerd"
            && machineOf(inv).mountOf(path).path != path)
            bytes += machineOf(inv).mountOf(path).dataUsedBytes;
        const auto entries = inv.system().list(inv.place(), path);
        if (!entries) {
            inv.err().write(fmt::format("du: cannot read directory '{}': Permission denied\n", shown));
            status = 1;
            return bytes;
        }
        for (const DirectoryEntry& entry : *entries)
            if (entry.stat.type == FileStat::Type::Regular && !inv.options.has("all"))
                bytes += counts ? 1 : (entry.stat.size + block - 1) / block * block; // what lies in the folder itself needs no walk
            else if (path != "/" || (entry.name != "proc" && entry.name != "sys"))
                bytes += walk((path == "/" ? "" : path) + "/" + entry.name,
                              (shown == "/" ? "" : shown) + "/" + entry.name, level + 1);
        if (level <= depth)
            line(bytes, shown);
        return bytes;
    };
    std::int64_t grand = 0;
    for (const std::string& path : paths) {
        const std::string absolute = inv.absolutePath(path);
        if (!inv.system().stat(inv.place(), absolute)) {
            inv.err().write(fmt::format("du: cannot access '{}': No such file or directory\n", path));
            status = 1;
            continue;
        }
        inv.noteRead("file/" + placeName(inv) + absolute);
        grand += walk(absolute, path, 0);
    }
    if (inv.options.has("total"))
        line(grand, "total");
    inv.print(text);
    return status;
}

} // namespace

void addDf(CommandTable& all)
{
    const auto add = [&](const char* name, const char* summary, std::vector<OptionSpec> options,
                         int (*run)(Invocation&)) {
        all.add(name, summary, std::string(name) + " [OPTION]... [FILE]...", std::move(options), run);
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
         {'B', "block-size", "SIZE", "scale sizes by SIZE before printing them"},
         {0, "output", "FIELD_LIST", "use the output format defined by FIELD_LIST", true},
         {0, "total", "", "elide all entries insignificant to available space, and produce a grand total"},
         {'P', "portability", "", "use the POSIX output format"}},
        df);
    add("du", "estimate file space usage",
        {{'h', "human-readable", "", "print sizes in human readable format"},
         {'s', "summarize", "", "display only a total for each argument"},
         {'d', "max-depth", "N", "print the total only if it is N or fewer levels below"},
         {'a', "all", "", "write counts for all files"},
         {'x', "one-file-system", "", "skip directories on different file systems"},
         {'c', "total", "", "produce a grand total"},
         {'b', "bytes", "", "equivalent to '--apparent-size --block-size=1'"},
         {'B', "block-size", "SIZE", "scale sizes by SIZE before printing them"},
         {0, "apparent-size", "", "print apparent sizes rather than device usage"},
         {0, "si", "", "like -h, but use powers of 1000 not 1024"},
         {0, "inodes", "", "list inode usage information instead of block usage"},
         {'k', "", "", "like --block-size=1K"},
         {'m', "", "", "like --block-size=1M"}},
        du);
}

} // namespace core::shell::node
