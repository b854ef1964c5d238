#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sim {

/// RFC 4648 section 4, with padding, on one line.
std::string encodeBase64(std::string_view bytes);
/// Line breaks are skipped and padding may be left out. Nothing when the text is none: another character, something
/// behind the padding, or a single digit left over.
std::optional<std::string> decodeBase64(std::string_view text);

/// RFC 4648 section 5, without padding: continue tokens and the parts of a JWT.
std::string encodeBase64Url(std::string_view bytes);
std::optional<std::string> decodeBase64Url(std::string_view text);

} // namespace sim
