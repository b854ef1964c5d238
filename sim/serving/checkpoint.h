#pragma once

#include "sim/serving/model.h"

#include <optional>

namespace sim::serving {

/// A published checkpoint: whose shape it has, and how its weights are kept.
struct Checkpoint {
    const ModelShape* shape = nullptr;
    Precision weights = Precision::Bfloat16;
    std::string scheme; ///< quantization_config's quant_method: "fp8", "awq", "gptq", "compressed-tensors", "modelopt_fp4"; empty: none
};

/// By a name on Hugging Face or the last part of a path: instruction-tuned and quantised variants of a known model, whoever published
/// them ("RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic", "/models/Qwen2.5-7B-Instruct-AWQ"). Nothing: unknown.
std::optional<Checkpoint> checkpointNamed(std::string_view name);

} // namespace sim::serving
