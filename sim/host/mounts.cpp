// Filesystems: /etc/fstab, mount(8) and umount(8), swap areas, and the mount units that systemd makes of them.
#include "sim/host/mounts.h"

#include "sim/engine/letters.h"
#include "sim/host/hosts.h"
#include "sim/host/paths.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sim::host {

namespace {

/// The filesystem modules of a Debian kernel that its initramfs or /lib/modules has.
constexpr std::array<std::string_view, 9> kFilesystems{"ext4", "ext3", "ext2", "xfs", "btrfs", "vfat", "tmpfs", "overlay", "auto"};
constexpr const char* kGeneratorFolder = "/run/systemd/generator/";

bool belowFolder(const std::string& path, const std::string& folder)
{
    return folder == "/" || (path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 && path[folder.size()] == '/');
}

std::vector<std::string> commaWords(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        if (end > 0)
            words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

/// Moves the files below a folder out of the table, keyed by what follows the folder.
FileTable takeBelow(Machine& machine, const std::string& folder)
{
    FileTable taken;
    const std::string prefix = folder + "/";
    for (auto i = machine.files.lower_bound(prefix); i != machine.files.end() && i->first.compare(0, prefix.size(), prefix) == 0;
         i = machine.files.erase(i))
        taken.emplace(i->first.substr(folder.size()), i->second);
    return taken;
}

void putBelow(Machine& machine, const std::string& folder, const std::string& stowedAs)
{
    const auto stowed = machine.stowed.find(stowedAs);
    if (stowed == machine.stowed.end())
        return;
    for (const auto& [path, file] : stowed->second)
        machine.files[folder + path] = file;
    machine.stowed.erase(stowed);
}

Mount* mountAt(Machine& machine, const std::string& path)
{
    const auto found = std::find_if(machine.mounts.rbegin(), machine.mounts.rend(), [&](const Mount& m) { return m.path == path; });
    return found == machine.mounts.rend() ? nullptr : &*found;
}

/// Who keeps the filesystem from going away: a process' working directory or open file, containerd's data, a mount inside.
bool isBusy(const Machine& machine, const std::string& path)
{
    for (const Mount& m : machine.mounts)
        if (belowFolder(m.path, path))
            return true;
    for (const auto& [pid, process] : machine.processes) {
        if (process.workingDirectory == path || belowFolder(process.workingDirectory, path))
            return true;
        if (process.name == "containerd" && belowFolder("/var/lib/containerd/x", path))
            return true;
        for (const OpenFile& open : process.openFiles)
            if (open.kind == OpenFile::Kind::Regular && belowFolder(open.path, path))
                return true;
    }
    return false;
}

constexpr const char* kBadSuperblock = "wrong fs type, bad option, bad superblock on {}, missing codepage or helper program, or other error.";

} // namespace

bool MountSettings::has(std::string_view option) const
{
    const std::vector<std::string> words = commaWords(options);
    return std::find(words.begin(), words.end(), option) != words.end();
}

bool Mount::has(std::string_view option) const
{
    const std::vector<std::string> words = commaWords(options);
    return std::find(words.begin(), words.end(), option) != words.end();
}

const BlockDevice* Machine::deviceOf(std::string_view wanted) const
{
    const auto value = [&](std::string_view prefix) -> std::optional<std::string> {
        if (wanted.substr(0, prefix.size()) != prefix)
            return std::nullopt;
        std::string text(wanted.substr(prefix.size()));
        std::erase(text, '"');
        return text;
    };
    std::optional<std::string> uuid = value("UUID=");
    if (!uuid)
        uuid = value("/dev/disk/by-uuid/");
    std::optional<std::string> label = value("LABEL=");
    if (!label)
        label = value("/dev/disk/by-label/");
    for (const BlockDevice& device : devices)
        if (uuid ? device.uuid == *uuid && !uuid->empty() : label ? device.label == *label && !label->empty() : device.path == wanted)
            return &device;
    return nullptr;
}

std::vector<MountSettings> fstabOf(const Machine& machine)
{
    std::vector<MountSettings> entries;
    const File* file = findFile(machine, "/etc/fstab");
    if (file == nullptr)
        return entries;
    std::string_view text = file->content;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::vector<std::string> fields = commandWords(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (fields.size() < 2 || fields[0][0] == '#')
            continue;
        MountSettings entry;
        entry.what = fields[0];
        entry.where = fields[1];
        entry.type = fields.size() > 2 ? fields[2] : "auto";
        entry.options = fields.size() > 3 ? fields[3] : "defaults";
        if (entry.type == "swap")
            entry.where = "none";
        else
            entry.where = normalPath(entry.where);
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::string escapedPath(const std::string& path)
{
    const std::string normal = normalPath(path);
    if (normal == "/")
        return "-";
    std::string text;
    for (std::size_t i = 1; i < normal.size(); ++i) {
        const char c = normal[i];
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '_' || (c == '.' && i > 1);
        text += c == '/' ? std::string("-") : plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return text;
}

std::string mountUnitName(const std::string& path)
{
    return escapedPath(path) + ".mount";
}

std::string devicePath(const std::string& what)
{
    for (const auto& [prefix, folder] : {std::pair("UUID=", "/dev/disk/by-uuid/"), std::pair("LABEL=", "/dev/disk/by-label/"),
                                         std::pair("PARTUUID=", "/dev/disk/by-partuuid/")})
        if (const std::string_view p = prefix; what.compare(0, p.size(), p) == 0) {
            std::string value = what.substr(p.size());
            std::erase(value, '"');
            return folder + value;
        }
    return what;
}

std::string optionsText(const Mount& mount)
{
    return std::string(mount.readOnly ? "ro," : "rw,") + (mount.options.empty() ? "relatime" : mount.options);
}

std::string keptOptions(const std::string& text)
{
    static constexpr std::array<std::string_view, 12> kOnlyFstab{"defaults", "rw", "ro", "auto", "noauto", "nofail", "user", "users", "remount", "_netdev", "exec", "suid"};
    std::string kept;
    bool timed = false;
    for (const std::string& word : commaWords(text)) {
        if (std::find(kOnlyFstab.begin(), kOnlyFstab.end(), word) != kOnlyFstab.end() || word.compare(0, 2, "x-") == 0)
            continue;
        timed = timed || word == "noatime" || word == "relatime";
        kept += (kept.empty() ? "" : ",") + word;
    }
    return timed ? kept : kept.empty() ? "relatime" : "relatime," + kept;
}

void generateMountUnits(Machine& machine, Instant now)
{
    std::vector<std::string> wanted;
    for (const MountSettings& entry : fstabOf(machine)) {
        if (entry.where == "none")
            continue;
        const std::string name = mountUnitName(entry.where);
        wanted.push_back(name);
        const bool known = machine.units.count(name) > 0;
        Unit& unit = machine.units[name];
        unit.name = name;
        unit.type = "mount";
        unit.description = entry.where == "/" ? "Root Mount" : entry.where;
        unit.documentation = "man:fstab(5)";
        unit.path = kGeneratorFolder + name;
        unit.enabled = false; // local-fs.target pulls it in, not a link of [Install]
        unit.restart = "no";
        unit.mount = entry;
        unit.after.clear();
        if (entry.where != "/")
            unit.after.push_back("local-fs-pre.target");
        unit.loaded = now;
        if (!known)
            unit.subState = "dead";
    }
    for (auto i = machine.units.begin(); i != machine.units.end();) {
        const bool gone = i->second.type == "mount" && i->second.path.compare(0, std::string_view(kGeneratorFolder).size(), kGeneratorFolder) == 0
            && i->second.state != Unit::State::Active && std::find(wanted.begin(), wanted.end(), i->first) == wanted.end();
        i = gone ? machine.units.erase(i) : std::next(i);
    }
}

void attach(Machine& machine, Mount mount)
{
    FileTable hidden = takeBelow(machine, mount.path);
    if (!hidden.empty())
        machine.stowed["under " + mount.path] = std::move(hidden);
    putBelow(machine, mount.path, mount.device);
    machine.mounts.push_back(std::move(mount));
}

void detach(Machine& machine, const std::string& path)
{
    Mount* mount = mountAt(machine, path);
    FL_ASSERT(mount != nullptr);
    const bool onDevice = mount->device.compare(0, 5, "/dev/") == 0;
    FileTable files = takeBelow(machine, path);
    for (BlockDevice& device : machine.devices)
        if (device.path == mount->device)
            device.filesystem = *mount;
    if (onDevice && !files.empty())
        machine.stowed[mount->device] = std::move(files); // a tmpfs' files are gone
    machine.mounts.erase(machine.mounts.begin() + (mount - machine.mounts.data()));
    putBelow(machine, path, "under " + path);
}

std::string Hosts::mount(Engine& engine, HostId host, const MountSettings& wanted)
{
    Machine& machine = at(host);
    const std::string where = resolvePath(machine, normalPath(wanted.where));
    const File* folder = findFile(machine, where);
    if (folder == nullptr)
        return wanted.where + ": mount point does not exist.";
    if (folder->type != File::Type::Directory)
        return wanted.where + ": mount point is not a directory.";
    const std::string type = wanted.type.empty() ? "auto" : wanted.type;
    if (std::find(kFilesystems.begin(), kFilesystems.end(), type) == kFilesystems.end())
        return fmt::format("{}: unknown filesystem type '{}'.", wanted.where, type);
    Mount mount;
    if (type == "tmpfs") {
        mount = {wanted.what, "tmpfs", where, machine.memoryBytes / 2, 0, 0, machine.memoryBytes / 8192, 1, false};
        for (const std::string& word : commaWords(wanted.options))
            if (word.compare(0, 5, "size=") == 0 && word.size() > 5) {
                const std::size_t unit = std::string_view("kmg").find(sim::lowered(word.back()));
                mount.sizeBytes = std::atoll(word.c_str() + 5) << (unit == std::string_view::npos ? 0 : 10 * (unit + 1));
            } else if (word.compare(0, 10, "nr_inodes=") == 0) {
                mount.inodes = std::atoll(word.c_str() + 10);
            }
    } else {
        const BlockDevice* device = machine.deviceOf(wanted.what);
        if (device == nullptr)
            return wanted.what.find('=') != std::string::npos && wanted.what[0] != '/' ? fmt::format("{}: can't find {}.", wanted.where, wanted.what)
                                                                                      : fmt::format("{}: special device {} does not exist.", wanted.where, wanted.what);
        for (const Mount& other : machine.mounts)
            if (other.device == device->path)
                return other.path == where ? fmt::format("{}: {} already mounted on {}.", wanted.where, device->path, other.path)
                                           : fmt::format("{}: {} already mounted or mount point busy.", wanted.where, device->path);
        if (device->type.empty() || device->type == "swap" || (type != "auto" && type != device->type))
            return fmt::format("{}: {}", wanted.where, fmt::format(fmt::runtime(kBadSuperblock), device->path));
        mount = device->filesystem;
        mount.device = device->path;
        mount.type = device->type;
        mount.path = where;
    }
    mount.readOnly = wanted.has("ro");
    mount.options = keptOptions(wanted.options);
    attach(machine, std::move(mount));
    Unit& unit = machine.units[mountUnitName(where)];
    if (unit.name.empty()) { // systemd sees it in /proc/self/mountinfo
        unit.name = mountUnitName(where);
        unit.type = "mount";
        unit.description = where;
        unit.path = "/proc/self/mountinfo";
        unit.enabled = false;
        unit.restart = "no";
        unit.mount = wanted;
        unit.mount.where = where;
    }
    ++unit.generation;
    setState(host, unit, Unit::State::Active, "mounted", engine.now());
    return {};
}

std::string Hosts::remount(Engine&, HostId host, const std::string& path, const std::string& options)
{
    Machine& machine = at(host);
    Mount* mount = mountAt(machine, resolvePath(machine, normalPath(path)));
    if (mount == nullptr)
        return path + ": mount point not mounted or bad option.";
    for (const std::string& word : commaWords(options)) {
        if (word == "rw" || word == "ro")
            mount->readOnly = word == "ro";
        const bool on = word == "exec" || word == "suid" || word == "dev" || word == "atime";
        const std::string flag = on ? "no" + word : word;
        if (flag != "noexec" && flag != "nosuid" && flag != "nodev" && flag != "noatime")
            continue;
        std::string kept;
        for (const std::string& old : commaWords(mount->options))
            if (old != flag && (flag != "noatime" || old != "relatime"))
                kept += (kept.empty() ? "" : ",") + old;
        mount->options = on ? kept : kept.empty() ? flag : flag + "," + kept;
    }
    return {};
}

std::string Hosts::unmount(Engine& engine, HostId host, const std::string& path)
{
    Machine& machine = at(host);
    std::string where = resolvePath(machine, normalPath(path));
    for (const Mount& m : machine.mounts)
        if (m.device == where)
            where = m.path;
    if (mountAt(machine, where) == nullptr)
        return path + ": not mounted.";
    if (where == "/" || isBusy(machine, where))
        return path + ": target is busy.";
    detach(machine, where);
    const auto unit = machine.units.find(mountUnitName(where));
    if (unit == machine.units.end())
        return {};
    log(engine, host, "systemd", unit->first, 1, 6, unit->first + ": Deactivated successfully.");
    setState(host, unit->second, Unit::State::Inactive, "dead", engine.now());
    if (unit->second.path == "/proc/self/mountinfo")
        machine.units.erase(unit);
    return {};
}

std::string Hosts::swapOn(HostId host, const std::string& path)
{
    Machine& machine = at(host);
    const BlockDevice* device = machine.deviceOf(path);
    const std::string real = device != nullptr ? device->path : resolvePath(machine, path);
    for (const SwapArea& area : machine.swaps)
        if (area.path == real)
            return path + ": swapon failed: Device or resource busy";
    SwapArea area;
    area.path = real;
    area.priority = -2 - static_cast<std::int64_t>(machine.swaps.size());
    if (device != nullptr) {
        if (device->type != "swap")
            return path + ": read swap header failed";
        area.sizeBytes = device->sizeBytes;
    } else {
        const File* file = findFile(machine, real);
        if (file == nullptr)
            return "cannot open " + path + ": No such file or directory";
        if (file->content.compare(0, kSwapSignature.size(), kSwapSignature) != 0)
            return path + ": read swap header failed";
        area.type = "file";
        area.sizeBytes = std::max<std::int64_t>(0, file->size - 4096);
    }
    machine.swaps.push_back(std::move(area));
    return {};
}

std::string Hosts::swapOff(Engine&, HostId host, const std::string& path)
{
    Machine& machine = at(host);
    const BlockDevice* device = machine.deviceOf(path);
    const std::string real = device != nullptr ? device->path : resolvePath(machine, path);
    const auto area = std::find_if(machine.swaps.begin(), machine.swaps.end(), [&](const SwapArea& a) { return a.path == real; });
    if (area == machine.swaps.end())
        return path + ": swapoff failed: Invalid argument";
    // What lies in swap must fit into memory.
    const std::int64_t used = machine.swapUsedBytes();
    if (used > 0 && machine.memoryUsedBytes() > machine.memoryBytes - Machine::kMinFreeBytes && machine.swapBytes() - area->sizeBytes < used)
        return path + ": swapoff failed: Cannot allocate memory";
    machine.swaps.erase(area);
    return {};
}

} // namespace sim::host
