#include "core/session/serving_what_if.h"

#include "core/shell/quoting.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace core::session {

namespace {

using sim::serving::Completion;
using sim::serving::EngineSettings;
using sim::serving::LlmEngine;
using sim::serving::Precision;
using sim::serving::Request;
using sim::serving::RequestId;

/// Each client asks so often; its first request, when all of them begin at once, does not count.
constexpr std::uint32_t kRounds = 3;
/// So long the clients' beginnings are spread over, in answers: nobody's all start in one step.
constexpr double kSpread = 0.8;
constexpr double kUnloadedSteps = 1.5; ///< a first guess of a step's time, in those of an empty server
/// Bytes by which two computations of one pool may differ.
constexpr double kPoolSlack = 1;

double meanOf(double sum, std::size_t count) { return count == 0 ? 0 : sum / static_cast<double>(count); }

Request requestOf(const WhatIf& question, std::uint64_t number)
{
    Request request;
    request.prompt = {{number, question.promptTokens}}; // nothing is shared: a prefix cache finds nothing
    request.answerTokens = question.answerTokens;
    return request;
}

sim::serving::StepWork decodingOf(double sequences, double context)
{
    sim::serving::StepWork work;
    work.tokens = work.sampled = work.decodes = std::max<std::int64_t>(1, static_cast<std::int64_t>(sequences + 0.5));
    work.decodeContext = static_cast<std::int64_t>(static_cast<double>(work.decodes) * context);
    work.windowContext = work.decodeContext;
    return work;
}

/// Clients that ask again as soon as they are answered.
void play(const WhatIf& question, WhatIfAnswer& answer)
{
    EngineSettings settings = question.settings;
    settings.recordedSteps = settings.recordedRequests = 0; // nobody looks at them
    LlmEngine engine(settings);
    const auto hostSeconds = [&settings](double sequences) {
        return settings.host.seconds(settings.asyncScheduling, sequences, static_cast<double>(settings.deployment.tensorParallel));
    };
    const double context = question.promptTokens + question.answerTokens / 2.0;
    const double guess = kUnloadedSteps * engine.costs().seconds(decodingOf(question.clients, context)) + hostSeconds(question.clients);
    const double spread = kSpread * guess * question.answerTokens;
    std::map<RequestId, std::uint32_t> rounds;
    const auto ask = [&](sim::Instant at, std::uint32_t round) {
        const RequestId id = engine.nextId();
        const sim::serving::Refusal refusal = engine.submit(requestOf(question, id), at);
        if (refusal == sim::serving::Refusal::None)
            rounds[id] = round;
        return refusal;
    };
    std::uint32_t begun = 0;
    std::vector<Completion> counted;
    sim::Instant from{};
    sim::Instant to{};
    std::uint64_t generatedBefore = 0, stepsBefore = 0;
    bool steady = false;
    std::uint32_t answeredOnce = 0;
    while (counted.size() < static_cast<std::size_t>(question.clients) * (kRounds - 1)) {
        const sim::Instant next = sim::Instant{} + sim::fromSeconds(spread * begun / question.clients);
        const std::optional<sim::Instant> due = engine.nextDue();
        if (begun < question.clients && (!due || next <= *due)) {
            ++begun;
            const sim::serving::Refusal refusal = ask(next, 0);
            answer.refused = refusal != sim::serving::Refusal::None && refusal != sim::serving::Refusal::QueueFull;
            if (answer.refused)
                return;
            continue;
        }
        if (!due)
            break;
        engine.advance(*due);
        for (const Completion& done : engine.takeCompletions()) {
            const std::uint32_t round = rounds[done.id];
            rounds.erase(done.id);
            if (round > 0)
                counted.push_back(done);
            else if (++answeredOnce == question.clients) {
                steady = true;
                from = *due;
                generatedBefore = engine.metrics().counters.generationTokens;
                stepsBefore = engine.metrics().counters.steps;
            }
            ask(*due, round + 1); // also beyond the last round: the load stays as it is until the end
        }
        to = *due;
    }
    double ttft = 0, tpot = 0, preemptions = 0;
    for (const Completion& done : counted) {
        ttft += sim::toSeconds(done.timeToFirstToken());
        tpot += done.timePerOutputToken();
        preemptions += done.preemptions;
    }
    answer.ttft = meanOf(ttft, counted.size());
    answer.tpot = meanOf(tpot, counted.size());
    answer.preemptionsPerRequest = meanOf(preemptions, counted.size());
    const double seconds = sim::toSeconds(to - from);
    const std::uint64_t generated = engine.metrics().counters.generationTokens - generatedBefore;
    const std::uint64_t steps = engine.metrics().counters.steps - stepsBefore;
    if (steady && seconds > 0) {
        answer.tokensPerSecond = static_cast<double>(generated) / seconds;
        answer.requestsPerSecond = answer.tokensPerSecond / question.answerTokens;
    }
    // Every sequence that runs gets about one token a step.
    answer.running = steps > 0 ? std::min<double>(question.clients, static_cast<double>(generated) / static_cast<double>(steps)) : 0;
    answer.step = engine.costs().cost(decodingOf(answer.running, context));
    answer.hostSeconds = hostSeconds(answer.running);
}

/// What one kind of server calls its flags, spelt as it reads them; other names after blanks. Empty: it has none.
struct FlagNames {
    const char* model;
    const char* longest;
    const char* sequences;
    const char* ranks;
    const char* memory;
    const char* weights;
    const char* cache;
    const char* cacheFloat8; ///< value
};

const FlagNames& flagNames(sim::serving::EngineKind kind)
{
    using sim::serving::EngineKind;
    static constexpr FlagNames kVllm{"--model", "--max-model-len", "--max-num-seqs", "--tensor-parallel-size -tp", "--gpu-memory-utilization", "--quantization -q",
                                     "--kv-cache-dtype", "fp8"};
    static constexpr FlagNames kSgLang{"--model-path --model", "--context-length", "--max-running-requests", "--tensor-parallel-size --tp-size --tp", "--mem-fraction-static",
                                       "--quantization", "--kv-cache-dtype", "fp8_e5m2"};
    static constexpr FlagNames kTensorRt{"", "--max_seq_len", "--max_batch_size", "--tp_size --tensor_parallel_size",
                                         "--kv_cache_free_gpu_memory_fraction --free_gpu_memory_fraction", "", "--kv_cache_dtype", "fp8"};
    switch (kind) {
    case EngineKind::SgLang: return kSgLang;
    case EngineKind::TensorRtLlm: return kTensorRt;
    case EngineKind::Vllm09:
    case EngineKind::Vllm: break;
    }
    return kVllm;
}

/// "--max_seq_len" and "--max-seq-len" are one flag.
std::string hyphened(std::string names)
{
    std::replace(names.begin(), names.end(), '_', '-');
    return names;
}

std::string flagOf(const std::string& argument) { return hyphened(argument.substr(0, argument.find('='))); }

/// Sets a flag, written "--flag value" or "--flag=value"; an empty value takes it out.
void setFlag(std::vector<std::string>& arguments, const std::string& names, const std::string& value)
{
    if (names.empty())
        return;
    const std::string known = " " + hyphened(names) + " ";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i].empty() || arguments[i][0] != '-' || known.find(" " + flagOf(arguments[i]) + " ") == std::string::npos)
            continue;
        const std::size_t sign = arguments[i].find('=');
        const bool joined = sign != std::string::npos;
        const auto at = arguments.begin() + static_cast<std::ptrdiff_t>(i);
        if (value.empty())
            arguments.erase(at, at + (joined || i + 1 == arguments.size() ? 1 : 2));
        else if (joined)
            arguments[i] = arguments[i].substr(0, sign + 1) + value;
        else if (i + 1 < arguments.size())
            arguments[i + 1] = value;
        else
            arguments.push_back(value);
        return;
    }
    if (!value.empty())
        arguments.push_back(names.substr(0, names.find(' ')) + "=" + value);
}

