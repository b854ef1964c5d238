#include "core/shell/commands/kubectl/pods.h"

#include "core/shell/commands/kubelet_answers.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <iterator>

namespace core::shell::kubectl {

namespace {

using sim::kube::Pod;

class Exec {
public:
    explicit Exec(Call& call) : m_call(call), m_command(call.afterDash) { }

    int run()
    {
        if (!m_call.dash && m_call.words.size() > 1)
            return m_call.failUsage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
        if (m_call.words.empty())
            return m_call.fail("pod, type/name or --filename must be specified");
        if (m_command.empty())
            return m_call.fail("you must specify at least one command for the container");
        const auto pod = podFor(m_call, m_call.words[0], false);
        if (!pod)
            return 1;
        if (refusesCompleted(m_call, *pod, "exec into"))
            return 1;
        const auto name = containerFor(m_call, *pod, m_call.flags.text("container"));
        if (!name)
            return 1;
        if (m_call.flags.on("tty") && !m_call.inv.in().isTerminal())
            m_call.err("Unable to use a TTY - input is not a terminal or the right kind of file\n");
        const auto place = execPlace(m_call, *pod, *name, m_command[0]);
        return place ? enter(*place) : 1;
    }

private:
    int enter(const Place& place)
    {
        const sim::container::Container* container = m_call.inv.door().world().runtimes().find(*place.container);
        const bool input = m_call.flags.on("stdin");
        const int status = input && isPlainShell(m_command) ? m_call.inv.openShellAt(place)
                                                            : m_call.inv.runAt(place, exportsOf(*container) + lineOf(m_command) + (input ? "" : "</dev/null"));
        if (status != 0)
            m_call.err(fmt::format("command terminated with exit code {}\n", status));
        return status;
    }

    Call& m_call;
    const std::vector<std::string>& m_command;
};

int runExec(Call& call) { return Exec(call).run(); }

} // namespace

Verb execVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"exec", kTroubleshooting, "Execute a command in a container",
              "(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]"};
    verb.flags = {kContainer,
                  {0, "pod-running-timeout", T::Duration, "1m0s", "How long to wait until a pod runs."},
                  {'q', "quiet", T::Bool, "false", "Print only what the command prints."},
                  {'i', "stdin", T::Bool, "false", "Pass standard input to the command."},
                  {'t', "tty", T::Bool, "false", "With a terminal."}};
    verb.run = runExec;
    verb.operand = Operand::PodOrWorkload;
    verb.examples = {"# A command in the first container", "kubectl exec web-0 -- date",
                     "# A shell in one of a Deployment's pods", "kubectl exec -it deploy/web -- sh"};
    return verb;
}

} // namespace core::shell::kubectl
