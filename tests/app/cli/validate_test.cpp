#include "tests/app/cli/faultctl.h"

#include <gtest/gtest.h>

namespace app::cli {

TEST(Validate, PrintsExpectedSimulatedAndTheErrorOfEachRow)
{
    const Faultctl faultctl;
    const std::string file = faultctl.path("rows.csv");
    write(file, "System,Nodes,GPUs,Collective,Algorithm,Bytes,busbw (GB/s)\nDGX A100,1,8,all-reduce,auto,1 GiB,228.1\n");
    const Outcome told = faultctl.run({"validate", "nccl", file});
    EXPECT_EQ(told.status, 0) << told.err;
    EXPECT_TRUE(contains(told.out, "expected   simulated     error")) << told.out;
    EXPECT_TRUE(contains(told.out, "228.1")) << told.out;
    const nlohmann::json rows = faultctl.run({"validate", "nccl", file, "--json"}).json()["rows"];
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0]["expected"], 228.1);
    EXPECT_NEAR(rows[0]["error"].get<double>(), rows[0]["simulated"].get<double>() / 228.1 - 1, 1e-9);
    EXPECT_NEAR(rows[0]["error"].get<double>(), 0, 0.1);
}

TEST(Validate, SaysWhereAFileIsWrong)
{
    const Faultctl faultctl;
    const std::string file = faultctl.path("rows.csv");
    write(file, "system,nodes,gpus,collective,algorithm,bytes,busbw\nH100,1,8,all-reduce,auto,16M,230\nH100,1,8,all-reduce,auto,much,1\n");
    const Outcome bad = faultctl.run({"validate", "nccl", file});
    EXPECT_EQ(bad.status, 1);
    EXPECT_EQ(bad.out, "");
    EXPECT_TRUE(contains(bad.err, file + ":3, bytes: ")) << bad.err;
    EXPECT_EQ(faultctl.run({"validate", "nccl", faultctl.path("none.csv")}).status, 1);
    EXPECT_EQ(faultctl.run({"validate", "nccl"}).status, 2);
    EXPECT_EQ(faultctl.run({"validate"}).status, 2);
    EXPECT_EQ(faultctl.run({"validate", "mpi", file}).status, 2);
}

TEST(BenchNccl, RunsWithoutThePeerAndSaysSo)
{
    const Faultctl faultctl;
    const Outcome bench = faultctl.run({"bench", "nccl", "--json"});
    EXPECT_EQ(bench.status, 0) << bench.err;
    EXPECT_TRUE(contains(bench.err, "packaging/astra_sim.sh")) << bench.err;
    bool large = false;
    const nlohmann::json report = bench.json();
    for (const nlohmann::json& row : report["rows"])
        if (row["params"]["network"] == "h100-rails" && row["name"] == "wall_seconds") {
            large = true;
            EXPECT_LT(row["value"].get<double>(), 0.05); // README.md: under a millisecond on an idle machine
        }
    EXPECT_TRUE(large);
    EXPECT_EQ(faultctl.run({"bench", "nccl", "--peer", faultctl.path("none")}).status, 1);
}

} // namespace app::cli
