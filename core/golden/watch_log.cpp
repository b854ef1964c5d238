#include "core/golden/watch_log.h"

#include "sim/kube/api/api_server.h"

#include <algorithm>
#include <array>

namespace core::golden {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 8> kWatched{"pods", "replicasets", "deployments", "statefulsets", "daemonsets", "jobs",
                                                   "endpointslices", "events"};

json at(const json& object, std::initializer_list<const char*> path)
{
    const json* value = &object;
    for (const char* key : path) {
        if (!value->is_object())
            return {};
        const auto found = value->find(key);
        if (found == value->end())
            return {};
        value = &*found;
    }
    return *value;
}

std::string typeName(sim::kube::WatchEvent::Type type)
{
    using Type = sim::kube::WatchEvent::Type;
    return type == Type::Added ? "ADDED" : type == Type::Modified ? "MODIFIED" : "DELETED";
}

json lineOf(const std::string& type, const std::string& kind, const json& object)
{
    json line{{"type", type}, {"kind", kind}, {"name", at(object, {"metadata", "name"})}};
    if (json deleted = at(object, {"metadata", "deletionTimestamp"}); !deleted.is_null())
        line["deletionTimestamp"] = std::move(deleted);
    if (kind == "pods") {
        line["node"] = at(object, {"spec", "nodeName"});
        line["phase"] = at(object, {"status", "phase"});
        line["nominated"] = at(object, {"status", "nominatedNodeName"});
        line["conditions"] = json::array();
        for (const json& one : at(object, {"status", "conditions"}))
            line["conditions"].push_back({at(one, {"type"}), at(one, {"status"}), at(one, {"reason"}), at(one, {"message"})});
    } else if (kind == "events") {
        // A recorded event's own type has taken the place of the watch's.
        line["type"] = at(object, {"type"});
        for (const char* key : {"reason", "message", "count", "series", "source", "reportingComponent"})
            line[key] = at(object, {key});
        line["regarding"] = at(object, {"involvedObject", "kind"}).get<std::string>() + "/" + at(object, {"involvedObject", "name"}).get<std::string>();
    } else if (kind == "endpointslices") {
        line["ports"] = at(object, {"ports"});
        line["endpoints"] = at(object, {"endpoints"});
    } else {
        line["generation"] = at(object, {"metadata", "generation"});
        line["replicas"] = at(object, {"spec", "replicas"});
        line["status"] = at(object, {"status"});
    }
    return line;
}

} // namespace

std::vector<WatchLine> watchLog(const sim::kube::Store& store, std::uint64_t version, const std::vector<std::string>& namespaces)
{
    std::vector<WatchLine> log;
    const auto changes = store.changesAfter(version);
    if (!changes)
        return log;
    for (const sim::kube::WatchEvent* change : *changes) {
        const std::string kind(sim::kube::kindInfo(change->kind).plural);
        if (std::find(kWatched.begin(), kWatched.end(), kind) == kWatched.end()
            || std::find(namespaces.begin(), namespaces.end(), change->key.namespace_) == namespaces.end())
            continue;
        json body = lineOf(typeName(change->type), kind, sim::kube::toJson(change->kind, change->object.get()));
        log.push_back({0, kind, change->key.name, std::move(body)});
    }
    return log;
}

} // namespace core::golden
