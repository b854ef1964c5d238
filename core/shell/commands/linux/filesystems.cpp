// mount, umount, findmnt, blkid, swapon, swapoff, mkswap and lsblk of util-linux 2.38.1.
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/here.h"
#include "sim/engine/letters.h"
#include "sim/host/mounts.h"
#include "sim/host/paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace core::shell::node {

namespace {

using MountVerb = sim::command::MountChange::Verb;
using sim::host::BlockDevice;
using sim::host::Mount;

/// util-linux's exit status for a mount that failed.
constexpr int kMountFailed = 32;

std::string applyMount(Invocation& inv, MountVerb verb, sim::host::MountSettings settings)
{
    return inv.door().apply(sim::Command{sim::command::MountChange{inv.place().host, verb, std::move(settings)}}).error;
}

/// The line of /etc/fstab for a device or a place.
std::optional<sim::host::MountSettings> fstabEntry(Invocation& inv, const std::string& word)
{
    const std::string path = word.find('=') == std::string::npos || word[0] == '/' ? inv.absolutePath(word) : word;
    for (const auto& entry : sim::host::fstabOf(machineOf(inv)))
        if (entry.where == path || entry.what == word || sim::host::devicePath(entry.what) == path)
            return entry;
    return std::nullopt;
}

int mountAll(Invocation& inv)
{
    int status = 0;
    for (const auto& entry : sim::host::fstabOf(machineOf(inv))) {
        const auto& mounts = machineOf(inv).mounts;
        const bool there = std::any_of(mounts.begin(), mounts.end(), [&](const Mount& m) { return m.path == entry.where; });
        if (there || entry.where == "none" || entry.has("noauto"))
            continue;
        if (const std::string error = applyMount(inv, MountVerb::Mount, entry); !error.empty() && !entry.has("nofail")) {
            inv.err().write("mount: " + error + "\n");
            status = kMountFailed;
        }
    }
    return status;
}

int mount(Invocation& inv)
{
    noteHost(inv);
    std::string options;
    for (const std::string& list : inv.options.values("options"))
        options += (options.empty() ? "" : ",") + list;
    if (inv.options.has("read-only"))
        options += options.empty() ? "ro" : ",ro";
    if (inv.operands.empty() && !inv.options.has("all")) {
        std::string text;
        for (const Mount& m : machineOf(inv).mounts)
            if (const std::string type = inv.options.value("types"); type.empty() || type == m.type)
                text += fmt::format("{} on {} type {} ({})\n", m.device, m.path, m.type, sim::host::optionsText(m));
        inv.print(text);
        return 0;
    }
    if (!isRoot(inv))
        return inv.fail(1, inv.operands.empty() ? "only root can use \"--all\" option" : inv.operands[0] + ": must be superuser to use mount.");
    if (inv.options.has("all"))
        return mountAll(inv);
    const bool again = ("," + options + ",").find(",remount,") != std::string::npos;
    std::string error;
    if (again) {
        error = applyMount(inv, MountVerb::Remount, {"", inv.absolutePath(inv.operands.back()), "", options});
    } else if (inv.operands.size() == 1) {
        const auto entry = fstabEntry(inv, inv.operands[0]);
        if (!entry)
            return inv.fail(1, inv.operands[0] + ": can't find in /etc/fstab.");
        error = applyMount(inv, MountVerb::Mount, *entry);
    } else {
        const std::string& what = inv.operands[0];
        error = applyMount(inv, MountVerb::Mount,
                           {what.find('/') == std::string::npos || what.find('=') != std::string::npos ? what : inv.absolutePath(what), inv.absolutePath(inv.operands[1]),
                            inv.options.value("types", "auto"), options.empty() ? "defaults" : options});
    }
    if (error.empty())
        return 0;
    inv.err().write("mount: " + error + "\n");
    static constexpr const char* kOfKernel[] = {"wrong fs type", "special device", "mount point does not exist"};
    if (std::any_of(std::begin(kOfKernel), std::end(kOfKernel), [&](const char* part) { return error.find(part) != std::string::npos; }))
        inv.err().write("       dmesg(1) may have more information after failed mount system call.\n");
    return kMountFailed;
}

int umount(Invocation& inv)
{
    noteHost(inv);
    if (inv.operands.empty())
        return inv.fail(1, "bad usage\nTry 'umount --help' for more information.");
    int status = 0;
    for (const std::string& word : inv.operands) {
        const std::string path = inv.absolutePath(word);
        if (!isRoot(inv)) {
            status = inv.fail(kMountFailed, path + ": must be superuser to unmount.");
            continue;
        }
        if (!inv.system().stat(inv.place(), path) && machineOf(inv).deviceOf(path) == nullptr) {
            status = inv.fail(kMountFailed, word + ": no mount point specified.");
            continue;
        }
        if (const std::string error = applyMount(inv, MountVerb::Unmount, {"", path, "", ""}); !error.empty()) {
            inv.err().write("umount: " + error + "\n");
            status = kMountFailed;
        }
    }
    return status;
}

/// Where a mount lies in the tree of mounts: the closest one above.
const Mount* parentOfMount(const std::vector<Mount>& mounts, const Mount& m)
{
    const Mount* best = nullptr;
    for (const Mount& other : mounts)
        if (&other != &m && m.path != "/" && (other.path == "/" || m.path.compare(0, other.path.size() + 1, other.path + "/") == 0)
            && (best == nullptr || other.path.size() > best->path.size()))
            best = &other;
    return best;
}

struct MountRow {
    std::string target;
    const Mount* mount;
};

void addRows(const std::vector<Mount>& mounts, const Mount* parent, const std::string& indent, std::vector<MountRow>& rows)
{
    std::vector<const Mount*> children;
    for (const Mount& m : mounts)
        if (parentOfMount(mounts, m) == parent)
            children.push_back(&m);
    for (std::size_t i = 0; i < children.size(); ++i) {
        const bool last = i + 1 == children.size();
        rows.push_back({parent == nullptr ? children[i]->path : indent + (last ? "\u2514\u2500" : "\u251c\u2500") + children[i]->path, children[i]});
        addRows(mounts, children[i], parent == nullptr ? "" : indent + (last ? "  " : "\u2502 "), rows);
    }
}

std::size_t cells(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width)
{
    return text + std::string(width > cells(text) ? width - cells(text) : 0, ' ');
}

/// Left-aligned columns, the last one as long as it is: libsmartcols' plain tables.
std::string columnsText(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths.size() <= i)
                widths.push_back(0);
            widths[i] = std::max(widths[i], cells(row[i]));
        }
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            text += i + 1 < row.size() ? padded(row[i], widths[i]) + " " : row[i];
        text += "\n";
    }
    return text;
}

