#include "sim/serving/openai/metrics_page.h"

#include "sim/serving/openai/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sim::serving::openai {

namespace {

// Minor versions of vLLM from which names exist; those but the first are set, near the dates of their changes.
constexpr int kInterTokenName = 11; ///< before it: time_per_output_token_seconds
constexpr int kSleepState = 12;
constexpr int kErrorReason = 14;
constexpr int kSources = 16;
constexpr int kReasons = 21;
constexpr int kRejections = 32;

/// prometheus_client's floatToGoString.
std::string number(double value)
{
    if (std::isinf(value))
        return value > 0 ? "+Inf" : "-Inf";
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".en") == std::string::npos)
        text += ".0";
    const auto dot = text.find('.');
    constexpr std::size_t kGoSwitches = 6;
    if (!(value > 0) || dot == std::string::npos || dot <= kGoSwitches)
        return text;
    std::string mantissa = text.substr(0, 1) + "." + text.substr(1, dot - 1) + text.substr(dot + 1);
    mantissa.erase(mantissa.find_last_not_of("0.") + 1);
    return fmt::format("{}e+{:02}", mantissa, dot - 1);
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text)
        out += c == '\\' ? "\\\\" : c == '"' ? "\\\"" : c == '\n' ? "\\n" : std::string(1, c);
    return out;
}

/// Families in Prometheus's text format, with the series of creation that prometheus_client adds.
class Exposition {
public:
    /// `labels`: of every series, without braces.
    Exposition(std::string prefix, std::string labels, Instant created)
        : m_prefix(std::move(prefix)), m_labels(std::move(labels)), m_created(number(static_cast<double>(created.time_since_epoch().count()) / 1e9))
    {
    }

    struct Series {
        std::string labels; ///< beside the common ones
        double value = 0;
    };

    void gauge(std::string_view name, std::string_view help, const std::vector<Series>& series)
    {
        head(name, help, "gauge");
        for (const Series& one : series)
            sample(name, one.labels, number(one.value));
    }
    void gauge(std::string_view name, std::string_view help, double value) { gauge(name, help, std::vector<Series>{{"", value}}); }

    /// `name`: without "_total".
    void counter(std::string_view name, std::string_view help, const std::vector<Series>& series)
    {
        const std::string total = fmt::format("{}_total", name);
        head(total, help, "counter");
        for (const Series& one : series)
            sample(total, one.labels, number(one.value));
        created(name, help, series);
    }
    void counter(std::string_view name, std::string_view help, double value) { counter(name, help, std::vector<Series>{{"", value}}); }

    void histogram(std::string_view name, std::string_view help, const Histogram& histogram)
    {
        head(name, help, "histogram");
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
            below += histogram.counts()[i];
            const double bound = i < histogram.bounds().size() ? histogram.bounds()[i] : INFINITY;
            sample(fmt::format("{}_bucket", name), fmt::format("le=\"{}\"", number(bound)), number(static_cast<double>(below)));
        }
        sample(fmt::format("{}_count", name), "", number(static_cast<double>(histogram.count())));
        sample(fmt::format("{}_sum", name), "", number(histogram.sum()));
        created(name, help, {{"", 0}});
    }

    std::string take() { return std::move(m_text); }

private:
    void head(std::string_view name, std::string_view help, std::string_view type)
    {
        m_text += fmt::format("# HELP {0}{1} {2}\n# TYPE {0}{1} {3}\n", m_prefix, name, help, type);
    }
    void sample(std::string_view name, const std::string& labels, const std::string& value)
    {
        const std::string all = m_labels + (m_labels.empty() || labels.empty() ? "" : ",") + labels;
        m_text += fmt::format("{}{}{} {}\n", m_prefix, name, all.empty() ? "" : "{" + all + "}", value);
    }
    void created(std::string_view name, std::string_view help, const std::vector<Series>& series)
    {
        const std::string full = fmt::format("{}_created", name);
        head(full, help, "gauge");
        for (const Series& one : series)
            sample(full, one.labels, m_created);
    }

    std::string m_prefix;
    std::string m_labels;
    std::string m_created;
    std::string m_text;
};

double real(std::uint64_t count) { return static_cast<double>(count); }

std::string cacheDtype(const Deployment& deployment)
{
    return deployment.cache == Precision::Float8 ? "fp8" : deployment.cache == Precision::Float4 ? "nvfp4" : "auto";
}

