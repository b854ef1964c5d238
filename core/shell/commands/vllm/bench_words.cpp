#include "core/shell/commands/vllm/bench_words.h"

#include "core/shell/commands/linux/http_client.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <map>

namespace core::shell::vllm {

namespace {

// What the lab takes: more would only cost the learner's time.
constexpr std::uint32_t kMostPrompts = 100'000;
constexpr std::uint32_t kMostTokens = 1'000'000;
constexpr double kMostBurstiness = 1e6;
constexpr const char* kUsage = "usage: vllm bench serve [options]\n";

template <class T>
bool read(const std::string& text, T& value)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

} // namespace

std::variant<BenchWords, std::string> benchWords(const std::vector<std::string>& words)
{
    BenchWords told;
    std::string problem;
    const auto wrong = [&](const std::string& flag, const char* type, const std::string& value) {
        problem = fmt::format("argument --{}: invalid {} value: '{}'", flag, type, value);
    };
    const auto whole = [&](auto& into) {
        return [&](const std::string& flag, const std::string& value) {
            if (!read(value, into))
                wrong(flag, "int", value);
        };
    };
    const auto number = [&](double& into) {
        return [&](const std::string& flag, const std::string& value) {
            if (!read(value, into))
                wrong(flag, "float", value);
        };
    };
    const auto text = [](std::string& into) { return [&into](const std::string&, const std::string& value) { into = value; }; };
    const auto ignored = [](const std::string&, const std::string&) { };
    const std::map<std::string, std::function<void(const std::string&, const std::string&)>> flags{
        {"host", text(told.host)},
        {"port", whole(told.port)},
        {"endpoint", text(told.endpoint)},
        {"model", text(told.model)},
        {"dataset-name", text(told.dataset)},
        {"num-prompts", whole(told.prompts)},
        {"random-input-len", whole(told.inputLength)},
        {"input-len", whole(told.inputLength)},
        {"random-output-len", whole(told.outputLength)},
        {"output-len", whole(told.outputLength)},
        {"random-prefix-len", whole(told.prefixLength)},
        {"random-range-ratio", number(told.rangeRatio)},
        {"burstiness", number(told.burstiness)},
        {"seed", whole(told.seed)},
        {"request-rate",
         [&](const std::string& flag, const std::string& value) {
             double rate = 0;
             if (value == "inf")
                 told.report.requestRate.reset();
             else if (read(value, rate) && rate > 0)
                 told.report.requestRate = rate;
             else
                 wrong(flag, "float", value);
         }},
        {"max-concurrency",
         [&](const std::string& flag, const std::string& value) {
             std::uint32_t most = 0;
             if (read(value, most) && most > 0)
                 told.report.maxConcurrency = most;
             else
                 wrong(flag, "int", value);
         }},
        {"percentile-metrics", [&](const std::string&, const std::string& value) { told.report.metrics = sim::split(value, ','); }},
        {"metric-percentiles",
         [&](const std::string& flag, const std::string& value) {
             told.report.percentiles.clear();
             for (const std::string& one : sim::split(value, ',')) {
                 double percent = 0;
                 if (read(one, percent) && percent >= 0 && percent <= 100)
                     told.report.percentiles.push_back(percent);
                 else
                     wrong(flag, "float", one);
             }
         }},
        {"base-url",
         [&](const std::string& flag, const std::string& value) {
             if (const auto url = node::Url::parse(value)) {
                 told.host = url->host;
                 told.port = url->port;
             } else {
                 wrong(flag, "str", value);
             }
         }},
        {"backend", ignored},
        {"tokenizer", ignored},
        {"served-model-name", ignored},
        {"ready-check-timeout-sec", ignored},
        {"temperature", ignored},
    };
    for (std::size_t i = 0; i < words.size() && problem.empty(); ++i) {
        const std::string& word = words[i];
        if (word == "--ignore-eos" || word == "--disable-tqdm" || word == "--trust-remote-code")
            continue;
        const std::size_t equals = word.find('=');
        std::string name = word.starts_with("--") ? word.substr(2, equals == std::string::npos ? equals : equals - 2) : "";
        for (char& c : name)
            c = c == '_' ? '-' : c;
        const auto flag = flags.find(name);
        if (flag == flags.end()) {
            problem = "unrecognized arguments: " + word;
        } else if (equals != std::string::npos) {
            flag->second(name, word.substr(equals + 1));
        } else if (i + 1 < words.size()) {
            flag->second(name, words[++i]);
        } else {
            problem = fmt::format("argument --{}: expected one argument", name);
        }
    }
    const auto outOf = [&](const char* flag, bool fine, std::string_view range) {
        if (problem.empty() && !fine)
            problem = fmt::format("argument --{}: must be {}", flag, range);
    };
    outOf("num-prompts", told.prompts >= 1 && told.prompts <= kMostPrompts, fmt::format("from 1 to {} here", kMostPrompts));
    outOf("random-input-len", told.inputLength <= kMostTokens, fmt::format("at most {} here", kMostTokens));
    outOf("random-output-len", told.outputLength <= kMostTokens, fmt::format("at most {} here", kMostTokens));
    outOf("random-prefix-len", told.prefixLength <= kMostTokens, fmt::format("at most {} here", kMostTokens));
    outOf("random-range-ratio", told.rangeRatio >= 0 && told.rangeRatio < 1, "in [0, 1)");
    outOf("burstiness", told.burstiness > 0 && told.burstiness <= kMostBurstiness, fmt::format("positive, and at most {} here", kMostBurstiness));
    if (problem.empty() && told.dataset != "random")
        problem = fmt::format("argument --dataset-name: '{}' is not on this machine; random is made up here", told.dataset);
    if (!problem.empty())
        return kUsage + std::string("vllm bench serve: error: ") + problem + "\n";
    return told;
}

} // namespace core::shell::vllm
