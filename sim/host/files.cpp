#include "sim/host/hosts.h"
#include "sim/host/paths.h"
#include "sim/host/disk.h"
#include "sim/host/proc_files.h"

#include <algorithm>
#include <cstdio>
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

/// Stores a file's new state at every path that shares its inode.
void putInode(Machine& machine, const std::string& path, std::shared_ptr<const File> file)
{
    if (file->links > 1)
        for (auto& [other, linked] : machine.files)
            if (linked->inode == file->inode)
                linked = file;
    machine.files[path] = std::move(file);
}

bool isOpen(const Machine& machine, std::uint64_t inode)
{
    for (const auto& [pid, process] : machine.processes)
        for (const OpenFile& open : process.openFiles)
            if (open.inode == inode)
                return true;
    return false;
}

/// One name less. The last name of an open file leaves the file behind.
void unlinkInode(Machine& machine, const std::string& path, std::shared_ptr<const File> file)
{
    if (file->inode == 0 || file->type != File::Type::Regular)
        return;
    if (file->links > 1) {
        auto fewer = std::make_shared<File>(*file);
        --fewer->links;
        for (auto& [other, linked] : machine.files)
            if (linked->inode == fewer->inode)
                linked = fewer;
    } else if (isOpen(machine, file->inode)) {
        const std::uint64_t inode = file->inode;
        machine.unlinked[inode] = {path, std::move(file)};
    }
}

/// The open file of "/proc/PID/fd/N"; null for other paths.
const OpenFile* descriptorAt(const Machine& machine, const std::string& path)
{
    long long pid = 0, descriptor = 0;
    int end = 0;
    if (std::sscanf(path.c_str(), "/proc/%lld/fd/%lld%n", &pid, &descriptor, &end) != 2 || static_cast<std::size_t>(end) != path.size())
        return nullptr;
    const auto process = machine.processes.find(pid);
    if (process == machine.processes.end())
        return nullptr;
    for (const OpenFile& open : process->second.openFiles)
        if (open.descriptor == descriptor)
            return &open;
    return nullptr;
}

FileError writeOpen(Machine& machine, const OpenFile& open, const std::string& content, bool append, Instant now)
{
    if (open.kind != OpenFile::Kind::Regular)
        return open.kind == OpenFile::Kind::Device || open.kind == OpenFile::Kind::Pipe ? FileError::None : FileError::NoEntry;
    const auto lost = machine.unlinked.find(open.inode);
    const auto named = machine.files.find(open.path);
    if (lost == machine.unlinked.end() && named == machine.files.end())
        return FileError::NoEntry;
    auto file = std::make_shared<File>(lost != machine.unlinked.end() ? *lost->second.file : *named->second);
    const std::int64_t before = append ? sizeOf(*file) : 0;
    file->content = append ? file->content + content : content;
    file->size = before + static_cast<std::int64_t>(content.size());
    file->modified = now;
    if (lost != machine.unlinked.end())
        lost->second.file = std::move(file);
    else
        putInode(machine, open.path, std::move(file));
    return FileError::None;
}

} // namespace

std::uint64_t inodeOf(Machine& machine, const std::string& path)
{
    const auto found = machine.files.find(path);
    FL_ASSERT(found != machine.files.end());
    if (found->second->inode == 0) {
        auto numbered = std::make_shared<File>(*found->second);
        numbered->inode = machine.nextInode++;
        found->second = std::move(numbered);
    }
    return found->second->inode;
}

void openFile(Machine& machine, Process& process, OpenFile file)
{
    if (file.kind == OpenFile::Kind::Regular)
        file.inode = inodeOf(machine, file.path);
    const auto taken = [&](std::int64_t descriptor) {
        return std::any_of(process.openFiles.begin(), process.openFiles.end(), [&](const OpenFile& f) { return f.descriptor == descriptor; });
    };
    while (taken(file.descriptor))
        ++file.descriptor;
    process.openFiles.push_back(std::move(file));
}

void dropUnlinked(Machine& machine)
{
    std::erase_if(machine.unlinked, [&](const auto& entry) { return !isOpen(machine, entry.first); });
}

