#pragma once

#include "core/endpoint/door_state.h"

#include <optional>
#include <variant>

struct ssl_st;

namespace core::endpoint {

/// The identity in the client's certificate: nothing without one, an empty user when it is not of our authority.
std::optional<Identity> certificateIdentity(ssl_st* tls);

/// Who sends the request: the bearer token's owner, else the certificate's. An empty user is nobody (401). With
/// Impersonate-User, a member of system:masters speaks for somebody else; for others it is a 403.
std::variant<Identity, HttpAnswer> authenticate(const HttpRequest& request, const std::optional<Identity>& certificate,
                                                const std::vector<Credential>& credentials);

} // namespace core::endpoint
