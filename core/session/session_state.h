#pragma once

#include "core/session/session.h"
#include "core/session/timeline.h"
#include "core/shell/commands/world_system.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace core::session {

/// Screen bytes without VT sequences and carriage returns: what a person reads.
std::string plainText(const std::string& screen);
/// An API request as one line of JSON, for the input log.
std::string requestText(const sim::kube::Request& request);
sim::Result<sim::kube::Request> requestOf(const std::string& text);

struct Session::Impl {
    /// Rewinding re-runs at most this much virtual time, about 30 ms at a thousand times real time; more where thinKeyframes() has been.
    static constexpr sim::Duration kKeyframeEvery = std::chrono::seconds(30);
    /// What copies of large worlds may take together, and how many there are in any case.
    static constexpr std::size_t kKeyframeBytes = std::size_t{160} << 20;
    static constexpr std::size_t kFewestKeyframes = 12;

    class SessionDoor : public shell::Door {
    public:
        explicit SessionDoor(Impl& impl) : m_impl(impl) { }
        const sim::World& world() const override { return *m_impl.world; }
        sim::CommandResult apply(const sim::Command& command) override { return m_impl.apply(command); }

    private:
        Impl& m_impl;
    };

    std::shared_ptr<const content::Library> library;
    StartRequest request;
    const content::Incident* incident = nullptr;
    std::optional<sim::World> world;
    std::optional<incident::IncidentRun> run;
    sim::Instant nextTick{};
    sim::Instant opened{};           ///< when the warm-up was over
    sim::Instant begun{};            ///< when the learner came: the first instant that an input can have
    std::string currentLine;
    std::size_t currentInput = 0;    ///< the line's place among the timeline's inputs, from 1

    Timeline timeline;
    std::map<int, Timeline> others;
    int nextBranch = 1;
    bool lookingBack = false;        ///< the present lies before timeline.end
    std::vector<float> endSuccess;   ///< SLI up to timeline.end while looking back

    std::unique_ptr<SessionDoor> door;
    std::unique_ptr<shell::WorldSystem> system;
    shell::CommandTable commands;
    std::map<TerminalId, std::unique_ptr<shell::Shell>> terminals;
    std::map<TerminalId, std::string> terminalHosts;
    TerminalId nextTerminal = 1;

    void runUntil(sim::Instant to);
    void resumeJobs(sim::Instant at);
    void gather(shell::Shell& terminal);
    void record(Told told);
    sim::CommandResult apply(const sim::Command& command);
    void input(Input::Kind kind, TerminalId terminal, std::string text = {}, double number = 0, std::string note = {},
               std::vector<std::string> reads = {});
    void keepFrame();
    void thinKeyframes();
    void forkIfLookingBack();
    void archive();
    void resetTerminals();
    void makeTerminal(TerminalId id, const std::string& host);
    /// The settings of a terminal inside a pod's container; nothing when the text is no such place.
    std::optional<shell::Shell::Settings> podSettings(const std::string& place) const;
    void endAttached(TerminalId id);
    sim::Result<sim::Done> redo(Session& session, const Input& input);
    void openDoors(); ///< of the world to shells. Requires: there is one
    sim::Result<sim::Done> begin();
    sim::Result<sim::Done> chooseCause();
    GradeView grade() const;
    /// Begun when the first attempt is graded; shared with sessions that again() makes.
    std::shared_ptr<std::optional<IdleTwin>> idle = std::make_shared<std::optional<IdleTwin>>();
    std::vector<Mark> marks() const;
    std::vector<BranchView> branches() const;
};

} // namespace core::session
