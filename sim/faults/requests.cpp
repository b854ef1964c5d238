#include "sim/faults/requests.h"

#include "sim/kube/scheduler/resources.h"

#include <algorithm>

namespace sim::faults {

Result<Choice> choose(Context& context, const Variants& variants, const nlohmann::json& parameters)
{
    const std::string cause = parameters.value("cause", std::string{});
    const auto known = std::find_if(variants.begin(), variants.end(), [&](const auto& one) { return one.first == cause; });
    if (known == variants.end()) {
        std::string all;
        for (const auto& [name, unused] : variants)
            all += (all.empty() ? "" : ", ") + name;
        return Error{"the parameter \"cause\" must be one of " + all, cause};
    }
    const std::vector<std::string>& options = known->second;
    const std::string asked = parameters.value("variant", std::string{});
    if (asked.empty())
        return Choice{cause, options[context.parts.engine.random("faults/variant").below(options.size())]};
    if (std::find(options.begin(), options.end(), asked) == options.end())
        return Error{"cause " + cause + " has no such variant", asked};
    return Choice{cause, asked};
}

kube::Response call(Context& context, const kube::Request& request)
{
    return context.cluster.handle(context.parts, request);
}

kube::Response create(Context& context, const nlohmann::json& manifest)
{
    const std::string apiVersion = manifest.at("apiVersion");
    const auto slash = apiVersion.find('/');
    const std::string group = slash == std::string::npos ? std::string{} : "." + apiVersion.substr(0, slash);
    kube::Request request;
    request.verb = kube::Verb::Create;
    const auto resource = kube::findResource(context.cluster.store(), manifest.at("kind").get<std::string>() + group);
    request.resource = resource ? resource->info.groupResource() : manifest.at("kind").get<std::string>() + group;
    request.namespace_ = manifest.at("metadata").value("namespace", std::string{});
    request.body = manifest;
    return call(context, request);
}

kube::Response patch(Context& context, const std::string& resource, const std::string& namespace_, const std::string& name,
                     const nlohmann::json& body, const std::string& subresource)
{
    kube::Request request;
    request.verb = kube::Verb::Patch;
    request.subresource = subresource;
    request.patchType = kube::PatchType::Merge;
    request.resource = resource;
    request.namespace_ = namespace_;
    request.name = name;
    request.body = body;
    return call(context, request);
}

void remove(Context& context, const std::string& resource, const std::string& namespace_, const std::string& name)
{
    kube::Request request;
    request.verb = kube::Verb::Delete;
    request.resource = resource;
    request.namespace_ = namespace_;
    request.name = name;
    call(context, request);
}

void labelNode(Context& context, const std::string& node, const std::string& key, const std::string& value)
{
    patch(context, "nodes", "", node, {{"metadata", {{"labels", {{key, value}}}}}});
}

std::vector<std::string> workers(const Context& context)
{
    std::vector<std::string> names;
    for (const auto& [key, node] : context.cluster.store().all<kube::Node>())
        if (node->spec.taints.empty())
            names.push_back(key.name);
    return names;
}

std::int64_t freeMilliCpu(const Context& context, const std::string& name)
{
    const auto node = context.cluster.store().get<kube::Node>({"", name});
    std::int64_t free = kube::Resources::ofList(node->status.allocatable).milliCpu;
    for (const auto& [key, pod] : context.cluster.store().all<kube::Pod>())
        if (pod->spec.nodeName == name && pod->status.phase != "Succeeded" && pod->status.phase != "Failed")
            free -= kube::podRequests(pod->spec).milliCpu;
    return free;
}

} // namespace sim::faults
