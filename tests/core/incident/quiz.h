#pragma once

#include "core/content/library.h"
#include "sim/engine/time.h"

#include <memory>

namespace core::incident {

/// A small incident with every kind of fact. Causes: "wrong-tag" and "wrong-name" (both of the mechanism
/// "image"), "node-egress" ("network"), "no-fault".
///
/// fact            speaks for    rules out
/// tag-absent      wrong-tag     node-egress
/// name-listed     wrong-tag     wrong-name
/// still-failing   all but       no-fault
/// node-cut-off    node-egress   wrong-tag, wrong-name
/// half, other-half              together: wrong-name
/// served                        users' side of recovery
/// rolled-out                    repaired part, any cause
/// node-pulls      node-egress   repaired part, that cause
std::shared_ptr<const content::Incident> quiz();

/// Seconds after 2026-03-02T09:00:00Z.
inline sim::Instant at(double seconds)
{
    return sim::Instant{std::chrono::seconds(1772442000)} + sim::fromSeconds(seconds);
}

} // namespace core::incident
