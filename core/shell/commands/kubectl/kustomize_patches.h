#pragma once

#include "core/shell/commands/kubectl/kustomize_resource.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::kubectl {

// The patches of a kustomization. Each function returns what went wrong in kustomize's words; nothing when all went well.

/// Merges one document into the object that it names.
std::optional<std::string> mergeInto(std::vector<KustomizedResource>& resources, const Json& patch);
/// Applies a patch text, JSON operations or an object, to all that the selector chooses. A null selector: the patch says.
std::optional<std::string> patchSelected(std::vector<KustomizedResource>& resources, const Json& selector, const std::string& patch);

} // namespace core::shell::kubectl