std::string shortSize(std::int64_t bytes)
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

std::vector<std::string> upperWords(std::string list)
{
    std::replace(list.begin(), list.end(), ',', ' ');
    std::vector<std::string> words = splitWords(list);
    for (std::string& word : words)
        word = sim::raised(word);
    return words;
}

int findmnt(Invocation& inv)
{
    noteHost(inv);
    const auto& mounts = machineOf(inv).mounts;
    if (inv.options.has("verify")) {
        int problems = 0;
        for (const auto& entry : sim::host::fstabOf(machineOf(inv))) {
            std::string text;
            if (entry.where != "none" && !inv.system().stat(inv.place(), entry.where))
                text += "   [E] unreachable on boot required target: No such file or directory\n";
            if (entry.type != "tmpfs" && machineOf(inv).deviceOf(entry.what) == nullptr)
                text += fmt::format("   [E] unreachable on boot required source: {}\n", entry.what);
            if (!text.empty())
                inv.print((entry.where == "none" ? entry.what : entry.where) + "\n" + text);
            problems += text.empty() ? 0 : 1;
        }
        inv.print(problems == 0 ? "Success, no errors or warnings detected\n" : fmt::format("\n0 parse errors, {} error{}, 0 warnings\n", problems, problems == 1 ? "" : "s"));
        return problems == 0 ? 0 : 1;
    }
    std::vector<MountRow> rows;
    addRows(mounts, nullptr, "", rows);
    const std::string type = inv.options.value("types");
    std::vector<std::string> wantedColumns{"TARGET", "SOURCE", "FSTYPE", "OPTIONS"};
    static const std::set<std::string> kKnown{"TARGET", "SOURCE", "FSTYPE", "OPTIONS", "SIZE", "USED", "AVAIL", "USE%"};
    if (inv.options.has("output"))
        wantedColumns = upperWords(inv.options.value("output"));
    else if (inv.options.has("df"))
        wantedColumns = {"SOURCE", "FSTYPE", "SIZE", "USED", "AVAIL", "USE%", "TARGET"};
    for (const std::string& column : wantedColumns)
        if (kKnown.count(column) == 0)
            return inv.fail(1, "unknown column: " + sim::lowered(column));
    std::vector<std::vector<std::string>> table;
    if (!inv.options.has("noheadings"))
        table.push_back(wantedColumns);
    std::size_t shown = 0;
    for (const MountRow& row : rows) {
        const Mount& m = *row.mount;
        const std::string wanted = inv.operands.empty() ? "" : inv.absolutePath(inv.operands[0]);
        const std::string of = inv.options.has("target") ? machineOf(inv).mountOf(inv.absolutePath(inv.options.value("target"))).path : "";
        if ((!type.empty() && ("," + type + ",").find("," + m.type + ",") == std::string::npos) || (!wanted.empty() && m.path != wanted && m.device != wanted)
            || (!of.empty() && m.path != of))
            continue;
        const bool tree = type.empty() && wanted.empty() && of.empty() && !inv.options.has("list") && !inv.options.has("df");
        const std::int64_t used = machineOf(inv).usedBytes(m);
        std::vector<std::string> cellsOfRow;
        for (const std::string& column : wantedColumns)
            cellsOfRow.push_back(column == "TARGET"       ? (tree ? row.target : m.path)
                                     : column == "SOURCE" ? m.device
                                     : column == "FSTYPE" ? m.type
                                     : column == "SIZE"   ? shortSize(m.sizeBytes)
                                     : column == "USED"   ? shortSize(used)
                                     : column == "AVAIL"  ? shortSize(std::max<std::int64_t>(0, m.sizeBytes - used - (m.type == "ext4" ? m.sizeBytes / 20 : 0)))
                                     : column == "USE%"   ? fmt::format("{}%", m.sizeBytes > 0 ? used * 100 / m.sizeBytes : 0)
                                                          : sim::host::optionsText(m));
        table.push_back(std::move(cellsOfRow));
        ++shown;
    }
    if (shown == 0)
        return 1;
    inv.print(columnsText(table));
    return 0;
}

