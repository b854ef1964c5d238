#include "core/shell/commands/kubectl/verb.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

/// The headings of `kubectl --help`, in its order.
constexpr std::string_view kGroups[] = {kBeginner,        kIntermediate, kDeploy,   kManagement,
                                        kTroubleshooting, kAdvanced,     kSettings, kOther};

std::string verbLines(const std::vector<Verb>& verbs, std::string_view group)
{
    std::size_t width = 0;
    for (const Verb& verb : verbs)
        width = std::max(width, verb.name.size());
    std::string text;
    for (const Verb& verb : verbs) {
        if (group.empty() || verb.group == group)
            text += fmt::format("  {:<{}}   {}\n", verb.name, width, verb.summary);
    }
    return text;
}

std::string shownDefault(const FlagSpec& flag)
{
    switch (flag.type) {
    case FlagSpec::Type::Text:
        return fmt::format("='{}'", flag.fallback);
    case FlagSpec::Type::List:
        return "=[]";
    case FlagSpec::Type::Bool:
    case FlagSpec::Type::Number:
    case FlagSpec::Type::Duration:
        return fmt::format("={}", flag.fallback);
    }
    return {};
}

std::string flagLines(std::vector<FlagSpec> flags)
{
    std::sort(flags.begin(), flags.end(),
              [](const FlagSpec& a, const FlagSpec& b) { return a.name < b.name; });
    std::string text;
    for (const FlagSpec& flag : flags) {
        const std::string letter = flag.letter ? fmt::format("-{}, ", flag.letter) : "    ";
        text += fmt::format("    {}--{}{}:\n\t{}\n\n", letter, flag.name, shownDefault(flag), flag.help);
    }
    return text;
}

} // namespace

std::string overviewText()
{
    std::string text = "kubectl controls the Kubernetes cluster manager.\n";
    for (const std::string_view group : kGroups) {
        const std::string lines = verbLines(allVerbs(), group);
        if (!lines.empty())
            text += fmt::format("\n{}:\n{}", group, lines);
    }
    text += "\nUsage:\n  kubectl [flags] [options]\n\n"
            "Use \"kubectl <command> --help\" for more information about a given command.\n"
            "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";
    return text;
}

std::string verbHelpText(const Verb& verb, const std::string& path)
{
    std::string text = fmt::format("{}.\n", verb.summary);
    if (!verb.examples.empty()) {
        text += "\nExamples:\n";
        for (const std::string_view example : verb.examples)
            text += fmt::format("  {}\n", example);
    }
    if (!verb.subverbs.empty())
        text += "\nAvailable Commands:\n" + verbLines(verb.subverbs, {});
    if (!verb.flags.empty())
        text += "\nOptions:\n" + flagLines(verb.flags);
    else
        text += "\n";
    text += verb.subverbs.empty() ? fmt::format("Usage:\n  {} {}\n\n", path, verb.usage)
                                  : fmt::format("Usage:\n  {} SUBCOMMAND [options]\n\n", path);
    if (!verb.subverbs.empty())
        text += fmt::format("Use \"{} <command> --help\" for more information about a given command.\n", path);
    text += "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";
    return text;
}

std::string globalOptionsText()
{
    return "The following options can be passed to any command:\n\n" + flagLines(globalFlags());
}

} // namespace core::shell::kubectl
