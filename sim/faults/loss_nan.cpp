#include "sim/faults/loss_nan.h"

#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/faults/service.h"
#include "sim/training/jobs/jobs.h"

#include <algorithm>

// One value that is not finite is enough: the gradients' mean carries it to all ranks, the optimiser into all weights, and the next
// checkpoint to the next run. The causes differ in where the first one comes from.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr const char* kShard = "web-01";

const Variants& nanVariants()
{
    static const Variants kVariants{
        {"bad-data", {"nan-weights"}},
        {"learning-rate", {"ten-times", "short-warm-up"}},
        {"no-clipping", {"clip-off"}},
        {"bad-checkpoint", {"spoilt-weights"}},
        {"fp16-overflow", {"half-state"}},
        {"no-fault", {"fp16-start"}},
    };
    return kVariants;
}

/// Documents were weighed anew, on one machine, by a classifier that divides by zero.
void spoilShard(Context& context, const GpuPlace& place)
{
    const std::string path = std::string("/data/") + kShard + ".weights";
    const auto old = context.parts.hosts.read(place.node->host, path, context.parts.engine.now());
    std::string text = old ? old->content : std::string();
    // The ranges stay; one of them has lost its value.
    const std::size_t line = text.rfind('\n', text.size() < 2 ? 0 : text.size() - 2);
    const std::size_t space = text.find(' ', line == std::string::npos ? 0 : line + 1);
    if (space != std::string::npos)
        text = text.substr(0, space) + " nan\n";
    putText(context, place.node->host, path, text);
    restartTrainer(context, place.node->host);
}

/// Sets the values of arguments in each template; one that is not there is added at the end, a flag without a value.
bool retune(Context& context, const std::vector<std::pair<std::string, std::string>>& changes, const std::vector<std::string>& without = {})
{
    return replaceTraining(context, [&](json& podTemplate, const std::string&) {
        json& arguments = podTemplate["spec"]["containers"][0]["args"];
        for (const std::string& flag : without)
            if (const auto found = std::find(arguments.begin(), arguments.end(), flag); found != arguments.end())
                arguments.erase(found);
        for (const auto& [name, value] : changes) {
            const auto found = std::find(arguments.begin(), arguments.end(), name);
            if (found != arguments.end()) {
                *(found + 1) = value;
                continue;
            }
            arguments.push_back(name);
            if (!value.empty())
                arguments.push_back(value);
        }
    });
}

} // namespace

Result<json> injectLossNan(Context& context, const json& parameters)
{
    const auto choice = choose(context, nanVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto place = trainingGpu(context, parameters);
    const auto trained = std::ranges::find_if(context.training.all(), [](const auto& entry) { return entry.second.run.has_value(); });
    if (!place || trained == context.training.all().end())
        return Error{"the topology has no training job", "loss-nan"};
    json chosen = described(context, *place, choice->cause, choice->variant);
    chosen["shard"] = kShard;
    std::vector<training::Checkpoint>& saved = context.training.saved(trained->second, trained->second.run->settings.save);
    if (!saved.empty())
        chosen["iteration"] = std::to_string(saved.back().iteration);
    bool done = true;
    if (choice->cause == "bad-data")
        spoilShard(context, *place);
    else if (choice->is("ten-times"))
        done = retune(context, {{"--lr", "3e-3"}, {"--min-lr", "3e-4"}});
    else if (choice->is("short-warm-up"))
        done = retune(context, {{"--lr", "2e-3"}, {"--lr-warmup-iters", "10"}});
    else if (choice->cause == "no-clipping")
        done = retune(context, {{"--clip-grad", "0.0"}});
    else if (choice->cause == "fp16-overflow")
        done = retune(context, {{"--fp16", ""}, {"--loss-scale", "1"}, {"--use-precision-aware-optimizer", ""}, {"--main-params-dtype", "fp16"}, {"--exp-avg-sq-dtype", "fp16"}}, {"--bf16"});
    else if (choice->cause == "no-fault") // a planned change: the scale begins far too high, and finds its place within twenty steps
        done = retune(context, {{"--fp16", ""}}, {"--bf16"});
    else if (saved.empty())
        return Error{"the job has not saved a checkpoint yet", "loss-nan"};
    else {
        saved.back().condition = training::Restored::WithNonFiniteWeights;
        restartTrainer(context, place->node->host);
    }
    if (!done)
        return Error{"the topology has no PyTorchJob", "loss-nan"};
    return chosen;
}

} // namespace sim::faults
