#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/api/selectors.h"

#include <string>
#include <vector>

namespace sim::kube {

/// A resource that a request names, and where its objects are kept.
struct Target {
    Resource resource;
    std::string prefix; ///< of keys: custom objects of all kinds share a table
    ObjectKey key(const std::string& namespace_, const std::string& name) const { return {namespace_, prefix + name}; }
    KindId kind() const { return resource.info.id; }
};
std::optional<Target> targetOf(const Store& store, const std::string& resource);

/// The namespace a request means: its own, its body's, "default"; none for kinds of the cluster.
std::string namespaceOf(const KindInfo& info, const Request& request);

/// What a List or DeleteCollection takes in.
struct Selection {
    LabelSelector labels;
    std::vector<FieldRequirement> fields;
    std::string error; ///< the server's words for selectors it cannot read
    bool all() const { return labels.matchExpressions.empty() && labels.matchLabels.empty() && fields.empty(); }
};
Selection selectionOf(const Request& request, const Target& target);
bool isSelected(const Selection& selection, const Target& target, const void* object);

} // namespace sim::kube
