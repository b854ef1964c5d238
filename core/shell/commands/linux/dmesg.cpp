#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

constexpr sim::Duration kFollowEvery = std::chrono::milliseconds(250);

std::string line(Invocation& inv, const sim::host::JournalEntry& e)
{
    if (inv.options.has("ctime"))
        return fmt::format("[{}] {}\n", formatDate(e.at, "%a %b %e %H:%M:%S %Y"), e.message);
    return fmt::format("[{:12.6f}] {}\n", sim::toSeconds(e.at - machineOf(inv).booted), e.message);
}

int runDmesg(Invocation& inv)
{
    if (!isRoot(inv))
        return inv.fail(1, "read kernel buffer failed: Operation not permitted");
    inv.noteRead("journal/" + machineOf(inv).name);
    const std::string level = inv.options.value("level");
    const auto wanted = [&](const sim::host::JournalEntry& e) {
        static constexpr const char* kNames[] = {"emerg", "alert",  "crit", "err",
                                                 "warn",  "notice", "info", "debug"};
        return level.empty() || level.find(kNames[e.priority & 7]) != std::string::npos;
    };
    std::string text;
    sim::Instant seen = machineOf(inv).booted;
    for (const auto& e : machineOf(inv).journal)
        if (e.identifier == "kernel" && e.at >= machineOf(inv).booted) {
            if (wanted(e))
                text += line(inv, e);
            seen = e.at;
        }
    inv.print(text);
    while (inv.options.has("follow") || inv.options.has("follow-new")) {
        inv.sleep(kFollowEvery);
        if (!alive(inv))
            return 255;
        for (const auto& e : machineOf(inv).journal)
            if (e.identifier == "kernel" && e.at > seen && e.at < inv.now()) {
                if (wanted(e))
                    inv.print(line(inv, e));
            }
        seen = inv.now() - sim::Duration{1};
    }
    return 0;
}

} // namespace

void addDmesg(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "dmesg";
    spec.summary = "print or control the kernel ring buffer";
    spec.usage = "dmesg [options]";
    spec.options = {{'T', "ctime", "", "show human-readable timestamp"},
                    {'l', "level", "list", "restrict output to defined levels"},
                    {'w', "follow", "", "wait for new messages"},
                    {'W', "follow-new", "", "wait and print only new messages"},
                    {'H', "human", "", "human readable output"},
                    {'k', "kernel", "", "display kernel messages"},
                    {'e', "reltime", "", "show local time and time delta in readable format"}};
    spec.run = runDmesg;
    table.add(std::move(spec));
}

} // namespace core::shell::node
