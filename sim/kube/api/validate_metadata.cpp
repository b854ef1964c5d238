#include "sim/engine/letters.h"
#include "sim/kube/api/names.h"
#include "sim/kube/api/validation_parts.h"

#include <fmt/format.h>

#include <algorithm>

// apimachinery/pkg/api/validation/objectmeta.go, apis/meta/v1/validation/validation.go.
namespace sim::kube::validation {

namespace {

constexpr std::int64_t kAnnotationsMost = 256 * 1024;

const std::vector<std::string> kStandardFinalizers{"kubernetes", "orphan", "foregroundDeletion"};

void checkOwners(FieldErrors& errors, const std::vector<OwnerReference>& owners)
{
    const std::string at = "metadata.ownerReferences";
    const OwnerReference* controller = nullptr;
    for (const OwnerReference& owner : owners) {
        if (owner.apiVersion.empty() || owner.apiVersion.ends_with('/'))
            errors.invalid(at + ".apiVersion", owner.apiVersion, "version must not be empty");
        if (owner.kind.empty())
            errors.invalid(at + ".kind", owner.kind, "must not be empty");
        if (owner.name.empty())
            errors.invalid(at + ".name", owner.name, "must not be empty");
        if (owner.uid.empty())
            errors.invalid(at + ".uid", owner.uid, "must not be empty");
        if (!owner.controller.value_or(false))
            continue;
        if (controller != nullptr)
            errors.invalidDump(at, "[]v1.OwnerReference{...}",
                               fmt::format("Only one reference can have Controller set to true. Found \"true\" in references for {} and {}",
                                           controller->name, owner.name));
        controller = &owner;
    }
}

void checkFinalizers(FieldErrors& errors, const std::vector<std::string>& finalizers)
{
    const std::string at = "metadata.finalizers";
    const auto has = [&](const char* name) { return std::find(finalizers.begin(), finalizers.end(), name) != finalizers.end(); };
    for (const std::string& finalizer : finalizers) {
        errors.each(at, finalizer, names::qualifiedName(finalizer));
        const bool standard = std::find(kStandardFinalizers.begin(), kStandardFinalizers.end(), finalizer) != kStandardFinalizers.end();
        if (finalizer.find('/') == std::string::npos && !standard && finalizer != "customresourcecleanup.apiextensions.k8s.io")
            errors.invalid(at, finalizer, "name is neither a standard finalizer name nor is it fully qualified");
    }
    if (has("orphan") && has("foregroundDeletion"))
        errors.invalidDump(at, goDump(finalizers), "finalizers orphan and foregroundDeletion cannot be both set");
}

} // namespace

void checkLabels(FieldErrors& errors, const std::string& at, const StringMap& labels)
{
    for (const auto& [key, value] : labels) {
        errors.each(at, key, names::qualifiedName(key));
        errors.each(at, value, names::labelValue(value));
    }
}

void checkAnnotations(FieldErrors& errors, const std::string& at, const StringMap& annotations)
{
    std::size_t size = 0;
    for (const auto& [key, value] : annotations) {
        std::string lowered = key;
        lowered = sim::lowered(lowered);
        errors.each(at, key, names::qualifiedName(lowered));
        size += key.size() + value.size();
    }
    if (size > static_cast<std::size_t>(kAnnotationsMost))
        errors.tooLong(at, kAnnotationsMost);
}

void checkRequirement(FieldErrors& errors, const std::string& at, const LabelSelectorRequirement& one, bool compares)
{
    if (one.operator_ == "In" || one.operator_ == "NotIn") {
        if (one.values.empty())
            errors.required(at + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (one.operator_ == "Exists" || one.operator_ == "DoesNotExist") {
        if (!one.values.empty())
            errors.forbidden(at + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else if (compares && (one.operator_ == "Gt" || one.operator_ == "Lt")) {
        if (one.values.size() != 1)
            errors.required(at + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
    } else {
        errors.invalid(at + ".operator", one.operator_, "not a valid selector operator");
    }
    errors.each(at + ".key", one.key, names::qualifiedName(one.key));
}

void checkLabelSelector(FieldErrors& errors, const std::string& at, const LabelSelector& selector)
{
    checkLabels(errors, at + ".matchLabels", selector.matchLabels);
    for (std::size_t i = 0; i < selector.matchExpressions.size(); ++i) {
        const LabelSelectorRequirement& one = selector.matchExpressions[i];
        const std::string here = fmt::format("{}.matchExpressions[{}]", at, i);
        checkRequirement(errors, here, one, false);
        for (std::size_t v = 0; v < one.values.size(); ++v)
            errors.each(fmt::format("{}.values[{}]", here, v), one.values[v], names::labelValue(one.values[v]));
    }
}

void checkIntOrPercent(FieldErrors& errors, const std::string& at, const IntOrString& value)
{
    if (const auto* number = std::get_if<std::int64_t>(&value.value)) {
        errors.notNegative(at, *number);
        return;
    }
    const std::string& text = std::get<std::string>(value.value);
    const bool percent = text.size() > 1 && text.back() == '%'
        && std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
    if (!percent)
        errors.invalidDump(at, goDump(value), "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
                                              "'93%', regex used for validation is '[0-9]+%')");
}

void checkMetadata(FieldErrors& errors, const ObjectMeta& metadata, bool namespaced, std::vector<std::string> (*nameRule)(const std::string&))
{
    if (!metadata.generateName.empty()) {
        std::string prefix = metadata.generateName; // what comes after makes a trailing dash good
        if (prefix.back() == '-')
            prefix.back() = 'a';
        errors.each("metadata.generateName", metadata.generateName, nameRule(prefix));
    }
    if (metadata.name.empty() && metadata.generateName.empty())
        errors.required("metadata.name", "name or generateName is required");
    else if (!metadata.name.empty()) // the store makes one up from generateName
        errors.each("metadata.name", metadata.name, nameRule(metadata.name));
    if (namespaced && metadata.namespace_.empty())
        errors.required("metadata.namespace");
    else if (!namespaced && !metadata.namespace_.empty())
        errors.forbidden("metadata.namespace", "not allowed on this type");
    checkLabels(errors, "metadata.labels", metadata.labels);
    checkAnnotations(errors, "metadata.annotations", metadata.annotations);
    checkOwners(errors, metadata.ownerReferences);
    checkFinalizers(errors, metadata.finalizers);
}

void checkMetadataUpdate(FieldErrors& errors, const ObjectMeta& metadata, const ObjectMeta& old)
{
    if (old.deletionTimestamp) {
        std::vector<std::string> added;
        for (const std::string& finalizer : metadata.finalizers)
            if (std::find(old.finalizers.begin(), old.finalizers.end(), finalizer) == old.finalizers.end())
                added.push_back(finalizer);
        if (!added.empty())
            errors.forbidden("metadata.finalizers", "no new finalizers can be added if the object is being deleted, found new finalizers "
                                                        + goDump(added));
    }
    if (metadata.name != old.name)
        errors.invalid("metadata.name", metadata.name, "field is immutable");
    if (metadata.namespace_ != old.namespace_)
        errors.invalid("metadata.namespace", metadata.namespace_, "field is immutable");
}

} // namespace sim::kube::validation
