#pragma once

#include "core/shell/language/streams.h"
#include "core/shell/shell.h"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace core::shell {

/// What the commands of one pipeline read of the world. Nested pipelines (in a loop, behind ssh) report to
/// the enclosing one as well.
struct ReadScope {
    ReadScope* parent = nullptr;
    std::set<std::string> reads;
};

/// One command line being run.
struct Job {
    int id = 0;
    std::string commandLine;
    struct Segment {
        std::string text;
        ReadScope* scope = nullptr; ///< null: made from nothing of the world
    };
    std::vector<Segment> pending; ///< shown, but not reported yet
    int status = 0;
    bool knownCommand = true;
    bool reported = false; ///< at least one Shown was made of it
};

/// The learner's screen and keyboard, and the record of what was shown.
class Terminal {
public:
    Terminal(Fibers& fibers, std::function<sim::Instant()> now) : m_fibers(fibers), m_now(std::move(now)) { }

    bool interactive = true;
    int columns = 120;
    int rows = 30;

    // --- jobs -------------------------------------------------------------------------------------
    Job& startJob(std::string commandLine);
    /// The job of the current fiber. Requires: inside one.
    Job& currentJob();
    /// Reports the rest and forgets the job.
    void endJob(int id);
    /// Reports what is pending. Nothing when there is none.
    void flush(int job);
    void noteRead(const std::string& source);
    /// A pipeline ended: what it showed is reported, unless it read nothing.
    void endScope(int job, ReadScope& scope);

    // --- screen -----------------------------------------------------------------------------------
    /// Text of a command: recorded as shown.
    void write(std::string_view text);
    /// The same, for takeErrors() instead of the screen.
    void writeError(std::string_view text);
    /// Text of the terminal itself: echo, prompts, "^C". Not recorded.
    void echo(std::string_view text);
    std::string takeOutput() { return std::exchange(m_output, {}); }
    std::string takeErrors() { return std::exchange(m_errors, {}); }
    std::vector<Shown> takeShown() { return std::exchange(m_shown, {}); }
    bool atLineStart() const { return m_atLineStart; }

    // --- keyboard ---------------------------------------------------------------------------------
    std::optional<std::string> readKey(std::optional<sim::Duration> timeout);
    /// A line typed with echo and erase; nothing at Ctrl-D or when there is no keyboard.
    std::optional<std::string> readTypedLine();
    bool wantsKeys() const { return m_reader != nullptr; }
    void sendKey(const std::string& bytes);

    /// Makes the stream that shows text here, and the one that reads the keyboard.
    std::shared_ptr<Stream> screenStream();
    std::shared_ptr<Stream> errorStream();
    std::shared_ptr<Input> keyboardStream();

private:
    void recordShown(std::string_view text);

    Fibers& m_fibers;
    std::function<sim::Instant()> m_now;
    std::map<int, Job> m_jobs;
    int m_nextJob = 1;
    std::string m_output;
    std::string m_errors;
    std::vector<Shown> m_shown;
    bool m_atLineStart = true;
    std::deque<std::string> m_keys;
    Fiber* m_reader = nullptr;
    std::string m_typed; ///< the unfinished line of readTypedLine()
};

/// A pipeline's scope: current while it lives, on the fiber that made it.
class ReadScopeGuard {
public:
    ReadScopeGuard(Terminal& terminal, Fibers& fibers)
        : m_terminal(terminal), m_fiber(fibers.current()), m_scope{m_fiber->scope, {}}
    {
        m_fiber->scope = &m_scope;
    }
    ~ReadScopeGuard()
    {
        m_terminal.endScope(m_fiber->job(), m_scope);
        m_fiber->scope = m_scope.parent;
    }
    ReadScopeGuard(const ReadScopeGuard&) = delete;
    ReadScopeGuard& operator=(const ReadScopeGuard&) = delete;

private:
    Terminal& m_terminal;
    Fiber* m_fiber;
    ReadScope m_scope;
};

/// Text without VT sequences and carriage returns.
std::string withoutControlSequences(std::string_view text);

} // namespace core::shell
