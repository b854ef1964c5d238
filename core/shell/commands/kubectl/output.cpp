#include "core/shell/commands/kubectl/output.h"

#include "core/shell/commands/kubectl/align.h"
#include "core/shell/commands/kubectl/go_template.h"
#include "sim/kube/api/yaml.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using Type = OutputFormat::Type;

/// managedFields are hidden unless asked for.
Json withoutManagedFields(Json object)
{
    if (const auto metadata = object.find("metadata"); metadata != object.end() && metadata->is_object())
        metadata->erase("managedFields");
    if (const auto items = object.find("items"); items != object.end() && items->is_array()) {
        for (Json& item : *items)
            item = withoutManagedFields(std::move(item));
    }
    return object;
}

/// The file or text behind "-o jsonpath-file=x".
std::optional<std::string> templateFile(Call& call, const std::string& path)
{
    const ReadFile file = call.inv.system().readFile(call.inv.place(), call.inv.absolutePath(path));
    if (file.error == Errno::None)
        return file.text;
    call.fail(fmt::format("error reading template {}, open {}: no such file or directory", path, path));
    return std::nullopt;
}

std::string nameLine(Call& call, const Json& object)
{
    const ResourceKind* kind = call.client.find(textAt(object, {"apiVersion"}), textAt(object, {"kind"}));
    const std::string type = kind ? kind->typeName() : textAt(object, {"kind"});
    return type + "/" + textAt(object, {"metadata", "name"}) + "\n";
}

template <class Print>
void eachItem(const Json& object, Print print)
{
    const Json& items = at(object, {"items"});
    if (!items.is_array()) {
        print(object);
        return;
    }
    for (const Json& item : items)
        print(item);
}

int printJsonPath(Call& call, const OutputFormat& format, const Json& object)
{
    std::string error;
    const auto path = JsonPath::parse(format.argument, error);
    if (!path)
        return call.fail(fmt::format("error parsing jsonpath {}, {}", format.argument, error));
    if (format.type == Type::JsonPathAsJson) {
        Json found = Json::array();
        for (const Json* value : path->find(object))
            found.push_back(*value);
        call.out(prettyJson(found) + "\n");
        return 0;
    }
    const auto text = path->print(object, error);
    if (!text) {
        return call.fail(fmt::format("error executing jsonpath \"{}\": Error executing template: {}. Printing more "
                                     "information for debugging the template:\n\ttemplate was:\n\t\t{}\n\tobject given "
                                     "to jsonpath engine was:\n\t\t{}\n\n",
                                     format.argument, error, format.argument, goText(object)));
    }
    call.out(*text);
    return 0;
}

int printGoTemplate(Call& call, const OutputFormat& format, const Json& object)
{
    std::string error;
    const auto made = GoTemplate::parse(format.argument, error);
    if (!made)
        return call.fail(fmt::format("error parsing template {}, template: output:1: {}", format.argument, error));
    const auto text = made->print(object, error);
    if (!text)
        return call.fail(fmt::format("error executing template \"{}\": template: output:1: executing \"output\": {}", format.argument, error));
    call.out(*text);
    return 0;
}

int printCustomColumns(Call& call, const OutputFormat& format, const Json& object)
{
    std::string error;
    const auto columns = CustomColumns::parse(format.argument, error);
    if (!columns)
        return call.fail(error);
    std::vector<std::vector<std::string>> rows;
    if (!call.flags.on("no-headers"))
        rows.push_back(columns->headers());
    eachItem(object, [&](const Json& item) { rows.push_back(columns->row(item)); });
    call.out(alignedRows(rows));
    return 0;
}

} // namespace