/// What Python's exporter and FastAPI's instrumentation tell of the process.
std::string processText(const ServerProcess& process)
{
    Exposition out("", "", process.started);
    out.gauge("python_info", "Python platform information",
              std::vector<Exposition::Series>{{R"(implementation="CPython",major="3",minor="12",patchlevel="12",version="3.12.12")", 1}});
    out.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", process.residentBytes);
    out.gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
              static_cast<double>(process.started.time_since_epoch().count()) / 1e9);
    std::string text = out.take();
    text += fmt::format("# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.\n# TYPE process_cpu_seconds_total counter\n"
                        "process_cpu_seconds_total {}\n",
                        number(process.cpuSeconds));
    out.gauge("process_open_fds", "Number of open file descriptors.", process.openFiles);
    out.gauge("process_max_fds", "Maximum number of open file descriptors.", 1048576);
    std::vector<Exposition::Series> handled;
    for (const ServerProcess::Handled& one : process.handled) {
        const std::string labels = fmt::format(R"(handler="{}",method="{}",status="{}xx")", escaped(one.handler), escaped(one.method), one.status / 100);
        const auto same = std::find_if(handled.begin(), handled.end(), [&](const Exposition::Series& series) { return series.labels == labels; });
        if (same == handled.end())
            handled.push_back({labels, real(one.count)});
        else
            same->value += real(one.count);
    }
    if (!handled.empty())
        out.counter("http_requests", "Total number of requests by method, status and handler.", handled);
    return text + out.take();
}

