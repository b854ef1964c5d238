#pragma once

#include "core/shell/commands/kubectl/call.h"

#include <string>
#include <variant>
#include <vector>

namespace core::shell::kubectl {

/// What `kubectl kustomize` says it cannot do.
struct KustomizeFailure {
    std::string text;
};

/// The objects of the kustomization in a folder (a path as given), in kustomize's order. Warns of deprecated fields on
/// standard error.
std::variant<std::vector<Json>, KustomizeFailure> kustomized(Call& call, const std::string& folder);

} // namespace core::shell::kubectl
