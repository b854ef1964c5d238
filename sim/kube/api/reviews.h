#pragma once

#include "sim/kube/api/api_server.h"

#include <optional>

namespace sim::kube {

/// Answers a Create of a kind that is asked and never stored: SelfSubjectAccessReview, SubjectAccessReview,
/// LocalSubjectAccessReview, SelfSubjectRulesReview, SelfSubjectReview, TokenReview, and serviceaccounts/token.
/// Nothing when the request is for none of these.
std::optional<Response> answerReview(const Store& store, const Request& request, Instant now);

/// Whether the resource is one of the review kinds, which exist in no table.
bool isReview(std::string_view resource);

} // namespace sim::kube
