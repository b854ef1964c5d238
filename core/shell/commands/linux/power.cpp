#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

int runPower(Invocation& inv)
{
    using Verb = sim::command::Power::Verb;
    if (inv.place().container) {
        inv.err().write("System has not been booted with systemd as init system (PID 1). Can't operate.\n");
        return 1;
    }
    if (!isRoot(inv)) {
        inv.err().write(fmt::format("Call to {} failed: Interactive authentication required.\n",
                                    inv.name == "reboot" ? "Reboot" : "PowerOff"));
        return 1;
    }
    if (machineOf(inv).role == "bastion")
        return inv.fail(1, "this machine is where you sit: it stays on");
    const bool restarts = inv.name == "reboot" || (inv.name == "shutdown" && inv.options.has("reboot"));
    if (inv.name == "shutdown" && !inv.operands.empty() && inv.operands[0] != "now") {
        const std::string& when = inv.operands[0];
        const auto minutes = parseNumber(when[0] == '+' ? when.substr(1) : when);
        if (!minutes || *minutes < 0)
            return inv.fail(1, "Failed to parse time specification: " + when);
        inv.sleep(std::chrono::minutes(*minutes));
    }
    const std::string name = machineOf(inv).name;
    inv.door().apply(
        sim::Command{sim::command::Power{inv.place().host, restarts ? Verb::Reboot : Verb::Off}});
    if (!inv.place().console)
        inv.err().write(fmt::format("Connection to {} closed by remote host.\n", name));
    return 255;
}

} // namespace

void addPower(CommandTable& table)
{
    for (const auto& [name, summary] :
         {std::pair("reboot", "reboot the machine"), std::pair("poweroff", "power off the machine"),
          std::pair("halt", "halt the machine"),
          std::pair("shutdown", "halt, power off or reboot the machine")}) {
        CommandSpec spec;
        spec.name = name;
        spec.summary = summary;
        spec.usage = std::string(name) + " [OPTIONS...]";
        spec.options = {{'r', "reboot", "", "Reboot the machine"},
                        {'h', "", "", "Power off the machine"},
                        {'P', "poweroff", "", "Power off the machine"},
                        {'f', "force", "", "Force immediate halt/power-off/reboot"}};
        spec.run = runPower;
        table.add(std::move(spec));
    }
}

} // namespace core::shell::node
