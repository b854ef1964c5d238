#include "core/shell/commands/kubectl/create.h"

#include "core/shell/commands/kubectl/manifest_input.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

int runCreate(Call& call)
{
    if (!call.namesFiles() && call.words.empty())
        return call.fail("must specify one of -f and -k");
    if (!call.words.empty())
        return call.failUsage(fmt::format("Unexpected args: [{}]", join(call.words, " ")));
    const auto validation = fieldValidation(call);
    Results results(call);
    if (!validation || !results.ready())
        return 1;
    bool failed = false;
    const auto manifests = manifestsOnly(call, failed);
    if (!manifests)
        return 1;
    for (const Manifest& manifest : *manifests) {
        const bool keeps = at(manifest.object, {"metadata", "annotations", kLastAppliedAnnotation}).is_string();
        Json object = keeps || call.flags.on("save-config") ? withLastApplied(manifest.object) : manifest.object;
        if (call.clientDryRun()) {
            results.done(*manifest.kind, object, "created");
            continue;
        }
        auto request =
            call.client.request(sim::kube::Verb::Create, *manifest.kind, manifest.nameSpace, manifest.name);
        request.body = std::move(object);
        request.fieldManager =
            call.flags.given("field-manager") ? call.flags.text("field-manager") : "kubectl-create";
        request.fieldValidation = *validation;
        request.dryRun = call.serverDryRun();
        const sim::kube::Response response = call.client.write(std::move(request));
        if (succeeded(response))
            results.done(*manifest.kind, response.body, "created");
        else
            results.failed(errorText(response, "creating", manifest.source));
    }
    return results.finish() != 0 || failed ? 1 : 0;
}

int runCreateNamespace(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    Json object = newObject(*findResource("namespaces"), *name);
    object["spec"] = Json::object();
    object["status"] = Json::object();
    return createObject(call, *findResource("namespaces"), std::move(object), {});
}

int runCreateServiceAccount(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    const ResourceKind& kind = *findResource("serviceaccounts");
    return createObject(call, kind, newObject(kind, *name), "failed to create serviceaccount: ");
}

} // namespace

std::vector<FlagSpec> generatorFlags(std::vector<FlagSpec> own)
{
    for (const FlagSpec& flag : {kDryRun, kFieldManager, kOutput, kSaveConfig, kShowManaged, kValidate})
        own.push_back(flag);
    return own;
}

std::optional<std::string> oneName(Call& call)
{
    if (call.words.size() == 1)
        return call.words.front();
    call.failUsage(fmt::format("exactly one NAME is required, got {}", call.words.size()));
    return std::nullopt;
}

bool requireFlag(Call& call, std::string_view name)
{
    if (call.flags.given(name))
        return true;
    call.fail(fmt::format("required flag(s) \"{}\" not set", name));
    return false;
}

Json newObject(const ResourceKind& kind, const std::string& name, Json labels)
{
    Json object{{"apiVersion", kind.apiVersion()},
                {"kind", kind.kind},
                {"metadata", {{"creationTimestamp", nullptr}, {"name", name}}}};
    if (labels.is_object())
        object["metadata"]["labels"] = std::move(labels);
    return object;
}

Verb createNamespaceVerb()
{
    Verb verb{"namespace", {}, "Create a namespace with the specified name", "NAME"};
    verb.flags = generatorFlags({});
    verb.run = runCreateNamespace;
    verb.examples = {"# A namespace of your own", "kubectl create namespace scratch"};
    verb.aliases = {"ns"};
    return verb;
}

Verb createServiceAccountVerb()
{
    Verb verb{"serviceaccount", {}, "Create a service account with the specified name", "NAME"};
    verb.flags = generatorFlags({});
    verb.run = runCreateServiceAccount;
    verb.examples = {"# A service account", "kubectl create serviceaccount robot"};
    verb.aliases = {"sa"};
    return verb;
}

Verb createVerb()
{
    Verb verb{"create", kBeginner, "Create a resource from a file or from stdin", "-f FILENAME"};
    verb.flags = {kDryRun, kFieldManager, kFilename, kKustomize, kRecursive, kOutput, kSaveConfig, kSelector, kShowManaged,
                  kValidate};
    verb.run = runCreate;
    verb.examples = {"# Create what a file describes", "kubectl create -f web.yaml"};
    verb.subverbs = {createClusterRoleVerb(), createClusterRoleBindingVerb(), createConfigMapVerb(), createCronJobVerb(), createDeploymentVerb(),
                     createIngressVerb(), createJobVerb(), createNamespaceVerb(), createBudgetVerb(), createPriorityClassVerb(),
                     createQuotaVerb(), createRoleVerb(), createRoleBindingVerb(), createSecretVerb(), createServiceVerb(),
                     createServiceAccountVerb(), createTokenVerb()};
    return verb;
}

} // namespace core::shell::kubectl