std::string vllmText(const ServerArguments& arguments, const LlmEngine& engine, Instant started)
{
    const int minor = minorVersion(arguments);
    const EngineState state = engine.state();
    const Counters& c = engine.metrics().counters;
    const EngineSettings& s = engine.settings();
    Exposition out("vllm:", fmt::format(R"(engine="0",model_name="{}")", escaped(arguments.servedNames.front())), started);
    using Series = std::vector<Exposition::Series>;
    out.gauge("num_requests_running", "Number of requests in model execution batches.", state.running);
    out.gauge("num_requests_waiting", "Number of requests waiting to be processed.", state.waiting);
    if (minor >= kReasons)
        out.gauge("num_requests_waiting_by_reason", "Number of requests waiting to be processed, by reason.",
                  Series{{"reason=\"capacity\"", static_cast<double>(state.waiting)}, {"reason=\"deferred\"", 0}});
    if (minor >= kSleepState)
        out.gauge("engine_sleep_state",
                  "Engine sleep state; awake = 0 means engine is sleeping; awake = 1 means engine is awake; weights_offloaded = 1 means sleep level 1; "
                  "discard_all = 1 means sleep level 2.",
                  Series{{"sleep_state=\"awake\"", 1}, {"sleep_state=\"weights_offloaded\"", 0}, {"sleep_state=\"discard_all\"", 0}});
    if (minor < kInterTokenName) {
        out.gauge("gpu_cache_usage_perc", "GPU KV-cache usage. 1 means 100 percent usage.DEPRECATED: Use vllm:kv_cache_usage_perc instead.", state.cacheUsage);
        out.counter("gpu_prefix_cache_queries",
                    "GPU prefix cache queries, in terms of number of queriedtokens. DEPRECATED: Use vllm:prefix_cache_queries instead.", real(c.prefixQueries));
        out.counter("gpu_prefix_cache_hits", "GPU prefix cache hits, in terms of number of cached tokens. DEPRECATED: Use vllm:prefix_cache_hits instead.",
                    real(c.prefixHits));
    }
    out.gauge("kv_cache_usage_perc", "KV-cache usage. 1 means 100 percent usage.", state.cacheUsage);
    out.counter("prefix_cache_queries", "Prefix cache queries, in terms of number of queried tokens.", real(c.prefixQueries));
    out.counter("prefix_cache_hits", "Prefix cache hits, in terms of number of cached tokens.", real(c.prefixHits));
    out.counter("num_preemptions", "Cumulative number of preemption from the engine.", real(c.preemptions));
    out.counter("prompt_tokens", "Number of prefill tokens processed.", real(c.promptTokens));
    if (minor >= kSources) {
        out.counter("prompt_tokens_by_source", "Number of prompt tokens by source.",
                    Series{{"source=\"local_compute\"", real(c.promptTokens - std::min(c.promptTokens, c.prefixHits))},
                           {"source=\"local_cache_hit\"", real(c.prefixHits)},
                           {"source=\"external_kv_transfer\"", 0}});
        out.counter("prompt_tokens_cached", "Number of cached prompt tokens (local + external).", real(c.prefixHits));
        out.counter("prompt_tokens_recomputed", "Number of cached tokens recomputed for forward pass.", real(c.recomputedTokens));
    }
    out.counter("generation_tokens", "Number of generation tokens processed.", real(c.generationTokens));
    Series finished;
    for (const FinishReason reason : {FinishReason::Stop, FinishReason::Length, FinishReason::Abort})
        finished.push_back({fmt::format("finished_reason=\"{}\"", metricLabel(reason)), real(c.finished[static_cast<std::size_t>(reason)])});
    if (minor >= kErrorReason)
        finished.push_back({"finished_reason=\"error\"", 0});
    out.counter("request_success", "Count of successfully processed requests.", finished);
    if (minor >= kRejections)
        out.counter("admission_rejections", "Number of requests rejected by admission control.", Series{{"reason=\"max_num_queued_reqs\"", real(c.refused)}});

    struct Row {
        HistogramName name;
        std::string_view help;
    };
    const Metrics& metrics = engine.metrics();
    for (const Row& row : {Row{HistogramName::PromptTokens, "Number of prefill tokens processed."},
                           Row{HistogramName::GenerationTokens, "Number of generation tokens processed."},
                           Row{HistogramName::IterationTokens, "Histogram of number of tokens per engine_step."}})
        out.histogram(metricName(row.name), row.help, metrics[row.name]);
    // One sequence a request here: the longest is the only one.
    out.histogram("request_max_num_generation_tokens", "Histogram of maximum number of requested generation tokens.", metrics[HistogramName::GenerationTokens]);
    Histogram ones({1, 2, 5, 10, 20});
    ones.observe(1, metrics[HistogramName::MaxTokensAsked].count());
    out.histogram("request_params_n", "Histogram of the n request parameter.", ones);
    out.histogram(metricName(HistogramName::MaxTokensAsked), "Histogram of the max_tokens request parameter.", metrics[HistogramName::MaxTokensAsked]);
    out.histogram(metricName(HistogramName::TimeToFirstToken), "Histogram of time to first token in seconds.", metrics[HistogramName::TimeToFirstToken]);
    const Histogram& interval = metrics[HistogramName::InterTokenLatency];
    if (minor < kInterTokenName) {
        out.histogram("time_per_output_token_seconds", "Histogram of time per output token in seconds.", interval);
    } else {
        out.histogram(metricName(HistogramName::InterTokenLatency), "Histogram of inter-token latency in seconds.", interval);
        out.histogram(metricName(HistogramName::TimePerOutputToken), "Histogram of time_per_output_token_seconds per request.",
                      metrics[HistogramName::TimePerOutputToken]);
    }
    for (const Row& row : {Row{HistogramName::EndToEnd, "Histogram of e2e request latency in seconds."},
                           Row{HistogramName::QueueTime, "Histogram of time spent in WAITING phase for request."},
                           Row{HistogramName::InferenceTime, "Histogram of time spent in RUNNING phase for request."},
                           Row{HistogramName::PrefillTime, "Histogram of time spent in PREFILL phase for request."},
                           Row{HistogramName::DecodeTime, "Histogram of time spent in DECODE phase for request."}})
        out.histogram(metricName(row.name), row.help, metrics[row.name]);

    const std::string given = s.blocksOverride ? fmt::format("{}", *s.blocksOverride) : "None";
    Exposition info("vllm:", "", started);
    info.gauge("cache_config_info", "Information of the LLMEngine CacheConfig",
               Series{{fmt::format(R"(block_size="{}",cache_dtype="{}",cpu_offload_gb="0",enable_prefix_caching="{}",engine="0",gpu_memory_utilization="{}",)"
                                   R"(is_attention_free="False",kv_cache_memory_bytes="{}",num_cpu_blocks="None",num_gpu_blocks="{}",)"
                                   R"(num_gpu_blocks_override="{}",prefix_caching_hash_algo="sha256",sliding_window="{}")",
                                   s.blockSize, cacheDtype(s.deployment), s.prefixCaching ? "True" : "False", s.memoryUtilization,
                                   s.cacheBytes ? fmt::format("{:.0f}", *s.cacheBytes) : "None", engine.memory().blocks, given,
                                   s.deployment.model.window > 0 ? fmt::format("{}", s.deployment.model.window) : "None"),
                       1}});
    return out.take() + info.take();
}

/// Tokens a second over the recorded steps of the latest second; 0 when none are recorded.
double generationThroughput(const LlmEngine& engine)
{
    const std::vector<StepRecord> steps = engine.recentSteps();
    if (steps.empty())
        return 0;
    const Instant end = steps.back().end;
    std::int64_t tokens = 0;
    Instant begin = end;
    for (auto step = steps.rbegin(); step != steps.rend() && end - step->begin <= std::chrono::seconds(1); ++step) {
        tokens += step->work.sampled;
        begin = step->begin;
    }
    return end > begin ? static_cast<double>(tokens) / toSeconds(end - begin) : 0;
}

double poolTokens(const LlmEngine& engine) { return real(std::uint64_t{engine.memory().blocks} * engine.settings().blockSize); }

