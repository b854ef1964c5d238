#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/manifest_input.h"
#include "core/shell/commands/kubectl/removal.h"
#include "core/shell/commands/kubectl/three_way_merge.h"

#include "sim/kube/api/yaml.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using sim::kube::Response;

/// How long --force waits for the old object to go (apply's default).
constexpr sim::Duration kRemovalTimeout = std::chrono::minutes(5);

/// "Resource: "apps/v1, Resource=deployments", GroupVersionKind: ..." and the name, as errors describe an object.
std::string described(const Manifest& manifest)
{
    const std::string version = manifest.kind->group + "/" + manifest.kind->version;
    return fmt::format("Resource: \"{0}, Resource={1}\", GroupVersionKind: \"{0}, Kind={2}\"\nName: \"{3}\", "
                       "Namespace: \"{4}\"",
                       version, manifest.kind->plural, manifest.kind->kind, manifest.name, manifest.nameSpace);
}

class Applier {
public:
    explicit Applier(Call& call) : m_call(call), m_results(call) { }

    int run()
    {
        if (m_call.serverDryRun() && m_call.flags.on("force"))
            return m_call.fail("--dry-run=server cannot be used with --force");
        if (m_call.clientDryRun() && m_call.flags.on("server-side"))
            return m_call.fail("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server "
                               "instead?)");
        const auto validation = fieldValidation(m_call);
        if (!validation || !m_results.ready())
            return 1;
        m_validation = *validation;
        bool failed = false;
        const auto manifests = manifestsOnly(m_call, failed);
        if (!manifests)
            return 1;
        for (const Manifest& manifest : *manifests)
            applyOne(manifest);
        return m_results.finish() != 0 || failed ? 1 : 0;
    }

private:
    std::string manager(const char* fallback) const
    {
        return m_call.flags.given("field-manager") ? m_call.flags.text("field-manager") : fallback;
    }

    sim::kube::Request write(sim::kube::Verb verb, const Manifest& manifest, Json body) const
    {
        auto request = m_call.client.request(verb, *manifest.kind, manifest.nameSpace, manifest.name);
        request.body = std::move(body);
        request.fieldManager = manager("kubectl-client-side-apply");
        request.fieldValidation = m_validation;
        request.dryRun = m_call.serverDryRun();
        return request;
    }

    void applyOne(const Manifest& manifest)
    {
        if (manifest.name.empty() && !textAt(manifest.object, {"metadata", "generateName"}).empty())
            m_results.failed(fmt::format("error: from {}: cannot use generate name with apply",
                                         textAt(manifest.object, {"metadata", "generateName"})));
        else if (manifest.name.empty())
            m_results.failed(fmt::format("error: error when retrieving current configuration of:\n{}\nfrom server for: "
                                         "\"{}\": resource name may not be empty",
                                         described(manifest), manifest.source));
        else if (m_call.flags.on("server-side"))
            applyOnServer(manifest);
        else
            applyHere(manifest);
    }

    void applyOnServer(const Manifest& manifest)
    {
        auto request = write(sim::kube::Verb::Patch, manifest, manifest.object);
        request.patchType = sim::kube::PatchType::Apply;
        request.fieldManager = manager("kubectl");
        const Response response = m_call.client.write(std::move(request));
        if (succeeded(response))
            m_results.done(*manifest.kind, response.body, "serverside-applied");
        else
            m_results.failed(errorText(response));
    }

    void applyHere(const Manifest& manifest)
    {
        const Response live = m_call.client.get(*manifest.kind, manifest.nameSpace, manifest.name);
        if (live.code == 404)
            create(manifest);
        else if (succeeded(live))
            update(manifest, live.body);
        else
            m_results.failed(errorText(
                live, fmt::format("retrieving current configuration of:\n{}\nfrom server for:", described(manifest)),
                manifest.source));
    }

    void create(const Manifest& manifest)
    {
        const Json object = withLastApplied(manifest.object);
        if (m_call.clientDryRun()) {
            m_results.done(*manifest.kind, object, "created");
            return;
        }
        const Response response = m_call.client.write(write(sim::kube::Verb::Create, manifest, object));
        if (succeeded(response))
            m_results.done(*manifest.kind, response.body, "created");
        else
            m_results.failed(errorText(response, "creating", manifest.source));
    }

