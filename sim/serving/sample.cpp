#include "sim/serving/sample.h"

namespace sim::serving {

double quantileSince(const Histogram& before, const Histogram& now, double quantile)
{
    // A fresh engine has not observed anything: its histograms have no counts yet.
    const auto cameTo = [&](std::size_t bucket) {
        return now.counts()[bucket] - (bucket < before.counts().size() ? before.counts()[bucket] : 0);
    };
    const std::uint64_t all = now.count() - before.count();
    if (all == 0)
        return -1;
    const double rank = quantile * static_cast<double>(all);
    double below = 0;
    for (std::size_t bucket = 0; bucket < now.bounds().size(); ++bucket) {
        const auto here = static_cast<double>(cameTo(bucket));
        if (here > 0 && below + here >= rank) {
            const double low = bucket == 0 ? 0 : now.bounds()[bucket - 1];
            return low + (now.bounds()[bucket] - low) * (rank - below) / here;
        }
        below += here;
    }
    return now.bounds().empty() ? -1 : now.bounds().back();
}

ServingSample sampleOf(const Metrics& before, const LlmEngine& engine, Instant at, double seconds)
{
    const Metrics& now = engine.metrics();
    const auto quantile = [&](HistogramName name, double share) { return static_cast<float>(quantileSince(before[name], now[name], share)); };
    const auto perSecond = [&](std::uint64_t Counters::*counter) {
        return static_cast<float>(static_cast<double>(now.counters.*counter - before.counters.*counter) / seconds);
    };
    const EngineState state = engine.state();
    ServingSample sample;
    sample.at = at;
    sample.ttftP50 = quantile(HistogramName::TimeToFirstToken, 0.5);
    sample.ttftP99 = quantile(HistogramName::TimeToFirstToken, 0.99);
    sample.tpotP50 = quantile(HistogramName::InterTokenLatency, 0.5);
    sample.tpotP99 = quantile(HistogramName::InterTokenLatency, 0.99);
    sample.promptTokensPerSecond = perSecond(&Counters::promptTokens);
    sample.generationTokensPerSecond = perSecond(&Counters::generationTokens);
    sample.running = static_cast<float>(state.running);
    sample.waiting = static_cast<float>(state.waiting);
    sample.cacheUse = static_cast<float>(state.cacheUsage);
    if (const std::uint64_t queries = now.counters.prefixQueries - before.counters.prefixQueries; queries > 0)
        sample.hitRate = static_cast<float>(static_cast<double>(now.counters.prefixHits - before.counters.prefixHits) / static_cast<double>(queries));
    sample.preemptionsPerSecond = perSecond(&Counters::preemptions);
    return sample;
}

} // namespace sim::serving
