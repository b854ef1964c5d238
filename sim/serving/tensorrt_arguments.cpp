#include "sim/serving/argument_words.h"
#include "sim/serving/checkpoint.h"
#include "sim/serving/engine_arguments.h"
#include "sim/serving/memory.h"
#include "sim/serving/yaml_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sim::serving {

namespace {

constexpr auto kTensorRtFlags = std::to_array<Flag>({
    {"host"},
    {"port", Takes::Whole},
    {"max_batch_size", Takes::Whole},
    {"max_num_tokens", Takes::Whole},
    {"max_seq_len", Takes::Whole},
    {"tp_size", Takes::Whole, "--tensor_parallel_size"},
    {"pp_size", Takes::Whole, "--pipeline_parallel_size"},
    {"kv_cache_free_gpu_memory_fraction", Takes::Fraction, "--free_gpu_memory_fraction"},
    {"extra_llm_api_options", Takes::Text, "--config"},
    {"enable_chunked_prefill", Takes::Nothing},
    {"disable_kv_cache_reuse", Takes::Nothing},
    {"backend", Takes::Choice, "", "pytorch tensorrt trt _autodeploy"},
    {"kv_cache_dtype", Takes::Choice, "", "auto fp8 nvfp4"},
    // Without effect on what is modelled.
    {"tokenizer"},
    {"log_level", Takes::Choice, "", "verbose info warning error internal_error"},
    {"max_beam_width", Takes::Whole},
    {"ep_size", Takes::Whole, "--moe_expert_parallel_size"},
    {"cluster_size", Takes::Whole},
    {"gpus_per_node", Takes::Whole},
    {"num_postprocess_workers", Takes::Whole},
    {"trust_remote_code", Takes::Nothing},
    {"revision"},
    {"reasoning_parser"},
    {"tool_parser"},
    {"chat_template"},
    {"metadata_server_config_file"},
    {"server_role"},
    {"fail_fast_on_attention_window_too_large", Takes::Nothing},
    {"otlp_traces_endpoint"},
});

/// The member if it is there and of that type; a wrong type is an error of pydantic's.
struct Options {
    const nlohmann::json* object = nullptr;
    std::string path;                ///< "kv_cache_config."
    std::vector<std::string>* wrong; ///< pydantic's lines

    template <class T>
    std::optional<T> get(const char* key, bool (nlohmann::json::*is)() const noexcept, std::string_view type) const
    {
        if (!object || !object->is_object() || !object->contains(key) || object->at(key).is_null())
            return std::nullopt;
        const nlohmann::json& value = object->at(key);
        if ((value.*is)())
            return value.get<T>();
        wrong->push_back(path + key);
        wrong->push_back(fmt::format("  Input should be a valid {} [type={}_type, input_value={}, input_type={}]", type, type == "number" ? "float" : type,
                                     value.is_string() ? fmt::format("'{}'", wordOf(value)) : wordOf(value), value.is_string() ? "str" : value.is_array() ? "list" : value.is_object() ? "dict" : "float"));
        return std::nullopt;
    }
    std::optional<std::int64_t> whole(const char* key) const { return get<std::int64_t>(key, &nlohmann::json::is_number_integer, "int"); }
    std::optional<double> number(const char* key) const { return get<double>(key, &nlohmann::json::is_number, "number"); }
    std::optional<bool> flag(const char* key) const { return get<bool>(key, &nlohmann::json::is_boolean, "bool"); }
    std::optional<std::string> text(const char* key) const { return get<std::string>(key, &nlohmann::json::is_string, "string"); }
    Options in(const char* key) const
    {
        const bool there = object && object->is_object() && object->contains(key) && object->at(key).is_object();
        return {there ? &object->at(key) : nullptr, path + key + ".", wrong};
    }
};

ArgumentError ended(std::vector<std::string> lines) { return {std::move(lines), 1}; }

/// What trtllm-build wrote beside the engine, when the model is a folder with one: its cache may be contiguous, as old engines' were.
struct BuiltEngine {
    nlohmann::json config; ///< null: none
    bool contiguous() const { return kind(config) == "continuous" || kind(config) == "CONTINUOUS"; }
    static std::string kind(const nlohmann::json& config)
    {
        const nlohmann::json& plugins = config.is_object() && config.contains("build_config") ? config.at("build_config") : config;
        const bool there = plugins.is_object() && plugins.contains("kv_cache_type") && plugins.at("kv_cache_type").is_string();
        return there ? plugins.at("kv_cache_type").get<std::string>() : "";
    }
};

BuiltEngine engineAt(const std::string& folder, const std::map<std::string, std::string>& files)
{
    const auto found = files.find(folder + (folder.ends_with('/') ? "" : "/") + "config.json");
    if (found == files.end())
        return {};
    nlohmann::json config = nlohmann::json::parse(found->second, nullptr, false);
    return {config.is_discarded() ? nlohmann::json() : std::move(config)};
}

} // namespace

