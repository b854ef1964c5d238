#include "tests/app/cli/faultctl.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

namespace app::cli {

namespace {

/// Some requests, two a second, of which every second one begins like its neighbours.
std::string trace(const Faultctl& faultctl, const char* name, int requests)
{
    std::ofstream file(faultctl.path(name));
    file << "arrival_time,input_toks,output_toks,prefix,prefix_tokens\n";
    for (int i = 0; i < requests; ++i)
        file << fmt::format("{:.1f},{},{},{},{}\n", i * 0.5, 400 + i % 7 * 100, 20 + i % 5 * 40, i % 2 == 0 ? "tools" : "", i % 2 == 0 ? 256 : 0);
    return faultctl.path(name);
}

TEST(Trace, ReplaysRequestsOfOnesOwn)
{
    const Faultctl faultctl;
    const std::string file = trace(faultctl, "mine.csv", 120);
    const Outcome text = faultctl.run({"trace", file});
    EXPECT_EQ(text.status, 0) << text.err;
    EXPECT_TRUE(contains(text.out, "Successful requests:                     120")) << text.out;
    const nlohmann::json fast = faultctl.run({"--json", "trace", file}).json();
    ASSERT_EQ(fast["requests"].size(), 120U);
    EXPECT_GT(fast["prefix_hit_rate"].get<double>(), 0.1);
    const nlohmann::json slow = faultctl.run({"--json", "trace", file, "--gpu", "RTX4090", "--server", "vllm serve meta-llama/Llama-3.1-8B-Instruct --max-model-len=4096 --max-num-seqs=1"}).json();
    ASSERT_EQ(slow["requests"].size(), 120U);
    const auto latency = [](const nlohmann::json& report) {
        double sum = 0;
        for (const nlohmann::json& one : report["requests"])
            sum += one["latency"].get<double>();
        return sum / 120;
    };
    EXPECT_GT(latency(slow), 5 * latency(fast)) << "one after the other, on a slower board";
}

TEST(Trace, SkipsWhatIsQuiet)
{
    const Faultctl faultctl;
    std::ofstream(faultctl.path("gap.csv")) << "arrival_time,input_toks,output_toks\n0,100,20\n3900000000,100,20\n";
    const Outcome text = faultctl.run({"trace", faultctl.path("gap.csv")});
    EXPECT_EQ(text.status, 0) << text.err;
    EXPECT_TRUE(contains(text.out, "3900000001")) << text.out;
}

TEST(Trace, SaysWhatIsWrongAndWhere)
{
    const Faultctl faultctl;
    const std::string file = trace(faultctl, "mine.csv", 3);
    std::ofstream(faultctl.path("bad.csv")) << "arrival_time,input_toks,output_toks\n1,2\n";
    const auto says = [&](std::vector<std::string> words, const std::string& what) {
        const Outcome outcome = faultctl.run(std::move(words));
        EXPECT_EQ(outcome.status, 1);
        EXPECT_TRUE(contains(outcome.err, what)) << outcome.err;
    };
    says({"trace", faultctl.path("none.csv")}, "none.csv: cannot be opened");
    says({"trace", faultctl.path("bad.csv")}, "bad.csv:2: needs tokens of the answer");
    says({"trace", file, "--gpu", "H99"}, "known are A100-80");
    says({"trace", file, "--server", "ls"}, "starts no model server");
    says({"trace", file, "--server", "vllm serve meta-llama/Llama-3.3-70B-Instruct"}, "CUDA out of memory");
}

} // namespace

} // namespace app::cli
