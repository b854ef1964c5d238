#include "sim/serving/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace sim::serving {

namespace {

/// Mean and coefficient of variation of the gaps, seconds.
std::pair<double, double> gapsOf(ArrivalKind arrivals)
{
    LoadSettings settings;
    settings.kind = LoadKind::Batch;
    settings.arrivals = arrivals;
    settings.requestsPerSecond = 5;
    LoadGenerator generator(settings, 1, Instant{});
    constexpr int kCount = 20000;
    double sum = 0;
    double squares = 0;
    Instant last{};
    for (int i = 0; i < kCount; ++i) {
        const Instant at = generator.next().arrival;
        const double gap = toSeconds(at - last);
        EXPECT_GE(gap, 0);
        sum += gap;
        squares += gap * gap;
        last = at;
    }
    const double mean = sum / kCount;
    return {mean, std::sqrt(squares / kCount - mean * mean) / mean};
}

} // namespace

TEST(LoadGenerator, ArrivalsHaveTheirRateAndSpread)
{
    const auto [poissonMean, poissonSpread] = gapsOf(ArrivalKind::Poisson);
    EXPECT_NEAR(poissonMean, 0.2, 0.01);
    EXPECT_NEAR(poissonSpread, 1, 0.05);
    const auto [burstyMean, burstySpread] = gapsOf(ArrivalKind::Bursty);
    EXPECT_NEAR(burstyMean, 0.2, 0.02);
    EXPECT_NEAR(burstySpread, 3, 0.4);
}

TEST(LoadGenerator, ADayHasItsQuietAndItsBusyHours)
{
    LoadSettings settings;
    settings.arrivals = ArrivalKind::Diurnal;
    settings.daySeconds = 1000;
    settings.requestsPerSecond = 10;
    LoadGenerator generator(settings, 1, Instant{});
    int quiet = 0;
    int busy = 0;
    for (Instant at{}; at < Instant{} + 1000s;) {
        at = generator.next().arrival;
        const double second = toSeconds(at - Instant{});
        quiet += second < 100 || second > 900 ? 1 : 0;
        busy += second > 400 && second < 600 ? 1 : 0;
    }
    EXPECT_GT(busy, 5 * quiet);
}

TEST(LoadGenerator, LengthsAreThoseOfTheTraceThatPeersWereMeasuredOn)
{
    LoadSettings settings;
    settings.kind = LoadKind::Batch;
    settings.maxTokens = 4096;
    LoadGenerator generator(settings, 42, Instant{});
    double in = 0;
    double out = 0;
    for (int i = 0; i < 5000; ++i) {
        const Request request = generator.next();
        EXPECT_LE(request.mostTokens(), 4096u);
        in += request.promptTokens();
        out += request.answerTokens;
    }
    EXPECT_NEAR(in / 5000, 1165, 60);
    EXPECT_NEAR(out / 5000, 220, 12);
}

TEST(LoadGenerator, ATurnBeginsWithAllThatWasSaid)
{
    LoadSettings settings;
    settings.kind = LoadKind::Chat;
    LoadGenerator generator(settings, 5, Instant{});
    std::map<std::uint64_t, Request> last;
    int later = 0;
    for (int i = 0; i < 500; ++i) {
        const Request request = generator.next();
        if (const auto found = last.find(request.session); found != last.end()) {
            Prompt said = found->second.prompt;
            said.push_back({found->second.answerText, found->second.answerTokens});
            ASSERT_GE(request.prompt.size(), said.size());
            EXPECT_TRUE(std::equal(said.begin(), said.end(), request.prompt.begin()));
            ++later;
        }
        last[request.session] = request;
    }
    EXPECT_GT(later, 150);
}

