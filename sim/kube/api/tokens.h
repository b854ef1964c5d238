#pragma once

#include "sim/engine/time.h"
#include "sim/kube/api/store.h"

#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// Who a service account's token stands for.
struct TokenIdentity {
    std::string user;  ///< "system:serviceaccount:shop:default"
    std::string uid;
    std::vector<std::string> groups;
    std::vector<std::string> audiences;
    Instant expires{};
};

/// A bound token in the form of a JWT. Its signature is a hash: it keeps learners' typing errors out, not attackers.
std::string issueToken(const ServiceAccount& account, const std::vector<std::string>& audiences, Instant now, Duration lifetime,
                       const std::string& podName = {}, const std::string& podUid = {});
/// Nothing when the token is none of ours, has expired, or its account (or pod) is gone.
std::optional<TokenIdentity> readToken(const Store& store, const std::string& token, Instant now);

/// Groups of a service account's user: its own, all of them, and those of anybody who is known.
std::vector<std::string> serviceAccountGroups(const std::string& namespace_);

} // namespace sim::kube
