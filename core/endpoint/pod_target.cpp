#include "core/endpoint/pod_target.h"

#include "core/endpoint/api_answer.h"
#include "core/shell/commands/kubelet_answers.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::endpoint {

namespace {

std::string namesOf(const std::vector<sim::kube::Container>& containers)
{
    std::string names;
    for (const auto& one : containers)
        names += (names.empty() ? "" : " ") + one.name;
    return names;
}

template <class Containers>
bool has(const Containers& containers, const std::string& name)
{
    return std::any_of(containers.begin(), containers.end(), [&](const auto& one) { return one.name == name; });
}

} // namespace

std::variant<PodTarget, HttpAnswer> findPodTarget(const sim::World& world, const HttpRequest& http, const ResourcePath& path,
                                                  const std::string& container)
{
    sim::kube::Request request;
    request.resource = "pods";
    request.namespace_ = path.namespace_;
    request.name = path.name;
    request.subresource = path.subresource;
    request.user = http.identity.user;
    request.groups = http.identity.groups;
    if (const auto refused = sim::kube::ApiServer::forbidden(world.cluster().store(), request, http.method == "POST" ? "create" : "get"))
        return encodeResponse(*refused, {});
    PodTarget target;
    target.pod = world.cluster().store().get<sim::kube::Pod>({path.namespace_, path.name});
    if (!target.pod)
        return statusAnswer(404, "NotFound", fmt::format("pods \"{}\" not found", path.name));
    const sim::kube::PodSpec& spec = target.pod->spec;
    target.container = container;
    if (container.empty()) {
        if (spec.containers.size() != 1 || !spec.initContainers.empty()) {
            std::string choice = fmt::format("a container name must be specified for pod {}, choose one of: [{}]", path.name, namesOf(spec.containers));
            if (!spec.initContainers.empty())
                choice += fmt::format(" or one of the init containers: [{}]", namesOf(spec.initContainers));
            return statusAnswer(400, "BadRequest", choice);
        }
        target.container = spec.containers.front().name;
    } else if (!has(*spec.containers, container) && !has(*spec.initContainers, container) && !has(*spec.ephemeralContainers, container)) {
        return statusAnswer(400, "BadRequest", fmt::format("container {} is not valid for pod {}", container, path.name));
    }
    if (spec.nodeName.empty() && path.subresource != "log")
        return statusAnswer(400, "BadRequest", fmt::format("pod {} does not have a host assigned", path.name));
    if (const std::string problem = spec.nodeName.empty() ? std::string() : shell::kubeletProblem(world, *target.pod).text; !problem.empty())
        return statusAnswer(500, "InternalError",
                            path.subresource == "log"
                                ? fmt::format("Get \"https://{}:{}/containerLogs/{}/{}/{}\": {}", target.pod->status.hostIP, shell::kKubeletPort,
                                              path.namespace_, path.name, target.container, problem)
                                : "error dialing backend: " + problem);
    return target;
}

} // namespace core::endpoint
