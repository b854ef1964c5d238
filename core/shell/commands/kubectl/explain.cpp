#include "core/shell/commands/kubectl/call.h"

#include "sim/kube/api/api_server.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using sim::kube::FieldInfo;

constexpr std::size_t kLineWidth = 80;

/// Wrapped text, each line after the indent.
std::string wrapped(const std::string& text, std::size_t indent)
{
    std::string out;
    std::string line;
    for (const std::string& word : splitAt(text, ' ')) {
        if (!line.empty() && indent + line.size() + 1 + word.size() > kLineWidth) {
            out += std::string(indent, ' ') + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return out + std::string(indent, ' ') + line + "\n";
}

std::string described(const FieldInfo& field)
{
    return field.description.empty() ? "<no description>" : field.description;
}

std::vector<FieldInfo> sorted(std::vector<FieldInfo> fields)
{
    std::sort(fields.begin(), fields.end(), [](const FieldInfo& a, const FieldInfo& b) { return a.name < b.name; });
    return fields;
}

/// The fields with all below them, names and types only. A kind may hold itself (JSON schemas): the way down is
/// then cut where a type comes again.
void printRecursive(Call& call, const std::vector<FieldInfo>& fields, std::size_t depth, std::vector<std::string>& types)
{
    for (const FieldInfo& field : sorted(fields)) {
        call.out(fmt::format("{}{}\t<{}>{}\n", std::string(2 * depth, ' '), field.name, field.type, field.required ? " -required-" : ""));
        if (field.children == nullptr || std::find(types.begin(), types.end(), field.type) != types.end())
            continue;
        types.push_back(field.type);
        printRecursive(call, field.children(), depth + 1, types);
        types.pop_back();
    }
}

void printFields(Call& call, const std::vector<FieldInfo>& fields)
{
    call.out("FIELDS:\n");
    if (call.flags.on("recursive")) {
        std::vector<std::string> types;
        printRecursive(call, fields, 1, types);
        call.out("\n\n");
        return;
    }
    for (const FieldInfo& field : sorted(fields)) {
        call.out(fmt::format("  {}\t<{}>{}\n", field.name, field.type, field.required ? " -required-" : ""));
        call.out(wrapped(described(field), 4) + "\n");
    }
    call.out("\n\n");
}

int explain(Call& call, const ResourceKind& kind, const std::vector<std::string>& path)
{
    if (!kind.group.empty())
        call.out(fmt::format("GROUP:      {}\n", kind.group));
    call.out(fmt::format("KIND:       {}\nVERSION:    {}\n\n", kind.kind, kind.version));
    std::vector<FieldInfo> fields = sim::kube::fieldsOf(kind.info->id);
    FieldInfo found;
    for (const std::string& name : path) {
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const FieldInfo& one) { return one.name == name; });
        if (field == fields.end())
            return call.fail(fmt::format("field \"{}\" does not exist", name));
        found = *field;
        fields = found.children ? found.children() : std::vector<FieldInfo>{};
    }
    if (!path.empty())
        call.out(fmt::format("FIELD: {} <{}>{}\n\n\n", found.name, found.type, found.required ? " -required-" : ""));
    call.out("DESCRIPTION:\n" + (path.empty() ? wrapped(fmt::format("A {}.", kind.kind), 4) : wrapped(described(found), 4)) + "    \n");
    if (!fields.empty())
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
    std::vector<std::string> path = splitAt(call.words.front(), '.');
    std::string resource = path.front();
    path.erase(path.begin());
    const ResourceKind* kind = findResource(resource);
    // "deployments.apps.spec": the longest part that names a type is the type.
    for (std::size_t i = 0; i < path.size(); ++i) {
        const std::string longer = resource + "." + join({path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i) + 1}, ".");
        if (const ResourceKind* qualified = findResource(longer)) {
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
