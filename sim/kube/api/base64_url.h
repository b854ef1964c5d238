#pragma once

#include <string>
#include <string_view>

namespace sim::kube {

/// RFC 4648 section 5, without padding: continue tokens and the parts of a JWT.
std::string base64UrlOf(std::string_view bytes);
/// Empty when the text holds another character.
std::string fromBase64Url(std::string_view text);

} // namespace sim::kube
