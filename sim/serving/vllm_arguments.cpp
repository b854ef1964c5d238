#include "sim/serving/argument_words.h"
#include "sim/serving/checkpoint.h"
#include "sim/serving/engine_arguments.h"
#include "sim/serving/memory.h"
#include "sim/serving/yaml_file.h"

#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace sim::serving {

namespace {

// Minor versions in which a line's words changed. Those marked "set" lie near the version told in reports.
constexpr int kPrefixedLines = 11;   // "(APIServer pid=1)"
constexpr int kAttentionFlag = 11;   // --attention-backend beside the environment
constexpr int kLongerLengthText = 11; // set
constexpr int kNoSwapSpace = 20;     // set: gone in 0.2x
constexpr int kNoDeviceFlag = 20;
constexpr int kNoDisableLogRequests = 24;
constexpr int kNoTaskFlag = 28;

constexpr std::string_view kDtypes = "auto half float16 bfloat16 float float32";
constexpr std::string_view kCacheDtypes = "auto bfloat16 float16 fp8 fp8_e4m3 fp8_e5m2 fp8_inc nvfp4";
constexpr std::string_view kPolicies = "fcfs priority";
constexpr std::string_view kBlockSizes = "1 8 16 32 64 128 256";

constexpr auto kFlags = std::to_array<Flag>({
    // What the engine here goes by.
    {"model", Takes::Text},
    {"served-model-name", Takes::List},
    {"host", Takes::Text},
    {"port", Takes::Whole},
    {"api-key", Takes::List},
    {"middleware", Takes::Each},
    {"config", Takes::Text},
    {"disable-log-stats", Takes::Toggle},
    {"enable-prompt-tokens-details", Takes::Toggle},
    {"enable-log-requests", Takes::Toggle, "", "", 10},
    {"disable-log-requests", Takes::Toggle, "", "", 0, kNoDisableLogRequests},
    {"dtype", Takes::Choice, "", kDtypes},
    {"quantization", Takes::Text, "-q"},
    {"max-model-len", Takes::Text}, // a size, or "auto"
    {"enforce-eager", Takes::Toggle},
    {"tensor-parallel-size", Takes::Whole, "-tp"},
    {"gpu-memory-utilization", Takes::Fraction},
    {"kv-cache-memory-bytes", Takes::Size, "", "", 11},
    {"kv-cache-memory", Takes::Size, "", "", 11},
    {"num-gpu-blocks-override", Takes::Whole},
    {"block-size", Takes::Choice, "", kBlockSizes},
    {"kv-cache-dtype", Takes::Choice, "", kCacheDtypes},
    {"enable-prefix-caching", Takes::Toggle},
    {"max-num-seqs", Takes::Whole},
    {"max-num-batched-tokens", Takes::Size},
    {"enable-chunked-prefill", Takes::Toggle},
    {"long-prefill-token-threshold", Takes::Whole},
    {"scheduling-policy", Takes::Choice, "", kPolicies},
    {"scheduler-reserve-full-isl", Takes::Toggle, "", "", 20},
    {"watermark", Takes::Fraction, "", "", 20},
    {"async-scheduling", Takes::Toggle, "", "", 10},
    {"max-num-queued-reqs", Takes::Whole, "", "", kNewestVllm},
    {"attention-backend", Takes::Text, "", "", kAttentionFlag},
    {"pipeline-parallel-size", Takes::Whole, "-pp"}, // refused beyond 1: the engine has one stage
    // Known, and without effect on what is modelled.
    {"swap-space", Takes::Fraction, "", "", 0, kNoSwapSpace},
    {"device", Takes::Text, "", "", 0, kNoDeviceFlag},
    {"task", Takes::Text, "", "", 0, kNoTaskFlag},
    {"runner", Takes::Text},
    {"tokenizer", Takes::Text},
    {"tokenizer-mode", Takes::Text},
    {"trust-remote-code", Takes::Toggle},
    {"revision", Takes::Text},
    {"hf-token", Takes::Text},
    {"hf-overrides", Takes::Text},
    {"download-dir", Takes::Text},
    {"load-format", Takes::Text},
    {"seed", Takes::Whole},
    {"generation-config", Takes::Text},
    {"override-generation-config", Takes::Text},
    {"chat-template", Takes::Text},
    {"response-role", Takes::Text},
    {"enable-auto-tool-choice", Takes::Toggle},
    {"tool-call-parser", Takes::Text},
    {"reasoning-parser", Takes::Text},
    {"max-logprobs", Takes::Whole},
    {"limit-mm-per-prompt", Takes::Text},
    {"prefix-caching-hash-algo", Takes::Text},
    {"calculate-kv-scales", Takes::Toggle},
    {"cpu-offload-gb", Takes::Fraction},
    {"enable-expert-parallel", Takes::Toggle, "-ep"},
    {"disable-custom-all-reduce", Takes::Toggle},
    {"disable-hybrid-kv-cache-manager", Takes::Toggle},
    {"distributed-executor-backend", Takes::Text},
    {"compilation-config", Takes::Text, "-O -cc"},
    {"optimization-level", Takes::Text},
    {"cuda-graph-sizes", Takes::List},
    {"max-num-partial-prefills", Takes::Whole},
    {"max-long-partial-prefills", Takes::Whole},
    {"num-lookahead-slots", Takes::Whole},
    {"kv-cache-metrics", Takes::Toggle},
    {"kv-cache-metrics-sample", Takes::Fraction},
    {"show-hidden-metrics-for-version", Takes::Text},
    {"otlp-traces-endpoint", Takes::Text},
    {"uvicorn-log-level", Takes::Text},
    {"disable-uvicorn-access-log", Takes::Toggle},
    {"disable-access-log-for-endpoints", Takes::Text},
    {"max-log-len", Takes::Whole},
    {"allowed-origins", Takes::Text},
    {"allowed-methods", Takes::Text},
    {"allowed-headers", Takes::Text},
    {"allow-credentials", Takes::Toggle},
    {"root-path", Takes::Text},
    {"enable-force-include-usage", Takes::Toggle},
    {"enable-server-load-tracking", Takes::Toggle},
    {"enable-request-id-headers", Takes::Toggle},
    {"return-tokens-as-token-ids", Takes::Toggle},
    {"disable-fastapi-docs", Takes::Toggle},
    {"data-parallel-size", Takes::Whole, "-dp"},
    {"api-server-count", Takes::Whole, "-asc"},
    {"enable-sleep-mode", Takes::Toggle},
    {"log-config-file", Takes::Text},
});

struct Scheme {
    std::string_view name;
    Precision weights;
    int capability; ///< that it needs at least
};
constexpr auto kSchemes = std::to_array<Scheme>({
    {"awq", Precision::Int4, 75},
    {"awq_marlin", Precision::Int4, 75},
    {"bitsandbytes", Precision::Int4, 70},
    {"compressed-tensors", Precision::Int8, 70},
    {"fp8", Precision::Float8, 75},
    {"gptq", Precision::Int4, 60},
    {"gptq_marlin", Precision::Int4, 75},
    {"modelopt", Precision::Float8, 89},
    {"modelopt_fp4", Precision::Float4, 75},
    {"mxfp4", Precision::Float4, 80},
});
/// Schemes that need weights stored that way; the others can make theirs while loading.
bool isStored(std::string_view scheme) { return scheme != "fp8" && scheme != "bitsandbytes"; }
/// "awq_marlin" computes what "awq" stores.
std::string storedAs(std::string_view scheme)
{
    const auto marlin = scheme.find("_marlin");
    return std::string(scheme.substr(0, marlin));
}

struct BackendName {
    std::string_view name;
    AttentionBackend backend;
};
constexpr auto kBackends = std::to_array<BackendName>({
    {"FLASH_ATTN", AttentionBackend::FlashAttention},
    {"FLASH_ATTN_VLLM_V1", AttentionBackend::FlashAttention},
    {"FLASHINFER", AttentionBackend::FlashInfer},
    {"FLASHINFER_VLLM_V1", AttentionBackend::FlashInfer},
    {"TRITON_ATTN", AttentionBackend::Triton},
    {"TRITON_ATTN_VLLM_V1", AttentionBackend::Triton},
    {"FLEX_ATTENTION", AttentionBackend::FlexAttention},
    {"XFORMERS", AttentionBackend::Xformers},
    {"TORCH_SDPA", AttentionBackend::TorchNative},
});

/// One start of vLLM: what was given, and what becomes of it step by step in the order in which vLLM finds fault.
class VllmStart {
public:
    VllmStart(const EngineLine& line, const std::string& version, const Device& gpu, std::int64_t gpus)
        : m_line(&line), m_gpu(&gpu), m_gpus(gpus), m_minor(vllmMinor(version))
    {
    }

