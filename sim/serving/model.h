#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sim::serving {

inline constexpr double kMiB = 1048576.0;
inline constexpr double kGiB = 1073741824.0;

/// How numbers are kept. Int4 stands for group-wise schemes (AWQ, GPTQ), whose scales cost half a bit more.
enum class Precision : std::uint8_t { Float32, Bfloat16, Float8, Int8, Float4, Int4 };

double bytesOf(Precision precision);

/// A decoder as far as memory and time go: counts of its configuration file, not weights. Sources: README.md.
struct ModelShape {
    std::string name; ///< on Hugging Face
    std::int64_t layers = 0;
    std::int64_t hidden = 0;
    std::int64_t intermediate = 0; ///< of the dense feed-forward part; 0: every layer has experts
    std::int64_t queryHeads = 0;
    std::int64_t kvHeads = 0; ///< queryHeads: multi-head; 1: multi-query; between: grouped-query attention
    std::int64_t headDim = 0;
    std::int64_t vocabulary = 0;
    std::int64_t maxPosition = 0; ///< max_position_embeddings: vLLM's default for --max-model-len
    bool tiedEmbeddings = false;  ///< the head shares the embedding's matrix
    bool gated = true;            ///< SwiGLU: three matrices in the feed-forward part, otherwise two
    bool queryKeyNorm = false;    ///< a norm on q and k (Qwen3)
    // Multi-head latent attention: one compressed vector a token and layer instead of heads; 0: none.
    std::int64_t latentRank = 0;    ///< kv_lora_rank
    std::int64_t latentRope = 0;    ///< qk_rope_head_dim
    std::int64_t latentQueryRank = 0; ///< q_lora_rank
    std::int64_t latentValueDim = 0;  ///< v_head_dim
    // Mixture of experts; experts == 0: dense.
    std::int64_t experts = 0;
    std::int64_t expertsPerToken = 0;
    std::int64_t expertIntermediate = 0;
    std::int64_t sharedExperts = 0;
    std::int64_t denseLayers = 0; ///< first layers without experts
    // Sliding-window attention; window == 0: none.
    std::int64_t window = 0;        ///< tokens that such a layer may look back
    std::int64_t slidingLayers = 0; ///< how many of `layers` have it
    Precision native = Precision::Bfloat16; ///< in which the weights are published
    bool operator==(const ModelShape&) const = default;

    bool isLatent() const { return latentRank > 0; }
    std::int64_t expertLayers() const { return experts > 0 ? layers - denseLayers : 0; }
    /// Of one layer: query, key, value and output projections.
    double attentionParameters() const;
    /// Of one dense layer's feed-forward part.
    double feedForwardParameters() const;
    /// Of one expert.
    double expertParameters() const;
    double embeddingParameters() const { return static_cast<double>(vocabulary * hidden); }
    double parameters() const;
    /// Those that one token passes through.
    double activeParameters() const;
};
BOOST_DESCRIBE_STRUCT(ModelShape, (),
                      (name, layers, hidden, intermediate, queryHeads, kvHeads, headDim, vocabulary, maxPosition, tiedEmbeddings, gated,
                       queryKeyNorm, latentRank, latentRope, latentQueryRank, latentValueDim, experts, expertsPerToken, expertIntermediate,
                       sharedExperts, denseLayers, window, slidingLayers, native))

std::span<const ModelShape> knownModels();
/// By the name on Hugging Face, with or without the organisation, in any case. Null: unknown.
const ModelShape* modelNamed(std::string_view name);

/// Heads of keys and values that one of `tensorParallel` ranks holds: never less than one, so that beyond kvHeads ranks
/// they are copied.
std::int64_t kvHeadsPerRank(const ModelShape& model, std::int64_t tensorParallel);
/// Bytes of keys and values of one token in one layer of one rank. Latent vectors are not split over ranks.
double kvBytesPerLayer(const ModelShape& model, Precision cache, std::int64_t tensorParallel = 1);
/// Of one token in all layers of one rank, as if no layer had a window.
double kvBytesPerToken(const ModelShape& model, Precision cache, std::int64_t tensorParallel = 1);
/// Bytes of one rank's weights. Quantised schemes leave embeddings and head as they were.
double weightBytes(const ModelShape& model, Precision weights, std::int64_t tensorParallel = 1);

} // namespace sim::serving
