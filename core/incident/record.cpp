#include "core/incident/record.h"

#include <limits>

namespace core::incident {

namespace {

using Recovery = content::Fact::Recovery;

constexpr const char* kFalseAlarm = "no-fault";

/// The loss of users ends where they are served again, whatever was repaired. Of a false alarm nothing else can end.
bool endsWithLoss(const Record& record, Recovery kind)
{
    return record.impactBegan && (kind == Recovery::UserFacing || record.cause == kFalseAlarm);
}

} // namespace

KnownFacts Record::known(int beforeSequence) const
{
    KnownFacts ids;
    for (const SeenFact& fact : facts)
        if (fact.evidence && fact.sequence < beforeSequence)
            ids.insert(fact.id);
    return ids;
}

KnownFacts Record::known() const { return known(std::numeric_limits<int>::max()); }

std::optional<sim::Instant> Record::visibleSince(Recovery kind) const
{
    if (kind == Recovery::No)
        return injected;
    if (endsWithLoss(*this, kind))
        return recovering;
    // Where nobody lost anything, a false alarm is over with its alert and a fault with its repair: to show it
    // earlier would tell the two apart.
    return cause == kFalseAlarm ? healthy : repaired;
}

bool Record::stands(const SeenFact& seen) const
{
    const content::Fact* fact = incident->fact(seen.id);
    if (fact == nullptr)
        return false;
    const auto since = visibleSince(fact->recovery);
    const bool held = fact->recovery == Recovery::No || !endsWithLoss(*this, fact->recovery) || recovered.has_value();
    return since && held && seen.at >= *since;
}

} // namespace core::incident