/// Named by a flag, or as a word of its own.
void setModel(std::vector<std::string>& arguments, const std::string& names, const std::string& from, const std::string& to)
{
    for (std::string& argument : arguments)
        if (argument == from) {
            argument = to;
            return;
        }
    setFlag(arguments, names, to);
}

std::string quantizationOf(Precision precision)
{
    switch (precision) {
    case Precision::Float8: return "fp8";
    case Precision::Int4: return "awq"; // of a checkpoint that was quantised before
    case Precision::Int8: return "compressed-tensors";
    case Precision::Float4: return "modelopt_fp4";
    case Precision::Float32:
    case Precision::Bfloat16: break;
    }
    return {};
}

} // namespace

WhatIfAnswer whatIf(const WhatIf& question)
{
    const EngineSettings& settings = question.settings;
    WhatIfAnswer answer;
    answer.memory = sim::serving::planMemory(settings);
    answer.error = sim::serving::startError(settings, answer.memory);
    answer.cacheTokens = std::uint64_t{answer.memory.blocks / sim::serving::layerGroups(settings.deployment.model).count()} * settings.blockSize;
    answer.longest = sim::serving::longestSequence(settings, std::max(0.0, answer.memory.available));
    if (!answer.error.empty())
        return answer;
    answer.longestAtOnce = sim::serving::maximumConcurrency(settings, answer.memory);
    answer.typicalAtOnce = answer.memory.blockBytes * answer.memory.blocks / sim::serving::sequenceBytes(settings, question.promptTokens + question.answerTokens);
    play(question, answer);
    return answer;
}

