#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/create.h"
#include "core/shell/commands/kubectl/output.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

/// Why --bound-object-* make no sense; empty when they do.
std::string misuseOfBinding(const Call& call)
{
    const std::string kind = call.flags.text("bound-object-kind");
    if (kind.empty()) {
        for (const char* flag : {"bound-object-name", "bound-object-uid"})
            if (!call.flags.text(flag).empty())
                return fmt::format("--{} can only be set if --bound-object-kind is provided", flag);
        return {};
    }
    if (kind != "Node" && kind != "Pod" && kind != "Secret")
        return "supported --bound-object-kind values are Node, Pod, Secret";
    return call.flags.text("bound-object-name").empty() ? "--bound-object-name is required if --bound-object-kind is provided" : "";
}

int runCreateToken(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    const auto format = outputFormat(call, false);
    if (!format)
        return 1;
    if (const std::string problem = misuseOfBinding(call); !problem.empty())
        return call.fail(problem);
    Json spec{{"audiences", Json(nullptr)}};
    if (const auto audiences = call.flags.list("audience"); !audiences.empty())
        spec["audiences"] = audiences;
    if (const sim::Duration lifetime = call.flags.duration("duration"); lifetime.count() > 0)
        spec["expirationSeconds"] = lifetime / std::chrono::seconds(1);
    if (const std::string kind = call.flags.text("bound-object-kind"); !kind.empty())
        spec["boundObjectRef"] = Json{{"apiVersion", "v1"}, {"kind", kind}, {"name", call.flags.text("bound-object-name")}};
    if (const std::string uid = call.flags.text("bound-object-uid"); !uid.empty())
        spec["boundObjectRef"]["uid"] = uid;
    auto request = call.client.request(sim::kube::Verb::Create, *findResource("serviceaccounts"), call.nameSpace(), *name);
    request.subresource = "token";
    request.body = Json{{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenRequest"}, {"metadata", Json::object()}, {"spec", std::move(spec)}};
    const sim::kube::Response response = call.client.write(std::move(request));
    if (!succeeded(response))
        return response.code == 0 ? call.refused(response) : call.fail("failed to create token: " + messageOf(response));
    if (format->type != OutputFormat::Type::Default)
        return printObject(call, *format, response.body);
    call.out(textAt(response.body, {"status", "token"}) + "\n");
    return 0;
}

} // namespace

Verb createTokenVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"token", {}, "Request a service account token", "SERVICE_ACCOUNT_NAME"};
    verb.flags = {{0, "audience", T::List, "", "Who the token is meant for."},
                  {0, "bound-object-kind", T::Text, "", "Node, Pod or Secret: the token ends with the object."},
                  {0, "bound-object-name", T::Text, "", "The object's name."},
                  {0, "bound-object-uid", T::Text, "", "The object's uid; that of the present one without it."},
                  {0, "duration", T::Duration, "0s", "How long it is to be valid; 0: the server chooses."}, kOutput, kShowManaged};
    verb.run = runCreateToken;
    verb.examples = {"# A token of the account robot, for ten minutes", "kubectl create token robot --duration 10m"};
    return verb;
}

} // namespace core::shell::kubectl