int blkid(Invocation& inv)
{
    noteHost(inv);
    std::string text;
    for (const BlockDevice& device : machineOf(inv).devices) {
        const bool wanted = inv.operands.empty() || std::find(inv.operands.begin(), inv.operands.end(), device.path) != inv.operands.end();
        if (!wanted || device.uuid.empty())
            continue;
        text += fmt::format("{}:{} UUID=\"{}\" BLOCK_SIZE=\"{}\" TYPE=\"{}\"\n", device.path, device.label.empty() ? "" : fmt::format(" LABEL=\"{}\"", device.label),
                            device.uuid, device.type == "vfat" ? 512 : 4096, device.type);
    }
    inv.print(text);
    return text.empty() ? 2 : 0;
}

/// A column of lsblk: its value for a device, and whether it is aligned to the right.
struct BlockColumn {
    bool right = false;
    std::function<std::string(const BlockDevice&, const Mount*)> value;
};

const std::map<std::string, BlockColumn>& blockColumns(const sim::host::Machine& machine, bool bytes)
{
    static std::map<std::string, BlockColumn> kColumns;
    const auto size = [bytes](std::int64_t n) { return bytes ? std::to_string(n) : shortSize(n); };
    const auto free = [&machine](const Mount& m) {
        return std::max<std::int64_t>(0, m.sizeBytes - machine.usedBytes(m) - (m.type == "ext4" ? m.sizeBytes / 20 : 0));
    };
    const auto text = [](const char* constant) { return [constant](const BlockDevice&, const Mount*) { return std::string(constant); }; };
    kColumns = {
        {"KNAME", {false, [](const BlockDevice& d, const Mount*) { return d.path.substr(5); }}},
        {"PATH", {false, [](const BlockDevice& d, const Mount*) { return d.path; }}},
        {"MAJ:MIN", {false,
                     [&machine](const BlockDevice& d, const Mount*) {
                         return fmt::format("259:{}", &d - machine.devices.data());
                     }}},
        {"RM", {true, text("0")}},
        {"SIZE", {true, [size](const BlockDevice& d, const Mount*) { return size(d.sizeBytes); }}},
        {"RO", {true, [](const BlockDevice&, const Mount* m) { return std::string(m != nullptr && m->readOnly ? "1" : "0"); }}},
        {"TYPE", {false, [](const BlockDevice& d, const Mount*) { return std::string(d.path == d.disk ? "disk" : "part"); }}},
        {"PKNAME", {false, [](const BlockDevice& d, const Mount*) { return d.path == d.disk ? std::string() : d.disk.substr(5); }}},
        {"FSTYPE", {false, [](const BlockDevice& d, const Mount*) { return d.type; }}},
        {"FSVER", {false, [](const BlockDevice& d, const Mount*) { return std::string(d.type == "ext4" ? "1.0" : d.type == "vfat" ? "FAT32" : d.type == "swap" ? "1" : ""); }}},
        {"LABEL", {false, [](const BlockDevice& d, const Mount*) { return d.label; }}},
        {"UUID", {false, [](const BlockDevice& d, const Mount*) { return d.uuid; }}},
        {"FSSIZE", {true, [size](const BlockDevice&, const Mount* m) { return m == nullptr ? std::string() : size(m->sizeBytes); }}},
        {"FSUSED", {true, [size, &machine](const BlockDevice&, const Mount* m) { return m == nullptr ? std::string() : size(machine.usedBytes(*m)); }}},
        {"FSAVAIL", {true, [size, free](const BlockDevice&, const Mount* m) { return m == nullptr ? std::string() : size(free(*m)); }}},
        {"FSUSE%", {true,
                    [&machine](const BlockDevice&, const Mount* m) {
                        return m == nullptr ? std::string() : fmt::format("{}%", m->sizeBytes > 0 ? machine.usedBytes(*m) * 100 / m->sizeBytes : 0);
                    }}},
        {"OWNER", {false, text("root")}},
        {"GROUP", {false, text("disk")}},
        {"MODE", {false, text("brw-rw----")}},
        {"ROTA", {true, text("0")}},
        {"TRAN", {false, [](const BlockDevice& d, const Mount*) { return std::string(d.path.find("nvme") != std::string::npos ? "nvme" : ""); }}},
    };
    return kColumns;
}

