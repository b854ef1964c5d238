// docker exec: a command, or a shell, inside a running container.
#include "core/shell/commands/docker/client.h"

#include "core/shell/quoting.h"

#include <fmt/format.h>

namespace core::shell::docker {

namespace {

int exec(Client& client, const Call& call)
{
    const Container* container = client.named(call.operands[0]);
    if (container == nullptr)
        return 1;
    client.noteContainer(*container);
    if (container->state == Container::State::Paused)
        return client.daemonError(fmt::format("container {} is paused, unpause the container before exec", call.operands[0]));
    if (container->state == Container::State::Restarting)
        return client.daemonError(fmt::format("Container {} is restarting, wait until the container is running", container->id));
    if (!container->runs())
        return client.daemonError(fmt::format("container {} is not running", container->id));
    if (call.options.has("tty") && call.options.has("interactive") && !client.inv.in().isTerminal() && !client.inv.out().isTerminal())
        return client.error("the input device is not a TTY");
    Place place = client.inv.place();
    place.container = container->task;
    place.user = call.options.value("user", container->settings.user.empty() ? "root" : container->settings.user);
    place.user = place.user.substr(0, place.user.find(':'));
    if (place.user == "0")
        place.user = "root";
    const std::string& first = call.operands[1];
    const std::string name = first.substr(first.rfind('/') + 1);
    const bool shell = name == "sh" || name == "bash" || name == "ash";
    if (!client.inv.system().hasCommand(place, name) && !client.inv.system().stat(place, first)) {
        constexpr int kNotThere = 127;
        client.inv.print(fmt::format("OCI runtime exec failed: exec failed: unable to start container process: exec: \"{}\": {}: unknown\n", first,
                                     first.find('/') == std::string::npos ? "executable file not found in $PATH" : fmt::format("stat {}: no such file or directory", first)));
        return kNotThere;
    }
    if (shell && call.operands.size() == 2)
        return call.options.has("interactive") ? client.inv.openShellAt(place) : 0;
    std::string line;
    for (const std::string& one : call.options.values("env"))
        line += one.substr(0, one.find('=')) + "=" + shellQuoted(one.find('=') == std::string::npos ? "" : one.substr(one.find('=') + 1)) + " ";
    if (const std::string folder = call.options.value("workdir", container->settings.workingDirectory); !folder.empty())
        line = "cd " + shellQuoted(folder) + " 2>/dev/null; " + line;
    if (shell && call.operands.size() > 3 && call.operands[2] == "-c")
        line += call.operands[3];
    else
        for (std::size_t i = 1; i < call.operands.size(); ++i)
            line += (i > 1 ? " " : "") + shellQuoted(call.operands[i]);
    return client.inv.runAt(place, line);
}

} // namespace

void addExecVerbs(std::vector<Verb>& all)
{
    all.push_back({"container exec", "exec", "[OPTIONS] CONTAINER COMMAND [ARG...]", "Execute a command in a running container",
                   {{'d', "detach", "", "Detached mode: run command in the background"}, {'e', "env", "list", "Set environment variables"},
                    {'i', "interactive", "", "Keep STDIN open even if not attached"}, {0, "privileged", "", "Give extended privileges to the command"},
                    {'t', "tty", "", "Allocate a pseudo-TTY"}, {'u', "user", "string", "Username or UID (format: \"<name|uid>[:<group|gid>]\")"},
                    {'w', "workdir", "string", "Working directory inside the container"}}, 2, Verb::kMany, true, exec, Verb::Names::Running});
}

} // namespace core::shell::docker
