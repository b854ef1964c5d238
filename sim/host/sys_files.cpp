// /sys: a few devices, and the control groups.
#include "sim/host/disk.h"
#include "sim/host/proc_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sim::host {

namespace {

constexpr std::string_view kCgroups = "/sys/fs/cgroup";
constexpr const char* kSysFiles[] = {"/sys/class/dmi/id/product_name", "/sys/devices/system/cpu/online"};

/// "/sys/fs/cgroup/a/b" -> "/a/b"; "/sys/fs/cgroup" -> "/".
std::string groupOfPath(const std::string& path)
{
    return path.size() == kCgroups.size() ? "/" : path.substr(kCgroups.size());
}

bool isGroup(const Machine& machine, const std::string& group)
{
    const std::vector<std::string> paths = cgroupPaths(machine);
    return std::binary_search(paths.begin(), paths.end(), group);
}

} // namespace

std::optional<std::string> sysText(const Machine& machine, const std::string& path, Instant now)
{
    if (path == kSysFiles[0])
        return "PowerEdge R760\n";
    if (path == kSysFiles[1])
        return fmt::format("0-{}\n", machine.cpus - 1);
    if (const auto limit = machine.files.find(path); limit != machine.files.end())
        return limit->second->content;
    if (path.compare(0, kCgroups.size() + 1, std::string(kCgroups) + "/") != 0)
        return std::nullopt;
    const std::string below = groupOfPath(path);
    const std::size_t slash = below.rfind('/');
    const std::string group = slash == 0 ? "/" : below.substr(0, slash);
    if (!isGroup(machine, group))
        return std::nullopt;
    const std::string text = cgroupFileText(machine, group, below.substr(slash + 1), now);
    const auto& files = cgroupFiles();
    return std::find(files.begin(), files.end(), below.substr(slash + 1)) == files.end() ? std::nullopt : std::optional(text);
}

std::optional<std::vector<std::string>> sysDirectory(const Machine& machine, const std::string& path)
{
    if (path == "/sys")
        return std::vector<std::string>{"class", "devices", "fs"};
    if (path == "/sys/fs")
        return std::vector<std::string>{"cgroup"};
    std::set<std::string> names;
    if (path.compare(0, kCgroups.size(), kCgroups) == 0) {
        const std::string group = groupOfPath(path);
        if (!isGroup(machine, group))
            return std::nullopt;
        const std::string prefix = group == "/" ? "/" : group + "/";
        for (const std::string& other : cgroupPaths(machine))
            if (other.size() > prefix.size() && other.compare(0, prefix.size(), prefix) == 0)
                names.insert(other.substr(prefix.size(), other.find('/', prefix.size()) - prefix.size()));
        names.insert(cgroupFiles().begin(), cgroupFiles().end());
        if (machine.files.count(path + "/io.max") > 0)
            names.insert("io.max");
    } else {
        for (const std::string full : kSysFiles)
            if (full.compare(0, path.size() + 1, path + "/") == 0)
                names.insert(full.substr(path.size() + 1, full.find('/', path.size() + 1) - path.size() - 1));
        if (names.empty())
            return std::nullopt;
    }
    return std::vector<std::string>(names.begin(), names.end());
}

} // namespace sim::host
