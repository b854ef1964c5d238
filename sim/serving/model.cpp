#include "sim/serving/model.h"

#include "sim/engine/letters.h"

#include <algorithm>
#include <array>
#include <vector>

namespace sim::serving {

namespace {

ModelShape dense(std::string name, std::int64_t layers, std::int64_t hidden, std::int64_t intermediate, std::int64_t queryHeads,
                 std::int64_t kvHeads, std::int64_t vocabulary, std::int64_t maxPosition)
{
    ModelShape m;
    m.name = std::move(name);
    m.layers = layers;
    m.hidden = hidden;
    m.intermediate = intermediate;
    m.queryHeads = queryHeads;
    m.kvHeads = kvHeads;
    m.headDim = 128;
    m.vocabulary = vocabulary;
    m.maxPosition = maxPosition;
    return m;
}

std::vector<ModelShape> makeModels()
{
    std::vector<ModelShape> models = {
        dense("meta-llama/Llama-2-7b-hf", 32, 4096, 11008, 32, 32, 32000, 4096),
        dense("meta-llama/Llama-2-13b-hf", 40, 5120, 13824, 40, 40, 32000, 4096),
        dense("meta-llama/Llama-2-70b-hf", 80, 8192, 28672, 64, 8, 32000, 4096),
        dense("meta-llama/Meta-Llama-3-8B", 32, 4096, 14336, 32, 8, 128256, 8192),
        dense("meta-llama/Llama-3.1-8B", 32, 4096, 14336, 32, 8, 128256, 131072),
        dense("meta-llama/Llama-3.1-70B", 80, 8192, 28672, 64, 8, 128256, 131072),
        dense("meta-llama/Llama-3.3-70B-Instruct", 80, 8192, 28672, 64, 8, 128256, 131072),
        dense("meta-llama/Llama-3.1-405B", 126, 16384, 53248, 128, 8, 128256, 131072),
        dense("Qwen/Qwen2.5-7B-Instruct", 28, 3584, 18944, 28, 4, 152064, 32768),
        dense("Qwen/Qwen2.5-72B-Instruct", 80, 8192, 29568, 64, 8, 152064, 32768),
        dense("mistralai/Mistral-7B-Instruct-v0.3", 32, 4096, 14336, 32, 8, 32768, 32768),
    };
    ModelShape mistral = dense("mistralai/Mistral-7B-v0.1", 32, 4096, 14336, 32, 8, 32000, 32768);
    mistral.window = 4096;
    mistral.slidingLayers = 32;
    models.push_back(mistral);
    ModelShape tiny = dense("meta-llama/Llama-3.2-1B", 16, 2048, 8192, 32, 8, 128256, 131072);
    tiny.headDim = 64;
    tiny.tiedEmbeddings = true;
    models.push_back(tiny);
    ModelShape small = dense("Qwen/Qwen3-8B", 36, 4096, 12288, 32, 8, 151936, 40960);
    small.queryKeyNorm = true;
    models.push_back(small);
    ModelShape qwen = dense("Qwen/Qwen3-32B", 64, 5120, 25600, 64, 8, 151936, 40960);
    qwen.queryKeyNorm = true;
    models.push_back(qwen);
    ModelShape sparse = dense("Qwen/Qwen3-30B-A3B", 48, 2048, 0, 32, 4, 151936, 40960);
    sparse.queryKeyNorm = true;
    sparse.experts = 128;
    sparse.expertsPerToken = 8;
    sparse.expertIntermediate = 768;
    models.push_back(sparse);
    sparse.name = "Qwen/Qwen3-30B-A3B-Instruct-2507";
    sparse.maxPosition = 262144;
    models.push_back(sparse);
    ModelShape mixtral = dense("mistralai/Mixtral-8x7B-v0.1", 32, 4096, 0, 32, 8, 32000, 32768);
    mixtral.experts = 8;
    mixtral.expertsPerToken = 2;
    mixtral.expertIntermediate = 14336;
    models.push_back(mixtral);
    ModelShape deepseek = dense("deepseek-ai/DeepSeek-V3", 61, 7168, 18432, 128, 128, 129280, 163840);
    deepseek.latentRank = 512;
    deepseek.latentRope = 64;
    deepseek.latentQueryRank = 1536;
    deepseek.latentValueDim = 128;
    deepseek.experts = 256;
    deepseek.expertsPerToken = 8;
    deepseek.expertIntermediate = 2048;
    deepseek.sharedExperts = 1;
    deepseek.denseLayers = 3;
    deepseek.native = Precision::Float8;
    models.push_back(deepseek);
    ModelShape gemma = dense("google/gemma-3-27b-it", 62, 5376, 21504, 32, 16, 262208, 131072);
    gemma.tiedEmbeddings = true;
    gemma.queryKeyNorm = true;
    gemma.window = 1024;
    gemma.slidingLayers = 52;
    models.push_back(gemma);
    ModelShape opt = dense("facebook/opt-13b", 40, 5120, 20480, 40, 40, 50272, 2048);
    opt.gated = false;
    opt.tiedEmbeddings = true;
    models.push_back(opt);
    ModelShape multiQuery = dense("tiiuae/falcon-7b", 32, 4544, 18176, 71, 1, 65024, 2048);
    multiQuery.headDim = 64;
    multiQuery.gated = false;
    multiQuery.tiedEmbeddings = true;
    models.push_back(multiQuery);
    return models;
}

const std::vector<ModelShape>& models()
{
    static const std::vector<ModelShape> kModels = makeModels();
    return kModels;
}

} // namespace

double bytesOf(Precision precision)
{
    switch (precision) {
    case Precision::Float32: return 4;
    case Precision::Bfloat16: return 2;
    case Precision::Float8:
    case Precision::Int8: return 1;
    case Precision::Float4:
    case Precision::Int4: return 0.5 + 0.0625; // a scale of 8 or 16 bits for 16 or 32 values: about 4.5 bits
    }
    return 2;
}

double ModelShape::attentionParameters() const
{
    const double h = static_cast<double>(hidden);
    const double q = static_cast<double>(queryHeads * headDim);
    if (!isLatent())
        return h * q * 2 + h * static_cast<double>(kvHeads * headDim) * 2;
    const double heads = static_cast<double>(queryHeads);
    const double latent = static_cast<double>(latentRank);
    const double rope = static_cast<double>(latentRope);
    const double rank = static_cast<double>(latentQueryRank);
    const double value = static_cast<double>(latentValueDim);
    return h * rank + rank * heads * (static_cast<double>(headDim) + rope) + h * (latent + rope)
        + latent * heads * (static_cast<double>(headDim) + value) + heads * value * h;
}

double ModelShape::feedForwardParameters() const
{
    return static_cast<double>(hidden * intermediate) * (gated ? 3 : 2);
}

double ModelShape::expertParameters() const
{
    return static_cast<double>(hidden * expertIntermediate) * 3;
}

double ModelShape::parameters() const
{
    const double withExperts = static_cast<double>(expertLayers());
    return static_cast<double>(layers) * attentionParameters() + (static_cast<double>(layers) - withExperts) * feedForwardParameters()
        + withExperts * (expertParameters() * static_cast<double>(experts + sharedExperts) + static_cast<double>(hidden * experts))
        + embeddingParameters() * (tiedEmbeddings ? 1 : 2);
}

double ModelShape::activeParameters() const
{
    return parameters()
        - static_cast<double>(expertLayers()) * expertParameters() * static_cast<double>(experts - expertsPerToken);
}

std::span<const ModelShape> knownModels() { return models(); }

const ModelShape* modelNamed(std::string_view name)
{
    const std::string wanted = lowered(name);
    for (const ModelShape& model : models()) {
        const std::string full = lowered(model.name);
        if (full == wanted || full.substr(full.find('/') + 1) == wanted)
            return &model;
    }
    return nullptr;
}

std::int64_t kvHeadsPerRank(const ModelShape& model, std::int64_t tensorParallel)
{
    return std::max<std::int64_t>(1, model.kvHeads / tensorParallel);
}

double kvBytesPerLayer(const ModelShape& model, Precision cache, std::int64_t tensorParallel)
{
    if (model.isLatent())
        return static_cast<double>(model.latentRank + model.latentRope) * bytesOf(cache);
    return 2 * static_cast<double>(kvHeadsPerRank(model, tensorParallel) * model.headDim) * bytesOf(cache);
}

double kvBytesPerToken(const ModelShape& model, Precision cache, std::int64_t tensorParallel)
{
    return static_cast<double>(model.layers) * kvBytesPerLayer(model, cache, tensorParallel);
}

double weightBytes(const ModelShape& model, Precision weights, std::int64_t tensorParallel)
{
    const double embeddings = model.embeddingParameters() * (model.tiedEmbeddings ? 1 : 2);
    const double kept = std::max(bytesOf(weights), bytesOf(Precision::Bfloat16));
    return ((model.parameters() - embeddings) * bytesOf(weights) + embeddings * kept) / static_cast<double>(tensorParallel);
}

} // namespace sim::serving
