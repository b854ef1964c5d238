#include "core/shell/commands/kubectl/command_line.h"

#include <algorithm>

namespace core::shell::kubectl {

namespace {

/// Whether the flag takes the word after it as its value.
bool takesNextWord(const std::vector<const FlagSpec*>& specs, const std::string& word)
{
    if (word.find('=') != std::string::npos)
        return false;
    const bool isLong = word.compare(0, 2, "--") == 0;
    const auto it = std::find_if(specs.begin(), specs.end(), [&](const FlagSpec* spec) {
        return isLong ? spec->name == std::string_view(word).substr(2)
                      : word.size() == 2 && spec->letter == word[1];
    });
    return it != specs.end() && (*it)->type != FlagSpec::Type::Bool && (*it)->bare.empty();
}

/// The first word that is no flag and no flag's value, from `start` on; past the end when there is none.
std::size_t firstPlainWord(const std::vector<std::string>& words, const std::vector<const FlagSpec*>& specs,
                           std::size_t start)
{
    for (std::size_t i = start; i < words.size(); ++i) {
        if (words[i] == "--")
            return words.size();
        if (words[i].size() < 2 || words[i][0] != '-')
            return i;
        if (takesNextWord(specs, words[i]))
            ++i;
    }
    return words.size();
}

} // namespace

CommandLine findCommand(const std::vector<std::string>& words)
{
    CommandLine line;
    line.words = words;
    const std::vector<Verb>* choices = &allVerbs();
    std::size_t next = 0;
    while (!choices->empty()) {
        next = firstPlainWord(line.words, flagsOf(line.verb), next);
        if (next == line.words.size())
            break;
        const Verb* found = findVerb(*choices, line.words[next]);
        if (!found) {
            // `kubectl create -f x` and the like: a verb that runs by itself keeps the word.
            if (!line.verb || !line.verb->run)
                line.unknown = line.words[next];
            break;
        }
        line.words.erase(line.words.begin() + static_cast<std::ptrdiff_t>(next));
        line.path += ' ';
        line.path += found->name;
        line.verb = found;
        choices = &found->subverbs;
    }
    return line;
}

std::vector<const FlagSpec*> flagsOf(const Verb* verb)
{
    std::vector<const FlagSpec*> specs;
    if (verb) {
        for (const FlagSpec& flag : verb->flags)
            specs.push_back(&flag);
    }
    for (const FlagSpec& flag : globalFlags())
        specs.push_back(&flag);
    return specs;
}

} // namespace core::shell::kubectl
