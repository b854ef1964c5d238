#include "sim/training/jobs/flight_recorder.h"

#include "sim/training/jobs/pickle.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::training {

namespace {

using nlohmann::json;

constexpr const char* kPackages = "/usr/local/lib/python3.12/dist-packages/torch/distributed/";
constexpr const char* kMegatron = "/opt/megatron-lm/";

json framesOf(const Operation& operation)
{
    const auto frame = [](const std::string& name, const std::string& file, int line) {
        return json{{"name", name}, {"filename", file}, {"line", line}};
    };
    const std::string call = operation.name == "all_reduce" ? "all_reduce"
        : operation.name == "_all_gather_base"              ? "all_gather_into_tensor"
                                                            : "reduce_scatter_tensor";
    return json::array({frame(call, std::string(kPackages) + "distributed_c10d.py",
                              call == "all_reduce" ? 2933
                                  : call[0] == 'a' ? 4062
                                                   : 4455),
                        frame("wrapper", std::string(kPackages) + "c10d_logger.py", 81),
                        frame(operation.caller, std::string(kMegatron) + "megatron/core/optimizer/optimizer.py", 458),
                        frame("train_step", std::string(kMegatron) + "megatron/training/training.py", 1408),
                        frame("train", std::string(kMegatron) + "megatron/training/training.py", 2186),
                        frame("<module>", "/workspace/pretrain_gpt.py", 306)});
}

std::string ranksText(std::int64_t ranks)
{
    std::string text = "[";
    for (std::int64_t rank = 0; rank < ranks; ++rank)
        text += fmt::format("{}{}", rank == 0 ? "" : ", ", rank);
    return text + "]";
}

/// Where the job's namespace mounts its claim: the first folder of what it saves into; empty: nowhere.
std::string sharedFolder(const Run& run)
{
    const std::string& path = run.settings.save.empty() ? run.settings.load : run.settings.save;
    return path.empty() || path[0] != '/' ? std::string() : path.substr(0, path.find('/', 1));
}

void write(const RunContext& context, const Member& member, const std::string& path, std::string bytes)
{
    if (const std::string shared = sharedFolder(context.run()); !shared.empty() && path.starts_with(shared + "/")) {
        context.files[context.folder(path)] = std::move(bytes);
        return;
    }
    container::Container* container = context.around.runtimes.find(member.worker.container);
    if (container == nullptr)
        return;
    for (const auto& [mount, folder] : container->hostFolders)
        if (path.starts_with(mount + "/")) {
            context.around.runtime.hosts.writeFile(context.around.runtime.engine, member.worker.host, folder + path.substr(mount.size()),
                                                   std::move(bytes), false);
            return;
        }
    container->files[path] = std::move(bytes);
}

} // namespace

std::vector<std::string> stackOf(const Operation& operation)
{
    std::vector<std::string> lines;
    for (const json& frame : framesOf(operation))
        lines.push_back(fmt::format("#{} {} from {}:{}", lines.size(), frame.at("name").get<std::string>(), frame.at("filename").get<std::string>(),
                                    frame.at("line").get<int>()));
    return lines;
}

std::int64_t recorderSize(const Worker& worker)
{
    return std::atoll(worker.variable("TORCH_FR_BUFFER_SIZE", worker.variable("TORCH_NCCL_TRACE_BUFFER_SIZE", "0")).c_str());
}

json flightDump(const RunContext& context, std::int64_t rank)
{
    const Run& run = context.run();
    const Member& member = context.memberOf(rank);
    const std::vector<Operation> operations = operationsOf(run, member);
    const auto each = static_cast<std::int64_t>(operations.size());
    const auto divergence = divergenceOf(run);
    // All before are done. The rank's GPU that is busy for ever has not come to the next one; on the others its kernel spins.
    const std::int64_t done = run.sequence + (divergence ? divergence->after : 0);
    const bool behind = run.stall && run.stall->kind == Stall::Kind::Gpu && run.stall->rank == rank;
    const std::int64_t step = run.sequence - (divergence ? 0 : run.sequence % each);
    json entries = json::array();
    const std::int64_t held = std::min(kRecorded, recorderSize(member.worker));
    const std::int64_t began = run.stepBegan.time_since_epoch().count();
    const auto pace = static_cast<std::int64_t>(run.times ? run.times->seconds * 1e9 / static_cast<double>(each) : 1e9);
    for (std::int64_t number = std::max<std::int64_t>(1, done + 3 - held + 1); number <= done + 3; ++number) {
        const std::int64_t index = ((number - 1 - step) % each + each) % each;
        const Operation& operation = operations[static_cast<std::size_t>(index)];
        const char* state = number <= done ? "completed" : number == done + 1 && !behind ? "started" : "scheduled";
        const std::int64_t created = began + (number - 1 - run.sequence) * pace;
        json entry{{"frames", framesOf(operation)},
                   {"record_id", number - 1},
                   {"pg_id", 0},
                   {"process_group", {"0", "default_pg"}},
                   {"collective_seq_id", number},
                   {"p2p_seq_id", 0},
                   {"op_id", number},
                   {"profiling_name", "nccl:" + operation.name},
                   {"time_created_ns", created},
                   {"input_sizes", {{operation.inputs}}},
                   {"input_dtypes", {operation.dtype}},
                   {"output_sizes", {{operation.outputs}}},
                   {"output_dtypes", {operation.dtype}},
                   {"state", state},
                   {"time_discovered_started_ns", nullptr},
                   {"time_discovered_completed_ns", nullptr},
                   {"retired", number <= done},
                   {"timeout_ms", static_cast<std::int64_t>(run.settings.timeoutMinutes * 60'000)},
                   {"is_p2p", false}};
        if (state[0] != 's' || state[1] == 't')
            entry["time_discovered_started_ns"] = created + 1'000'000;
        if (number <= done)
            entry["time_discovered_completed_ns"] = created + pace;
        entries.push_back(std::move(entry));
    }
    return {{"version", "2.10"},
            {"pg_config", {{"0", {{"name", "0"}, {"desc", "default_pg"}, {"ranks", ranksText(run.settings.worldSize())}}}}},
            {"pg_status",
             {{"0",
               {{"last_enqueued_collective", done + 3}, {"last_started_collective", done + (behind ? 0 : 1)}, {"last_completed_collective", done}}}}},
            {"entries", std::move(entries)}};
}

void dumpRecorders(const RunContext& context)
{
    const Run& run = context.run();
    for (std::int64_t rank = 0; rank < run.settings.worldSize(); ++rank) {
        const Member& member = context.memberOf(rank);
        const host::Process* process = processOf(context, rank);
        const std::string wish = member.worker.variable("TORCH_NCCL_DUMP_ON_TIMEOUT", "1");
        if (recorderSize(member.worker) <= 0 || wish == "0" || wish == "false" || process == nullptr || process->state == 'T')
            continue;
        const std::string prefix = member.worker.variable(
            "TORCH_FR_DUMP_TEMP_FILE", member.worker.variable("TORCH_NCCL_DEBUG_INFO_TEMP_FILE", "/root/.cache/torch/comm_lib_trace_rank_"));
        write(context, member, prefix + std::to_string(rank), pickled(flightDump(context, rank)));
    }
}

} // namespace sim::training
