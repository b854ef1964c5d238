#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace sim::kube::cel {

/// What a rule says of a value.
struct Verdict {
    bool holds = true;
    std::string error;     ///< why the rule cannot be evaluated; empty when it could
    bool parsed = true;    ///< false: the rule uses what this subset of CEL does not know
};

/// Evaluates a rule of x-kubernetes-validations: self, fields, indexes, literals, ! - * / % + comparisons, in, && ||, ?:,
/// has(), size(), startsWith, endsWith, contains, matches on texts without special characters.
Verdict evaluate(const std::string& rule, const nlohmann::json& self);

} // namespace sim::kube::cel
