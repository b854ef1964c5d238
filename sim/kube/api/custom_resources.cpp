#include "sim/kube/api/custom_resources.h"

#include "sim/engine/letters.h"
#include "sim/kube/api/json.h"
#include "sim/kube/api/json_path.h"
#include "sim/kube/api/printers.h"
#include "sim/kube/api/structural_schema.h"
#include "sim/kube/api/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

// apiextensions-apiserver: registry/customresource, controller/{establish,status,finalizer}.
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr const char* kCleanup = "customresourcecleanup.apiextensions.k8s.io";

json contentOf(const CustomObject& object)
{
    json content = json::parse(object.content.text, nullptr, false);
    return content.is_object() ? content : json::object();
}

json definitionSchema(const CustomResourceDefinition& definition)
{
    const CrdVersion* version = versionOf(definition);
    if (version == nullptr || !version->schema || !version->schema->openAPIV3Schema)
        return json::object();
    json schema = json::parse(version->schema->openAPIV3Schema->text, nullptr, false);
    return schema.is_object() ? schema : json::object();
}

bool isTrue(const CustomResourceDefinition& definition, const char* type)
{
    return std::any_of(definition.status.conditions.begin(), definition.status.conditions.end(),
                       [&](const Condition& one) { return one.type.value == type && one.status.value == "True"; });
}

Resource resourceOf(std::shared_ptr<const CustomResourceDefinition> definition)
{
    const CrdNames& names = definition->spec.names;
    const CrdVersion* version = versionOf(*definition);
    Resource resource{KindInfo{kindIdOf<CustomObject>, definition->spec.group.value, version == nullptr ? std::string_view("v1") : version->name.value,
                               names.kind.value, names.plural.value, names.singular, {}, definition->spec.scope.value == "Namespaced", {}}, {}};
    resource.info.shortNames.assign(names.shortNames.begin(), names.shortNames.end());
    resource.info.categories.assign(names.categories.begin(), names.categories.end());
    resource.definition = std::move(definition);
    return resource;
}

Condition condition(const char* type, const char* status, const char* reason, std::string message, Instant now)
{
    Condition one;
    one.type = std::string(type);
    one.status = std::string(status);
    one.reason = reason;
    one.message = std::move(message);
    one.lastTransitionTime = Time{now};
    return one;
}

bool anyObject(const Store& store, const CustomResourceDefinition& definition)
{
    const std::string prefix = keyPrefix(definition);
    return std::any_of(store.all<CustomObject>().begin(), store.all<CustomObject>().end(),
                       [&](const auto& entry) { return entry.first.name.starts_with(prefix); });
}

/// ".spec.replicas" of the object's JSON, to read or to write.
json* fieldAt(json& root, std::string_view path, bool make)
{
    json* value = &root;
    while (!path.empty()) {
        path.remove_prefix(path.front() == '.' ? 1 : 0);
        const std::string key(path.substr(0, path.find('.')));
        path.remove_prefix(key.size());
        if (!value->is_object() || (!make && !value->contains(key)))
            return nullptr;
        value = &(*value)[key];
        if (make && value->is_null() && !path.empty())
            *value = json::object();
    }
    return value;
}

/// Go's %T of a value out of JSON.
std::string goType(const json& value)
{
    return value.is_string()         ? "string"
        : value.is_boolean()         ? "bool"
        : value.is_number_integer()  ? "int64"
        : value.is_number()          ? "float64"
        : value.is_array()           ? "[]interface {}"
        : value.is_object()          ? "map[string]interface {}"
                                     : "<nil>";
}

std::string accessorError(const std::string& path, const json& value, std::string_view expected)
{
    const std::string text = value.is_string() ? value.get<std::string>() : value.is_null() ? "<nil>" : value.dump();
    return fmt::format("{} accessor error: {} is of the type {}, expected {}", path, text, goType(value), expected);
}

void checkReplicas(FieldErrors& errors, json& content, const std::string& path)
{
    const json* value = fieldAt(content, path, false);
    if (value == nullptr)
        return;
    if (!value->is_number_integer())
        errors.invalid(path, std::int64_t{0}, accessorError(path, *value, "int64"));
    else if (const auto count = value->get<std::int64_t>(); count < 0)
        errors.invalid(path, count, "should be a non-negative integer");
    else if (count > std::numeric_limits<std::int32_t>::max())
        errors.invalid(path, count, fmt::format("should be less than or equal to {}", std::numeric_limits<std::int32_t>::max()));
}