/// lsblk of util-linux 2.38: its columns, as a tree, a list (-l), raw (-r) or of disks alone (-d).
int lsblk(Invocation& inv)
{
    const auto& machine = machineOf(inv);
    std::vector<std::string> wanted = inv.options.has("fs") ? std::vector<std::string>{"NAME", "FSTYPE", "FSVER", "LABEL", "UUID", "FSAVAIL", "FSUSE%", "MOUNTPOINTS"}
        : inv.options.has("perms")                          ? std::vector<std::string>{"NAME", "SIZE", "OWNER", "GROUP", "MODE"}
                                                            : std::vector<std::string>{"NAME", "MAJ:MIN", "RM", "SIZE", "RO", "TYPE", "MOUNTPOINTS"};
    const auto& known = blockColumns(machine, inv.options.has("bytes"));
    if (inv.options.has("output"))
        wanted = upperWords(inv.options.value("output"));
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (known.count(wanted[i]) == 0 && wanted[i] != "NAME" && wanted[i] != "MOUNTPOINT" && wanted[i] != "MOUNTPOINTS")
            return inv.fail(1, "unknown column: " + splitWords([&] {
                                std::string list = inv.options.value("output");
                                std::replace(list.begin(), list.end(), ',', ' ');
                                return list;
                            }())[i]);
    std::set<std::string> only;
    int status = 0;
    for (const std::string& word : inv.operands) {
        const std::string path = inv.absolutePath(word);
        if (machine.deviceOf(path) == nullptr) {
            inv.fail(1, word + ": not a block device");
            status = 32;
        }
        only.insert(path);
    }
    noteHost(inv);
    const bool list = inv.options.has("list") || inv.options.has("raw"), raw = inv.options.has("raw");
    std::vector<std::vector<std::string>> table;
    table.push_back(wanted);
    for (std::size_t i = 0; i < machine.devices.size(); ++i) {
        const BlockDevice& device = machine.devices[i];
        const bool whole = device.path == device.disk;
        if ((inv.options.has("nodeps") && !whole) || (!only.empty() && only.count(device.path) == 0 && only.count(device.disk) == 0))
            continue;
        const bool last = i + 1 == machine.devices.size() || machine.devices[i + 1].disk != device.disk;
        const bool root = whole || list || only.count(device.path) > 0;
        const auto found = std::find_if(machine.mounts.begin(), machine.mounts.end(), [&](const Mount& m) { return m.device == device.path; });
        const Mount* mount = found == machine.mounts.end() ? nullptr : &*found;
        const bool swap = std::any_of(machine.swaps.begin(), machine.swaps.end(), [&](const auto& s) { return s.path == device.path; });
        std::vector<std::string> row;
        for (const std::string& column : wanted)
            row.push_back(column == "NAME" ? (root ? "" : last ? "└─" : "├─") + (inv.options.has("paths") ? device.path : device.path.substr(5))
                              : column.compare(0, 10, "MOUNTPOINT") == 0 ? (mount != nullptr ? mount->path : swap ? "[SWAP]" : "")
                                                                         : known.at(column).value(device, mount));
        table.push_back(std::move(row));
    }
    if (table.size() == 1)
        return status;
    if (!raw)
        for (std::size_t c = 0; c < wanted.size(); ++c) {
            const auto column = known.find(wanted[c]);
            if (column == known.end() || !column->second.right)
                continue;
            // libsmartcols' least widths, which lsblk gives its sizes
            std::size_t width = wanted[c] == "SIZE" && !inv.options.has("bytes") ? 5 : 0;
            for (const auto& row : table)
                width = std::max(width, row[c].size());
            for (auto& row : table)
                row[c].insert(0, width - row[c].size(), ' ');
        }
    if (inv.options.has("noheadings"))
        table.erase(table.begin());
    if (!raw) {
        inv.print(columnsText(table));
        return status;
    }
    std::string text;
    for (const auto& row : table)
        for (std::size_t c = 0; c < row.size(); ++c)
            text += row[c] + (c + 1 < row.size() ? " " : "\n");
    inv.print(text);
    return status;
}

