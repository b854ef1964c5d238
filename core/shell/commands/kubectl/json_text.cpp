#include "core/shell/commands/kubectl/json_text.h"

namespace core::shell::kubectl {

namespace {

std::string escapeHtml(const std::string& text)
{
    if (text.find_first_of("<>&") == std::string::npos)
        return text;
    std::string out;
    for (const char c : text) {
        if (c == '<')
            out += "\\u003c";
        else if (c == '>')
            out += "\\u003e";
        else if (c == '&')
            out += "\\u0026";
        else
            out += c;
    }
    return out;
}

} // namespace

std::string compactJson(const Json& value)
{
    return escapeHtml(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string prettyJson(const Json& value)
{
    return escapeHtml(value.dump(4, ' ', false, Json::error_handler_t::replace));
}

const Json& at(const Json& value, std::initializer_list<std::string_view> path)
{
    static const Json kNone;
    const Json* here = &value;
    for (const std::string_view key : path) {
        if (!here->is_object())
            return kNone;
        const auto it = here->find(std::string(key));
        if (it == here->end())
            return kNone;
        here = &*it;
    }
    return *here;
}

std::string textAt(const Json& value, std::initializer_list<std::string_view> path)
{
    const Json& found = at(value, path);
    return found.is_string() ? found.get<std::string>() : std::string();
}

std::int64_t numberAt(const Json& value, std::initializer_list<std::string_view> path, std::int64_t fallback)
{
    const Json& found = at(value, path);
    return found.is_number() ? found.get<std::int64_t>() : fallback;
}

Json mergePatch(const Json& before, const Json& after)
{
    Json patch = Json::object();
    for (const auto& [key, old] : before.items()) {
        const auto it = after.find(key);
        if (it == after.end())
            patch[key] = nullptr;
        else if (old.is_object() && it->is_object()) {
            Json inner = mergePatch(old, *it);
            if (!inner.empty())
                patch[key] = std::move(inner);
        } else if (old != *it) {
            patch[key] = *it;
        }
    }
    for (const auto& [key, fresh] : after.items()) {
        if (!before.contains(key))
            patch[key] = fresh;
    }
    return patch;
}

bool isText(const std::string& bytes)
{
    // A dump that leaves out what is no UTF-8 comes back shorter.
    const std::string dumped = Json(bytes).dump(-1, ' ', false, Json::error_handler_t::ignore);
    return Json::parse(dumped, nullptr, false) == Json(bytes);
}

} // namespace core::shell::kubectl
