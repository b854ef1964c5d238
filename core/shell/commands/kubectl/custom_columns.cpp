#include "core/shell/commands/kubectl/flags.h"
#include "core/shell/commands/kubectl/output.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

/// "N:.metadata.name,P:.spec.x[0]": columns are separated by commas outside brackets. A file holds a line of
/// headers and a line of paths.
std::vector<std::pair<std::string, std::string>> columnParts(const std::string& text, bool& valid)
{
    std::vector<std::pair<std::string, std::string>> parts;
    valid = true;
    if (const std::size_t newline = text.find('\n'); newline != std::string::npos) {
        std::vector<std::string> rows[2];
        const std::string lines[2] = {text.substr(0, newline),
                                      text.substr(newline + 1, text.find('\n', newline + 1) - newline - 1)};
        for (int i = 0; i < 2; ++i) {
            for (std::string& word : sim::split(lines[i], ' ')) {
                if (!word.empty())
                    rows[i].push_back(std::move(word));
            }
        }
        valid = rows[0].size() == rows[1].size();
        for (std::size_t i = 0; valid && i < rows[0].size(); ++i)
            parts.emplace_back(rows[0][i], rows[1][i]);
        return parts;
    }
    int depth = 0;
    std::string one;
    for (const char c : text + ",") {
        if (c == '[')
            ++depth;
        else if (c == ']')
            --depth;
        if (c != ',' || depth > 0) {
            one += c;
            continue;
        }
        const std::size_t colon = one.find(':');
        if (colon == std::string::npos) {
            valid = false;
            return parts;
        }
        parts.emplace_back(one.substr(0, colon), one.substr(colon + 1));
        one.clear();
    }
    return parts;
}

} // namespace

std::optional<CustomColumns> CustomColumns::parse(const std::string& specification, std::string& error)
{
    bool valid = true;
    CustomColumns columns;
    for (auto& [header, path] : columnParts(specification, valid)) {
        auto parsed = JsonPath::parseRelaxed(path, error);
        if (!parsed)
            return std::nullopt;
        columns.m_headers.push_back(std::move(header));
        columns.m_paths.push_back(std::move(*parsed));
    }
    if (!valid) {
        error = fmt::format("unexpected custom-columns spec: {}, expected <header>:<json-path-expr>", specification);
        return std::nullopt;
    }
    return columns;
}

std::vector<std::string> CustomColumns::row(const Json& object) const
{
    std::vector<std::string> cells;
    for (const JsonPath& path : m_paths) {
        std::vector<std::string> values;
        for (const Json* value : path.find(object))
            values.push_back(goText(*value));
        cells.push_back(values.empty() ? "<none>" : join(values, ","));
    }
    return cells;
}

std::string goText(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_null())
        return "<nil>";
    if (value.is_array()) {
        std::string text = "[";
        for (std::size_t i = 0; i < value.size(); ++i)
            text += (i > 0 ? " " : "") + goText(value[i]);
        return text + "]";
    }
    if (value.is_object()) {
        std::string text = "map[";
        bool first = true;
        for (const auto& [key, item] : value.items()) {
            text += (first ? "" : " ") + key + ":" + goText(item);
            first = false;
        }
        return text + "]";
    }
    return value.dump();
}

} // namespace core::shell::kubectl
