#include "core/validation/vllm.h"

#include "core/validation/fields.h"
#include "sim/engine/split.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

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

// More than any server had: beyond, a figure is a slip, and the replay would take memory or hours.
constexpr int kMostRanks = 256;
constexpr int kMostSequences = 65'536;
constexpr int kMostStepTokens = 1'048'576;
constexpr int kMostTokens = 10'000'000; ///< of a prompt, an answer or both
constexpr int kMostBlockSize = 1024;
constexpr int kMostBlocks = 4'000'000;
constexpr double kLongestRun = 7 * 86400; ///< seconds
constexpr double kMostInSeries = 1e6;     ///< seconds, and requests running or waiting

/// The first member of this name that is not null, at any depth that a person would write.
const json* memberNamed(const json& value, const std::string& name, int depth = 0)
{
    constexpr int kDeepest = 32;
    if (value.is_object())
        if (const auto found = value.find(name); found != value.end() && !found->is_null())
            return &*found;
    if (value.is_structured() && depth < kDeepest)
        for (const json& inner : value)
            if (const json* found = memberNamed(inner, name, depth + 1))
                return found;
    return nullptr;
}

/// A file of JSON whose members may stand at any depth. What is absent has its standard; the first member that cannot be used is kept
/// in `wrong`.
struct Document {
    json value;
    std::string where;
    std::optional<sim::Error> wrong;

    void complain(const sim::Error& error)
    {
        if (!wrong)
            wrong = error;
    }
    std::string text(const std::string& name, const std::string& standard)
    {
        const json* found = memberNamed(value, name);
        if (found != nullptr && !found->is_string())
            complain(problem(where, name, "is no text; write it in quotes"));
        return found != nullptr && found->is_string() ? found->get<std::string>() : standard;
    }
    bool flag(const std::string& name, bool standard)
    {
        const json* found = memberNamed(value, name);
        if (found != nullptr && !found->is_boolean())
            complain(problem(where, name, "is neither true nor false; write one of them without quotes"));
        return found != nullptr && found->is_boolean() ? found->get<bool>() : standard;
    }
    std::uint32_t count(const std::string& name, std::uint32_t standard, int least, int most)
    {
        const json* found = memberNamed(value, name);
        if (found == nullptr)
            return standard;
        const auto read = countIn(found->dump(), least, most, where, name);
        if (!read)
            complain(read.error());
        return read ? static_cast<std::uint32_t>(*read) : standard;
    }
    /// Above 0, at most 1.
    double share(const std::string& name, double standard)
    {
        const json* found = memberNamed(value, name);
        if (found == nullptr)
            return standard;
        const auto read = numberIn(found->dump());
        const bool good = read && *read > 0 && *read <= 1;
        if (!good)
            complain(problem(where, name, fmt::format("\"{}\" is no share; write a number above 0, at most 1", found->dump())));
        return good ? *read : standard;
    }
};

sim::Result<Document> documentOf(const std::string& text, const std::string& where)
{
    Document document{json::parse(text, nullptr, false), where, std::nullopt};
    if (document.value.is_discarded())
        return sim::Error{"is no JSON", where};
    return document;
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

sim::Result<serving::EngineSettings> settingsOf(Document& config, Document& meta)
{
    const std::string model = meta.text("model", config.text("model_name", ""));
    const serving::ModelShape* shape = serving::modelNamed(model);
    if (shape == nullptr)
        return sim::Error{fmt::format("the model \"{}\" is unknown; sim/serving/model.cpp lists the known ones", model), meta.where};
    const std::string hardware = config.text("hardware", "");
    const serving::Device* device = serving::deviceNamed(hardware);
    if (device == nullptr)
        return sim::Error{fmt::format("the hardware \"{}\" is unknown; sim/serving/device.cpp lists the known ones", hardware), config.where};
    serving::Deployment deployment;
    deployment.model = *shape;
    deployment.device = *device;
    deployment.tensorParallel = meta.count("tensor_parallel_size", config.count("tp_size", 1, 1, kMostRanks), 1, kMostRanks);
    deployment.weights = precisionNamed(meta.text("quantization", ""), shape->native);
    deployment.cache = precisionNamed(meta.text("kv_cache_dtype", "auto"), serving::Precision::Bfloat16);
    deployment.enforceEager = meta.flag("enforce_eager", false);

    const int minor = minorVersion(meta.text("vllm_version", ""));
    serving::EngineSettings settings = serving::vllmSettings(minor, deployment);
    settings.memoryUtilization = meta.share("gpu_memory_utilization", config.share("mem_util", settings.memoryUtilization));
    settings.maxNumSeqs = meta.count("max_num_seqs", settings.maxNumSeqs, 1, kMostSequences);
    settings.maxNumBatchedTokens = meta.count("max_num_batched_tokens", settings.maxNumBatchedTokens, 1, kMostStepTokens);
    settings.maxModelLen = meta.count("max_model_len", settings.maxModelLen, 1, kMostTokens);
    settings.blockSize = meta.count("block_size", settings.blockSize, 1, kMostBlockSize);
    settings.prefixCaching = meta.flag("enable_prefix_caching", settings.prefixCaching);
    settings.longPrefillTokenThreshold = meta.count("long_prefill_token_threshold", 0, 0, kMostStepTokens);
    // What the server found outweighs what it was told.
    if (const std::uint32_t blocks = meta.count("num_gpu_blocks", meta.count("num_gpu_blocks_override", 0, 2, kMostBlocks), 2, kMostBlocks); blocks > 0)
        settings.blocksOverride = blocks;
    for (const Document* document : {&config, &meta})
        if (document->wrong)
            return *document->wrong;
    return settings;
}

sim::Result<MeasuredRequest> requestOf(const std::string& line, const std::string& where)
{
    const json row = json::parse(line, nullptr, false);
    if (!row.is_object())
        return sim::Error{"is no JSON object", where};
    for (const char* member : {"input_toks", "output_toks", "arrival_time", "queued_ts", "first_token_ts", "last_token_ts"})
        if (!row.contains(member) || !row[member].is_number())
            return sim::Error{fmt::format("\"{}\" is missing or no number", member), where};
    MeasuredRequest one;
    one.where = where;
    for (const auto& [member, tokens] : {std::pair("input_toks", &one.promptTokens), std::pair("output_toks", &one.answerTokens)}) {
        const auto count = countIn(row[member].dump(), 1, kMostTokens, where, member);
        if (!count)
            return count.error();
        *tokens = static_cast<std::uint32_t>(*count);
    }
    one.arrival = row["arrival_time"].get<double>();
    one.queued = row["queued_ts"].get<double>();
    one.firstToken = row["first_token_ts"].get<double>();
    one.lastToken = row["last_token_ts"].get<double>();
    if (!(one.queued <= one.firstToken && one.firstToken <= one.lastToken && one.queued < one.lastToken))
        return sim::Error{"its instants run backwards; queued_ts, first_token_ts and last_token_ts come in this order, by one clock", where};
    return one;
}

sim::Result<std::vector<MeasuredRequest>> requestsOf(const std::string& text, const std::string& file)
{
    std::vector<MeasuredRequest> requests;
    int number = 0;
    for (const std::string& line : sim::linesOf(text)) {
        ++number;
        if (trimmed(line).empty())
            continue;
        auto one = requestOf(line, fmt::format("{}:{}", file, number));
        if (!one)
            return one.error();
        requests.push_back(std::move(*one));
    }
    if (requests.empty())
        return sim::Error{"holds no requests", file};
    std::stable_sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) { return a.arrival < b.arrival; });
    const double arrival = requests.front().arrival;
    const double queued = requests.front().queued;
    for (MeasuredRequest& one : requests) {
        one.arrival -= arrival;
        for (double* instant : {&one.queued, &one.firstToken, &one.lastToken})
            *instant -= queued;
        if (!(one.arrival <= kLongestRun && std::abs(one.queued) <= kLongestRun && one.lastToken <= kLongestRun))
            return sim::Error{"lies more than a week from the first request; write instants in seconds, each column by one clock", one.where};
    }
    return requests;
}

