#include "core/shell/commands/kubectl/call.h"
#include "sim/engine/split.h"

#include "sim/kube/api/api_server.h"
#include "sim/kube/api/custom_resources.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

namespace core::shell::kubectl {

namespace {

/// A field as it is explained, of a built-in kind or of a custom one.
struct ExplainedField {
    std::string name;
    std::string type;
    std::string description;
    bool required = false;
    std::vector<std::string> values;                               ///< of enumerations
    std::function<std::vector<ExplainedField>()> children;         ///< null: none
};

std::vector<ExplainedField> explainedFields(const std::vector<sim::kube::FieldInfo>& fields)
{
    std::vector<ExplainedField> out;
    for (const sim::kube::FieldInfo& field : fields) {
        ExplainedField one{field.name, field.type, field.description, field.required, field.values, nullptr};
        if (field.children != nullptr)
            one.children = [children = field.children] { return explainedFields(children()); };
        out.push_back(std::move(one));
    }
    return out;
}

/// "[]string", "map[string]integer", "Object": a schema's type as kubectl writes it.
std::string schemaType(const Json& schema)
{
    const std::string type = textAt(schema, {"type"});
    if (type == "array")
        return "[]" + schemaType(at(schema, {"items"}));
    if (const Json& each = at(schema, {"additionalProperties"}); type == "object" && each.is_object())
        return "map[string]" + schemaType(each);
    return type.empty() || type == "object" ? "Object" : type;
}

std::vector<ExplainedField> schemaFields(const Json& schema)
{
    std::vector<ExplainedField> out;
    const Json& required = at(schema, {"required"});
    for (const auto& [name, property] : at(schema, {"properties"}).items()) {
        ExplainedField one{name, schemaType(property), textAt(property, {"description"}), false, {}, nullptr};
        one.required = required.is_array() && std::find(required.begin(), required.end(), Json(name)) != required.end();
        for (const Json& value : at(property, {"enum"}))
            one.values.push_back(value.is_string() ? value.get<std::string>() : value.dump());
        const Json& inner = textAt(property, {"type"}) == "array" ? at(property, {"items"})
            : at(property, {"additionalProperties"}).is_object()  ? at(property, {"additionalProperties"})
                                                                  : property;
        if (at(inner, {"properties"}).is_object())
            one.children = [inner] { return schemaFields(inner); };
        out.push_back(std::move(one));
    }
    return out;
}

/// The fields of a custom kind: those of its schema beside what every object has.
std::vector<ExplainedField> customFields(const sim::kube::CustomResourceDefinition& definition)
{
    std::vector<ExplainedField> out;
    const sim::kube::CrdVersion* version = sim::kube::versionOf(definition);
    if (version != nullptr && version->schema && version->schema->openAPIV3Schema)
        out = schemaFields(Json::parse(version->schema->openAPIV3Schema->text, nullptr, false));
    std::erase_if(out, [](const ExplainedField& field) { return field.name == "apiVersion" || field.name == "kind" || field.name == "metadata"; });
    for (ExplainedField& common : explainedFields(sim::kube::fieldsOf(sim::kube::kindIdOf<sim::kube::ConfigMap>)))
        if (common.name == "apiVersion" || common.name == "kind" || common.name == "metadata")
            out.push_back(std::move(common));
    return out;
}

constexpr std::size_t kLineWidth = 80;

/// Wrapped text, each line after the indent.
std::string wrapped(const std::string& text, std::size_t indent)
{
    std::string out;
    std::string line;
    for (const std::string& word : sim::split(text, ' ')) {
        if (!line.empty() && indent + line.size() + 1 + word.size() > kLineWidth) {
            out += std::string(indent, ' ') + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return out + std::string(indent, ' ') + line + "\n";
}

std::vector<ExplainedField> sorted(std::vector<ExplainedField> fields)
{
    std::sort(fields.begin(), fields.end(), [](const ExplainedField& a, const ExplainedField& b) { return a.name < b.name; });
    return fields;
}

/// "enum: a, b": the first four values of an enumeration.
void printValues(Call& call, const ExplainedField& field, std::size_t depth)
{
    constexpr std::size_t kShown = 4;
    if (field.values.empty())
        return;
    const auto end = field.values.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, field.values.size()));
    call.out(fmt::format("{}enum: {}{}\n", std::string(2 * depth, ' '), join({field.values.begin(), end}, ", "), field.values.size() > kShown ? ", ...." : ""));
}

/// The fields with all below them, names and types only. A kind may hold itself (JSON schemas): the way down is
/// then cut where a type comes again.
void printRecursive(Call& call, const std::vector<ExplainedField>& fields, std::size_t depth, std::vector<std::string>& types)
{
    for (const ExplainedField& field : sorted(fields)) {
        call.out(fmt::format("{}{}\t<{}>{}\n", std::string(2 * depth, ' '), field.name, field.type, field.required ? " -required-" : ""));
        printValues(call, field, depth);
        if (!field.children || std::find(types.begin(), types.end(), field.type) != types.end())
            continue;
        types.push_back(field.type);
        printRecursive(call, field.children(), depth + 1, types);
        types.pop_back();
    }
}

void printFields(Call& call, const std::vector<ExplainedField>& fields)
{
    call.out("FIELDS:\n");
    if (call.flags.on("recursive")) {
        std::vector<std::string> types;
        printRecursive(call, fields, 1, types);
        call.out("\n");
        return;
    }
    for (const ExplainedField& field : sorted(fields)) {
        call.out(fmt::format("  {}\t<{}>{}\n", field.name, field.type, field.required ? " -required-" : ""));
        printValues(call, field, 1);
        call.out(wrapped(field.description.empty() ? "<no description>" : field.description, 4) + "\n");
    }
    call.out("\n");
}

int explain(Call& call, const ResourceKind& kind, const std::vector<std::string>& path)
{
    if (!kind.group.empty())
        call.out(fmt::format("GROUP:      {}\n", kind.group));
    call.out(fmt::format("KIND:       {}\nVERSION:    {}\n\n", kind.kind, kind.version));
    std::vector<ExplainedField> fields;
    if (kind.keyPrefix.empty()) {
        fields = explainedFields(sim::kube::fieldsOf(kind.info->id));
    } else if (const auto custom = sim::kube::findCustomResource(call.inv.door().world().cluster().store(), kind.groupResource())) {
        fields = customFields(*custom->definition);
    }
    ExplainedField found;
    for (const std::string& name : path) {
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const ExplainedField& one) { return one.name == name; });
        if (field == fields.end())
            return call.fail(fmt::format("field \"{}\" does not exist", name));
        found = *field;
        fields = found.children ? found.children() : std::vector<ExplainedField>{};
    }
    const bool values = !path.empty() && !found.values.empty();
    if (values)
        call.out(fmt::format("FIELD: {} <{}>{}\nENUM:\n    {}\n\n", found.name, found.type, found.required ? " -required-" : "", join(found.values, "\n    ")));
    else if (!path.empty())
        call.out(fmt::format("FIELD: {} <{}>{}\n\n\n", found.name, found.type, found.required ? " -required-" : ""));
    const std::string description = path.empty() ? fmt::format("A {}.", kind.kind) : found.description;
    call.out("DESCRIPTION:\n" + (description.empty() ? "    <empty>\n" : wrapped(description, 4) + "    \n"));
    if (fields.empty())
        call.out("\n");
    else
        printFields(call, fields);
    return 0;
}

