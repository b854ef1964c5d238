#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/quoting.h"
#include "sim/host/accounts.h"
#include "sim/host/sudo_log.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

void log(Invocation& inv, std::uint8_t priority, std::string message)
{
    inv.door().apply(sim::Command{sim::command::LogLine{inv.place().host, "sudo", priority, std::move(message)}});
}

/// Runs it, with what sudo and its PAM session write into the journal around it, also when Ctrl-C ends it.
template <typename Run>
int inSession(Invocation& inv, const std::string& user, const Place& place, const std::vector<std::string>& words, Run run)
{
    if (inv.place().container)
        return run();
    std::string command = words.empty() ? "/bin/bash" : words[0].find('/') == std::string::npos ? "/usr/bin/" + words[0] : words[0];
    for (std::size_t i = 1; i < words.size(); ++i)
        command += " " + words[i];
    const auto lines = sim::host::sudoLines(machineOf(inv), user, inv.workingDirectory(), place.user, command);
    const auto say = [&](const sim::host::SudoLine& line) { log(inv, line.priority, line.message); };
    say(lines[0]);
    say(lines[1]);
    const auto end = [&] {
        if (machineOf(inv).power == sim::host::Machine::Power::On)
            say(lines[2]);
    };
    int status = 0;
    try {
        status = run();
    } catch (const Interrupted& interrupted) {
        constexpr int kHungUp = 129; // the terminal is gone, and with a rewound clock all that was typed there
        if (interrupted.exitStatus != kHungUp)
            end();
        throw;
    }
    end();
    return status;
}

int sudo(Invocation& inv)
{
    std::vector<std::string> words = inv.arguments;
    Place place = inv.place();
    place.user = "root";
    bool login = false, listsRights = false;
    std::string settings;
    while (!words.empty()) {
        const std::string word = words.front();
        if (word == "-u" && words.size() > 1) {
            place.user = words[1];
            words.erase(words.begin());
        } else if (word == "-i" || word == "-s") {
            login = true;
        } else if (word == "-l") {
            listsRights = true;
        } else if (word.find('=') != std::string::npos && word[0] != '-' && word.find('/') > word.find('=')) {
            settings += shellQuoted(word) + " "; // VAR=value before the command
        } else if (word != "-n" && word != "-E" && word != "-H" && word != "--") {
            break;
        }
        words.erase(words.begin());
    }
    const std::string me = inv.place().user.empty() ? "root" : inv.place().user;
    if (!inv.place().container) {
        const sim::host::Machine& machine = machineOf(inv);
        if (const std::string error = sim::host::sudoersError(machine, ""); !error.empty())
            inv.err().write(error); // sudo goes on with the rules that it could read
        const std::vector<sim::host::SudoRight> rights = sim::host::sudoRights(machine, me);
        if (rights.empty() && me != "root") {
            if (listsRights) {
                inv.print(fmt::format("Sorry, user {} may not run sudo on {}.\n", me, machine.name));
                return 1;
            }
            std::string line;
            for (const std::string& word : words)
                line += (line.empty() ? "" : " ") + word;
            inv.err().write(me + " is not in the sudoers file.\n");
            log(inv, 1, fmt::format("{:>8} : user NOT in sudoers ; TTY=pts/0 ; PWD={} ; USER={} ; COMMAND={}", me, inv.workingDirectory(), place.user, line));
            return 1;
        }
        if (listsRights) {
            inv.print(fmt::format("User {} may run the following commands on {}:\n", me, machine.name));
            for (const sim::host::SudoRight& right : rights)
                inv.print(fmt::format("    ({}) {}{}\n", right.runAs, right.password ? "" : "NOPASSWD: ", right.commands));
            return 0;
        }
        if (!sim::host::accountOf(machine, place.user)) {
            inv.err().write(fmt::format("sudo: unknown user {}\nsudo: error initializing audit plugin sudoers_audit\n", place.user));
            return 1;
        }
    }
    if (words.empty() && !login) {
        inv.err().write("usage: sudo -h | -K | -k | -V\nusage: sudo [-u user] [command [arg ...]]\n");
        return 1;
    }
    const bool shell = !words.empty() && (words.front() == "su" || words.front() == "bash");
    if (words.empty() || (shell && (words.size() == 1 || words[1] == "-")))
        return inSession(inv, me, place, words, [&] { return inv.openShellAt(place); });
    if (shell && words.size() > 2 && words[1] == "-c")
        return inSession(inv, me, place, words, [&] { return inv.runAt(place, words[2]); });
    if (!inv.system().hasCommand(place, words.front()) && words.front().find('/') == std::string::npos) {
        static constexpr const char* kBuiltins[] = {"cd",   "echo", "printf", "test",
                                                    "kill", "true", "false",  "type"};
        bool builtin = false;
        for (const char* name : kBuiltins)
            builtin = builtin || words.front() == name;
        if (!builtin) {
            inv.err().write(fmt::format("sudo: {}: command not found\n", words.front()));
            return 1;
        }
    }
    std::string line = settings;
    // The child starts in this directory, as sudo's does.
    const std::string folder = inv.workingDirectory();
    line = fmt::format("cd {} 2> /dev/null; ", shellQuoted(folder)) + line;
    for (std::size_t i = 0; i < words.size(); ++i)
        line += (i > 0 ? " " : "") + shellQuoted(words[i]);
    return inSession(inv, me, place, words, [&] { return inv.runAt(place, line); });
}

int su(Invocation& inv)
{
    std::string user = "root";
    std::string command;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        if (word == "-c" && i + 1 < inv.arguments.size())
            command = inv.arguments[++i];
        else if (!word.empty() && word[0] != '-')
            user = word;
    }
    const auto account = sim::host::accountOf(machineOf(inv), user);
    if (!account && !inv.place().container) {
        inv.err().write(fmt::format("su: user {} does not exist or the user entry does not contain all the required fields\n", user));
        return 1;
    }
    if (!isRoot(inv)) {
        inv.err().write("Password: \nsu: Authentication failure\n");
        return 1;
    }
    if (account && account->shell.find("nologin") != std::string::npos) {
        inv.print("This account is currently not available.\n");
        return 1;
    }
    Place place = inv.place();
    place.user = user;
    return command.empty() ? inv.openShellAt(place) : inv.runAt(place, command);
}

} // namespace

void addSudo(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "sudo";
    spec.summary = "execute a command as another user";
    spec.usage = "sudo [-u user] [-i] [command [arg ...]]";
    spec.parseOptions = false;
    spec.run = sudo;
    table.add(spec);
    spec.name = "su";
    spec.summary = "run a shell with substitute user and group IDs";
    spec.usage = "su [-] [user]";
    spec.run = su;
    table.add(std::move(spec));
}

} // namespace core::shell::node
