#include "sim/container/entry_point.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace sim::container {

namespace {

// What a program that cannot run needs until it says so: exec, dynamic linking, reading its arguments.
constexpr Duration kEarlyEnd = 120ms;
constexpr std::array<std::string_view, 12> kTools{"sh", "bash", "sleep", "true", "false", "echo", "env", "cat", "ls", "tail", "printf", "date"};

std::string lastPart(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool isTool(const std::string& word)
{
    const std::string name = lastPart(word);
    const bool inPath = word.find('/') == std::string::npos || word.rfind("/bin/", 0) == 0 || word.rfind("/usr/bin/", 0) == 0;
    return inPath && std::find(kTools.begin(), kTools.end(), name) != kTools.end();
}

bool isProgram(const programs::Program& image, const std::string& word)
{
    if (image.command.empty())
        return false;
    const std::string& own = image.command.front();
    const bool findable = own.find('/') == std::string::npos || own.rfind("/usr/local/bin/", 0) == 0 || own.rfind("/bin/", 0) == 0;
    return word == own || (findable && word == lastPart(own));
}

/// "--listen=:8080" -> "listen"; empty for a word that is no flag.
std::string flagName(const std::string& word)
{
    if (word.size() < 2 || word.front() != '-')
        return {};
    const std::string bare = word.substr(word.find_first_not_of('-') == std::string::npos ? word.size() : word.find_first_not_of('-'));
    return bare.substr(0, bare.find('='));
}

std::string flagValue(const std::string& word)
{
    const auto equals = word.find('=');
    return equals == std::string::npos ? std::string() : word.substr(equals + 1);
}

/// The bytes of "64MiB" or "2GiB"; nothing for other texts.
std::optional<std::int64_t> sizeOf(const std::string& text)
{
    const auto unit = text.find_first_not_of("0123456789");
    if (unit == 0 || unit == std::string::npos)
        return std::nullopt;
    const std::string suffix = text.substr(unit);
    const int shift = suffix == "KiB" ? 10 : suffix == "MiB" ? 20 : suffix == "GiB" ? 30 : 0;
    return shift == 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(std::atoll(text.c_str())) << shift);
}

EntryPoint ends(std::int64_t code, std::vector<std::string> output = {}, Duration after = kEarlyEnd)
{
    EntryPoint end;
    end.exitCode = code;
    end.output = std::move(output);
    end.endsAfter = after;
    return end;
}

EntryPoint programRun(const programs::Program& image, const std::vector<std::string>& words)
{
    EntryPoint run;
    run.program = true;
    run.port = image.port;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string name = flagName(words[i]);
        if (name.empty() || image.kind != programs::Program::Kind::Service)
            continue;
        const auto own = std::find_if(image.command.begin(), image.command.end(), [&](const std::string& word) { return flagName(word) == name; });
        if (own == image.command.end()) {
            std::vector<std::string> usage{"flag provided but not defined: -" + name, "Usage of " + words.front() + ":"};
            for (const std::string& word : image.command)
                if (const std::string known = flagName(word); !known.empty())
                    usage.push_back(fmt::format("  -{} string (default \"{}\")", known, flagValue(word)));
            constexpr std::int64_t kUsageError = 2; // flag.ExitOnError
            return ends(kUsageError, std::move(usage));
        }
        const std::string before = flagValue(*own);
        const std::string now = flagValue(words[i]);
        if (sizeOf(before) && sizeOf(now))
            run.extraBytes += *sizeOf(now) - *sizeOf(before);
        // An address to listen on: the port behind the last colon.
        if (image.port > 0 && before.size() > 1 && before.substr(before.rfind(':') + 1) == std::to_string(image.port)
            && now.rfind(':') != std::string::npos)
            run.port = std::atoll(now.c_str() + now.rfind(':') + 1);
    }
    return run;
}

std::vector<std::string> splitWords(const std::string& text)
{
    std::vector<std::string> words;
    std::string word;
    for (const char c : text + " ") {
        if (c != ' ' && c != '\t' && c != '\n')
            word += c;
        else if (!word.empty())
            words.push_back(std::exchange(word, {}));
    }
    return words;
}

