#include "core/endpoint/observation.h"

#include "sim/world/world.h"

namespace core::endpoint {

namespace {

// A list of a large cluster is no evidence by its tail; the log of a session stays small.
constexpr std::size_t kMaxText = 64u << 10;

void observe(session::Session& lab, const HttpRequest& http, const HttpAnswer& answer, std::string source)
{
    if (lab.run() == nullptr || answer.status >= 500)
        return;
    lab.observe(http.method + " " + http.target, answer.body.substr(0, kMaxText), {std::move(source)});
}

} // namespace

void observeRead(session::Session& lab, const HttpRequest& http, const ApiRequest& asked, const HttpAnswer& answer)
{
    const auto resource = sim::kube::findResource(lab.world().cluster().store(), asked.request.resource);
    if (!resource)
        return;
    std::string source = std::string(resource->info.singular) + "/";
    if (resource->info.namespaced)
        source += (asked.request.namespace_.empty() ? "*" : asked.request.namespace_) + "/";
    observe(lab, http, answer, source + (asked.request.name.empty() ? "*" : asked.request.name));
}

void observeLog(session::Session& lab, const HttpRequest& http, const ResourcePath& path, const HttpAnswer& answer)
{
    observe(lab, http, answer, "log/" + path.namespace_ + "/" + path.name + "/" + http.parameter("container").value_or(""));
}

} // namespace core::endpoint
