#pragma once

#include "sim/serving/settings.h"

#include <map>
#include <variant>

namespace sim::serving {

/// What starts a model server: a container's words, environment and mounted files.
struct ServerLine {
    std::vector<std::string> words; ///< "vllm", "serve", "meta-llama/Llama-3.1-8B-Instruct", "--max-num-seqs", "128"
    std::map<std::string, std::string> environment; ///< VLLM_ATTENTION_BACKEND, VLLM_PORT ...
    std::map<std::string, std::string> files;       ///< by path: ConfigMaps (--config, --extra_llm_api_options)
};

/// What the server was told, with the defaults of its kind and version filled in.
struct ServerArguments {
    EngineSettings settings;              ///< with the deployment
    std::string model;                    ///< as named
    std::vector<std::string> servedNames; ///< --served-model-name; the model otherwise. The first is what answers and metrics say
    std::string host = "0.0.0.0";
    std::int64_t port = 8000;
    std::string apiKey;                  ///< empty: none is asked for
    std::vector<std::string> middleware; ///< --middleware
    bool logStats = true;                ///< --disable-log-stats
    bool cacheReport = false; ///< usage tells prompt tokens that were cached: --enable-prompt-tokens-details, --enable-cache-report
    bool developer = false;   ///< VLLM_SERVER_DEV_MODE=1: /reset_prefix_cache, /server_info
    std::string version;      ///< "0.19.1": of the image
    bool operator==(const ServerArguments&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServerArguments, (),
                      (settings, model, servedNames, host, port, apiKey, middleware, logStats, cacheReport, developer, version))

/// Why it does not start: what it prints, and the status it ends with (2: the words could not be parsed).
struct ArgumentError {
    std::vector<std::string> lines;
    std::int64_t exitCode = 2;
};

/// Whether these words start a model server at all: `vllm serve`, `python3 -m vllm.entrypoints.openai.api_server`, `trtllm-serve`,
/// `python3 -m sglang.launch_server`, or a shell that is given such a line with -c.
bool startsServer(const std::vector<std::string>& words);

/// `version`: of the image ("0.9.0" and up for vLLM, "1.0.0" TensorRT-LLM, "0.5.3" SGLang). `gpu`: what the container has; `gpus`: how many.
/// Requires: startsServer(line.words).
std::variant<ServerArguments, ArgumentError> serverArguments(const ServerLine& line, const std::string& version, const Device& gpu,
                                                             std::int64_t gpus);

} // namespace sim::serving
