#include "core/golden/compare_objects.h"

#include "sim/kube/api/api_server.h"

#include <algorithm>
#include <map>

namespace core::golden {

namespace {

using nlohmann::json;

/// The store's objects of a kind as the API lists them.
json listed(const sim::kube::Store& store, const std::string& plural, const std::string& ns, sim::Instant now)
{
    sim::kube::Request request;
    request.verb = sim::kube::Verb::List;
    request.resource = plural;
    request.namespace_ = ns;
    request.user = "admin";
    const sim::kube::Response response = sim::kube::ApiServer::read(store, request, now);
    const auto items = response.body.find("items");
    return items == response.body.end() ? json::array() : *items;
}

/// Lists leave out apiVersion and kind; what one side left in must not count.
json stripped(json object, const std::string& kind)
{
    object.erase("apiVersion");
    object.erase("kind");
    if (kind != "events")
        return object;
    json said;
    for (const char* key : {"reason", "message", "type", "source", "reportingComponent"})
        said[key] = object.value(key, json());
    said["metadata"]["name"] = object["metadata"]["name"];
    said["regarding"] = object["involvedObject"].value("kind", "") + "/" + object["involvedObject"].value("name", "");
    return said;
}

std::vector<std::string> linesOf(const json& objects, const std::string& kind, const Masking& masking)
{
    std::vector<std::vector<std::string>> texts;
    for (const json& object : objects) {
        std::vector<std::string> lines = masking.jsonLines(stripped(object, kind));
        lines.insert(lines.begin(), masking.masked(object.at("metadata").value("name", "")));
        texts.push_back(std::move(lines));
    }
    std::sort(texts.begin(), texts.end());
    if (kind == "events")
        texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    std::vector<std::string> lines;
    for (const auto& text : texts)
        lines.insert(lines.end(), text.begin(), text.end());
    return lines;
}

} // namespace

void compareObjects(const Recording& recording, const sim::kube::Store& store, sim::Instant now, const Masking& masking,
                    std::vector<Difference>& differences)
{
    for (const auto& [space, kinds] : recording.objects.items()) {
        if (!kinds.is_object()) { // cluster-scoped: the name is the kind
            compareLines(linesOf(kinds, space, masking), linesOf(listed(store, space, {}, now), space, masking), -1, "objects: " + space,
                         differences);
            continue;
        }
        for (const auto& [plural, objects] : kinds.items())
            compareLines(linesOf(objects, plural, masking), linesOf(listed(store, plural, space, now), plural, masking), -1,
                         "objects: " + plural, differences);
    }
}

} // namespace core::golden
