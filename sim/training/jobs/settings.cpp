#include "sim/training/jobs/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>

namespace sim::training {

namespace {

/// One option of a command line: how many values it takes, and what it does with the first.
struct TrainerOption {
    const char* name;
    bool takesValue;
    std::function<bool(TrainerSettings&, const std::string&)> apply; ///< false: the value is not of its type
    const char* type = "int";
};

bool toInteger(const std::string& text, std::int64_t& value)
{
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size();
}

bool toNumber(const std::string& text, double& value)
{
    char* end = nullptr;
    value = std::strtod(text.c_str(), &end);
    return !text.empty() && *end == '\0';
}

template <class Owner, class Whole>
TrainerOption integerOption(const char* name, Owner owner, std::int64_t Whole::* member)
{
    return {name, true, [owner, member](TrainerSettings& s, const std::string& text) { return toInteger(text, owner(s).*member); }};
}

template <class Owner, class Whole>
TrainerOption numberOption(const char* name, Owner owner, double Whole::* member)
{
    return {name, true, [owner, member](TrainerSettings& s, const std::string& text) { return toNumber(text, owner(s).*member); }, "float"};
}

template <class F>
TrainerOption textOption(const char* name, F store)
{
    return {name, true, [store](TrainerSettings& s, const std::string& text) { store(s, text); return true; }, "str"};
}

template <class F>
TrainerOption flag(const char* name, F set)
{
    return {name, false, [set](TrainerSettings& s, const std::string&) { set(s); return true; }};
}

const std::vector<TrainerOption>& trainerOptions()
{
    const auto shape = [](TrainerSettings& s) -> TransformerShape& { return s.shape; };
    const auto cut = [](TrainerSettings& s) -> Parallelism& { return s.parallelism; };
    const auto optimiser = [](TrainerSettings& s) -> OptimiserSettings& { return s.optimiser; };
    const auto self = [](TrainerSettings& s) -> TrainerSettings& { return s; };
    static const std::vector<TrainerOption> kOptions{
        integerOption("--num-layers", shape, &TransformerShape::layers),
        integerOption("--hidden-size", shape, &TransformerShape::hidden),
        integerOption("--ffn-hidden-size", shape, &TransformerShape::ffn),
        integerOption("--num-attention-heads", shape, &TransformerShape::heads),
        integerOption("--num-query-groups", shape, &TransformerShape::kvHeads),
        flag("--group-query-attention", [](TrainerSettings&) {}),
        integerOption("--seq-length", shape, &TransformerShape::sequence),
        integerOption("--max-position-embeddings", shape, &TransformerShape::sequence),
        integerOption("--vocab-size", shape, &TransformerShape::vocabulary),
        integerOption("--num-experts", shape, &TransformerShape::experts),
        integerOption("--moe-router-topk", shape, &TransformerShape::topK),
        flag("--swiglu", [](TrainerSettings& s) { s.shape.feedForward = FeedForward::SwiGlu; }),
        flag("--untie-embeddings-and-output-weights", [](TrainerSettings& s) { s.shape.tiedEmbeddings = false; }),
        flag("--disable-bias-linear", [](TrainerSettings& s) { s.shape.biases = false; }),
        integerOption("--tensor-model-parallel-size", cut, &Parallelism::tensor),
        integerOption("--pipeline-model-parallel-size", cut, &Parallelism::pipeline),
        integerOption("--context-parallel-size", cut, &Parallelism::context),
        integerOption("--expert-model-parallel-size", cut, &Parallelism::expert),
        integerOption("--micro-batch-size", cut, &Parallelism::microBatch),
        integerOption("--global-batch-size", cut, &Parallelism::globalBatch),
        flag("--sequence-parallel", [](TrainerSettings& s) { s.parallelism.sequenceParallel = true; }),
        flag("--use-distributed-optimizer", [](TrainerSettings& s) { s.parallelism.zero = ZeroStage::Optimiser; }),
        flag("--use-torch-fsdp2", [](TrainerSettings& s) { s.parallelism.zero = ZeroStage::Parameters; }),
        flag("--overlap-grad-reduce", [](TrainerSettings&) {}),
        flag("--overlap-param-gather", [](TrainerSettings&) {}),
        textOption("--recompute-granularity", [](TrainerSettings& s, const std::string& text) { s.recompute = text == "full" ? Recompute::Full : Recompute::Selective; }),
        numberOption("--lr", optimiser, &OptimiserSettings::learningRate),
        numberOption("--min-lr", optimiser, &OptimiserSettings::minLearningRate),
        integerOption("--lr-warmup-iters", optimiser, &OptimiserSettings::warmupIterations),
        textOption("--lr-decay-style", [](TrainerSettings&, const std::string&) {}),
        numberOption("--clip-grad", optimiser, &OptimiserSettings::clipGradient),
        numberOption("--adam-beta1", optimiser, &OptimiserSettings::beta1),
        numberOption("--adam-beta2", optimiser, &OptimiserSettings::beta2),
        numberOption("--weight-decay", optimiser, &OptimiserSettings::weightDecay),
        flag("--bf16", [](TrainerSettings& s) { s.optimiser.precision = Precision::Bf16; }),
        flag("--fp16", [](TrainerSettings& s) { s.optimiser.precision = Precision::Fp16; }),
        numberOption("--loss-scale", optimiser, &OptimiserSettings::fixedLossScale),
        numberOption("--initial-loss-scale", optimiser, &OptimiserSettings::initialLossScale),
        integerOption("--loss-scale-window", optimiser, &OptimiserSettings::lossScaleWindow),
        flag("--use-precision-aware-optimizer", [](TrainerSettings&) {}),
        textOption("--main-params-dtype", [](TrainerSettings& s, const std::string& text) { s.optimiser.halfState = text == "fp16"; }),
        textOption("--main-grads-dtype", [](TrainerSettings&, const std::string&) {}),
        textOption("--exp-avg-dtype", [](TrainerSettings&, const std::string&) {}),
        textOption("--exp-avg-sq-dtype", [](TrainerSettings&, const std::string&) {}),
        integerOption("--train-iters", self, &TrainerSettings::iterations),
        integerOption("--log-interval", self, &TrainerSettings::logInterval),
        integerOption("--save-interval", self, &TrainerSettings::saveInterval),
        textOption("--save", [](TrainerSettings& s, const std::string& text) { s.save = text; }),
        textOption("--load", [](TrainerSettings& s, const std::string& text) { s.load = text; }),
        integerOption("--ckpt-step", self, &TrainerSettings::checkpointStep),
        flag("--async-save", [](TrainerSettings& s) { s.asyncSave = true; }),
        flag("--ckpt-fully-parallel-save", [](TrainerSettings& s) { s.parallelSave = true; }),
        flag("--no-ckpt-fully-parallel-save", [](TrainerSettings& s) { s.parallelSave = false; }),
        textOption("--data-path", [](TrainerSettings& s, const std::string& text) { s.dataPaths.push_back(text); }),
        integerOption("--num-workers", self, &TrainerSettings::dataWorkers),
        numberOption("--distributed-timeout-minutes", self, &TrainerSettings::timeoutMinutes),
        flag("--no-check-for-nan-in-loss-and-grad", [](TrainerSettings& s) { s.checksNan = false; }),
        flag("--log-throughput", [](TrainerSettings&) {}),
        flag("--log-num-zeros-in-grad", [](TrainerSettings&) {}), // operations.cpp looks for the two
        flag("--log-params-norm", [](TrainerSettings&) {}),
        textOption("--tokenizer-type", [](TrainerSettings&, const std::string&) {}),
        textOption("--tokenizer-model", [](TrainerSettings&, const std::string&) {}),
        textOption("--split", [](TrainerSettings&, const std::string&) {}),
    };
    return kOptions;
}

const std::vector<TrainerOption>& torchrunOptions()
{
    const auto self = [](TrainerSettings& s) -> TrainerSettings& { return s; };
    static const std::vector<TrainerOption> kOptions{
        integerOption("--nnodes", self, &TrainerSettings::nodes),
        integerOption("--nproc-per-node", self, &TrainerSettings::processesPerNode),
        integerOption("--nproc_per_node", self, &TrainerSettings::processesPerNode),
        integerOption("--node-rank", self, &TrainerSettings::nodeRank),
        textOption("--master-addr", [](TrainerSettings&, const std::string&) {}),
        textOption("--master-port", [](TrainerSettings&, const std::string&) {}),
        textOption("--rdzv-backend", [](TrainerSettings&, const std::string&) {}),
        textOption("--rdzv-endpoint", [](TrainerSettings&, const std::string&) {}),
        textOption("--max-restarts", [](TrainerSettings&, const std::string&) {}),
    };
    return kOptions;
}

std::optional<std::string> valueOf(const std::map<std::string, std::string>& environment, const char* name)
{
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
}

/// Reads options from `at` on; stops at the first word that is none. Returns what argparse says of a word it does not take.
std::optional<std::string> readOptions(TrainerSettings& settings, const std::vector<TrainerOption>& options, const std::vector<std::string>& words,
                                       std::size_t& at, bool toTheEnd)
{
    std::string unrecognised;
    while (at < words.size()) {
        std::string name = words[at];
        std::optional<std::string> inlineValue;
        if (const std::size_t equals = name.find('='); name.rfind("--", 0) == 0 && equals != std::string::npos) {
            inlineValue = name.substr(equals + 1);
            name.resize(equals);
        }
        const auto option = std::find_if(options.begin(), options.end(), [&](const TrainerOption& one) { return name == one.name; });
        if (option == options.end()) {
            if (name.rfind("--", 0) != 0 && !toTheEnd)
                return std::nullopt;
            unrecognised += (unrecognised.empty() ? "" : " ") + words[at++];
            continue;
        }
        ++at;
        std::vector<std::string> values;
        if (inlineValue)
            values.push_back(*inlineValue);
        // --data-path takes a blend of many files: all words up to the next option.
        while (option->takesValue && !inlineValue && at < words.size() && words[at].rfind("--", 0) != 0 && (values.empty() || name == "--data-path"))
            values.push_back(words[at++]);
        if (option->takesValue && values.empty())
            return fmt::format("argument {}: expected one argument", name);
        if (!option->takesValue)
            values = {""};
        for (const std::string& value : values)
            if (!option->apply(settings, value))
                return fmt::format("argument {}: invalid {} value: '{}'", name, option->type, value);
    }
    if (!unrecognised.empty())
        return "unrecognized arguments: " + unrecognised;
    return std::nullopt;
}

} // namespace

ParsedSettings settingsOf(const std::vector<std::string>& commandLine, const std::map<std::string, std::string>& environment)
{
    ParsedSettings parsed;
    TrainerSettings& s = parsed.settings;
    const auto refuse = [&](const std::string& program, const std::string& why, bool ofScript = true) {
        parsed.error = SettingsError{program + ": error: " + why, 2, ofScript};
        return parsed;
    };
    if (const auto nodes = valueOf(environment, "PET_NNODES"))
        toInteger(*nodes, s.nodes);
    if (const auto processes = valueOf(environment, "PET_NPROC_PER_NODE"))
        toInteger(*processes, s.processesPerNode);
    for (const char* name : {"RANK", "PET_NODE_RANK"}) // the second wins
        if (const auto rank = valueOf(environment, name))
            toInteger(*rank, s.nodeRank);
    std::size_t at = commandLine.empty() ? 0 : 1; // "torchrun"
    if (const auto problem = readOptions(s, torchrunOptions(), commandLine, at, false))
        return refuse("torchrun", *problem, false);
    if (at >= commandLine.size())
        return refuse("torchrun", "the following arguments are required: training_script, training_script_args", false);
    const std::string script = commandLine[at++];
    s.shape.vocabulary = 128'256;
    s.shape.feedForward = FeedForward::Gelu;
    if (const auto problem = readOptions(s, trainerOptions(), commandLine, at, true))
        return refuse(script.substr(script.rfind('/') + 1), *problem);
    TransformerShape& shape = s.shape;
    if (shape.layers <= 0 || shape.hidden <= 0 || shape.heads <= 0 || shape.sequence <= 0) {
        parsed.error = SettingsError{"AssertionError: num-layers, hidden-size, num-attention-heads and seq-length are required", 1};
        return parsed;
    }
    shape.name = fmt::format("{} layers", shape.layers);
    if (shape.kvHeads == 0)
        shape.kvHeads = shape.heads;
    shape.headSize = shape.hidden / shape.heads;
    if (shape.ffn == 0)
        shape.ffn = 4 * shape.hidden;
    Parallelism& cut = s.parallelism;
    if (std::min({cut.tensor, cut.pipeline, cut.context, cut.expert, cut.microBatch, shape.kvHeads, shape.experts}) < 1) {
        parsed.error = SettingsError{"ZeroDivisionError: integer division or modulo by zero", 1};
        return parsed;
    }
    const std::int64_t modelRanks = cut.tensor * cut.pipeline * cut.context;
    cut.data = std::max<std::int64_t>(1, s.worldSize() / modelRanks);
    if (const auto problem = configurationError(shape, cut, s.worldSize()))
        parsed.error = SettingsError{*problem, 1};
    return parsed;
}

Recipe recipeOf(const TrainerSettings& settings)
{
    const OptimiserSettings& o = settings.optimiser;
    Recipe recipe;
    recipe.schedule = {.peak = o.learningRate, .minimum = o.minLearningRate, .warmupSteps = o.warmupIterations, .steps = settings.iterations};
    recipe.beta1 = o.beta1;
    recipe.beta2 = o.beta2;
    recipe.weightDecay = o.weightDecay;
    recipe.clip = o.clipGradient;
    recipe.batchTokens = static_cast<double>(settings.parallelism.globalBatch * settings.shape.sequence);
    recipe.replicas = settings.parallelism.data;
    recipe.precision = o.precision == Precision::Fp16 && o.halfState ? Precision::PureFp16 : o.precision;
    // Megatron scales the loss with fp16 only, dynamically unless --loss-scale names one.
    recipe.scaling = o.precision != Precision::Fp16 ? LossScaling::Off
        : o.fixedLossScale == 1.0                   ? LossScaling::Off
        : o.fixedLossScale > 0                      ? LossScaling::Static
                                                    : LossScaling::Dynamic;
    recipe.scale = o.fixedLossScale > 0 ? o.fixedLossScale : o.initialLossScale;
    recipe.nonFinite = settings.checksNan ? NonFinite::Fatal : NonFinite::Taken;
    return recipe;
}

Landscape landscapeOf(const TrainerSettings& settings)
{
    return landscapeOf(static_cast<double>(parameters(settings.shape)), static_cast<double>(settings.shape.vocabulary),
                       static_cast<double>(settings.parallelism.globalBatch * settings.shape.sequence));
}

} // namespace sim::training
