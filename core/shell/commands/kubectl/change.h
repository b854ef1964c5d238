#pragma once

#include "core/shell/commands/kubectl/output.h"
#include "core/shell/commands/kubectl/resources.h"

#include <string>

namespace core::shell::kubectl {

/// Brings the target to `after` with a merge patch and reports it as `what` ("image updated"). Sends nothing
/// and reports nothing when there is no difference and `silent`. Returns the exit status.
int changeTo(Call& call, const Manifest& target, const Json& after, const std::string& what, bool silent = false);

/// Prints what is left of --dry-run=client on a changed object, or sends it. The stored (or would-be) object
/// is returned; nothing after a complaint.
std::optional<Json> sendPatch(Call& call, const Manifest& target, const Json& patch, sim::kube::PatchType type,
                              const std::string& fieldManager = {});

/// Creates an object (or with --dry-run=client only shows it) and reports "TYPE/NAME created". `context` goes
/// before the server's message: "failed to create deployment: "; without it failures are told in full.
int createObject(Call& call, const ResourceKind& kind, Json object, const std::string& context,
                 const std::string& what = "created");

/// Complains and returns false when --dry-run is given without a value, or with one that it does not know.
bool dryRunMakesSense(Call& call);

/// The annotation that apply keeps its last input in.
inline constexpr const char* kLastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
/// The object with the annotation filled from itself.
Json withLastApplied(Json object);

} // namespace core::shell::kubectl
