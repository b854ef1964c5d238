#pragma once

#include "sim/kube/api/rbac_v1.h"

#include <string>
#include <vector>

namespace core::shell::kubectl {

/// The rules one resource or path each, those of one resource joined, in the order of their text: as
/// `describe role` and `auth can-i --list` show them.
std::vector<sim::kube::PolicyRule> compactRules(const std::vector<sim::kube::PolicyRule>& rules);
/// Four cells: "deployments.apps/scale", "[/api/*]", "[a b]", "[get list]".
std::vector<std::string> ruleCells(const sim::kube::PolicyRule& rule);

} // namespace core::shell::kubectl
