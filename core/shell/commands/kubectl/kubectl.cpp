#include "core/shell/commands/kubectl/kubectl.h"

#include "core/shell/commands/kubectl/call.h"
#include "core/shell/commands/kubectl/command_line.h"
#include "core/shell/commands/kubectl/completion.h"

#include <fmt/core.h>

#include <cstdlib>

namespace core::shell {

namespace {

using namespace kubectl;

int unknownVerb(Invocation& inv, const CommandLine& line)
{
    if (line.verb) {
        inv.err().write(fmt::format("error: unknown command \"{}\"\nSee '{} -h' for help and examples\n",
                                    line.unknown, line.path));
        return 1;
    }
    std::string text = fmt::format("error: unknown command \"{}\" for \"kubectl\"\n", line.unknown);
    std::vector<std::string> names;
    for (const Verb& verb : allVerbs())
        names.emplace_back(verb.name);
    if (const std::string near = nearestName(line.unknown, names); !near.empty())
        text += fmt::format("\nDid you mean this?\n\t{}\n", near);
    inv.err().write(text);
    return 1;
}

int runKubectl(Invocation& inv)
{
    const CommandLine line = findCommand(inv.arguments);
    ParsedWords parsed = parseWords(flagsOf(line.verb), line.words);
    if (!line.unknown.empty() && !parsed.help)
        return unknownVerb(inv, line);
    if (!line.verb) {
        if (!parsed.error.empty()) {
            inv.err().write(fmt::format("error: {}\nSee 'kubectl --help' for usage.\n", parsed.error));
            return 1;
        }
        inv.out().write(overviewText());
        return 0;
    }
    if (parsed.help) {
        inv.out().write(verbHelpText(*line.verb, line.path));
        return 0;
    }
    if (!line.verb->run) { // a verb that needs a subverb
        inv.err().write(verbHelpText(*line.verb, line.path));
        return 1;
    }
    if (!parsed.error.empty()) {
        inv.err().write(fmt::format("error: {}\nSee '{} --help' for usage.\n", parsed.error, line.path));
        return 1;
    }
    KubeConfig config = loadKubeConfig(inv.system(), inv.place(), inv.variable("KUBECONFIG"), parsed.flags);
    Call call{inv,
              *line.verb,
              line.path,
              std::move(parsed.flags),
              std::move(parsed.words),
              std::move(parsed.afterDash),
              parsed.dash,
              Client(inv, std::move(config))};
    return line.verb->run(call);
}

} // namespace

void addKubectl(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "kubectl";
    spec.summary = "control the Kubernetes cluster";
    spec.usage = "kubectl VERB [TYPE] [NAME] [flags]";
    spec.parseOptions = false;
    spec.run = runKubectl;
    spec.complete = completeKubectl;
    table.add(std::move(spec));
}

} // namespace core::shell
