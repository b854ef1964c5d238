#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sim::serving::openai {

/// Members in the order of the text, as Python keeps them.
using Json = nlohmann::ordered_json;

/// repr() of what json.loads gives: {'a': [1, 2.0, True, None]}. At most about `most` bytes, then "...".
std::string pythonRepr(const Json& value, std::size_t most = 4096);
std::string pythonQuoted(std::string_view text);

/// What Python's json module finds wrong, and at which character.
struct JsonFault {
    std::string message; ///< "Expecting value"
    std::size_t at = 0;
};
/// Nothing: it is JSON as Python reads it, nested at most 100 deep.
std::optional<JsonFault> jsonFault(std::string_view text);

} // namespace sim::serving::openai