TEST(Trace, IsReadFromJsonLinesAndCsv)
{
    const auto lines = readTrace("{\"arrival_time\": 101.5, \"input_toks\": 20, \"output_toks\": 3}\n"
                                 "{\"arrival_time\": 100.5, \"input_toks\": 10, \"output_toks\": 2, \"prefix\": \"system\", \"prefix_tokens\": 8}\n",
                                 "t.jsonl", Instant{} + 60s);
    ASSERT_TRUE(lines) << lines.error().text();
    ASSERT_EQ(lines->size(), 2u);
    EXPECT_EQ((*lines)[0].arrival, Instant{} + 60s);
    EXPECT_EQ((*lines)[0].prompt.size(), 2u);
    EXPECT_EQ((*lines)[0].promptTokens(), 10u);
    EXPECT_EQ((*lines)[1].arrival, Instant{} + 61s);
    const auto table = readTrace("arrived_at,num_prefill_tokens,num_decode_tokens,priority\r\n0,374,44,2\r\n0.25,396,109,0\r\n", "t.csv", Instant{});
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ((*table)[0].promptTokens(), 374u);
    EXPECT_EQ((*table)[0].priority, 2);
    EXPECT_EQ((*table)[1].answerTokens, 109u);
}

/// The first rows of AzureLLMInferenceTrace_conv.csv (2023) and, with the zone, of 2024's.
TEST(Trace, DatesOfAzuresTracesAreRead)
{
    const auto trace = readTrace("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n"
                                 "2023-11-17 00:00:00+00:00,1,1\n",
                                 "azure.csv", Instant{});
    ASSERT_TRUE(trace) << trace.error().text();
    ASSERT_EQ(trace->size(), 3u);
    EXPECT_EQ((*trace)[0].arrival, Instant{});
    EXPECT_NEAR(toSeconds((*trace)[1].arrival - Instant{}), 4.314579, 1e-6);
    EXPECT_NEAR(toSeconds((*trace)[2].arrival - Instant{}), 20653.31941, 1e-6);
    for (const char* date : {"2023-02-30 00:00:00", "2023-11-16 24:00:00", "2023-11-16 18:15:4x", "2023-11-16 18:15:46.1-"}) {
        const auto wrong = readTrace(std::string("TIMESTAMP,ContextTokens,GeneratedTokens\n") + date + ",1,1\n", "t.csv", Instant{});
        EXPECT_EQ(wrong ? "none" : wrong.error().text(), "t.csv:2: needs an arrival (seconds), a number from 0 on") << date;
    }
}

TEST(Trace, SaysWhereItIsWrong)
{
    const auto errorOf = [](std::string_view text) {
        const auto trace = readTrace(text, "t.csv", Instant{});
        return trace ? std::string("none") : trace.error().text();
    };
    EXPECT_EQ(errorOf(""), "t.csv: holds no requests");
    EXPECT_EQ(errorOf("timestamp,prompt_tokens,output_tokens\n1,2\n"), "t.csv:2: needs tokens of the answer, a number from 1 on");
    EXPECT_EQ(errorOf("timestamp,prompt_tokens,output_tokens\n1,2,3,4\n"), "t.csv:2: 4 cells under 3 columns");
    EXPECT_EQ(errorOf("{broken\n"), "t.csv:1: is no JSON object");
    EXPECT_EQ(errorOf("timestamp,prompt_tokens,output_tokens\nnan,2,3\n"), "t.csv:2: needs an arrival (seconds), a number from 0 on");
    EXPECT_EQ(errorOf("timestamp,prompt_tokens,output_tokens\ninf,2,3\n"), "t.csv:2: needs an arrival (seconds), a number from 0 on");
    EXPECT_EQ(errorOf("timestamp,prompt_tokens,output_tokens\n1700000000000,2,3\n"), "t.csv:2: arrives after 4,000,000,000 s; write arrivals in seconds");
    EXPECT_EQ(errorOf("timestamp,prompt_tokens,output_tokens,prefix,prefix_tokens\n1,2,3,a,nan\n"), "none");
}

} // namespace sim::serving
