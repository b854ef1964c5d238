#include "sim/training/model/transformer.h"

#include "sim/engine/assert.h"

namespace sim::training {

namespace {

std::int64_t matrixWeights(const TransformerShape& shape)
{
    const std::int64_t matrices = shape.feedForward == FeedForward::SwiGlu ? 3 : 2;
    return matrices * shape.hidden * shape.ffn;
}

std::int64_t attentionWeights(const TransformerShape& shape)
{
    return shape.hidden * (shape.queryWidth() + shape.keyValueWidth()) + shape.queryWidth() * shape.hidden;
}

std::int64_t normParameters(const TransformerShape& shape)
{
    return shape.biases ? 2 * shape.hidden : shape.hidden;
}

/// Weights of the matrix products that one token meets, the head's among them.
double weightsInProducts(const TransformerShape& shape)
{
    const std::int64_t layer = attentionWeights(shape) + shape.topK * matrixWeights(shape)
        + (shape.mixture() ? shape.hidden * shape.experts : 0);
    return static_cast<double>(shape.layers) * static_cast<double>(layer)
        + static_cast<double>(shape.vocabulary * shape.hidden);
}

double attentionFlopsForward(const TransformerShape& shape)
{
    return 4.0 * static_cast<double>(shape.layers) * static_cast<double>(shape.queryWidth())
        * static_cast<double>(shape.sequence);
}

TransformerShape gpt(std::string name, std::int64_t layers, std::int64_t hidden, std::int64_t heads,
                     std::int64_t vocabulary, std::int64_t sequence)
{
    TransformerShape shape;
    shape.name = std::move(name);
    shape.layers = layers;
    shape.hidden = hidden;
    shape.heads = heads;
    shape.kvHeads = heads;
    shape.headSize = hidden / heads;
    shape.ffn = 4 * hidden;
    shape.vocabulary = vocabulary;
    shape.sequence = sequence;
    shape.tiedEmbeddings = true;
    shape.learnedPositions = true;
    shape.biases = true;
    return shape;
}

TransformerShape llama(std::string name, std::int64_t layers, std::int64_t hidden, std::int64_t heads,
                       std::int64_t kvHeads, std::int64_t ffn, std::int64_t vocabulary, std::int64_t sequence)
{
    TransformerShape shape;
    shape.name = std::move(name);
    shape.layers = layers;
    shape.hidden = hidden;
    shape.heads = heads;
    shape.kvHeads = kvHeads;
    shape.headSize = hidden / heads;
    shape.ffn = ffn;
    shape.vocabulary = vocabulary;
    shape.sequence = sequence;
    shape.feedForward = FeedForward::SwiGlu;
    return shape;
}

std::vector<TransformerShape> catalogue()
{
    TransformerShape mixtral = llama("mixtral-8x7b", 32, 4096, 32, 8, 14336, 32000, 32768);
    mixtral.experts = 8;
    mixtral.topK = 2;
    return {
        // Brown et al., arXiv 2005.14165, table 2.1; GPT-2's vocabulary. Its 24 heads for 1.3B do not divide the width: 16.
        gpt("gpt3-1.3b", 24, 2048, 16, 50257, 2048),
        gpt("gpt3-175b", 96, 12288, 96, 50257, 2048),
        // Smith et al., arXiv 2201.11990.
        gpt("mt-nlg-530b", 105, 20480, 128, 51200, 2048),
        // MPT as llm-foundry benchmarks it: scripts/train/yamls/pretrain.
        gpt("mpt-125m", 12, 768, 12, 50368, 2048),
        gpt("mpt-350m", 24, 1024, 16, 50368, 2048),
        gpt("mpt-760m", 24, 1536, 12, 50368, 2048),
        gpt("mpt-1b", 24, 2048, 16, 50368, 2048),
        gpt("mpt-3b", 32, 2560, 20, 50368, 2048),
        gpt("mpt-7b", 32, 4096, 32, 50368, 2048),
        gpt("mpt-13b", 40, 5120, 40, 50368, 2048),
        gpt("mpt-30b", 48, 7168, 56, 50368, 2048),
        gpt("mpt-70b", 80, 8192, 64, 50368, 2048),
        // config.json of meta-llama's and mistralai's models.
        llama("llama2-7b", 32, 4096, 32, 32, 11008, 32000, 4096),
        llama("llama2-13b", 40, 5120, 40, 40, 13824, 32000, 4096),
        llama("llama2-34b", 48, 8192, 64, 8, 22016, 32000, 4096),
        llama("llama2-70b", 80, 8192, 64, 8, 28672, 32000, 4096),
        llama("llama3-8b", 32, 4096, 32, 8, 14336, 128256, 8192),
        llama("llama3-70b", 80, 8192, 64, 8, 28672, 128256, 8192),
        llama("llama3-405b", 126, 16384, 128, 8, 53248, 128256, 8192),
        mixtral,
    };
}

} // namespace

std::int64_t expertParameters(const TransformerShape& shape)
{
    const std::int64_t matrices = shape.feedForward == FeedForward::SwiGlu ? 2 : 1; // that end in the wide layer
    const std::int64_t biases = shape.biases ? matrices * shape.ffn + shape.hidden : 0;
    return shape.experts * (matrixWeights(shape) + biases);
}

std::int64_t layerParameters(const TransformerShape& shape)
{
    const std::int64_t biases = shape.biases ? shape.queryWidth() + shape.keyValueWidth() + shape.hidden : 0;
    const std::int64_t router = shape.mixture() ? shape.hidden * shape.experts : 0;
    return attentionWeights(shape) + biases + expertParameters(shape) + router + 2 * normParameters(shape);
}

std::int64_t embeddingParameters(const TransformerShape& shape)
{
    return shape.vocabulary * shape.hidden + (shape.learnedPositions ? shape.sequence * shape.hidden : 0);
}

std::int64_t headParameters(const TransformerShape& shape)
{
    return shape.tiedEmbeddings ? 0 : shape.vocabulary * shape.hidden;
}

std::int64_t parameters(const TransformerShape& shape)
{
    return shape.layers * layerParameters(shape) + embeddingParameters(shape) + headParameters(shape)
        + normParameters(shape);
}

std::int64_t activeParameters(const TransformerShape& shape)
{
    const std::int64_t one = expertParameters(shape) / shape.experts;
    return parameters(shape) - shape.layers * (shape.experts - shape.topK) * one;
}

double modelFlopsPerToken(const TransformerShape& shape)
{
    return 6.0 * weightsInProducts(shape) + 3.0 * attentionFlopsForward(shape);
}

double hardwareFlopsPerToken(const TransformerShape& shape, Recompute recompute)
{
    const double attention = attentionFlopsForward(shape);
    const double head = 2.0 * static_cast<double>(shape.vocabulary * shape.hidden); // never computed twice
    switch (recompute) {
    case Recompute::None: return modelFlopsPerToken(shape);
    case Recompute::Selective: return modelFlopsPerToken(shape) + attention;
    case Recompute::Full: return modelFlopsPerToken(shape) + 2.0 * weightsInProducts(shape) - head + attention;
    }
    return 0;
}

TransformerShape knownShape(std::string_view name)
{
    for (const TransformerShape& shape : catalogue()) {
        if (shape.name == name)
            return shape;
    }
    FL_ASSERT(!"a known shape");
    return {};
}

std::vector<std::string> knownShapes()
{
    std::vector<std::string> names;
    for (const TransformerShape& shape : catalogue())
        names.push_back(shape.name);
    return names;
}

} // namespace sim::training
