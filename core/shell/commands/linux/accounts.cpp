// Accounts: useradd, usermod, userdel, groupadd, passwd of shadow 4.13; groups of coreutils; visudo of sudo 1.9.13.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/host/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace core::shell::node {

namespace {

using sim::host::Account;

std::string textOf(Invocation& inv, const std::string& path)
{
    const auto file = inv.door().world().hosts().read(inv.place().host, path, inv.now());
    return file ? file->content : std::string();
}

bool rewrite(Invocation& inv, const std::string& path, std::string text)
{
    const auto stat = inv.system().stat(inv.place(), path);
    return inv.door()
        .apply(sim::Command{sim::command::WriteFile{inv.place().host, std::nullopt, path, std::move(text), false, stat ? stat->mode : 0644, 0}})
        .ok;
}

/// Applies `change` to the line of `name`; a line that becomes empty goes.
void changeLine(Invocation& inv, const std::string& path, const std::string& name, const std::function<std::string(std::string)>& change)
{
    std::string text = textOf(inv, path), after;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string line = text.substr(0, end);
        text.erase(0, end + 1);
        if (line.substr(0, line.find(':')) == name)
            line = change(std::move(line));
        if (!line.empty())
            after += line + "\n";
    }
    rewrite(inv, path, std::move(after));
}

std::string withField(const std::string& line, std::size_t index, const std::string& value)
{
    std::size_t begin = 0;
    for (std::size_t i = 0; i < index && begin != std::string::npos; ++i)
        begin = line.find(':', begin) + 1;
    const std::size_t end = std::min(line.find(':', begin), line.size());
    return line.substr(0, begin) + value + line.substr(end);
}

bool mustBeRoot(Invocation& inv)
{
    if (isRoot(inv))
        return true;
    inv.err().write(fmt::format("{0}: Permission denied.\n{0}: cannot lock /etc/passwd; try again later.\n", inv.name));
    return false;
}

std::int64_t freeId(const std::vector<std::int64_t>& taken, std::int64_t from)
{
    while (std::find(taken.begin(), taken.end(), from) != taken.end())
        ++from;
    return from;
}

void joinGroups(Invocation& inv, const std::string& user, std::string list, bool only)
{
    std::replace(list.begin(), list.end(), ',', ' ');
    const std::vector<std::string> wanted = splitWords(list);
    for (const sim::host::Group& group : sim::host::groupsOf(machineOf(inv))) {
        const bool chosen = std::find(wanted.begin(), wanted.end(), group.name) != wanted.end();
        const bool there = std::find(group.members.begin(), group.members.end(), user) != group.members.end();
        if (chosen == there || (!chosen && !only))
            continue;
        std::vector<std::string> members = group.members;
        if (chosen)
            members.push_back(user);
        else
            std::erase(members, user);
        std::string joined;
        for (const std::string& member : members)
            joined += (joined.empty() ? "" : ",") + member;
        changeLine(inv, "/etc/group", group.name, [&](std::string line) { return withField(line, 3, joined); });
    }
}

std::string unknownGroup(Invocation& inv, std::string list)
{
    std::replace(list.begin(), list.end(), ',', ' ');
    const auto groups = sim::host::groupsOf(machineOf(inv));
    for (const std::string& name : splitWords(list))
        if (std::none_of(groups.begin(), groups.end(), [&](const auto& g) { return g.name == name; }))
            return name;
    return {};
}

int groupadd(Invocation& inv)
{
    if (!mustBeRoot(inv))
        return 10;
    if (inv.operands.empty())
        return inv.fail(2, "usage: groupadd [options] GROUP");
    const auto groups = sim::host::groupsOf(machineOf(inv));
    std::vector<std::int64_t> taken;
    for (const auto& group : groups) {
        if (group.name == inv.operands[0])
            return inv.fail(9, fmt::format("group '{}' already exists", group.name));
        taken.push_back(group.gid);
    }
    const std::int64_t gid = inv.options.has("gid") ? parseNumber(inv.options.value("gid")).value_or(1000) : freeId(taken, inv.options.has("system") ? 900 : 1000);
    rewrite(inv, "/etc/group", textOf(inv, "/etc/group") + fmt::format("{}:x:{}:\n", inv.operands[0], gid));
    return 0;
}

