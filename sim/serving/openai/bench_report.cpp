#include "sim/serving/openai/bench_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace sim::serving::openai {

namespace {

constexpr int kFailedLine = 11;    ///< with the lines of peaks (set)
constexpr int kLowerCaseTotal = 12; ///< "Total token throughput" (set)

/// numpy.percentile, linear. `values`: sorted.
double percentile(const std::vector<double>& values, double percent)
{
    if (values.empty())
        return 0;
    const double at = percent / 100 * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const std::size_t high = std::min(low + 1, values.size() - 1);
    return values[low] + (values[high] - values[low]) * (at - static_cast<double>(low));
}

std::string row(std::string_view label, std::uint64_t value) { return fmt::format("{:<40} {:<10}\n", label, value); }
std::string row(std::string_view label, double value) { return fmt::format("{:<40} {:<10.2f}\n", label, value); }

/// What is asked of one kind of time, seconds.
std::string section(std::string_view title, std::string_view name, std::vector<double> values, const BenchFlags& flags)
{
    std::sort(values.begin(), values.end());
    double sum = 0;
    for (const double value : values)
        sum += value;
    std::string text = fmt::format("{:-^50}\n", title);
    text += row(fmt::format("Mean {} (ms):", name), values.empty() ? 0 : sum / static_cast<double>(values.size()) * 1e3);
    text += row(fmt::format("Median {} (ms):", name), percentile(values, 50) * 1e3);
    for (const double percent : flags.percentiles)
        text += row(fmt::format("P{} {} (ms):", percent, name), percentile(values, percent) * 1e3);
    return text;
}

} // namespace

std::string benchReport(const std::vector<Completion>& completions, std::uint64_t failed, double seconds, const BenchFlags& flags)
{
    std::uint64_t input = 0;
    std::uint64_t output = 0;
    std::vector<double> first;
    std::vector<double> perToken;
    std::vector<double> between;
    std::vector<double> whole;
    std::map<std::int64_t, std::uint64_t> tokensBySecond;
    std::map<std::int64_t, std::int64_t> changes; // of the number of requests, by second
    Instant begin = completions.empty() ? Instant{} : completions.front().arrival;
    for (const Completion& one : completions)
        begin = std::min(begin, one.arrival);
    for (const Completion& one : completions) {
        input += one.promptTokens;
        output += one.answerTokens;
        first.push_back(toSeconds(one.timeToFirstToken()));
        whole.push_back(toSeconds(one.latency()));
        const double gap = one.timePerOutputToken();
        if (one.answerTokens > 1) {
            perToken.push_back(gap);
            between.insert(between.end(), one.answerTokens - 1, gap);
        }
        for (std::uint32_t token = 0; token < one.answerTokens; ++token)
            ++tokensBySecond[static_cast<std::int64_t>(std::floor(toSeconds(one.firstToken - begin) + gap * token))];
        ++changes[static_cast<std::int64_t>(std::floor(toSeconds(one.arrival - begin)))];
        --changes[static_cast<std::int64_t>(std::floor(toSeconds(one.lastToken - begin))) + 1];
    }
    std::uint64_t peakTokens = 0;
    for (const auto& [second, tokens] : tokensBySecond)
        peakTokens = std::max(peakTokens, tokens);
    std::int64_t running = 0;
    std::int64_t peakRequests = 0;
    for (const auto& [second, change] : changes)
        peakRequests = std::max(peakRequests, running += change);

    const auto rate = [&](double count) { return seconds > 0 ? count / seconds : 0; };
    std::string text = fmt::format("{:=^50}\n", " Serving Benchmark Result ");
    text += row("Successful requests:", completions.size());
    if (flags.minor >= kFailedLine)
        text += row("Failed requests:", failed);
    if (flags.maxConcurrency)
        text += row("Maximum request concurrency:", std::uint64_t{*flags.maxConcurrency});
    if (flags.requestRate)
        text += row("Request rate configured (RPS):", *flags.requestRate);
    text += row("Benchmark duration (s):", seconds);
    text += row("Total input tokens:", input);
    text += row("Total generated tokens:", output);
    text += row("Request throughput (req/s):", rate(static_cast<double>(completions.size())));
    text += row("Output token throughput (tok/s):", rate(static_cast<double>(output)));
    if (flags.minor >= kFailedLine) {
        text += row("Peak output token throughput (tok/s):", static_cast<double>(peakTokens));
        text += row("Peak concurrent requests:", static_cast<double>(peakRequests));
    }
    text += row(flags.minor >= kLowerCaseTotal ? "Total token throughput (tok/s):" : "Total Token throughput (tok/s):",
                rate(static_cast<double>(input + output)));
    const auto asked = [&](std::string_view metric) { return std::find(flags.metrics.begin(), flags.metrics.end(), metric) != flags.metrics.end(); };
    if (asked("ttft"))
        text += section("Time to First Token", "TTFT", first, flags);
    if (asked("tpot"))
        text += section("Time per Output Token (excl. 1st token)", "TPOT", perToken, flags);
    if (asked("itl"))
        text += section("Inter-token Latency", "ITL", between, flags);
    if (asked("e2el"))
        text += section("End-to-end Latency", "E2EL", whole, flags);
    return text + std::string(50, '=') + "\n";
}

} // namespace sim::serving::openai
