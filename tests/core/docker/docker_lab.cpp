#include "core/shell/commands/docker/docker.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/text_commands.h"
#include "tests/core/commands/command_lab.h"
#include "tests/support/content.h"

#include <gtest/gtest.h>

namespace test {

namespace {

/// The containers have run for two minutes.
const sim::World& warmDocker()
{
    static const sim::World world = [] {
        auto built = sim::World::build(tests::library()->topologies.at("docker"), 1);
        if (!built) {
            ADD_FAILURE() << built.error().text();
            std::abort();
        }
        built->runUntil(built->now() + std::chrono::minutes(2));
        return *built;
    }();
    return world;
}

} // namespace

CommandLab::CommandLab(const std::string& machine, const std::string& user, bool interactive)
    : world(warmDocker())
{
    core::shell::addTextCommands(m_commands);
    core::shell::addLinuxCommands(m_commands);
    core::shell::addDocker(m_commands);
    core::shell::Shell::Settings settings;
    settings.interactive = interactive;
    settings.place.user = user;
    settings.place.host = world.machine(machine)->id;
    m_shell = std::make_unique<core::shell::Shell>(m_system, m_door, m_commands, settings);
}

CommandLab::~CommandLab() = default;

std::string CommandLab::run(const std::string& line, sim::Duration limit)
{
    const sim::Instant end = world.now() + limit;
    m_shell->submit(line);
    while (!m_shell->idle()) {
        const auto next = m_shell->wakeAt();
        if (!next || *next > end) {
            world.runUntil(end);
            m_shell->interrupt();
            break;
        }
        world.runUntil(std::max(world.now(), *next));
        m_shell->resume();
    }
    std::string text = m_shell->takeOutput();
    std::erase(text, '\r');
    return text;
}

void CommandLab::advance(sim::Duration duration)
{
    world.runUntil(world.now() + duration);
}

std::vector<std::string> CommandLab::reads()
{
    std::vector<std::string> all;
    for (const auto& shown : m_shell->takeShown())
        all.insert(all.end(), shown.reads.begin(), shown.reads.end());
    return all;
}

} // namespace test
