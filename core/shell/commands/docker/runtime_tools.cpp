// ctr and runc: the layers below dockerd, which go on without it.
#include "core/shell/commands/docker/client.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

using Task = sim::container::Container;

std::vector<const Task*> tasksHere(Invocation& inv)
{
    std::vector<const Task*> tasks;
    for (const auto& [id, container] : inv.door().world().runtimes().containers())
        if (container.host == inv.place().host && !container.scope.empty())
            tasks.push_back(&container);
    std::sort(tasks.begin(), tasks.end(), [](const Task* a, const Task* b) { return a->hexId < b->hexId; });
    return tasks;
}

bool frozen(Invocation& inv, const Task& task)
{
    const auto& processes = inv.door().world().hosts().at(task.host).processes;
    const auto process = processes.find(task.pid);
    return process != processes.end() && process->second.state == 'T';
}

/// containerd keeps a docker container only while its process is there.
bool lives(const Task& task) { return task.state == Task::State::Running; }

int ctr(Invocation& inv)
{
    std::string space = "default";
    std::vector<std::string> words;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        if ((word == "-n" || word == "--namespace") && i + 1 < inv.arguments.size())
            space = inv.arguments[++i];
        else if (word.rfind("--namespace=", 0) == 0)
            space = word.substr(12);
        else if (word != "-q")
            words.push_back(word);
    }
    const std::string group = words.empty() ? "" : words[0];
    const std::string verb = words.size() > 1 ? words[1] : "";
    if (inv.place().user != "root" && !inv.place().user.empty())
        return inv.fail(1, "connection error: desc = \"transport: error while dialing: dial unix /run/containerd/containerd.sock: connect: permission denied\"");
    if (!inv.door().world().hosts().unitResponds(inv.place().host, "containerd.service"))
        return inv.fail(1, "failed to dial \"/run/containerd/containerd.sock\": context deadline exceeded: connection error: desc = \"transport: error while dialing: dial unix "
                           "/run/containerd/containerd.sock: connect: connection refused\"");
    inv.sleep(std::chrono::milliseconds(8));
    if ((group == "namespaces" || group == "namespace" || group == "ns") && (verb == "ls" || verb == "list")) {
        inv.print("NAME LABELS \nmoby        \n");
        return 0;
    }
    const bool moby = space == "moby";
    if ((group == "containers" || group == "container" || group == "c") && (verb == "ls" || verb == "list")) {
        inv.print(fmt::format("{:<64}    {:<8}    {}\n", "CONTAINER", "IMAGE", "RUNTIME"));
        for (const Task* task : tasksHere(inv))
            if (moby && lives(*task)) {
                inv.noteRead("container/" + inv.door().world().hosts().at(task->host).name + "/" + task->name);
                inv.print(fmt::format("{:<64}    {:<8}    {}\n", task->hexId, "-", "io.containerd.runc.v2"));
            }
        return 0;
    }
    if ((group == "tasks" || group == "task" || group == "t") && (verb == "ls" || verb == "list")) {
        inv.print(fmt::format("{:<64}    {:<7}    {}\n", "TASK", "PID", "STATUS"));
        for (const Task* task : tasksHere(inv))
            if (moby && lives(*task)) {
                inv.noteRead("container/" + inv.door().world().hosts().at(task->host).name + "/" + task->name);
                inv.print(fmt::format("{:<64}    {:<7}    {}\n", task->hexId, task->pid, frozen(inv, *task) ? "PAUSED" : "RUNNING"));
            }
        return 0;
    }
    if (group == "version") {
        inv.print("Client:\n  Version:  1.7.25\n  Revision: bcc810d6b9066471b0b6fa75f557a15a1cbf31bb\n  Go version: go1.22.10\n\nServer:\n  Version:  1.7.25\n  Revision: "
                  "bcc810d6b9066471b0b6fa75f557a15a1cbf31bb\n");
        return 0;
    }
    inv.err().write(fmt::format("No help topic for '{}'\n", group));
    return 3;
}

int runc(Invocation& inv)
{
    std::string root = "/run/runc";
    std::vector<std::string> words;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        if (inv.arguments[i] == "--root" && i + 1 < inv.arguments.size())
            root = inv.arguments[++i];
        else
            words.push_back(inv.arguments[i]);
    }
    const bool moby = root == "/run/docker/runtime-runc/moby";
    if (words.empty() || words[0] == "--version" || words[0] == "-v") {
        inv.print("runc version 1.2.4\ncommit: v1.2.4-0-g6c52b3f\nspec: 1.2.0\ngo: go1.22.11\nlibseccomp: 2.5.4\n");
        return 0;
    }
    if (inv.place().user != "root" && !inv.place().user.empty())
        return inv.fail(1, fmt::format("rootless container requires user namespaces; open {}: permission denied", root));
    const auto bundle = [](const Task& task) { return "/run/containerd/io.containerd.runtime.v2.task/moby/" + task.hexId; };
    if (words[0] == "list") {
        inv.print(fmt::format("{:<64}    {:<7}     {:<8}    {:<130}    {:<30}    {}\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"));
        for (const Task* task : tasksHere(inv))
            if (moby && lives(*task))
                inv.print(fmt::format("{:<64}    {:<7}     {:<8}    {:<130}    {:<30}    root\n", task->hexId, task->pid, frozen(inv, *task) ? "paused" : "running", bundle(*task), stamp(task->started)));
        return 0;
    }
    if (words[0] == "state" && words.size() > 1) {
        for (const Task* task : tasksHere(inv))
            if (moby && lives(*task) && task->hexId == words[1]) {
                const Json json{{"ociVersion", "1.2.0"}, {"id", task->hexId}, {"pid", task->pid}, {"status", frozen(inv, *task) ? "paused" : "running"}, {"bundle", bundle(*task)},
                                {"rootfs", "/var/lib/docker/overlay2"}, {"created", stamp(task->started)}, {"owner", ""}};
                inv.print(json.dump(2) + "\n");
                return 0;
            }
        inv.err().write("container does not exist\n");
        return 1;
    }
    inv.err().write(fmt::format("No help topic for '{}'\n", words[0]));
    return 3;
}

} // namespace

void addRuntimeTools(CommandTable& table)
{
    table.addRaw("ctr", "containerd CLI", "ctr [global options] command [command options] [arguments...]", ctr);
    table.addRaw("runc", "Open Container Initiative runtime", "runc [global options] command [command options] [arguments...]", runc);
}

} // namespace core::shell::docker
