#pragma once

#include <string>
#include <vector>

namespace tidy {

/// A place that breaks a rule.
struct Finding {
    std::string path; ///< from the tree's root
    int line = 0;     ///< from 1
    std::string message;
};

using Findings = std::vector<Finding>;

} // namespace tidy
