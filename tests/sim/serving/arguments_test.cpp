#include "sim/serving/arguments.h"
#include "sim/serving/checkpoint.h"
#include "sim/serving/memory.h"

#include "sim/engine/split.h"

#include <gtest/gtest.h>

namespace sim::serving {

namespace {

using Outcome = std::variant<ServerArguments, ArgumentError>;

Outcome launched(const std::string& words, const std::string& version = "0.19.1", const char* gpu = "H100", std::int64_t gpus = 1,
             std::map<std::string, std::string> environment = {}, std::map<std::string, std::string> files = {})
{
    return serverArguments({split(words, ' '), std::move(environment), std::move(files)}, version, *deviceNamed(gpu), gpus);
}

ServerArguments running(const Outcome& result)
{
    if (const auto* error = std::get_if<ArgumentError>(&result)) {
        ADD_FAILURE() << (error->lines.empty() ? "no line" : error->lines.back());
        return {};
    }
    return std::get<ServerArguments>(result);
}

std::string linesSaid(const Outcome& result)
{
    const auto* error = std::get_if<ArgumentError>(&result);
    std::string all;
    if (error)
        for (const std::string& line : error->lines)
            all += line + "\n";
    return all;
}

void expectRefused(const Outcome& result, const std::string& words, std::int64_t exitCode = 1)
{
    ASSERT_TRUE(std::holds_alternative<ArgumentError>(result)) << words;
    EXPECT_NE(linesSaid(result).find(words), std::string::npos) << linesSaid(result);
    EXPECT_EQ(std::get<ArgumentError>(result).exitCode, exitCode);
}

constexpr const char* kLlama = "vllm serve meta-llama/Llama-3.1-8B-Instruct";

std::string llama(const std::string& more) { return std::string(kLlama) + " " + more; }

} // namespace

TEST(ServerWords, AreKnownInTheFormsOfTheDocumentation)
{
    for (const std::string line : {"vllm serve m", "/usr/local/bin/vllm serve", "python3 -m vllm.entrypoints.openai.api_server --model m", "python -u -m sglang.launch_server",
                                   "trtllm-serve m", "sglang serve m"})
        EXPECT_TRUE(startsServer(split(line, ' '))) << line;
    for (const std::string line : {"vllm bench serve", "python3 -m http.server", "nginx", "sh -c"})
        EXPECT_FALSE(startsServer(split(line, ' '))) << line;
    EXPECT_FALSE(startsServer({}));
    EXPECT_TRUE(startsServer({"/bin/sh", "-c", "exec vllm serve 'm' --port 80"}));
    EXPECT_FALSE(startsServer({"/bin/sh", "-c", "sleep 3600"}));
}

TEST(ServerWords, BehindAShellHaveQuotesAndVariables)
{
    const ServerLine line{{"/bin/sh", "-c", "HF_HUB_OFFLINE=1 vllm serve \"$MODEL\" \\\n --served-model-name 'my model' --port=${PORT} && true"},
                          {{"MODEL", "Qwen/Qwen3-8B"}, {"PORT", "81"}},
                          {}};
    const ServerArguments arguments = running(serverArguments(line, "0.19.1", *deviceNamed("H100"), 1));
    EXPECT_EQ(arguments.model, "Qwen/Qwen3-8B");
    EXPECT_EQ(arguments.servedNames, std::vector<std::string>{"my model"});
    EXPECT_EQ(arguments.port, 81);
}

TEST(VllmArguments, DefaultsAreThoseOfTheVersion)
{
    const ServerArguments old = running(launched(kLlama, "0.9.0"));
    EXPECT_EQ(old.settings.kind, EngineKind::Vllm09);
    EXPECT_DOUBLE_EQ(old.settings.memoryUtilization, 0.9);
    EXPECT_FALSE(old.settings.asyncScheduling);
    EXPECT_EQ(old.settings.maxModelLen, 131072U);
    EXPECT_EQ(old.settings.maxNumBatchedTokens, 8192U);
    EXPECT_EQ(old.settings.maxNumSeqs, 1024U);
    EXPECT_EQ(old.port, 8000);
    EXPECT_EQ(old.host, "0.0.0.0");
    EXPECT_EQ(old.servedNames, std::vector<std::string>{"meta-llama/Llama-3.1-8B-Instruct"});
    EXPECT_EQ(old.version, "0.9.0");
    const ServerArguments current = running(launched(kLlama, "0.32.0"));
    EXPECT_EQ(current.settings, vllmSettings(32, current.settings.deployment));
    EXPECT_EQ(running(launched(kLlama, "0.19.1", "A100")).settings.maxNumBatchedTokens, 2048U);
}

TEST(VllmArguments, AreReadInAllTheirSpellings)
{
    const ServerArguments a = running(launched(llama("--max_num_seqs=128 --max-num-batched-tokens 4k --max-model-len 8K -tp 2 --gpu-memory-utilization .85 "
                                                  "--no-enable-prefix-caching --no-async-scheduling --kv-cache-dtype fp8 --quantization fp8 --enforce-eager "
                                                  "--scheduling-policy priority --long-prefill-token-threshold 512 --num-gpu-blocks-override 4000 "
                                                  "--served-model-name llama chat --api-key secret --port 9000 --host 127.0.0.1 --disable-log-stats "
                                                  "--middleware a.B --middleware c.D --block-size 32 --trust-remote-code -O3"),
                                            "0.19.1", "H100", 2));
    const EngineSettings& s = a.settings;
    EXPECT_EQ(s.maxNumSeqs, 128U);
    EXPECT_EQ(s.maxNumBatchedTokens, 4000U);
    EXPECT_EQ(s.maxModelLen, 8192U);
    EXPECT_EQ(s.deployment.tensorParallel, 2);
    EXPECT_DOUBLE_EQ(s.memoryUtilization, .85);
    EXPECT_FALSE(s.prefixCaching);
    EXPECT_FALSE(s.asyncScheduling);
    EXPECT_EQ(s.deployment.cache, Precision::Float8);
    EXPECT_EQ(s.deployment.weights, Precision::Float8);
    EXPECT_TRUE(s.deployment.enforceEager);
    EXPECT_EQ(s.policy, SchedulingPolicy::Priority);
    EXPECT_EQ(s.longPrefillTokenThreshold, 512U);
    EXPECT_EQ(s.blocksOverride, 4000U);
    EXPECT_EQ(s.blockSize, 32U);
    EXPECT_EQ(a.servedNames, (std::vector<std::string>{"llama", "chat"}));
    EXPECT_EQ(a.apiKey, "secret");
    EXPECT_EQ(a.port, 9000);
    EXPECT_EQ(a.host, "127.0.0.1");
    EXPECT_FALSE(a.logStats);
    EXPECT_EQ(a.middleware, (std::vector<std::string>{"a.B", "c.D"}));
    EXPECT_EQ(running(launched(llama("--swap-space 4"), "0.9.0")).settings, running(launched(kLlama, "0.9.0")).settings);
    EXPECT_EQ(running(launched("python3 -m vllm.entrypoints.openai.api_server --model Qwen/Qwen3-8B")).model, "Qwen/Qwen3-8B");
}

TEST(VllmArguments, ComeFromAFileBeforeTheWords)
{
    const std::map<std::string, std::string> files = {{"/etc/vllm/config.yaml", "max-num-seqs: 64\nport: 9001\nenable-prefix-caching: false\n"
                                                                                "served-model-name: [one, two]\nenforce_eager: true\n"}};
    const ServerArguments a = running(launched(llama("--config /etc/vllm/config.yaml --port 9002"), "0.19.1", "H100", 1, {}, files));
    EXPECT_EQ(a.settings.maxNumSeqs, 64U);
    EXPECT_EQ(a.port, 9002);
    EXPECT_TRUE(a.settings.deployment.enforceEager);
    EXPECT_EQ(a.servedNames.size(), 2U);
    expectRefused(launched(llama("--config /etc/no.yaml")), "FileNotFoundError: [Errno 2] No such file or directory: '/etc/no.yaml'");
    expectRefused(launched(llama("--config a.json")), "Config file must be of a yaml/yml type.");
    expectRefused(launched(llama("--config a.yaml"), "0.19.1", "H100", 1, {}, {{"a.yaml", "a: [b"}}), "yaml.parser.ParserError");
    // "\_" is a byte that is no UTF-8; once it ended the program.
    expectRefused(launched(llama("--config a.yaml"), "0.19.1", "H100", 1, {}, {{"a.yaml", "port: {x: \"\\_\"}"}}), "argument --port: invalid int value: '{", 2);
}

TEST(VllmArguments, ThatCannotBeReadEndAsArgparseDoes)
{
    expectRefused(launched(llama("--foo bar")), "vllm: error: unrecognized arguments: --foo bar", 2);
    expectRefused(launched(llama("--max-num-seqs x")), "usage: vllm serve [model_tag] [options]\nvllm serve: error: argument --max-num-seqs: invalid int value: 'x'", 2);
    expectRefused(launched(llama("--max-model-len")), "vllm serve: error: argument --max-model-len: expected one argument", 2);
    expectRefused(launched(llama("--max-model-len 1.5K")), "argument --max-model-len: invalid human_readable_int value: '1.5K'", 2);
    expectRefused(launched(llama("-tp two")), "argument --tensor-parallel-size/-tp: invalid int value: 'two'", 2);
    expectRefused(launched(llama("--kv-cache-dtype int4")), "argument --kv-cache-dtype: invalid choice: 'int4' (choose from 'auto', 'bfloat16'", 2);
    expectRefused(launched(llama("--enforce-eager=true")), "argument --enforce-eager/--no-enforce-eager: ignored explicit argument 'true'", 2);
    expectRefused(launched(llama("--api-key -x")), "argument --api-key: expected at least one argument", 2);
    expectRefused(launched(llama("--max-n 3")), "ambiguous option: --max-n could match --max-num-seqs, --max-num-batched-tokens", 2);
    expectRefused(launched(llama("--swap-space 0"), "0.32.0"), "vllm: error: unrecognized arguments: --swap-space 0", 2);
    expectRefused(launched(llama("--disable-log-requests"), "0.24.0"), "unrecognized arguments: --disable-log-requests", 2);
    expectRefused(launched("python3 -m vllm.entrypoints.openai.api_server m --model m"), "api_server.py: error: unrecognized arguments: m", 2);
}

TEST(VllmArguments, ThatDoNotGoTogetherAreRefusedInItsWords)
{
    expectRefused(launched(llama("--max-model-len 200000")), "(APIServer pid=1)   Value error, User-specified max_model_len (200000) is greater than the derived "
                                                          "max_model_len (max_position_embeddings=131072.0 or model_max_length=None in model's config.json).");
    EXPECT_EQ(running(launched(llama("--max-model-len 200000"), "0.19.1", "H100", 1, {{"VLLM_ALLOW_LONG_MAX_MODEL_LEN", "1"}})).settings.maxModelLen, 200000U);
    expectRefused(launched(llama("-tp 8"), "0.19.1", "H100", 4), "World size (8) is larger than the number of available GPUs (4) in this node.");
    expectRefused(launched(llama("-tp 999999999999999 -pp 999999999999999"), "0.19.1", "H100", 4), "is larger than the number of available GPUs (4) in this node.");
    expectRefused(launched(llama("-tp 3"), "0.19.1", "H100", 4), "Total number of attention heads (32) must be divisible by tensor parallel size (3).");
    expectRefused(launched(llama("--no-enable-chunked-prefill --max-model-len 8192 --max-num-batched-tokens 2048")),
                  "max_num_batched_tokens (2048) is smaller than max_model_len (8192).");
    EXPECT_EQ(running(launched(llama("--no-enable-chunked-prefill --max-model-len 32768"))).settings.maxNumBatchedTokens, 32768U);
    expectRefused(launched(llama("--max-num-batched-tokens 256 --max-num-seqs 512")), "max_num_batched_tokens (256) must be greater than or equal to max_num_seqs (512).");
    expectRefused(launched("vllm serve acme/secret-7b"), "OSError: We couldn't connect to 'https://huggingface.co' to load the files");
    expectRefused(launched(llama("--gpu-memory-utilization 1.2")), "Input should be less than or equal to 1 [type=less_than_equal, input_value=1.2, input_type=float]");
    expectRefused(launched(llama("--max-num-seqs 0")), "max_num_seqs");
    expectRefused(launched("vllm serve nvidia/Llama-3.1-8B-Instruct-FP8 --quantization modelopt", "0.19.1", "A100"), "does not match the quantization method");
    expectRefused(launched(llama("--quantization awq")), "ValueError: Cannot find the config file for awq");
    expectRefused(launched("vllm serve Qwen/Qwen2.5-7B-Instruct-AWQ --quantization awq --dtype bfloat16"),
                  "torch.bfloat16 is not supported for quantization method awq. Supported dtypes: [torch.float16]");
    expectRefused(launched(llama("--quantization int3")), "Unknown quantization method: int3.");
    expectRefused(launched(kLlama, "0.19.1", "H100", 1, {{"VLLM_PORT", "tcp://10.96.3.4:8000"}}),
                  "ValueError: VLLM_PORT 'tcp://10.96.3.4:8000' appears to be a URI.");
}

TEST(VllmArguments, ChooseAttentionByBoardAndCache)
{
    const auto backend = [](const Outcome& result) { return running(result).settings.deployment.attentionBackend; };
    EXPECT_EQ(backend(launched(kLlama)), AttentionBackend::FlashAttention);
    EXPECT_EQ(backend(launched(llama("--kv-cache-dtype fp8"))), AttentionBackend::FlashAttention);
    EXPECT_EQ(backend(launched(llama("--kv-cache-dtype fp8"), "0.19.1", "RTX4090")), AttentionBackend::FlashInfer);
    EXPECT_EQ(backend(launched(llama("--attention-backend TRITON_ATTN"))), AttentionBackend::Triton);
    EXPECT_EQ(backend(launched(kLlama, "0.9.0", "A100", 1, {{"VLLM_ATTENTION_BACKEND", "FLASHINFER"}})), AttentionBackend::FlashInfer);
    expectRefused(launched(llama("--attention-backend FLASH_ATTN --kv-cache-dtype fp8"), "0.19.1", "RTX4090"), "Reason: ['kv_cache_dtype not supported']");
    expectRefused(launched(llama("--attention-backend FOO")), "Unknown attention backend: 'FOO'.");
}

TEST(VllmArguments, LengthCanFollowTheMemory)
{
    const ServerArguments a = running(launched(llama("--max-model-len auto"), "0.19.1", "RTX4090"));
    EXPECT_LT(a.settings.maxModelLen, 131072U);
    EXPECT_EQ(startError(a.settings, planMemory(a.settings)), "");
}

TEST(Checkpoints, AreRelativesOfKnownModels)
{
    const std::tuple<const char*, const char*, Precision> kRows[] = {
        {"meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B", Precision::Bfloat16},
        {"RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic", "meta-llama/Llama-3.1-8B", Precision::Float8},
        {"Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen/Qwen2.5-7B-Instruct", Precision::Int4},
        {"/models/Llama-3.3-70B-Instruct/", "meta-llama/Llama-3.3-70B-Instruct", Precision::Bfloat16},
        {"hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4", "meta-llama/Llama-3.1-70B", Precision::Int4},
        {"Qwen/Qwen3-30B-A3B-Instruct-2507", "Qwen/Qwen3-30B-A3B-Instruct-2507", Precision::Bfloat16},
        {"deepseek-ai/DeepSeek-V3", "deepseek-ai/DeepSeek-V3", Precision::Float8},
        {"meta-llama/Meta-Llama-3-8B-Instruct", "meta-llama/Meta-Llama-3-8B", Precision::Bfloat16}};
    for (const auto& [name, shape, weights] : kRows) {
        const auto found = checkpointNamed(name);
        ASSERT_TRUE(found) << name;
        EXPECT_EQ(found->shape->name, shape) << name;
        EXPECT_EQ(found->weights, weights) << name;
    }
    for (const char* name : {"", "-", "instruct", "gpt2", "meta-llama/Llama-3.1-9B"})
        EXPECT_FALSE(checkpointNamed(name)) << name;
}

TEST(TensorRtArguments, ComeFromWordsAndYaml)
{
    const std::map<std::string, std::string> files = {
        {"/config/extra.yaml", "kv_cache_config:\n  free_gpu_memory_fraction: 0.5\n  enable_block_reuse: false\n  tokens_per_block: 64\n  dtype: fp8\n"
                               "scheduler_config:\n  capacity_scheduler_policy: MAX_UTILIZATION\nenable_chunked_prefill: true\n"}};
    const std::string line = "trtllm-serve meta-llama/Llama-3.1-8B-Instruct --max_batch_size 64 --max_num_tokens 4096 --max_seq_len 16384 --tp_size 2";
    const ServerArguments plain = running(launched(line, "1.0.0", "H100", 2));
    EXPECT_EQ(plain.host, "localhost");
    EXPECT_EQ(plain.settings.kind, EngineKind::TensorRtLlm);
    EXPECT_EQ(plain.settings.maxNumSeqs, 64U);
    EXPECT_EQ(plain.settings.maxNumBatchedTokens, 4096U);
    EXPECT_EQ(plain.settings.maxModelLen, 16384U);
    EXPECT_EQ(plain.settings.admission, AdmissionRule::WholeAnswer);
    EXPECT_FALSE(plain.settings.chunkedPrefill);
    const ServerArguments a = running(launched(line + " --extra_llm_api_options /config/extra.yaml --host 0.0.0.0", "1.0.0", "H100", 2, {}, files));
    EXPECT_EQ(a.host, "0.0.0.0");
    EXPECT_EQ(a.settings.blockSize, 64U);
    EXPECT_FALSE(a.settings.prefixCaching);
    EXPECT_TRUE(a.settings.chunkedPrefill);
    EXPECT_EQ(a.settings.deployment.cache, Precision::Float8);
    EXPECT_EQ(a.settings.admission, AdmissionRule::FirstChunk);
    EXPECT_NEAR(*a.settings.cacheBytes / *plain.settings.cacheBytes, 0.5 / 0.9, 1e-6);
}

TEST(TensorRtArguments, EnginesMayHaveBeenBuiltWithAContiguousCache)
{
    const std::map<std::string, std::string> files = {
        {"/engines/llama/config.json", R"({"pretrained_config": {"_name_or_path": "meta-llama/Llama-2-13b-hf"}, "build_config": {"kv_cache_type": "CONTINUOUS"}})"},
        {"x.yaml", "build_config:\n  kv_cache_type: continuous\n"}};
    EXPECT_EQ(running(launched("trtllm-serve /engines/llama", "1.0.0", "H100", 1, {}, files)).settings.reservation, Reservation::ContiguousMax);
    EXPECT_EQ(running(launched("trtllm-serve Llama-2-13b-hf --config x.yaml", "1.0.0", "H100", 1, {}, files)).settings.reservation, Reservation::ContiguousMax);
    EXPECT_EQ(running(launched("trtllm-serve Llama-2-13b-hf", "1.0.0")).settings.reservation, Reservation::Paged);
}

TEST(TensorRtArguments, ThatAreWrongEndAsClickDoes)
{
    expectRefused(launched("trtllm-serve m --foo", "1.0.0"), "Error: No such option: --foo", 2);
    expectRefused(launched("trtllm-serve --tp_size 1", "1.0.0"), "Error: Missing argument 'MODEL'.", 2);
    expectRefused(launched("trtllm-serve m --max_batch_size x", "1.0.0"), "Error: Invalid value for '--max_batch_size': 'x' is not a valid integer.", 2);
    expectRefused(launched("trtllm-serve m n", "1.0.0"), "Error: Got unexpected extra argument (n)", 2);
    expectRefused(launched("trtllm-serve Llama-2-13b-hf --config x.yaml", "1.0.0", "H100", 1, {}, {{"x.yaml", "scheduler_config: {capacity_scheduler_policy: FOO}"}}),
                  "Input should be 'MAX_UTILIZATION', 'GUARANTEED_NO_EVICT' or 'STATIC_BATCH'");
    expectRefused(launched("trtllm-serve Llama-2-13b-hf --config x.yaml", "1.0.0", "H100", 1, {}, {{"x.yaml", "kv_cache_config: {enable_block_reuse: 3.5}"}}),
                  "kv_cache_config.enable_block_reuse");
}

TEST(SgLangArguments, AreReadAndRefused)
{
    const ServerArguments a = running(launched("python3 -m sglang.launch_server --model-path Qwen/Qwen2.5-7B-Instruct --tp 2 --mem-fraction-static 0.8 "
                                            "--context-length 16384 --max-running-requests 48 --chunked-prefill-size 4096 --radix-eviction-policy lfu "
                                            "--page-size 16 --kv-cache-dtype fp8_e5m2 --schedule-conservativeness 1.5 --disable-overlap-schedule",
                                            "0.5.3", "A100", 2));
    EXPECT_EQ(a.port, 30000);
    EXPECT_EQ(a.host, "127.0.0.1");
    EXPECT_EQ(a.settings.kind, EngineKind::SgLang);
    EXPECT_EQ(a.settings.maxModelLen, 16384U);
    EXPECT_EQ(a.settings.maxNumSeqs, 48U);
    EXPECT_EQ(a.settings.maxNumBatchedTokens, 4096U);
    EXPECT_EQ(a.settings.eviction, Eviction::Lfu);
    EXPECT_EQ(a.settings.blockSize, 16U);
    EXPECT_EQ(a.settings.admission, AdmissionRule::WholeAnswer);
    EXPECT_EQ(a.settings.deployment.attentionBackend, AttentionBackend::FlashInfer);
    EXPECT_FALSE(a.settings.asyncScheduling);
    expectRefused(launched("python3 -m sglang.launch_server --model-path Qwen/Qwen2.5-7B-Instruct --context-length 100000", "0.5.3"),
                  "User-specified context_length (100000) is greater than the derived context_length (32768).");
    expectRefused(launched("python3 -m sglang.launch_server --tp 1", "0.5.3"), "the following arguments are required: --model-path/--model", 2);
    const std::string qwen = "python3 -m sglang.launch_server --model-path Qwen/Qwen2.5-7B-Instruct";
    for (const char* ranks : {"--tp=-1 --pp-size=-1", "--tp 2 --pp-size 0", "--tp 999999999999999 --pp-size 999999999999999", "--tp 4"})
        expectRefused(launched(qwen + " " + ranks, "0.5.3", "H100", 2), "torch.AcceleratorError: CUDA error: invalid device ordinal");
    expectRefused(launched(qwen, "0.5.3", "H100", 0), "RuntimeError: No accelerator (CUDA, XPU, HPU, NPU, MUSA) is available.");
    expectRefused(launched("python3 -m sglang.launch_server --model m --foo 1", "0.5.3"), "launch_server.py: error: unrecognized arguments: --foo 1", 2);
}

} // namespace sim::serving