    ArgumentsOrError run()
    {
        for (const auto step : {&VllmStart::parse, &VllmStart::environment, &VllmStart::frontend, &VllmStart::model, &VllmStart::cache,
                                &VllmStart::parallel, &VllmStart::scheduler, &VllmStart::whole})
            if (auto error = (this->*step)())
                return *error;
        return m_arguments;
    }

private:
    using Refused = std::optional<ArgumentError>;

    /// A failure after parsing: Python's last lines, status 1.
    ArgumentError failed(std::vector<std::string> lines) const
    {
        if (m_minor >= kPrefixedLines)
            for (std::string& line : lines)
                line = "(APIServer pid=1) " + line;
        return {std::move(lines), 1};
    }
    /// A validator's ValueError; `input`: the outer words of what it was given.
    ArgumentError invalid(std::string_view config, const std::string& what, std::string_view input) const
    {
        std::vector<std::string> lines = {fmt::format("pydantic_core._pydantic_core.ValidationError: 1 validation error for {}", config)};
        const std::vector<std::string> text = linesOf(fmt::format(
            "  Value error, {} [type=value_error, input_value=ArgsKwargs((), {{{}}}), input_type=ArgsKwargs]", what, input));
        lines.insert(lines.end(), text.begin(), text.end());
        lines.emplace_back("    For further information visit https://errors.pydantic.dev/2.12/v/value_error");
        return failed(std::move(lines));
    }
    /// A field out of its range.
    ArgumentError outOfRange(std::string_view config, std::string_view field, std::string_view bound, std::string_view type,
                             const std::string& value, bool whole) const
    {
        return failed({fmt::format("pydantic_core._pydantic_core.ValidationError: 1 validation error for {}", config), std::string(field),
                       fmt::format("  Input should be {} [type={}, input_value={}, input_type={}]", bound, type, value, whole ? "int" : "float"),
                       fmt::format("    For further information visit https://errors.pydantic.dev/2.12/v/{}", type)});
    }
    Refused atLeastOne(std::string_view config, std::string_view flag) const
    {
        const auto value = m_given.whole(flag);
        if (!value || *value >= 1)
            return std::nullopt;
        std::string field(flag);
        std::replace(field.begin(), field.end(), '-', '_');
        return outOfRange(config, field, "greater than or equal to 1", "greater_than_equal", fmt::format("{}", *value), true);
    }

