#include "sim/serving/argument_words.h"
#include "sim/serving/checkpoint.h"
#include "sim/serving/engine_arguments.h"
#include "sim/serving/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sim::serving {

namespace {

constexpr auto kSgLangFlags = std::to_array<Flag>({
    {"model-path", Takes::Text, "--model"},
    {"host"},
    {"port", Takes::Whole},
    {"api-key"},
    {"served-model-name"},
    {"tensor-parallel-size", Takes::Whole, "--tp-size --tp"},
    {"pipeline-parallel-size", Takes::Whole, "--pp-size"},
    {"mem-fraction-static", Takes::Fraction},
    {"context-length", Takes::Whole},
    {"max-running-requests", Takes::Whole},
    {"max-queued-requests", Takes::Whole},
    {"max-total-tokens", Takes::Whole},
    {"chunked-prefill-size", Takes::Whole},
    {"max-prefill-tokens", Takes::Whole},
    {"enable-mixed-chunk", Takes::Nothing},
    {"disable-overlap-schedule", Takes::Nothing},
    {"disable-cuda-graph", Takes::Nothing},
    {"disable-radix-cache", Takes::Nothing},
    {"radix-eviction-policy", Takes::Choice, "", "lru lfu fifo mru filo priority slru"},
    {"page-size", Takes::Whole},
    {"dtype", Takes::Choice, "", "auto half float16 bfloat16 float float32"},
    {"quantization", Takes::Choice, "", "awq fp8 gptq marlin gptq_marlin awq_marlin bitsandbytes modelopt modelopt_fp8 modelopt_fp4 w8a8_int8 w8a8_fp8"},
    {"kv-cache-dtype", Takes::Choice, "", "auto fp8_e5m2 fp8_e4m3 bf16 bfloat16 fp4_e2m1"},
    {"attention-backend", Takes::Choice, "", "triton torch_native flex_attention fa3 fa4 flashinfer"},
    {"schedule-policy", Takes::Choice, "", "lpm random fcfs dfs-weight lof priority"},
    {"enable-priority-scheduling", Takes::Nothing},
    {"schedule-conservativeness", Takes::Fraction},
    {"log-requests", Takes::Nothing},
    {"enable-metrics", Takes::Nothing},
    {"enable-cache-report", Takes::Nothing},
    // Without effect on what is modelled.
    {"tokenizer-path"},
    {"tokenizer-mode"},
    {"trust-remote-code", Takes::Nothing},
    {"revision"},
    {"load-format"},
    {"chat-template"},
    {"reasoning-parser"},
    {"tool-call-parser"},
    {"log-level"},
    {"log-level-http"},
    {"random-seed", Takes::Whole},
    {"stream-interval", Takes::Whole},
    {"watchdog-timeout", Takes::Fraction},
    {"data-parallel-size", Takes::Whole, "--dp-size"},
    {"expert-parallel-size", Takes::Whole, "--ep-size --ep"},
    {"decode-log-interval", Takes::Whole},
    {"sampling-backend"},
    {"cuda-graph-max-bs", Takes::Whole},
    {"skip-server-warmup", Takes::Nothing},
    {"device"},
});

ArgumentError ends(std::string line) { return {{std::move(line)}, 1}; }

/// Share of max_new_tokens that SGLang keeps back for each running request at first (SGLANG_INIT_NEW_TOKEN_RATIO).
constexpr double kNewTokenRatio = 0.7;

} // namespace

