#pragma once

#include "core/shell/commands/kubectl/call.h"
#include "core/shell/commands/kubectl/jsonpath.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// What -o asked for.
struct OutputFormat {
    enum class Type : std::uint8_t {
        Default, ///< a table, or a line like "pod/x created"
        Wide,
        JsonText,
        YamlText,
        Name,
        JsonPath,
        JsonPathAsJson,
        GoTemplate,
        CustomColumns,
    };
    Type type = Type::Default;
    std::string argument; ///< the template or the column specification

    bool table() const { return type == Type::Default || type == Type::Wide; }
};

/// Reads -o. Complains and returns nothing when there is no such format. `tables`: wide and custom columns
/// are among the choices.
std::optional<OutputFormat> outputFormat(Call& call, bool tables);

/// Prints an object or a v1 List in the format (not a table one). Returns 0, or 1 after complaining.
int printObject(Call& call, const OutputFormat& format, const Json& object);
/// A v1 List of the objects, as `get -o yaml` prints several.
Json listOf(std::vector<Json> items);

/// Reports what was done to an object: "deployment.apps/web scaled (dry run)", or the object with -o.
int report(Call& call, const ResourceKind& kind, const Json& object, const std::string& what);

/// The rows of -o custom-columns: headers and one row an object.
class CustomColumns {
public:
    static std::optional<CustomColumns> parse(const std::string& specification, std::string& error);
    const std::vector<std::string>& headers() const { return m_headers; }
    std::vector<std::string> row(const Json& object) const;

private:
    std::vector<std::string> m_headers;
    std::vector<JsonPath> m_paths;
};

/// As Go's fmt.Sprint prints it: "map[a:b]", "[x y]".
std::string goText(const Json& value);

} // namespace core::shell::kubectl
