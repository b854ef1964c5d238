#include "core/shell/commands/docker/verb.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

/// The forms that people type: "run", "container run", "container ls" for "ps".
bool matchesWords(const Verb& verb, const std::vector<std::string>& words, std::size_t& used)
{
    if (!verb.alias.empty() && !words.empty() && words[0] == verb.alias) {
        used = 1;
        return true;
    }
    const auto blank = verb.path.find(' ');
    if (blank == std::string::npos) {
        used = 1;
        return !words.empty() && words[0] == verb.path;
    }
    if (words.size() < 2 || words[0] != verb.path.substr(0, blank))
        return false;
    used = 2;
    const std::string second = verb.path.substr(blank + 1);
    const std::string& said = words[1];
    return said == second || (second == "ls" && (said == "list" || (said == "ps" && words[0] == "container"))) || (second == "rm" && said == "remove");
}

std::string optionLine(const OptionSpec& option, std::size_t width)
{
    std::string left = option.letter != 0 ? fmt::format("  -{}, ", option.letter) : std::string("      ");
    left += "--" + option.name + (option.argument.empty() ? "" : " " + option.argument);
    return left + std::string(width > left.size() ? width - left.size() : 1, ' ') + option.help + "\n";
}

std::size_t optionWidth(const std::vector<OptionSpec>& options)
{
    std::size_t width = 0;
    for (const OptionSpec& option : options)
        width = std::max(width, 8 + option.name.size() + (option.argument.empty() ? 0 : option.argument.size() + 1));
    return width + 3;
}

} // namespace

const std::vector<Verb>& verbs()
{
    static const std::vector<Verb> all = [] {
        std::vector<Verb> made;
        addRunVerbs(made);
        addExecVerbs(made);
        addListVerbs(made);
        addBuildVerbs(made);
        addTransferVerbs(made);
        addImageVerbs(made);
        addContainerVerbs(made);
        addInspectVerbs(made);
        addNetworkVerbs(made);
        addVolumeVerbs(made);
        addSystemVerbs(made);
        return made;
    }();
    return all;
}

const Verb* findVerb(const std::vector<std::string>& words, std::size_t& used)
{
    for (const Verb& verb : verbs())
        if (matchesWords(verb, words, used))
            return &verb;
    return nullptr;
}

std::string parseCall(const Verb& verb, const std::vector<std::string>& words, Call& call, bool& help)
{
    const auto byName = [&](const std::string& name) {
        return std::find_if(verb.options.begin(), verb.options.end(), [&](const OptionSpec& o) { return o.name == name; });
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--") {
            call.operands.insert(call.operands.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
            break;
        }
        if (word.rfind("--", 0) == 0) {
            const auto equals = word.find('=');
            const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
            if (name == "help") {
                help = true;
                return {};
            }
            const auto option = byName(name);
            if (option == verb.options.end())
                return "unknown flag: --" + name;
            if (option->argument.empty()) {
                if (equals == std::string::npos || word.substr(equals + 1) == "true")
                    call.options.add(name, "true");
            } else if (equals != std::string::npos) {
                call.options.add(name, word.substr(equals + 1));
            } else if (i + 1 < words.size()) {
                call.options.add(name, words[++i]);
            } else {
                return "flag needs an argument: --" + name;
            }
            continue;
        }
        if (word.size() > 1 && word[0] == '-') {
            for (std::size_t at = 1; at < word.size(); ++at) {
                const auto option = std::find_if(verb.options.begin(), verb.options.end(), [&](const OptionSpec& o) { return o.letter == word[at]; });
                if (option == verb.options.end()) {
                    if (word[at] == 'h') {
                        help = true;
                        return {};
                    }
                    return fmt::format("unknown shorthand flag: '{}' in {}", word[at], word);
                }
                if (option->argument.empty()) {
                    call.options.add(option->name, "true");
                    continue;
                }
                std::string value = word.substr(at + 1);
                if (!value.empty() && value.front() == '=')
                    value.erase(0, 1);
                if (value.empty()) {
                    if (i + 1 >= words.size())
                        return fmt::format("flag needs an argument: '{}' in {}", word[at], word);
                    value = words[++i];
                }
                call.options.add(option->name, value);
                break;
            }
            continue;
        }
        if (verb.stopsAtOperand) {
            call.operands.insert(call.operands.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
            break;
        }
        call.operands.push_back(word);
    }
    return {};
}

std::string helpOf(const Verb& verb)
{
    const std::string& name = verb.alias.empty() ? verb.path : verb.alias;
    std::string text = fmt::format("Usage:  docker {} {}\n\n{}\n", name, verb.usage, verb.summary);
    if (!verb.alias.empty() && verb.alias != verb.path)
        text += fmt::format("\nAliases:\n  docker {}, docker {}\n", verb.path, verb.alias);
    if (verb.options.empty())
        return text;
    text += "\nOptions:\n";
    std::vector<OptionSpec> sorted = verb.options;
    std::sort(sorted.begin(), sorted.end(), [](const OptionSpec& a, const OptionSpec& b) { return a.name < b.name; });
    const std::size_t width = optionWidth(sorted);
    for (const OptionSpec& option : sorted)
        text += optionLine(option, width);
    return text;
}

std::string helpOfGroup(const std::string& group)
{
    std::string text;
    for (const Verb& verb : verbs())
        if (verb.path.rfind(group + " ", 0) == 0)
            text += fmt::format("  {:<11} {}\n", verb.path.substr(group.size() + 1), verb.summary);
    if (text.empty())
        return {};
    const std::string title = group == "system" ? "Docker" : group == "builder" ? "builds" : group + "s";
    return fmt::format("Usage:  docker {0} COMMAND\n\nManage {1}\n\nCommands:\n{2}\nRun 'docker {0} COMMAND --help' for more information on a command.\n",
                       group, title, text);
}

std::string generalHelp()
{
    std::string text = "\nUsage:  docker [OPTIONS] COMMAND\n\nA self-sufficient runtime for containers\n\nCommon Commands:\n";
    static constexpr const char* kCommon[] = {"run", "exec", "ps", "build", "pull", "push", "images", "login", "logout", "version", "info"};
    std::size_t used = 0;
    const auto line = [](const std::string& name, const std::string& summary) { return fmt::format("  {:<11} {}\n", name, summary); };
    for (const char* name : kCommon)
        if (const Verb* verb = findVerb({name}, used))
            text += line(name, verb->summary);
    text += "\nManagement Commands:\n";
    for (const auto& [name, summary] : {std::pair("builder", "Manage builds"), std::pair("container", "Manage containers"), std::pair("image", "Manage images"),
                                        std::pair("network", "Manage networks"), std::pair("system", "Manage Docker"), std::pair("volume", "Manage volumes")})
        text += line(name, summary);
    text += "\nCommands:\n";
    std::vector<std::pair<std::string, std::string>> rest;
    for (const Verb& verb : verbs()) {
        const std::string name = verb.alias.empty() ? verb.path : verb.alias;
        if (name.find(' ') == std::string::npos && std::none_of(std::begin(kCommon), std::end(kCommon), [&](const char* c) { return name == c; }))
            rest.emplace_back(name, verb.summary);
    }
    std::sort(rest.begin(), rest.end());
    for (const auto& [name, summary] : rest)
        text += line(name, summary);
    return text + "\nRun 'docker COMMAND --help' for more information on a command.\n\nFor more help on how to use Docker, head to https://docs.docker.com/go/guides/\n";
}

} // namespace core::shell::docker
