// jps of JDK 17.
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/commands/profilers/target.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::profilers {

namespace {

int jps(Invocation& inv)
{
    node::noteHost(inv);
    const bool full = inv.options.has("l"), options = inv.options.has("v"), arguments = inv.options.has("m");
    for (const Target& target : targetsOf(inv, sim::programs::Language::Java)) {
        if (!mayAttach(inv, *target.process))
            continue; // /tmp/hsperfdata_USER is readable for its owner only
        const auto& command = target.process->command;
        const auto jar = std::find(command.begin(), command.end(), "-jar");
        std::string name = jar == command.end() || jar + 1 == command.end() ? target.process->name : *(jar + 1);
        if (!full)
            name = name.substr(name.rfind('/') + 1);
        if (inv.options.has("q")) {
            inv.print(fmt::format("{}\n", target.process->pid));
            continue;
        }
        std::string line = fmt::format("{} {}", target.process->pid, name);
        if (arguments && jar != command.end())
            for (auto word = jar + 2; word < command.end(); ++word)
                line += " " + *word;
        if (options)
            for (const std::string& option : target.running->settings.options)
                line += " " + option;
        inv.print(line + "\n");
    }
    // jps itself runs on a JVM and shows up in its own list.
    std::string own = fmt::format("{}", node::machineOf(inv).nextPid);
    if (!inv.options.has("q")) {
        own += full ? " jdk.jcmd/sun.tools.jps.Jps" : " Jps";
        if (arguments)
            for (const std::string& word : inv.arguments)
                own += " " + word;
        if (options)
            own += " -Dapplication.home=/usr/lib/jvm/java-17-openjdk-amd64 -Xms8m -Djdk.module.main=jdk.jcmd";
    }
    inv.print(own + "\n");
    return 0;
}

} // namespace

void addJps(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "jps";
    spec.summary = "list the instrumented JVMs on the target system";
    spec.usage = "jps [-q] [-mlvV]";
    spec.options = {{'l', "", "", "full package name or path"}, {'m', "", "", "arguments of main"}, {'v', "", "", "arguments of the JVM"}, {'q', "", "", "only numbers"}};
    spec.run = jps;
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
