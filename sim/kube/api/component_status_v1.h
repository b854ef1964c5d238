#pragma once

#include "sim/kube/api/meta.h"

namespace sim::kube {

// ---- v1 ComponentStatus: never stored; whoever reads it has the components asked --------------------

struct ComponentCondition {
    std::string error;
    std::string message;
    Always<std::string> status;
    Always<std::string> type; ///< Healthy
    bool operator==(const ComponentCondition&) const = default;
};
BOOST_DESCRIBE_STRUCT(ComponentCondition, (), (error, message, status, type))

struct ComponentStatus {
    std::vector<ComponentCondition> conditions;
    ObjectMeta metadata;
    bool operator==(const ComponentStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(ComponentStatus, (), (conditions, metadata))

} // namespace sim::kube
