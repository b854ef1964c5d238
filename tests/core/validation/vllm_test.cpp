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

TEST(VllmRun, BelievesNoFigure)
{
    const std::string request = oneLine(kRequest);
    const auto errorOf = [&](const std::string& meta, const std::string& row, const std::string& series) {
        const auto run = readVllmRun("run", {kConfig, meta, row, series});
        if (!run)
            return run.error().text();
        const auto comparison = simulate(*run);
        return comparison ? std::string("none") : comparison.error().text();
    };
    const auto withMeta = [&](const std::string& member) {
        return errorOf(R"({"model": "Llama-3.1-8B", "vllm_version": "0.19.0", )" + member + "}", request, "");
    };
    EXPECT_EQ(withMeta(R"("max_num_seqs": 128)"), "none");
    EXPECT_EQ(withMeta(R"("tensor_parallel_size": 0)"),
              "run/meta.json, tensor_parallel_size: \"0\" is no count; write a whole number from 1 to 256");
    EXPECT_EQ(withMeta(R"("block_size": 0)"), "run/meta.json, block_size: \"0\" is no count; write a whole number from 1 to 1024");
    EXPECT_EQ(withMeta(R"("max_num_seqs": 0)"), "run/meta.json, max_num_seqs: \"0\" is no count; write a whole number from 1 to 65536");
    EXPECT_EQ(withMeta(R"("max_num_batched_tokens": 2.5)"),
              "run/meta.json, max_num_batched_tokens: \"2.5\" is no count; write a whole number from 1 to 1048576");
    EXPECT_EQ(withMeta(R"("max_model_len": 4294967297)"),
              "run/meta.json, max_model_len: \"4294967297\" is no count; write a whole number from 1 to 10000000");
    EXPECT_EQ(withMeta(R"("num_gpu_blocks": 1)"), "run/meta.json, num_gpu_blocks: \"1\" is no count; write a whole number from 2 to 4000000");
    EXPECT_EQ(withMeta(R"("gpu_memory_utilization": 1.5)"),
              "run/meta.json, gpu_memory_utilization: \"1.5\" is no share; write a number above 0, at most 1");
    EXPECT_EQ(withMeta(R"("enforce_eager": "no")"), "run/meta.json, enforce_eager: is neither true nor false; write one of them without quotes");
    EXPECT_NE(withMeta(R"("gpu_memory_utilization": 0.1)").find("run/meta.json: the server would not start ("), std::string::npos);
    EXPECT_NE(withMeta(R"("num_gpu_blocks": 64)").find("To serve at least one request with the model's max seq len (131072)"), std::string::npos);
    EXPECT_EQ(withMeta(R"("max_model_len": 100)"), "run/requests.jsonl:1: 111 tokens are more than max_model_len, 100; correct one of them");
    EXPECT_EQ(withMeta("\"deep\": " + std::string(20000, '[') + R"({"max_num_seqs": 0})" + std::string(20000, ']')), "none");

    const auto withRow = [&](const std::string& from, const std::string& to) {
        std::string row = request;
        row.replace(row.find(from), from.size(), to);
        return errorOf(kMeta, request + "\n\n  \r\n" + row, "");
    };
    EXPECT_EQ(withRow("\"input_toks\": 100", "\"input_toks\": 100"), "none");
    EXPECT_EQ(withRow("\"input_toks\": 100", "\"input_toks\": -5"),
              "run/requests.jsonl:4, input_toks: \"-5\" is no count; write a whole number from 1 to 10000000");
    EXPECT_EQ(withRow("\"output_toks\": 11", "\"output_toks\": 0"),
              "run/requests.jsonl:4, output_toks: \"0\" is no count; write a whole number from 1 to 10000000");
    EXPECT_EQ(withRow("7.62", "7.4"),
              "run/requests.jsonl:4: its instants run backwards; queued_ts, first_token_ts and last_token_ts come in this order, by one clock");
    EXPECT_EQ(withRow("1000.5", "1e300"),
              "run/requests.jsonl:4: lies more than a week from the first request; write instants in seconds, each column by one clock");

    EXPECT_EQ(errorOf(kMeta, request, "t,running,waiting\r\n1,2,3\r\n\r\n2,4,\r\n"),
              "run/timeseries.csv:4, waiting: is missing or no number; write one from 0 to a million");
    EXPECT_EQ(errorOf(kMeta, request, "t,running\n1,2\n"),
              "run/timeseries.csv:1, waiting: is missing; the first line names the columns t, running and waiting");
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
