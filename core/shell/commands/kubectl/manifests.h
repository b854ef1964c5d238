#pragma once

#include "core/shell/commands/kubectl/call.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// An object of a manifest, with its kind known and its namespace filled in.
struct Manifest {
    const ResourceKind* kind = nullptr;
    std::string nameSpace;
    std::string name;
    Json object;
    std::string source; ///< the file as given, or STDIN
};

/// Reads all files of -f (files, directories, -). Complains about each bad one; nothing when none could be
/// read. `failed` is set when some could not.
std::vector<Manifest> readManifests(Call& call, bool& failed);

/// The kind of an object by its apiVersion and kind; null when the server knows none.
const ResourceKind* kindOf(Call& call, const Json& object);

} // namespace core::shell::kubectl
