#include "core/endpoint/openapi.h"

#include "core/endpoint/discovery.h"
#include "sim/kube/api/api_server.h"
#include "sim/kube/api/schema.h"

#include <algorithm>
#include <map>
#include <utility>

// Schemas from the described structs. What clients need beside types are the merge keys of lists: kubectl apply
// works out its patch from them.
namespace core::endpoint {

namespace {

using nlohmann::json;
using sim::kube::FieldInfo;

const std::string kMetaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const std::string kQuantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const std::string kIntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

bool contains(std::initializer_list<std::string_view> list, std::string_view value)
{
    return std::find(list.begin(), list.end(), value) != list.end();
}

json reference(const std::string& name) { return {{"$ref", "#/definitions/" + name}}; }

/// "networking.k8s.io" -> "networking", "" -> "core": how the packages of the Go types are called.
std::string packageOf(std::string_view group)
{
    return group.empty() ? "core" : std::string(group.substr(0, group.find('.')));
}

std::string definitionName(const std::string& structName, std::string_view group, std::string_view version)
{
    if (contains({"ObjectMeta", "OwnerReference", "LabelSelector", "LabelSelectorRequirement", "ListMeta", "Status", "DeleteOptions"}, structName))
        return kMetaPrefix + structName;
    return "io.k8s.api." + packageOf(group) + "." + std::string(version) + "." + structName;
}

/// How a list merges, for the clients that work out patches themselves.
void addPatchExtensions(json& property, const sim::kube::FieldSchema& schema)
{
    const bool merges = !schema.mergeKey.empty() || schema.mergeValues;
    if (!schema.mergeKey.empty())
        property["x-kubernetes-patch-merge-key"] = schema.mergeKey;
    if (merges || schema.retainKeys)
        property["x-kubernetes-patch-strategy"] = !merges ? "retainKeys" : schema.retainKeys ? "merge,retainKeys" : "merge";
}

class Builder {
public:
    json build()
    {
        for (std::size_t i = 0; i < sim::kube::kKindCount; ++i)
            if (const auto& info = sim::kube::kindInfo(static_cast<sim::kube::KindId>(i)); !info.plural.empty())
                addKind(info);
        m_definitions[kQuantity] = {{"type", "string"}, {"description", "An amount with its unit: 500m, 128Mi, 8."}};
        m_definitions[kIntOrString] = {{"type", "string"}, {"format", "int-or-string"}, {"description", "A number or a text."}};
        m_definitions[kMetaPrefix + "ListMeta"] = {
            {"type", "object"}, {"description", "What every list carries."},
            {"properties", {{"continue", {{"type", "string"}}}, {"resourceVersion", {{"type", "string"}}}, {"remainingItemCount", {{"type", "integer"}, {"format", "int64"}}}}}};
        return std::move(m_definitions);
    }

private:
    void addKind(const sim::kube::KindInfo& info)
    {
        const std::string group(info.group);
        const json gvk{{"group", group}, {"version", info.version}, {"kind", info.kind}};
        const std::string name = definitionName(std::string(info.kind), group, info.version);
        m_group = group;
        m_version = info.version;
        m_definitions[name] = structSchema(std::string(info.kind), sim::kube::fieldsOf(info.id), sim::kube::schemaOf(info.id));
        m_definitions[name]["x-kubernetes-group-version-kind"] = json::array({gvk});
        json listGvk = gvk;
        listGvk["kind"] = std::string(info.kind) + "List";
        m_definitions[name + "List"] = {
            {"type", "object"}, {"description", "A list of " + std::string(info.kind) + "."}, {"required", {"items"}},
            {"properties",
             {{"apiVersion", {{"type", "string"}}}, {"kind", {{"type", "string"}}}, {"metadata", reference(kMetaPrefix + "ListMeta")},
              {"items", {{"type", "array"}, {"items", reference(name)}}}}},
            {"x-kubernetes-group-version-kind", json::array({listGvk})}};
    }

