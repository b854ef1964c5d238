#pragma once

#include "sim/engine/result.h"
#include "sim/training/loss/optimisation.h"
#include "sim/training/model/memory.h"
#include "sim/training/model/step.h"

#include <map>
#include <string>
#include <vector>

namespace sim::training {

struct OptimiserSettings {
    double learningRate = 3e-4;
    double minLearningRate = 3e-5;
    std::int64_t warmupIterations = 0;
    double clipGradient = 1.0;        ///< 0: no clipping
    double beta1 = 0.9;
    double beta2 = 0.999;             ///< Megatron-LM's own default
    double weightDecay = 0.1;
    Precision precision = Precision::Bf16;
    double fixedLossScale = 0;        ///< --loss-scale; 0: dynamic
    double initialLossScale = 4294967296.0; ///< --initial-loss-scale
    std::int64_t lossScaleWindow = 1000;
    bool halfState = false;           ///< --main-params-dtype fp16: weights, gradients and moments are kept in the precision of the pass
    bool operator==(const OptimiserSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(OptimiserSettings, (),
                      (learningRate, minLearningRate, warmupIterations, clipGradient, beta1, beta2, weightDecay, precision, fixedLossScale,
                       initialLossScale, lossScaleWindow, halfState))

/// What a worker's command line says: torchrun's own options, then those of Megatron-LM's pretrain_gpt.py.
struct TrainerSettings {
    // torchrun
    std::int64_t nodes = 1;
    std::int64_t processesPerNode = 8;
    std::int64_t nodeRank = 0;
    // pretrain_gpt.py
    TransformerShape shape;
    Parallelism parallelism;
    Recompute recompute = Recompute::None;
    OptimiserSettings optimiser;
    std::int64_t iterations = 50'000;
    std::int64_t logInterval = 10;
    std::int64_t saveInterval = 0; ///< 0: never
    std::string save;
    std::string load;
    std::int64_t checkpointStep = -1; ///< --ckpt-step: which one is loaded; -1: the latest
    bool asyncSave = false;
    bool parallelSave = true; ///< --no-ckpt-fully-parallel-save: false; then the first replica writes for all
    std::vector<std::string> dataPaths;
    std::int64_t dataWorkers = 2;
    double timeoutMinutes = 10;    ///< --distributed-timeout-minutes
    bool checksNan = true;         ///< --no-check-for-nan-in-loss-and-grad: false
    bool operator==(const TrainerSettings&) const = default;

    std::int64_t worldSize() const { return nodes * processesPerNode; }
};
BOOST_DESCRIBE_STRUCT(TrainerSettings, (),
                      (nodes, processesPerNode, nodeRank, shape, parallelism, recompute, optimiser, iterations, logInterval, saveInterval, save,
                       load, checkpointStep, asyncSave, parallelSave, dataPaths, dataWorkers, timeoutMinutes, checksNan))

/// What the optimiser does with it.
Recipe recipeOf(const TrainerSettings& settings);
Landscape landscapeOf(const TrainerSettings& settings);

/// A command line such as `torchrun --nproc-per-node 8 pretrain_gpt.py --num-layers 32 ...`; what torchrun is not told stands in
/// the environment (PET_NNODES, WORLD_SIZE). The error is the last line that the program prints before it exits with 2
/// (argparse), or 1 (configurationError). What the script refuses is only said once torchrun has started it on all machines:
/// nodes, processes and rank are known then.
struct SettingsError {
    std::string text;
    int exitCode = 2;
    bool ofScript = true; ///< not torchrun itself
};
struct ParsedSettings {
    TrainerSettings settings;
    std::optional<SettingsError> error;
};
ParsedSettings settingsOf(const std::vector<std::string>& commandLine, const std::map<std::string, std::string>& environment);

} // namespace sim::training
