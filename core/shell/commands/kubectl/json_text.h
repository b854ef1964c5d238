#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace core::shell::kubectl {

using Json = nlohmann::json;

/// As Go's encoding/json writes it: keys sorted, <, > and & escaped.
std::string compactJson(const Json& value);
/// The same with four spaces of indentation: `-o json`.
std::string prettyJson(const Json& value);

/// The value at a path of keys; a null value when there is none.
const Json& at(const Json& value, std::initializer_list<std::string_view> path);
/// The text at a path of keys; empty when there is none.
std::string textAt(const Json& value, std::initializer_list<std::string_view> path);
std::int64_t numberAt(const Json& value, std::initializer_list<std::string_view> path, std::int64_t fallback = 0);

/// The bytes are UTF-8: what a ConfigMap keeps as `data`.
bool isText(const std::string& bytes);

/// The JSON merge patch (RFC 7386) that turns `before` into `after`.
Json mergePatch(const Json& before, const Json& after);

} // namespace core::shell::kubectl
