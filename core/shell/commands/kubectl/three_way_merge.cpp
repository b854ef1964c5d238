#include "core/shell/commands/kubectl/three_way_merge.h"

#include "sim/kube/api/patch.h"

#include <algorithm>

namespace core::shell::kubectl {

namespace {

constexpr int kMaxDepth = 100;

/// A list under this name after the server merged `patch` into `items`. Asking the server's own rules spares
/// a second table of merge keys.
Json mergedList(const std::string& name, const Json& items, const Json& patch)
{
    return sim::kube::applyPatch(Json{{name, items}}, Json{{name, patch}}, sim::kube::PatchType::StrategicMerge)
        .value[name];
}

/// Lists without a merge key are replaced as a whole, even by an empty one.
bool mergesByKey(const std::string& name, const Json& items)
{
    return !items.empty() && items.front().is_object() && !mergedList(name, items, Json::array()).empty();
}

bool sameItem(const std::string& name, const Json& one, const Json& other)
{
    return mergedList(name, Json::array({one}), Json::array({other})).size() == 1;
}

auto findItem(const std::string& name, Json& items, const Json& wanted)
{
    return std::find_if(items.begin(), items.end(), [&](const Json& item) { return sameItem(name, item, wanted); });
}

void removeDropped(const Json& original, const Json& modified, Json& result, int depth);

void removeDroppedItems(const std::string& name, const Json& original, Json modified, Json& result, int depth)
{
    for (const Json& item : original) {
        const auto live = findItem(name, result, item);
        if (live == result.end())
            continue;
        const auto kept = findItem(name, modified, item);
        if (kept == modified.end())
            result.erase(live);
        else
            removeDropped(item, *kept, *live, depth + 1);
    }
}

void removeDropped(const Json& original, const Json& modified, Json& result, int depth)
{
    if (!original.is_object() || !result.is_object() || depth > kMaxDepth)
        return;
    for (const auto& [key, old] : original.items()) {
        const auto kept = modified.find(key);
        const auto live = result.find(key);
        if (live == result.end())
            continue;
        if (kept == modified.end())
            result.erase(live);
        else if (old.is_object() && kept->is_object())
            removeDropped(old, *kept, *live, depth + 1);
        else if (old.is_array() && kept->is_array() && live->is_array() && mergesByKey(key, old))
            removeDroppedItems(key, old, *kept, *live, depth);
    }
}

} // namespace

Json threeWayMerge(const Json& original, const Json& modified, const Json& current)
{
    Json result = sim::kube::applyPatch(current, modified, sim::kube::PatchType::StrategicMerge).value;
    removeDropped(original, modified, result, 0);
    return result;
}

} // namespace core::shell::kubectl
