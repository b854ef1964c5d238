#include "tests/sim/serving/openai/served_model.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sim::serving::openai {

namespace {

void askSome(ServedModel& server)
{
    for (int i = 0; i < 8; ++i)
        server.whole("/v1/chat/completions",
                     Json{{"messages", Json::array({{{"role", "user"}, {"content", "Question " + std::to_string(i % 5)}}})}, {"max_tokens", 40}}.dump());
}

bool has(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

} // namespace

TEST(MetricsPage, IsWhatPrometheusClientWrites)
{
    ServedModel server;
    askSome(server);
    const Page page = server.get("/metrics");
    EXPECT_EQ(page.contentType, "text/plain; version=0.0.4; charset=utf-8");
    const std::string& text = page.body;
    const std::string labels = R"({engine="0",model_name="meta-llama/Llama-3.1-8B-Instruct"})";
    EXPECT_TRUE(has(text, "# HELP vllm:num_requests_running Number of requests in model execution batches."));
    EXPECT_TRUE(has(text, "# TYPE vllm:num_requests_running gauge"));
    EXPECT_TRUE(has(text, "vllm:num_requests_running" + labels + " 0.0"));
    EXPECT_TRUE(has(text, "# TYPE vllm:generation_tokens_total counter"));
    EXPECT_TRUE(has(text, "vllm:generation_tokens_total" + labels + " 320.0"));
    EXPECT_TRUE(has(text, "vllm:generation_tokens_created" + labels + " 1.79e+09"));
    EXPECT_TRUE(has(text, R"(vllm:request_success_total{engine="0",model_name="meta-llama/Llama-3.1-8B-Instruct",finished_reason="length"} 8.0)"));
    EXPECT_TRUE(has(text, R"(vllm:e2e_request_latency_seconds_bucket{engine="0",model_name="meta-llama/Llama-3.1-8B-Instruct",le="+Inf"} 8.0)"));
    EXPECT_TRUE(has(text, "vllm:e2e_request_latency_seconds_count" + labels + " 8.0"));
    EXPECT_TRUE(has(text, "# TYPE vllm:inter_token_latency_seconds histogram"));
    EXPECT_NE(text.find("vllm:cache_config_info{block_size=\"16\",cache_dtype=\"auto\""), std::string::npos);
    EXPECT_TRUE(has(text, "process_start_time_seconds 1.79e+09"));
    EXPECT_TRUE(has(text, R"(http_requests_total{handler="/v1/chat/completions",method="POST",status="2xx"} 4.0)"));
    server.arguments().logStats = false;
    EXPECT_EQ(server.get("/metrics").body.find("vllm:"), std::string::npos);

    ServedModel old("vllm serve meta-llama/Llama-3.1-8B-Instruct", "0.9.1");
    const std::string before = old.get("/metrics").body;
    EXPECT_NE(before.find("vllm:gpu_cache_usage_perc"), std::string::npos);
    EXPECT_NE(before.find("# TYPE vllm:time_per_output_token_seconds histogram"), std::string::npos);
    EXPECT_EQ(before.find("vllm:inter_token_latency_seconds"), std::string::npos);
}

TEST(MetricsPage, OfTheOtherServers)
{
    ServedModel sgLang("python3 -m sglang.launch_server --model-path meta-llama/Llama-3.1-8B-Instruct --enable-metrics", "0.5.3");
    askSome(sgLang);
    const std::string text = sgLang.get("/metrics").body;
    EXPECT_TRUE(has(text, "# TYPE sglang:token_usage gauge"));
    EXPECT_TRUE(has(text, R"(sglang:generation_tokens_total{model_name="meta-llama/Llama-3.1-8B-Instruct"} 320.0)"));
    EXPECT_EQ(text.find("vllm:"), std::string::npos);
    EXPECT_EQ(Json::parse(sgLang.get("/get_server_info").body)["tp_size"], 1);
    ServedModel tensorRt("trtllm-serve meta-llama/Llama-3.1-8B-Instruct", "1.0.0");
    askSome(tensorRt);
    const Json steps = Json::parse(tensorRt.get("/metrics").body);
    ASSERT_FALSE(steps.empty());
    EXPECT_TRUE(steps.back().contains("inflightBatchingStats"));
    EXPECT_GT(steps.back()["kvCacheStats"]["maxNumBlocks"], 100);
}

TEST(MetricsPage, PromtoolReadsIt)
{
    if (std::system("command -v promtool > /dev/null 2>&1") != 0)
        GTEST_SKIP() << "promtool is not installed (Debian: prometheus)";
    for (const auto& [words, version] : {std::pair("vllm serve meta-llama/Llama-3.1-8B-Instruct", "0.32.0"), std::pair("vllm serve Qwen/Qwen3-8B", "0.9.1"),
                                         std::pair("python3 -m sglang.launch_server --model-path Qwen/Qwen3-8B --enable-metrics", "0.5.3")}) {
        ServedModel server(words, version);
        askSome(server);
        const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "model-server-metrics.txt";
        std::ofstream(file) << server.get("/metrics").body;
        const int status = std::system(("promtool check metrics < " + file.string() + " > " + file.string() + ".out 2>&1").c_str());
        std::filesystem::remove(file);
        std::ifstream said(file.string() + ".out");
        const std::string words_((std::istreambuf_iterator<char>(said)), {});
        // 3: names that its linter does not like, such as any with a colon. 1: it cannot read them.
        EXPECT_TRUE(status == 0 || status == 3 << 8) << words_;
        EXPECT_EQ(words_.find("error while linting"), std::string::npos) << words_;
    }
}

} // namespace sim::serving::openai
