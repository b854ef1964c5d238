#include "sim/serving/settings.h"

#include <algorithm>
#include <charconv>

namespace sim::serving {

namespace {

/// Versions in which a default changed.
constexpr int kAsyncScheduling = 14;
constexpr int kWholePrompt = 20;
constexpr int kGraphsCounted = 21;
constexpr int kJoinedSizeLine = 20;
constexpr int kUtilization92 = 21;

EngineSettings common(const Deployment& deployment)
{
    EngineSettings s;
    s.deployment = deployment;
    s.maxModelLen = static_cast<std::uint32_t>(deployment.model.maxPosition);
    // vLLM's get_batch_defaults: large boards, but not the A100, whose throughput a large budget lowered.
    const bool large = deployment.device.memoryBytes >= 70 * kGiB && deployment.device.name.find("A100") == std::string::npos;
    s.maxNumBatchedTokens = large ? 8192 : 2048;
    s.maxNumSeqs = large ? 1024 : 256;
    return s;
}

} // namespace

int vllmMinor(std::string_view version)
{
    int minor = kNewestVllm;
    if (version.starts_with("0."))
        std::from_chars(version.data() + 2, version.data() + version.size(), minor);
    return std::clamp(minor, 0, kNewestVllm);
}

double HostCost::seconds(bool ahead, double sequences, double ranks) const
{
    return (ahead ? asyncSeconds : syncSeconds) + perSequenceSeconds * sequences + perRankSeconds * (ranks - 1);
}

EngineSettings vllmSettings(int minor, const Deployment& deployment)
{
    EngineSettings s = common(deployment);
    s.kind = minor < kJoinedSizeLine ? EngineKind::Vllm09 : EngineKind::Vllm;
    s.memoryUtilization = minor < kUtilization92 ? 0.9 : 0.92;
    s.asyncScheduling = minor >= kAsyncScheduling;
    s.admission = minor < kWholePrompt ? AdmissionRule::FirstChunk : AdmissionRule::WholePrompt;
    s.countGraphs = minor >= kGraphsCounted;
    return s;
}

EngineSettings defaultSettings(EngineKind kind, const Deployment& deployment)
{
    EngineSettings s = common(deployment);
    switch (kind) {
    case EngineKind::Vllm09: return vllmSettings(9, deployment);
    case EngineKind::Vllm: return vllmSettings(kNewestVllm, deployment);
    case EngineKind::TensorRtLlm:
        s.memoryUtilization = 0.9;
        s.admission = AdmissionRule::WholeAnswer;
        s.maxNumSeqs = 2048;
        s.maxNumBatchedTokens = 8192;
        s.blockSize = 32;
        s.host.asyncSeconds = 0.3e-3;
        s.host.perSequenceSeconds = 1e-6;
        break;
    case EngineKind::SgLang:
        s.memoryUtilization = 0.88;
        s.batching = Batching::PrefillFirst;
        s.blockSize = 1;
        s.host.asyncSeconds = 0.4e-3;
        break;
    }
    s.kind = kind;
    return s;
}

} // namespace sim::serving
