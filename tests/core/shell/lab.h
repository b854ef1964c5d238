#pragma once

#include "core/shell/shell.h"
#include "core/shell/text/text_commands.h"
#include "tests/support/fake_system.h"

namespace test {

/// The way to a world that no test of the shell needs.
class ClosedDoor final : public core::shell::Door {
public:
    [[noreturn]] const sim::World& world() const override { std::abort(); }
    [[noreturn]] sim::CommandResult apply(const sim::Command&) override;
};

/// A shell on a fake machine, whose clock jumps to the next instant the shell waits for.
struct Lab {
    explicit Lab(bool interactive = false, bool separateErrors = false);

    FakeSystem system;
    ClosedDoor door;
    core::shell::CommandTable commands;
    core::shell::Shell shell;

    /// Runs a line to its end (at most `limit` of virtual time, then Ctrl-C) and returns what it printed.
    std::string run(const std::string& line, sim::Duration limit = std::chrono::hours(1));
    /// Lets virtual time pass while jobs run.
    void advance(sim::Duration duration);
    std::string output();
};

/// The commands the tests add to the real table: `slow`, `note`, `ssh`, `keys`.
void addTestCommands(core::shell::CommandTable& table);

} // namespace test
