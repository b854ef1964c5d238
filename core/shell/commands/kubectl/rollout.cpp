#include "core/shell/commands/kubectl/rollout.h"

#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/typed.h"

#include <algorithm>
#include <charconv>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

constexpr const char* kRevision = "deployment.kubernetes.io/revision";

} // namespace

std::int64_t revisionOf(const ObjectMeta& metadata)
{
    const auto it = metadata.annotations.find(kRevision);
    std::int64_t revision = 0;
    if (it != metadata.annotations.end())
        std::from_chars(it->second.data(), it->second.data() + it->second.size(), revision);
    return revision;
}

std::map<std::int64_t, ReplicaSet> replicaSetsOf(Call& call, const Deployment& deployment)
{
    std::map<std::int64_t, ReplicaSet> sets;
    const auto items = call.client.list(resourceOf<ReplicaSet>(), deployment.metadata.namespace_,
                                        {selectorText(deployment.spec.selector), {}});
    if (const auto* list = std::get_if<std::vector<Json>>(&items)) {
        for (const Json& item : *list) {
            ReplicaSet set = decoded<ReplicaSet>(item);
            const bool owned = std::any_of(
                set.metadata.ownerReferences.begin(), set.metadata.ownerReferences.end(),
                [&](const OwnerReference& owner) { return owner.uid == deployment.metadata.uid; });
            if (owned)
                sets[revisionOf(set.metadata)] = std::move(set);
        }
    }
    return sets;
}

std::map<std::int64_t, ControllerRevision> revisionsOf(Call& call, const Manifest& target)
{
    std::map<std::int64_t, ControllerRevision> revisions;
    const LabelSelector selector = target.kind->kind == "DaemonSet" ? decoded<DaemonSet>(target.object).spec.selector
                                                                    : decoded<StatefulSet>(target.object).spec.selector;
    const std::string uid = textAt(target.object, {"metadata", "uid"});
    const auto items = call.client.list(resourceOf<ControllerRevision>(), target.nameSpace, {selectorText(selector), {}});
    if (const auto* list = std::get_if<std::vector<Json>>(&items)) {
        for (const Json& item : *list) {
            ControllerRevision revision = decoded<ControllerRevision>(item);
            const auto& owners = revision.metadata.ownerReferences;
            if (std::any_of(owners.begin(), owners.end(), [&](const OwnerReference& owner) { return owner.uid == uid; }))
                revisions[revision.revision] = std::move(revision);
        }
    }
    return revisions;
}

PodTemplateSpec templateOf(const ControllerRevision& revision)
{
    Json podTemplate = at(Json::parse(revision.data.text, nullptr, false), {"spec", "template"});
    if (podTemplate.is_object())
        podTemplate.erase("$patch");
    // Both kinds have it in the same place.
    return decoded<StatefulSet>(Json{{"spec", {{"template", podTemplate}}}}).spec.template_;
}

std::string templateText(const PodTemplateSpec& podTemplate)
{
    TabText text;
    describeTemplate(text, podTemplate);
    return text.raw();
}

std::string groupKind(const ResourceKind& kind)
{
    return kind.group.empty() ? kind.kind : kind.kind + "." + kind.group;
}

bool namesResources(const Call& call)
{
    return !call.words.empty() || call.namesFiles() || call.flags.given("selector");
}

Verb rolloutVerb()
{
    Verb verb{"rollout", kDeploy, "Manage the rollout of a resource", "SUBCOMMAND"};
    verb.examples = {"# Back to the revision before", "kubectl rollout undo deployment/web",
                     "# Wait until an update is through", "kubectl rollout status deployment/web",
                     "# Replace all pods without a change", "kubectl rollout restart deployment/web"};
    verb.subverbs = {rolloutHistoryVerb(), rolloutPauseVerb(),  rolloutRestartVerb(),
                     rolloutResumeVerb(),  rolloutStatusVerb(), rolloutUndoVerb()};
    return verb;
}

} // namespace core::shell::kubectl
