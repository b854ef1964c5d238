#include "core/validation/vllm.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace core::validation {

namespace {

namespace serving = sim::serving;
using nlohmann::json;

constexpr double kMilli = 1000;

/// The part of "0.19.0" that tells what vLLM did: 19. 0 for what is no version.
int minorVersion(const std::string& version)
{
    int minor = 0;
    if (const auto dot = version.find('.'); dot != std::string::npos)
        std::from_chars(version.data() + dot + 1, version.data() + version.size(), minor);
    return minor;
}

std::vector<std::string_view> linesOf(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (const std::string_view line = text.substr(0, end); line.find_first_not_of(" \r\t") != std::string_view::npos)
            lines.push_back(line);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

/// The first member of this name at any depth that is not null.
const json* memberNamed(const json& value, const std::string& name)
{
    if (value.is_object())
        if (const auto found = value.find(name); found != value.end() && !found->is_null())
            return &*found;
    if (value.is_structured())
        for (const json& inner : value)
            if (const json* found = memberNamed(inner, name))
                return found;
    return nullptr;
}

template <class T>
T valueOr(const json& value, const std::string& name, T otherwise)
{
    const json* found = memberNamed(value, name);
    if (found == nullptr)
        return otherwise;
    if constexpr (std::is_same_v<T, std::string>)
        return found->is_string() ? found->get<std::string>() : otherwise;
    else if constexpr (std::is_same_v<T, bool>)
        return found->is_boolean() ? found->get<bool>() : otherwise;
    else
        return found->is_number() ? found->get<T>() : otherwise;
}

serving::Precision precisionNamed(const std::string& name, serving::Precision otherwise)
{
    if (name.starts_with("fp8"))
        return serving::Precision::Float8;
    if (name == "nvfp4" || name == "fp4")
        return serving::Precision::Float4;
    if (name == "awq" || name == "gptq" || name == "int4")
        return serving::Precision::Int4;
    return otherwise;
}

sim::Result<serving::EngineSettings> settingsOf(const std::string& name, const json& config, const json& meta)
{
    const std::string model = valueOr<std::string>(meta, "model", valueOr<std::string>(config, "model_name", ""));
    const serving::ModelShape* shape = serving::modelNamed(model);
    if (shape == nullptr)
        return sim::Error{fmt::format("the model \"{}\" is unknown; sim/serving/model.cpp lists the known ones", model), name + "/meta.json"};
    const std::string hardware = valueOr<std::string>(config, "hardware", "");
    const serving::Device* device = serving::deviceNamed(hardware);
    if (device == nullptr)
        return sim::Error{fmt::format("the hardware \"{}\" is unknown; sim/serving/device.cpp lists the known ones", hardware), name + "/config.json"};
    serving::Deployment deployment;
    deployment.model = *shape;
    deployment.device = *device;
    deployment.tensorParallel = valueOr<std::int64_t>(meta, "tensor_parallel_size", valueOr<std::int64_t>(config, "tp_size", 1));
    deployment.weights = precisionNamed(valueOr<std::string>(meta, "quantization", ""), shape->native);
    deployment.cache = precisionNamed(valueOr<std::string>(meta, "kv_cache_dtype", "auto"), serving::Precision::Bfloat16);
    deployment.enforceEager = valueOr<bool>(meta, "enforce_eager", false);

    const int minor = minorVersion(valueOr<std::string>(meta, "vllm_version", ""));
    serving::EngineSettings settings = serving::vllmSettings(minor, deployment);
    settings.memoryUtilization = valueOr<double>(meta, "gpu_memory_utilization", valueOr<double>(config, "mem_util", settings.memoryUtilization));
    settings.maxNumSeqs = valueOr<std::uint32_t>(meta, "max_num_seqs", settings.maxNumSeqs);
    settings.maxNumBatchedTokens = valueOr<std::uint32_t>(meta, "max_num_batched_tokens", settings.maxNumBatchedTokens);
    settings.maxModelLen = valueOr<std::uint32_t>(meta, "max_model_len", settings.maxModelLen);
    settings.blockSize = valueOr<std::uint32_t>(meta, "block_size", settings.blockSize);
    settings.prefixCaching = valueOr<bool>(meta, "enable_prefix_caching", settings.prefixCaching);
    settings.longPrefillTokenThreshold = valueOr<std::uint32_t>(meta, "long_prefill_token_threshold", 0);
    if (const json* blocks = memberNamed(meta, "num_gpu_blocks_override"); blocks != nullptr && blocks->is_number())
        settings.blocksOverride = blocks->get<std::uint32_t>();
    if (const json* blocks = memberNamed(meta, "num_gpu_blocks"); blocks != nullptr && blocks->is_number())
        settings.blocksOverride = blocks->get<std::uint32_t>();
    return settings;
}

struct Distribution {
    std::vector<double> sorted; ///< after sort()
    double sum = 0;

    void add(double value)
    {
        sorted.push_back(value);
        sum += value;
    }
    void sort() { std::sort(sorted.begin(), sorted.end()); }
    double mean() const { return sorted.empty() ? 0 : sum / static_cast<double>(sorted.size()); }
    /// Between neighbours, as numpy does it.
    double quantile(double q) const
    {
        if (sorted.empty())
            return 0;
        const double at = q * static_cast<double>(sorted.size() - 1);
        const auto low = static_cast<std::size_t>(at);
        const std::size_t high = std::min(low + 1, sorted.size() - 1);
        return sorted[low] + (sorted[high] - sorted[low]) * (at - static_cast<double>(low));
    }
};

struct Timings {
    Distribution firstToken, perToken, latency; ///< milliseconds
    double tokens = 0;
    double begin = 1e300, end = 0;

    void add(double queued, double first, double last, std::uint32_t answer)
    {
        firstToken.add(kMilli * (first - queued));
        latency.add(kMilli * (last - queued));
        if (answer > 1)
            perToken.add(kMilli * (last - first) / (answer - 1));
        tokens += answer;
        begin = std::min(begin, queued);
        end = std::max(end, last);
    }
};

void compare(const std::string& name, Distribution& measured, Distribution& simulated, std::vector<Figure>& figures)
{
    measured.sort();
    simulated.sort();
    figures.push_back({name + "_mean", measured.mean(), simulated.mean()});
    figures.push_back({name + "_median", measured.quantile(0.5), simulated.quantile(0.5)});
    for (const int percent : {90, 95, 99})
        figures.push_back({fmt::format("{}_p{}", name, percent), measured.quantile(percent / 100.0), simulated.quantile(percent / 100.0)});
}

/// What the prompts are made of. Runs record lengths alone; the data sets that the published ones replay (LLMServingSim 5daddb2,
/// workloads/sharegpt-*.jsonl, with token ids) tell more: conversations' later turns are requests of their own, 32 of 300 begin with an
/// earlier one, all but four of these above 900 tokens, by 47 to 49 % of their length on average: 7.6 % (Llama's tokens) and 7.9 % (Qwen's) of all
/// tokens, in whole blocks. Here every third long prompt begins with the latest one that is about half as long: 8 %.
std::vector<serving::Prompt> promptsOf(const VllmRun& run)
{
    constexpr std::uint32_t kLong = 1000;
    constexpr double kShortest = 0.4;
    constexpr double kLongest = 0.6;
    std::vector<serving::Prompt> prompts;
    int longOnes = 0;
    for (std::size_t i = 0; i < run.requests.size(); ++i) {
        const std::uint32_t tokens = run.requests[i].promptTokens;
        prompts.push_back({{i + 1, tokens}});
        if (!run.conversations || tokens < kLong || ++longOnes % 3 != 0)
            continue;
        for (std::size_t earlier = i; earlier-- > 0;) {
            const std::uint32_t first = run.requests[earlier].promptTokens;
            if (first < kShortest * tokens || first > kLongest * tokens)
                continue;
            prompts.back() = prompts[earlier];
            prompts.back().push_back({i + 1, tokens - first});
            break;
        }
    }
    return prompts;
}

double meanOf(const std::vector<MeasuredSecond>& seconds, double MeasuredSecond::*what)
{
    double sum = 0;
    for (const MeasuredSecond& one : seconds)
        sum += one.*what;
    return seconds.empty() ? 0 : sum / static_cast<double>(seconds.size());
}

} // namespace

sim::Result<VllmRun> readVllmRun(const std::string& name, const VllmFiles& files)
{
    const json config = json::parse(files.config, nullptr, false);
    if (config.is_discarded())
        return sim::Error{"is no JSON", name + "/config.json"};
    const json meta = json::parse(files.meta, nullptr, false);
    if (meta.is_discarded())
        return sim::Error{"is no JSON", name + "/meta.json"};
    auto settings = settingsOf(name, config, meta);
    if (!settings)
        return settings.error();
    VllmRun run;
    run.name = name;
    run.settings = *settings;
    run.conversations = valueOr<std::string>(meta, "dataset_path", "").find("sharegpt") != std::string::npos;

    int number = 0;
    for (const std::string_view line : linesOf(files.requests)) {
        const std::string where = fmt::format("{}/requests.jsonl:{}", name, ++number);
        const json row = json::parse(line, nullptr, false);
        if (!row.is_object())
            return sim::Error{"is no JSON object", where};
        for (const char* member : {"input_toks", "output_toks", "arrival_time", "queued_ts", "first_token_ts", "last_token_ts"})
            if (!row.contains(member) || !row[member].is_number())
                return sim::Error{fmt::format("\"{}\" is missing or no number", member), where};
        MeasuredRequest one;
        one.promptTokens = row["input_toks"].get<std::uint32_t>();
        one.answerTokens = row["output_toks"].get<std::uint32_t>();
        one.arrival = row["arrival_time"].get<double>();
        one.queued = row["queued_ts"].get<double>();
        one.firstToken = row["first_token_ts"].get<double>();
        one.lastToken = row["last_token_ts"].get<double>();
        run.requests.push_back(one);
    }
    if (run.requests.empty())
        return sim::Error{"holds no requests", name + "/requests.jsonl"};
    std::stable_sort(run.requests.begin(), run.requests.end(), [](const auto& a, const auto& b) { return a.arrival < b.arrival; });
    const MeasuredRequest first = run.requests.front();
    for (MeasuredRequest& one : run.requests) {
        one.arrival -= first.arrival;
        one.queued -= first.queued;
        one.firstToken -= first.queued;
        one.lastToken -= first.queued;
    }

    for (const std::string_view line : linesOf(files.timeseries)) {
        MeasuredSecond one;
        double unused[2];
        if (std::sscanf(std::string(line).c_str(), "%lf,%lf,%lf,%lf,%lf", &one.second, &unused[0], &unused[1], &one.running, &one.waiting) == 5)
            run.seconds.push_back(one);
    }
    return run;
}

sim::Result<VllmComparison> simulate(const VllmRun& run)
{
    VllmComparison comparison;
    serving::LlmEngine engine(run.settings);
    comparison.memory = engine.memory();
    const sim::Instant start{};
    double nextSecond = 1;
    const auto sampleUntil = [&](double seconds) {
        for (; nextSecond <= seconds; nextSecond += 1) {
            engine.advance(start + sim::fromSeconds(nextSecond));
            const serving::EngineState state = engine.state();
            comparison.simulatedSeconds.push_back({nextSecond, static_cast<double>(state.running), static_cast<double>(state.waiting)});
        }
    };
    const std::vector<serving::Prompt> prompts = promptsOf(run);
    std::size_t number = 0;
    for (const MeasuredRequest& one : run.requests) {
        sampleUntil(one.arrival);
        serving::Request request;
        request.prompt = prompts[number++];
        request.answerTokens = one.answerTokens;
        if (engine.submit(std::move(request), start + sim::fromSeconds(one.arrival)) != serving::Refusal::None)
            return sim::Error{fmt::format("request {} does not fit: {} tokens, a cache of {} blocks, at most {} tokens", number,
                                          one.promptTokens + one.answerTokens, comparison.memory.blocks, run.settings.maxModelLen),
                              run.name};
    }
    while (const auto due = engine.nextDue()) {
        sampleUntil(sim::toSeconds(*due - start));
        engine.advance(*due);
    }

    Timings measured;
    for (const MeasuredRequest& one : run.requests)
        measured.add(one.queued, one.firstToken, one.lastToken, one.answerTokens);
    Timings simulated;
    for (const serving::Completion& done : engine.completions())
        simulated.add(sim::toSeconds(done.queued - start), sim::toSeconds(done.firstToken - start), sim::toSeconds(done.lastToken - start),
                      done.answerTokens);
    compare(run.name + "/ttft", measured.firstToken, simulated.firstToken, comparison.figures);
    compare(run.name + "/tpot", measured.perToken, simulated.perToken, comparison.figures);
    compare(run.name + "/latency", measured.latency, simulated.latency, comparison.figures);
    comparison.figures.push_back({run.name + "/output_throughput", measured.tokens / (measured.end - measured.begin),
                                  simulated.tokens / (simulated.end - simulated.begin)});
    if (!run.seconds.empty())
        for (const auto& [what, member] : {std::pair("running", &MeasuredSecond::running), std::pair("waiting", &MeasuredSecond::waiting)})
            comparison.figures.push_back({fmt::format("{}/{}_mean", run.name, what), meanOf(run.seconds, member), meanOf(comparison.simulatedSeconds, member)});
    comparison.preemptions = engine.metrics().counters.preemptions;
    return comparison;
}

} // namespace core::validation
