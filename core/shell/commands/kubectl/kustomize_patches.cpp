#include "core/shell/commands/kubectl/kustomize_patches.h"

#include "core/shell/regular_expression.h"
#include "sim/kube/api/patch.h"
#include "sim/kube/api/selectors.h"
#include "sim/kube/api/yaml.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using sim::kube::PatchType;

/// The key by which a list's objects are told apart; empty when they have none of the usual ones.
std::string listKeyOf(const Json& list)
{
    for (const char* key : {"name", "containerPort", "mountPath", "port", "ip", "topologyKey"})
        if (std::all_of(list.begin(), list.end(), [&](const Json& item) { return item.is_object() && item.contains(key); }))
            return key;
    return {};
}

/// kustomize puts a patch's elements in front of the others, where the API server puts them behind.
void orderAsPatched(Json& merged, const Json& patch)
{
    if (patch.is_object() && merged.is_object()) {
        for (const auto& [key, value] : patch.items())
            if (merged.contains(key))
                orderAsPatched(merged[key], value);
        return;
    }
    const std::string key = patch.is_array() && merged.is_array() && !patch.empty() && !merged.empty() ? listKeyOf(patch) : std::string();
    if (key.empty() || listKeyOf(merged).empty())
        return;
    Json ordered = Json::array();
    for (const Json& wanted : patch)
        for (Json& item : merged)
            if (item.is_object() && item.contains(key) && item[key] == wanted[key]) {
                orderAsPatched(item, wanted);
                ordered.push_back(std::exchange(item, Json()));
                break;
            }
    for (Json& item : merged)
        if (!item.is_null())
            ordered.push_back(std::move(item));
    merged = std::move(ordered);
}

/// Empty when it could be merged. `$patch: delete` leaves a null object behind.
std::string merge(KustomizedResource& resource, const Json& patch)
{
    if (textAt(patch, {"$patch"}) == "delete") {
        resource.object = Json();
        return {};
    }
    Json own = patch; // what it found its object by does not change it
    own["apiVersion"] = resource.object["apiVersion"];
    own["kind"] = resource.object["kind"];
    if (!own["metadata"].is_object())
        own["metadata"] = Json::object();
    own["metadata"]["name"] = resource.name();
    const auto patched = sim::kube::applyPatch(resource.object, own, PatchType::StrategicMerge);
    if (!patched.error.empty())
        return patched.error;
    resource.object = patched.value;
    orderAsPatched(resource.object, own);
    return {};
}

void dropDeleted(std::vector<KustomizedResource>& resources)
{
    std::erase_if(resources, [](const KustomizedResource& one) { return one.object.is_null(); });
}

bool matchesWhole(const std::string& pattern, const std::string& text)
{
    if (pattern.empty())
        return true;
    std::string error;
    const auto expression = RegularExpression::compile("^(?:" + pattern + ")$", RegularExpression::Syntax::Perl, {}, error);
    return expression && expression->matches(text);
}

bool isChosen(const KustomizedResource& one, const Json& selector)
{
    const auto selects = [&](const char* field, const std::string& is) { return matchesWhole(textAt(selector, {field}), is); };
    const bool named = selects("name", one.name())
        || std::any_of(one.earlierNames.begin(), one.earlierNames.end(), [&](const std::string& name) { return selects("name", name); });
    const auto labelled = [&](const char* field, const char* part) {
        const std::string wanted = textAt(selector, {field});
        if (wanted.empty())
            return true;
        sim::kube::StringMap labels;
        for (const auto& [key, value] : at(one.object, {"metadata", part}).items())
            labels[key] = value.is_string() ? value.get<std::string>() : value.dump();
        const auto parsed = sim::kube::parseLabelSelector(wanted);
        return parsed.error.empty() && parsed.selector.matches(labels);
    };
    return named && selects("kind", one.kind()) && selects("group", one.group()) && selects("version", one.version())
        && selects("namespace", one.nameSpace()) && labelled("labelSelector", "labels") && labelled("annotationSelector", "annotations");
}

/// A failed JSON operation in the words of Go's jsonpatch.
std::string operationProblem(const Json& operations, const std::string& error)
{
    if (operations.size() == 1)
        if (const std::string verb = textAt(operations.front(), {"op"}); verb == "replace" || verb == "remove" || verb == "add")
            return fmt::format("{} operation does not apply: doc is missing path: {}: missing value", verb, textAt(operations.front(), {"path"}));
    return error;
}

} // namespace

std::optional<std::string> mergeInto(std::vector<KustomizedResource>& resources, const Json& patch)
{
    const KustomizedResource wanted{patch, {}, false};
    std::vector<KustomizedResource*> found;
    for (KustomizedResource& one : resources)
        if (one.kind() == wanted.kind() && one.group() == wanted.group() && one.version() == wanted.version() && one.isCalled(wanted.name())
            && (wanted.nameSpace().empty() || wanted.nameSpace() == one.nameSpace()))
            found.push_back(&one);
    if (found.size() != 1)
        return fmt::format("no resource matches strategic merge patch \"{0}\": {1} for Id {0}; failed to find unique target for patch {0}", wanted.id(),
                           found.empty() ? "no matches" : "multiple matches");
    if (std::string problem = merge(*found.front(), patch); !problem.empty())
        return problem;
    dropDeleted(resources);
    return std::nullopt;
}

std::optional<std::string> patchSelected(std::vector<KustomizedResource>& resources, const Json& selector, const std::string& patch)
{
    const auto documents = sim::kube::parseYaml(patch);
    if (!documents || documents->empty())
        return fmt::format("unable to parse SM or JSON patch from [{}]", patch);
    const Json& first = documents->front();
    if (selector.is_null()) {
        if (!first.is_object())
            return fmt::format("must specify a target for JSON patch [{}]", patch);
        for (const Json& document : *documents)
            if (auto problem = mergeInto(resources, document))
                return problem;
        return std::nullopt;
    }
    for (KustomizedResource& one : resources) {
        if (!isChosen(one, selector))
            continue;
        if (!first.is_structured())
            return fmt::format("unable to parse SM or JSON patch from [{}]", patch);
        if (first.is_array()) {
            const auto patched = sim::kube::applyPatch(one.object, first, PatchType::Json);
            if (!patched.error.empty())
                return operationProblem(first, patched.error);
            one.object = patched.value;
        } else if (std::string problem = merge(one, first); !problem.empty()) {
            return problem;
        }
    }
    dropDeleted(resources);
    return std::nullopt;
}

} // namespace core::shell::kubectl
