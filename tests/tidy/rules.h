#pragma once

#include "tests/tidy/finding.h"

#include <string>
#include <string_view>

namespace tidy {

/// All rules for one file of the tree. `path` is relative to its root and decides which rules hold. Binary
/// files are passed over.
Findings check(const std::string& path, std::string_view text);

} // namespace tidy
