#include "sim/kube/api/patch.h"

#include "sim/kube/api/json_text.h"
#include "sim/kube/api/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// apimachinery/pkg/util/strategicpatch/patch.go, evanphx/json-patch.
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr int kMaxDepth = 100;
constexpr std::string_view kDirective = "$patch";
constexpr std::string_view kDelete = "$deleteFromPrimitiveList/";
constexpr std::string_view kOrder = "$setElementOrder/";
constexpr std::string_view kRetain = "$retainKeys";

std::string directiveOf(const json& value)
{
    if (!value.is_object())
        return {};
    const auto it = value.find(kDirective);
    return it != value.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// A strategic merge. The first thing that cannot be is kept as `error`.
class StrategicMerge {
public:
    std::string error;

    json merge(const json& object, const json& patch, const StructSchema* schema, int depth)
    {
        if (!patch.is_object() || depth > kMaxDepth)
            return patch;
        const std::string directive = directiveOf(patch);
        if (directive == "replace") {
            json out = patch;
            out.erase(std::string(kDirective));
            return out;
        }
        if (directive == "delete")
            return json::object();
        if (!directive.empty() && directive != "merge")
            fail(fmt::format("Unknown patch type found: {}", directive));
        json result = object.is_object() ? object : json::object();
        const auto retained = patch.find(kRetain);
        if (retained != patch.end())
            retain(result, *retained, patch);
        for (const auto& [key, value] : patch.items()) {
            if (key == kDirective || key == kRetain || key.starts_with(kOrder))
                continue;
            if (key.starts_with(kDelete)) {
                removeValues(result, key.substr(kDelete.size()), value);
                continue;
            }
            mergeField(result, key, value, schema, depth);
        }
        for (const auto& [key, value] : patch.items())
            if (key.starts_with(kOrder))
                order(result, key.substr(kOrder.size()), value, schema);
        return result;
    }

private:
    void fail(std::string text)
    {
        if (error.empty())
            error = std::move(text);
    }

    static const FieldSchema* fieldOf(const StructSchema* schema, const std::string& key)
    {
        return schema == nullptr ? listNamed(key) : schema->find(key);
    }

    void retain(json& result, const json& keys, const json& patch)
    {
        if (!keys.is_array())
            return;
        std::set<std::string> kept;
        for (const json& key : keys)
            if (key.is_string())
                kept.insert(key.get<std::string>());
        for (const auto& [key, value] : patch.items())
            if (!key.starts_with('$') && !value.is_null() && kept.count(key) == 0)
                fail("$retainKeys should contain all the keys in the patch");
        for (auto it = result.begin(); it != result.end();)
            it = kept.count(it.key()) == 0 ? result.erase(it) : std::next(it);
    }

    static void removeValues(json& result, const std::string& key, const json& gone)
    {
        const auto it = result.find(key);
        if (it == result.end() || !it->is_array() || !gone.is_array())
            return;
        for (const json& value : gone)
            it->erase(std::remove(it->begin(), it->end(), value), it->end());
    }

    void mergeField(json& result, const std::string& key, const json& value, const StructSchema* schema, int depth)
    {
        if (value.is_null()) {
            result.erase(key);
            return;
        }
        const FieldSchema* field = fieldOf(schema, key);
        const json current = result.contains(key) ? result.at(key) : json();
        const StructSchema* below = field != nullptr ? field->element : nullptr;
        if (value.is_array()) {
            if (field != nullptr && field->shape != FieldSchema::Shape::List && schema != nullptr)
                result[key] = value; // of a wrong type: decoding says so
            else
                result[key] = mergeList(field, current, value, below, depth);
        } else if (value.is_object()) {
            json merged = merge(current, value, field != nullptr && field->shape == FieldSchema::Shape::Map ? nullptr : below, depth + 1);
            if (directiveOf(value) == "delete")
                result.erase(key);
            else
                result[key] = std::move(merged);
        } else {
            result[key] = value;
        }
    }

    json mergeList(const FieldSchema* field, const json& current, const json& patch, const StructSchema* below, int depth)
    {
        const bool replaced = std::any_of(patch.begin(), patch.end(), [](const json& item) { return directiveOf(item) == "replace"; });
        const bool objects = std::all_of(patch.begin(), patch.end(), [](const json& item) { return item.is_object(); });
        if (field != nullptr && field->mergeValues && current.is_array()) {
            json merged = current;
            for (const json& item : patch)
                if (std::find(merged.begin(), merged.end(), item) == merged.end())
                    merged.push_back(item);
            return merged;
        }
        if (field == nullptr || field->mergeKey.empty() || !objects || replaced) {
            json list = json::array();
            for (const json& item : patch)
                if (directiveOf(item).empty())
                    list.push_back(item.is_object() ? merge(json::object(), item, below, depth + 1) : item);
            return list;
        }
        std::string key = field->mergeKey;
        // Where the struct is not known, Services' ports look like containers'.
        if (key == "containerPort" && !patch.empty() && !patch.front().contains(key) && patch.front().contains("port"))
            key = "port";
        json result = current.is_array() ? current : json::array();
        for (const json& item : patch) {
            if (!item.contains(key)) {
                fail(fmt::format("map: {} does not contain declared merge key: {}", item.dump(), key));
                continue;
            }
            const auto same = std::find_if(result.begin(), result.end(), [&](const json& one) {
                return one.is_object() && one.contains(key) && one.at(key) == item.at(key);
            });
            if (directiveOf(item) == "delete") {
                if (same != result.end())
                    result.erase(same);
            } else if (same == result.end()) {
                result.push_back(merge(json::object(), item, below, depth + 1));
            } else {
                *same = merge(*same, item, below, depth + 1);
            }
        }
        return result;
    }

    /// The items named by the patch come in its order; the others keep their places relative to the ones before.
    static void order(json& result, const std::string& key, const json& wanted, const StructSchema* schema)
    {
        const auto list = result.find(key);
        if (list == result.end() || !list->is_array() || !wanted.is_array())
            return;
        const FieldSchema* field = fieldOf(schema, key);
        std::string mergeKey = field != nullptr ? field->mergeKey : std::string();
        if (mergeKey == "containerPort" && !wanted.empty() && wanted.front().is_object() && !wanted.front().contains(mergeKey))
            mergeKey = "port";
        const auto place = [&](const json& item) {
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                const bool same = mergeKey.empty() || !item.is_object()
                    ? wanted[i] == item
                    : wanted[i].is_object() && wanted[i].contains(mergeKey) && item.contains(mergeKey) && wanted[i].at(mergeKey) == item.at(mergeKey);
                if (same)
                    return static_cast<std::int64_t>(i);
            }
            return std::int64_t{-1};
        };
        std::vector<std::pair<std::int64_t, json>> placed;
        std::vector<std::pair<std::size_t, json>> others;
        for (std::size_t i = 0; i < list->size(); ++i) {
            const std::int64_t at = place((*list)[i]);
            if (at >= 0)
                placed.emplace_back(at, (*list)[i]);
            else
                others.emplace_back(i, (*list)[i]);
        }
        std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        json ordered = json::array();
        std::size_t next = 0;
        for (auto& [at, item] : placed) {
            while (next < others.size() && others[next].first <= ordered.size())
                ordered.push_back(std::move(others[next++].second));
            ordered.push_back(std::move(item));
        }
        while (next < others.size())
            ordered.push_back(std::move(others[next++].second));
        *list = std::move(ordered);
    }
};