/// registry/customresource/validator.go: ValidateScaleSpec, ValidateScaleStatus.
FieldErrors scaleErrors(json content, const CustomResourceDefinition& definition)
{
    FieldErrors errors;
    if (!hasScale(definition))
        return errors;
    const CrdScale& scale = *versionOf(definition)->subresources->scale;
    checkReplicas(errors, content, scale.specReplicasPath.value);
    checkReplicas(errors, content, scale.statusReplicasPath.value);
    if (scale.labelSelectorPath && !scale.labelSelectorPath->empty())
        if (const json* selector = fieldAt(content, *scale.labelSelectorPath, false); selector != nullptr && !selector->is_string())
            errors.invalid(*scale.labelSelectorPath, std::string(), accessorError(*scale.labelSelectorPath, *selector, "string"));
    return errors;
}

} // namespace

const CrdVersion* versionOf(const CustomResourceDefinition& definition, std::string_view name)
{
    for (const CrdVersion& version : definition.spec.versions)
        if (name.empty() ? version.storage.value : version.served.value && version.name.value == name)
            return &version;
    return nullptr;
}

std::optional<Resource> findCustomResource(const Store& store, std::string_view name)
{
    const std::string wanted = lowered(name);
    const std::size_t dot = wanted.find('.');
    const std::string resource = wanted.substr(0, dot);
    const std::string rest = dot == std::string::npos ? std::string() : wanted.substr(dot + 1);
    for (const auto& [key, definition] : store.all<CustomResourceDefinition>()) {
        const CrdNames& names = definition->spec.names;
        const std::string& group = definition->spec.group.value;
        const bool named = resource == names.plural.value || resource == names.singular || resource == lowered(names.kind.value)
            || std::find(names.shortNames.begin(), names.shortNames.end(), resource) != names.shortNames.end();
        const bool grouped = rest.empty() || rest == group
            || std::any_of(definition->spec.versions.begin(), definition->spec.versions.end(),
                           [&](const CrdVersion& version) { return version.served.value && rest == version.name.value + "." + group; });
        if (named && grouped && isTrue(*definition, "Established"))
            return resourceOf(definition);
    }
    return std::nullopt;
}

std::vector<Resource> customResources(const Store& store)
{
    std::vector<Resource> resources;
    for (const auto& [key, definition] : store.all<CustomResourceDefinition>())
        if (isTrue(*definition, "Established"))
            resources.push_back(resourceOf(definition));
    return resources;
}

std::string keyPrefix(const CustomResourceDefinition& definition)
{
    return definition.spec.names.plural.value + "." + definition.spec.group.value + "/";
}

bool hasStatus(const CustomResourceDefinition& definition)
{
    const CrdVersion* version = versionOf(definition);
    return version != nullptr && version->subresources && version->subresources->status;
}

bool hasScale(const CustomResourceDefinition& definition)
{
    const CrdVersion* version = versionOf(definition);
    return version != nullptr && version->subresources && version->subresources->scale;
}

void conform(CustomObject& object, const CustomResourceDefinition& definition, std::vector<std::string>& unknownFields)
{
    json content = contentOf(object);
    const json schema = definitionSchema(definition);
    structural::prune(content, schema, {}, unknownFields);
    structural::applyDefaults(content, schema);
    object.content.text = content.dump();
    object.group = definition.spec.group.value;
    object.kind = definition.spec.names.kind.value;
    object.plural = definition.spec.names.plural.value;
    if (const CrdVersion* version = versionOf(definition))
        object.version = version->name.value;
}

FieldErrors validateCustom(const CustomObject& object, const CustomResourceDefinition& definition)
{
    FieldErrors errors;
    const json content = contentOf(object);
    structural::validate(errors, content, definitionSchema(definition), scaleErrors(content, definition));
    return errors;
}

json customScale(const CustomObject& object, const CustomResourceDefinition& definition)
{
    json content = contentOf(object);
    const CrdVersion* version = versionOf(definition);
    const auto number = [&](const std::string& path) {
        const json* value = fieldAt(content, path, false);
        return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : std::int64_t{0};
    };
    const CrdScale& scale = *version->subresources->scale;
    json status{{"replicas", number(scale.statusReplicasPath.value)}};
    if (scale.labelSelectorPath)
        if (const json* selector = fieldAt(content, *scale.labelSelectorPath, false); selector != nullptr && selector->is_string())
            status["selector"] = *selector;
    return {{"kind", "Scale"}, {"apiVersion", "autoscaling/v1"},
            {"metadata", {{"name", object.metadata.name}, {"namespace", object.metadata.namespace_},
                          {"resourceVersion", object.metadata.resourceVersion}, {"uid", object.metadata.uid}}},
            {"spec", {{"replicas", number(scale.specReplicasPath.value)}}}, {"status", std::move(status)}};
}

