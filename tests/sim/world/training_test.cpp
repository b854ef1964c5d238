#include "tests/sim/world/training_lab.h"

#include <algorithm>
#include <functional>

namespace {

using namespace sim;

const World& trainingLab()
{
    static const World kWorld = sim::testing::warmLab(1, 10min);
    return kWorld;
}

const training::Job& jobOf(const World& world) { return world.training().all().begin()->second; }

void injectInto(World& world, const char* fault, nlohmann::json parameters)
{
    const CommandResult done = world.apply(Command{command::InjectFault{fault, std::move(parameters)}});
    ASSERT_TRUE(done.ok) << done.error;
}

bool saidBy(const World& world, std::string_view pod, std::string_view text)
{
    for (const auto& [id, container] : world.runtimes().containers())
        if (container.podName.find(pod) != std::string::npos)
            for (const auto& [at, line] : container.log)
                if (line.find(text) != std::string::npos)
                    return true;
    return false;
}

TEST(Training, AJobMeetsLoadsAndMakesSteps)
{
    const World& world = trainingLab();
    ASSERT_EQ(world.training().all().size(), 1u);
    const training::Job& job = jobOf(world);
    ASSERT_TRUE(job.run);
    ASSERT_EQ(job.run->phase, training::RunPhase::Training);
    EXPECT_EQ(job.run->settings.worldSize(), 32);
    EXPECT_EQ(job.run->firstIteration, 6000) << "it goes on from what was there";
    EXPECT_GT(job.run->iteration, 6030);
    EXPECT_FALSE(job.run->stall);
    EXPECT_GT(world.telemetry().mean("sli.success", 60s), 0.95);
    // A 7B model on H100s reaches about half of the peak; published runs lie between 35 and 55 %.
    EXPECT_GT(job.run->times->modelUtilisation, 0.3);
    EXPECT_LT(job.run->times->modelUtilisation, 0.6);
    EXPECT_TRUE(saidBy(world, "llama-7b", "number of nan iterations:   0 |"));
    EXPECT_GT(job.history->size(), 30u);
    EXPECT_NEAR(job.history->back().loss, job.history->front().loss, 0.4) << "far into its run the loss falls slowly; documents from before it began were the same";
    // It keeps its GPUs busy and warm, and the others idle.
    int busy = 0;
    for (const gpu::Gpu& gpu : world.gpus().all())
        busy += gpu.now.activity.tensor > 0.2 && gpu.temperatureC() > 45 ? 1 : 0;
    EXPECT_EQ(busy, 32);
    // What crosses the fabric is counted by its ports.
    double sent = 0;
    for (std::size_t i = 0; i < world.rdma().devices().size(); ++i)
        sent += static_cast<double>(world.rdma().counter(net::rdma::PortId(i), net::rdma::PortCounter::XmitPackets));
    EXPECT_GT(sent, 1e6);
}

/// The training topology with one more variable in all its workers, after so long.
World trainingWith(const std::string& name, const std::string& value, Duration until)
{
    nlohmann::json topology = tests::library()->topologies.at("training");
    const std::function<void(nlohmann::json&)> set = [&](nlohmann::json& node) {
        if (node.is_object() && node.contains("image") && node.contains("env") && node.at("image").get<std::string>().find("megatron") != std::string::npos)
            node["env"].push_back({{"name", name}, {"value", value}});
        if (node.is_structured())
            for (nlohmann::json& child : node)
                set(child);
    };
    set(topology);
    auto built = World::build(topology, 1);
    EXPECT_TRUE(built) << (built ? "" : built.error().text());
    built->runUntil(built->now() + until);
    return std::move(*built);
}

TEST(Training, NcclTellsOfTheCommunicatorThatItMakes)
{
    const World& world = trainingLab();
    EXPECT_TRUE(saidBy(world, "llama-7b-master-0", " [0] NCCL INFO NCCL version 2.28.9+cuda13.0"));
    EXPECT_TRUE(saidBy(world, "llama-7b-worker-1", "rank 17 nRanks 32 nNodes 4 localRanks 8 localRank 1 MNNVL 0"));
    EXPECT_TRUE(saidBy(world, "llama-7b-master-0", "Channel 00/16 :  0  7  6  5  4  3  2  1  8"));
    EXPECT_TRUE(saidBy(world, "llama-7b-worker-2", "/GDRDMA"));
    EXPECT_TRUE(saidBy(world, "llama-7b-worker-2", "Init COMPLETE"));
    EXPECT_TRUE(saidBy(world, "llama-7b-worker-0", "Connected all rings, use ring PXN 1 GDR 1"));
    for (const auto& [id, container] : world.runtimes().containers())
        EXPECT_LT(container.log.size(), 900u) << container.podName;
}

TEST(Training, NcclsVariablesHaveTheirEffects)
{
    const World sockets = trainingWith("NCCL_IB_DISABLE", "1", 3min);
    EXPECT_TRUE(saidBy(sockets, "llama-7b-worker-0", "NCCL_IB_DISABLE set by environment to 1."));
    EXPECT_TRUE(saidBy(sockets, "llama-7b-worker-0", "via NET/Socket/0"));
    const World interface = trainingWith("NCCL_SOCKET_IFNAME", "bond0", 3min);
    EXPECT_TRUE(saidBy(interface, "llama-7b-master-0", "bootstrap.cc:114 NCCL WARN Bootstrap : no socket interface found"));
    EXPECT_TRUE(saidBy(interface, "llama-7b-worker-0", "torch.distributed.DistBackendError: NCCL error in:"));
    const World algorithm = trainingWith("NCCL_ALGO", "Rings", 3min);
    EXPECT_TRUE(saidBy(algorithm, "llama-7b-master-0", "NCCL WARN Unrecognized element token \"Rings\" when parsing \"Rings\""));
    const World noRing = trainingWith("NCCL_ALGO", "allreduce:NVLS", 3min);
    EXPECT_TRUE(saidBy(noRing, "llama-7b-master-0", "Error : no algorithm/protocol available for function AllReduce"));
}

/// Arguments of the workers alone, or of all; what else the job is told.
World trainingOf(const std::function<void(nlohmann::json& container, bool worker)>& set, Duration until)
{
    nlohmann::json topology = tests::library()->topologies.at("training");
    const std::function<void(nlohmann::json&, bool)> walk = [&](nlohmann::json& node, bool worker) {
        if (node.is_object() && node.contains("image") && node.contains("args") && node.at("image").get<std::string>().find("megatron") != std::string::npos)
            set(node, worker);
        if (node.is_object())
            for (auto& [key, child] : node.items())
                walk(child, worker || key == "Worker");
        else if (node.is_array())
            for (nlohmann::json& child : node)
                walk(child, worker);
    };
    walk(topology, false);
    auto built = World::build(topology, 1);
    EXPECT_TRUE(built) << (built ? "" : built.error().text());
    built->runUntil(built->now() + until);
    return std::move(*built);
}

TEST(Training, ScriptsThatCallDifferentCollectivesHang)
{
    const auto set = [](nlohmann::json& container, bool worker) {
        if (worker)
            container["args"].push_back("--log-num-zeros-in-grad"); // one more all-reduce a step, and only there
        container["env"].push_back({{"name", "TORCH_NCCL_TRACE_BUFFER_SIZE"}, {"value", "2000"}});
        container["env"].push_back({{"name", "TORCH_NCCL_DEBUG_INFO_TEMP_FILE"}, {"value", "/checkpoints/fr/nccl_trace_rank_"}});
    };
    World world = trainingOf(set, 4min);
    ASSERT_TRUE(jobOf(world).run->stall);
    EXPECT_EQ(jobOf(world).run->stall->kind, training::Stall::Kind::Mismatch);
    EXPECT_EQ(jobOf(world).run->stall->rank, 0) << "the master's eight are fewer";
    EXPECT_TRUE(world.training().files().empty());
    world.runUntil(world.now() + 10min);
    // The same number, another operation: that is no hardware.
    EXPECT_TRUE(saidBy(world, "llama-7b-master-0", "WorkNCCL(SeqNum=4, OpType=_ALLGATHER_BASE,"));
    EXPECT_TRUE(saidBy(world, "llama-7b-worker-2", "WorkNCCL(SeqNum=4, OpType=ALLREDUCE, NumelIn=1, NumelOut=1,"));
    EXPECT_TRUE(saidBy(world, "llama-7b-worker-2", "#0 all_reduce from "));
    EXPECT_EQ(world.training().files().size(), 32u);
    EXPECT_EQ(world.training().files().begin()->first, "ml:/checkpoints/fr/nccl_trace_rank_0");
}

TEST(Training, TorchComparesCollectivesWhenItIsTold)
{
    const World world = trainingOf(
        [](nlohmann::json& container, bool worker) {
            if (worker)
                container["args"].push_back("--log-num-zeros-in-grad");
            container["env"].push_back({{"name", "TORCH_DISTRIBUTED_DEBUG"}, {"value", "DETAIL"}});
        },
        3min);
    EXPECT_TRUE(saidBy(world, "llama-7b-worker-1", "[rank16]: RuntimeError: Detected mismatch between collectives on ranks. Rank 16 is running collective: "
                                                   "CollectiveFingerPrint(SequenceNumber=4, OpType=ALLREDUCE, TensorShape=[1]"));
    EXPECT_TRUE(saidBy(world, "llama-7b-worker-1", "Op type: ALLREDUCEvs _ALLGATHER_BASE"));
}

TEST(Training, NobodyDivergesWhoCallsAlike)
{
    const World world = trainingOf([](nlohmann::json& container, bool) { container["args"].push_back("--log-num-zeros-in-grad"); }, 4min);
    ASSERT_TRUE(jobOf(world).run);
    EXPECT_FALSE(jobOf(world).run->stall);
    EXPECT_GT(jobOf(world).run->iteration, 3);
}

TEST(Training, OneHotGpuSlowsAllRanks)
{
    World world = trainingLab();
    injectInto(world, "gpu-thermal", {{"cause", "thermal-paste"}});
    const double before = jobOf(world).run->times->seconds;
    world.runUntil(world.now() + 10min);
    const training::Run& run = *jobOf(world).run;
    EXPECT_GT(run.times->seconds, before * 1.03);
    EXPECT_LT(world.telemetry().mean("sli.success", 60s), 0.97);
    std::uint64_t reasons = 0;
    for (const gpu::Gpu& gpu : world.gpus().all())
        reasons |= gpu.now.reasons;
    EXPECT_NE(reasons & gpu::reason::kSwThermal, 0u);
}

TEST(Training, AnEndlessKernelIsFoundByTheWatchdog)
{
    World world = trainingLab();
    injectInto(world, "training-hang", {{"cause", "gpu-hung"}});
    world.runUntil(world.now() + 5min);
    ASSERT_TRUE(jobOf(world).run->stall);
    EXPECT_EQ(jobOf(world).run->stall->kind, training::Stall::Kind::Gpu);
    EXPECT_FALSE(saidBy(world, "llama-7b", "Watchdog caught collective operation timeout"));
    EXPECT_LT(world.telemetry().mean("sli.success", 60s), 0.05);
    // All spin at full utilisation, and none does any work.
    for (const training::Member& member : jobOf(world).run->members)
        for (const GpuId id : member.worker.gpus) {
            const gpu::Gpu& gpu = world.gpus().at(id);
            EXPECT_EQ(gpu.now.activity.kernel, 1.0);
            EXPECT_EQ(gpu.now.activity.tensor, 0.0);
            // Those that wait draw little; the one that they wait for goes round at full speed.
            EXPECT_EQ(gpu.now.powerW > 200, gpu.hung);
        }
    world.runUntil(world.now() + 6min);
    EXPECT_TRUE(saidBy(world, "llama-7b", "Watchdog caught collective operation timeout: WorkNCCL(SeqNum="));
}

TEST(Training, ADarkLinkEndsInAnErrorCompletion)
{
    World world = trainingLab();
    injectInto(world, "training-hang", {{"cause", "ib-link-down"}, {"variant", "no-light"}});
    world.runUntil(world.now() + 15s);
    ASSERT_TRUE(jobOf(world).run && jobOf(world).run->stall);
    EXPECT_EQ(jobOf(world).run->stall->kind, training::Stall::Kind::Network);
    world.runUntil(world.now() + 60s); // NCCL_IB_TIMEOUT 20 with 7 retries: half a minute
    EXPECT_TRUE(saidBy(world, "llama-7b", "status=IBV_WC_RETRY_EXC_ERR(12)"));
}

TEST(Training, ALostGpuEndsItsWorkerAndThenTheJob)
{
    World world = trainingLab();
    injectInto(world, "gpu-lost", {{"cause", "loose-card"}});
    world.runUntil(world.now() + 90s);
    EXPECT_TRUE(saidBy(world, "llama-7b", "CUDA error: unspecified launch failure"));
    EXPECT_TRUE(saidBy(world, "llama-7b", "remote process exited or there was a network error"));
    EXPECT_LT(world.telemetry().mean("sli.success", 30s), 0.05);
    const auto absent = std::count_if(world.gpus().all().begin(), world.gpus().all().end(), [](const gpu::Gpu& gpu) { return !gpu.working(); });
    EXPECT_EQ(absent, 1);
}

/// The process that trains on a GPU of the job, by what nvidia-smi shows of it.
host::Pid trainerOn(const World& world, std::int64_t machine, std::size_t local)
{
    const training::Worker& worker = jobOf(world).run->members[static_cast<std::size_t>(machine)].worker;
    return world.gpus().at(worker.gpus[local]).processes.front().pid;
}

void signalTrainer(World& world, std::int64_t machine, std::size_t local, int signal)
{
    const HostId host = jobOf(world).run->members[static_cast<std::size_t>(machine)].worker.host;
    ASSERT_TRUE(world.apply(Command{command::Signal{host, trainerOn(world, machine, local), signal}}).ok);
}

TEST(Training, GpusShowProcessesThatTheMachineHas)
{
    const World& world = trainingLab();
    for (const training::Member& member : jobOf(world).run->members) {
        double cores = 0;
        for (const GpuId id : member.worker.gpus) {
            const auto& processes = world.hosts().at(member.worker.host).processes;
            ASSERT_EQ(world.gpus().at(id).processes.size(), 1u);
            const auto process = processes.find(world.gpus().at(id).processes.front().pid);
            ASSERT_NE(process, processes.end());
            EXPECT_EQ(process->second.parent, member.worker.pid);
            EXPECT_EQ(process->second.container, member.worker.container);
            cores += process->second.cpuGranted;
        }
        EXPECT_GT(cores, 8);
    }
}

TEST(Training, ARankThatIsKilledTakesItsMachineAndThenTheJob)
{
    World world = trainingLab();
    const host::Pid pid = trainerOn(world, 2, 5);
    const training::Worker worker = jobOf(world).run->members[2].worker;
    signalTrainer(world, 2, 5, 9);
    world.runUntil(world.now() + 3s);
    EXPECT_TRUE(saidBy(world, worker.pod, "failed (exitcode: -9) local_rank: 5 (pid: " + std::to_string(pid) + ")"));
    EXPECT_TRUE(saidBy(world, worker.pod, "Signal 9 (SIGKILL) received by PID " + std::to_string(pid)));
    for (const auto& [other, process] : world.hosts().at(worker.host).processes)
        EXPECT_NE(process.container, worker.container) << "its container has ended with all that ran in it: " << other;
    world.runUntil(world.now() + 60s);
    EXPECT_TRUE(saidBy(world, "llama-7b", "remote process exited or there was a network error"));
}

TEST(Training, ARankThatIsStoppedHoldsAllUntilItGoesOn)
{
    World world = trainingLab();
    signalTrainer(world, 1, 3, 19);
    world.runUntil(world.now() + 1min);
    ASSERT_TRUE(jobOf(world).run->stall);
    EXPECT_EQ(jobOf(world).run->stall->kind, training::Stall::Kind::Process);
    EXPECT_EQ(jobOf(world).run->stall->rank, 11);
    const std::int64_t iteration = jobOf(world).run->iteration;
    signalTrainer(world, 1, 3, 18);
    world.runUntil(world.now() + 1min);
    EXPECT_FALSE(jobOf(world).run->stall);
    EXPECT_GT(jobOf(world).run->iteration, iteration + 2);
}

TEST(Training, APowerLimitLastsUntilItsUnitStartsAgain)
{
    World world = trainingLab();
    const HostId host = jobOf(world).run->members.front().worker.host;
    const GpuId gpu = world.gpus().of(host).front();
    EXPECT_EQ(world.gpus().at(gpu).settings.powerLimitW, 550);
    ASSERT_TRUE(world.apply(Command{command::GpuChange{gpu, command::GpuChange::Verb::PowerLimit, 400, {}}}).ok);
    const auto restart = [&](const char* unit) {
        ASSERT_TRUE(world.apply(Command{command::UnitAction{host, unit, command::UnitAction::Verb::Restart}}).ok);
        world.runUntil(world.now() + 10s);
    };
    restart("kubelet.service");
    EXPECT_EQ(world.gpus().at(gpu).settings.powerLimitW, 400);
    restart("gpu-power-limit.service");
    EXPECT_EQ(world.gpus().at(gpu).settings.powerLimitW, 550);
}

TEST(Training, ABatchJobWorksOrHoldsItsGpusIdle)
{
    for (const auto& [cause, works] : {std::pair{"idle-holders", false}, std::pair{"no-fault", true}}) {
        World world = trainingLab();
        injectInto(world, "gang-deadlock", {{"cause", cause}, {"stage", "prepare"}});
        world.runUntil(world.now() + 3min);
        int held = 0;
        for (const gpu::Gpu& gpu : world.gpus().all()) {
            if (gpu.processes.empty() || gpu.processes.front().name != "eval")
                continue;
            ++held;
            EXPECT_GT(gpu.memoryUsedBytes(), std::int64_t{10} << 30);
            EXPECT_EQ(gpu.now.activity.kernel > 0.5, works);
            EXPECT_EQ(gpu.now.powerW > 250, works) << gpu.now.powerW;
        }
        EXPECT_EQ(held % 8, 0);
        EXPECT_GT(held, 0) << cause;
    }
}

TEST(Training, WithoutPeerMemoryNetworkTrafficTakesTheLongWay)
{
    World world = trainingLab();
    const HostId host = jobOf(world).run->members.front().worker.host;
    const double before = jobOf(world).run->times->seconds;
    ASSERT_TRUE(world.apply(Command{command::ModuleChange{host, "nvidia_peermem", false}}).ok);
    world.runUntil(world.now() + 1min);
    EXPECT_EQ(net::rdma::memoryPath(world.rdma().hosts().at(host)), net::rdma::MemoryPath::Staged);
    EXPECT_GE(jobOf(world).run->times->seconds, before * 0.98);
    ASSERT_TRUE(world.apply(Command{command::ModuleChange{host, "nvidia_peermem", true}}).ok);
    world.runUntil(world.now() + 1min);
    EXPECT_EQ(net::rdma::memoryPath(world.rdma().hosts().at(host)), net::rdma::MemoryPath::Direct);
}

TEST(Training, AUnitsMpsDaemonIsThereAgainAfterAReboot)
{
    World world = trainingLab();
    const HostId host = world.gpus().nodes().front().host;
    const std::string name = "nvidia-mps.service";
    const char* text = "[Unit]\nDescription=NVIDIA CUDA MPS control daemon\n\n[Service]\nExecStart=/usr/bin/nvidia-cuda-mps-control -f\n\n[Install]\nWantedBy=multi-user.target\n";
    ASSERT_TRUE(world.apply(Command{command::WriteFile{host, std::nullopt, "/etc/systemd/system/" + name, text}}).ok);
    using Verb = command::UnitAction::Verb;
    for (const Verb verb : {Verb::DaemonReload, Verb::Enable, Verb::Start})
        ASSERT_TRUE(world.apply(Command{command::UnitAction{host, name, verb}}).ok);
    world.runUntil(world.now() + 5s);
    const auto daemonIsTheUnits = [&] {
        const gpu::MpsControl& mps = world.gpus().nodeOf(host)->mps;
        return mps.running() && mps.pid == world.hosts().at(host).units.at(name).mainPid;
    };
    EXPECT_TRUE(daemonIsTheUnits());
    ASSERT_TRUE(world.apply(Command{command::Power{host, command::Power::Verb::Reboot}}).ok);
    world.runUntil(world.now() + 6min);
    ASSERT_EQ(world.hosts().at(host).power, host::Machine::Power::On);
    EXPECT_TRUE(daemonIsTheUnits());
    const auto log = world.hosts().read(host, gpu::mps_files::kControlLog, world.now());
    ASSERT_TRUE(log);
    std::size_t starts = 0;
    for (std::size_t at = log->content.find("Starting control daemon"); at != std::string::npos; at = log->content.find("Starting control daemon", at + 1))
        ++starts;
    EXPECT_EQ(starts, 2U) << log->content;
}

TEST(Training, EqualCommandsGiveEqualWorlds)
{
    const auto after = [](int pieces) {
        World world = trainingLab();
        EXPECT_TRUE(world.apply(Command{command::InjectFault{"training-hang", {{"cause", "ib-link-down"}, {"variant", "flapping"}}}}).ok);
        const Instant from = world.now();
        for (int i = 1; i <= pieces; ++i)
            world.runUntil(from + 4min * i / pieces);
        return world.fingerprint();
    };
    EXPECT_EQ(after(1), after(7));
}

TEST(Training, AThousandGpusTrainTwoModels)
{
    auto built = World::build(tests::library()->topologies.at("training-1024"), 3);
    ASSERT_TRUE(built) << built.error().text();
    built->runUntil(built->now() + 3min);
    EXPECT_EQ(built->gpus().all().size(), 1024U);
    std::size_t busy = 0;
    for (const gpu::Gpu& gpu : built->gpus().all())
        busy += gpu.processes.empty() ? 0 : 1;
    EXPECT_GE(busy, 992U); // 960 and 32 of the two jobs
    EXPECT_GT(built->telemetry().mean("sli.success", 30s), 0.95);
}

} // namespace
