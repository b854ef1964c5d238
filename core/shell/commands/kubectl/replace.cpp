#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/manifest_input.h"
#include "core/shell/commands/kubectl/removal.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using sim::kube::Response;

/// How long --force waits for the old objects to go unless --timeout says otherwise.
constexpr sim::Duration kReplaceTimeout = std::chrono::minutes(5);

class Replacer {
public:
    explicit Replacer(Call& call) : m_call(call), m_results(call) { }

    int run()
    {
        const bool force = m_call.flags.on("force");
        if (!force && m_call.flags.number("grace-period") >= 0)
            return m_call.fail("--grace-period must have --force specified");
        if (!force && m_call.flags.duration("timeout").count() != 0)
            return m_call.fail("--timeout must have --force specified");
        const auto validation = fieldValidation(m_call);
        if (!validation || !m_results.ready())
            return 1;
        m_validation = *validation;
        bool failed = false;
        const auto manifests = manifestsOnly(m_call, failed);
        if (!manifests)
            return 1;
        if (force && !m_call.dryRun() && !remove(*manifests))
            return 1;
        for (const Manifest& manifest : *manifests)
            replaceOne(manifest, force && !m_call.dryRun());
        return m_results.finish() != 0 || failed ? 1 : 0;
    }

private:
    bool remove(const std::vector<Manifest>& manifests)
    {
        std::optional<std::int64_t> grace;
        if (m_call.flags.number("grace-period") >= 0)
            grace = std::max<std::int64_t>(m_call.flags.number("grace-period"), 1); // 0 is taken as 1
        const sim::Duration asked = m_call.flags.duration("timeout");
        for (const Manifest& manifest : manifests) {
            const Response live = m_call.client.get(*manifest.kind, manifest.nameSpace, manifest.name);
            if (live.code == 404)
                continue;
            if (succeeded(live))
                m_call.out(fmt::format("{} \"{}\" deleted\n", manifest.kind->typeName(), manifest.name));
            if (const auto refusal =
                    removeAndWait(m_call, manifest, asked.count() > 0 ? asked : kReplaceTimeout, grace)) {
                m_call.refused(*refusal);
                return false;
            }
        }
        return true;
    }

    void replaceOne(const Manifest& manifest, bool create)
    {
        Json object = manifest.object;
        const bool keeps = at(object, {"metadata", "annotations", kLastAppliedAnnotation}).is_string();
        if (keeps || m_call.flags.on("save-config"))
            object = withLastApplied(std::move(object));
        if (m_call.clientDryRun()) {
            m_results.done(*manifest.kind, object, "replaced");
            return;
        }
        if (!create && textAt(object, {"metadata", "resourceVersion"}).empty()) {
            const Response live = m_call.client.get(*manifest.kind, manifest.nameSpace, manifest.name);
            if (succeeded(live))
                object["metadata"]["resourceVersion"] = textAt(live.body, {"metadata", "resourceVersion"});
        }
        auto request = m_call.client.request(create ? sim::kube::Verb::Create : sim::kube::Verb::Update, *manifest.kind,
                                             manifest.nameSpace, manifest.name);
        request.body = std::move(object);
        request.fieldManager =
            m_call.flags.given("field-manager") ? m_call.flags.text("field-manager") : "kubectl-replace";
        request.fieldValidation = m_validation;
        request.dryRun = m_call.serverDryRun();
        const Response response = m_call.client.write(std::move(request));
        if (succeeded(response))
            m_results.done(*manifest.kind, response.body, "replaced");
        else
            m_results.failed(errorText(response, create ? "creating" : "replacing", manifest.source));
    }

    Call& m_call;
    Results m_results;
    std::string m_validation;
};

int runReplace(Call& call) { return Replacer(call).run(); }

} // namespace

Verb replaceVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"replace", kAdvanced, "Replace a resource by file name or stdin", "-f FILENAME"};
    verb.flags = {kDryRun, kFieldManager, kFilename, kKustomize, kRecursive, kOutput, kSaveConfig, kShowManaged, kValidate,
                  {0, "force", T::Bool, "false", "Delete the object and create it anew."},
                  {0, "grace-period", T::Number, "-1", "With --force: seconds a pod gets to end."},
                  {0, "timeout", T::Duration, "0s", "With --force: how long to wait for the old object to go."}};
    verb.run = runReplace;
    verb.examples = {"# Put a file's content in the place of the live object", "kubectl replace -f web.yaml",
                     "# Delete it and create it anew", "kubectl replace --force -f web.yaml"};
    return verb;
}

} // namespace core::shell::kubectl