    std::vector<Flag> knownFlags() const
    {
        std::vector<Flag> known;
        std::copy_if(kFlags.begin(), kFlags.end(), std::back_inserter(known),
                     [&](const Flag& flag) { return m_minor >= flag.since && m_minor < flag.until; });
        return known;
    }

    Refused parse()
    {
        Program program{"vllm serve", "vllm serve [model_tag] [options]", "vllm",
                        "vllm [-h] [-v]\n            {chat,complete,serve,launch,bench,collect-env,run-batch} ..."};
        if (m_line->asModule)
            program = {"api_server.py", "", "", ""};
        std::vector<std::string> words = m_line->words;
        // -O3 without a space.
        for (std::string& word : words)
            if (word.size() > 2 && word.starts_with("-O") && word[2] >= '0' && word[2] <= '9')
                word = "--optimization-level=" + word.substr(2);
        if (auto error = expandConfig(words))
            return error;
        const std::vector<Flag> flags = knownFlags();
        Parsed parsed = parseWords(words, flags, program, m_line->asModule ? 0 : 1);
        if (auto* error = std::get_if<ArgumentError>(&parsed))
            return *error;
        m_given = std::get<GivenWords>(std::move(parsed));
        if (const auto length = m_given.text("max-model-len"); length && *length != "auto" && *length != "-1" && !humanReadableInt(*length)) {
            Flag flag{"max-model-len", Takes::Size};
            return std::get<ArgumentError>(parseWords(std::array<std::string, 2>{"--max-model-len", *length}, std::array<Flag, 1>{flag}, program, 0));
        }
        return std::nullopt;
    }

