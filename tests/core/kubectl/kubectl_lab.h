#pragma once

#include "core/shell/commands/world_system.h"
#include "core/shell/shell.h"
#include "sim/world/world.h"

#include <memory>
#include <string>

namespace test {

/// An operator's shell with all commands in the default topology, five minutes after its start; the clock
/// jumps to whatever the shell waits for.
class KubectlLab {
public:
    explicit KubectlLab(const std::string& machine = "bastion", const std::string& user = "ops",
                        bool interactive = false);
    ~KubectlLab();

    /// Runs a line to its end (at most `limit` of virtual time, then Ctrl-C) and returns what it printed.
    std::string run(const std::string& line, sim::Duration limit = std::chrono::minutes(10));
    /// Starts a line and runs it until it ends or waits for keys.
    void start(const std::string& line);
    /// Types into the full-screen program that waits; '\x1b' ends vi's insert mode.
    void type(const std::string& keys);
    bool wantsKeys() const { return m_shell->wantsKeys(); }
    std::string takeOutput();
    void advance(sim::Duration duration) { world.runUntil(world.now() + duration); }
    std::string file(const std::string& path);

    sim::World world;
    int status() const { return m_shell->lastStatus(); }

private:
    void drive(sim::Instant end);

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
