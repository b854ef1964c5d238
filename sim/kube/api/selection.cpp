#include "sim/kube/api/selection.h"

#include "sim/kube/api/custom_resources.h"
#include "sim/kube/api/json_path.h"
#include "sim/kube/api/kind_operations.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kDefaultNamespace = "default";

/// A selectable field of a custom resource, if its definition names it.
std::optional<std::string> customField(const Target& target, const CustomObject* object, const std::string& field)
{
    const CrdVersion* version = versionOf(*target.resource.definition);
    if (version == nullptr)
        return std::nullopt;
    const bool known = std::any_of(version->selectableFields.begin(), version->selectableFields.end(),
                                   [&](const CrdSelectableField& one) { return one.jsonPath.value == "." + field; });
    if (!known)
        return std::nullopt;
    return object == nullptr ? std::string() : jsonPathText(toJson(*object), "." + field);
}

std::optional<std::string> fieldOf(const Target& target, const void* object, const std::string& field)
{
    if (target.kind() == kindIdOf<CustomObject>)
        if (auto value = customField(target, static_cast<const CustomObject*>(object), field))
            return value;
    return selectableField(target.kind(), object, field);
}

/// Kinds with conversions of their own have their own words.
std::string unsupported(const Target& target, const std::string& field)
{
    const KindId kind = target.kind();
    if (kind == kindIdOf<Job>)
        return fmt::format("field label \"{}\" not supported for Job", field);
    for (const KindId one : {kindIdOf<Pod>, kindIdOf<Node>, kindIdOf<KubeEvent>, kindIdOf<Namespace>, kindIdOf<Secret>, kindIdOf<Service>})
        if (one == kind)
            return fmt::format("field label not supported: {}", field);
    return fmt::format("\"{}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", field);
}

} // namespace

std::optional<Target> targetOf(const Store& store, const std::string& resource)
{
    auto found = findResource(store, resource);
    if (!found)
        return std::nullopt;
    Target target{std::move(*found), {}};
    if (target.resource.definition)
        target.prefix = keyPrefix(*target.resource.definition);
    return target;
}

std::string namespaceOf(const KindInfo& info, const Request& request)
{
    if (!info.namespaced)
        return {};
    if (!request.namespace_.empty())
        return request.namespace_;
    if (request.body.is_object() && request.body.contains("metadata") && request.body.at("metadata").is_object()) {
        const nlohmann::json& meta = request.body.at("metadata");
        if (meta.contains("namespace") && meta.at("namespace").is_string())
            return meta.at("namespace");
    }
    return kDefaultNamespace;
}

Selection selectionOf(const Request& request, const Target& target)
{
    Selection selection;
    ParsedSelector labels = parseLabelSelector(request.labelSelector);
    ParsedFields fields = parseFieldSelector(request.fieldSelector);
    selection.error = !labels.error.empty() ? labels.error : fields.error;
    if (!selection.error.empty())
        return selection;
    if (!fields.requirements.empty()) {
        DecodeProblems problems;
        const auto probe = operationsOf(target.kind()).decode(nlohmann::json::object(), problems);
        for (const FieldRequirement& one : fields.requirements)
            if (selection.error.empty() && !fieldOf(target, probe.get(), one.field))
                selection.error = unsupported(target, one.field);
    }
    selection.labels = std::move(labels.selector);
    selection.fields = std::move(fields.requirements);
    return selection;
}

bool isSelected(const Selection& selection, const Target& target, const void* object)
{
    if (!selection.labels.matches(operationsOf(target.kind()).metadataOf(object).labels))
        return false;
    return std::all_of(selection.fields.begin(), selection.fields.end(), [&](const FieldRequirement& one) {
        return (fieldOf(target, object, one.field).value_or("") == one.value) == one.equal;
    });
}

} // namespace sim::kube