    /// A file's keys are flags before all others, so that these win.
    Refused expandConfig(std::vector<std::string>& words) const
    {
        for (std::size_t i = 0; i < words.size(); ++i) {
            std::string path;
            std::size_t taken = 1;
            if (words[i].starts_with("--config=")) {
                path = words[i].substr(std::string_view("--config=").size());
            } else if (words[i] == "--config" && i + 1 < words.size()) {
                path = words[i + 1];
                taken = 2;
            } else {
                continue;
            }
            const std::string extension = path.substr(std::min(path.size(), path.find_last_of('.') + 1));
            if (extension != "yaml" && extension != "yml")
                return failed({fmt::format("ValueError: Config file must be of a yaml/yml type. {} supplied", extension)});
            const auto file = m_line->from->files.find(path);
            if (file == m_line->from->files.end())
                return failed({fmt::format("FileNotFoundError: [Errno 2] No such file or directory: '{}'", path)});
            const auto content = readYamlFile(file->second);
            if (!content)
                return failed({"yaml.parser.ParserError: " + content.error().message});
            std::vector<std::string> added;
            for (const auto& [key, value] : content->items()) {
                const std::string flag = "--" + key;
                if (value.is_boolean()) {
                    if (value.get<bool>())
                        added.push_back(flag);
                    continue;
                }
                added.push_back(flag);
                if (!value.is_array())
                    added.push_back(wordOf(value));
                else
                    for (const nlohmann::json& one : value)
                        added.push_back(wordOf(one));
            }
            words.erase(words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(i + taken));
            // Behind the model, which stands first.
            const std::size_t at = !words.empty() && !words[0].starts_with('-') ? 1 : 0;
            words.insert(words.begin() + static_cast<std::ptrdiff_t>(at), added.begin(), added.end());
            return std::nullopt;
        }
        return std::nullopt;
    }

    std::string variable(const std::string& name) const
    {
        const auto found = m_line->from->environment.find(name);
        return found == m_line->from->environment.end() ? "" : found->second;
    }

    /// A Service that is called "vllm" gives its clients' pods a VLLM_PORT of its own making.
    Refused environment()
    {
        const std::string port = variable("VLLM_PORT");
        if (port.empty() || pythonInt(port))
            return std::nullopt;
        if (port.find("://") != std::string::npos)
            return failed({fmt::format("ValueError: VLLM_PORT '{}' appears to be a URI. This may be caused by a Kubernetes service discovery issue,check the "
                                       "warning in: https://docs.vllm.ai/en/stable/serving/env_vars.html",
                                       port)});
        return failed({fmt::format("ValueError: VLLM_PORT '{}' must be a valid integer", port)});
    }

    Refused frontend()
    {
        m_arguments.host = m_given.text("host").value_or("0.0.0.0");
        m_arguments.port = m_given.whole("port").value_or(8000);
        m_arguments.apiKey = m_given.text("api-key").value_or(variable("VLLM_API_KEY"));
        m_arguments.middleware = m_given.list("middleware");
        m_arguments.logStats = !m_given.on("disable-log-stats", false);
        m_arguments.cacheReport = m_given.on("enable-prompt-tokens-details", false);
        m_arguments.developer = variable("VLLM_SERVER_DEV_MODE") == "1";
        m_arguments.servedNames = m_given.list("served-model-name");
        constexpr std::int64_t kMostPort = 65535;
        if (m_arguments.port < 0 || m_arguments.port > kMostPort)
            return failed({"OverflowError: bind(): port must be 0-65535."});
        return std::nullopt;
    }

    Refused model()
    {
        // The one named behind "serve" wins over --model.
        m_arguments.model = m_given.positionals.empty() ? m_given.text("model").value_or(m_minor < 12 ? "facebook/opt-125m" : "Qwen/Qwen3-0.6B")
                                                        : m_given.positionals.front();
        const auto checkpoint = checkpointNamed(m_arguments.model);
        if (!checkpoint)
            return failed(unreachableModelLines());
        m_deployment.model = *checkpoint->shape;
        m_deployment.device = *m_gpu;
        m_deployment.weights = checkpoint->weights;
        m_deployment.enforceEager = m_given.on("enforce-eager", false);
        if (auto error = quantisation(*checkpoint))
            return error;
        const std::int64_t longest = m_deployment.model.maxPosition;
        if (const auto asked = askedLength(); asked && *asked > longest && variable("VLLM_ALLOW_LONG_MAX_MODEL_LEN") != "1")
            return invalid("ModelConfig", tooLong(*asked, longest), "'model': ...nderer_num_workers': 1");
        if (const auto asked = askedLength(); asked && *asked < 1)
            return outOfRange("ModelConfig", "max_model_len", "greater than 0", "greater_than", fmt::format("{}", *asked), true);
        return std::nullopt;
    }

