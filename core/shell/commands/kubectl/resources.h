#pragma once

#include "core/shell/commands/kubectl/call.h"
#include "core/shell/commands/kubectl/manifests.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// A resource as the words name it; without a name all of the kind.
struct Named {
    const ResourceKind* kind = nullptr;
    std::string name;
};

/// "pods", "pods,svc", "pod x y", "pod/x svc/y", "all". Complains and returns nothing when they make no sense.
std::optional<std::vector<Named>> parseResources(Call& call, const std::vector<std::string>& words);

struct GatherOptions {
    bool listAll = false;      ///< kinds without names mean all their objects even without -l or --all
    bool requireSome = true;   ///< no words and no files is an error
    bool fetch = true;         ///< read the objects; false: names are enough where they are given
    std::vector<sim::kube::Response>* refused = nullptr; ///< takes the server's refusals instead of the user
};

/// All objects that the words, -f, -l and --all name. What cannot be found is complained about and sets
/// `failed`; the rest is returned.
std::vector<Manifest> gather(Call& call, const std::vector<std::string>& words, bool& failed,
                             const GatherOptions& options = {});

/// The one pod or workload that a single word names ("web", "pod/web", "deploy/web"), defaulting to `kind`.
/// Complains and returns nothing when it is malformed.
std::optional<Named> parseOne(Call& call, const std::string& word, const ResourceKind& kind);

inline constexpr std::string_view kNothingNamed =
    "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n"
    "   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

} // namespace core::shell::kubectl
