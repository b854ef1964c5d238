#include "sim/serving/openai/pages.h"

#include <fmt/format.h>

#include <array>

namespace sim::serving::openai {

namespace {

// Which servers have a route.
constexpr unsigned kVllm = 1;
constexpr unsigned kTensorRt = 2;
constexpr unsigned kSgLang = 4;
constexpr unsigned kAll = kVllm | kTensorRt | kSgLang;

unsigned kindOf(const ServerArguments& arguments)
{
    switch (arguments.settings.kind) {
    case EngineKind::TensorRtLlm: return kTensorRt;
    case EngineKind::SgLang: return kSgLang;
    default: return kVllm;
    }
}

Page empty(int status) { return {status, "", ""}; }

Served health(const Server& server, const Question&, std::uint64_t) { return empty(server.engineDead ? 503 : 200); }
Served version(const Server& server, const Question&, std::uint64_t) { return jsonPage({{"version", server.arguments.version}}); }

Served models(const Server& server, const Question& question, std::uint64_t)
{
    const ServerArguments& arguments = server.arguments;
    const unsigned kind = kindOf(arguments);
    const std::int64_t now = unixSeconds(question.at);
    Json data = Json::array();
    std::uint64_t number = 0;
    for (const std::string& name : arguments.servedNames) {
        Json card = {{"id", name}, {"object", "model"}, {"created", now}, {"owned_by", kind == kVllm ? "vllm" : kind == kSgLang ? "sglang" : "tensorrt_llm"}};
        if (kind != kTensorRt) {
            card["root"] = kind == kVllm ? arguments.model : name;
            card["parent"] = nullptr;
            card["max_model_len"] = arguments.settings.maxModelLen;
        }
        if (kind == kVllm) {
            const AnswerId id = answerId(static_cast<std::uint64_t>(question.at.time_since_epoch().count()), ++number, 0, false);
            card["permission"] = Json::array({{{"id", fmt::format("modelperm-{:016x}{:016x}", id, answerId(id, 0, 1, false))},
                                               {"object", "model_permission"}, {"created", now}, {"allow_create_engine", false}, {"allow_sampling", true},
                                               {"allow_logprobs", true}, {"allow_search_indices", false}, {"allow_view", true}, {"allow_fine_tuning", false},
                                               {"organization", "*"}, {"group", nullptr}, {"is_blocking", false}}});
        }
        data.push_back(card);
    }
    return jsonPage({{"object", "list"}, {"data", data}});
}

template <Reply (*make)(const ServerArguments&, const Question&, std::uint64_t)>
Served generate(const Server& server, const Question& question, std::uint64_t serial)
{
    Reply reply = make(server.arguments, question, serial);
    if (auto* page = std::get_if<Page>(&reply))
        return std::move(*page);
    if (server.engineDead)
        return deadEnginePage(server.arguments);
    return std::get<Generation>(std::move(reply));
}

Served tokens(const Server& server, const Question& question, std::uint64_t) { return tokenizePage(server.arguments, question); }
Served texts(const Server& server, const Question& question, std::uint64_t) { return detokenizePage(server.arguments, question); }

Served metrics(const Server& server, const Question&, std::uint64_t)
{
    if (kindOf(server.arguments) == kTensorRt)
        return Page{200, "application/json", iterationStatistics(server.arguments, server.engine)};
    return Page{200, "text/plain; version=0.0.4; charset=utf-8", metricsText(server.arguments, server.engine, server.process)};
}

Served load(const Server& server, const Question&, std::uint64_t)
{
    const EngineState state = server.engine.state();
    return jsonPage({{"server_load", state.running + state.waiting}});
}

/// What the engine was set to, under SGLang's names.
Served serverInfo(const Server& server, const Question&, std::uint64_t)
{
    const ServerArguments& a = server.arguments;
    const EngineSettings& s = a.settings;
    const auto pool = std::uint64_t{server.engine.memory().blocks} * s.blockSize;
    if (kindOf(a) == kVllm)
        return jsonPage({{"vllm_config",
                          fmt::format("model='{}', served_model_name={}, max_seq_len={}, tensor_parallel_size={}, gpu_memory_utilization={}, block_size={}, "
                                      "num_gpu_blocks={}, max_num_seqs={}, max_num_batched_tokens={}, enable_prefix_caching={}, chunked_prefill_enabled={}, "
                                      "enforce_eager={}, device_config=cuda",
                                      a.model, a.servedNames.front(), s.maxModelLen, s.deployment.tensorParallel, s.memoryUtilization, s.blockSize,
                                      server.engine.memory().blocks, s.maxNumSeqs, s.maxNumBatchedTokens, s.prefixCaching ? "True" : "False",
                                      s.chunkedPrefill ? "True" : "False", s.deployment.enforceEager ? "True" : "False")}});
    return jsonPage({{"model_path", a.model}, {"served_model_name", a.servedNames.front()}, {"host", a.host}, {"port", a.port},
                     {"tp_size", s.deployment.tensorParallel}, {"mem_fraction_static", s.memoryUtilization}, {"context_length", s.maxModelLen},
                     {"max_running_requests", s.maxNumSeqs}, {"chunked_prefill_size", s.maxNumBatchedTokens}, {"page_size", s.blockSize},
                     {"disable_radix_cache", !s.prefixCaching}, {"disable_overlap_schedule", !s.asyncScheduling}, {"max_total_num_tokens", pool},
                     {"status", "ready"}, {"version", a.version}});
}

Served resetCache(const Server&, const Question&, std::uint64_t) { return ResetPrefixCache{}; }

struct Route {
    std::string_view path;
    std::string_view methods; ///< with ", " between, as the header says them
    unsigned kinds;
    Served (*answer)(const Server&, const Question&, std::uint64_t);
    bool developer = false; ///< of vLLM: only in its developer mode
};
constexpr auto kRoutes = std::to_array<Route>({
    {"/health", "GET", kAll, health},
    {"/health_generate", "GET", kSgLang, health},
    {"/ping", "GET, POST", kVllm, health},
    {"/version", "GET", kVllm | kTensorRt, version},
    {"/v1/models", "GET", kAll, models},
    {"/v1/chat/completions", "POST", kAll, generate<chatGeneration>},
    {"/v1/completions", "POST", kAll, generate<completionGeneration>},
    {"/tokenize", "POST", kVllm | kSgLang, tokens},
    {"/detokenize", "POST", kVllm | kSgLang, texts},
    {"/metrics", "GET", kAll, metrics},
    {"/load", "GET", kVllm, load},
    {"/server_info", "GET", kVllm | kSgLang, serverInfo, true},
    {"/get_server_info", "GET", kSgLang, serverInfo},
    {"/reset_prefix_cache", "POST", kVllm, resetCache, true},
    {"/flush_cache", "GET, POST", kSgLang, resetCache},
});

/// Whether the key is asked for at this path.
bool isGuarded(const ServerArguments& arguments, const Question& question, std::string_view path)
{
    if (arguments.apiKey.empty() || question.method == "OPTIONS")
        return false;
    if (kindOf(arguments) == kSgLang)
        return !path.starts_with("/health") && !path.starts_with("/metrics");
    return path.starts_with("/v1");
}

} // namespace

Served serve(const Server& server, const Question& question, std::uint64_t serial)
{
    const std::string_view path = std::string_view(question.path).substr(0, question.path.find('?'));
    if (isGuarded(server.arguments, question, path)) {
        const auto given = question.headers.find("authorization");
        if (given == question.headers.end() || given->second != "Bearer " + server.arguments.apiKey)
            return jsonPage({{"error", "Unauthorized"}}, 401);
    }
    const unsigned kind = kindOf(server.arguments);
    for (const Route& route : kRoutes) {
        const bool hidden = route.developer && kind == kVllm && !server.arguments.developer;
        if (route.path != path || (route.kinds & kind) == 0 || hidden)
            continue;
        const std::string_view methods = route.methods;
        const bool allowed = methods == question.method || (methods == "GET, POST" && (question.method == "GET" || question.method == "POST"));
        if (allowed)
            return route.answer(server, question, serial);
        Page page = jsonPage({{"detail", "Method Not Allowed"}}, 405);
        page.headers.emplace_back("allow", methods);
        return page;
    }
    return jsonPage({{"detail", "Not Found"}}, 404);
}

} // namespace sim::serving::openai
