#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/failures.h"
#include "core/shell/commands/kubectl/rollout.h"
#include "core/shell/commands/kubectl/typed.h"

#include <fmt/core.h>

#include <set>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

constexpr const char* kHashLabel = "pod-template-hash";

PodTemplateSpec templateOfObject(const Json& object)
{
    return decoded<StatefulSet>(Json{{"spec", {{"template", at(object, {"spec", "template"})}}}}).spec.template_;
}

/// Annotations that belong to the Deployment and not to one of its revisions.
const std::set<std::string>& keptAnnotations()
{
    static const std::set<std::string> kKept{kLastAppliedAnnotation,
                                             "deployment.kubernetes.io/revision",
                                             "deployment.kubernetes.io/revision-history",
                                             "deployment.kubernetes.io/desired-replicas",
                                             "deployment.kubernetes.io/max-replicas",
                                             "deprecated.deployment.rollback.to"};
    return kKept;
}

Json restoredAnnotations(const Deployment& deployment, const ReplicaSet& set)
{
    Json annotations = Json::object();
    for (const auto& [key, value] : deployment.metadata.annotations) {
        if (keptAnnotations().count(key) > 0)
            annotations[key] = value;
    }
    for (const auto& [key, value] : set.metadata.annotations) {
        if (keptAnnotations().count(key) == 0)
            annotations[key] = value;
    }
    return annotations;
}

class Undo {
public:
    explicit Undo(Call& call) : m_call(call), m_revision(call.flags.number("to-revision")) { }

    int run()
    {
        if (!namesResources(m_call))
            return m_call.fail(kNoResource);
        if (!dryRunMakesSense(m_call))
            return 1;
        bool failed = false;
        GatherOptions options;
        options.listAll = true;
        for (const Manifest& target : gather(m_call, m_call.words, failed, options))
            undo(target);
        return m_failures.tell(m_call) != 0 || failed ? 1 : 0;
    }

private:
    void undo(const Manifest& target)
    {
        if (target.kind->kind == "DaemonSet" || target.kind->kind == "StatefulSet")
            return undoRevision(target);
        if (target.kind->kind != "Deployment") {
            m_failures.add("no rollbacker has been implemented for \"" + groupKind(*target.kind) + "\"");
            return;
        }
        const Deployment deployment = decoded<Deployment>(target.object);
        const auto sets = replicaSetsOf(m_call, deployment);
        auto wanted = sets.find(m_revision);
        if (m_revision == 0) {
            if (sets.size() < 2) {
                m_failures.add(fmt::format("no rollout history found for deployment \"{}\"", target.name));
                return;
            }
            wanted = std::prev(sets.end(), 2);
        }
        if (wanted == sets.end()) {
            m_failures.add(noSuchRevision());
            return;
        }
        if (m_call.clientDryRun()) {
            report(m_call, *target.kind, target.object, templateText(wanted->second.spec.template_));
            return;
        }
        if (deployment.spec.paused) {
            m_failures.add("cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and "
                           "try again");
            return;
        }
        if (sameTemplate(wanted->second.spec.template_, deployment.spec.template_)) {
            report(m_call, *target.kind, target.object,
                   fmt::format("skipped rollback (current template already matches revision {})", m_revision));
            return;
        }
        restore(target, deployment, wanted->second);
    }

    /// By a ControllerRevision, whose data is the patch that brings its template back.
    void undoRevision(const Manifest& target)
    {
        const auto revisions = revisionsOf(m_call, target);
        if (m_revision == 0 && revisions.size() < 2) {
            m_failures.add("no last revision to roll back to");
            return;
        }
        const auto wanted = m_revision == 0 ? std::prev(revisions.end(), 2) : revisions.find(m_revision);
        if (wanted == revisions.end()) {
            m_failures.add(noSuchRevision());
            return;
        }
        const PodTemplateSpec podTemplate = templateOf(wanted->second);
        if (m_call.clientDryRun()) {
            report(m_call, *target.kind, target.object, templateText(podTemplate));
            return;
        }
        if (templateOfObject(target.object) == podTemplate) {
            report(m_call, *target.kind, target.object, fmt::format("skipped rollback (current template already matches revision {})", m_revision));
            return;
        }
        const Response response = m_call.client.patch(*target.kind, target.nameSpace, target.name, Json::parse(wanted->second.data.text, nullptr, false),
                                                      PatchType::StrategicMerge, m_call.serverDryRun(), "kubectl-rollout");
        if (succeeded(response))
            report(m_call, *target.kind, target.object, "rolled back");
        else if (response.code == 0)
            m_failures.add(response);
        else
            m_failures.add(fmt::format("failed restoring revision {}: {}", m_revision, messageOf(response)));
    }

    void restore(const Manifest& target, const Deployment& deployment, const ReplicaSet& set)
    {
        Json podTemplate = at(toJson(set), {"spec", "template"});
        podTemplate["metadata"]["labels"].erase(kHashLabel);
        const Json patch = Json::array(
            {Json{{"op", "replace"}, {"path", "/spec/template"}, {"value", std::move(podTemplate)}},
             Json{{"op", "replace"}, {"path", "/metadata/annotations"}, {"value", restoredAnnotations(deployment, set)}}});
        const Response response = m_call.client.patch(*target.kind, target.nameSpace, target.name, patch,
                                                      PatchType::Json, m_call.serverDryRun(), "kubectl-rollout");
        if (succeeded(response))
            report(m_call, *target.kind, target.object, "rolled back");
        else if (response.code == 0)
            m_failures.add(response);
        else
            m_failures.add(fmt::format("failed restoring revision {}: {}", m_revision, messageOf(response)));
    }

    std::string noSuchRevision() const
    {
        return fmt::format("unable to find specified revision {} in history", m_revision);
    }

    Call& m_call;
    std::int64_t m_revision;
    Failures m_failures;
};

int runUndo(Call& call) { return Undo(call).run(); }

} // namespace

Verb rolloutUndoVerb()
{
    Verb verb{"undo", {}, "Undo a previous rollout", "(TYPE NAME | TYPE/NAME) [flags]"};
    verb.flags = {kDryRun, kFilename, kKustomize, kRecursive, kSelector, kOutput,
                  {0, "to-revision", FlagSpec::Type::Number, "0", "The revision to go back to; 0: the one before."}};
    verb.run = runUndo;
    verb.operand = Operand::Resource;
    verb.examples = {"# Back to the revision before", "kubectl rollout undo deployment/web", "# Back to the third",
                     "kubectl rollout undo deployment/web --to-revision=3"};
    return verb;
}

} // namespace core::shell::kubectl
