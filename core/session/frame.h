#pragma once

#include "core/content/text.h"
#include "sim/world/frame.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core::session {

struct GpuDetail;
struct HostDetail;
struct KubeDetail;
struct ServingDetail;
struct StorageDetail;

/// A mark on the timeline and on every chart.
struct Mark {
    enum class Kind { Alert, You, Hint, Diagnosis, Rewind, Branch, Injection };
    sim::Instant at{};
    Kind kind = Kind::You;
    std::string label; ///< what was done; Injection appears only once the incident is closed
};

struct BranchView {
    int id = 0;
    std::string name;              ///< "A", "B"
    int parent = -1;
    sim::Instant forkedAt{};
    sim::Instant end{};            ///< how far it has been run
    std::shared_ptr<const std::vector<float>> success; ///< SLI per step since the world's start
    sim::Duration step{};
    bool current = false;
};

struct FactView {
    std::string id;
    content::Text text;
    sim::Instant seenAt{};
};

struct HintView {
    int taken = 0;                        ///< rungs taken, 0..6
    std::vector<content::Text> texts;     ///< of the rungs taken
    double nextFactor = 1;                ///< what the next rung multiplies diagnosis by
    std::optional<sim::Instant> unlocksAt;///< the next rung's, when still locked
};

struct ScorePart {
    std::string id;                       ///< impact, diagnosis, evidence, safety, fix, verification
    content::Text title;
    double points = 0;
    double outOf = 0;
    content::Text reason;
};

struct PostMortemEntry {
    sim::Instant at{};
    std::string kind;                     ///< impact, alert, acknowledge, fact, action, hint, diagnosis, mitigated, resolved, verified, closed
    content::Text text;
    std::string detail;                   ///< the command line, the object
    int factsKnown = 0;                   ///< what the learner knew then
};

struct GradeView {
    double score = 0;
    bool solved = false;
    std::string trueCause;
    content::Text trueCauseMeans;
    std::string answeredCause;
    std::vector<ScorePart> parts;
    std::map<std::string, std::optional<double>> clocksSeconds; ///< detect, first_evidence, mitigate, resolve, verify
    std::vector<PostMortemEntry> timeline;
    content::Text explanation;
    content::Text prevention;
};

struct CauseChoice {
    std::string id;
    content::Text means;
};

struct IncidentView {
    enum class Step { Acknowledge, Investigate, Mitigate, Verify, Close, Closed };
    std::string id;
    content::Text title;
    content::Text brief;
    content::Text lesson;
    int phase = 1;
    int moduleNumber = 0;
    content::Text moduleTitle;
    bool blind = false;
    bool studyMode = true;                ///< shows "rules out ..."
    Step step = Step::Acknowledge;
    bool alertFired = false;
    bool acknowledged = false;
    std::vector<FactView> facts;
    std::vector<content::Text> ruledOut;  ///< study mode only
    int causesLeft = 0;
    std::vector<CauseChoice> choices;     ///< what "Name the cause" offers, "no fault" included
    HintView hints;
    double costDollars = 0;               ///< lost checkouts so far
    int diagnosesSubmitted = 0;
    std::optional<GradeView> grade;       ///< once closed
};

/// What the window gets, at most 60 times a second. Immutable once published.
struct Frame {
    std::shared_ptr<const sim::Frame> world;
    std::shared_ptr<const KubeDetail> kube; ///< what Runner::look asked for; null: nothing
    std::shared_ptr<const HostDetail> host; ///< the same of one machine
    std::shared_ptr<const GpuDetail> gpu;   ///< the same of GPUs and their network
    std::shared_ptr<const StorageDetail> storage; ///< the same of the storage cluster
    bool hasStorage = false;              ///< the data centre has a storage cluster
    std::shared_ptr<const ServingDetail> serving; ///< the same of LLM servers
    bool hasServing = false;              ///< it serves models
    bool paused = true;
    double speed = 1;                     ///< virtual seconds per second, 1..120
    sim::Instant opened{};                ///< when the lab had warmed up; what came before is its own start
    sim::Instant timelineEnd{};           ///< the furthest instant ever reached on this branch
    std::vector<Mark> marks;
    std::vector<BranchView> branches;
    std::optional<IncidentView> incident;
    std::uint64_t fingerprint = 0;        ///< only while paused
    std::string notice;                   ///< one-line message to show (e.g. what rewind did); usually empty
};

} // namespace core::session