    /// --max-model-len as a number. Nothing: the model's own, or "auto".
    std::optional<std::int64_t> askedLength() const
    {
        const auto text = m_given.text("max-model-len");
        return text && *text != "auto" && *text != "-1" ? humanReadableInt(*text) : std::nullopt;
    }

    std::string tooLong(std::int64_t asked, std::int64_t longest) const
    {
        const bool longer = m_minor >= kLongerLengthText;
        return fmt::format("User-specified max_model_len ({}) is greater than the derived max_model_len (max_position_embeddings={}{} or "
                           "model_max_length=None in model's config.json). {}To allow overriding this maximum, set the env var "
                           "VLLM_ALLOW_LONG_MAX_MODEL_LEN=1{}",
                           asked, longest, longer ? ".0" : "", longer ? "" : "This may lead to incorrect model outputs or CUDA errors. ",
                           longer ? ". VLLM_ALLOW_LONG_MAX_MODEL_LEN must be used with extreme caution. If the model uses relative position encoding "
                                    "(RoPE), positions exceeding derived_max_model_len lead to nan. If the model uses absolute position encoding, positions "
                                    "exceeding derived_max_model_len will cause a CUDA array out-of-bounds error."
                                  : "");
    }

    Refused quantisation(const Checkpoint& checkpoint)
    {
        const std::string dtype = m_given.text("dtype").value_or("auto");
        const std::string asked = m_given.text("quantization").value_or("");
        const std::string_view input = "'model': ...nderer_num_workers': 1";
        const Scheme* scheme = nullptr;
        if (!asked.empty() && asked != "None") {
            const auto found = std::find_if(kSchemes.begin(), kSchemes.end(), [&](const Scheme& s) { return s.name == asked; });
            if (found == kSchemes.end())
                return invalid("ModelConfig", fmt::format("Unknown quantization method: {}. Must be one of {}.", asked, schemeList()), input);
            scheme = &*found;
            if (!checkpoint.scheme.empty() && storedAs(asked) != checkpoint.scheme)
                return invalid("ModelConfig",
                               fmt::format("Quantization method specified in the model config ({}) does not match the quantization method specified in the "
                                           "`quantization` argument ({}).",
                                           checkpoint.scheme, asked),
                               input);
            if (checkpoint.scheme.empty() && isStored(asked))
                return failed({fmt::format("ValueError: Cannot find the config file for {}", storedAs(asked))});
            m_deployment.weights = scheme->weights;
        } else if (!checkpoint.scheme.empty()) {
            const auto found = std::find_if(kSchemes.begin(), kSchemes.end(), [&](const Scheme& s) { return s.name == checkpoint.scheme; });
            scheme = found == kSchemes.end() ? nullptr : &*found;
        } else if (dtype == "float" || dtype == "float32") {
            m_deployment.weights = Precision::Float32;
        }
        m_scheme = scheme;
        const bool halfOnly = asked == "awq" || asked == "gptq";
        if (halfOnly && dtype != "auto" && dtype != "half" && dtype != "float16")
            return invalid("VllmConfig",
                           fmt::format("torch.{} is not supported for quantization method {}. Supported dtypes: [torch.float16]",
                                       dtype == "float" ? "float32" : dtype, asked),
                           "'model_co...additional_config': {}");
        return std::nullopt;
    }
    static std::string schemeList()
    {
        std::string list;
        for (const Scheme& scheme : kSchemes)
            list += fmt::format("{}'{}'", list.empty() ? "[" : ", ", scheme.name);
        return list + "]";
    }