std::optional<OutputFormat> outputFormat(Call& call, bool tables)
{
    OutputFormat format;
    const std::string text = call.flags.text("output");
    if (text.empty())
        return format;
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    format.argument = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (equals == std::string::npos && call.flags.given("template"))
        format.argument = call.flags.text("template");
    const bool hasTemplate = !format.argument.empty();
    const auto fromFile = [&](Type type) -> std::optional<OutputFormat> {
        const auto content = templateFile(call, format.argument);
        if (!content)
            return std::nullopt;
        return OutputFormat{type, *content};
    };
    if (text == "json")
        format.type = Type::JsonText;
    else if (text == "yaml")
        format.type = Type::YamlText;
    else if (text == "name")
        format.type = Type::Name;
    else if (text == "wide" && tables)
        format.type = Type::Wide;
    else if (name == "jsonpath" && hasTemplate)
        format.type = Type::JsonPath;
    else if (name == "jsonpath-as-json" && hasTemplate)
        format.type = Type::JsonPathAsJson;
    else if (name == "jsonpath-file" && hasTemplate)
        return fromFile(Type::JsonPath);
    else if ((name == "go-template" || name == "template") && hasTemplate)
        format.type = Type::GoTemplate;
    else if ((name == "go-template-file" || name == "templatefile") && hasTemplate)
        return fromFile(Type::GoTemplate);
    else if (name == "custom-columns" && tables && hasTemplate)
        format.type = Type::CustomColumns;
    else if (name == "custom-columns-file" && tables && hasTemplate)
        return fromFile(Type::CustomColumns);
    else if ((name == "jsonpath" || name == "go-template" || name == "template") && !hasTemplate) {
        call.fail("template format specified but no template given");
        return std::nullopt;
    } else if (name == "custom-columns" && tables) {
        call.fail("custom-columns format specified but no custom columns given");
        return std::nullopt;
    } else {
        call.fail(fmt::format("unable to match a printer suitable for the output format \"{}\", allowed formats are: "
                              "{}go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,{}yaml",
                              text, tables ? "custom-columns,custom-columns-file," : "", tables ? "wide," : ""));
        return std::nullopt;
    }
    return format;
}

int printObject(Call& call, const OutputFormat& format, const Json& object)
{
    const bool structured = format.type == Type::JsonText || format.type == Type::YamlText;
    const Json shown = structured && !call.flags.on("show-managed-fields") ? withoutManagedFields(object) : object;
    switch (format.type) {
    case Type::JsonText:
        call.out(prettyJson(shown) + "\n");
        return 0;
    case Type::YamlText:
        call.out(sim::kube::toYaml(shown));
        return 0;
    case Type::Name: {
        std::string text;
        eachItem(object, [&](const Json& item) { text += nameLine(call, item); });
        call.out(text);
        return 0;
    }
    case Type::JsonPath:
    case Type::JsonPathAsJson:
        return printJsonPath(call, format, object);
    case Type::GoTemplate:
        return printGoTemplate(call, format, object);
    case Type::CustomColumns:
        return printCustomColumns(call, format, object);
    case Type::Default:
    case Type::Wide:
        break;
    }
    return 0;
}

Json listOf(std::vector<Json> items)
{
    return Json{{"apiVersion", "v1"},
                {"items", std::move(items)},
                {"kind", "List"},
                {"metadata", Json{{"resourceVersion", ""}}}};
}

int report(Call& call, const ResourceKind& kind, const Json& object, const std::string& what)
{
    const auto format = outputFormat(call, false);
    if (!format)
        return 1;
    const std::string line = kind.typeName() + "/" + textAt(object, {"metadata", "name"});
    if (format->type == Type::Name) {
        call.out(line + "\n");
        return 0;
    }
    if (format->type != Type::Default)
        return printObject(call, *format, object);
    const bool silent = call.verb.name == "patch" || call.verb.name == "taint"; // these two do not tell
    const char* suffix = silent ? "" : call.clientDryRun() ? " (dry run)" : call.serverDryRun() ? " (server dry run)" : "";
    call.out(line + " " + what + suffix + "\n");
    return 0;
}

} // namespace core::shell::kubectl