    json structSchema(const std::string& structName, const std::vector<FieldInfo>& fields, const sim::kube::StructSchema* merging)
    {
        json schema{{"type", "object"}, {"properties", json::object()}};
        for (const FieldInfo& field : fields) {
            const sim::kube::FieldSchema* known = merging == nullptr ? nullptr : merging->find(field.name);
            json property = typeSchema(field, field.type, known == nullptr ? nullptr : known->element);
            if (!field.description.empty())
                property["description"] = field.description;
            if (!field.values.empty())
                property["enum"] = field.values;
            if (known != nullptr)
                addPatchExtensions(property, *known);
            schema["properties"][field.name] = std::move(property);
            if (field.required)
                schema["required"].push_back(field.name);
        }
        if (structName == "ObjectMeta") // written by some clients and dropped by the server
            schema["properties"]["selfLink"] = {{"type", "string"}};
        return schema;
    }

    json typeSchema(const FieldInfo& field, std::string_view type, const sim::kube::StructSchema* merging)
    {
        if (type.rfind("[]", 0) == 0)
            return {{"type", "array"}, {"items", typeSchema(field, type.substr(2), merging)}};
        constexpr std::string_view kMap = "map[string]";
        if (type.rfind(kMap, 0) == 0)
            return {{"type", "object"}, {"additionalProperties", typeSchema(field, type.substr(kMap.size()), merging)}};
        if (type == "string" || type == "boolean")
            return {{"type", std::string(type)}};
        if (type == "integer")
            return {{"type", "integer"}, {"format", "int64"}};
        if (type == "number")
            return {{"type", "number"}, {"format", "double"}};
        if (type == "Quantity")
            return reference(kQuantity);
        if (type == "IntOrString")
            return reference(kIntOrString);
        const std::string structName(type);
        // Structs without a group of their own belong to the kind that was met first.
        const std::pair key(structName, field.children);
        const auto known = m_names.find(key);
        const std::string name = known != m_names.end() ? known->second : definitionName(structName, m_group, m_version);
        if (known == m_names.end()) {
            m_names.emplace(key, name);
            m_definitions[name] = {{"type", "object"}}; // a struct may hold itself
            if (field.children != nullptr)
                m_definitions[name] = structSchema(structName, field.children(), merging);
        }
        return reference(name);
    }

    json m_definitions = json::object();
    /// Go's struct name and fields -> definition; two groups may call different things the same.
    std::map<std::pair<std::string, std::vector<FieldInfo> (*)()>, std::string> m_names;
    std::string m_group;
    std::string m_version;
};

} // namespace

const json& openApiDefinitions()
{
    static const json kDefinitions = Builder().build();
    return kDefinitions;
}

json customDefinitions(const sim::kube::Store& store)
{
    json definitions = json::object();
    for (const ServedResource& one : servedResources(store)) {
        const auto resource = sim::kube::findResource(store, one.plural + "." + one.group);
        if (!resource || !resource->definition)
            continue;
        for (const sim::kube::CrdVersion& version : resource->definition->spec.versions) {
            if (version.name.value != one.version || !version.schema || !version.schema->openAPIV3Schema)
                continue;
            json schema = json::parse(version.schema->openAPIV3Schema->text, nullptr, false);
            if (!schema.is_object())
                continue;
            schema["properties"]["apiVersion"] = {{"type", "string"}};
            schema["properties"]["kind"] = {{"type", "string"}};
            schema["properties"]["metadata"] = reference(kMetaPrefix + "ObjectMeta");
            schema["x-kubernetes-group-version-kind"] = json::array({{{"group", one.group}, {"version", one.version}, {"kind", one.kind}}});
            definitions[one.group + "." + one.version + "." + one.kind] = std::move(schema);
        }
    }
    return definitions;
}

} // namespace core::endpoint
