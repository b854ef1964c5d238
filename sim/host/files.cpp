#include "sim/host/hosts.h"
#include "sim/host/paths.h"
#include "sim/host/disk.h"
#include "sim/host/proc_files.h"

#include <algorithm>
#include <cstdlib>

namespace sim::host {

namespace {

constexpr std::int64_t kBlock = 4096;

std::int64_t blocks(std::int64_t bytes)
{
    return (bytes + kBlock - 1) / kBlock * kBlock;
}

std::int64_t sizeOf(const File& file)
{
    return std::max(file.size, static_cast<std::int64_t>(file.content.size()));
}

/// None when the parent is a directory on a writable filesystem.
FileError parentError(const Machine& machine, const std::string& path)
{
    const File* parent = findFile(machine, parentPath(path));
    if (parent == nullptr)
        return FileError::NoEntry;
    if (parent->type != File::Type::Directory)
        return FileError::NotDirectory;
    return machine.mountOf(path).readOnly ? FileError::ReadOnly : FileError::None;
}

FileError roomError(const Machine& machine, const std::string& path, std::int64_t moreBytes, bool moreInode)
{
    const Mount& mount = machine.mountOf(path);
    if (mount.sizeBytes > 0 && moreBytes > 0 && machine.usedBytes(mount) + moreBytes > mount.sizeBytes)
        return FileError::NoSpace;
    if (mount.inodes > 0 && moreInode && machine.usedInodes(mount) >= mount.inodes)
        return FileError::NoSpace;
    return FileError::None;
}

bool hasChildren(const Machine& machine, const std::string& path)
{
    const auto next = machine.files.lower_bound(path + "/");
    return next != machine.files.end() && next->first.compare(0, path.size() + 1, path + "/") == 0;
}

bool isVirtual(const std::string& path)
{
    return path == "/proc" || path == "/sys" || path.compare(0, 6, "/proc/") == 0
        || path.compare(0, 5, "/sys/") == 0;
}

/// "/proc/sys/net/ipv4/ip_forward" -> "net.ipv4.ip_forward"; empty for other paths.
std::string sysctlKey(const std::string& path)
{
    constexpr std::string_view kRoot = "/proc/sys/";
    if (path.compare(0, kRoot.size(), kRoot) != 0)
        return {};
    std::string key = path.substr(kRoot.size());
    std::replace(key.begin(), key.end(), '/', '.');
    return key;
}

} // namespace

FileError Hosts::writeFile(Engine& engine, HostId host, const std::string& path, std::string content,
                           bool append, std::uint32_t mode, std::int64_t size)
{
    Machine& machine = at(host);
    const std::string real = resolvePath(machine, path);
    if (real == "/dev/null")
        return FileError::None;
    if (isVirtual(real)) {
        if (const auto limit = machine.files.find(real); limit != machine.files.end()) { // of a control group
            auto changed = std::make_shared<File>(*limit->second);
            changed->content = ioLimitAfter(changed->content, content);
            limit->second = std::move(changed);
            return FileError::None;
        }
        const auto key = machine.sysctls.find(sysctlKey(real));
        if (key == machine.sysctls.end())
            return virtualFile(machine, real, engine.now()) ? FileError::Access : FileError::NoEntry;
        while (!content.empty() && (content.back() == '\n' || content.back() == ' '))
            content.pop_back();
        key->second = std::move(content);
        return FileError::None;
    }
    if (const FileError error = parentError(machine, real); error != FileError::None)
        return error;
    const auto found = machine.files.find(real);
    if (found != machine.files.end() && found->second->type == File::Type::Directory)
        return FileError::IsDirectory;

    auto file = std::make_shared<File>();
    std::int64_t before = 0;
    if (found != machine.files.end()) {
        *file = *found->second;
        before = blocks(sizeOf(*file));
    } else {
        file->mode = mode;
    }
    if (append && file->size > static_cast<std::int64_t>(file->content.size()))
        file->size += static_cast<std::int64_t>(content.size()); // its content is not kept
    else if (append)
        file->content += content;
    else
        file->content = std::move(content);
    if (!append)
        file->size = 0;
    file->size = std::max({file->size, size, static_cast<std::int64_t>(file->content.size())});
    file->modified = engine.now();
    const FileError room = roomError(machine, real, blocks(file->size) - before,
                                     found == machine.files.end());
    if (room != FileError::None) {
        // open(O_TRUNC) and creat() succeed before the first write fails: the file is there, and empty.
        if (found != machine.files.end() && !append) {
            file->content.clear();
            file->size = 0;
            machine.files[real] = std::move(file);
        }
        return room;
    }
    machine.files[real] = std::move(file);
    return FileError::None;
}

FileError Hosts::changeMode(HostId host, const std::string& path, std::optional<std::uint32_t> mode,
                            const std::string& owner)
{
    Machine& machine = at(host);
    const std::string real = resolvePath(machine, path);
    const auto found = machine.files.find(real);
    if (found == machine.files.end())
        return FileError::NoEntry;
    if (machine.mountOf(real).readOnly)
        return FileError::ReadOnly;
    auto file = std::make_shared<File>(*found->second);
    file->mode = mode.value_or(file->mode);
    const std::size_t colon = owner.find(':');
    if (const std::string user = owner.substr(0, colon); !user.empty())
        file->owner = user;
    if (colon != std::string::npos && colon + 1 < owner.size())
        file->group = owner.substr(colon + 1);
    found->second = std::move(file);
    return FileError::None;
}

FileError Hosts::makeDirectory(Engine& engine, HostId host, const std::string& path, bool parents)
{
    Machine& machine = at(host);
    const std::string real = resolvePath(machine, path);
    if (const File* there = findFile(machine, real))
        return parents && there->type == File::Type::Directory ? FileError::None : FileError::Exists;
    if (isVirtual(real))
        return FileError::NoEntry;
    if (parents && findFile(machine, parentPath(real)) == nullptr)
        if (const FileError error = makeDirectory(engine, host, parentPath(real), true);
            error != FileError::None)
            return error;
    if (const FileError error = parentError(machine, real); error != FileError::None)
        return error;
    if (const FileError error = roomError(machine, real, kBlock, true); error != FileError::None)
        return error;
    machine.files[real] = std::make_shared<File>(
        File{File::Type::Directory, 0755, "root", "root", "", kBlock, engine.now()});
    return FileError::None;
}

FileError Hosts::remove(Engine&, HostId host, const std::string& path, bool recursive)
{
    Machine& machine = at(host);
    const std::string real = resolvePath(machine, path, false);
    const auto found = machine.files.find(real);
    if (isVirtual(real))
        return FileError::Access;
    if (found == machine.files.end())
        return FileError::NoEntry;
    if (machine.mountOf(real).readOnly)
        return FileError::ReadOnly;
    if (found->second->type == File::Type::Directory) {
        if (!recursive)
            return hasChildren(machine, real) ? FileError::NotEmpty : FileError::IsDirectory;
        const auto first = machine.files.lower_bound(real + "/");
        auto last = first;
        while (last != machine.files.end() && last->first.compare(0, real.size() + 1, real + "/") == 0)
            ++last;
        machine.files.erase(first, last);
    }
    machine.files.erase(real);
    return FileError::None;
}

std::optional<File> Hosts::inspect(HostId host, const std::string& path, Instant now) const
{
    const Machine& machine = at(host);
    const std::string real = resolvePath(machine, path, false);
    if (isVirtual(real))
        return virtualFile(machine, real, now);
    const File* file = findFile(machine, real, false);
    if (file == nullptr)
        return std::nullopt;
    File copy = *file;
    copy.size = sizeOf(copy);
    return copy;
}

std::optional<File> Hosts::read(HostId host, const std::string& path, Instant now) const
{
    return inspect(host, resolvePath(at(host), path), now);
}

std::optional<std::vector<std::string>> Hosts::list(HostId host, const std::string& path, Instant now) const
{
    const Machine& machine = at(host);
    const std::string real = resolvePath(machine, path);
    if (isVirtual(real))
        return virtualDirectory(machine, real);
    const auto folder = read(host, real, now);
    if (!folder || folder->type != File::Type::Directory)
        return std::nullopt;
    std::vector<std::string> names;
    const std::string prefix = real == "/" ? "/" : real + "/";
    for (auto i = machine.files.lower_bound(prefix);
         i != machine.files.end() && i->first.compare(0, prefix.size(), prefix) == 0;) {
        const std::size_t end = i->first.find('/', prefix.size());
        const std::string name = i->first.substr(prefix.size(),
                                                 end == std::string::npos ? end : end - prefix.size());
        if (!name.empty() && (names.empty() || names.back() != name))
            names.push_back(name);
        // '0' follows '/' in ASCII: jump over everything below this name.
        i = end == std::string::npos ? std::next(i) : machine.files.lower_bound(prefix + name + "0");
    }
    if (real == "/")
        for (const char* name : {"proc", "sys"})
            names.emplace_back(name);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

bool Hosts::setSysctl(Engine& engine, net::Network& network, HostId host, const std::string& key,
                      const std::string& value)
{
    Machine& machine = at(host);
    const auto found = machine.sysctls.find(key);
    if (found == machine.sysctls.end())
        return false;
    found->second = value;
    applySysctls(engine, network, host);
    return true;
}

void Hosts::applySysctls(Engine& engine, net::Network& network, HostId host)
{
    Machine& machine = at(host);
    if (const auto huge = machine.sysctls.find("vm.nr_hugepages"); huge != machine.sysctls.end()) {
        // The kernel reserves as many as it can find, and says how many it found.
        const std::int64_t wanted = std::max<std::int64_t>(0, std::atoll(huge->second.c_str()));
        const std::int64_t room = std::max<std::int64_t>(0, machine.memoryLeftBytes() + machine.hugePageBytes());
        huge->second = std::to_string(std::min(wanted, room / Machine::kHugePageBytes));
    }
    const auto forward = machine.sysctls.find("net.ipv4.ip_forward");
    if (forward == machine.sysctls.end() || !network.hasStack(machine.stack))
        return;
    const bool on = forward->second != "0";
    if (network.stack(machine.stack).forwarding == on)
        return;
    network.stack(machine.stack).forwarding = on;
    network.changed(engine);
}

} // namespace sim::host
