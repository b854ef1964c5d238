#include "core/shell/commands/kubectl/change.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

constexpr std::string_view kCreatePath = "kubectl create ";

} // namespace

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
    if (call.clientDryRun() || call.isLocal() || patch.empty())
        return report(call, *target.kind, after, what);
    const auto stored = sendPatch(call, target, patch, sim::kube::PatchType::Merge,
                                  "kubectl-" + std::string(call.verb.name));
    return stored ? report(call, *target.kind, *stored, what) : 1;
}

int createObject(Call& call, const ResourceKind& kind, Json object, const std::string& context,
                 const std::string& what)
{
    if (!dryRunMakesSense(call))
        return 1;
    if (call.flags.on("save-config"))
        object = withLastApplied(std::move(object));
    if (kind.namespaced && (call.client.config().nameSpaceGiven || !call.clientDryRun()))
        object["metadata"]["namespace"] = call.nameSpace();
    if (call.clientDryRun())
        return report(call, kind, object, what);
    auto request = call.client.request(sim::kube::Verb::Create, kind, call.nameSpace());
    request.dryRun = call.serverDryRun();
    const bool generator = call.path.compare(0, kCreatePath.size(), kCreatePath) == 0;
    request.fieldManager = call.flags.given("field-manager")
        ? call.flags.text("field-manager")
        : "kubectl-" + std::string(generator ? "create" : call.verb.name);
    request.name = textAt(object, {"metadata", "name"});
    request.body = std::move(object);
    const sim::kube::Response response = call.client.write(std::move(request));
    if (succeeded(response))
        return report(call, kind, response.body, what);
    if (context.empty() || response.code == 0)
        return call.refused(response);
    return call.fail(context + messageOf(response));
}

bool dryRunMakesSense(Call& call)
{
    const std::string value = call.flags.text("dry-run");
    if (value == kDryRun.bare) {
        call.fail("--dry-run flag without a value was specified. A value must be set: \"none\", \"server\", or "
                  "\"client\".");
        return false;
    }
    for (const std::string_view known : {"", "none", "client", "server", "true", "false"}) {
        if (value == known)
            return true;
    }
    call.fail(fmt::format("Invalid dry-run value ({}). Must be \"none\", \"server\", or \"client\".", value));
    return false;
}

Json withLastApplied(Json object)
{
    Json& annotations = object["metadata"]["annotations"];
    if (annotations.is_null())
        annotations = Json::object();
    if (!annotations.is_object())
        return object; // the server will say what it thinks of that
    annotations.erase(kLastAppliedAnnotation);
    annotations[kLastAppliedAnnotation] = compactJson(object) + "\n";
    return object;
}

} // namespace core::shell::kubectl
