#pragma once

#include "core/shell/commands/world_system.h"
#include "core/shell/shell.h"
#include "sim/world/world.h"

#include <memory>
#include <string>

namespace test {

/// Where a suite's commands are tried.
struct Setting {
    std::string topology;
    sim::Duration warmUp; ///< after the start
    void (*addCommands)(core::shell::CommandTable&); ///< beside the text tools and Linux'
};
/// Each suite that links CommandLab has its own.
Setting suiteSetting();

/// A shell in the suite's setting; the clock jumps to whatever the shell waits for.
class CommandLab {
public:
    explicit CommandLab(const std::string& machine = "bastion", const std::string& user = "ops",
                        bool interactive = false);
    ~CommandLab();

    /// Runs a line to its end (at most `limit` of virtual time, then Ctrl-C) and returns what it printed.
    std::string run(const std::string& line, sim::Duration limit = std::chrono::hours(1));
    void advance(sim::Duration duration);
    /// What the commands since the last call said they had read.
    std::vector<std::string> reads();

    sim::World world;
    int status() const { return m_shell->lastStatus(); }

private:
    class WorldDoor final : public core::shell::Door {
    public:
        explicit WorldDoor(sim::World& world) : m_world(world) { }
        const sim::World& world() const override { return m_world; }
        sim::CommandResult apply(const sim::Command& command) override { return m_world.apply(command); }

    private:
        sim::World& m_world;
    };

    WorldDoor m_door{world};
    core::shell::WorldSystem m_system{m_door};
    core::shell::CommandTable m_commands;
    std::unique_ptr<core::shell::Shell> m_shell;
};

} // namespace test
