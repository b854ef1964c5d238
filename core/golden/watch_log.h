#pragma once

#include "core/golden/recording.h"
#include "sim/kube/api/store.h"

namespace core::golden {

/// What our store told its watchers since `version` about the kinds that recordings watch, in the form of
/// watch.jsonl and without times. The objects of other namespaces are left out.
std::vector<WatchLine> watchLog(const sim::kube::Store& store, std::uint64_t version, const std::vector<std::string>& namespaces);

} // namespace core::golden