ArgumentsOrError tensorRtArguments(const EngineLine& line, const std::string& /*version*/, const Device& gpu, std::int64_t gpus)
{
    Parsed parsed = parseClickWords(line.words, kTensorRtFlags, "trtllm-serve serve");
    if (auto* error = std::get_if<ArgumentError>(&parsed))
        return *error;
    const GivenWords& given = std::get<GivenWords>(parsed);
    nlohmann::json yaml;
    if (const auto path = given.text("extra_llm_api_options")) {
        const auto file = line.from->files.find(*path);
        if (file == line.from->files.end())
            return ended({fmt::format("FileNotFoundError: [Errno 2] No such file or directory: '{}'", *path)});
        const auto content = readYamlFile(file->second);
        if (!content)
            return ended({"yaml.parser.ParserError: " + content.error().message});
        yaml = *content;
    }
    ServerArguments arguments;
    arguments.host = given.text("host").value_or("localhost");
    arguments.port = given.whole("port").value_or(8000);
    arguments.model = given.positionals.front();

    const BuiltEngine engine = engineAt(arguments.model, line.from->files);
    const nlohmann::json pretrained = engine.config.is_object() && engine.config.contains("pretrained_config") ? engine.config["pretrained_config"]
                                                                                                              : nlohmann::json();
    std::string named = arguments.model;
    if (pretrained.is_object() && pretrained.contains("_name_or_path") && pretrained["_name_or_path"].is_string())
        named = pretrained["_name_or_path"].get<std::string>();
    const auto checkpoint = checkpointNamed(named);
    if (!checkpoint)
        return ended(unreachableModelLines());

    std::vector<std::string> wrong;
    const Options top{&yaml, "", &wrong};
    const Options cache = top.in("kv_cache_config");
    const Options scheduler = top.in("scheduler_config");
    // The file overwrites the words.
    const auto whole = [&](const char* key, const char* flag) { return top.whole(key) ? top.whole(key) : given.whole(flag); };

    Deployment deployment;
    deployment.model = *checkpoint->shape;
    deployment.device = gpu;
    deployment.weights = checkpoint->weights;
    deployment.tensorParallel = whole("tensor_parallel_size", "tp_size").value_or(1);
    if (gpus == 0)
        return ended({"ValueError: No GPU devices found on the node"});
    const std::int64_t stages = whole("pipeline_parallel_size", "pp_size").value_or(1);
    if (const std::int64_t world = worldSize(deployment.tensorParallel, stages); world < 1 || world > gpus)
        return ended({fmt::format("ValueError: World size {} is larger than the number of GPUs {} available.", world, gpus)});
    if (deployment.model.queryHeads % deployment.tensorParallel != 0)
        return ended({fmt::format("AssertionError: num_attention_heads ({}) must be divisible by tp_size ({})", deployment.model.queryHeads,
                                  deployment.tensorParallel)});

    EngineSettings s = defaultSettings(EngineKind::TensorRtLlm, deployment);
    s.chunkedPrefill = top.flag("enable_chunked_prefill").value_or(given.on("enable_chunked_prefill", false));
    if (const auto value = whole("max_batch_size", "max_batch_size"))
        s.maxNumSeqs = atLeastOne(*value);
    if (const auto value = whole("max_num_tokens", "max_num_tokens"))
        s.maxNumBatchedTokens = atLeastOne(*value);
    if (const auto value = whole("max_seq_len", "max_seq_len"))
        s.maxModelLen = atLeastOne(*value);
    s.maxNumSeqs = std::min(s.maxNumSeqs, s.maxNumBatchedTokens);
    if (const auto value = cache.whole("tokens_per_block"))
        s.blockSize = atLeastOne(*value);
    s.prefixCaching = cache.flag("enable_block_reuse").value_or(!given.on("disable_kv_cache_reuse", false));
    const std::string dtype = cache.text("dtype").value_or(given.text("kv_cache_dtype").value_or("auto"));
    // "auto" follows the checkpoint, whose FP8 scheme brings scales for the cache.
    s.deployment.cache = dtype == "fp8" || (dtype == "auto" && checkpoint->weights == Precision::Float8) ? Precision::Float8
        : dtype == "nvfp4"                                                                                ? Precision::Float4
                                                                                                          : Precision::Bfloat16;
    const std::string policy = scheduler.text("capacity_scheduler_policy").value_or("GUARANTEED_NO_EVICT");
    if (policy == "MAX_UTILIZATION")
        s.admission = AdmissionRule::FirstChunk;
    else if (policy == "STATIC_BATCH")
        s.batching = Batching::Static;
    else if (policy != "GUARANTEED_NO_EVICT") {
        wrong.emplace_back("scheduler_config.capacity_scheduler_policy");
        wrong.push_back(fmt::format("  Input should be 'MAX_UTILIZATION', 'GUARANTEED_NO_EVICT' or 'STATIC_BATCH' [type=enum, input_value='{}', "
                                    "input_type=str]",
                                    policy));
    }
    const bool contiguous = engine.contiguous() || BuiltEngine::kind(yaml) == "continuous" || BuiltEngine::kind(yaml) == "CONTINUOUS";
    if (contiguous)
        s.reservation = Reservation::ContiguousMax;
    s.memoryUtilization =
        cache.number("free_gpu_memory_fraction").value_or(given.number("kv_cache_free_gpu_memory_fraction").value_or(s.memoryUtilization));
    if (!(s.memoryUtilization > 0 && s.memoryUtilization <= 1)) {
        wrong.emplace_back("kv_cache_config.free_gpu_memory_fraction");
        wrong.push_back(fmt::format("  Input should be less than or equal to 1 [type=less_than_equal, input_value={}, input_type=float]", s.memoryUtilization));
        s.memoryUtilization = 1;
    }
    if (!wrong.empty()) {
        const std::size_t errors = wrong.size() / 2;
        wrong.insert(wrong.begin(), fmt::format("pydantic_core._pydantic_core.ValidationError: {} validation error{} for TorchLlmArgs", errors, errors == 1 ? "" : "s"));
        return ended(std::move(wrong));
    }
    s.cacheBytes = poolBytes(s);
    if (const auto bytes = cache.whole("max_gpu_total_bytes"); bytes && *bytes > 0)
        s.cacheBytes = std::min(*s.cacheBytes, static_cast<double>(*bytes));
    if (const auto tokens = cache.whole("max_tokens"))
        s.cacheBytes = std::min(*s.cacheBytes,
                                static_cast<double>(*tokens) * kvBytesPerToken(s.deployment.model, s.deployment.cache, s.deployment.tensorParallel));
    arguments.settings = s;
    return arguments;
}

} // namespace sim::serving
