#include "sim/serving/checkpoint.h"

#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <algorithm>
#include <array>

namespace sim::serving {

namespace {

struct Suffix {
    std::string_view word;
    Precision weights;
    std::string_view scheme;
};
constexpr auto kSuffixes = std::to_array<Suffix>({
    {"fp8", Precision::Float8, "fp8"},
    {"w8a8", Precision::Int8, "compressed-tensors"},
    {"int8", Precision::Int8, "compressed-tensors"},
    {"awq", Precision::Int4, "awq"},
    {"gptq", Precision::Int4, "gptq"},
    {"int4", Precision::Int4, "gptq"},
    {"w4a16", Precision::Int4, "compressed-tensors"},
    {"nvfp4", Precision::Float4, "modelopt_fp4"},
    {"fp4", Precision::Float4, "modelopt_fp4"},
});
/// Words of a name that change neither shape nor precision.
constexpr auto kPlainWords = std::to_array<std::string_view>({"instruct", "hf", "chat", "base", "it", "meta", "dynamic", "quantized"});

/// "Meta-Llama-3.1-8B-Instruct-FP8" -> "llama-3.1-8b"; the precision on the way.
std::string stem(std::string_view name, Checkpoint& found)
{
    const std::string_view last = name.substr(name.find_last_of('/') + 1);
    std::string out;
    for (const std::string& word : split(lowered(last), '-')) {
        const auto suffix = std::find_if(kSuffixes.begin(), kSuffixes.end(), [&](const Suffix& s) { return s.word == word; });
        if (suffix != kSuffixes.end()) {
            if (found.scheme.empty()) {
                found.weights = suffix->weights;
                found.scheme = suffix->scheme;
            }
        } else if (std::find(kPlainWords.begin(), kPlainWords.end(), word) == kPlainWords.end()) {
            out += (out.empty() ? "" : "-") + word;
        }
    }
    return out;
}

} // namespace

std::optional<Checkpoint> checkpointNamed(std::string_view name)
{
    while (name.ends_with('/'))
        name.remove_suffix(1);
    Checkpoint found;
    const std::string wanted = stem(name, found);
    // The exact name wins over a relative of the same stem: "Qwen3-30B-A3B-Instruct-2507" has its own row.
    const ModelShape* exact = modelNamed(name);
    for (const ModelShape& shape : knownModels()) {
        Checkpoint ignored;
        if (exact ? &shape == exact : !wanted.empty() && stem(shape.name, ignored) == wanted) {
            found.shape = &shape;
            if (found.scheme.empty()) {
                found.weights = shape.native;
                found.scheme = shape.native == Precision::Float8 ? "fp8" : "";
            }
            return found;
        }
    }
    return std::nullopt;
}

} // namespace sim::serving
