// w of procps-ng 4.0.2, who of coreutils 9.1, last of util-linux 2.38.1.
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/uptime.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

constexpr const char* kBastion = "10.0.0.5"; ///< where people come from when the topology does not tell

std::string comesFrom(Invocation& inv)
{
    for (const auto& machine : inv.door().world().hosts().all())
        if (machine.role == "bastion" && machine.name != machineOf(inv).name && inv.door().world().network().hasStack(machine.stack))
            for (const auto& card : inv.door().world().network().stack(machine.stack).interfaces)
                if (card.name != "lo" && !card.addresses.empty())
                    return card.addresses.front().base.text();
    return kBastion;
}

int w(Invocation& inv)
{
    noteHost(inv);
    const std::string user = inv.place().user.empty() ? "root" : inv.place().user;
    if (!inv.options.has("no-header"))
        inv.print(uptimeLine(inv) + "\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT\n");
    inv.print(fmt::format("{:<8} {:<8} {:<16} {:<8} {:<6} {:<6} {:<4} {}\n", user.substr(0, 8), inv.place().console ? "ttyS0" : "pts/0",
                          inv.place().console ? "-" : comesFrom(inv), formatDate(inv.now(), "%H:%M"), "1.00s", "0.02s", "0.00s", "w"));
    return 0;
}

int who(Invocation& inv)
{
    noteHost(inv);
    if (inv.options.has("boot")) {
        inv.print(fmt::format("         system boot  {}\n", formatDate(machineOf(inv).booted, "%Y-%m-%d %H:%M")));
        return 0;
    }
    const std::string user = inv.place().user.empty() ? "root" : inv.place().user;
    inv.print(fmt::format("{:<8} {:<12} {}{}\n", user, inv.place().console ? "ttyS0" : "pts/0", formatDate(inv.now(), "%Y-%m-%d %H:%M"),
                          inv.place().console ? "" : " (" + comesFrom(inv) + ")"));
    return 0;
}

int last(Invocation& inv)
{
    noteHost(inv);
    const sim::host::Machine& machine = machineOf(inv);
    const auto boot = [&](sim::Instant from, std::optional<sim::Instant> to) {
        const std::string end = !to ? "  still running" : fmt::format("- {}  ({}{:02}:{:02})", formatDate(*to, "%H:%M"),
                                                                    (*to - from) >= std::chrono::hours(24) ? fmt::format("{}+", (*to - from).count() / 86'400'000'000'000) : "",
                                                                    (*to - from).count() / 3'600'000'000'000 % 24, (*to - from).count() / 60'000'000'000 % 60);
        return fmt::format("reboot   system boot  {:<16} {} {}\n", machine.kernel.substr(0, 16), formatDate(from, "%a %b %e %H:%M"), end);
    };
    const std::string user = inv.place().user.empty() ? "root" : inv.place().user;
    std::string text;
    if (inv.operands.empty() || inv.operands[0] == user)
        text += fmt::format("{:<8} {:<12} {:<16} {}   still logged in\n", user, inv.place().console ? "ttyS0" : "pts/0", inv.place().console ? "" : comesFrom(inv),
                            formatDate(inv.now(), "%a %b %e %H:%M"));
    if (inv.operands.empty() || inv.operands[0] == "reboot") {
        text += boot(machine.booted, std::nullopt);
        for (auto past = machine.pastBoots.rbegin(); past != machine.pastBoots.rend(); ++past)
            text += boot(past->first, past->last);
    }
    const sim::Instant begins = machine.pastBoots.empty() ? machine.booted : machine.pastBoots.front().first;
    inv.print(text + "\nwtmp begins " + formatDate(begins, "%a %b %e %H:%M:%S %Y") + "\n");
    return 0;
}

} // namespace

void addSessions(CommandTable& table)
{
    const auto add = [&](const char* name, const char* summary, std::vector<OptionSpec> options, int (*run)(Invocation&)) {
        table.add(name, summary, std::string(name) + " [options]", std::move(options), run);
    };
    add("w", "show who is logged on and what they are doing",
        {{'h', "no-header", "", "do not print header"}, {'s', "short", "", "short format"}, {'f', "from", "", "show remote hostname field"}}, w);
    add("who", "show who is logged on", {{'b', "boot", "", "time of last system boot"}, {'a', "all", "", "all of it"}}, who);
    add("last", "show a listing of last logged in users", {{'n', "limit", "number", "how many lines to show"}, {'x', "system", "", "display system shutdown entries"}}, last);
}

} // namespace core::shell::node