    Refused cache()
    {
        const std::string dtype = m_given.text("kv-cache-dtype").value_or("auto");
        m_deployment.cache = dtype.starts_with("fp8") ? Precision::Float8
            : dtype == "nvfp4"                         ? Precision::Float4
            : m_deployment.weights == Precision::Float32 ? Precision::Float32
                                                         : Precision::Bfloat16;
        if (const auto share = m_given.number("gpu-memory-utilization"); share && !(*share > 0 && *share <= 1)) {
            const std::string value = pythonRepr(*share);
            return *share > 1 ? outOfRange("CacheConfig", "gpu_memory_utilization", "less than or equal to 1", "less_than_equal", value, false)
                              : outOfRange("CacheConfig", "gpu_memory_utilization", "greater than 0", "greater_than", value, false);
        }
        return atLeastOne("CacheConfig", "num-gpu-blocks-override");
    }
    static std::string pythonRepr(double value)
    {
        const std::string text = fmt::format("{}", value);
        return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
    }

    Refused parallel()
    {
        for (const std::string_view flag : {"tensor-parallel-size", "pipeline-parallel-size"})
            if (auto error = atLeastOne("ParallelConfig", flag))
                return error;
        m_deployment.tensorParallel = m_given.whole("tensor-parallel-size").value_or(1);
        const std::int64_t stages = m_given.whole("pipeline-parallel-size").value_or(1);
        const std::int64_t world = worldSize(m_deployment.tensorParallel, stages);
        const std::string_view input = "'pipeline...text_parallel_size': 1";
        if (m_gpus == 0)
            return failed({"RuntimeError: Failed to infer device type, please set the environment variable `VLLM_LOGGING_LEVEL=DEBUG` to turn on verbose "
                           "logging to help debug the issue."});
        if (world > m_gpus)
            return invalid("ParallelConfig",
                           fmt::format("World size ({}) is larger than the number of available GPUs ({}) in this node. If this is intentional and you are "
                                       "using:\n- ray, set '--distributed-executor-backend ray'.\n- multiprocessing, set '--nnodes' appropriately.",
                                       world, m_gpus),
                           input);
        if (stages > 1)
            return failed({"NotImplementedError: Pipeline parallelism is not supported for this model. Supported models implement the `SupportsPP` "
                           "interface."});
        return std::nullopt;
    }

    Refused scheduler()
    {
        for (const std::string_view flag : {"max-num-seqs", "max-num-batched-tokens"})
            if (auto error = atLeastOne("SchedulerConfig", flag))
                return error;
        EngineSettings s = vllmSettings(m_minor, m_deployment);
        s.deployment = m_deployment;
        s.memoryUtilization = m_given.number("gpu-memory-utilization").value_or(s.memoryUtilization);
        if (const auto blocks = m_given.whole("num-gpu-blocks-override"))
            s.blocksOverride = narrow(*blocks);
        if (const auto bytes = m_given.has("kv-cache-memory-bytes") ? m_given.whole("kv-cache-memory-bytes") : m_given.whole("kv-cache-memory"))
            s.cacheBytes = static_cast<double>(*bytes);
        if (const auto length = askedLength())
            s.maxModelLen = narrow(*length);
        s.blockSize = narrow(m_given.whole("block-size").value_or(s.blockSize));
        s.prefixCaching = m_given.on("enable-prefix-caching", s.prefixCaching);
        s.chunkedPrefill = m_given.on("enable-chunked-prefill", true);
        s.longPrefillTokenThreshold = narrow(m_given.whole("long-prefill-token-threshold").value_or(0));
        s.policy = m_given.text("scheduling-policy") == "priority" ? SchedulingPolicy::Priority : SchedulingPolicy::Fcfs;
        s.asyncScheduling = m_given.on("async-scheduling", s.asyncScheduling);
        s.admission = m_given.on("scheduler-reserve-full-isl", s.admission == AdmissionRule::WholePrompt) ? AdmissionRule::WholePrompt
                                                                                                       : AdmissionRule::FirstChunk;
        s.watermark = std::clamp(m_given.number("watermark").value_or(0), 0.0, 1.0);
        s.maxQueuedRequests = narrow(m_given.whole("max-num-queued-reqs").value_or(0));

        const auto tokens = m_given.whole("max-num-batched-tokens");
        const auto sequences = m_given.whole("max-num-seqs");
        if (sequences)
            s.maxNumSeqs = narrow(*sequences);
        if (const auto text = m_given.text("max-model-len"); text && (*text == "auto" || *text == "-1"))
            s.maxModelLen = std::clamp<std::uint32_t>(longestSequence(s, planMemory(s).available), 1, s.maxModelLen);
        if (tokens) {
            s.maxNumBatchedTokens = narrow(*tokens);
        } else {
            if (!s.chunkedPrefill)
                s.maxNumBatchedTokens = std::max(s.maxNumBatchedTokens, s.maxModelLen);
            s.maxNumBatchedTokens = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(s.maxNumBatchedTokens, std::uint64_t{s.maxNumSeqs} * s.maxModelLen));
        }
        if (!sequences)
            s.maxNumSeqs = std::min(s.maxNumSeqs, s.maxNumBatchedTokens);
        const std::string_view input = "'runner_t...sync_scheduling': None";
        if (s.maxNumBatchedTokens < s.maxModelLen && !s.chunkedPrefill)
            return invalid("SchedulerConfig",
                           fmt::format("max_num_batched_tokens ({}) is smaller than max_model_len ({}). This effectively limits the maximum sequence length to "
                                       "max_num_batched_tokens and makes vLLM reject longer sequences. Please increase max_num_batched_tokens or decrease "
                                       "max_model_len.",
                                       s.maxNumBatchedTokens, s.maxModelLen),
                           input);
        if (s.maxNumBatchedTokens < s.maxNumSeqs)
            return invalid("SchedulerConfig",
                           fmt::format("max_num_batched_tokens ({}) must be greater than or equal to max_num_seqs ({}).", s.maxNumBatchedTokens, s.maxNumSeqs),
                           input);
        m_arguments.settings = s;
        return std::nullopt;
    }

