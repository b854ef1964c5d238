#pragma once

#include "sim/kube/api/kinds.h"

#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// `app=checkout,tier in (a,b),!canary`: labels.Parse.
struct ParsedSelector {
    LabelSelector selector;
    std::string error; ///< "unable to parse requirement: ..."; empty when fine
};
ParsedSelector parseLabelSelector(const std::string& text);

/// `status.phase=Running,spec.nodeName!=worker-1`.
struct FieldRequirement {
    std::string field;
    std::string value;
    bool equal = true;
};
struct ParsedFields {
    std::vector<FieldRequirement> requirements;
    std::string error;
};
ParsedFields parseFieldSelector(const std::string& text);

/// The value of a selectable field of a kind; nothing when the kind has no such selectable field.
std::optional<std::string> selectableField(KindId kind, const void* object, const std::string& field);

} // namespace sim::kube
