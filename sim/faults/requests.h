#pragma once

#include "sim/faults/catalogue.h"

#include <string>
#include <utility>
#include <vector>

namespace sim::faults {

/// A fault's causes with the variants of each, in the order in which they are told.
using Variants = std::vector<std::pair<std::string, std::vector<std::string>>>;

struct Choice {
    std::string cause;
    std::string variant;
    bool is(std::string_view which) const { return variant == which; }
};

/// The cause that the parameters name, and their "variant" or one that the seed chooses. An unknown cause or variant
/// is an Error naming what is known.
Result<Choice> choose(Context& context, const Variants& variants, const nlohmann::json& parameters);

kube::Response call(Context& context, const kube::Request& request);
/// Creates an object of any kind from its manifest; apiVersion and kind say which.
kube::Response create(Context& context, const nlohmann::json& manifest);
/// A merge patch.
kube::Response patch(Context& context, const std::string& resource, const std::string& namespace_, const std::string& name,
                     const nlohmann::json& body, const std::string& subresource = {});
void remove(Context& context, const std::string& resource, const std::string& namespace_, const std::string& name);

/// Labels a node, as `kubectl label node` does.
void labelNode(Context& context, const std::string& node, const std::string& key, const std::string& value);
/// The nodes that take ordinary workloads: neither of the control plane nor with GPUs. By name.
std::vector<std::string> workers(const Context& context);
/// CPU that the pods on a node do not ask for, in thousandths of a core. Requires: the node exists.
std::int64_t freeMilliCpu(const Context& context, const std::string& node);

} // namespace sim::faults
