#pragma once

#include "sim/kube/api/core_v1.h"

#include <string>
#include <utility>
#include <vector>

namespace sim::kube {

/// A value as Go's reflection sees it: what the API server's error texts print of its own structs.
struct GoValue {
    enum class Kind : std::uint8_t { Nil, Scalar, Struct, List, Map, Pointer };
    Kind kind = Kind::Nil;
    bool zero = true;
    bool whole = false;       ///< a struct that is compared as one (it has an Equal method)
    std::string type;         ///< "core.Container", "[]core.Container", "core.ResourceList"; empty for scalars and pointers
    std::string text;         ///< of scalars: the literal, texts without their quotes
    bool quoted = false;
    std::string printed;      ///< how a pointer to it prints itself inside others (Stringer); empty: by its fields
    std::vector<std::pair<std::string, GoValue>> items; ///< fields, entries by printed key, elements, what is pointed to

    bool operator==(const GoValue&) const = default;
};

/// core.PodSpec, the server's internal type, of a pod.
GoValue goPodSpec(const Pod& pod);
/// core.EphemeralContainer, the one of that name. Requires: the pod has it.
GoValue goEphemeralContainer(const Pod& pod, const std::string& name);

} // namespace sim::kube
