#include "sim/storage/ceph/pg_state.h"

#include <utility>

namespace sim::storage::ceph {

namespace {

/// In the order in which Ceph joins them.
constexpr std::pair<PgStates, const char*> kStateNames[]{
    {kStale, "stale"},
    {kActive, "active"},
    {kClean, "clean"},
    {kRecoveryWait, "recovery_wait"},
    {kRecoveryTooFull, "recovery_toofull"},
    {kRecovering, "recovering"},
    {kDown, "down"},
    {kUndersized, "undersized"},
    {kDegraded, "degraded"},
    {kRemapped, "remapped"},
    {kScrubbing, "scrubbing"},
    {kDeepScrub, "deep"},
    {kInconsistent, "inconsistent"},
    {kPeering, "peering"},
    {kRepair, "repair"},
    {kBackfillWait, "backfill_wait"},
    {kBackfilling, "backfilling"},
    {kBackfillTooFull, "backfill_toofull"},
    {kIncomplete, "incomplete"},
    {kPeered, "peered"},
};

} // namespace

std::string pgStateName(PgStates states)
{
    std::string text;
    for (const auto& [bit, name] : kStateNames)
        if ((states & bit) != 0)
            text += (text.empty() ? "" : "+") + std::string(name);
    return text.empty() ? "unknown" : text;
}

PgStates pgStateNamed(const std::string& name)
{
    for (const auto& [bit, known] : kStateNames)
        if (name == known)
            return bit;
    return 0;
}

} // namespace sim::storage::ceph
