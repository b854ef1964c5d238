#pragma once

#include "sim/serving/engine.h"

namespace sim::serving {

/// What dashboards show of one engine over one interval. Latencies are those of tokens that came in it, read from vLLM's own buckets as
/// histogram_quantile() does; below 0: no token came. TTFT is a request's first token, TPOT the time between two tokens of one request.
struct ServingSample {
    Instant at{};         ///< end of the interval
    float ttftP50 = -1;   ///< seconds
    float ttftP99 = -1;
    float tpotP50 = -1;
    float tpotP99 = -1;
    float promptTokensPerSecond = 0;
    float generationTokensPerSecond = 0;
    float running = 0;    ///< at its end
    float waiting = 0;
    float cacheUse = 0;   ///< 0 to 1
    float hitRate = -1;   ///< of the tokens looked up in the interval, 0 to 1; below 0: none was
    float preemptionsPerSecond = 0;
    bool operator==(const ServingSample&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServingSample, (),
                      (at, ttftP50, ttftP99, tpotP50, tpotP99, promptTokensPerSecond, generationTokensPerSecond, running, waiting, cacheUse, hitRate,
                       preemptionsPerSecond))

/// What happened to an engine since `before` was read from it. Requires: seconds > 0, and `before` of the same start of the engine.
ServingSample sampleOf(const Metrics& before, const LlmEngine& engine, Instant at, double seconds);

/// The value that a share `quantile` of what came since `before` stays below: linear inside a bucket, the last bound beyond it; below 0:
/// nothing came.
double quantileSince(const Histogram& before, const Histogram& now, double quantile);

} // namespace sim::serving
