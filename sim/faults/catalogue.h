#pragma once

#include "sim/engine/result.h"
#include "sim/kube/cluster.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sim::faults {

/// What a fault may change: everything below the world, by the same doors as an operator.
struct Context {
    kube::Context& parts;
    kube::Cluster& cluster;
};

/// One entry of the catalogue.
struct Fault {
    std::string id;                        ///< as in coverage.json
    std::vector<std::string> causes;
    /// Changes the world's state. Returns the parameters that were chosen: cause, variant and the values that
    /// content uses as placeholders (node, image, registry, ...).
    Result<nlohmann::json> (*inject)(Context& context, const nlohmann::json& parameters);
};

const std::vector<Fault>& catalogue();

/// Puts a fault into the world. An unknown id or parameter is an Error naming what is known.
Result<nlohmann::json> inject(Context& context, const std::string& id, const nlohmann::json& parameters);

} // namespace sim::faults
