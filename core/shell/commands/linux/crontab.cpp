// crontab of Debian's cron 3.0pl1.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/host/accounts.h"
#include "sim/host/cron.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

constexpr const char* kSpool = "/var/spool/cron/crontabs/";

/// crontab is setgid: it reads and writes the spool where its caller may not.
std::optional<std::string> spooled(Invocation& inv, const std::string& user)
{
    const auto file = inv.door().world().hosts().read(inv.place().host, kSpool + user, inv.now());
    return file ? std::optional(file->content) : std::nullopt;
}

int install(Invocation& inv, const std::string& user, const std::string& text, const std::string& name)
{
    if (const std::string error = sim::host::crontabError(text, false, name); !error.empty()) {
        inv.err().write(fmt::format("{}\nerrors in crontab file, can't install.\n", error));
        return 1;
    }
    const auto result = inv.door().apply(sim::Command{sim::command::WriteFile{inv.place().host, std::nullopt, kSpool + user, text, false, 0600, 0}});
    if (!result.ok)
        return inv.fail(1, fmt::format("{}: {}", kSpool + user, result.error));
    inv.door().apply(sim::Command{sim::command::ChangeMode{inv.place().host, kSpool + user, 0600, user + ":crontab"}});
    return 0;
}

int edit(Invocation& inv, const std::string& user)
{
    const std::string draft = fmt::format("/tmp/crontab.{}/crontab", user);
    const std::string folder = draft.substr(0, draft.rfind('/'));
    inv.system().makeDirectory(inv.place(), folder);
    const std::string before = spooled(inv, user).value_or("# Edit this file to introduce tasks to be run by cron.\n# m h  dom mon dow   command\n");
    inv.system().writeFile(inv.place(), draft, before, false);
    const std::string editor = inv.variable("VISUAL").value_or(inv.variable("EDITOR").value_or("nano"));
    std::vector<std::string> words = splitWords(editor);
    words.push_back(draft);
    const int status = inv.run(words);
    const std::string after = inv.system().readFile(inv.place(), draft).text;
    inv.system().removeFile(inv.place(), draft);
    inv.system().removeFile(inv.place(), folder);
    if (status != 0)
        return inv.fail(1, fmt::format("\"{}\" exited with status {}", editor, status));
    if (after == before) {
        inv.err().write("No modification made\n");
        return 0;
    }
    inv.err().write("crontab: installing new crontab\n");
    return install(inv, user, after, draft);
}

int runCrontab(Invocation& inv)
{
    const std::string me = inv.place().user.empty() ? "root" : inv.place().user;
    const std::string user = inv.options.value("u", me);
    if (inv.place().container)
        return inv.fail(1, "can't open the spool");
    if (user != me && !isRoot(inv)) {
        inv.err().write("must be privileged to use -u\n");
        return 1;
    }
    if (!sim::host::accountOf(machineOf(inv), user)) {
        inv.err().write(fmt::format("crontab:  user `{}' unknown\n", user));
        return 1;
    }
    inv.noteRead("file/" + placeName(inv) + kSpool + user);
    if (inv.options.has("l")) {
        const auto text = spooled(inv, user);
        if (!text) {
            inv.err().write("no crontab for " + user + "\n");
            return 1;
        }
        inv.print(*text);
        return 0;
    }
    if (inv.options.has("r")) {
        const auto result = inv.door().apply(sim::Command{sim::command::RemoveFile{inv.place().host, std::nullopt, kSpool + user, false}});
        if (!result.ok) {
            inv.err().write("no crontab for " + user + "\n");
            return 1;
        }
        return 0;
    }
    if (inv.options.has("e"))
        return edit(inv, user);
    if (inv.operands.empty() && inv.in().isTerminal()) {
        inv.err().write("crontab: usage error: file name or - (for stdin) must be specified\n");
        return 1;
    }
    if (inv.operands.empty() || inv.operands[0] == "-")
        return install(inv, user, inv.in().readAll(), "-");
    const ReadFile file = inv.system().readFile(inv.place(), inv.absolutePath(inv.operands[0]));
    if (file.error != Errno::None) {
        inv.err().write(fmt::format("{}: {}\n", inv.operands[0], describe(file.error)));
        return 1;
    }
    return install(inv, user, file.text, inv.operands[0]);
}

} // namespace

void addCrontab(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "crontab";
    spec.summary = "maintain crontab files for individual users";
    spec.usage = "crontab [ -u user ] [ -i ] { -e | -l | -r | file | - }";
    spec.options = {{'u', "", "USER", "user whose crontab is to be used"},
                    {'e', "", "", "edit user's crontab"},
                    {'l', "", "", "list user's crontab"},
                    {'r', "", "", "delete user's crontab"},
                    {'i', "", "", "prompt before deleting user's crontab"}};
    spec.run = runCrontab;
    table.add(std::move(spec));
}

} // namespace core::shell::node
