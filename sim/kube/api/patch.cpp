#include "sim/kube/api/patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sim::kube {

namespace {

using nlohmann::json;

constexpr int kMaxDepth = 100;

/// patchMergeKey of the lists that have patchStrategy=merge (the tags in k8s.io/api/*/types.go).
std::string mergeKeyOf(const std::string& list, const json& items)
{
    static const std::map<std::string, std::string> kKeys{
        {"containers", "name"}, {"initContainers", "name"}, {"env", "name"}, {"volumes", "name"},
        {"imagePullSecrets", "name"}, {"volumeMounts", "mountPath"}, {"conditions", "type"},
        {"ownerReferences", "uid"}, {"secrets", "name"}, {"topologySpreadConstraints", "topologyKey"},
        {"addresses", "type"}, {"taints", ""}, {"tolerations", ""}};
    if (list == "ports") // containers merge by containerPort, Services by port
        return !items.empty() && items.front().is_object() && items.front().contains("containerPort") ? "containerPort" : "port";
    const auto it = kKeys.find(list);
    return it == kKeys.end() ? std::string() : it->second;
}

json strategic(const json& object, const json& patch, int depth);

json mergeList(const std::string& name, const json& current, const json& patch, int depth)
{
    const std::string key = mergeKeyOf(name, patch);
    const bool objects = std::all_of(patch.begin(), patch.end(), [](const json& item) { return item.is_object(); });
    const bool replace = std::any_of(patch.begin(), patch.end(),
                                     [](const json& item) { return item.is_object() && item.value("$patch", "") == "replace"; });
    if (key.empty() || !objects || replace) {
        json list = json::array();
        for (const json& item : patch)
            if (!(item.is_object() && item.value("$patch", "") == "replace"))
                list.push_back(item);
        return list;
    }
    json result = current.is_array() ? current : json::array();
    for (const json& item : patch) {
        if (!item.contains(key))
            continue;
        const auto same = std::find_if(result.begin(), result.end(), [&](const json& one) {
            return one.is_object() && one.contains(key) && one.at(key) == item.at(key);
        });
        if (item.value("$patch", "") == "delete") {
            if (same != result.end())
                result.erase(same);
        } else if (same == result.end()) {
            result.push_back(strategic(json::object(), item, depth + 1));
        } else {
            *same = strategic(*same, item, depth + 1);
        }
    }
    return result;
}

json strategic(const json& object, const json& patch, int depth)
{
    if (!patch.is_object() || depth > kMaxDepth)
        return patch;
    if (patch.value("$patch", "") == "replace") {
        json out = patch;
        out.erase("$patch");
        return out;
    }
    json result = object.is_object() ? object : json::object();
    for (const auto& [key, value] : patch.items()) {
        constexpr std::string_view kDelete = "$deleteFromPrimitiveList/";
        if (key.rfind(kDelete, 0) == 0) {
            json& list = result[key.substr(kDelete.size())];
            if (list.is_array() && value.is_array())
                for (const json& gone : value)
                    list.erase(std::remove(list.begin(), list.end(), gone), list.end());
        } else if (key == "$retainKeys" && value.is_array()) {
            for (auto it = result.begin(); it != result.end();)
                it = std::find(value.begin(), value.end(), json(it.key())) == value.end() ? result.erase(it) : std::next(it);
        } else if (!key.empty() && key.front() == '$') {
            continue; // directives about order change nothing that is kept here
        } else if (value.is_null()) {
            result.erase(key);
        } else if (value.is_array()) {
            const json current = result.contains(key) ? result.at(key) : json::array();
            if (key == "finalizers" && current.is_array()) { // a list of texts with patchStrategy=merge
                json merged = current;
                for (const json& item : value)
                    if (std::find(merged.begin(), merged.end(), item) == merged.end())
                        merged.push_back(item);
                result[key] = merged;
            } else {
                result[key] = mergeList(key, current, value, depth);
            }
        } else if (value.is_object()) {
            result[key] = strategic(result.contains(key) ? result.at(key) : json::object(), value, depth + 1);
        } else {
            result[key] = value;
        }
    }
    return result;
}

} // namespace

Patched applyPatch(const json& object, const json& patch, PatchType type)
{
    Patched patched;
    patched.value = object;
    switch (type) {
    case PatchType::StrategicMerge:
    case PatchType::Apply:
        if (!patch.is_object())
            patched.error = "json: cannot unmarshal array into Go value of type map[string]interface {}";
        else
            patched.value = strategic(object, patch, 0);
        break;
    case PatchType::Merge:
        if (!patch.is_object())
            patched.error = "json: cannot unmarshal array into Go value of type map[string]interface {}";
        else
            patched.value.merge_patch(patch);
        break;
    case PatchType::Json:
        if (!patch.is_array()) {
            patched.error = "json: cannot unmarshal object into Go value of type jsonpatch.Patch";
            break;
        }
        try {
            patched.value = object.patch(patch);
        } catch (const json::exception& problem) {
            const std::string words = problem.what();
            const auto bracket = words.find("] ");
            patched.error = "the server rejected our request due to an error in our request: "
                + (bracket == std::string::npos ? words : words.substr(bracket + 2));
        }
        break;
    }
    return patched;
}

} // namespace sim::kube