EngineSettings sizedAnew(EngineSettings to, const EngineSettings& from)
{
    if (!to.cacheBytes || sim::serving::isVllm(to.kind))
        return to;
    to.cacheBytes = sim::serving::poolBytes(to);
    // A pool that was smaller than the memory allowed was capped by an argument.
    if (from.cacheBytes && *from.cacheBytes < sim::serving::poolBytes(from) - kPoolSlack)
        to.cacheBytes = std::min(*to.cacheBytes, *from.cacheBytes);
    return to;
}

std::vector<std::string> argumentsFor(std::vector<std::string> arguments, const std::string& model, const EngineSettings& from, const EngineSettings& to)
{
    const FlagNames& names = flagNames(from.kind);
    const auto number = [&](const char* flag, std::uint64_t before, std::uint64_t after) {
        if (before != after)
            setFlag(arguments, flag, std::to_string(after));
    };
    if (from.deployment.model.name != to.deployment.model.name)
        setModel(arguments, names.model, model, to.deployment.model.name);
    number(names.longest, from.maxModelLen, to.maxModelLen);
    number(names.sequences, from.maxNumSeqs, to.maxNumSeqs);
    number(names.ranks, static_cast<std::uint64_t>(from.deployment.tensorParallel), static_cast<std::uint64_t>(to.deployment.tensorParallel));
    if (from.memoryUtilization != to.memoryUtilization)
        setFlag(arguments, names.memory, fmt::format("{}", to.memoryUtilization));
    if (from.deployment.weights != to.deployment.weights)
        setFlag(arguments, names.weights, quantizationOf(to.deployment.weights));
    if (from.deployment.cache != to.deployment.cache)
        setFlag(arguments, names.cache, to.deployment.cache == Precision::Float8 ? names.cacheFloat8 : "auto");
    return arguments;
}

std::string patchCommand(const std::string& nameSpace, const std::string& deployment, const std::string& container, const std::vector<std::string>& arguments,
                         std::int64_t gpusBefore, std::int64_t gpus)
{
    nlohmann::ordered_json one{{"name", container}, {"args", arguments}};
    if (gpus != gpusBefore) { // an extended resource's request is its limit
        const nlohmann::ordered_json count{{"nvidia.com/gpu", std::to_string(gpus)}};
        one["resources"] = {{"requests", count}, {"limits", count}};
    }
    const nlohmann::ordered_json patch{{"spec", {{"template", {{"spec", {{"containers", nlohmann::ordered_json::array({one})}}}}}}}};
    return fmt::format("kubectl -n {} patch deployment {} -p {}", nameSpace, deployment, shell::singleQuoted(patch.dump()));
}

} // namespace core::session
