#include "tests/core/kubectl/kubectl_lab.h"

#include "core/shell/commands/all_commands.h"

#include <gtest/gtest.h>

#include <fstream>

namespace test {

namespace {

/// Built and warmed up once; every test gets a copy.
const sim::World& warmWorld()
{
    static const sim::World world = [] {
        std::ifstream file(std::string(FAULTLINE_CONTENT) + "/topologies/mini.json");
        auto built = sim::World::build(nlohmann::json::parse(file), 1);
        if (!built) {
            ADD_FAILURE() << built.error().text();
            std::abort();
        }
        (*built).runUntil((*built).now() + std::chrono::minutes(5));
        return *built;
    }();
    return world;
}

} // namespace

KubectlLab::KubectlLab(const std::string& machine, const std::string& user, bool interactive)
    : world(warmWorld()), m_commands(core::shell::allCommands())
{
    core::shell::Shell::Settings settings;
    settings.interactive = interactive;
    settings.place.user = user;
    settings.place.host = world.machine(machine)->id;
    m_shell = std::make_unique<core::shell::Shell>(m_system, m_door, m_commands, settings);
}

KubectlLab::~KubectlLab() = default;

std::string KubectlLab::run(const std::string& line, sim::Duration limit)
{
    m_shell->submit(line);
    drive(world.now() + limit);
    if (!m_shell->idle())
        m_shell->interrupt();
    return takeOutput();
}

void KubectlLab::start(const std::string& line)
{
    m_shell->submit(line);
    drive(world.now() + std::chrono::minutes(10));
}

void KubectlLab::type(const std::string& keys)
{
    for (const char key : keys) {
        m_shell->sendKey(std::string(1, key));
        drive(world.now() + std::chrono::minutes(10));
    }
}

std::string KubectlLab::takeOutput()
{
    std::string text = m_shell->takeOutput();
    std::erase(text, '\r');
    return text;
}

std::string KubectlLab::file(const std::string& path)
{
    return m_system.readFile(m_shell->place(), path).text;
}

void KubectlLab::drive(sim::Instant end)
{
    while (!m_shell->idle() && !m_shell->wantsKeys()) {
        const auto next = m_shell->wakeAt();
        if (!next || *next > end) {
            world.runUntil(end);
            return;
        }
        world.runUntil(std::max(world.now(), *next));
        m_shell->resume();
    }
}

} // namespace test
