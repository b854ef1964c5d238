#pragma once

#include "core/content/library.h"
#include "core/incident/incident_run.h"
#include "core/session/frame.h"
#include "core/session/replay.h"
#include "core/session/runner.h"
#include "core/shell/shell.h"
#include "sim/engine/result.h"
#include "sim/world/world.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core::session {

/// What one line did when it was run to its end.
struct LineOutcome {
    std::string output;      ///< what the screen got, VT sequences removed
    int status = 0;
    sim::Duration took{};
    bool timedOut = false;   ///< stopped with Ctrl-C at the limit
};

/// A terminal's host text that means a place inside a pod's container, for Session::openTerminal. Without `tty` it
/// has pipes: no prompt, no columns, and errors apart (Shell::takeErrors). `attached`: its shell is the container's process,
/// which ends as the shell did when the terminal is closed.
std::string podPlace(const std::string& namespace_, const std::string& pod, const std::string& container, bool tty, bool attached = false);

/// A lab being used: world + input log + shells + incident, on one thread. Everything a learner or an
/// instructor does goes through here, is stamped with a virtual instant, and is logged before it is
/// applied; the log alone brings the session back (replay), as do a keyframe and the log's tail (rewind).
class Session {
public:
    static sim::Result<std::unique_ptr<Session>> start(std::shared_ptr<const content::Library> library,
                                                       StartRequest request);
    /// Another one as this one was begun: who plays one start in several ways pays for it once. Requires: nothing was put in yet.
    std::unique_ptr<Session> again() const;
    /// Plays a replay file's inputs, up to `until` or its end.
    static sim::Result<std::unique_ptr<Session>> replay(std::shared_ptr<const content::Library> library,
                                                        const ReplayFile& file,
                                                        std::optional<sim::Instant> until = std::nullopt);
    ~Session();

    const sim::World& world() const;
    sim::Instant now() const;
    std::uint64_t fingerprint() const;
    const StartRequest& request() const;

    /// Lets virtual time pass; shells' jobs run as they fall due. Any split into steps gives one result.
    void runFor(sim::Duration duration);
    void runUntil(sim::Instant to);

    TerminalId openTerminal(const std::string& host = {});
    void closeTerminal(TerminalId id);
    /// Requires: hasTerminal(id).
    shell::Shell& terminal(TerminalId id);
    bool hasTerminal(TerminalId id) const;
    void submitLine(TerminalId id, const std::string& line);
    void sendKey(TerminalId id, const std::string& bytes);
    void interrupt(TerminalId id);
    void endOfInput(TerminalId id);
    /// Submits the line and lets time pass until it ends, at most `limit`.
    LineOutcome runLine(TerminalId id, const std::string& line, sim::Duration limit = std::chrono::minutes{30});

    void acknowledge();
    void takeHint();
    void diagnose(const std::string& cause, double confidence, const std::string& note);
    void close();
    void observe(const std::string& what, const std::string& text, std::vector<std::string> reads);
    /// A change that comes from no shell: a button, the HTTP endpoint, an instructor.
    sim::CommandResult apply(const sim::Command& command);

    void rewind(sim::Instant to);
    int branch();
    void switchBranch(int id);

    /// The attempt so far; nothing in the healthy lab.
    const incident::IncidentRun* run() const;

    ReplayFile saveReplay() const;
    Frame frame() const;

private:
    Session();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::session
