// logger of util-linux 2.38: a line of the journal.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

/// "user.notice", "err": the level's number; nothing for an unknown name.
std::optional<std::uint8_t> levelOf(const std::string& priority)
{
    static constexpr const char* kLevels[] = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
    const std::string name = priority.substr(priority.rfind('.') + 1);
    for (std::size_t i = 0; i < std::size(kLevels); ++i)
        if (name == kLevels[i] || name == std::to_string(i) || (i == 3 && name == "error") || (i == 4 && name == "warn"))
            return static_cast<std::uint8_t>(i);
    return std::nullopt;
}

int logger(Invocation& inv)
{
    const std::string priority = inv.options.value("priority", "user.notice");
    const auto level = levelOf(priority);
    if (!level)
        return inv.fail(1, fmt::format("unknown priority name: {}", priority.substr(priority.rfind('.') + 1)));
    const std::string tag = inv.options.value("tag", inv.place().user);
    const auto log = [&](const std::string& message) {
        inv.door().apply(sim::Command{sim::command::LogLine{inv.place().host, tag, *level, message}});
        if (inv.options.has("stderr"))
            inv.err().write(fmt::format("<{}>{} {}: {}\n", 8 + *level, stampShort(inv.now()), tag, message));
    };
    if (inv.operands.empty()) {
        while (const auto line = inv.in().readLine())
            log(*line);
        return 0;
    }
    std::string message;
    for (const std::string& word : inv.operands)
        message += (message.empty() ? "" : " ") + word;
    log(message);
    return 0;
}

} // namespace

void addLogger(CommandTable& table)
{
    table.add("logger", "enter messages into the system log", "logger [options] [<message>]",
              {{'p', "priority", "prio", "mark given message with this priority"},
               {'s', "stderr", "", "output message to standard error as well"},
               {'t', "tag", "tag", "mark every line with this tag"}},
              logger);
}

} // namespace core::shell::node
