#include "core/shell/commands/kubectl/change.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

int runAutoscale(Call& call)
{
    const std::int64_t most = call.flags.number("max");
    const std::int64_t least = call.flags.number("min");
    if (!call.flags.given("max"))
        return call.fail("required flag(s) \"max\" not set");
    if (most < 1)
        return call.fail(fmt::format("--max=MAXPODS is required and must be at least 1, max: {}", most));
    if (most < least)
        return call.fail(fmt::format("--max=MAXPODS must be larger or equal to --min=MINPODS, max: {}, min: {}", most, least));
    bool failed = false;
    const std::vector<Manifest> targets = gather(call, call.words, failed);
    for (const Manifest& target : targets) {
        static const std::vector<std::string> kScalable{"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"};
        if (std::find(kScalable.begin(), kScalable.end(), target.kind->kind) == kScalable.end()) {
            failed = call.fail(fmt::format("cannot autoscale a {}", target.kind->kind)) != 0;
            continue;
        }
        const ResourceKind& kind = *findResource("horizontalpodautoscalers");
        const std::string name = call.flags.given("name") ? call.flags.text("name") : target.name;
        Json object{{"apiVersion", kind.apiVersion()},
                    {"kind", kind.kind},
                    {"metadata", {{"creationTimestamp", nullptr}, {"name", name}}},
                    {"spec", {{"maxReplicas", most},
                              {"scaleTargetRef", {{"apiVersion", target.kind->apiVersion()}, {"kind", target.kind->kind}, {"name", target.name}}}}}};
        if (least > 0)
            object["spec"]["minReplicas"] = least;
        if (const std::int64_t percent = call.flags.number("cpu-percent"); percent >= 0)
            object["spec"]["metrics"] = Json::array({{{"type", "Resource"},
                                                      {"resource", {{"name", "cpu"}, {"target", {{"averageUtilization", percent}, {"type", "Utilization"}}}}}}});
        object["status"] = {{"currentMetrics", nullptr}, {"desiredReplicas", 0}};
        if (call.clientDryRun()) { // the real tool's own object says nothing of a namespace
            failed = report(call, kind, object, "autoscaled") != 0 || failed;
            continue;
        }
        failed = createObject(call, kind, std::move(object), {}, "autoscaled") != 0 || failed;
    }
    return failed ? 1 : 0;
}

} // namespace

Verb autoscaleVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"autoscale", kDeploy, "Auto-scale a deployment, replica set, stateful set, or replication controller",
              "(-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu-percent=CPU]"};
    verb.flags = {kDryRun, kFieldManager, kFilename, kKustomize, kRecursive, kOutput, kSaveConfig, kShowManaged,
                  {0, "cpu-percent", T::Number, "-1", "The share of the requested CPU to aim at."},
                  {0, "max", T::Number, "-1", "The most pods."},
                  {0, "min", T::Number, "-1", "The fewest pods."},
                  {0, "name", T::Text, "", "The autoscaler's name; the target's without it."}};
    verb.run = runAutoscale;
    verb.operand = Operand::Resource;
    verb.examples = {"# Between two and ten pods, aiming at 80 % of what they ask for",
                     "kubectl autoscale deployment web --min=2 --max=10 --cpu-percent=80"};
    return verb;
}

} // namespace core::shell::kubectl
