#include "sim/serving/openai/bench_report.h"

#include <gtest/gtest.h>

namespace sim::serving::openai {

TEST(BenchReport, IsTheTableOfVllmBenchServe)
{
    std::vector<Completion> completions;
    for (int i = 0; i < 4; ++i) {
        Completion one;
        one.arrival = Instant{std::chrono::seconds(i)};
        one.firstToken = one.arrival + std::chrono::milliseconds(100 + 10 * i);
        one.lastToken = one.firstToken + std::chrono::milliseconds(1980);
        one.promptTokens = 1000;
        one.answerTokens = 100;
        completions.push_back(one);
    }
    BenchFlags flags;
    flags.requestRate = 1;
    flags.metrics.emplace_back("e2el");
    EXPECT_EQ(benchReport(completions, 0, 5.11, flags),
              "============ Serving Benchmark Result ============\n"
              "Successful requests:                     4         \n"
              "Failed requests:                         0         \n"
              "Request rate configured (RPS):           1.00      \n"
              "Benchmark duration (s):                  5.11      \n"
              "Total input tokens:                      4000      \n"
              "Total generated tokens:                  400       \n"
              "Request throughput (req/s):              0.78      \n"
              "Output token throughput (tok/s):         78.28     \n"
              "Peak output token throughput (tok/s):    99.00     \n"
              "Peak concurrent requests:                3.00      \n"
              "Total token throughput (tok/s):          861.06    \n"
              "---------------Time to First Token----------------\n"
              "Mean TTFT (ms):                          115.00    \n"
              "Median TTFT (ms):                        115.00    \n"
              "P99 TTFT (ms):                           129.70    \n"
              "-----Time per Output Token (excl. 1st token)------\n"
              "Mean TPOT (ms):                          20.00     \n"
              "Median TPOT (ms):                        20.00     \n"
              "P99 TPOT (ms):                           20.00     \n"
              "---------------Inter-token Latency----------------\n"
              "Mean ITL (ms):                           20.00     \n"
              "Median ITL (ms):                         20.00     \n"
              "P99 ITL (ms):                            20.00     \n"
              "----------------End-to-end Latency----------------\n"
              "Mean E2EL (ms):                          2095.00   \n"
              "Median E2EL (ms):                        2095.00   \n"
              "P99 E2EL (ms):                           2109.70   \n"
              "==================================================\n");
    flags = {};
    flags.minor = 10;
    flags.maxConcurrency = 8;
    flags.percentiles = {50, 99.9};
    const std::string old = benchReport({}, 2, 0, flags);
    EXPECT_NE(old.find("Maximum request concurrency:             8         \n"), std::string::npos);
    EXPECT_NE(old.find("Total Token throughput (tok/s):"), std::string::npos);
    EXPECT_NE(old.find("P99.9 TTFT (ms):"), std::string::npos);
    EXPECT_EQ(old.find("Failed requests"), std::string::npos);
}

} // namespace sim::serving::openai
