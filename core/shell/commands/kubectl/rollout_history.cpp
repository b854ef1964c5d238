#include "core/shell/commands/kubectl/align.h"
#include "core/shell/commands/kubectl/failures.h"
#include "core/shell/commands/kubectl/output.h"
#include "core/shell/commands/kubectl/resources.h"
#include "core/shell/commands/kubectl/rollout.h"
#include "core/shell/commands/kubectl/typed.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

constexpr const char* kChangeCause = "kubernetes.io/change-cause";
constexpr const char* kNoHistory = "No rollout history found.";
constexpr const char* kNoSuchRevision = "unable to find the specified revision";

using Sets = std::map<std::int64_t, ReplicaSet>;

std::string changeCause(const ReplicaSet& set)
{
    const auto it = set.metadata.annotations.find(kChangeCause);
    return it == set.metadata.annotations.end() ? std::string() : it->second;
}

std::string overview(const Sets& sets)
{
    if (sets.empty())
        return kNoHistory;
    std::string rows = "REVISION\tCHANGE-CAUSE\n";
    for (const auto& [revision, set] : sets) {
        const std::string cause = changeCause(set);
        rows += fmt::format("{}\t{}\n", revision, cause.empty() ? "<none>" : cause);
    }
    return alignTabs(rows, 0, 2);
}

std::string overview(const std::map<std::int64_t, ControllerRevision>& revisions)
{
    std::string rows = "REVISION\tCHANGE-CAUSE\n";
    for (const auto& [number, revision] : revisions) {
        const auto cause = revision.metadata.annotations.find(kChangeCause);
        rows += fmt::format("{}\t{}\n", number, cause == revision.metadata.annotations.end() ? "<none>" : cause->second);
    }
    return revisions.empty() ? kNoHistory : alignTabs(rows, 0, 2);
}

std::string details(ReplicaSet set)
{
    if (const std::string cause = changeCause(set); !cause.empty())
        set.spec.template_.metadata.annotations[kChangeCause] = cause;
    return templateText(set.spec.template_);
}

void tell(Call& call, const Manifest& target, const std::string& body)
{
    const std::int64_t wanted = call.flags.number("revision");
    call.out(fmt::format("{}/{} {}\n{}\n", target.kind->typeName(), target.name,
                         wanted > 0 ? fmt::format("with revision #{}", wanted) : std::string(), body));
}

/// DaemonSets and StatefulSets keep their history in ControllerRevisions.
std::string showRevisions(Call& call, const Manifest& target, const OutputFormat& format)
{
    const auto revisions = revisionsOf(call, target);
    const std::int64_t wanted = call.flags.number("revision");
    if (wanted > 0 && revisions.count(wanted) == 0 && (format.type != OutputFormat::Type::Default || !revisions.empty()))
        return kNoSuchRevision;
    call.saw(*target.kind, target.nameSpace, target.name);
    if (format.type != OutputFormat::Type::Default) {
        for (const auto& [number, revision] : revisions) {
            if (wanted == 0 || wanted == number)
                printObject(call, format, toJson(revision));
        }
        return {};
    }
    tell(call, target, wanted > 0 && !revisions.empty() ? templateText(templateOf(revisions.at(wanted))) : overview(revisions));
    return {};
}

/// Prints one object's history; the complaint when there is none to show.
std::string show(Call& call, const Manifest& target, const OutputFormat& format)
{
    if (target.kind->kind == "DaemonSet" || target.kind->kind == "StatefulSet")
        return showRevisions(call, target, format);
    if (target.kind->kind != "Deployment")
        return "no history viewer has been implemented for \"" + groupKind(*target.kind) + "\"";
    const Sets sets = replicaSetsOf(call, decoded<Deployment>(target.object));
    const std::int64_t wanted = call.flags.number("revision");
    if (wanted > 0 && sets.count(wanted) == 0 && (format.type != OutputFormat::Type::Default || !sets.empty()))
        return kNoSuchRevision;
    call.saw(*target.kind, target.nameSpace, target.name);
    if (format.type != OutputFormat::Type::Default) {
        for (const auto& [revision, set] : sets) {
            if (wanted == 0 || wanted == revision)
                printObject(call, format, toJson(set));
        }
        return {};
    }
    tell(call, target, wanted > 0 && !sets.empty() ? details(sets.at(wanted)) : overview(sets));
    return {};
}

int runHistory(Call& call)
{
    if (!namesResources(call))
        return call.fail(kNoResource);
    if (call.flags.number("revision") < 0)
        return call.fail(fmt::format("revision must be a positive integer: {}", call.flags.number("revision")));
    const auto format = outputFormat(call, false);
    if (!format)
        return 1;
    bool failed = false;
    GatherOptions options;
    options.listAll = true;
    Failures failures;
    for (const Manifest& target : gather(call, call.words, failed, options)) {
        if (const std::string problem = show(call, target, *format); !problem.empty())
            failures.add(problem);
    }
    return failures.tell(call) != 0 || failed ? 1 : 0;
}

} // namespace

Verb rolloutHistoryVerb()
{
    Verb verb{"history", {}, "View rollout history", "(TYPE NAME | TYPE/NAME) [flags]"};
    verb.flags = {kFilename, kKustomize, kRecursive, kSelector, kOutput, kShowManaged,
                  {0, "revision", FlagSpec::Type::Number, "0", "Show the pod template of this revision."}};
    verb.run = runHistory;
    verb.operand = Operand::Resource;
    verb.examples = {"# All revisions", "kubectl rollout history deployment/web", "# What the third one was",
                     "kubectl rollout history deployment/web --revision=3"};
    return verb;
}

} // namespace core::shell::kubectl
