#include "core/shell/commands/kubectl/pods.h"

#include "core/shell/commands/kubelet_answers.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace core::shell::kubectl {

namespace {

using sim::kube::Pod;

/// TLS to the API server, its connection to the kubelet, and runc's set-up of the process.
constexpr sim::Duration kStreamSetUp = std::chrono::milliseconds(90);

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
        if (pod->status.phase == "Succeeded" || pod->status.phase == "Failed") {
            return m_call.fail(
                fmt::format("cannot exec into a container in a completed pod; current phase is {}", pod->status.phase));
        }
        const auto name = containerFor(m_call, *pod, m_call.flags.text("container"));
        if (!name)
            return 1;
        if (m_call.flags.on("tty") && !m_call.inv.in().isTerminal())
            m_call.err("Unable to use a TTY - input is not a terminal or the right kind of file\n");
        if (pod->spec.nodeName.empty())
            return tell(*pod, fmt::format("Error from server (BadRequest): pod {} does not have a host assigned",
                                          pod->metadata.name));
        if (const std::string problem = kubeletProblem(m_call, *pod); !problem.empty())
            return tell(*pod, "Error from server: error dialing backend: " + problem);
        return enter(*pod, *name);
    }

private:
    int tell(const Pod& pod, const std::string& text)
    {
        m_call.saw(resourceOf<Pod>(), pod.metadata.namespace_, pod.metadata.name);
        m_call.err(text + "\n");
        return 1;
    }

    int enter(const Pod& pod, const std::string& name)
    {
        m_call.inv.sleep(kStreamSetUp);
        const sim::World& world = m_call.inv.door().world();
        const sim::container::Container* container = world.containerOf(pod, name);
        if (!container || container->state != sim::container::Container::State::Running) {
            return tell(pod, fmt::format("error: Internal error occurred: unable to upgrade connection: container not "
                                         "found (\"{}\")",
                                         name));
        }
        const Place place{container->host, container->id,
                          container->program.user.empty() ? "root" : container->program.user};
        if (const std::string problem = execProblem(m_call.inv.system(), place, *container, m_call.inv.now(), m_command[0]); !problem.empty())
            return tell(pod, "error: Internal error occurred: Internal error occurred: " + problem);
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