bool setCustomScale(CustomObject& object, const CustomResourceDefinition& definition, std::int64_t replicas)
{
    if (!hasScale(definition))
        return false;
    json content = contentOf(object);
    if (json* value = fieldAt(content, versionOf(definition)->subresources->scale->specReplicasPath.value, true))
        *value = replicas;
    object.content.text = content.dump();
    return true;
}

std::vector<Table::Column> customColumns(const CustomResourceDefinition& definition)
{
    std::vector<Table::Column> columns{{"NAME"}};
    const CrdVersion* version = versionOf(definition);
    if (version == nullptr || version->additionalPrinterColumns.empty()) {
        columns.push_back({"AGE"});
        return columns;
    }
    for (const CrdColumn& column : version->additionalPrinterColumns) {
        std::string name = column.name.value;
        name = sim::raised(name);
        columns.push_back({std::move(name), column.priority > 0});
    }
    return columns;
}

std::vector<std::string> customCells(const CustomObject& object, const CustomResourceDefinition& definition, Instant now)
{
    std::vector<std::string> cells{object.metadata.name};
    const CrdVersion* version = versionOf(definition);
    if (version == nullptr || version->additionalPrinterColumns.empty()) {
        cells.push_back(ageOf(object.metadata.creationTimestamp, now));
        return cells;
    }
    const json whole = toJson(object);
    for (const CrdColumn& column : version->additionalPrinterColumns) {
        std::string text = jsonPathText(whole, column.jsonPath.value);
        if (column.type.value == "date" && !text.empty()) {
            const auto at = parseRfc3339(text);
            text = at ? humanDuration(now - *at) : "<invalid>";
        }
        cells.push_back(std::move(text));
    }
    return cells;
}

void establish(CustomResourceDefinition& definition, const Store& store, Instant now)
{
    definition.status = {};
    std::string taken;
    for (const auto& [key, other] : store.all<CustomResourceDefinition>())
        if (other->metadata.name != definition.metadata.name && other->spec.group == definition.spec.group) {
            if (other->spec.names.plural == definition.spec.names.plural)
                taken = fmt::format("\"{}\" is already in use", definition.spec.names.plural.value);
            else if (other->spec.names.kind == definition.spec.names.kind)
                taken = fmt::format("\"{}\" is already in use", definition.spec.names.kind.value);
        }
    if (!taken.empty()) {
        definition.status.conditions = {condition("NamesAccepted", "False", "KindConflict", taken, now),
                                        condition("Established", "False", "NotAccepted", "not all names are accepted", now)};
        return;
    }
    definition.status.acceptedNames = definition.spec.names;
    definition.status.conditions = {condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", now),
                                    condition("Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now)};
    if (const CrdVersion* version = versionOf(definition))
        definition.status.storedVersions = {version->name.value};
}

std::shared_ptr<const CustomResourceDefinition> removeDefinition(Store& store, const std::string& name, Instant now)
{
    const ObjectKey key{"", name};
    CustomResourceDefinition definition = *store.get<CustomResourceDefinition>(key);
    auto& finalizers = definition.metadata.finalizers;
    if (std::find(finalizers.begin(), finalizers.end(), kCleanup) == finalizers.end())
        finalizers.emplace_back(kCleanup);
    definition.status.conditions.push_back(condition("Terminating", "True", "InstanceDeletionInProgress",
                                                     "CustomResource deletion is in progress", now));
    definition.metadata.resourceVersion.clear();
    const std::string prefix = keyPrefix(definition);
    store.update(std::move(definition), now);
    store.remove<CustomResourceDefinition>(key, now);
    std::vector<ObjectKey> objects;
    for (const auto& [at, object] : store.all<CustomObject>())
        if (at.name.starts_with(prefix))
            objects.push_back(at);
    for (const ObjectKey& at : objects)
        store.remove<CustomObject>(at, now);
    finishDefinitionRemovals(store, now);
    return store.get<CustomResourceDefinition>(key);
}

void finishDefinitionRemovals(Store& store, Instant now)
{
    std::vector<std::shared_ptr<const CustomResourceDefinition>> done;
    for (const auto& [key, definition] : store.all<CustomResourceDefinition>())
        if (definition->metadata.deletionTimestamp && !anyObject(store, *definition))
            done.push_back(definition);
    for (const auto& one : done) {
        CustomResourceDefinition definition = *one;
        std::erase(definition.metadata.finalizers, kCleanup);
        definition.metadata.resourceVersion.clear();
        store.update(std::move(definition), now);
    }
}

} // namespace sim::kube
