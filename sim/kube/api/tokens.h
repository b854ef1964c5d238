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

/// The object that a token ends with, besides its account: a Pod, Secret or Node.
struct TokenBinding {
    std::string kind; ///< empty: none
    std::string name;
    std::string uid;
};

/// A bound token in the form of a JWT. Its signature is a hash: it keeps learners' typing errors out, not attackers.
std::string issueToken(const ServiceAccount& account, const std::vector<std::string>& audiences, Instant now, Duration lifetime,
                       const TokenBinding& binding = {});
/// Nothing when the token is none of ours, has expired, or its account (or what it is bound to) is gone.
std::optional<TokenIdentity> readToken(const Store& store, const std::string& token, Instant now);

/// Groups of a service account's user: its own, all of them, and those of anybody who is known.
std::vector<std::string> serviceAccountGroups(const std::string& namespace_);

} // namespace sim::kube