/// Words of Go's decoder for a patch that is no object.
std::string notAnObject(const json& patch)
{
    const char* kind = patch.is_array() ? "array" : patch.is_string() ? "string" : patch.is_number() ? "number" : patch.is_boolean() ? "bool" : "null";
    return fmt::format("error decoding patch: json: cannot unmarshal {} into Go value of type map[string]interface {{}}", kind);
}

Patched jsonPatch(const json& object, const json& patch)
{
    constexpr std::size_t kMost = 10000; // operations (JSONPatchMaxCopies' sibling, MaxJSONPatchOperations)
    Patched patched;
    patched.value = object;
    if (!patch.is_array()) {
        patched.error = "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch";
        return patched;
    }
    if (patch.size() > kMost) {
        patched.error = fmt::format("The allowed maximum operations in a JSON patch is {}, got {}", kMost, patch.size());
        patched.code = 413;
        return patched;
    }
    const auto refuse = [&](std::string error) {
        patched.value = object;
        patched.error = std::move(error);
        patched.code = 422;
        return patched;
    };
    // Copies of what was copied double an object with each operation (jsonpatch.AccumulatedCopySizeLimit).
    constexpr std::size_t kMostCopied = 3u << 20;
    std::size_t copied = 0;
    try {
        for (const json& operation : patch) {
            if (operation.is_object() && operation.value("op", json()) == "copy") {
                copied += patched.value.at(json::json_pointer(operation.at("from").get<std::string>())).dump().size();
                if (copied > kMostCopied)
                    return refuse(fmt::format("Unable to complete the copy, the accumulated size increase of copy is {}, exceeding the limit {}",
                                              copied, kMostCopied));
            }
            patched.value.patch_inplace(json::array({operation}));
        }
    } catch (const json::exception&) {
        return refuse("the server rejected our request due to an error in our request");
    }
    if (isTooDeep(patched.value)) // each operation may begin where the one before ended
        return refuse("the server rejected our request due to an error in our request");
    return patched;
}

const StructSchema* schemaFor(const json& object)
{
    if (!object.is_object() || !object.contains("kind") || !object.at("kind").is_string())
        return nullptr;
    const KindInfo* info = findKind(object.at("kind").get<std::string>());
    return info == nullptr ? nullptr : schemaOf(info->id);
}

} // namespace

Patched applyPatch(const json& object, const json& patch, PatchType type)
{
    Patched patched;
    patched.value = object;
    switch (type) {
    case PatchType::StrategicMerge:
    case PatchType::Apply: {
        if (!patch.is_object()) {
            patched.error = notAnObject(patch);
            break;
        }
        StrategicMerge merge;
        patched.value = merge.merge(object, patch, schemaFor(object), 0);
        patched.error = std::move(merge.error);
        break;
    }
    case PatchType::Merge:
        if (!patch.is_object())
            patched.error = notAnObject(patch);
        else
            patched.value.merge_patch(patch);
        break;
    case PatchType::Json: patched = jsonPatch(object, patch); break;
    }
    return patched;
}

} // namespace sim::kube
