#pragma once

#include "core/shell/command_table.h"
#include "core/shell/invocation.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace core::shell {

/// Text that reached the learner's screen, with what it was made from.
struct Shown {
    sim::Instant at{};
    std::string commandLine;
    std::string text;
    std::vector<std::string> reads; ///< Invocation::noteRead() of all commands of the pipeline, sorted
    int status = 0;
    bool knownCommand = true; ///< false: "command not found", which never counts against the learner
};

/// One terminal's shell: runs lines as jobs on virtual time. Exactly one thread of the program runs at
/// a time; jobs are fibers that the owner resumes, so results never depend on the host's scheduling.
class Shell {
public:
    struct Settings {
        Place place;
        bool interactive = true; ///< prompts, history, raw keys
        bool separateErrors = false; ///< standard error goes to takeErrors() instead of the screen
        int columns = 120;
        int rows = 30;
    };

    Shell(System& system, Door& door, const CommandTable& commands, Settings settings);
    ~Shell();
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    /// No foreground job: a line may be submitted.
    bool idle() const;
    /// Requires: idle(). Starts the line and runs it until it first sleeps or ends. An unfinished line
    /// (open quote, here-document, `for` without `done`) is kept; prompt() then is "> ".
    void submit(const std::string& line);
    /// The instant at which the foreground job wants to go on; nothing when idle or waiting for keys.
    std::optional<sim::Instant> wakeAt() const;
    /// Requires: wakeAt() <= now. Runs the job until it sleeps again or ends.
    void resume();
    /// Ctrl-C: ends the foreground job with status 130, or drops an unfinished line.
    void interrupt();
    /// Ctrl-D on an empty line: leaves the innermost ssh, or does nothing at the first shell.
    void endOfInput();
    /// True while a full-screen program reads keys.
    bool wantsKeys() const;
    void sendKey(const std::string& bytes);
    void resize(int columns, int rows);

    /// "ops@bastion:~$ " with colours as VT sequences.
    std::string prompt() const;
    /// Bytes for the screen since the last call (VT sequences, "\r\n" line ends).
    std::string takeOutput();
    /// Standard error since the last call, with Settings::separateErrors.
    std::string takeErrors();
    /// What was shown since the last call.
    std::vector<Shown> takeShown();
    int lastStatus() const;
    const Place& place() const;
    const std::vector<std::string>& history() const;
    void setHistory(std::vector<std::string> lines);

    struct CompletionResult {
        std::size_t start = 0; ///< byte offset of the word being completed
        std::vector<Completion> candidates;
    };
    /// Requires: idle(). Never changes the world.
    CompletionResult complete(const std::string& line, std::size_t cursor);
    using CommandNames = std::set<std::string, std::less<>>;
    /// Requires: idle(). What may stand where a command is due: built-ins, commands found here, functions, aliases.
    CommandNames commandNames();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::shell