sim::Result<std::vector<MeasuredSecond>> secondsOf(const std::string& text, const std::string& file)
{
    constexpr std::array<const char*, 3> kColumns = {"t", "running", "waiting"};
    std::vector<MeasuredSecond> seconds;
    std::vector<std::size_t> places; // of the columns
    int number = 0;
    for (const std::string& line : sim::linesOf(text)) {
        const std::string where = fmt::format("{}:{}", file, ++number);
        if (trimmed(line).empty())
            continue;
        std::vector<std::string> cells;
        for (const std::string& cell : sim::split(line, ','))
            cells.push_back(trimmed(cell));
        if (places.empty()) {
            for (const char* column : kColumns) {
                const auto found = std::find(cells.begin(), cells.end(), column);
                if (found == cells.end())
                    return problem(where, column, "is missing; the first line names the columns t, running and waiting");
                places.push_back(static_cast<std::size_t>(found - cells.begin()));
            }
            continue;
        }
        std::array<double, kColumns.size()> values{};
        for (std::size_t i = 0; i < places.size(); ++i) {
            const auto value = places[i] < cells.size() ? numberIn(cells[places[i]]) : std::nullopt;
            if (!value || *value < 0 || *value > kMostInSeries)
                return problem(where, kColumns[i], "is missing or no number; write one from 0 to a million");
            values[i] = *value;
        }
        seconds.push_back({values[0], values[1], values[2]});
    }
    return seconds;
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
    auto config = documentOf(files.config, name + "/config.json");
    if (!config)
        return config.error();
    auto meta = documentOf(files.meta, name + "/meta.json");
    if (!meta)
        return meta.error();
    auto settings = settingsOf(*config, *meta);
    if (!settings)
        return settings.error();
    auto requests = requestsOf(files.requests, name + "/requests.jsonl");
    if (!requests)
        return requests.error();
    auto seconds = secondsOf(files.timeseries, name + "/timeseries.csv");
    if (!seconds)
        return seconds.error();
    VllmRun run;
    run.name = name;
    run.settings = std::move(*settings);
    run.requests = std::move(*requests);
    run.conversations = meta->text("dataset_path", "").find("sharegpt") != std::string::npos;
    run.seconds = std::move(*seconds);
    return run;
}

sim::Result<VllmComparison> simulate(const VllmRun& run)
{
    VllmComparison comparison;
    comparison.memory = serving::planMemory(run.settings);
    if (const std::string error = serving::startError(run.settings, comparison.memory); !error.empty())
        return sim::Error{"the server would not start (" + error + "); check the hardware and the engine's arguments", run.name + "/meta.json"};
    serving::LlmEngine engine(run.settings);
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
        const serving::Refusal refusal = engine.submit(std::move(request), start + sim::fromSeconds(one.arrival));
        if (refusal == serving::Refusal::LargerThanCache)
            return sim::Error{fmt::format("{} tokens do not fit into the cache's {} blocks of {}; check the hardware and gpu_memory_utilization",
                                          one.promptTokens + one.answerTokens, comparison.memory.blocks, run.settings.blockSize),
                              one.where};
        if (refusal != serving::Refusal::None)
            return sim::Error{fmt::format("{} tokens are more than max_model_len, {}; correct one of them", one.promptTokens + one.answerTokens,
                                          run.settings.maxModelLen),
                              one.where};
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