    /// What needs several parts of the configuration.
    Refused whole()
    {
        const std::string_view input = "'model_co...additional_config': {}";
        if (m_deployment.model.queryHeads % m_deployment.tensorParallel != 0)
            return invalid("VllmConfig",
                           fmt::format("Total number of attention heads ({}) must be divisible by tensor parallel size ({}).", m_deployment.model.queryHeads,
                                       m_deployment.tensorParallel),
                           input);
        if (m_scheme && m_scheme->capability > computeCapability(*m_gpu))
            return invalid("VllmConfig",
                           fmt::format("The quantization method {} is not supported for the current GPU. Minimum capability: {}. Current capability: {}.",
                                       m_scheme->name, m_scheme->capability, computeCapability(*m_gpu)),
                           input);
        return attention();
    }

    Refused attention()
    {
        const bool narrowCache = bytesOf(m_deployment.cache) < 2;
        const bool hopper = m_gpu->attention == AttentionKernel::Flash3 && computeCapability(*m_gpu) == 90;
        std::string asked = m_given.text("attention-backend").value_or(variable("VLLM_ATTENTION_BACKEND"));
        asked = raised(asked);
        AttentionBackend backend = narrowCache && !hopper ? AttentionBackend::FlashInfer : AttentionBackend::FlashAttention;
        if (!asked.empty()) {
            const auto found = std::find_if(kBackends.begin(), kBackends.end(), [&](const BackendName& b) { return b.name == asked; });
            if (found == kBackends.end()) {
                std::string all;
                for (const BackendName& one : kBackends)
                    all += fmt::format("{}{}", all.empty() ? "" : ", ", one.name);
                return failed({fmt::format("ValueError: Unknown attention backend: '{}'. Valid options are: {}", asked, all)});
            }
            backend = found->backend;
            // FlashAttention-2 reads keys and values as wide as the queries.
            if (narrowCache && backend == AttentionBackend::FlashAttention && !hopper)
                return failed({fmt::format("ValueError: Selected backend AttentionBackendEnum.{} is not valid for this configuration. Reason: "
                                           "['kv_cache_dtype not supported']",
                                           asked)});
        }
        m_arguments.settings.deployment.attentionBackend = backend;
        return std::nullopt;
    }

    static std::uint32_t narrow(std::int64_t value) { return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, 0x7fffffff)); }

    const EngineLine* m_line;
    const Device* m_gpu;
    std::int64_t m_gpus;
    int m_minor;
    GivenWords m_given;
    Deployment m_deployment;
    const Scheme* m_scheme = nullptr;
    ServerArguments m_arguments;
};

} // namespace

ArgumentsOrError vllmArguments(const EngineLine& line, const std::string& version, const Device& gpu, std::int64_t gpus)
{
    return VllmStart(line, version, gpu, gpus).run();
}

} // namespace sim::serving
