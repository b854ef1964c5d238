#include "core/session/verify.h"
#include "tests/support/lab.h"

#include <ostream>

// One cause of each GPU incident, played to its end and against the wrong bots; `faultctl verify` plays them all.
namespace {

struct Played {
    const char* incident;
    const char* cause;
};

void PrintTo(const Played& played, std::ostream* out) { *out << played.incident << "/" << played.cause; }

class GpuIncident : public testing::TestWithParam<Played> { };

TEST_P(GpuIncident, IsRepairedByItsReferenceAndByNoBot)
{
    core::session::VerifyOptions options;
    options.incident = GetParam().incident;
    options.cause = GetParam().cause;
    options.seeds = {1};
    const auto verdicts = core::session::verify(tests::library(), options);
    EXPECT_GE(verdicts.size(), 7U);
    for (const auto& verdict : verdicts)
        EXPECT_TRUE(verdict.passed) << verdict.subject << " " << verdict.score << ": " << verdict.detail;
}

INSTANTIATE_TEST_SUITE_P(Causes, GpuIncident,
                         testing::Values(Played{"ceph-slow", "slow-link"}, Played{"checkpoint-stall", "client-link"}, Played{"ecc-degraded", "cache-upset"}, Played{"engine-dead-api-alive", "killed-worker"}, Played{"gang-deadlock", "half-gangs"}, Played{"gpu-lost", "driver-mismatch"}, Played{"gpu-lost", "power-supply"}, Played{"gpu-thermal", "sustained-load"}, Played{"inference-latency", "kv-preemption"}, Played{"inference-oom", "kv-too-big"}, Played{"inference-throughput", "queue-blocking"}, Played{"kv-fragmentation", "block-size"}, Played{"kv-hit-rate", "unstable-prefix"}, Played{"noisy-tenant", "limit-lost"}, Played{"preemption-storm", "smaller-cache"}, Played{"tp-hang", "gpu-hung"},
                                         Played{"loss-nan", "no-clipping"}, Played{"roce-pfc-storm", "trust-mismatch"}, Played{"slow-rank", "nvlinks-down"}, Played{"training-hang", "nccl-interface"}, Played{"training-hang", "rank-mismatch"}));

} // namespace