ArgumentsOrError sgLangArguments(const EngineLine& line, const std::string& /*version*/, const Device& gpu, std::int64_t gpus)
{
    Parsed parsed = parseWords(line.words, kSgLangFlags, {"launch_server.py", "", "", ""}, 0);
    if (auto* error = std::get_if<ArgumentError>(&parsed))
        return *error;
    const GivenWords& given = std::get<GivenWords>(parsed);
    ServerArguments arguments;
    arguments.host = given.text("host").value_or("127.0.0.1");
    arguments.port = given.whole("port").value_or(30000);
    arguments.apiKey = given.text("api-key").value_or("");
    arguments.cacheReport = given.on("enable-cache-report", false);
    arguments.logStats = given.on("enable-metrics", false);
    if (const auto name = given.text("served-model-name"))
        arguments.servedNames = {*name};
    const auto model = given.text("model-path");
    if (!model)
        return ArgumentError{{"usage: launch_server.py [-h] --model-path MODEL_PATH ...",
                              "launch_server.py: error: the following arguments are required: --model-path/--model"}};
    arguments.model = *model;
    const auto checkpoint = checkpointNamed(*model);
    if (!checkpoint)
        return ArgumentError{unreachableModelLines(), 1};

    Deployment deployment;
    deployment.model = *checkpoint->shape;
    deployment.device = gpu;
    deployment.weights = checkpoint->weights;
    if (const std::string scheme = given.text("quantization").value_or(""); checkpoint->scheme.empty() && !scheme.empty()) {
        if (scheme != "fp8" && scheme != "w8a8_fp8" && scheme != "bitsandbytes")
            return ends(fmt::format("ValueError: Cannot find the config file for {}", scheme));
        deployment.weights = scheme == "bitsandbytes" ? Precision::Int4 : Precision::Float8;
    }
    deployment.tensorParallel = given.whole("tensor-parallel-size").value_or(1);
    if (gpus == 0)
        return ends("RuntimeError: No accelerator (CUDA, XPU, HPU, NPU, MUSA) is available.");
    const std::int64_t world = worldSize(deployment.tensorParallel, given.whole("pipeline-parallel-size").value_or(1));
    if (world < 1 || world > gpus)
        return ends("torch.AcceleratorError: CUDA error: invalid device ordinal");
    if (deployment.model.queryHeads % deployment.tensorParallel != 0)
        return ends("AssertionError");
    deployment.enforceEager = given.on("disable-cuda-graph", false);
    const std::string dtype = given.text("kv-cache-dtype").value_or("auto");
    deployment.cache = dtype.starts_with("fp8") ? Precision::Float8 : dtype.starts_with("fp4") ? Precision::Float4 : Precision::Bfloat16;
    // fa3 on Hopper, flashinfer elsewhere.
    const std::string backend = given.text("attention-backend").value_or(computeCapability(gpu) == 90 ? "fa3" : "flashinfer");
    if (backend == "fa3" && computeCapability(gpu) != 90)
        return ends("AssertionError: FlashAttention v3 Backend requires SM>=80 and SM<=90. Please use `--attention-backend flashinfer`.");
    deployment.attentionBackend = backend == "triton" ? AttentionBackend::Triton
        : backend == "torch_native"                   ? AttentionBackend::TorchNative
        : backend == "flex_attention"                 ? AttentionBackend::FlexAttention
        : backend == "flashinfer"                     ? AttentionBackend::FlashInfer
                                                      : AttentionBackend::FlashAttention;

    EngineSettings s = defaultSettings(EngineKind::SgLang, deployment);
    if (const auto length = given.whole("context-length")) {
        if (*length > deployment.model.maxPosition)
            return ends(fmt::format("ValueError: User-specified context_length ({}) is greater than the derived context_length ({}). This may lead to "
                                    "incorrect model outputs or CUDA errors. To allow overriding this maximum, set the env var "
                                    "SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN=1",
                                    *length, deployment.model.maxPosition));
        s.maxModelLen = atLeastOne(*length);
    }
    s.memoryUtilization = given.number("mem-fraction-static").value_or(s.memoryUtilization);
    if (!(s.memoryUtilization > 0 && s.memoryUtilization < 1))
        return ends(fmt::format("RuntimeError: Not enough memory. Please try to increase --mem-fraction-static. Current value: "
                                "self.server_args.mem_fraction_static={}",
                                s.memoryUtilization));
    if (const auto most = given.whole("max-running-requests"))
        s.maxNumSeqs = atLeastOne(*most);
    if (const auto most = given.whole("max-queued-requests"))
        s.maxQueuedRequests = atLeastOne(*most);
    const std::int64_t chunk = given.whole("chunked-prefill-size").value_or(s.maxNumBatchedTokens);
    s.chunkedPrefill = chunk > 0;
    // Without chunks a step takes whole prompts, as many as --max-prefill-tokens allows, and one longer prompt alone.
    const std::int64_t prefill = given.whole("max-prefill-tokens").value_or(16384);
    s.maxNumBatchedTokens = atLeastOne(s.chunkedPrefill ? std::min(chunk, prefill) : std::max<std::int64_t>(prefill, s.maxModelLen));
    s.batching = given.on("enable-mixed-chunk", false) ? Batching::Mixed : Batching::PrefillFirst;
    s.asyncScheduling = !given.on("disable-overlap-schedule", false);
    s.prefixCaching = !given.on("disable-radix-cache", false);
    const std::string order = given.text("radix-eviction-policy").value_or("lru");
    s.eviction = order == "lfu" ? Eviction::Lfu : order == "fifo" ? Eviction::Fifo : order == "mru" || order == "filo" ? Eviction::Mru : Eviction::Lru;
    if (const auto page = given.whole("page-size"))
        s.blockSize = atLeastOne(*page);
    s.policy = given.on("enable-priority-scheduling", false) || given.text("schedule-policy") == "priority" ? SchedulingPolicy::Priority
                                                                                                            : SchedulingPolicy::Fcfs;
    // What is kept back for running answers: all of it from 1.43 on.
    s.admission = kNewTokenRatio * given.number("schedule-conservativeness").value_or(1) >= 1 ? AdmissionRule::WholeAnswer : AdmissionRule::WholePrompt;
    s.cacheBytes = poolBytes(s);
    if (const auto tokens = given.whole("max-total-tokens"); tokens && *tokens > 0)
        s.cacheBytes = std::min(*s.cacheBytes, static_cast<double>(*tokens) * kvBytesPerToken(deployment.model, deployment.cache, deployment.tensorParallel));
    arguments.settings = s;
    return arguments;
}

} // namespace sim::serving