int useradd(Invocation& inv)
{
    if (!mustBeRoot(inv))
        return 1;
    if (inv.operands.empty()) {
        inv.err().write("Usage: useradd [options] LOGIN\n");
        return 2;
    }
    const std::string& name = inv.operands[0];
    if (sim::host::accountOf(machineOf(inv), name))
        return inv.fail(9, fmt::format("user '{}' already exists", name));
    if (const std::string unknown = unknownGroup(inv, inv.options.value("groups")); !unknown.empty())
        return inv.fail(6, fmt::format("group '{}' does not exist", unknown));
    std::vector<std::int64_t> taken;
    for (const Account& account : sim::host::accountsOf(machineOf(inv)))
        taken.push_back(account.uid);
    const bool system = inv.options.has("system");
    const std::int64_t uid = inv.options.has("uid") ? parseNumber(inv.options.value("uid")).value_or(1001) : freeId(taken, system ? 900 : 1001);
    const std::string home = inv.options.value("home-dir", "/home/" + name);
    rewrite(inv, "/etc/passwd",
            textOf(inv, "/etc/passwd")
                + fmt::format("{}:x:{}:{}:{}:{}:{}\n", name, uid, uid, inv.options.value("comment"), home, inv.options.value("shell", system ? "/usr/sbin/nologin" : "/bin/sh")));
    rewrite(inv, "/etc/group", textOf(inv, "/etc/group") + fmt::format("{}:x:{}:\n", name, uid));
    rewrite(inv, "/etc/shadow", textOf(inv, "/etc/shadow") + fmt::format("{}:!:{}:0:99999:7:::\n", name, sim::unixSeconds(inv.now()) / 86'400));
    joinGroups(inv, name, inv.options.value("groups"), false);
    if (inv.options.has("create-home")) {
        inv.door().apply(sim::Command{sim::command::MakeDirectory{inv.place().host, std::nullopt, home, true}});
        inv.door().apply(sim::Command{sim::command::ChangeMode{inv.place().host, home, 0755, name + ":" + name}});
    }
    return 0;
}

int usermod(Invocation& inv)
{
    if (!mustBeRoot(inv))
        return 1;
    if (inv.operands.empty()) {
        inv.err().write("Usage: usermod [options] LOGIN\n");
        return 2;
    }
    const std::string& name = inv.operands[0];
    if (!sim::host::accountOf(machineOf(inv), name))
        return inv.fail(6, fmt::format("user '{}' does not exist", name));
    if (const std::string unknown = unknownGroup(inv, inv.options.value("groups")); !unknown.empty())
        return inv.fail(6, fmt::format("group '{}' does not exist", unknown));
    if (inv.options.has("groups"))
        joinGroups(inv, name, inv.options.value("groups"), !inv.options.has("append"));
    if (inv.options.has("shell"))
        changeLine(inv, "/etc/passwd", name, [&](std::string line) { return withField(line, 6, inv.options.value("shell")); });
    if (inv.options.has("lock") || inv.options.has("unlock"))
        changeLine(inv, "/etc/shadow", name, [&](std::string line) {
            const std::size_t colon = line.find(':');
            const bool locked = colon + 1 < line.size() && line[colon + 1] == '!';
            if (inv.options.has("lock"))
                return locked ? line : line.insert(colon + 1, "!");
            return locked ? line.erase(colon + 1, 1) : line;
        });
    return 0;
}

int userdel(Invocation& inv)
{
    if (!mustBeRoot(inv))
        return 1;
    if (inv.operands.empty())
        return inv.fail(2, "usage: userdel [options] LOGIN");
    const std::string& name = inv.operands[0];
    const auto account = sim::host::accountOf(machineOf(inv), name);
    if (!account)
        return inv.fail(6, fmt::format("user '{}' does not exist", name));
    for (const auto& [pid, process] : machineOf(inv).processes)
        if (process.user == name)
            return inv.fail(8, fmt::format("user {} is currently used by process {}", name, pid));
    for (const char* path : {"/etc/passwd", "/etc/shadow", "/etc/group"})
        changeLine(inv, path, name, [](std::string) { return std::string(); });
    joinGroups(inv, name, "", true);
    if (inv.options.has("remove"))
        inv.door().apply(sim::Command{sim::command::RemoveFile{inv.place().host, std::nullopt, account->home, true}});
    return 0;
}

int passwd(Invocation& inv)
{
    const std::string me = inv.place().user.empty() ? "root" : inv.place().user;
    const std::string name = inv.operands.empty() ? me : inv.operands[0];
    if (!sim::host::accountOf(machineOf(inv), name)) {
        inv.err().write(fmt::format("passwd: user '{}' does not exist\n", name));
        return 1;
    }
    if (inv.options.has("status")) {
        inv.print(fmt::format("{} {} 03/03/2024 0 99999 7 -1\n", name, sim::host::isLocked(machineOf(inv), name) ? "L" : "P"));
        return 0;
    }
    if (!isRoot(inv)) {
        inv.err().write("passwd: Permission denied.\n");
        return 1;
    }
    const bool lock = inv.options.has("lock"), unlock = inv.options.has("unlock");
    if (!lock && !unlock) {
        inv.err().write("passwd: the lab's people log in with keys; -l and -u lock and unlock an account\n");
        return 1;
    }
    changeLine(inv, "/etc/shadow", name, [&](std::string line) {
        const std::size_t colon = line.find(':');
        const bool locked = colon + 1 < line.size() && line[colon + 1] == '!';
        return lock ? (locked ? line : line.insert(colon + 1, "!")) : locked ? line.erase(colon + 1, 1) : line;
    });
    inv.print("passwd: password changed.\n");
    return 0;
}

int groups(Invocation& inv)
{
    const std::string user = inv.operands.empty() ? (inv.place().user.empty() ? "root" : inv.place().user) : inv.operands[0];
    if (!sim::host::accountOf(machineOf(inv), user))
        return inv.fail(1, fmt::format("\u2018{}\u2019: no such user", user));
    std::string text;
    for (const sim::host::Group& group : sim::host::groupsOfUser(machineOf(inv), user))
        text += (text.empty() ? "" : " ") + group.name;
    inv.print(inv.operands.empty() ? text + "\n" : fmt::format("{} : {}\n", user, text));
    return 0;
}

int visudo(Invocation& inv)
{
    if (!isRoot(inv)) {
        inv.err().write("visudo: /etc/sudoers: Permission denied\n");
        return 1;
    }
    const std::string path = inv.options.value("file", "/etc/sudoers");
    const auto check = [&] {
        const std::string error = sim::host::sudoersError(machineOf(inv), inv.options.has("file") ? path : "");
        if (!error.empty()) {
            inv.err().write(error);
            return 1;
        }
        inv.print(path + ": parsed OK\n");
        if (!inv.options.has("file"))
            inv.print("/etc/sudoers.d/90-lab: parsed OK\n");
        return 0;
    };
    if (inv.options.has("check"))
        return check();
    std::vector<std::string> words = splitWords(inv.variable("EDITOR").value_or("nano"));
    words.push_back(path);
    const int status = inv.run(words);
    const std::string error = sim::host::sudoersError(machineOf(inv), path);
    inv.err().write(error);
    return error.empty() ? status : 1;
}

} // namespace

void addAccounts(CommandTable& table)
{
    const OptionSpec lists{'G', "groups", "GROUPS", "list of supplementary groups"};
    const OptionSpec shell{'s', "shell", "SHELL", "login shell of the account"};
    table.add("useradd", "create a new user", "useradd [options] LOGIN",
        {{'m', "create-home", "", "create the user's home directory"}, {'r', "system", "", "create a system account"}, {'u', "uid", "UID", "user ID of the new account"},
         {'d', "home-dir", "HOME_DIR", "home directory of the new account"}, {'c', "comment", "COMMENT", "GECOS field of the new account"}, lists, shell},
        useradd);
    table.add("usermod", "modify a user account", "usermod [options] LOGIN",
        {{'a', "append", "", "append the user to the supplemental GROUPS"}, {'L', "lock", "", "lock the user account"}, {'U', "unlock", "", "unlock the user account"}, lists, shell},
        usermod);
    table.add("userdel", "delete a user account and related files", "userdel [options] LOGIN", {{'r', "remove", "", "remove home directory and mail spool"}}, userdel);
    table.add("groupadd", "create a new group", "groupadd [options] GROUP", {{'g', "gid", "GID", "use GID for the new group"}, {'r', "system", "", "create a system account"}}, groupadd);
    table.add("passwd", "change user password", "passwd [options] [LOGIN]",
        {{'l', "lock", "", "lock the password of the named account"}, {'u', "unlock", "", "unlock the password of the named account"},
         {'S', "status", "", "report password status on the named account"}},
        passwd);
    table.add("groups", "print the groups a user is in", "groups [USERNAME]", {}, groups);
    table.add("visudo", "edit the sudoers file", "visudo [-c] [-f sudoers]", {{'c', "check", "", "check-only mode"}, {'f', "file", "FILE", "specify sudoers file location"}}, visudo);
}

} // namespace core::shell::node
