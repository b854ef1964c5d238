#pragma once

#include "core/shell/commands/kubectl/json_text.h"

namespace core::shell::kubectl {

/// What `apply` makes of a live object: `current` with everything `modified` says, and without what
/// `original` (the last applied configuration; null when there is none) said and `modified` no longer does.
/// Lists of objects merge by the keys of the API server's strategic merge.
Json threeWayMerge(const Json& original, const Json& modified, const Json& current);

} // namespace core::shell::kubectl
