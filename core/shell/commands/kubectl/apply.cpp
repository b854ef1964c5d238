#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/manifest_input.h"
#include "core/shell/commands/kubectl/prune.h"
#include "core/shell/commands/kubectl/removal.h"
#include "core/shell/commands/kubectl/three_way_merge.h"

#include "sim/kube/api/selectors.h"
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

constexpr const char* kClientSideManager = "kubectl-client-side-apply";
constexpr const char* kServerSideManager = "kubectl";
constexpr const char* kLastAppliedField = "f:kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view kConflictAdvice = R"(
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts)";

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
        if (const std::string problem = misuseOfPrune(); !problem.empty())
            return m_call.fail(problem);
        const auto validation = fieldValidation(m_call);
        if (!validation || !m_results.ready())
            return 1;
        m_validation = *validation;
        const bool prunes = m_call.flags.on("prune");
        const auto kinds = prunes ? kindsToPrune(m_call) : std::vector<const ResourceKind*>{};
        if (!kinds)
            return 1;
        bool failed = false;
        auto manifests = manifestsOnly(m_call, failed);
        if (!manifests)
            return 1;
        std::erase_if(*manifests, [this](const Manifest& manifest) { return !isSelected(manifest.object); });
        if (manifests->empty())
            return m_call.fail("no objects passed to apply");
        for (const Manifest& manifest : *manifests)
            applyOne(manifest);
        if (const int status = m_results.finish(); !prunes || failed || status != 0)
            return failed ? 1 : status;
        return pruneOthers(*kinds);
    }