FileError Hosts::writeFile(Engine& engine, HostId host, const std::string& path, std::string content,
                           bool append, std::uint32_t mode, std::int64_t size)
{
    Machine& machine = at(host);
    const std::string real = resolvePath(machine, path);
    if (real == "/dev/null")
        return FileError::None;
    if (isVirtual(real)) {
        if (const OpenFile* open = descriptorAt(machine, real))
            return writeOpen(machine, *open, content, append, engine.now());
        if (const auto limit = machine.files.find(real); limit != machine.files.end()) { // of a control group
            auto changed = std::make_shared<File>(*limit->second);
            changed->content = ioLimitAfter(changed->content, content);
            limit->second = std::move(changed);
            return FileError::None;
        }
        if (const ProcessPath of = processPathOf(machine, real); of.process != nullptr && of.rest == "oom_score_adj") {
            if (content.empty())
                return FileError::None; // open(O_TRUNC) before the write
            const int adjust = std::atoi(content.c_str());
            if (adjust < -1000 || adjust > 1000 || content.find_first_of("0123456789") == std::string::npos)
                return FileError::Invalid;
            machine.processes.at(of.process->pid).oomScoreAdjust = adjust;
            return FileError::None;
        }
        if (real == "/proc/sys/vm/drop_caches") {
            if (content.empty())
                return FileError::None;
            const int what = std::atoi(content.c_str());
            if (what < 1 || what > 4)
                return FileError::Invalid;
            if ((what & 1) != 0)
                machine.cacheBytes /= 12; // what is mapped, dirty or shared stays
            if ((what & 2) != 0)
                for (auto& [name, cache] : machine.slabs)
                    cache.objects = cache.reclaimable ? 0 : cache.objects;
            log(engine, host, "kernel", "", 0, 6, "bash (" + std::to_string(machine.nextPid) + "): drop_caches: " + std::to_string(what));
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
    if (found != machine.files.end() && found->second->immutable)
        return FileError::NotPermitted;

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
            putInode(machine, real, std::move(file));
        }
        return room;
    }
    putInode(machine, real, std::move(file));
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
    putInode(machine, real, std::move(file));
    return FileError::None;
}

FileError Hosts::setImmutable(HostId host, const std::string& path, bool immutable)
{
    Machine& machine = at(host);
    const std::string real = resolvePath(machine, path);
    const auto found = machine.files.find(real);
    if (found == machine.files.end())
        return FileError::NoEntry;
    if (machine.mountOf(real).readOnly)
        return FileError::ReadOnly;
    auto file = std::make_shared<File>(*found->second);
    file->immutable = immutable;
    putInode(machine, real, std::move(file));
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
    if (found->second->immutable)
        return FileError::NotPermitted;
    if (found->second->type == File::Type::Directory) {
        if (!recursive)
            return hasChildren(machine, real) ? FileError::NotEmpty : FileError::IsDirectory;
        const auto first = machine.files.lower_bound(real + "/");
        auto last = first;
        for (; last != machine.files.end() && last->first.compare(0, real.size() + 1, real + "/") == 0; ++last)
            unlinkInode(machine, last->first, last->second);
        machine.files.erase(first, last);
    }
    unlinkInode(machine, real, found->second);
    machine.files.erase(real);
    return FileError::None;
}

FileError Hosts::rename(Engine&, HostId host, const std::string& from, const std::string& to)
{
    Machine& machine = at(host);
    const std::string source = resolvePath(machine, from, false), target = resolvePath(machine, to, false);
    const auto found = machine.files.find(source);
    if (found == machine.files.end())
        return isVirtual(source) ? FileError::Access : FileError::NoEntry;
    if (found->second->immutable)
        return FileError::NotPermitted;
    if (const FileError error = parentError(machine, target); error != FileError::None)
        return error;
    if (machine.mountOf(source).path != machine.mountOf(target).path)
        return FileError::CrossDevice;
    if (source == target)
        return FileError::None;
    const bool folder = found->second->type == File::Type::Directory;
    if (const auto there = machine.files.find(target); there != machine.files.end()) {
        const bool onFolder = there->second->type == File::Type::Directory;
        if (folder != onFolder)
            return onFolder ? FileError::IsDirectory : FileError::NotDirectory;
        if (onFolder && hasChildren(machine, target))
            return FileError::NotEmpty;
        unlinkInode(machine, target, there->second);
    }
    std::vector<std::pair<std::string, std::shared_ptr<const File>>> moved{{target, found->second}};
    if (folder)
        for (auto i = machine.files.lower_bound(source + "/");
             i != machine.files.end() && i->first.compare(0, source.size() + 1, source + "/") == 0; i = machine.files.erase(i))
            moved.emplace_back(target + i->first.substr(source.size()), i->second);
    machine.files.erase(source);
    for (auto& [path, file] : moved) {
        for (auto& [pid, process] : machine.processes)
            for (OpenFile& open : process.openFiles)
                if (file->inode != 0 && open.inode == file->inode)
                    open.path = path;
        machine.files[path] = std::move(file);
    }
    return FileError::None;
}

