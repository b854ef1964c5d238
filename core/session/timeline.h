#pragma once

#include "core/incident/incident_run.h"
#include "core/session/replay.h"
#include "core/shell/shell.h"
#include "sim/world/world.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace core::session {

/// A command as it was applied, with the line that caused it.
struct Applied {
    sim::Command command;
    std::string line;
    std::size_t input = 0; ///< which input the line was, from 1; 0: none
};

/// What the incident was told that is no command.
struct Told {
    enum class Kind { Shown, Acknowledge, Hint, Diagnose, Close, Injected };
    Kind kind = Kind::Shown;
    shell::Shown shown;
    std::string cause;
    double confidence = 0;
    std::string note;
};

/// One entry of a session's own log, in the order in which things happened.
struct Record {
    sim::Instant at{};
    std::variant<Applied, Told> what;
};

/// What an incident run is made of when the fault goes in.
struct RunSeed {
    std::shared_ptr<const content::Incident> incident;
    std::string cause;
    incident::IncidentRun::Settings settings;
};

/// World and incident at one instant, with how much of the log had been used.
struct Keyframe {
    sim::Instant at{};
    sim::World world;
    std::optional<incident::IncidentRun> run;
    std::size_t records = 0;
};

/// One line of history: what was put in (for replay files), what followed at the world's door (for
/// rewinding without running shells again), and copies of the world along the way.
struct Timeline {
    int id = 0;
    std::string name;
    int parent = -1;
    sim::Instant forkedAt{};
    sim::Instant end{};
    RunSeed seed;
    std::vector<Input> inputs;
    std::vector<Record> records;
    std::vector<std::shared_ptr<const Keyframe>> keyframes; ///< oldest first; shared between branches
    std::vector<float> success;  ///< SLI per second up to `end`, kept for comparing

    /// The part up to and including `at`, as a new timeline.
    Timeline prefix(sim::Instant at) const;
    /// World and run as they were at `at`. Requires: keyframes not empty and at >= the first one's.
    Keyframe restore(sim::Instant at) const;
};

inline constexpr sim::Duration kSessionTick = std::chrono::seconds(1);
/// Sessions tick at whole seconds since their world's start; the next one after `at`.
sim::Instant tickAfter(const sim::World& world, sim::Instant at);

/// Tells the run what was told; Told::Injected begins one.
void tell(std::optional<incident::IncidentRun>& run, const RunSeed& seed, sim::Instant at, const Told& told, const sim::World& world);

/// The same world when nobody acts after the fault went in, moved on as far as anybody asks. The attempts of a session, and sessions that
/// were copied from one start, share it: they part only afterwards.
class IdleTwin {
public:
    /// Requires: the timeline's incident has begun.
    explicit IdleTwin(const Timeline& timeline);
    /// Lost requests below the target by `until`, by the run's own count; nothing before the fault.
    std::optional<double> lostBy(sim::Instant until);

private:
    Keyframe m_state;
    sim::Instant m_nextTick;
    std::vector<std::pair<sim::Instant, double>> m_lost; ///< after each tick so far, the first when the fault went in
};

} // namespace core::session
