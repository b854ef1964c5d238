#include "sim/kube/component_status.h"

#include "sim/kube/control_plane.h"

#include <fmt/format.h>

namespace sim::kube {

namespace {

constexpr int kSchedulerPort = 10259;
constexpr int kControllerManagerPort = 10257;

ComponentCondition healthy()
{
    return {"", "ok", std::string("True"), std::string("Healthy")};
}

ComponentCondition unhealthy(std::string message)
{
    return {"", std::move(message), std::string("False"), std::string("Healthy")};
}

/// The API server asks on its own machine.
ComponentCondition askLocal(const Context& context, const ClusterSettings& settings, const std::string& component, int port)
{
    if (settings.hosted)
        return healthy();
    for (const HostId machine : settings.controlPlane)
        if (componentServes(context, machine, "kube-apiserver")) {
            if (componentServes(context, machine, component))
                return healthy();
            break;
        }
    return unhealthy(fmt::format("Get \"https://127.0.0.1:{}/healthz\": dial tcp 127.0.0.1:{}: connect: connection refused", port, port));
}

/// The answers as objects, so that names, selectors and tables work as of any kind.
Store answersOf(const Context& context, const ClusterSettings& settings, bool etcdAnswers)
{
    Store answers;
    RandomStream unseen; // what is made here has no identity
    const auto add = [&](const char* name, ComponentCondition condition) {
        ComponentStatus status;
        status.metadata.name = name;
        status.conditions.push_back(std::move(condition));
        answers.create(std::move(status), context.engine.now(), unseen);
    };
    add("controller-manager", askLocal(context, settings, "kube-controller-manager", kControllerManagerPort));
    add("etcd-0", etcdAnswers ? healthy() : unhealthy("context deadline exceeded"));
    add("scheduler", askLocal(context, settings, "kube-scheduler", kSchedulerPort));
    return answers;
}

/// The reader was let in already.
Request letIn(Request request)
{
    request.groups = {"system:masters"};
    return request;
}

void dropIdentity(nlohmann::json& object)
{
    object["metadata"] = {{"name", object["metadata"]["name"]}, {"creationTimestamp", nullptr}};
}

} // namespace

bool isComponentRead(const Request& request)
{
    const KindInfo* kind = findKind(request.resource);
    return kind != nullptr && kind->id == kindIdOf<ComponentStatus> && (request.verb == Verb::Get || request.verb == Verb::List);
}

Response componentResponse(const Context& context, const ClusterSettings& settings, bool etcdAnswers, const Request& request)
{
    Response response = ApiServer::read(answersOf(context, settings, etcdAnswers), letIn(request), context.engine.now());
    if (!response.ok())
        return response;
    if (!response.body.contains("items")) {
        dropIdentity(response.body);
        return response;
    }
    for (nlohmann::json& item : response.body["items"])
        dropIdentity(item);
    response.body["metadata"].erase("resourceVersion");
    return response;
}

std::variant<Table, Response> componentTable(const Context& context, const ClusterSettings& settings, bool etcdAnswers,
                                             const Request& request)
{
    return ApiServer::table(answersOf(context, settings, etcdAnswers), letIn(request), context.engine.now());
}

} // namespace sim::kube
