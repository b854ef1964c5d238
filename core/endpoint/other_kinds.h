#pragma once

#include "core/endpoint/api_answer.h"
#include "core/endpoint/discovery.h"
#include "sim/world/world.h"

namespace core::endpoint {

/// Kinds that a real server serves and this one keeps no objects of, and other versions of kinds that it does keep:
/// discovery tells of them. Lists of the former are empty; of the latter they are the kept objects, converted.
std::vector<ServedResource> otherKinds();
bool isOtherKind(const ResourcePath& path);
/// A write of a kind that is kept in another version, in the terms of that version; nothing for reads and for kinds
/// that are not kept. Requires: isOtherKind(asked.path).
std::optional<sim::kube::Request> keptWrite(const ApiRequest& asked);
/// The answer to it, in the version of the path.
sim::kube::Response shownAs(const ResourcePath& path, sim::kube::Response response);
/// Reads; whatever would write is refused with 405. Requires: isOtherKind(asked.path).
HttpAnswer answerOtherKind(const sim::World& world, const ApiRequest& asked);

} // namespace core::endpoint
