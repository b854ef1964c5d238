#include "tests/core/commands/command_lab.h"

#include <gtest/gtest.h>

// A rank that does not come, as ncclras and the flight recorder's dumps show it.
namespace {

bool shows(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

const sim::training::Run& runOf(const sim::World& world)
{
    return *world.training().all().begin()->second.run;
}

TEST(NcclRas, ShowsTheJobAndWhoIsSilent)
{
    test::CommandLab lab{"bastion", "ops"};
    const std::string sound = lab.run("kubectl -n ml exec llama-7b-worker-1 -- ncclras");
    EXPECT_TRUE(shows(sound, "NCCL version 2.28.9 compiled with CUDA 13.0\n")) << sound;
    EXPECT_TRUE(shows(sound, "      4          8            1         32       32\n")) << sound;
    EXPECT_TRUE(shows(sound, "    0         1         4         8        32        32   RUNNING      OK\n")) << sound;
    const sim::training::Member& member = runOf(lab.world).members[2];
    const auto pid = member.processes[5];
    ASSERT_TRUE(lab.world.apply(sim::Command{sim::command::Signal{member.worker.host, pid, 19, true}}).ok);
    lab.advance(std::chrono::seconds(5));
    const std::string silent = lab.run("kubectl -n ml exec llama-7b-worker-0 -- ncclras");
    EXPECT_TRUE(shows(silent, "    0         1         4       7-8        32        32   RUNNING  INCOMPLETE\n")) << silent;
    EXPECT_TRUE(shows(silent, "INCOMPLETE\n  Missing communicator data from 1 job process\n  Process " + std::to_string(pid) + " on node ")) << silent;
    EXPECT_TRUE(shows(silent, "  Rank 21 -- GPU 5 managed by process " + std::to_string(pid))) << silent;
    lab.advance(std::chrono::seconds(70));
    EXPECT_TRUE(shows(lab.run("kubectl -n ml exec llama-7b-worker-0 -- ncclras"),
                     "DEAD\n  1 job process is considered dead (unreachable via the RAS network)\n"));
    EXPECT_TRUE(shows(lab.run("kubectl -n ml exec llama-7b-worker-0 -- ncclras -p 1"), "Connecting to 127.0.0.1:1: Connection refused\n"));
}

TEST(TorchFrTrace, ReadsTheDumpsOfAllRanks)
{
    test::CommandLab lab{"bastion", "ops"};
    lab.run("for t in Master Worker; do kubectl -n ml patch pytorchjob llama-7b --type=json -p "
            "'[{\"op\":\"add\",\"path\":\"/spec/pytorchReplicaSpecs/'$t'/template/spec/containers/0/env/"
            "-\",\"value\":{\"name\":\"TORCH_NCCL_TRACE_BUFFER_SIZE\",\"value\":\"2000\"}},"
            "{\"op\":\"add\",\"path\":\"/spec/pytorchReplicaSpecs/'$t'/template/spec/containers/0/env/"
            "-\",\"value\":{\"name\":\"TORCH_NCCL_DEBUG_INFO_TEMP_FILE\",\"value\":"
            "\"/checkpoints/fr/nccl_trace_rank_\"}}]'; done");
    lab.run("kubectl -n ml delete pod llama-7b-master-0 llama-7b-worker-0 llama-7b-worker-1 llama-7b-worker-2");
    lab.advance(std::chrono::minutes(5));
    ASSERT_FALSE(lab.world.training().all().empty());
    ASSERT_TRUE(lab.world.training().all().begin()->second.run);
    ASSERT_EQ(runOf(lab.world).phase, sim::training::RunPhase::Training);
    const std::string none = lab.run("kubectl -n ml exec llama-7b-master-0 -- torchfrtrace /checkpoints/fr 2>&1");
    EXPECT_TRUE(shows(none, "AssertionError: folder /checkpoints/fr does not exist")) << none;
    const auto injected = lab.world.apply(sim::Command{sim::command::InjectFault{"training-hang", {{"cause", "gpu-hung"}}}});
    ASSERT_TRUE(injected.ok) << injected.error;
    lab.advance(std::chrono::minutes(14));
    const std::string listed = lab.run("kubectl -n ml exec llama-7b-worker-2 -- ls /checkpoints/fr");
    EXPECT_TRUE(shows(listed, "nccl_trace_rank_31")) << listed;
    const std::string report = lab.run("kubectl -n ml exec llama-7b-master-0 -- torchfrtrace --prefix nccl_trace_rank_ /checkpoints/fr 2>&1");
    EXPECT_TRUE(shows(report, " has errors\ninternal record id: ")) << report;
    EXPECT_TRUE(shows(report, "Error type: COLLECTIVE_STATE_MISMATCH, Expected state: '")) << report;
    EXPECT_TRUE(shows(report, "collective: nccl:_reduce_scatter_base\n")) << report;
}

} // namespace
