#include "core/shell/commands/kubectl/pods.h"

#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace core::shell::kubectl {

namespace {

using sim::kube::Pod;

/// TLS to the API server, its connection to the kubelet, and runc's set-up of the process.
constexpr sim::Duration kStreamSetUp = std::chrono::milliseconds(90);

std::string quoted(const std::string& word)
{
    std::string out = "'";
    for (const char c : word)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string baseName(const std::string& path)
{
    return path.substr(path.rfind('/') + 1);
}

/// A shell that only reads what is typed ("sh", "/bin/bash", "bash -l", "sh -i").
bool isPlainShell(const std::vector<std::string>& command)
{
    const std::string name = baseName(command[0]);
    return (name == "sh" || name == "bash" || name == "ash")
        && std::all_of(command.begin() + 1, command.end(),
                       [](const std::string& w) { return w == "-l" || w == "-i" || w == "-il" || w == "--login"; });
}

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
        if (const std::string problem = notExecutable(place); !problem.empty()) {
            return tell(pod, fmt::format("error: Internal error occurred: Internal error occurred: error executing "
                                         "command in container: failed to exec in container: failed to start exec "
                                         "\"{}\": OCI runtime exec failed: exec failed: unable to start container "
                                         "process: exec: \"{}\": {}",
                                         execId(*container), m_command[0], problem));
        }
        const bool input = m_call.flags.on("stdin");
        const int status = input && isPlainShell(m_command) ? m_call.inv.openShellAt(place)
                                                            : m_call.inv.runAt(place, line(*container, input));
        if (status != 0)
            m_call.err(fmt::format("command terminated with exit code {}\n", status));
        return status;
    }

    /// What runc says when there is no such program; empty when there is.
    std::string notExecutable(const Place& place)
    {
        System& system = m_call.inv.system();
        const std::string& program = m_command[0];
        if (system.hasCommand(place, baseName(program)))
            return {};
        if (program.find('/') == std::string::npos)
            return "executable file not found in $PATH";
        const auto file = system.stat(place, program);
        if (!file)
            return "stat " + program + ": no such file or directory";
        return file->type == FileStat::Type::Directory ? "is a directory" : "permission denied";
    }

    /// The 64 hex digits containerd gives each exec; here from the container and the instant.
    std::string execId(const sim::container::Container& container) const
    {
        sim::RandomStream random(
            static_cast<std::uint64_t>(m_call.inv.now().time_since_epoch().count()), container.hexId);
        std::string id;
        while (id.size() < 64)
            id += fmt::format("{:016x}", random.next());
        return id;
    }

    /// The command with the container's environment; without -i its input is closed.
    std::string line(const sim::container::Container& container, bool input) const
    {
        std::string text;
        for (const auto& [name, value] : container.environment)
            text += fmt::format("export {}={}; ", name, quoted(value));
        for (const std::string& word : m_command)
            text += quoted(&word == &m_command[0] ? baseName(word) : word) + " ";
        return text + (input ? "" : "</dev/null");
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
