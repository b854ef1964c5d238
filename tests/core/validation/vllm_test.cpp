#include "core/validation/vllm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace core::validation {

namespace {

constexpr const char* kConfig = R"({"nodes": [{"instances": [{"model_name": "meta-llama/Llama-3.1-8B", "hardware": "H100",
    "npu_mem": {"mem_util": 0.9}, "tp_size": 1}]}]})";
constexpr const char* kMeta = R"({"model": "meta-llama/Llama-3.1-8B", "vllm_version": "0.19.0", "engine_kwargs": {"tensor_parallel_size": 1,
    "max_num_seqs": 64, "max_num_batched_tokens": 4096, "max_model_len": null, "kv_cache_dtype": "auto"}})";
constexpr const char* kRequest = R"({"input_toks": 100, "output_toks": 11, "arrival_time": 1000.5, "queued_ts": 7.5, "scheduled_ts": 7.5,
    "first_token_ts": 7.52, "last_token_ts": 7.62})";

std::string oneLine(std::string text)
{
    std::erase(text, '\n');
    return text;
}

std::string fileAt(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

} // namespace

TEST(VllmRun, IsReadFromItsFiles)
{
    const auto run = readVllmRun("h100", {kConfig, kMeta, oneLine(kRequest), "t,a,b,running,waiting,kv\n1.0,5.0,6.0,3,2,0.0\n"});
    ASSERT_TRUE(run) << run.error().text();
    EXPECT_EQ(run->settings.deployment.device.name, "H100");
    EXPECT_EQ(run->settings.maxNumSeqs, 64u);
    EXPECT_EQ(run->settings.maxNumBatchedTokens, 4096u);
    EXPECT_EQ(run->settings.maxModelLen, 131072u);
    EXPECT_EQ(run->settings.memoryUtilization, 0.9);
    EXPECT_TRUE(run->settings.asyncScheduling);
    ASSERT_EQ(run->requests.size(), 1u);
    EXPECT_NEAR(run->requests[0].firstToken, 0.02, 1e-9);
    ASSERT_EQ(run->seconds.size(), 1u);
    EXPECT_EQ(run->seconds[0].waiting, 2);
    const auto comparison = simulate(*run);
    ASSERT_TRUE(comparison);
    std::map<std::string, Figure> figures;
    for (const Figure& one : comparison->figures)
        figures[one.name] = one;
    EXPECT_NEAR(figures["h100/tpot_mean"].expected, 10, 1e-6);
    EXPECT_NEAR(figures["h100/ttft_mean"].expected, 20, 1e-6);
    EXPECT_GT(figures["h100/tpot_mean"].simulated, 5);
    EXPECT_LT(figures["h100/tpot_mean"].simulated, 10);
}

TEST(VllmRun, SaysWhatIsWrongWithAFile)
{
    const auto errorOf = [](const VllmFiles& files) {
        const auto run = readVllmRun("run", files);
        return run ? std::string("none") : run.error().text();
    };
    EXPECT_EQ(errorOf({"{", kMeta, "", ""}), "run/config.json: is no JSON");
    EXPECT_EQ(errorOf({kConfig, kMeta, "", ""}), "run/requests.jsonl: holds no requests");
    EXPECT_EQ(errorOf({kConfig, kMeta, "{\"input_toks\": 3}\n", ""}), "run/requests.jsonl:1: \"output_toks\" is missing or no number");
    EXPECT_NE(errorOf({R"({"hardware": "Abacus"})", kMeta, "", ""}).find("the hardware \"Abacus\" is unknown"), std::string::npos);
    EXPECT_NE(errorOf({kConfig, R"({"model": "gpt-9"})", "", ""}).find("the model \"gpt-9\" is unknown"), std::string::npos);
}

/// Mean time per output token within 3 %, mean time to the first token and latency within 6 %.
TEST(MeasuredVllmRuns, AreMet)
{
    std::vector<std::filesystem::path> folders;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(FAULTLINE_VLLM_RUNS, none))
        if (entry.is_directory())
            folders.push_back(entry.path());
    if (folders.empty()) {
        ASSERT_EQ(std::getenv("CI"), nullptr) << "no measured runs in " FAULTLINE_VLLM_RUNS;
        GTEST_SKIP() << "no measured runs in " FAULTLINE_VLLM_RUNS;
    }
    const std::pair<const char*, double> bounds[] = {{"/tpot_mean", 0.03}, {"/ttft_mean", 0.06}, {"/latency_mean", 0.06}};
    for (const auto& folder : folders) {
        const auto run = readVllmRun(folder.filename().string(), {fileAt(folder / "config.json"), fileAt(folder / "meta.json"),
                                                                   fileAt(folder / "requests.jsonl"), fileAt(folder / "timeseries.csv")});
        ASSERT_TRUE(run) << run.error().text();
        const auto comparison = simulate(*run);
        ASSERT_TRUE(comparison) << comparison.error().text();
        int compared = 0;
        for (const Figure& figure : comparison->figures)
            for (const auto& [name, bound] : bounds)
                if (figure.name.ends_with(name)) {
                    ++compared;
                    EXPECT_LE(std::abs(figure.error()), bound) << figure.name << " " << figure.expected << " " << figure.simulated;
                }
        EXPECT_EQ(compared, 3);
    }
}

} // namespace core::validation