EntryPoint toolRun(const std::vector<std::string>& words)
{
    const std::string name = lastPart(words.front());
    if (name == "false")
        return ends(1);
    if (name == "sleep") {
        if (words.size() > 1 && words[1] == "infinity")
            return {};
        return ends(0, {}, fromSeconds(words.size() > 1 ? std::strtod(words[1].c_str(), nullptr) : 0));
    }
    if (name == "tail" || name == "cat") // follows a file, or waits for an input that never comes
        return {};
    std::vector<std::string> output;
    if (name == "echo") {
        std::string text;
        for (std::size_t i = 1; i < words.size(); ++i)
            text += (i > 1 ? " " : "") + words[i];
        output.push_back(text);
    }
    return ends(0, std::move(output));
}

/// The commands of a script one after another; "exec" and "&&" change nothing about who is last.
EntryPoint scriptRun(const programs::Program& image, const std::string& shell, const std::string& script)
{
    std::vector<std::string> commands(1);
    for (std::size_t i = 0; i < script.size(); ++i) {
        if (script[i] == ';' || script[i] == '\n')
            commands.emplace_back();
        else if (script.compare(i, 2, "&&") == 0) {
            commands.emplace_back();
            ++i;
        } else
            commands.back() += script[i];
    }
    EntryPoint last = ends(0);
    std::vector<std::string> output;
    Duration spent{};
    for (const std::string& command : commands) {
        std::vector<std::string> words = splitWords(command);
        if (!words.empty() && words.front() == "exec")
            words.erase(words.begin());
        if (words.empty())
            continue;
        if (words.front() == "exit")
            last = ends(words.size() > 1 ? std::atoll(words[1].c_str()) : last.exitCode);
        else if (isProgram(image, words.front()))
            last = programRun(image, words);
        else if (isTool(words.front()))
            last = toolRun(words);
        else {
            constexpr std::int64_t kNoCommand = 127;
            last = ends(kNoCommand, {fmt::format("{}: 1: {}: not found", lastPart(shell), words.front())});
        }
        output.insert(output.end(), last.output.begin(), last.output.end());
        if (words.front() == "exit" || last.program || !last.endsAfter)
            break;
        spent += *last.endsAfter;
    }
    last.output = std::move(output);
    if (last.endsAfter)
        last.endsAfter = std::max(kEarlyEnd, spent);
    return last;
}

} // namespace

EntryPoint entryPointOf(const programs::Program& image, const std::vector<std::string>& words, bool stdinOpen)
{
    const std::string& first = words.front();
    if (isProgram(image, first))
        return programRun(image, words);
    if (!isTool(first)) {
        EntryPoint none;
        const std::string why = first.find('/') == std::string::npos ? "executable file not found in $PATH"
                                                                      : fmt::format("stat {}: no such file or directory", first);
        none.startError = fmt::format("failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
                                      "create failed: unable to start container process: error during container init: exec: \"{}\": "
                                      "{}: unknown", first, why);
        return none;
    }
    const std::string name = lastPart(first);
    if (name == "env") {
        std::size_t at = 1;
        bool clears = false;
        for (; at < words.size() && (words[at].rfind('-', 0) == 0 || words[at].find('=') != std::string::npos); ++at)
            clears = clears || words[at] == "-i" || words[at] == "-";
        if (at == words.size())
            return ends(0);
        EntryPoint inner = entryPointOf(image, {words.begin() + static_cast<std::ptrdiff_t>(at), words.end()}, stdinOpen);
        if (!inner.startError.empty()) { // env itself was found; what it should run was not
            constexpr std::int64_t kNotFound = 127;
            return ends(kNotFound, {fmt::format("env: '{}': No such file or directory", words[at])});
        }
        inner.clearsEnvironment = inner.clearsEnvironment || clears;
        return inner;
    }
    if (readsCommands(words))
        return stdinOpen ? EntryPoint{} : ends(0); // without an input it reads the end of the file and leaves
    if (name == "sh" || name == "bash")
        return scriptRun(image, first, words.size() > 2 ? words[2] : std::string());
    return toolRun(words);
}

bool readsCommands(const std::vector<std::string>& words)
{
    const std::string name = words.empty() ? std::string() : lastPart(words.front());
    return (name == "sh" || name == "bash") && (words.size() < 3 || words[1] != "-c");
}

} // namespace sim::container
