#pragma once

#include "core/content/library.h"
#include "core/content/pattern.h"
#include "core/incident/record.h"
#include "core/incident/world_probe.h"
#include "core/session/frame.h"
#include "core/shell/shell.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sim {
class World;
}

namespace core::incident {

/// One attempt at an incident: what was seen, done, said and lost. A value: no I/O, no clock, no threads, so
/// a keyframe holds a copy and a rewind puts it back; the same calls give the same grade anywhere.
///
/// Order of calls: construct, injected(), then any of the others in the order they happen. Every instant is
/// the world's.
class IncidentRun {
public:
    struct Settings {
        bool studyMode = true; ///< shows what the evidence rules out
        bool blind = true;     ///< the learner was not told the cause
    };

    /// Requires: the incident has that cause.
    IncidentRun(std::shared_ptr<const content::Incident> incident, const std::string& cause, Settings settings);

    /// The fault is in the world. `parameters` is what the injector returned: every member becomes a
    /// placeholder ("node" -> {node}; a list gives several values), "variant" is remembered.
    void injected(sim::Instant at, const nlohmann::json& parameters);
    /// More values, known later.
    void setPlaceholders(const content::Placeholders& values);

    /// Whether the cause is gone by now. Before observe(): what is read right after a repair is read of the mended
    /// world, before any tick has noticed.
    void noticeRepair(const WorldProbe& world);
    void noticeRepair(const sim::World& world);
    /// Something reached the learner's screen: facts follow from it.
    void observe(const shell::Shown& shown);
    /// A change the learner made by any door. The fault's own injection must not come here. `line`: see Action.
    void commandApplied(sim::Instant at, const sim::Command& command, const sim::CommandResult& result,
                        const std::string& commandLine, std::size_t line = 0);
    /// Once each virtual second, after the world has moved.
    void tick(const WorldProbe& world);
    void tick(const sim::World& world);

    void acknowledge(sim::Instant at);
    /// False while the next rung is locked or none is left.
    bool takeHint(sim::Instant at);
    void diagnose(sim::Instant at, const std::string& cause, double confidence, const std::string& note);
    /// The learner declares it over; the state of the world now decides the fix. Later calls change nothing.
    void close(const WorldProbe& world);
    void close(const sim::World& world);

    /// What the window shows. Holds nothing that gives the cause away before the incident is closed, except
    /// hints taken.
    session::IncidentView view() const;
    /// Requires: closed().
    session::GradeView grade(std::optional<double> lostWithoutActions = std::nullopt) const;

    bool closed() const { return m_record.closed.has_value(); }
    const Record& record() const { return m_record; }
    const content::Incident& incident() const { return *m_record.incident; }
    /// For scripts (content::fillText) and predicates: fixed, the injector's, and live values.
    const content::Placeholders& placeholders() const { return m_values; }

private:
    void rememberEncoded(const std::string& text, const std::vector<std::string>& reads);
    std::vector<std::string> readsOf(const shell::Shown& shown) const;
    bool provesNothing(const content::Fact& fact) const;
    void learn(const content::Fact& fact, const shell::Shown& shown);
    void followImpact(const WorldProbe& world);
    session::IncidentView::Step step() const;

    Record m_record;
    Settings m_settings;
    content::Placeholders m_values;
    sim::Instant m_now{};
    std::optional<sim::Instant> m_lastTick;
    bool m_injected = false;
    int m_sequence = 0;
    std::map<std::string, std::vector<std::string>> m_encoded; ///< base64 texts seen in Secrets, and where
    int m_lastLook = -1;               ///< sequence of the latest observation
    std::optional<sim::Instant> m_lookSinceHint;
};

} // namespace core::incident
