#pragma once

#include "tests/tidy/finding.h"

#include <string>
#include <string_view>

namespace tidy {

/// DESIGN.md, section 3: which part may include which, and what the simulation may not include at all.
void checkIncludes(const std::string& path, std::string_view text, Findings& findings);

/// DESIGN.md, section 2: nothing in the simulation may depend on the host's clock, on hash order, on
/// addresses or on chance that is not drawn from its own streams. `code` is codeOnly(text).
void checkDeterminism(const std::string& path, std::string_view text, std::string_view code,
                      Findings& findings);

} // namespace tidy
