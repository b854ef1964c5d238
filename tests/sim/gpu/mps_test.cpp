#include "tests/sim/gpu/gpu_lab.h"

#include <gtest/gtest.h>

namespace sim::gpu {

namespace {

struct Mps : testing::Test {
    GpuLab lab;
    net::Network network;
    const HostId host{0U};

    std::int64_t process(const char* name)
    {
        host::Process process;
        process.name = process.command.emplace_back(name);
        return lab.hosts.spawn(lab.engine, host, process);
    }
    Gpus::Admission start(std::int64_t pid, std::vector<GpuId> gpus, double percentage = 100, std::int64_t uid = 0, std::int64_t bytes = 1LL << 30)
    {
        return lab.gpus.admit(lab.engine, lab.hosts, network,
                              {.host = host, .pid = pid, .name = "work", .user = uid == 0 ? "root" : "ann", .uid = uid, .gpus = std::move(gpus), .memoryBytes = bytes,
                               .activity = GpuLab::kProduct, .threadPercentage = percentage});
    }
    void control() { lab.gpus.startMps(lab.engine, lab.hosts, host, process("nvidia-cuda-mps-control")); }
    void refresh()
    {
        for (const Gpu& gpu : lab.gpus.all())
            lab.gpus.at(gpu.id).processes.clear();
        lab.gpus.addHostPrograms();
    }
    std::string log(const char* path) const { return lab.hosts.read(host, path, lab.engine.now())->content; }
};

TEST_F(Mps, ExclusiveDevicesTakeOneProgramOrOneServersClients)
{
    lab.gpu(0).settings.computeMode = "Exclusive_Process";
    const std::int64_t first = process("first"), second = process("second");
    EXPECT_EQ(start(first, {GpuId(0U)}), Gpus::Admission::Admitted);
    EXPECT_EQ(start(second, {GpuId(0U)}), Gpus::Admission::Busy);
    EXPECT_EQ(start(second, {GpuId(1U)}), Gpus::Admission::Admitted);
    lab.gpus.onExit(lab.engine, lab.hosts, host, first);
    lab.gpus.onExit(lab.engine, lab.hosts, host, second);
    control();
    EXPECT_EQ(start(first, {GpuId(0U)}), Gpus::Admission::Admitted);
    EXPECT_EQ(start(second, {GpuId(0U)}), Gpus::Admission::Admitted);
    refresh();
    ASSERT_EQ(lab.gpu(0).processes.size(), 3u);
    EXPECT_TRUE(lab.gpu(0).processes[0].mpsClient);
    EXPECT_EQ(lab.gpu(0).processes[2].name, "nvidia-cuda-mps-server");
    EXPECT_FALSE(lab.gpu(0).processes[2].mpsClient);
    EXPECT_EQ(lab.gpu(7).processes.size(), 1u) << "the server has a context on every device";
    lab.gpu(1).settings.computeMode = "Prohibited";
    EXPECT_EQ(start(process("third"), {GpuId(1U)}), Gpus::Admission::Busy);
}

TEST_F(Mps, AServerIsOneUsers)
{
    control();
    EXPECT_EQ(start(process("roots"), {GpuId(0U)}), Gpus::Admission::Admitted);
    EXPECT_EQ(start(process("anns"), {GpuId(0U)}, 100, 1000), Gpus::Admission::Busy);
    EXPECT_NE(log(mps_files::kControlLog).find("from user 1000: Server is not ready, push client to pending list"), std::string::npos);
}

TEST_F(Mps, AnIdleServerMakesRoomForAnotherUsers)
{
    control();
    const std::int64_t roots = process("roots"), anns = process("anns");
    EXPECT_EQ(start(roots, {GpuId(0U)}), Gpus::Admission::Admitted);
    const std::int64_t first = lab.node().mps.server->pid;
    lab.node().mps.server->limits.memoryBytes[1] = 1LL << 29; // its own clients'
    EXPECT_EQ(start(anns, {GpuId(1U)}, 100, 1000), Gpus::Admission::Busy);
    lab.gpus.onExit(lab.engine, lab.hosts, host, roots);
    EXPECT_EQ(start(anns, {GpuId(1U)}, 100, 1000), Gpus::Admission::Admitted);
    ASSERT_TRUE(lab.node().mps.server);
    EXPECT_EQ(lab.node().mps.server->uid, 1000);
    EXPECT_NE(lab.node().mps.server->pid, first);
    EXPECT_FALSE(lab.hosts.at(host).processes.contains(first));
    EXPECT_NE(log(mps_files::kControlLog).find("Server " + std::to_string(first) + " exited with status 0"), std::string::npos);
    EXPECT_TRUE(lab.gpus.onExit(lab.engine, lab.hosts, host, first).empty()) << "what its end changes is done";
    ASSERT_EQ(lab.gpus.mpsClients(host).size(), 1u);
    EXPECT_EQ(lab.gpus.mpsClients(host).front()->pid, anns);
    refresh();
    EXPECT_EQ(lab.gpu(7).processes.size(), 1u) << "one server's context";
}

TEST_F(Mps, ClientsGetTheirShareOfTheMultiprocessors)
{
    control();
    const std::int64_t pid = process("work");
    EXPECT_EQ(start(pid, {GpuId(0U)}, 25), Gpus::Admission::Admitted);
    refresh();
    EXPECT_DOUBLE_EQ(lab.gpu(0).processes[0].activity.sm, 0.25);
    lab.run(5s);
    const double quarter = lab.gpu(0).now.powerW;
    lab.node().mps.server->limits.threadPercentage = 10; // of clients to come
    refresh();
    EXPECT_DOUBLE_EQ(lab.gpu(0).processes[0].activity.sm, 0.25);
    lab.gpus.onExit(lab.engine, lab.hosts, host, pid);
    const std::int64_t again = process("again");
    EXPECT_EQ(start(again, {GpuId(0U)}), Gpus::Admission::Admitted);
    ASSERT_NE(lab.gpus.hostProgram(host, again), nullptr);
    EXPECT_DOUBLE_EQ(lab.gpus.hostProgram(host, again)->threadPercentage, 10);
    lab.run(5s);
    EXPECT_LT(lab.gpu(0).now.powerW, quarter);
    EXPECT_GT(lab.gpu(0).now.powerW, 100);
}

TEST_F(Mps, MemoryLimitsHold)
{
    control();
    lab.node().mps.limits.memoryBytes[0] = 2LL << 30;
    EXPECT_EQ(start(process("large"), {GpuId(0U)}, 100, 0, 3LL << 30), Gpus::Admission::OutOfMemory);
    EXPECT_EQ(start(process("small"), {GpuId(0U)}, 100, 0, 2LL << 30), Gpus::Admission::Admitted);
    EXPECT_EQ(start(process("beside"), {GpuId(1U)}, 100, 0, 100LL << 30), Gpus::Admission::OutOfMemory);
}

TEST_F(Mps, AnErrorEndsAllClientsOfTheDevice)
{
    const std::int64_t alone = process("alone"), neighbour = process("neighbour");
    start(alone, {GpuId(2U)});
    start(neighbour, {GpuId(2U)});
    lab.gpus.spoilMemory(lab.engine, lab.hosts, GpuId(2U));
    const std::vector<Lost> contained = lab.gpus.takeLost();
    ASSERT_EQ(contained.size(), 1u);
    EXPECT_EQ(lab.gpus.endedBy(lab.engine, lab.hosts, contained[0]), std::vector{alone}) << "without MPS it stays with the program that met it";
    control();
    const std::int64_t first = process("first"), second = process("second"), elsewhere = process("elsewhere");
    start(first, {GpuId(0U)});
    start(second, {GpuId(0U), GpuId(1U)});
    start(elsewhere, {GpuId(1U)});
    lab.gpus.spoilMemory(lab.engine, lab.hosts, GpuId(0U));
    const std::vector<Lost> lost = lab.gpus.takeLost();
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_EQ(lab.gpus.endedBy(lab.engine, lab.hosts, lost[0]), (std::vector{first, second}));
    EXPECT_NE(log(mps_files::kServerLog).find("Volta MPS: Server is handling a fatal GPU error."), std::string::npos);
}

TEST_F(Mps, TheServersEndIsItsClientsEnd)
{
    control();
    const std::int64_t client = process("work");
    start(client, {GpuId(0U)});
    const std::int64_t server = lab.node().mps.server->pid;
    EXPECT_EQ(lab.gpus.onExit(lab.engine, lab.hosts, host, lab.node().mps.pid), std::vector{server});
    EXPECT_EQ(lab.gpus.onExit(lab.engine, lab.hosts, host, server), std::vector{client});
    EXPECT_TRUE(lab.gpus.onExit(lab.engine, lab.hosts, host, client).empty());
    EXPECT_EQ(lab.gpus.hostProgram(host, client), nullptr);
    refresh();
    for (const Gpu& gpu : lab.gpus.all())
        EXPECT_TRUE(gpu.processes.empty());
    EXPECT_FALSE(lab.node().mps.running());
    EXPECT_FALSE(lab.node().mps.server);
}

TEST(Settings, GoWithAResetAndWithTheLastProgram)
{
    GpuLab lab;
    lab.gpu(0).settings.lockedMHz = lab.gpu(1).settings.lockedMHz = 900;
    lab.gpu(0).settings.powerLimitW = lab.gpu(1).settings.powerLimitW = 400;
    lab.gpu(0).settings.computeMode = "Exclusive_Process";
    lab.run(5s);
    EXPECT_EQ(lab.gpu(0).settings.lockedMHz, 900) << "persistence keeps them";
    EXPECT_EQ(lab.gpus.reset(lab.engine, lab.hosts, GpuId(0U)), Gpus::ResetResult::Done);
    EXPECT_EQ(lab.gpu(0).settings.lockedMHz, 0);
    EXPECT_EQ(lab.gpu(0).settings.powerLimitW, 700);
    EXPECT_EQ(lab.gpu(0).settings.computeMode, "Exclusive_Process");
    lab.gpu(1).settings.persistence = false;
    lab.work(GpuId(1U), {});
    lab.run(5s);
    EXPECT_EQ(lab.gpu(1).settings.lockedMHz, 900);
    lab.gpu(1).processes.clear();
    lab.run(2s);
    EXPECT_EQ(lab.gpu(1).settings.lockedMHz, 0);
    EXPECT_EQ(lab.gpu(1).settings.powerLimitW, 700);
}

TEST(Links, LogWhatTheyLose)
{
    GpuLab lab;
    lab.gpus.loseLinks(lab.engine, lab.hosts, GpuId(3U), {1, 2});
    EXPECT_EQ(lab.gpu(3).activeLinks(), 16);
    EXPECT_TRUE(lab.logged("74, pid='<unknown>', name=<unknown>, NVLink: fatal error detected on link 2(0x10000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0)"));
    EXPECT_EQ(lab.gpu(3).lastXid, 74);
    EXPECT_FALSE(lab.gpu(3).healthy);
}

} // namespace

} // namespace sim::gpu
