#pragma once

#include "core/shell/commands/kubectl/kustomize_resource.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// Reads a file of a kustomization into `text`; what went wrong, empty when nothing.
using KustomizeFile = std::function<std::string(const std::string& path, std::string& text)>;

/// Makes the ConfigMap (or Secret) of an entry of configMapGenerator, or merges it into the one that is there, as its
/// `behavior` says. `common`: the kustomization's generatorOptions. What went wrong; nothing when all went well.
std::optional<std::string> generate(std::vector<KustomizedResource>& resources, const Json& entry, const Json& common, bool secret,
                                    const KustomizeFile& read);

} // namespace core::shell::kubectl
