#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim::training {

/// How a block's feed-forward part is built: two matrices and a GELU, or three and SiLU times gate (LLaMA).
enum class FeedForward : std::uint8_t { Gelu, SwiGlu };

/// A decoder-only transformer. Everything the other models need to know about it.
struct TransformerShape {
    std::string name;
    std::int64_t layers = 0;
    std::int64_t hidden = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;  ///< fewer than `heads` with grouped-query attention
    std::int64_t headSize = 0; ///< elements of one head
    std::int64_t ffn = 0;      ///< width of the feed-forward part, of each expert
    std::int64_t vocabulary = 0;
    std::int64_t sequence = 0; ///< tokens of one sample
    std::int64_t experts = 1;  ///< 1: dense
    std::int64_t topK = 1;     ///< experts a token goes through
    FeedForward feedForward = FeedForward::Gelu;
    bool tiedEmbeddings = false;   ///< the head shares the input embedding's weights
    bool learnedPositions = false; ///< a table of `sequence` rows; else rotary
    bool biases = false;           ///< linear layers and norms have biases (LayerNorm); else RMSNorm without
    bool operator==(const TransformerShape&) const = default;

    std::int64_t queryWidth() const { return heads * headSize; }
    std::int64_t keyValueWidth() const { return 2 * kvHeads * headSize; }
    bool mixture() const { return experts > 1; }
};
BOOST_DESCRIBE_STRUCT(TransformerShape, (),
                      (name, layers, hidden, heads, kvHeads, headSize, ffn, vocabulary, sequence, experts, topK,
                       feedForward, tiedEmbeddings, learnedPositions, biases))

/// What the backward pass computes again instead of keeping it (Korthikanti et al., arXiv 2205.05198): nothing, the
/// attention scores, or the whole layer.
enum class Recompute : std::uint8_t { None, Selective, Full };

/// Parameters of one block, all experts; of the embeddings, position table and head; of the whole model.
std::int64_t layerParameters(const TransformerShape& shape);
std::int64_t expertParameters(const TransformerShape& shape); ///< of one block: the part that expert parallelism spreads
std::int64_t embeddingParameters(const TransformerShape& shape);
std::int64_t headParameters(const TransformerShape& shape); ///< 0 when tied
std::int64_t parameters(const TransformerShape& shape);
/// Parameters that a token meets: of a mixture only topK experts.
std::int64_t activeParameters(const TransformerShape& shape);

/// Floating-point operations for one token, forward and backward, that the model itself needs: 6 for each weight in a
/// matrix product, and 12 * layers * hidden * sequence for attention (the convention of PaLM and Megatron: the whole
/// score matrix counts, causal or not). The embedding lookup counts nothing.
double modelFlopsPerToken(const TransformerShape& shape);
/// The same with what is computed twice: full recomputation adds a forward pass, selective one the attention's.
double hardwareFlopsPerToken(const TransformerShape& shape, Recompute recompute);

/// Models whose sizes are published. Requires: the name is one of knownShapes().
TransformerShape knownShape(std::string_view name);
std::vector<std::string> knownShapes();

} // namespace sim::training
