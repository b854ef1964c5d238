#include "sim/kube/scheduler/preemption.h"

#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/reasons.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace sim::kube {

namespace {

// DefaultPreemptionArgs
constexpr std::size_t kCandidatePercent = 10;
constexpr std::size_t kFewestCandidates = 100;

using Candidate = Preemption::Candidate;

std::int64_t priorityOf(const SchedulerCache& cache, PodId id) { return cache.podAt(id).shape->priority; }

/// A pod that has not started counts as started last.
Instant startOf(const SchedulerCache& cache, PodId id)
{
    const auto& start = cache.podAt(id).pod->status.startTime;
    return start ? start->at : Instant::max();
}

/// util.MoreImportantPod: higher priority, then the longer run.
void sortByImportance(const SchedulerCache& cache, std::vector<PodId>& pods)
{
    const auto rank = [&](PodId id) {
        return std::tuple(-priorityOf(cache, id), startOf(cache, id), keyOf(cache.podAt(id).pod->metadata));
    };
    std::sort(pods.begin(), pods.end(), [&](PodId a, PodId b) { return rank(a) < rank(b); });
}

bool isVictimOfPreemption(const Pod& pod)
{
    if (!pod.metadata.deletionTimestamp)
        return false;
    const Condition* target = findCondition(pod.status.conditions, reasons::kDisruptionTarget);
    return target && target->status.value == kTrue && target->reason == reasons::kPreemptionByScheduler;
}

/// PodEligibleToPreemptOthers: empty, or why the pod may not.
std::string objection(Cycle& cycle, const Diagnosis& diagnosis)
{
    if (!cycle.shape().preempts)
        return reasons::kPreemptionNever;
    const NodeInfo* nominated = cycle.cache.find(cycle.object().status.nominatedNodeName);
    if (!nominated)
        return {};
    const auto status = std::find_if(diagnosis.nodes.begin(), diagnosis.nodes.end(),
                                     [&](const auto& s) { return s.slot == nominated->slot; });
    if (status == diagnosis.nodes.end() || status->code == FilterCode::UnschedulableAndUnresolvable)
        return {};
    const bool underWay = std::any_of(nominated->pods.begin(), nominated->pods.end(), [&](PodId id) {
        return priorityOf(cycle.cache, id) < cycle.shape().priority && isVictimOfPreemption(*cycle.cache.podAt(id).pod);
    });
    return underWay ? reasons::kPreemptionUnderWay : "";
}

/// Whether each pod's eviction would break a budget, counted in the order given (filterPodsWithPDBViolation).
std::vector<bool> violations(const Cycle& cycle, const std::vector<PodId>& pods)
{
    const auto& budgets = cycle.store.all<PodDisruptionBudget>();
    std::vector<std::int64_t> allowed;
    for (const auto& [key, budget] : budgets)
        allowed.push_back(budget->status.disruptionsAllowed);
    std::vector<bool> violated;
    for (const PodId id : pods) {
        const ObjectMeta& pod = cycle.cache.podAt(id).pod->metadata;
        bool breaks = false;
        std::size_t i = 0;
        for (const auto& [key, budget] : budgets) {
            std::int64_t& left = allowed[i++];
            const auto& selector = budget->spec.selector;
            if (key.namespace_ != pod.namespace_ || pod.labels.empty() || !selector
                || (selector->matchLabels.empty() && selector->matchExpressions.empty()) || !selector->matches(pod.labels)
                || budget->status.disruptedPods.count(pod.name) != 0)
                continue;
            breaks = --left < 0 || breaks;
        }
        violated.push_back(breaks);
    }
    return violated;
}

/// Takes pods off a node in thought; whatever is off is back when this goes.
class WhatIf {
public:
    WhatIf(PlacementRun& run, int slot) : m_run(run), m_slot(slot) { }
    ~WhatIf()
    {
        for (const PodId id : m_off)
            m_run.cycle().cache.attach(id, m_slot);
        m_run.podsChanged();
    }
    WhatIf(const WhatIf&) = delete;
    WhatIf& operator=(const WhatIf&) = delete;
    void takeOff(PodId id)
    {
        m_run.cycle().cache.detach(id);
        m_off.push_back(id);
    }
    void putBack(PodId id)
    {
        m_run.cycle().cache.attach(id, m_slot);
        std::erase(m_off, id);
    }
    bool fits()
    {
        m_run.podsChanged();
        return m_run.fits(m_slot);
    }

private:
    PlacementRun& m_run;
    int m_slot;
    std::vector<PodId> m_off;
};

/// SelectVictimsOnNode: everybody of lower priority goes, then as many as possible come back, those first
/// whose budget would be broken, the more important before the less. None: `status` says why.
std::optional<Candidate> victimsOn(PlacementRun& run, int slot, Diagnosis::NodeStatus& status)
{
    Cycle& cycle = run.cycle();
    std::vector<PodId> lower;
    for (const PodId id : cycle.cache.at(slot).pods)
        if (priorityOf(cycle.cache, id) < cycle.shape().priority)
            lower.push_back(id);
    status.slot = slot;
    if (lower.empty()) {
        status.reasons = {reasons::kNoVictims};
        return std::nullopt;
    }
    sortByImportance(cycle.cache, lower);
    WhatIf whatIf(run, slot);
    for (const PodId id : lower)
        whatIf.takeOff(id);
    if (!whatIf.fits()) {
        status = run.explain(slot);
        return std::nullopt;
    }
    Candidate candidate;
    candidate.slot = slot;
    const std::vector<bool> violated = violations(cycle, lower);
    for (const bool violating : {true, false})
        for (std::size_t i = 0; i < lower.size(); ++i) {
            if (violated[i] != violating)
                continue;
            whatIf.putBack(lower[i]);
            if (whatIf.fits())
                continue;
            whatIf.takeOff(lower[i]);
            candidate.victims.push_back(lower[i]);
            candidate.violations += violating ? 1 : 0;
        }
    sortByImportance(cycle.cache, candidate.victims);
    return candidate;
}

/// pickOneNodeForPreemption: smaller is better.
auto costOf(const SchedulerCache& cache, const Candidate& c)
{
    const std::int64_t highest = priorityOf(cache, c.victims.front());
    // Added so that a few negative priorities do not look cheaper than one.
    constexpr std::int64_t kShift = std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1;
    std::int64_t sum = 0;
    Instant earliest = Instant::max();
    for (const PodId id : c.victims) {
        sum += priorityOf(cache, id) + kShift;
        if (priorityOf(cache, id) == highest)
            earliest = std::min(earliest, startOf(cache, id));
    }
    return std::tuple(c.violations, highest, sum, c.victims.size(), -earliest.time_since_epoch().count());
}

} // namespace

