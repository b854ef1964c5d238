#include "sim/kube/api/json_text.h"

#include <utility>
#include <vector>

namespace sim::kube {

using nlohmann::json;

namespace {

bool textIsTooDeep(std::string_view text)
{
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxJsonDepth)
                return true;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

} // namespace

std::optional<json> parseJson(std::string_view text)
{
    if (textIsTooDeep(text))
        return std::nullopt;
    json value = json::parse(text, nullptr, false);
    return value.is_discarded() ? std::nullopt : std::optional(std::move(value));
}

bool isTooDeep(const json& value)
{
    std::vector<std::pair<const json*, std::size_t>> open{{&value, 1}};
    while (!open.empty()) {
        const auto [one, depth] = open.back();
        open.pop_back();
        if (!one->is_structured())
            continue;
        if (depth > kMaxJsonDepth)
            return true;
        for (const json& inner : *one)
            open.emplace_back(&inner, depth + 1);
    }
    return false;
}

} // namespace sim::kube
