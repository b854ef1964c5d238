#include "core/shell/commands/kubectl/attach.h"

#include "core/shell/commands/kubectl/pods.h"
#include "sim/container/entry_point.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using sim::kube::Pod;
using RunningContainer = sim::container::Container;

/// What the process prints from now on.
void followOutput(Call& call, sim::ContainerId id)
{
    sim::Instant last = call.inv.now();
    for (;;) {
        const RunningContainer* container = call.inv.door().world().runtimes().find(id);
        if (container == nullptr)
            return;
        for (const auto& [at, line] : container->log)
            if (at > last)
                call.out(line + "\n");
        if (!container->log.empty())
            last = std::max(last, container->log.back().first);
        if (container->state == RunningContainer::State::Exited)
            return;
        call.inv.sleep(kPollInterval);
    }
}

/// How to come back, once a session at a terminal is over.
std::string reattachText(const Pod& pod, const std::string& container)
{
    const auto& ephemeral = pod.spec.ephemeralContainers;
    const bool isEphemeral = std::any_of(ephemeral.cbegin(), ephemeral.cend(), [&](const auto& one) { return one.name == container; });
    const std::string again = fmt::format("'kubectl attach {} -c {} -i -t'", pod.metadata.name, container);
    return isEphemeral ? fmt::format("Session ended, the ephemeral container will not be restarted but may be reattached using {} if it is still running\n", again)
                       : fmt::format("Session ended, resume using {} command when the pod is running\n", again);
}

int runAttach(Call& call)
{
    if (call.words.empty())
        return call.fail("at least 1 argument is required for attach");
    if (call.words.size() > 2)
        return call.fail(fmt::format("expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]", call.words.size(),
                                     join(call.words, " ")));
    const auto pod = podFor(call, call.words.size() == 2 ? call.words[0] + "/" + call.words[1] : call.words[0], false);
    if (!pod)
        return 1;
    if (refusesCompleted(call, *pod, "attach"))
        return 1;
    const std::string asked = call.flags.text("container");
    if (!asked.empty() && containerNamed(*pod, asked) == nullptr)
        return call.fail(fmt::format("cannot attach to the container: container {} not found in pod {}", asked, pod->metadata.name));
    const auto container = containerFor(call, *pod, asked);
    return container ? attachTo(call, *pod, *container) : 1;
}

} // namespace

int attachTo(Call& call, const Pod& pod, const std::string& container)
{
    const sim::kube::Container* spec = containerNamed(pod, container);
    const bool quiet = call.flags.on("quiet");
    const bool input = call.flags.on("stdin");
    if (call.flags.on("tty") && spec != nullptr && !spec->tty && !quiet)
        call.err(fmt::format("error: Unable to use a TTY - container {} did not allocate one\n", container));
    if (!quiet)
        call.err("If you don't see a command prompt, try pressing enter.\n");
    call.saw(resourceOf<Pod>(), pod.metadata.namespace_, pod.metadata.name);
    if (const std::string problem = kubeletProblem(call, pod); !problem.empty()) {
        call.err("Error from server: error dialing backend: " + problem + "\n");
        return 1;
    }
    const RunningContainer* running = call.inv.door().world().containerOf(pod, container, false);
    if (running == nullptr || running->state != RunningContainer::State::Running)
        return call.fail(fmt::format("unable to upgrade connection: container {} not found in pod {}_{}", container, pod.metadata.name,
                                     pod.metadata.namespace_));
    const sim::ContainerId id = running->id;
    if (!input || !running->stdinOpen || !sim::container::readsCommands(running->program.command)) {
        call.inv.noteRead("log/" + pod.metadata.namespace_ + "/" + pod.metadata.name + "/" + container);
        followOutput(call, id);
        return 0;
    }
    const bool terminal = spec != nullptr && spec->tty && call.inv.in().isTerminal();
    const int status = call.inv.openShellAt({running->host, id, running->program.user.empty() ? "root" : running->program.user});
    call.inv.door().apply(sim::Command{sim::command::ContainerAction{id, sim::command::ContainerAction::Verb::Exit, {}, status}});
    if (terminal && !quiet && pod.spec.restartPolicy == "Always")
        call.out(reattachText(pod, container));
    return 0;
}

Verb attachVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"attach", kTroubleshooting, "Attach to a running container", "(POD | TYPE/NAME) -c CONTAINER"};
    verb.flags = {kContainer,
                  {0, "pod-running-timeout", T::Duration, "1m0s", "How long to wait until a pod runs."},
                  {'q', "quiet", T::Bool, "false", "Print only what the container prints."},
                  {'i', "stdin", T::Bool, "false", "Pass standard input to the container."},
                  {'t', "tty", T::Bool, "false", "Standard input is a terminal."}};
    verb.run = runAttach;
    verb.operand = Operand::PodOrWorkload;
    verb.examples = {"# What a container prints from now on", "kubectl attach web-0", "# A shell that waits in one of its containers",
                     "kubectl attach web-0 -c debugger-x7k2p -it"};
    return verb;
}

} // namespace core::shell::kubectl
