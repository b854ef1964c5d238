#include "tests/app/cli/faultctl.h"

#include <gtest/gtest.h>

#include <filesystem>

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

TEST(Validate, ReplaysAMeasuredVllmRun)
{
    const Faultctl faultctl;
    const std::string folder = faultctl.path("h100-run");
    std::filesystem::create_directories(folder);
    write(folder + "/config.json", R"({"hardware": "H100", "tp_size": 1})");
    write(folder + "/meta.json", R"({"model": "meta-llama/Llama-3.1-8B", "vllm_version": "0.19.0"})");
    write(folder + "/requests.jsonl",
          "{\"input_toks\": 100, \"output_toks\": 11, \"arrival_time\": 5, \"queued_ts\": 7, \"first_token_ts\": 7.02, \"last_token_ts\": 7.1}\n");
    const Outcome told = faultctl.run({"validate", "vllm", folder, "--json"});
    EXPECT_EQ(told.status, 0) << told.err;
    bool found = false;
    const nlohmann::json report = told.json();
    for (const nlohmann::json& row : report["rows"])
        if (row["name"] == "h100-run/tpot_mean") {
            found = true;
            EXPECT_NEAR(row["expected"].get<double>(), 8, 1e-6);
        }
    EXPECT_TRUE(found);
    EXPECT_TRUE(contains(faultctl.run({"validate", "vllm", folder}).out, "h100-run: "));
    EXPECT_EQ(faultctl.run({"validate", "vllm", faultctl.path("none")}).status, 1);
    EXPECT_EQ(faultctl.run({"validate", "vllm"}).status, 2);
}

TEST(BenchServing, TellsTheCostPerRequestBesideThePeers)
{
    const Faultctl faultctl;
    const nlohmann::json report = faultctl.run({"bench", "serving", "--json"}).json();
    EXPECT_EQ(report["suite"], "serving");
    int walls = 0;
    for (const nlohmann::json& row : report["rows"]) {
        if (row["name"] == "wall_seconds" && row["params"]["requests"] == 1000) {
            ++walls;
            EXPECT_LT(row["value"].get<double>(), 0.1); // sim/serving/README.md: under 10 ms when optimised, on an idle machine
        }
        if (row["name"] == "ratio_to_peer") {
            EXPECT_GT(row["value"].get<double>(), 10);
        }
        if (row["name"] == "cost_growth_per_request") {
            EXPECT_LT(row["value"].get<double>(), 2.5);
        }
    }
    EXPECT_EQ(walls, 1);
}

TEST(BenchNccl, RunsWithoutThePeerAndSaysSo)
{
    const Faultctl faultctl;
    const Outcome bench = faultctl.run({"bench", "nccl", "--json"});
    EXPECT_EQ(bench.status, 0) << bench.err;
    EXPECT_TRUE(contains(bench.err, "--peer")) << bench.err;
    bool large = false;
    const nlohmann::json report = bench.json();
    for (const nlohmann::json& row : report["rows"])
        if (row["params"]["network"] == "h100-rails" && row["name"] == "wall_seconds") {
            large = true;
            EXPECT_GT(row["value"].get<double>(), 0);
        }
    EXPECT_TRUE(large);
    EXPECT_EQ(faultctl.run({"bench", "nccl", "--peer", faultctl.path("none")}).status, 1);
}

} // namespace app::cli
