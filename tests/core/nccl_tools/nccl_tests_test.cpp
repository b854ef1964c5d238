#include "tests/core/commands/command_lab.h"

#include <gtest/gtest.h>

#include <cstdlib>

// nccl-tests in pods: their own words, and figures that follow from what the GPUs, links and adapters are at.
namespace {

bool says(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

/// "# Avg bus bandwidth    : 466.2 "
double busBandwidth(const std::string& text)
{
    const std::size_t at = text.find("# Avg bus bandwidth");
    return at == std::string::npos ? 0 : std::atof(text.c_str() + text.find(':', at) + 1);
}

constexpr const char* kPod
    = "cat > pod.yaml <<END\n{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"nccl-a\", \"namespace\": \"ml\"}, \"spec\": "
      "{\"tolerations\": [{\"operator\": \"Exists\"}], \"containers\": [{\"name\": \"nccl\", \"image\": \"registry.lab:5000/ml/megatron:25.06\", "
      "\"command\": [\"sleep\", \"infinity\"], \"resources\": {\"limits\": {\"nvidia.com/gpu\": \"8\"}}}]}}\nEND";

/// Two pods with eight idle GPUs each.
struct NcclTests : testing::Test {
    static sim::World& idleWorld()
    {
        static const std::unique_ptr<sim::World> kWorld = [] {
            test::CommandLab lab;
            lab.run(kPod);
            lab.run("kubectl apply -f pod.yaml; sed s/nccl-a/nccl-b/ pod.yaml | kubectl apply -f -");
            lab.advance(std::chrono::minutes(5));
            return std::make_unique<sim::World>(lab.world);
        }();
        return *kWorld;
    }
    void SetUp() override { lab.world = idleWorld(); }
    std::string in(const std::string& pod, const std::string& command) { return lab.run("kubectl -n ml exec " + pod + " -- " + command); }
    std::string both()
    {
        std::string text = lab.run("kubectl -n ml get pod nccl-a -o jsonpath={.status.podIP}");
        return text + ":8," + lab.run("kubectl -n ml get pod nccl-b -o jsonpath={.status.podIP}") + ":8";
    }

    test::CommandLab lab;
};

TEST_F(NcclTests, PrintTheirTable)
{
    const std::string text = in("nccl-a", "all_reduce_perf -b 1M -e 8G -f 8 -g 8");
    EXPECT_TRUE(says(
        text,
        "# nThread 1 nGpus 8 minBytes 1048576 maxBytes 8589934592 step: 8(factor) warmup iters: 1 iters: 20 agg iters: 1 validation: 1 graph: 0\n"))
        << text;
    EXPECT_TRUE(says(text, "on     nccl-a device  7 [0000:df:00] NVIDIA H100 80GB HBM3\n")) << text;
    EXPECT_TRUE(says(text, "# Out of bounds values : 0 OK\n"));
    EXPECT_FALSE(says(text, "NCCL INFO"));
    EXPECT_EQ(lab.status(), 0);
    // An eight-GPU NVSwitch board: 480 GB/s, the ring 370 (nccl-tests issue 212).
    EXPECT_NEAR(busBandwidth(in("nccl-a", "all_reduce_perf -b 8G -e 8G -g 8")), 470, 15);
    EXPECT_NEAR(busBandwidth(in("nccl-a", "env NCCL_ALGO=Ring all_reduce_perf -b 8G -e 8G -g 8")), 364, 10);
    EXPECT_NEAR(busBandwidth(in("nccl-a", "env NCCL_P2P_DISABLE=1 all_reduce_perf -b 1G -e 1G -g 8")), 10, 12);
}

TEST_F(NcclTests, RunOverSeveralPods)
{
    const std::string verbs = in("nccl-a", "mpirun -np 16 -H " + both() + " all_reduce_perf -b 1G -e 1G -g 1");
    EXPECT_TRUE(says(verbs, "#  Rank 15 Group  0 Pid")) << verbs;
    const std::string sockets = in("nccl-a",
                                   "mpirun -np 16 -H " + both() + " -x NCCL_IB_DISABLE=1 -x NCCL_DEBUG=INFO all_reduce_perf -b 1G -e 1G -g 1");
    EXPECT_TRUE(says(sockets, "NCCL INFO Using network Socket"));
    EXPECT_GT(busBandwidth(verbs), 20 * busBandwidth(sockets));
    EXPECT_GT(busBandwidth(sockets), 1);
    const std::string none = in("nccl-a", "mpirun -np 2 -H nowhere:2 all_reduce_perf -g 1");
    EXPECT_TRUE(says(none, "ssh: Could not resolve hostname nowhere: Name or service not known\n")) << none;
    EXPECT_TRUE(says(in("nccl-a", "mpirun -np 32 -H " + both() + " all_reduce_perf"),
                     "There are not enough slots available in the system to satisfy the 32\n"));
    const std::string names = in("nccl-a", "mpirun -np 2 -N 1 -H " + both() + " hostname");
    EXPECT_EQ(names, "nccl-a\nnccl-b\n");
}

TEST_F(NcclTests, FeelWhatIsWrongWithTheMachines)
{
    const std::string sound = in("nccl-a", "all_reduce_perf -b 1G -e 1G -g 8");
    const std::string together = in("nccl-a", "mpirun -np 16 -H " + both() + " all_reduce_perf -b 1G -e 1G -g 1");
    std::string machine;
    for (const sim::gpu::Gpu& gpu : lab.world.gpus().all())
        if (const auto* owner = lab.world.runtimes().find(gpu.owner); owner != nullptr && owner->podName == "nccl-a")
            machine = lab.world.hosts().at(gpu.host).name;
    const auto removed = lab.run("ssh root@" + machine + " 'rmmod nvidia_peermem'");
    lab.advance(std::chrono::seconds(3));
    EXPECT_LT(busBandwidth(in("nccl-a", "mpirun -np 16 -H " + both() + " all_reduce_perf -b 1G -e 1G -g 1")), 0.8 * busBandwidth(together))
        << removed;
    EXPECT_GT(busBandwidth(in("nccl-a", "all_reduce_perf -b 1G -e 1G -g 8")), 0.97 * busBandwidth(sound)) << "within a machine no adapter is used";
}

TEST_F(NcclTests, ShareGpusWithTheJobThatHoldsThem)
{
    const double alone = busBandwidth(in("nccl-a", "all_reduce_perf -b 1G -e 1G -g 8"));
    EXPECT_LT(busBandwidth(in("llama-7b-worker-0", "all_reduce_perf -b 1G -e 1G -g 8")), 0.6 * alone);
    const std::string full = in("llama-7b-worker-0", "all_reduce_perf -b 16G -e 16G -g 8");
    EXPECT_TRUE(says(full,
                     "llama-7b-worker-0: Test NCCL failure common.cu:805 'unhandled cuda error (run with NCCL_DEBUG=INFO for details) / Cuda failure "
                     "2 'out of memory''\n"))
        << full;
    EXPECT_EQ(lab.status(), 3);
}

TEST_F(NcclTests, FailInTheirOwnWords)
{
    EXPECT_TRUE(says(in("nccl-a", "all_reduce_perf -g 9"), "Invalid number of GPUs: 9 requested but only 8 were found.\n"));
    EXPECT_EQ(lab.status(), 5);
    EXPECT_TRUE(says(in("nccl-a", "env NCCL_ALGO=Foo all_reduce_perf -g 8"),
                     "Test NCCL failure common.cu:1279 'invalid usage (run with NCCL_DEBUG=WARN for details) / Unrecognized element token \"Foo\" "
                     "when parsing \"Foo\"'"));
    EXPECT_EQ(lab.status(), 3);
    EXPECT_TRUE(says(in("nccl-a", "env NCCL_SOCKET_IFNAME=bond0 all_reduce_perf -g 8"), "Bootstrap : no socket interface found"));
    EXPECT_TRUE(says(lab.run("all_reduce_perf"), "command not found"));
    EXPECT_TRUE(says(in("nccl-a", "env NCCL_TESTS_MIN_BW=900 all_reduce_perf -g 8"), "FAILED"));
}

} // namespace
