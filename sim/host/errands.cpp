#include "sim/host/errands.h"

#include "sim/engine/letters.h"
#include "sim/host/accounts.h"
#include "sim/host/paths.h"
#include "sim/host/signals.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace sim::host {

namespace {

constexpr std::array<std::string_view, 17> kPrograms{"pkill", "sleep", "echo", "touch", "rm", "dd", "fallocate", "truncate", "find", "mkdir", "logger", "systemctl", "stress-ng",
                                                     "true", "false", "sh", "bash"};
constexpr int kScriptDepth = 4;

std::string baseName(const std::string& path)
{
    return path.substr(path.rfind('/') + 1);
}

/// "10M", "1G", "4096".
std::int64_t bytesOf(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data() + text.size())
        return value;
    const std::size_t power = std::string_view("KMGT").find(sim::raised(*end));
    return power == std::string_view::npos ? value : value << (10 * (power + 1));
}

Duration spanOf(const std::string& text)
{
    return parseSpan(text).value_or(1s);
}

/// "a && b; c" -> its commands; quotes are minded.
std::vector<std::pair<std::string, bool>> commandsOf(std::string_view line)
{
    std::vector<std::pair<std::string, bool>> commands; // text, and whether it runs only after success
    std::string text;
    char quote = 0;
    bool needsSuccess = false;
    const auto flush = [&](bool next) {
        if (text.find_first_not_of(" \t") != std::string::npos)
            commands.emplace_back(std::exchange(text, {}), needsSuccess);
        needsSuccess = next;
        text.clear();
    };
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (c == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\n'))
            i = std::min(line.find('\n', i), line.size()) - 1;
        else if (c == ';' || c == '\n' || (c == '&' && i + 1 < line.size() && line[i + 1] == '&')) {
            i += c == '&' ? 1 : 0;
            flush(c == '&');
            continue;
        }
        text += c;
    }
    flush(false);
    return commands;
}

struct Runner {
    const Machine& machine;
    const std::string& user;
    Instant now;
    Errand& errand;

    bool mayWrite(const std::string& path) const
    {
        const File* file = findFile(machine, path);
        if (file == nullptr)
            file = findFile(machine, parentPath(path));
        return file != nullptr && mayAccess(machine, *file, user, 2);
    }
    void change(Errand::Change::Kind kind, std::string path, std::string text = {}, std::int64_t size = 0)
    {
        using Kind = Errand::Change::Kind;
        const bool file = kind == Kind::Write || kind == Kind::Append || kind == Kind::Size || kind == Kind::Remove || kind == Kind::Folder;
        if (file && path == "/dev/null")
            return;
        if (file && !mayWrite(path)) {
            errand.output += path + ": Permission denied\n";
            errand.exitCode = 1;
            return;
        }
        errand.changes.push_back({kind, std::move(path), std::move(text), size});
    }

    void runLines(std::string_view text, int depth)
    {
        for (const auto& [command, needsSuccess] : commandsOf(text))
            if (!needsSuccess || errand.exitCode == 0) {
                errand.exitCode = 0;
                runOne(command, depth);
            }
    }

    void runOne(const std::string& command, int depth)
    {
        std::vector<std::string> words = commandWords(command);
        std::string target;
        bool append = false;
        for (std::size_t i = 0; i < words.size();) {
            const std::string word = words[i];
            const std::size_t arrow = word.find('>');
            if (arrow == std::string::npos || (arrow > 0 && word[arrow - 1] != '1' && word[arrow - 1] != '2' && word[arrow - 1] != '&')) {
                ++i;
                continue;
            }
            const bool error = arrow > 0 && word[arrow - 1] == '2';
            const std::size_t rest = word.find_first_not_of('>', arrow);
            std::string path = rest == std::string::npos ? "" : word.substr(rest);
            const bool both = !path.empty() && path[0] == '&';
            words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
            if (path.empty() && i < words.size()) {
                path = words[i];
                words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
            }
            if (!error && !both) {
                target = path;
                append = word.find(">>") != std::string::npos;
            }
        }
        while (!words.empty() && words[0].find('=') != std::string::npos && words[0].find('/') > words[0].find('='))
            words.erase(words.begin());
        if (words.empty())
            return;
        const std::string before = std::exchange(errand.output, {});
        runProgram(words, depth);
        std::string output = std::exchange(errand.output, before);
        if (target.empty())
            errand.output += output;
        else
            change(append ? Errand::Change::Kind::Append : Errand::Change::Kind::Write, target, std::move(output));
    }