private:
    std::string misuseOfPrune() const
    {
        const bool selects = !m_call.flags.text("selector").empty();
        if (m_call.flags.on("all") && selects)
            return "cannot set --all and --selector at the same time";
        if (!m_call.flags.on("prune"))
            return {};
        if (m_call.flags.on("force"))
            return "--force cannot be used with --prune";
        if (!m_call.flags.on("all") && !selects)
            return "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not "
                   "mean to prune all resources, specify a label selector";
        return m_call.flags.on("server-side") ? "--prune is in alpha and doesn't currently work on objects created by server-side apply" : "";
    }

    bool isSelected(const Json& object) const
    {
        sim::kube::StringMap labels;
        for (const auto& [key, value] : at(object, {"metadata", "labels"}).items())
            labels[key] = value.is_string() ? value.get<std::string>() : value.dump();
        return sim::kube::parseLabelSelector(m_call.flags.text("selector")).selector.matches(labels);
    }

    int pruneOthers(const std::vector<const ResourceKind*>& kinds)
    {
        const auto refused = prune(m_call, kinds, m_applied,
                                   [&](const ResourceKind& kind, const Json& object) { report(m_call, kind, object, "pruned"); });
        return refused ? m_call.refused(*refused) : 0;
    }

    void done(const Manifest& manifest, const Json& object, const std::string& what)
    {
        m_applied.uids.insert(textAt(object, {"metadata", "uid"}));
        if (manifest.kind->namespaced)
            m_applied.namespaces.insert(manifest.nameSpace);
        m_results.done(*manifest.kind, object, what);
    }

    std::string manager(const char* fallback) const
    {
        return m_call.flags.given("field-manager") ? m_call.flags.text("field-manager") : fallback;
    }

    sim::kube::Request write(sim::kube::Verb verb, const Manifest& manifest, Json body) const
    {
        auto request = m_call.client.request(verb, *manifest.kind, manifest.nameSpace, manifest.name);
        request.body = std::move(body);
        request.fieldManager = manager(kClientSideManager);
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
        Response response = serverSide(manifest, manifest.object, manager(kServerSideManager));
        if (succeeded(response) && manager(kServerSideManager) == kServerSideManager && !m_call.serverDryRun()) {
            response = keepLastApplied(manifest, std::move(response));
            if (takeOverClientSide(manifest, response))
                response = serverSide(manifest, manifest.object, kServerSideManager);
        }
        if (succeeded(response))
            done(manifest, response.body, "serverside-applied");
        else if (reasonOf(response) == "Conflict")
            m_results.failed("error: " + messageOf(response) + std::string(kConflictAdvice));
        else
            m_results.failed(errorText(response));
    }

    Response serverSide(const Manifest& manifest, const Json& object, const std::string& fieldManager)
    {
        auto request = write(sim::kube::Verb::Patch, manifest, object);
        request.patchType = sim::kube::PatchType::Apply;
        request.fieldManager = fieldManager;
        request.force = m_call.flags.on("force-conflicts");
        return m_call.client.write(std::move(request));
    }

    /// An annotation that client-side apply left belongs to a manager of its own from now on, lest it go with the
    /// next server-side apply.
    Response keepLastApplied(const Manifest& manifest, Response applied)
    {
        const std::string last = textAt(applied.body, {"metadata", "annotations", kLastAppliedAnnotation});
        if (last.empty() || owns(applied.body, "Apply", kLastAppliedField))
            return applied;
        Json annotated{{"apiVersion", manifest.kind->apiVersion()}, {"kind", manifest.kind->kind},
                       {"metadata", {{"name", manifest.name}, {"annotations", {{kLastAppliedAnnotation, last}}}}}};
        if (manifest.kind->namespaced)
            annotated["metadata"]["namespace"] = manifest.nameSpace;
        Response kept = serverSide(manifest, annotated, "kubectl-last-applied");
        return succeeded(kept) ? std::move(kept) : std::move(applied);
    }

    /// Whether some manager of that operation owns an annotation.
    static bool owns(const Json& object, const std::string& operation, const char* annotationField)
    {
        for (const Json& entry : at(object, {"metadata", "managedFields"}))
            if (textAt(entry, {"operation"}) == operation && !at(entry, {"fieldsV1", "f:metadata", "f:annotations", annotationField}).is_null())
                return true;
        return false;
    }

    static void unite(Json& into, const Json& from)
    {
        for (const auto& [key, value] : from.items()) {
            if (into.contains(key) && into[key].is_object() && value.is_object())
                unite(into[key], value);
            else if (!into.contains(key))
                into[key] = value;
        }
    }

    /// What client-side apply owned goes over to the server-side manager (client-go/util/csaupgrade). False: nothing to do.
    bool takeOverClientSide(const Manifest& manifest, const Response& applied)
    {
        constexpr int kTries = 3; // somebody may write in between
        Response live = applied;
        for (int i = 0; i < kTries && succeeded(live); ++i) {
            const auto done = tryToTakeOver(manifest, live.body);
            if (!done || succeeded(*done))
                return done.has_value();
            live = m_call.client.get(*manifest.kind, manifest.nameSpace, manifest.name);
        }
        return false;
    }

    /// The server's answer; nothing when there is nothing to take over.
    std::optional<Response> tryToTakeOver(const Manifest& manifest, const Json& live)
    {
        Json owners = Json::array();
        Json taken = Json::object();
        for (const Json& entry : at(live, {"metadata", "managedFields"})) {
            if (textAt(entry, {"operation"}) == "Update" && textAt(entry, {"manager"}) == kClientSideManager && textAt(entry, {"subresource"}).empty())
                unite(taken, at(entry, {"fieldsV1"}));
            else
                owners.push_back(entry);
        }
        if (taken.empty())
            return std::nullopt;
        if (taken.contains("f:metadata") && taken["f:metadata"].contains("f:annotations")) {
            Json& annotations = taken["f:metadata"]["f:annotations"];
            annotations.erase(kLastAppliedField);
            if (annotations.empty() || (annotations.size() == 1 && annotations.contains(".")))
                taken["f:metadata"].erase("f:annotations");
            if (taken["f:metadata"].empty())
                taken.erase("f:metadata");
        }
        for (Json& entry : owners)
            if (textAt(entry, {"operation"}) == "Apply" && textAt(entry, {"manager"}) == kServerSideManager)
                unite(entry["fieldsV1"], taken);
        const Json patch = Json::array({{{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", std::move(owners)}},
                                        {{"op", "replace"}, {"path", "/metadata/resourceVersion"}, {"value", textAt(live, {"metadata", "resourceVersion"})}}});
        return m_call.client.patch(*manifest.kind, manifest.nameSpace, manifest.name, patch, sim::kube::PatchType::Json, false, kServerSideManager);
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
            done(manifest, object, "created");
            return;
        }
        const Response response = m_call.client.write(write(sim::kube::Verb::Create, manifest, object));
        if (succeeded(response))
            done(manifest, response.body, "created");
        else
            m_results.failed(errorText(response, "creating", manifest.source));
    }

    void update(const Manifest& manifest, const Json& live)
    {
        if (m_call.clientDryRun()) {
            done(manifest, live, "configured");
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
            done(manifest, live, "unchanged");
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
            done(manifest, response.body, "configured");
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
            done(manifest, response.body, "configured");
        else
            m_results.failed(errorText(response, "creating", manifest.source));
    }

    Call& m_call;
    Results m_results;
    std::string m_validation;
    Applied m_applied;
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
    verb.flags = {kAll, kFilename, kKustomize, kRecursive, kSelector,
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
    verb.flags = {kAll, kDryRun, kFieldManager, kFilename, kKustomize, kRecursive, kOutput, kSelector, kValidate, kShowManaged,
                  {0, "force", T::Bool, "false", "Delete and create again what cannot be changed in place."},
                  {0, "force-conflicts", T::Bool, "false", "With --server-side: take over fields of other managers."},
                  {0, "prune", T::Bool, "false", "Delete what an earlier apply made and is not in the files; needs --selector or --all."},
                  {0, "prune-allowlist", T::List, "", "GROUP/VERSION/KIND to prune; may be given several times."},
                  {0, "server-side", T::Bool, "false", "Let the server merge."}};
    verb.run = runApply;
    verb.examples = {"# Create or change what a file describes", "kubectl apply -f web.yaml",
                     "# From standard input", "cat web.yaml | kubectl apply -f -"};
    verb.subverbs = {viewLastAppliedVerb()};
    return verb;
}

} // namespace core::shell::kubectl