FileError Hosts::link(Engine&, HostId host, const std::string& from, const std::string& to)
{
    Machine& machine = at(host);
    const std::string source = resolvePath(machine, from), target = resolvePath(machine, to, false);
    const auto found = machine.files.find(source);
    if (found == machine.files.end())
        return isVirtual(source) ? FileError::CrossDevice : FileError::NoEntry;
    if (found->second->type == File::Type::Directory)
        return FileError::Access;
    if (machine.files.count(target) > 0)
        return FileError::Exists;
    if (const FileError error = parentError(machine, target); error != FileError::None)
        return error;
    if (machine.mountOf(source).path != machine.mountOf(target).path)
        return FileError::CrossDevice;
    inodeOf(machine, source);
    auto linked = std::make_shared<File>(*found->second);
    ++linked->links;
    putInode(machine, target, linked);
    return FileError::None;
}

FileError Hosts::symlink(Engine& engine, HostId host, const std::string& target, const std::string& path)
{
    Machine& machine = at(host);
    const std::string real = resolvePath(machine, path, false);
    if (machine.files.count(real) > 0)
        return FileError::Exists;
    if (const FileError error = parentError(machine, real); error != FileError::None)
        return error;
    if (const FileError error = roomError(machine, real, 0, true); error != FileError::None)
        return error;
    machine.files[real] = std::make_shared<File>(
        File{File::Type::Symlink, 0777, "root", "root", target, static_cast<std::int64_t>(target.size()), engine.now()});
    return FileError::None;
}

FileError Hosts::truncate(Engine& engine, HostId host, const std::string& path, std::int64_t size)
{
    Machine& machine = at(host);
    const std::string real = resolvePath(machine, path);
    const OpenFile* open = descriptorAt(machine, real);
    const auto lost = open == nullptr ? machine.unlinked.end() : machine.unlinked.find(open->inode);
    const std::string name = open != nullptr && lost == machine.unlinked.end() ? open->path : real;
    const auto named = machine.files.find(name);
    if (lost == machine.unlinked.end() && named == machine.files.end())
        return FileError::NoEntry;
    const File& before = lost != machine.unlinked.end() ? *lost->second.file : *named->second;
    if (before.type != File::Type::Regular)
        return FileError::IsDirectory;
    if (lost == machine.unlinked.end() && machine.mountOf(name).readOnly)
        return FileError::ReadOnly;
    if (lost == machine.unlinked.end())
        if (const FileError error = roomError(machine, name, blocks(size) - blocks(sizeOf(before)), false); error != FileError::None)
            return error;
    auto file = std::make_shared<File>(before);
    file->content.resize(std::min<std::size_t>(file->content.size(), static_cast<std::size_t>(size)));
    file->size = size;
    file->modified = engine.now();
    if (lost != machine.unlinked.end())
        lost->second.file = std::move(file);
    else
        putInode(machine, name, std::move(file));
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
    if (network.hasStack(machine.stack)) {
        net::Stack& stack = network.stack(machine.stack);
        const auto number = [&](const char* key, std::int64_t& value) {
            if (const auto found = machine.sysctls.find(key); found != machine.sysctls.end())
                value = std::atoll(found->second.c_str());
        };
        number("net.netfilter.nf_conntrack_max", stack.conntrack.max);
        number("net.core.somaxconn", stack.somaxconn);
        number("net.ipv4.tcp_syn_retries", stack.synRetries);
        number("net.ipv4.tcp_retries2", stack.dataRetries);
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