int runExplain(Call& call)
{
    if (call.words.empty())
        return call.fail("You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported "
                         "resources.");
    if (call.words.size() > 1)
        return call.fail("We accept only this format: explain RESOURCE");
    std::vector<std::string> path = sim::split(call.words.front(), '.');
    std::string resource = path.front();
    path.erase(path.begin());
    const ResourceKind* kind = call.client.find(resource);
    // "deployments.apps.spec": the longest part that names a type is the type.
    for (std::size_t i = 0; i < path.size(); ++i) {
        const std::string longer = resource + "." + join({path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i) + 1}, ".");
        if (const ResourceKind* qualified = call.client.find(longer)) {
            kind = qualified;
            path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            break;
        }
    }
    if (kind == nullptr || kind->info == nullptr) {
        call.err(fmt::format("the server doesn't have a resource type \"{}\"\n", resource));
        return 1;
    }
    return explain(call, *kind, path);
}

} // namespace

Verb explainVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"explain", kIntermediate, "Get documentation for a resource", "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group]"};
    verb.flags = {{0, "api-version", T::Text, "", "The group and version to look in."},
                  {0, "recursive", T::Bool, "false", "All fields below as well, without descriptions."}};
    verb.run = runExplain;
    verb.operand = Operand::Kind;
    verb.examples = {"# A kind's fields", "kubectl explain pods", "# One field of it", "kubectl explain pods.spec.containers"};
    return verb;
}

} // namespace core::shell::kubectl
