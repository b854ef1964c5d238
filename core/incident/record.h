#pragma once

#include "core/content/library.h"
#include "core/incident/action.h"
#include "core/incident/evidence.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core::incident {

/// A fact as the learner came to know it.
struct SeenFact {
    std::string id;
    sim::Instant at{};      ///< first; of a fact of recovery: first since things are well
    int sequence = 0;       ///< of the first time
    bool evidence = true;   ///< false: seen of the mended world, where it would rule out the truth
    std::string commandLine;
};

struct Diagnosis {
    sim::Instant at{};
    int sequence = 0;
    std::string cause;
    double confidence = 0;  ///< 0..1, as stated
    std::string note;
    int factsKnown = 0;
};

struct TakenHint {
    sim::Instant at{};
    content::Text text;
    double factor = 1;
};

/// Everything an attempt is graded by. The grade is a function of this and nothing else.
struct Record {
    std::shared_ptr<const content::Incident> incident;
    std::string cause;
    std::string variant;

    sim::Instant injected{};                     ///< t0
    std::optional<sim::Instant> impactBegan;     ///< t1: first moment below the target
    std::optional<sim::Instant> alerted;         ///< t2
    std::optional<sim::Instant> acknowledged;    ///< t3
    std::optional<sim::Instant> recovering;      ///< within the target since then
    std::optional<sim::Instant> recovered;       ///< t6: the same, once it was held for 60 s
    std::optional<sim::Instant> repaired;        ///< t7: the root cause is gone since then
    std::optional<sim::Instant> healthy;         ///< users are served and no alert fires since then
    std::optional<sim::Instant> closed;          ///< t9

    double lostRequests = 0;                     ///< while below the target
    double lostAtPar = 0;                        ///< of these, in the first Impact::parSeconds
    double lowestSuccess = 1;

    std::vector<SeenFact> facts;
    std::vector<int> looks;                      ///< places in the sequence at which evidence was seen, old or new
    std::vector<Action> actions;                 ///< those that changed something
    std::vector<Diagnosis> diagnoses;
    std::vector<TakenHint> hints;

    bool healedAtClose = false;
    bool healthyAtClose = false;
    bool intactAtClose = false;

    const content::Cause& truth() const { return *incident->cause(cause); }
    /// Facts that count as evidence, known before the given place in the sequence.
    KnownFacts known(int beforeSequence) const;
    KnownFacts known() const;

    /// Since when a fact of this kind can be seen: any but those of recovery since the fault; users' side since they
    /// are served again, the broken part since the cause is gone. Nothing: not yet, or no more.
    std::optional<sim::Instant> visibleSince(content::Fact::Recovery kind) const;
    /// False for a recovery that a relapse took back, or that was not held for long enough yet.
    bool stands(const SeenFact& seen) const;
};

} // namespace core::incident