std::string sgLangText(const ServerArguments& arguments, const LlmEngine& engine, Instant started)
{
    const EngineState state = engine.state();
    const Counters& c = engine.metrics().counters;
    const std::string model = fmt::format(R"(model_name="{}")", escaped(arguments.servedNames.front()));
    Exposition scheduler("sglang:", R"(engine_type="unified",)" + model + R"(,pp_rank="0",tp_rank="0")", started);
    scheduler.gauge("num_running_reqs", "The number of running requests.", state.running);
    scheduler.gauge("num_used_tokens", "The number of used tokens.", std::round(state.cacheUsage * poolTokens(engine)));
    scheduler.gauge("token_usage", "The token usage.", state.cacheUsage);
    scheduler.gauge("gen_throughput", "The generation throughput (token/s).", generationThroughput(engine));
    scheduler.gauge("num_queue_reqs", "The number of requests in the waiting queue.", state.waiting);
    scheduler.gauge("cache_hit_rate", "The prefix cache hit rate.", state.prefixHitRate);
    scheduler.gauge("max_total_num_tokens", "Maximum total number of tokens in the KV cache pool.", poolTokens(engine));
    Exposition tokenizer("sglang:", model, started);
    tokenizer.counter("prompt_tokens", "Number of prefill tokens processed.", real(c.promptTokens));
    tokenizer.counter("generation_tokens", "Number of generation tokens processed.", real(c.generationTokens));
    tokenizer.counter("cached_tokens", "Number of cached prompt tokens.", real(c.prefixHits));
    tokenizer.counter("num_requests", "Number of requests processed.", real(c.finished[0] + c.finished[1]));
    tokenizer.counter("num_aborted_requests", "Number of requests aborted.", real(c.finished[2]));
    tokenizer.histogram("time_to_first_token_seconds", "Histogram of time to first token in seconds.", engine.metrics()[HistogramName::TimeToFirstToken]);
    tokenizer.histogram("inter_token_latency_seconds", "Histogram of inter-token latency in seconds.", engine.metrics()[HistogramName::InterTokenLatency]);
    tokenizer.histogram("e2e_request_latency_seconds", "Histogram of End-to-end request latency in seconds", engine.metrics()[HistogramName::EndToEnd]);
    return scheduler.take() + tokenizer.take();
}

} // namespace

std::string metricsText(const ServerArguments& arguments, const LlmEngine& engine, const ServerProcess& process)
{
    const bool sgLang = arguments.settings.kind == EngineKind::SgLang;
    const bool named = arguments.logStats;
    return processText(process)
        + (!named ? "" : sgLang ? sgLangText(arguments, engine, process.started) : vllmText(arguments, engine, process.started));
}

std::map<std::string, double> gaugesOf(EngineKind kind, const ServingSample& sample)
{
    if (isVllm(kind))
        return {{"vllm:num_requests_running", sample.running},
                {"vllm:num_requests_waiting", sample.waiting},
                {"vllm:kv_cache_usage_perc", sample.cacheUse}};
    if (kind == EngineKind::SgLang)
        return {{"sglang:num_running_reqs", sample.running}, {"sglang:num_queue_reqs", sample.waiting}, {"sglang:token_usage", sample.cacheUse}};
    return {};
}

std::string iterationStatistics(const ServerArguments& arguments, const LlmEngine& engine)
{
    Json list = Json::array();
    const EngineState state = engine.state();
    const PagedCache* paged = engine.paged();
    const std::uint32_t total = paged ? paged->pool().size() : 0;
    for (const StepRecord& step : engine.recentSteps()) {
        const Json batching = {{"numContextRequests", step.work.chunks}, {"numCtxTokens", step.work.tokens - step.work.decodes},
                               {"numGenRequests", step.work.decodes}, {"numPausedRequests", 0},
                               {"numScheduledRequests", step.work.chunks + step.work.decodes}};
        const Json cache = {{"cacheHitRate", state.prefixHitRate}, {"freeNumBlocks", step.freeBlocks}, {"maxNumBlocks", total},
                            {"tokensPerBlock", arguments.settings.blockSize}, {"usedNumBlocks", total - std::min(total, step.freeBlocks)}};
        list.push_back({{"cpuMemUsage", 0},
                        {"gpuMemUsage", static_cast<std::int64_t>(engine.memory().used())},
                        {"inflightBatchingStats", batching},
                        {"iter", step.number},
                        {"iterLatencyMS", toSeconds(step.end - step.begin) * 1e3},
                        {"kvCacheStats", cache},
                        {"numActiveRequests", step.lanes.size()},
                        {"numQueuedRequests", step.waiting},
                        {"maxNumActiveRequests", arguments.settings.maxNumSeqs}});
    }
    return list.dump();
}

} // namespace sim::serving::openai
