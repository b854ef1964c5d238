#pragma once

#include "core/shell/invocation.h"
#include "core/shell/system.h"

namespace core::shell {

/// The simulated world as the shell's machine: files of hosts and containers, host names, installed
/// commands. Changes go through the door as commands.
class WorldSystem final : public System {
public:
    explicit WorldSystem(Door& door) : m_door(door) { }

    sim::Instant now() const override;
    std::string hostName(const Place& place) const override;
    std::string homeDirectory(const Place& place) const override;
    ReadFile readFile(const Place& place, const std::string& path) override;
    Errno writeFile(const Place& place, const std::string& path, std::string_view text, bool append) override;
    Errno mayExecute(const Place& place, const std::string& path) override;
    Errno removeFile(const Place& place, const std::string& path) override;
    Errno makeDirectory(const Place& place, const std::string& path) override;
    std::optional<FileStat> stat(const Place& place, const std::string& path,
                                 bool followLink = true) override;
    std::optional<std::vector<DirectoryEntry>> list(const Place& place, const std::string& path) override;
    bool hasCommand(const Place& place, std::string_view name) const override;

private:
    Door& m_door;
};

} // namespace core::shell