    void runProgram(const std::vector<std::string>& words, int depth)
    {
        using Kind = Errand::Change::Kind;
        const std::string name = baseName(words[0]);
        errand.program = name;
        const auto operand = [&](std::size_t n) { return n < words.size() ? words[n] : std::string(); };
        const auto valueOf = [&](const std::string& option) {
            for (std::size_t i = 1; i < words.size(); ++i) {
                if (words[i] == option && i + 1 < words.size())
                    return words[i + 1];
                if (words[i].compare(0, option.size() + 1, option + "=") == 0)
                    return words[i].substr(option.size() + 1);
            }
            return std::string();
        };
        if (name == "sleep") {
            errand.takes += spanOf(operand(1));
            errand.cores = 0;
        } else if (name == "false") {
            errand.exitCode = 1;
        } else if (name == "echo") {
            for (std::size_t i = 1; i < words.size(); ++i)
                errand.output += (i > 1 ? " " : "") + words[i];
            errand.output += "\n";
        } else if (name == "logger") {
            change(Kind::Log, operand(1) == "-t" ? operand(2) : user, words.back());
        } else if (name == "touch") {
            change(Kind::Append, operand(1));
        } else if (name == "mkdir") {
            change(Kind::Folder, words.back());
        } else if (name == "rm") {
            for (std::size_t i = 1; i < words.size(); ++i)
                if (words[i][0] != '-' && findFile(machine, words[i], false) != nullptr)
                    change(Kind::Remove, words[i]);
        } else if (name == "truncate") {
            change(Kind::Size, words.back(), "", bytesOf(valueOf("-s")));
        } else if (name == "fallocate") {
            change(Kind::Size, words.back(), "", bytesOf(valueOf("-l")));
        } else if (name == "dd") {
            std::string to;
            std::int64_t block = 512, count = 1;
            for (const std::string& word : words) {
                to = word.compare(0, 3, "of=") == 0 ? word.substr(3) : to;
                block = word.compare(0, 3, "bs=") == 0 ? bytesOf(word.substr(3)) : block;
                count = word.compare(0, 6, "count=") == 0 ? bytesOf(word.substr(6)) : count;
            }
            if (!to.empty())
                change(Kind::Size, to, "", block * count);
            errand.takes += fromSeconds(static_cast<double>(block) * static_cast<double>(count) / 1.4e9);
        } else if (name == "find") {
            removeOld(words);
        } else if (name == "systemctl" && words.size() > 2) {
            const std::string unit = operand(2).find('.') == std::string::npos ? operand(2) + ".service" : operand(2);
            if (operand(1) == "start" || operand(1) == "stop" || operand(1) == "restart")
                change(operand(1) == "start" ? Kind::StartUnit : operand(1) == "stop" ? Kind::StopUnit : Kind::RestartUnit, unit);
        } else if (name == "pkill" && words.size() > 1) {
            std::int64_t signal = kSigTerm;
            for (const std::string& word : words)
                for (int number = 1; number <= kSigWinch; ++number)
                    if (word == fmt::format("-{}", number) || word == "-" + signalName(number) || word == "-SIG" + signalName(number))
                        signal = number;
            change(Kind::Kill, words.back(), std::find(words.begin(), words.end(), "-f") == words.end() ? "" : "full", signal);
        } else if (name == "stress-ng") {
            const std::string cpu = valueOf("--cpu").empty() ? valueOf("-c") : valueOf("--cpu");
            errand.cores = cpu == "0" ? static_cast<double>(machine.cpus) : std::atof(cpu.c_str());
            const std::string timeout = valueOf("--timeout").empty() ? valueOf("-t") : valueOf("--timeout");
            errand.takes += timeout.empty() ? Duration(24h) : spanOf(timeout);
        } else if ((name == "sh" || name == "bash") && operand(1) == "-c") {
            runLines(operand(2), depth + 1);
        } else {
            const std::string script = name == "sh" || name == "bash" ? operand(1) : words[0];
            runScript(script, name == "sh" || name == "bash", depth);
        }
    }

    void runScript(const std::string& path, bool read, int depth)
    {
        if (path.find('/') == std::string::npos || depth >= kScriptDepth)
            return;
        const File* file = findFile(machine, path);
        if (file == nullptr) {
            const bool system = path.compare(0, 5, "/usr/") == 0 || path.compare(0, 5, "/bin/") == 0 || path.compare(0, 6, "/sbin/") == 0;
            if (!system) {
                errand.output += fmt::format("/bin/sh: 1: {}: not found\n", path);
                errand.exitCode = 127;
            }
            return;
        }
        if (!mayAccess(machine, *file, user, read ? 4 : 5) || (!read && machine.mountOf(resolvePath(machine, path)).has("noexec"))) {
            errand.output += fmt::format("/bin/sh: 1: {}: Permission denied\n", path);
            errand.exitCode = 126;
            return;
        }
        if (file->content.compare(0, 2, "#!") == 0 || read)
            runLines(file->content, depth + 1);
    }

    /// find FOLDER ... -mtime +N (or -mmin +N) ... -delete
    void removeOld(const std::vector<std::string>& words)
    {
        Duration age{};
        std::string folder = words.size() > 1 ? words[1] : "";
        bool removes = false;
        for (std::size_t i = 1; i < words.size(); ++i) {
            removes = removes || words[i] == "-delete";
            if ((words[i] == "-mtime" || words[i] == "-mmin") && i + 1 < words.size())
                age = std::atoll(words[i + 1].c_str() + (words[i + 1][0] == '+' ? 1 : 0)) * (words[i] == "-mtime" ? Duration(24h) : Duration(1min));
        }
        if (!removes)
            return;
        const std::string prefix = folder + "/";
        for (auto i = machine.files.lower_bound(prefix); i != machine.files.end() && i->first.compare(0, prefix.size(), prefix) == 0; ++i)
            if (i->second->type == File::Type::Regular && now - i->second->modified > age)
                change(Errand::Change::Kind::Remove, i->first);
    }
};

} // namespace

Errand errandOf(const Machine& machine, const std::string& commandLine, const std::string& user, Instant now)
{
    Errand errand;
    errand.user = user;
    Runner{machine, user, now, errand}.runLines(commandLine, 0);
    return errand;
}

bool isErrand(const Machine& machine, const std::vector<std::string>& command)
{
    if (command.empty())
        return false;
    const std::string name = baseName(command[0]);
    if (std::find(kPrograms.begin(), kPrograms.end(), name) != kPrograms.end())
        return true;
    const File* file = findFile(machine, command[0]);
    return file != nullptr && file->content.compare(0, 2, "#!") == 0;
}

} // namespace sim::host
