#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace core::shell::kubectl {

std::string base64Encode(std::string_view bytes);
/// Nothing when the text is no base64.
std::optional<std::string> base64Decode(std::string_view text);

} // namespace core::shell::kubectl
