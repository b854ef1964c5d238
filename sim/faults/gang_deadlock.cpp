#include "sim/faults/gang_deadlock.h"

#include "sim/faults/filler.h"
#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/kube/operators/custom_kinds.h"

// A gang needs all of its places at once, and the default scheduler hands out one at a time. Whoever has waited for longest takes
// the next that comes free, whether or not it makes him whole.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr const char* kSecondJob = "sweep-7b";
constexpr Duration kEvening = 15min;

const Variants& gangVariants()
{
    static const Variants kVariants{
        {"half-gangs", {"two-jobs"}},
        {"fragmented", {"notebooks"}},
        {"idle-holders", {"finished-evaluation"}},
        {"quota", {"lowered"}},
        {"no-fault", {"evening-evaluation"}},
    };
    return kVariants;
}

const char* rivalOf(const Choice& choice)
{
    if (choice.cause == "half-gangs")
        return kSecondJob;
    return choice.cause == "fragmented" ? "notebook" : "eval-7b";
}

/// The same model with another learning rate: two nodes are free for it, two are not.
bool startSecondJob(Context& context)
{
    const kube::CustomObjectPtr job = kube::findCustom(context.cluster.store(), kube::kPyTorchJobs, kTrainingNamespace, kTrainingJob);
    if (!job)
        return false;
    json spec = kube::contentOf(*job).at("spec");
    for (auto& [type, replica] : spec.at("pytorchReplicaSpecs").items())
        for (json& argument : replica.at("template").at("spec").at("containers").at(0).at("args"))
            if (argument == "/checkpoints/llama-7b")
                argument = "/checkpoints/sweep-7b";
            else if (argument == "3e-4")
                argument = "6e-4";
    create(context, {{"apiVersion", "kubeflow.org/v1"}, {"kind", "PyTorchJob"}, {"metadata", {{"name", kSecondJob}, {"namespace", kTrainingNamespace}}}, {"spec", spec}});
    return true;
}

} // namespace

Result<json> prepareGangDeadlock(Context& context, const json& parameters)
{
    const auto choice = choose(context, gangVariants(), parameters);
    if (!choice)
        return choice.error();
    if (choice->cause == "half-gangs" && !startSecondJob(context))
        return Error{"the topology has no PyTorchJob", "gang-deadlock"};
    if (choice->cause == "fragmented")
        openNotebooks(context, kTrainingNamespace);
    else if (choice->cause == "idle-holders")
        runEvaluation(context, kTrainingNamespace, "1.4", std::nullopt);
    else if (choice->cause == "no-fault")
        runEvaluation(context, kTrainingNamespace, "1.5", kEvening);
    else if (choice->cause == "quota")
        create(context, {{"apiVersion", "v1"}, {"kind", "ResourceQuota"}, {"metadata", {{"name", "gpus-of-ml"}, {"namespace", kTrainingNamespace}}},
                         {"spec", {{"hard", {{"requests.nvidia.com/gpu", "24"}}}}}});
    json chosen = parameters;
    chosen.erase("stage");
    chosen["variant"] = choice->variant;
    return chosen;
}

/// Its node's kubelet evicts a worker of the training job.
Result<json> injectGangDeadlock(Context& context, const json& parameters)
{
    const auto choice = choose(context, gangVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto place = trainingGpu(context, parameters);
    if (!place)
        return Error{"the topology has no GPUs", "gang-deadlock"};
    json chosen = described(context, *place, choice->cause, choice->variant);
    if (!chosen.contains("worker"))
        return Error{"the topology has no training job", "gang-deadlock"};
    if (choice->cause != "quota")
        chosen["rival"] = rivalOf(*choice);
    deleteTrainingPod(context, chosen.at("worker"));
    return chosen;
}

} // namespace sim::faults
