#pragma once

#include "core/shell/commands/kubectl/failures.h"
#include "core/shell/commands/kubectl/manifests.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace core::shell::kubectl {

// The subverbs of `kubectl set`.
Verb setEnvVerb();
Verb setImageVerb();
Verb setResourcesVerb();
Verb setSelectorVerb();
Verb setServiceAccountVerb();
Verb setSubjectVerb();

/// "TYPE NAME KEY=VALUE KEY-" taken apart.
struct ResourcesAndPairs {
    std::vector<std::string> resources;
    std::vector<std::pair<std::string, std::string>> set;
    std::vector<std::string> removed;
};
/// `what` is the pairs' name in complaints ("image"). Complains and returns nothing when they make no sense.
std::optional<ResourcesAndPairs> splitPairs(Call& call, const std::string& what, bool removable);

/// The pod spec of a pod or of a workload's template; null when it has none.
Json* podSpecOf(Json& object);

/// "services/web"; with --local "service/web", as the client then knows no resources.
std::string objectName(Call& call, const Manifest& target);
/// The object as Go's typed struct prints it: with the fields that are never left out.
Json asTyped(const ResourceKind& kind, const Json& object);

/// Goes through the objects that the words name, lets `edit` change each one's pod spec and sends what differs.
struct TemplateChange {
    std::string done;        ///< "image updated"
    std::string noun;        ///< "image update", as in "failed to patch image update to pod template"
    bool tellUnchanged = false;
    /// Changes the pod spec; why not, in kubectl's words, or empty.
    std::function<std::string(const Manifest& target, Json& podSpec)> edit;
};
/// What fails joins `failures`, which are told at the end. The exit status.
int changeTemplates(Call& call, const std::vector<std::string>& words, const TemplateChange& change, Failures& failures);

/// Whether a container's name matches a selector in which * stands for any text.
bool containerMatches(const std::string& name, const std::string& selector);

/// The flags all of them take.
std::vector<FlagSpec> setFlags();

inline constexpr const char* kNoResourceForSet =
    "one or more resources must be specified as <resource> <name> or <resource>/<name>";

} // namespace core::shell::kubectl