std::size_t preemptionCandidatesWanted(std::size_t nodes)
{
    return std::min(nodes, std::max(nodes * kCandidatePercent / 100, kFewestCandidates));
}

Preemption Preemption::find(PlacementRun& run, const Diagnosis& diagnosis, RandomStream& random)
{
    Preemption result;
    Cycle& cycle = run.cycle();
    result.text = objection(cycle, diagnosis);
    if (!result.text.empty())
        return result;
    std::vector<int> slots;
    for (const Diagnosis::NodeStatus& status : diagnosis.nodes)
        if (status.code == FilterCode::Unschedulable)
            slots.push_back(status.slot);
    Diagnosis why;
    why.allNodes = diagnosis.allNodes;
    why.absent = reasons::kPreemptionNotHelpful;
    std::vector<Candidate> candidates;
    if (!slots.empty()) {
        const std::size_t offset = random.below(slots.size());
        const std::size_t wanted = preemptionCandidatesWanted(slots.size());
        bool clean = false;
        for (std::size_t i = 0; i < slots.size() && !(clean && candidates.size() >= wanted); ++i) {
            Diagnosis::NodeStatus status;
            auto candidate = victimsOn(run, slots[(offset + i) % slots.size()], status);
            if (!candidate) {
                why.nodes.push_back(std::move(status));
                continue;
            }
            // All the victims may have been reprieved: the pod fits now, and waiting costs nothing.
            if (candidate->victims.empty())
                continue;
            clean = clean || candidate->violations == 0;
            candidates.push_back(std::move(*candidate));
        }
    }
    if (candidates.empty()) {
        result.text = why.message();
        result.clearsNomination = true;
        return result;
    }
    result.chosen = *std::min_element(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
        return costOf(cycle.cache, a) < costOf(cycle.cache, b);
    });
    return result;
}

} // namespace sim::kube