int swapOnOff(Invocation& inv)
{
    noteHost(inv);
    const bool on = inv.name == "swapon";
    const auto& machine = machineOf(inv);
    if (on && (inv.options.has("show") || (inv.operands.empty() && !inv.options.has("all")))) {
        if (machine.swaps.empty())
            return 0;
        std::vector<std::vector<std::string>> table{{"NAME", "TYPE", "SIZE", "USED", "PRIO"}};
        std::int64_t used = machine.swapUsedBytes();
        for (const auto& area : machine.swaps) {
            const std::int64_t here = std::min(used, area.sizeBytes);
            used -= here;
            table.push_back({area.path, area.type, fmt::format("{:>4}", shortSize(area.sizeBytes)), fmt::format("{:>4}", shortSize(here)), fmt::format("{:>4}", area.priority)});
        }
        inv.print(columnsText(table));
        return 0;
    }
    if (!on && inv.operands.empty() && !inv.options.has("all")) {
        inv.err().write("swapoff: bad usage\nTry 'swapoff --help' for more information.\n");
        return 16;
    }
    if (!isRoot(inv))
        return inv.fail(1, fmt::format("{}: {} failed: Operation not permitted", inv.operands.empty() ? "-a" : inv.operands[0], inv.name));
    std::vector<std::string> paths;
    for (const std::string& word : inv.operands)
        paths.push_back(word.find('=') != std::string::npos ? word : inv.absolutePath(word));
    if (inv.options.has("all")) {
        if (on) {
            for (const auto& entry : sim::host::fstabOf(machine))
                if (entry.type == "swap" && !entry.has("noauto"))
                    paths.push_back(entry.what);
        } else {
            for (const auto& area : machine.swaps)
                paths.push_back(area.path);
        }
    }
    int status = 0;
    for (const std::string& path : paths)
        if (!on && path[0] == '/' && machine.deviceOf(path) == nullptr && !inv.system().stat(inv.place(), path))
            status = inv.fail(4, path + ": swapoff failed: No such file or directory");
        else if (const std::string error = applyMount(inv, on ? MountVerb::SwapOn : MountVerb::SwapOff, {path, "", "swap", ""}); !error.empty())
            status = inv.fail(255, error);
    return status;
}

