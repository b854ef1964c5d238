#pragma once

#include "core/shell/language/tree.h"

#include <string>

namespace test {

/// A tree in one line, without positions and words as typed: equal texts mean equal trees.
std::string treeText(const core::shell::NodePtr& node);

} // namespace test
