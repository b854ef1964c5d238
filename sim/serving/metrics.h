#pragma once

#include "sim/engine/fingerprint.h"

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace sim::serving {

/// Counts per bucket, each with an upper bound, and one beyond the last: as a Prometheus histogram before it is summed up.
class Histogram {
public:
    Histogram() = default;
    explicit Histogram(std::vector<double> bounds) : m_bounds(std::move(bounds)), m_counts(m_bounds.size() + 1) { }
    void observe(double value, std::uint64_t times = 1);
    const std::vector<double>& bounds() const { return m_bounds; }
    /// Of each bucket alone; the last has no bound.
    const std::vector<std::uint64_t>& counts() const { return m_counts; }
    std::uint64_t count() const { return m_count; }
    double sum() const { return m_sum; }
    bool operator==(const Histogram&) const = default;
    BOOST_DESCRIBE_CLASS(Histogram, (), (), (), (m_counts, m_sum))
    void addTo(Fingerprint& f) const { sim::addTo(f, m_counts); sim::addTo(f, m_sum); }

private:
    std::vector<double> m_bounds;
    std::vector<std::uint64_t> m_counts;
    std::uint64_t m_count = 0;
    double m_sum = 0;
};

enum class HistogramName : std::uint8_t {
    TimeToFirstToken,
    InterTokenLatency,
    TimePerOutputToken,
    EndToEnd,
    QueueTime,
    PrefillTime,
    DecodeTime,
    InferenceTime,
    PromptTokens,
    GenerationTokens,
    MaxTokensAsked,
    IterationTokens,
};
inline constexpr std::size_t kHistograms = 12;

/// How vLLM exposes them, without "vllm:".
std::string_view metricName(HistogramName name);
/// vLLM's buckets; those of token counts end at the longest sequence.
std::vector<double> bucketsOf(HistogramName name, std::uint32_t maxModelLen);

enum class FinishReason : std::uint8_t { Stop, Length, Abort };
std::string_view metricLabel(FinishReason reason);

/// What an engine has counted since it started.
struct Counters {
    std::uint64_t promptTokens = 0;
    std::uint64_t generationTokens = 0;
    std::uint64_t preemptions = 0;
    std::uint64_t prefixQueries = 0; ///< tokens looked up at admission
    std::uint64_t prefixHits = 0;    ///< tokens of these found
    std::uint64_t recomputedTokens = 0; ///< computed again after a preemption
    std::uint64_t steps = 0;
    std::uint64_t refused = 0;
    std::array<std::uint64_t, 3> finished{}; ///< by FinishReason
    bool operator==(const Counters&) const = default;
    void addTo(Fingerprint& f) const;
};

struct Metrics {
    Counters counters;
    std::vector<Histogram> histograms; ///< by HistogramName
    bool operator==(const Metrics&) const = default;

    explicit Metrics(std::uint32_t maxModelLen = 0);
    Histogram& operator[](HistogramName name) { return histograms[static_cast<std::size_t>(name)]; }
    const Histogram& operator[](HistogramName name) const { return histograms[static_cast<std::size_t>(name)]; }
    void addTo(Fingerprint& f) const { counters.addTo(f); sim::addTo(f, histograms); }
};

} // namespace sim::serving
