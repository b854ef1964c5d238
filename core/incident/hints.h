#pragma once

#include "core/content/pattern.h"
#include "core/incident/record.h"

namespace core::incident {

/// Rungs of the ladder: ask back, where to look, which signal, how to read it, what it means, the fix.
inline constexpr int kRungs = 6;
/// A rung unlocks this much virtual time after the one before, or with the first observation after it.
inline constexpr sim::Duration kRungDelay = std::chrono::seconds{30};

/// The text of the given rung (0..5) now. Rungs 1 to 3 follow from the facts that are still unseen, so they
/// never repeat what the learner knows; an author's own text for a rung goes first.
content::Text hintText(const Record& record, int rung, const content::Placeholders& values);

/// What taking the rung multiplies diagnosis and evidence by.
double rungFactor(const Record& record, int rung);

} // namespace core::incident
