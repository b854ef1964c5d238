#include "core/shell/commands/profilers/profilers.h"

#include "core/shell/commands/linux/here.h"

namespace core::shell {

void addProfilers(CommandTable& table)
{
    CommandTable own;
    profilers::addBpftrace(own);
    profilers::addGdb(own);
    profilers::addGoTool(own);
    profilers::addJcmd(own);
    profilers::addJmap(own);
    profilers::addJps(own);
    profilers::addJstack(own);
    profilers::addJstat(own);
    profilers::addMemoryProfiler(own);
    profilers::addPerf(own);
    profilers::addPySpy(own);
    profilers::addStrace(own);
    profilers::addValgrind(own);
    for (const std::string& name : own.names()) {
        CommandSpec spec = *own.find(name);
        spec.run = [run = spec.run](Invocation& inv) {
            if (!node::alive(inv)) { // the machine went down under the shell
                inv.err().write("client_loop: send disconnect: Broken pipe\n");
                return 255;
            }
            return run(inv);
        };
        table.add(std::move(spec));
    }
}

} // namespace core::shell
