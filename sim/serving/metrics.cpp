#include "sim/serving/metrics.h"

#include <algorithm>

namespace sim::serving {

void Histogram::observe(double value, std::uint64_t times)
{
    const auto bucket = std::lower_bound(m_bounds.begin(), m_bounds.end(), value) - m_bounds.begin();
    m_counts[static_cast<std::size_t>(bucket)] += times;
    m_count += times;
    m_sum += value * static_cast<double>(times);
}

std::string_view metricName(HistogramName name)
{
    switch (name) {
    case HistogramName::TimeToFirstToken: return "time_to_first_token_seconds";
    case HistogramName::InterTokenLatency: return "inter_token_latency_seconds";
    case HistogramName::TimePerOutputToken: return "request_time_per_output_token_seconds";
    case HistogramName::EndToEnd: return "e2e_request_latency_seconds";
    case HistogramName::QueueTime: return "request_queue_time_seconds";
    case HistogramName::PrefillTime: return "request_prefill_time_seconds";
    case HistogramName::DecodeTime: return "request_decode_time_seconds";
    case HistogramName::InferenceTime: return "request_inference_time_seconds";
    case HistogramName::PromptTokens: return "request_prompt_tokens";
    case HistogramName::GenerationTokens: return "request_generation_tokens";
    case HistogramName::MaxTokensAsked: return "request_params_max_tokens";
    case HistogramName::IterationTokens: return "iteration_tokens_total";
    }
    return "";
}

std::vector<double> bucketsOf(HistogramName name, std::uint32_t maxModelLen)
{
    switch (name) {
    case HistogramName::TimeToFirstToken:
        return {.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560};
    case HistogramName::InterTokenLatency:
    case HistogramName::TimePerOutputToken:
        return {.01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80};
    case HistogramName::EndToEnd:
    case HistogramName::QueueTime:
    case HistogramName::PrefillTime:
    case HistogramName::DecodeTime:
    case HistogramName::InferenceTime:
        return {.3, .5, .8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680};
    case HistogramName::PromptTokens:
    case HistogramName::GenerationTokens:
    case HistogramName::MaxTokensAsked: {
        std::vector<double> bounds;
        for (double decade = 1;; decade *= 10)
            for (const double mantissa : {1.0, 2.0, 5.0}) {
                if (mantissa * decade > maxModelLen)
                    return bounds;
                bounds.push_back(mantissa * decade);
            }
    }
    case HistogramName::IterationTokens:
        return {1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};
    }
    return {};
}

std::string_view metricLabel(FinishReason reason)
{
    return reason == FinishReason::Stop ? "stop" : reason == FinishReason::Length ? "length" : "abort";
}

void Counters::addTo(Fingerprint& f) const
{
    for (const std::uint64_t one : {promptTokens, generationTokens, preemptions, prefixQueries, prefixHits, recomputedTokens, steps, refused})
        f.add(one);
    for (const std::uint64_t one : finished)
        f.add(one);
}

Metrics::Metrics(std::uint32_t maxModelLen)
{
    for (std::size_t i = 0; i < kHistograms; ++i)
        histograms.emplace_back(bucketsOf(static_cast<HistogramName>(i), maxModelLen));
}

} // namespace sim::serving