int mkswap(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.err().write("mkswap: error: Nowhere to set up swap on?\nTry 'mkswap --help' for more information.\n");
        return 1;
    }
    const std::string path = inv.absolutePath(inv.operands[0]);
    const auto stat = inv.system().stat(inv.place(), path);
    if (!isRoot(inv) || !stat)
        return inv.fail(1, fmt::format("cannot open {}: {}", inv.operands[0], stat ? "Permission denied" : "No such file or directory"));
    if (stat->size < 40'960)
        return inv.fail(1, fmt::format("error: swap area needs to be at least 40 KiB"));
    if (stat->mode & 0077U)
        inv.err().write(fmt::format("mkswap: {}: insecure permissions {:04o}, fix with: chmod 0600 {}\n", inv.operands[0], stat->mode, inv.operands[0]));
    inv.door().apply(sim::Command{sim::command::WriteFile{inv.place().host, std::nullopt, path, std::string(sim::host::kSwapSignature), false, stat->mode, stat->size}});
    const std::string size = shortSize(stat->size - 4096);
    sim::Fingerprint uuid;
    uuid.add(path);
    uuid.add(machineOf(inv).machineId);
    inv.print(fmt::format("Setting up swapspace version 1, size = {} ({} bytes)\nno label, UUID={:08x}-{:04x}-4e2f-9c31-{:012x}\n",
                          size.substr(0, size.size() - 1) + " " + size.back() + "iB", stat->size - 4096,
                          uuid.value() >> 32, (uuid.value() >> 16) & 0xffff, uuid.value() & 0xffffffffffffULL));
    return 0;
}

} // namespace

void addFilesystems(CommandTable& table)
{
    table.add("mount", "mount a filesystem", "mount [-a] [-t <types>] [-o <options>] [<source>] <directory>",
        {{'a', "all", "", "mount all filesystems mentioned in fstab"},
         {'t', "types", "list", "limit the set of filesystem types"},
         {'l', "show-labels", "", "show also filesystem labels"},
         {'r', "read-only", "", "mount the filesystem read-only (same as -o ro)"},
         {'o', "options", "list", "comma-separated list of mount options"}},
        mount);
    table.add("umount", "unmount filesystems", "umount [options] <source> | <directory>",
        {{'f', "force", "", "force unmount"}, {'l', "lazy", "", "detach the filesystem now, clean up things later"}}, umount);
    table.add("findmnt", "find a filesystem", "findmnt [options] [<device> | <mountpoint>]",
        {{'t', "types", "list", "limit the set of filesystems by FS types"},
         {'T', "target", "path", "the path to the filesystem to use"},
         {'n', "noheadings", "", "don't print column headings"},
         {'o', "output", "list", "the output columns to be shown"},
         {'l', "list", "", "use list format output"},
         {'D', "df", "", "imitate the output of df(1)"},
         {'x', "verify", "", "verify mount table content (default is fstab)"}},
        findmnt);
    table.add("blkid", "locate/print block device attributes", "blkid [<dev> ...]", {}, blkid);
    table.add("lsblk", "list block devices", "lsblk [options] [<device> ...]",
        {{'f', "fs", "", "output info about filesystems"},
         {'m', "perms", "", "output info about permissions"},
         {'o', "output", "list", "output columns"},
         {'d', "nodeps", "", "don't print slaves or holders"},
         {'p', "paths", "", "print complete device path"},
         {'l', "list", "", "use list format output"},
         {'r', "raw", "", "use raw output format"},
         {'b', "bytes", "", "print SIZE in bytes rather than in human readable format"},
         {'n', "noheadings", "", "don't print headings"},
         {'a', "all", "", "print all devices"}},
        lsblk);
    table.add("swapon", "enable devices and files for paging and swapping", "swapon [options] [<spec>]",
        {{'a', "all", "", "enable all swaps from /etc/fstab"}, {0, "show", "", "display summary about used swap devices"}, {'s', "summary", "", "display summary"}}, swapOnOff);
    table.add("swapoff", "disable devices and files for paging and swapping", "swapoff [options] [<spec>]", {{'a', "all", "", "disable all swaps from /proc/swaps"}}, swapOnOff);
    table.add("sync", "synchronize cached writes to persistent storage", "sync [OPTION] [FILE]...", {}, [](Invocation&) { return 0; });
    table.add("mkswap", "set up a Linux swap area", "mkswap [options] device", {}, mkswap);
}

} // namespace core::shell::node
