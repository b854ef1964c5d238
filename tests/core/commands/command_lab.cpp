#include "tests/core/commands/command_lab.h"

#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/text_commands.h"
#include "tests/support/content.h"

#include <gtest/gtest.h>

namespace test {

namespace {

/// Built and warmed up once; every test gets a copy.
const sim::World& warmWorld()
{
    static const sim::World world = [] {
        const Setting setting = suiteSetting();
        auto built = sim::World::build(tests::library()->topologies.at(setting.topology), 1);
        if (!built) {
            ADD_FAILURE() << built.error().text();
            std::abort();
        }
        built->runUntil(built->now() + setting.warmUp);
        return *built;
    }();
    return world;
}

} // namespace

CommandLab::CommandLab(const std::string& machine, const std::string& user, bool interactive)
    : world(warmWorld())
{
    core::shell::addTextCommands(m_commands);
    core::shell::addLinuxCommands(m_commands);
    suiteSetting().addCommands(m_commands);
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
