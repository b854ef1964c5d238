#include "sim/training/jobs/operations.h"

#include <algorithm>

namespace sim::training {

namespace {

bool has(const Member& member, const char* flag)
{
    const auto& words = member.worker.commandLine;
    return std::find(words.begin(), words.end(), flag) != words.end();
}

Operation scalar(const char* caller, const char* dtype = "Float")
{
    return {"all_reduce", "ALLREDUCE", 1, 1, dtype, caller};
}

} // namespace

std::vector<Operation> operationsOf(const Run& run, const Member& member)
{
    const bool same = member.worker.commandLine == run.members.front().worker.commandLine;
    const TrainerSettings settings = same ? run.settings : settingsOf(member.worker.commandLine, member.worker.environment).settings;
    const Parallelism& cut = settings.parallelism;
    const std::int64_t elements = parameters(settings.shape) / std::max<std::int64_t>(1, cut.tensor * cut.pipeline);
    const std::int64_t shard = elements / std::max<std::int64_t>(1, run.settings.parallelism.data);
    const bool sharded = cut.zero != ZeroStage::None;
    std::vector<Operation> all;
    if (sharded)
        all.push_back({"_reduce_scatter_base", "_REDUCE_SCATTER_BASE", elements, shard, "Float", "start_grad_sync"});
    else
        all.push_back({"all_reduce", "ALLREDUCE", elements, elements, "Float", "start_grad_sync"});
    all.push_back(scalar("get_grad_norm_fp32"));
    if (has(member, "--log-num-zeros-in-grad"))
        all.push_back(scalar("count_zeros_fp32"));
    all.push_back(scalar("_unscale_main_grads_and_check_for_nan"));
    if (sharded)
        all.push_back({"_all_gather_base", "_ALLGATHER_BASE", shard, elements, "BFloat16", "start_param_sync"});
    if (has(member, "--log-params-norm"))
        all.push_back(scalar("calc_params_l2_norm"));
    all.push_back({"all_reduce", "ALLREDUCE", 2, 2, "Float", "loss_func"});
    all.push_back(scalar("train_step", "Int"));
    return all;
}

std::optional<Divergence> divergenceOf(const Run& run)
{
    const auto& first = run.members.front().worker.commandLine;
    if (std::ranges::all_of(run.members, [&](const Member& m) { return m.worker.commandLine == first; }))
        return std::nullopt;
    const std::vector<Operation> usual = operationsOf(run, run.members.front());
    const auto alike = [](const std::vector<Operation>& a, const std::vector<Operation>& b) {
        return std::ranges::equal(a, b, [](const Operation& x, const Operation& y) { return x.matches(y); });
    };
    for (const Member& member : run.members) {
        const std::vector<Operation> other = operationsOf(run, member);
        if (alike(usual, other))
            continue;
        // A step may end for those who call less in it: what they call next is the first of the next step.
        std::int64_t after = 0;
        while (usual[static_cast<std::size_t>(after) % usual.size()].matches(other[static_cast<std::size_t>(after) % other.size()]))
            ++after;
        const auto others = std::ranges::count_if(run.members, [&](const Member& m) { return alike(operationsOf(run, m), other); });
        const bool few = static_cast<std::size_t>(others) * 2 <= run.members.size();
        return Divergence{after, few ? member.rank * run.settings.processesPerNode : 0};
    }
    return std::nullopt;
}

} // namespace sim::training
