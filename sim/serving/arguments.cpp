#include "sim/serving/engine_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace sim::serving {

namespace {

enum class Launcher : std::uint8_t { VllmServe, VllmModule, TensorRt, SgLang };
struct Launch {
    Launcher launcher;
    std::size_t words; ///< that name it
};

std::string_view fileName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

std::optional<Launch> launchOf(const std::vector<std::string>& words)
{
    if (words.empty())
        return std::nullopt;
    const std::string_view program = fileName(words[0]);
    if (program == "trtllm-serve") // `trtllm-serve serve MODEL` is the same
        return Launch{Launcher::TensorRt, words.size() > 1 && words[1] == "serve" ? std::size_t{2} : std::size_t{1}};
    if (words.size() > 1 && words[1] == "serve" && (program == "vllm" || program == "sglang"))
        return Launch{program == "vllm" ? Launcher::VllmServe : Launcher::SgLang, 2};
    if (!program.starts_with("python"))
        return std::nullopt;
    std::size_t at = 1;
    while (at < words.size() && words[at] != "-m" && words[at].starts_with('-')) // python3 -u -m ...
        ++at;
    if (at + 1 >= words.size() || words[at] != "-m")
        return std::nullopt;
    if (words[at + 1] == "vllm.entrypoints.openai.api_server")
        return Launch{Launcher::VllmModule, at + 2};
    if (words[at + 1] == "sglang.launch_server")
        return Launch{Launcher::SgLang, at + 2};
    return std::nullopt;
}

/// The words of one simple command, with quotes, backslashes and $NAME; "exec" and assignments before it left out. What follows a
/// ; or & is not looked at.
std::vector<std::string> shellWords(std::string_view text, const std::map<std::string, std::string>& environment)
{
    std::vector<std::string> words;
    std::string word;
    bool begun = false;
    char quote = 0;
    const auto end = [&] {
        if (begun)
            words.push_back(std::move(word));
        word.clear();
        begun = false;
    };
    const auto isName = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            if (text[++i] != '\n') {
                word += text[i];
                begun = true;
            }
        } else if (c == '$' && quote != '\'' && i + 1 < text.size() && (isName(text[i + 1]) || text[i + 1] == '{')) {
            const bool braces = text[i + 1] == '{';
            std::size_t stop = i + (braces ? 2 : 1);
            const std::size_t begin = stop;
            while (stop < text.size() && isName(text[stop]))
                ++stop;
            if (const auto found = environment.find(std::string(text.substr(begin, stop - begin))); found != environment.end()) {
                word += found->second;
                begun = true;
            }
            i = stop - (braces && stop < text.size() && text[stop] == '}' ? 0 : 1);
        } else if (c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
            begun = true;
        } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '&' || c == '|')) {
            end();
            if (c == ';' || c == '|' || (c == '&' && !words.empty()))
                break;
        } else {
            word += c;
            begun = true;
        }
    }
    end();
    std::size_t skip = 0;
    while (skip < words.size() && (words[skip] == "exec" || (words[skip].find('=') != std::string::npos && isName(words[skip][0]))))
        ++skip;
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(skip));
    return words;
}

/// Without the shell that is given them.
std::vector<std::string> bareWords(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment)
{
    const std::string_view program = words.empty() ? std::string_view() : fileName(words[0]);
    if (words.size() < 3 || (program != "sh" && program != "bash"))
        return words;
    for (std::size_t i = 1; i + 1 < words.size(); ++i)
        if (words[i].starts_with('-') && !words[i].starts_with("--") && words[i].ends_with('c'))
            return shellWords(words[i + 1], environment);
    return words;
}

} // namespace

bool startsServer(const std::vector<std::string>& words) { return launchOf(bareWords(words, {})).has_value(); }

std::variant<ServerArguments, ArgumentError> serverArguments(const ServerLine& line, const std::string& version, const Device& gpu,
                                                             std::int64_t gpus)
{
    std::vector<std::string> words = bareWords(line.words, line.environment);
    const std::optional<Launch> launch = launchOf(words);
    constexpr std::int64_t kNotFound = 127;
    if (!launch) // a variable made another command of the shell's line
        return ArgumentError{{fmt::format("/bin/sh: 1: {}: not found", words.empty() ? "" : words.front())}, kNotFound};
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(launch->words));
    EngineLine engine{std::move(words), &line, launch->launcher == Launcher::VllmModule};
    ArgumentsOrError result = launch->launcher == Launcher::TensorRt ? tensorRtArguments(engine, version, gpu, gpus)
        : launch->launcher == Launcher::SgLang                       ? sgLangArguments(engine, version, gpu, gpus)
                                                                     : vllmArguments(engine, version, gpu, gpus);
    if (auto* arguments = std::get_if<ServerArguments>(&result)) {
        arguments->version = version;
        if (arguments->servedNames.empty())
            arguments->servedNames = {arguments->model};
    }
    return result;
}

std::uint32_t atLeastOne(std::int64_t value)
{
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 1, kMost));
}

std::int64_t worldSize(std::int64_t tensorParallel, std::int64_t stages)
{
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (tensorParallel < 1 || stages < 1)
        return 0;
    return tensorParallel > kMost / stages ? kMost : tensorParallel * stages;
}

std::vector<std::string> unreachableModelLines()
{
    return {"OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files.",
            "Check your internet connection or see how to run the library in offline mode at "
            "'https://huggingface.co/docs/transformers/installation#offline-mode'."};
}

int computeCapability(const Device& gpu)
{
    for (const auto& [name, capability] : {std::pair("A100", 80), std::pair("A30", 80), std::pair("L40S", 89), std::pair("RTX4090", 89),
                                           std::pair("H100", 90), std::pair("H200", 90), std::pair("B200", 100), std::pair("RTXPRO6000", 120)})
        if (gpu.name.starts_with(name))
            return capability;
    return 80;
}

} // namespace sim::serving
