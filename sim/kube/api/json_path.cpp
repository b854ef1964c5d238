#include "sim/kube/api/json_path.h"

#include <charconv>
#include <vector>

namespace sim::kube {

namespace {

using nlohmann::json;
using Found = std::vector<const json*>;

/// `?(@.type=="Ready")`: the items whose field is that text.
void filter(Found& out, const json& list, std::string_view condition)
{
    const std::size_t at = condition.find("@.");
    const std::size_t equals = condition.find("==");
    if (!list.is_array() || at == std::string_view::npos || equals == std::string_view::npos || equals < at)
        return;
    std::string key(condition.substr(at + 2, equals - at - 2));
    while (!key.empty() && key.back() == ' ')
        key.pop_back();
    std::string_view wanted = condition.substr(equals + 2);
    const std::size_t first = wanted.find_first_of("\"'");
    const std::size_t last = wanted.find_last_of("\"'");
    if (first == std::string_view::npos || last <= first)
        return;
    wanted = wanted.substr(first + 1, last - first - 1);
    for (const json& item : list)
        if (item.is_object() && item.contains(key) && item.at(key).is_string() && item.at(key).get_ref<const std::string&>() == wanted)
            out.push_back(&item);
}

void subscript(Found& out, const json& value, std::string_view inside)
{
    if (inside == "*") {
        for (const json& item : value)
            out.push_back(&item);
    } else if (inside.starts_with('?')) {
        filter(out, value, inside);
    } else if (inside.starts_with('\'') && inside.ends_with('\'') && inside.size() > 2) {
        const std::string key(inside.substr(1, inside.size() - 2));
        if (value.is_object() && value.contains(key))
            out.push_back(&value.at(key));
    } else {
        std::int64_t index = 0;
        const auto read = std::from_chars(inside.data(), inside.data() + inside.size(), index);
        if (read.ec != std::errc() || !value.is_array())
            return;
        const auto size = static_cast<std::int64_t>(value.size());
        index = index < 0 ? index + size : index;
        if (index >= 0 && index < size)
            out.push_back(&value[static_cast<std::size_t>(index)]);
    }
}

std::string textOf(const json& value)
{
    return value.is_string() ? value.get<std::string>() : value.is_null() ? std::string() : value.dump();
}

} // namespace

std::string jsonPathText(const json& object, std::string_view path)
{
    Found found{&object};
    while (!path.empty()) {
        Found next;
        if (path.front() == '[') {
            const std::size_t end = path.find(']');
            if (end == std::string_view::npos)
                return {};
            for (const json* value : found)
                subscript(next, *value, path.substr(1, end - 1));
            path.remove_prefix(end + 1);
        } else {
            path.remove_prefix(path.front() == '.' ? 1 : 0);
            std::string key;
            while (!path.empty() && path.front() != '.' && path.front() != '[') {
                path.remove_prefix(path.front() == '\\' && path.size() > 1 ? 1 : 0);
                key += path.front();
                path.remove_prefix(1);
            }
            for (const json* value : found)
                if (value->is_object() && value->contains(key))
                    next.push_back(&value->at(key));
        }
        found = std::move(next);
    }
    std::string text;
    for (const json* value : found)
        text += (text.empty() ? "" : ",") + textOf(*value);
    return text;
}

} // namespace sim::kube
