#pragma once

#include "core/shell/paths.h"
#include "core/shell/system.h"

#include <map>
#include <set>
#include <string>

namespace test {

/// A machine in memory: one tree of files shared by all places, a clock that the test moves.
class FakeSystem final : public core::shell::System {
public:
    using Place = core::shell::Place;
    using Errno = core::shell::Errno;
    using FileStat = core::shell::FileStat;

    struct File {
        FileStat stat;
        std::string text;
    };

    sim::Instant clock = sim::Instant{std::chrono::seconds(1767225600)}; ///< 2026-01-01T00:00:00Z
    std::map<std::string, File> files;
    std::set<std::string, std::less<>> missingCommands;
    bool diskFull = false;
    int writes = 0;

    FakeSystem()
    {
        for (const char* path : {"/", "/etc", "/home", "/root", "/tmp", "/var", "/var/log"})
            addDirectory(path);
        addDirectory("/home/ops", "ops");
    }
    void addDirectory(const std::string& path, const std::string& owner = "root", std::uint32_t mode = 0755)
    {
        File file;
        file.stat.type = FileStat::Type::Directory;
        file.stat.mode = mode;
        file.stat.owner = file.stat.group = owner;
        file.stat.size = 4096;
        file.stat.modified = clock;
        files[path] = file;
    }
    void addFile(const std::string& path, std::string text, const std::string& owner = "ops",
                 std::uint32_t mode = 0644)
    {
        File file;
        file.stat.mode = mode;
        file.stat.owner = file.stat.group = owner;
        file.stat.size = static_cast<std::int64_t>(text.size());
        file.stat.modified = clock;
        file.text = std::move(text);
        files[path] = file;
    }

    sim::Instant now() const override { return clock; }
    std::string hostName(const Place& place) const override
    {
        return place.container      ? "pod"
            : place.host.value == 0 ? "bastion"
                                    : "worker-" + std::to_string(place.host.value);
    }
    std::string homeDirectory(const Place& place) const override
    {
        return place.user == "root" ? "/root" : "/home/" + place.user;
    }
    core::shell::ReadFile readFile(const Place& place, const std::string& path) override
    {
        const auto it = files.find(path);
        if (it == files.end())
            return {Errno::NoEntry, {}};
        if (it->second.stat.type == FileStat::Type::Directory)
            return {Errno::IsDirectory, {}};
        if ((it->second.stat.mode & 4) == 0 && place.user != "root" && place.user != it->second.stat.owner)
            return {Errno::AccessDenied, {}};
        return {Errno::None, it->second.text};
    }
    Errno writeFile(const Place& place, const std::string& path, std::string_view text, bool append) override
    {
        ++writes;
        if (diskFull && !text.empty())
            return Errno::NoSpace;
        const auto it = files.find(path);
        if (it != files.end() && it->second.stat.type == FileStat::Type::Directory)
            return Errno::IsDirectory;
        const auto parent = files.find(core::shell::parentOf(path));
        if (parent == files.end())
            return Errno::NoEntry;
        if (parent->second.stat.type != FileStat::Type::Directory)
            return Errno::NotDirectory;
        const bool allowed = place.user == "root" || path.compare(0, 5, "/tmp/") == 0
            || (it != files.end() ? it->second.stat.owner : parent->second.stat.owner) == place.user;
        if (!allowed)
            return Errno::AccessDenied;
        if (it == files.end())
            addFile(path, std::string(text), place.user);
        else {
            it->second.text = append ? it->second.text + std::string(text) : std::string(text);
            it->second.stat.size = static_cast<std::int64_t>(it->second.text.size());
            it->second.stat.modified = clock;
        }
        return Errno::None;
    }
    Errno removeFile(const Place&, const std::string& path) override
    {
        const auto it = files.find(path);
        if (it == files.end())
            return Errno::NoEntry;
        if (it->second.stat.type == FileStat::Type::Directory) {
            const auto next = std::next(it);
            if (next != files.end() && next->first.compare(0, path.size() + 1, path + "/") == 0)
                return Errno::NotEmpty;
        }
        files.erase(it);
        return Errno::None;
    }
    Errno makeDirectory(const Place& place, const std::string& path) override
    {
        if (files.count(path))
            return Errno::Exists;
        if (!files.count(core::shell::parentOf(path)))
            return Errno::NoEntry;
        addDirectory(path, place.user);
        return Errno::None;
    }
    std::optional<FileStat> stat(const Place&, const std::string& path, bool) override
    {
        const auto it = files.find(path);
        return it == files.end() ? std::nullopt : std::optional(it->second.stat);
    }
    std::optional<std::vector<core::shell::DirectoryEntry>> list(const Place&,
                                                                 const std::string& path) override
    {
        const auto it = files.find(path);
        if (it == files.end() || it->second.stat.type != FileStat::Type::Directory)
            return {};
        std::vector<core::shell::DirectoryEntry> entries;
        for (const auto& [name, file] : files)
            if (name != "/" && core::shell::parentOf(name) == path)
                entries.push_back({std::string(core::shell::fileNameOf(name)), file.stat});
        return entries;
    }
    bool hasCommand(const Place&, std::string_view name) const override
    {
        return !missingCommands.count(name);
    }
};

} // namespace test
