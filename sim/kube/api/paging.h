#pragma once

#include "sim/kube/api/api_server.h"

#include <cstdint>
#include <optional>
#include <string>

namespace sim::kube {

/// Where a paged list goes on: the version it began at and the first key of the next page.
struct ContinueToken {
    std::uint64_t resourceVersion = 0; ///< 0: whatever is there now (an inconsistent rest)
    ObjectKey start;
};

/// base64url of {"v":"meta.k8s.io/v1","rv":310,"start":"/p\u0000"}, as the server writes it. `within`: the namespace that
/// is listed, whose part of the key is left out.
std::string writeToken(const ContinueToken& token, const std::string& within);
/// Nothing when the text is no token of ours.
std::optional<ContinueToken> readToken(const std::string& text, const std::string& within);

/// 410 with a token that gets the rest from whatever is there now.
Response tooOld(const ContinueToken& token, const std::string& within);

} // namespace sim::kube
