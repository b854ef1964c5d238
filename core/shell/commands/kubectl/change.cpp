#include "core/shell/commands/kubectl/change.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

std::optional<Json> sendPatch(Call& call, const Manifest& target, const Json& patch, sim::kube::PatchType type,
                              const std::string& fieldManager)
{
    const std::string manager = call.flags.given("field-manager") ? call.flags.text("field-manager") : fieldManager;
    sim::kube::Response response = call.client.patch(*target.kind, target.nameSpace, target.name, patch, type,
                                                     call.serverDryRun(), manager);
    if (!succeeded(response)) {
        call.refused(response);
        return std::nullopt;
    }
    return std::move(response.body);
}

int changeTo(Call& call, const Manifest& target, const Json& after, const std::string& what, bool silent)
{
    const Json patch = mergePatch(target.object, after);
    if (patch.empty() && silent && !call.flags.given("output"))
        return 0;
    if (call.clientDryRun() || patch.empty())
        return report(call, *target.kind, after, what);
    const auto stored = sendPatch(call, target, patch, sim::kube::PatchType::Merge,
                                  "kubectl-" + std::string(call.verb.name));
    return stored ? report(call, *target.kind, *stored, what) : 1;
}

int createObject(Call& call, const ResourceKind& kind, Json object, const std::string& context,
                 const std::string& what)
{
    if (call.flags.on("save-config"))
        object = withLastApplied(std::move(object));
    if (kind.namespaced && (call.client.config().nameSpaceGiven || !call.clientDryRun()))
        object["metadata"]["namespace"] = call.nameSpace();
    if (call.clientDryRun())
        return report(call, kind, object, what);
    auto request = call.client.request(sim::kube::Verb::Create, kind, call.nameSpace());
    request.dryRun = call.serverDryRun();
    request.fieldManager = "kubectl-" + std::string(call.path.substr(call.path.find(' ') + 1, 6) == "create" ? "create"
                                                        : std::string(call.verb.name));
    request.name = textAt(object, {"metadata", "name"});
    request.body = std::move(object);
    const sim::kube::Response response = call.client.write(std::move(request));
    if (succeeded(response))
        return report(call, kind, response.body, what);
    if (context.empty() || response.code == 0 || reasonOf(response) == "Invalid")
        return call.refused(response);
    return call.fail(context + ": " + messageOf(response));
}

Json withLastApplied(Json object)
{
    if (!object["metadata"].contains("annotations") || !object["metadata"]["annotations"].is_object())
        object["metadata"]["annotations"] = Json::object();
    object["metadata"]["annotations"].erase(kLastAppliedAnnotation);
    object["metadata"]["annotations"][kLastAppliedAnnotation] = compactJson(object) + "\n";
    return object;
}

} // namespace core::shell::kubectl
