#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

constexpr sim::Duration kFollowEvery = std::chrono::milliseconds(250);

std::vector<std::string> itemsOf(std::string list)
{
    std::replace(list.begin(), list.end(), ',', ' ');
    return splitWords(list);
}

std::string line(Invocation& inv, const sim::host::JournalEntry& e)
{
    static constexpr const char* kLevels[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"};
    const std::string decoded = inv.options.has("decode") ? fmt::format("kern  :{:<6}: ", kLevels[e.priority & 7]) : std::string();
    if (inv.options.has("notime"))
        return decoded + e.message + "\n";
    if (inv.options.has("ctime"))
        return fmt::format("{}[{}] {}\n", decoded, formatDate(e.at, "%a %b %e %H:%M:%S %Y"), e.message);
    return fmt::format("{}[{:12.6f}] {}\n", decoded, sim::toSeconds(e.at - machineOf(inv).booted), e.message);
}

int runDmesg(Invocation& inv)
{
    if (!isRoot(inv))
        return inv.fail(1, "read kernel buffer failed: Operation not permitted");
    static constexpr const char* kNames[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"};
    static constexpr const char* kFacilities[] = {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"};
    const std::vector<std::string> levels = itemsOf(inv.options.value("level")), facilities = itemsOf(inv.options.value("facility"));
    for (std::string item : levels) {
        item.erase(std::remove(item.begin(), item.end(), '+'), item.end());
        if (std::find(std::begin(kNames), std::end(kNames), item) == std::end(kNames))
            return inv.fail(1, fmt::format("unknown level '{}'", item));
    }
    for (const std::string& item : facilities)
        if (std::find(std::begin(kFacilities), std::end(kFacilities), item) == std::end(kFacilities))
            return inv.fail(1, fmt::format("unknown facility '{}'", item));
    inv.noteRead("journal/" + machineOf(inv).name);
    // "err+": this level and what is more urgent.
    const auto wanted = [&](const sim::host::JournalEntry& e) {
        const int priority = e.priority & 7;
        const auto fits = [&](const std::string& item) {
            for (int p = 0; p < 8; ++p)
                if (item == kNames[p] ? p == priority : item == std::string(kNames[p]) + "+" && priority <= p)
                    return true;
            return false;
        };
        return (levels.empty() || std::any_of(levels.begin(), levels.end(), fits)) && (facilities.empty() || std::count(facilities.begin(), facilities.end(), "kern") > 0);
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
                    {'f', "facility", "list", "restrict output to defined facilities"},
                    {'t', "notime", "", "don't show any timestamp with messages"},
                    {'x', "decode", "", "decode facility and level to readable string"},
                    {'w', "follow", "", "wait for new messages"},
                    {'W', "follow-new", "", "wait and print only new messages"},
                    {'H', "human", "", "human readable output"},
                    {'k', "kernel", "", "display kernel messages"},
                    {'e', "reltime", "", "show local time and time delta in readable format"}};
    spec.run = runDmesg;
    table.add(std::move(spec));
}

} // namespace core::shell::node
