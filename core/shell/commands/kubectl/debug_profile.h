#pragma once

#include "core/shell/commands/kubectl/json_text.h"

#include <string_view>

namespace core::shell::kubectl {

/// What kubectl debug makes: a container in the running pod, a changed copy of it, or a pod on a node.
enum class DebugStyle : std::uint8_t { Ephemeral, Copy, Node };

/// What of a pod --keep-* leave in its copy.
struct KeptParts {
    bool labels = false;
    bool annotations = false;
    bool liveness = false;
    bool readiness = false;
    bool startup = false;
    bool initContainers = true;
};

/// One of --profile's words.
bool isDebugProfile(std::string_view name);
/// Gives pod and debug container the rights and the namespaces of the profile (kubectl/pkg/cmd/debug/profiles.go).
/// Requires: isDebugProfile(name); `container` is part of `pod`.
void applyDebugProfile(std::string_view name, DebugStyle style, const KeptParts& kept, Json& pod, Json& container);

} // namespace core::shell::kubectl
