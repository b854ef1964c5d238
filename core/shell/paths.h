#pragma once

#include <string>
#include <string_view>

namespace core::shell {

/// `path` seen from the directory `base` (absolute), with "." and ".." and doubled slashes resolved by text.
std::string joinPath(std::string_view base, std::string_view path);
std::string_view fileNameOf(std::string_view path);
/// "/a/b" of "/a/b/c"; "/" of "/a".
std::string parentOf(std::string_view path);

} // namespace core::shell