    void update(const Manifest& manifest, const Json& live)
    {
        if (m_call.clientDryRun()) {
            m_results.done(*manifest.kind, live, "configured");
            return;
        }
        const std::string lastApplied = textAt(live, {"metadata", "annotations", kLastAppliedAnnotation});
        if (lastApplied.empty()) {
            m_call.warn(fmt::format("resource {}/{} is missing the {} annotation which is required by kubectl apply. "
                                    "kubectl apply should only be used on resources created declaratively by either "
                                    "kubectl create --save-config or kubectl apply. The missing annotation will be "
                                    "patched automatically.",
                                    manifest.kind->plural, manifest.name, kLastAppliedAnnotation));
        }
        const Json original = Json::parse(lastApplied, nullptr, false);
        const Json patch = mergePatch(live, threeWayMerge(original, withLastApplied(manifest.object), live));
        if (patch.empty()) {
            m_results.done(*manifest.kind, live, "unchanged");
            return;
        }
        auto request = write(sim::kube::Verb::Patch, manifest, patch);
        request.patchType = sim::kube::PatchType::Merge;
        const Response response = m_call.client.write(std::move(request));
        const std::string reason = reasonOf(response);
        if (succeeded(response) && !textAt(response.body, {"metadata", "deletionTimestamp"}).empty())
            m_call.warn(
                fmt::format("Detected changes to resource {} which is currently being deleted.", manifest.name));
        if (succeeded(response))
            m_results.done(*manifest.kind, response.body, "configured");
        else if (m_call.flags.on("force") && (reason == "Invalid" || reason == "Conflict"))
            recreate(manifest);
        else
            m_results.failed(errorText(response,
                                       fmt::format("applying patch:\n{}\nto:\n{}\nfor: \"{}\": error when patching",
                                                   compactJson(patch), described(manifest), manifest.source),
                                       manifest.source));
    }

    void recreate(const Manifest& manifest)
    {
        if (const auto refusal = removeAndWait(m_call, manifest, kRemovalTimeout)) {
            m_results.failed(errorText(*refusal));
            return;
        }
        const Response response =
            m_call.client.write(write(sim::kube::Verb::Create, manifest, withLastApplied(manifest.object)));
        if (succeeded(response))
            m_results.done(*manifest.kind, response.body, "configured");
        else
            m_results.failed(errorText(response, "creating", manifest.source));
    }

    Call& m_call;
    Results m_results;
    std::string m_validation;
};

int runApply(Call& call) { return Applier(call).run(); }

int runViewLastApplied(Call& call)
{
    const std::string format = call.flags.text("output");
    if (format != "yaml" && format != "json")
        return call.failUsage(fmt::format("Unexpected -o output mode: {}, the flag 'output' must be one of yaml|json",
                                          format));
    bool failed = false;
    for (const Manifest& target : gather(call, call.words, failed)) {
        const std::string text = textAt(target.object, {"metadata", "annotations", kLastAppliedAnnotation});
        const Json applied = Json::parse(text, nullptr, false);
        if (!applied.is_object()) {
            call.fail(fmt::format("no last-applied-configuration annotation found on resource: {}", target.name));
            failed = true;
            continue;
        }
        call.saw(*target.kind, target.nameSpace, target.name);
        call.out(format == "json" ? prettyJson(applied) + "\n" : sim::kube::toYaml(applied));
    }
    return failed ? 1 : 0;
}

Verb viewLastAppliedVerb()
{
    Verb verb{"view-last-applied", kAdvanced, "View the latest last-applied-configuration annotations of a resource",
              "(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)"};
    verb.flags = {kAll, kFilename, kRecursive, kSelector,
                  {'o', "output", FlagSpec::Type::Text, "yaml", "yaml or json."}};
    verb.run = runViewLastApplied;
    verb.operand = Operand::Resource;
    verb.examples = {"# What was applied last", "kubectl apply view-last-applied deploy/web"};
    return verb;
}

} // namespace

Verb applyVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"apply", kAdvanced, "Apply a configuration to a resource by file name or stdin", "-f FILENAME"};
    verb.flags = {kDryRun, kFieldManager, kFilename, kRecursive, kOutput, kValidate, kShowManaged,
                  {0, "force", T::Bool, "false", "Delete and create again what cannot be changed in place."},
                  {0, "force-conflicts", T::Bool, "false", "With --server-side: take over fields of other managers."},
                  {0, "server-side", T::Bool, "false", "Let the server merge."}};
    verb.run = runApply;
    verb.examples = {"# Create or change what a file describes", "kubectl apply -f web.yaml",
                     "# From standard input", "cat web.yaml | kubectl apply -f -"};
    verb.subverbs = {viewLastAppliedVerb()};
    return verb;
}

} // namespace core::shell::kubectl
