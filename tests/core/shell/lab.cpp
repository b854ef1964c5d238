#include "tests/core/shell/lab.h"

#include <cstdlib>

namespace sim {
class World { };
struct Command { };
struct CommandResult { };
} // namespace sim

namespace test {

sim::CommandResult ClosedDoor::apply(const sim::Command&)
{
    std::abort();
}

namespace {

core::shell::CommandTable allCommands()
{
    core::shell::CommandTable table;
    core::shell::addTextCommands(table);
    addTestCommands(table);
    return table;
}

core::shell::Shell::Settings settings(bool interactive, bool separateErrors)
{
    core::shell::Shell::Settings result;
    result.place.host = sim::HostId{std::uint32_t{0}};
    result.interactive = interactive;
    result.separateErrors = separateErrors;
    result.columns = 80;
    result.rows = 24;
    return result;
}

} // namespace

Lab::Lab(bool interactive, bool separateErrors)
    : commands(allCommands()), shell(system, door, commands, settings(interactive, separateErrors))
{ }

std::string Lab::output()
{
    std::string text = shell.takeOutput();
    std::erase(text, '\r');
    return text;
}

std::string Lab::run(const std::string& line, sim::Duration limit)
{
    const sim::Instant end = system.clock + limit;
    shell.submit(line);
    while (!shell.idle()) {
        const std::optional<sim::Instant> next = shell.wakeAt();
        if (!next || *next > end) {
            shell.interrupt();
            break;
        }
        system.clock = std::max(system.clock, *next);
        shell.resume();
    }
    return output();
}

void Lab::advance(sim::Duration duration)
{
    const sim::Instant end = system.clock + duration;
    while (const std::optional<sim::Instant> next = shell.wakeAt()) {
        if (*next > end)
            break;
        system.clock = std::max(system.clock, *next);
        shell.resume();
    }
    system.clock = end;
}

void addTestCommands(core::shell::CommandTable& table)
{
    using core::shell::Invocation;
    core::shell::CommandSpec slow;
    slow.name = "slow";
    slow.summary = "print a tick every second";
    slow.run = [](Invocation& invocation) {
        for (int i = 1;; ++i) {
            invocation.noteRead("tick/" + std::to_string(i));
            invocation.print("tick " + std::to_string(i) + "\n");
            invocation.sleep(std::chrono::seconds(1));
        }
        return 0;
    };
    table.add(slow);
    core::shell::CommandSpec note;
    note.name = "note";
    note.summary = "note a read and print the words";
    note.parseOptions = false;
    note.run = [](Invocation& invocation) {
        invocation.noteRead(invocation.arguments.at(0));
        for (std::size_t i = 1; i < invocation.arguments.size(); ++i)
            invocation.print(invocation.arguments[i] + "\n");
        return 0;
    };
    table.add(note);
    core::shell::CommandSpec ssh;
    ssh.name = "ssh";
    ssh.summary = "OpenSSH remote login client";
    ssh.parseOptions = false;
    ssh.run = [](Invocation& invocation) {
        core::shell::Place place;
        place.host = sim::HostId{std::uint32_t{2}};
        place.user = "root";
        std::string line;
        for (std::size_t i = 1; i < invocation.arguments.size(); ++i)
            line += (i > 1 ? " " : "") + invocation.arguments[i];
        return line.empty() ? invocation.openShellAt(place) : invocation.runAt(place, line);
    };
    table.add(ssh);
    core::shell::CommandSpec keys;
    keys.name = "keys";
    keys.summary = "print keys until q";
    keys.run = [](Invocation& invocation) {
        while (const auto key = invocation.readKey(std::nullopt)) {
            if (*key == "q")
                return 0;
            invocation.print("<" + *key + ">\n");
        }
        return 1;
    };
    table.add(keys);
}

} // namespace test
