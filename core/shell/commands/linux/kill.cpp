// kill of util-linux 2.38.1; pkill, pgrep of procps-ng 4.0.2; killall of psmisc 23.6.
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/processes.h"
#include "core/shell/regular_expression.h"
#include "core/shell/usage_errors.h"
#include "sim/engine/letters.h"
#include "sim/host/signals.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

/// The pid on the machine of a pid seen here (in a container, its main process is 1).
sim::host::Pid machinePid(Invocation& inv, sim::host::Pid pid)
{
    const auto* container = containerOf(inv);
    return container != nullptr && pid == 1 ? container->pid : pid;
}

/// errno's text, or empty.
std::string send(Invocation& inv, sim::host::Pid seen, int signal)
{
    const sim::host::Pid pid = machinePid(inv, seen);
    const auto visible = visibleProcesses(inv);
    const auto found = std::find_if(visible.begin(), visible.end(),
                                    [&](const auto* p) { return p->pid == pid; });
    if (found == visible.end())
        return "No such process";
    if (!isRoot(inv) && (*found)->user != inv.place().user && !inv.place().container)
        return "Operation not permitted";
    if (signal == 0)
        return {};
    const auto result = inv.door().apply(sim::Command{sim::command::Signal{inv.place().host, pid, signal}});
    return result.ok ? std::string() : result.error;
}

int kill(Invocation& inv)
{
    std::vector<std::string> words = inv.arguments;
    int signal = sim::host::kSigTerm;
    if (words.size() > 1 && words[0] == "-l") { // a number's name, a name's number
        for (std::size_t i = 1; i < words.size(); ++i) {
            const auto number = parseNumber(words[i]);
            const auto named = signalNumber(words[i]);
            if (number && *number > 128)
                inv.print(sim::host::signalName(static_cast<int>(*number - 128)) + "\n");
            else if (number)
                inv.print(sim::host::signalName(static_cast<int>(*number)) + "\n");
            else if (named)
                inv.print(fmt::format("{}\n", *named));
            else
                inv.err().write(fmt::format("bash: kill: {}: invalid signal specification\n", words[i]));
        }
        return 0;
    }
    if (!words.empty() && words[0] == "-l") {
        std::string text;
        for (int n = 1; n < 32; ++n)
            text += fmt::format("{:2}) SIG{:<8}{}", n, sim::host::signalName(n), n % 5 == 0 ? "\n" : "\t");
        inv.print(text + "\n");
        return 0;
    }
    if (words.size() > 1 && (words[0] == "-s" || words[0] == "-n")) {
        words.erase(words.begin());
        words[0].insert(0, "-");
    }
    if (!words.empty() && words[0].size() > 1 && words[0][0] == '-' && words[0] != "--") {
        const auto number = signalNumber(words[0].substr(1));
        if (!number) {
            inv.err().write(
                fmt::format("bash: kill: {}: invalid signal specification\n", words[0].substr(1)));
            return 1;
        }
        signal = *number;
        words.erase(words.begin());
    }
    if (!words.empty() && words[0] == "--")
        words.erase(words.begin());
    if (words.empty()) {
        inv.err().write(
            "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n");
        return 2;
    }
    int status = 0;
    for (const std::string& word : words) {
        const auto pid = parseNumber(word);
        if (!pid) {
            inv.err().write(fmt::format("bash: kill: {}: arguments must be process or job IDs\n", word));
            status = 1;
            continue;
        }
        if (const std::string error = send(inv, *pid, signal); !error.empty()) {
            inv.err().write(fmt::format("bash: kill: ({}) - {}\n", *pid, error));
            status = 1;
        }
    }
    return status;
}

/// pkill and pgrep share their matching.
int match(Invocation& inv)
{
    const bool kills = inv.name == "pkill";
    std::vector<std::string> words = inv.arguments;
    int signal = sim::host::kSigTerm;
    bool full = false, exact = false, list = false, listFull = false, counts = false, newest = false,
         oldest = false, invert = false;
    std::string user, pattern;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word.size() < 2 || word[0] != '-') {
            pattern = word;
            continue;
        }
        if (kills && signalNumber(word.substr(1))) {
            signal = *signalNumber(word.substr(1));
            continue;
        }
        if (word == "--signal" && i + 1 < words.size()) {
            signal = signalNumber(words[++i]).value_or(signal);
            continue;
        }
        for (std::size_t c = 1; c < word.size(); ++c) {
            const char letter = word[c];
            if (letter == 'f')
                full = true;
            else if (letter == 'x')
                exact = true;
            else if (letter == 'l')
                list = true;
            else if (letter == 'a')
                listFull = true;
            else if (letter == 'c')
                counts = true;
            else if (letter == 'n')
                newest = true;
            else if (letter == 'o')
                oldest = true;
            else if (letter == 'v')
                invert = true;
            else if ((letter == 'u' || letter == 'U') && (c + 1 < word.size() || i + 1 < words.size())) {
                user = c + 1 < word.size() ? word.substr(c + 1) : words[++i];
                break;
            } else if (std::string_view("wdPgsFtuUGirLAqHe0123456789").find(letter) == std::string_view::npos) {
                CommandSpec named;
                named.name = "pgrep";
                named.usage = inv.name + " [options] <pattern>";
                inv.err().write(fmt::format("{}: invalid option -- '{}'\n", inv.name, letter) + procpsUsage(named));
                return 2;
            }
        }
    }
    if (pattern.empty() && user.empty()) {
        inv.err().write(fmt::format(
            "{0}: no matching criteria specified\nTry `{0} --help' for more information.\n", inv.name));
        return 2;
    }
    std::string error;
    RegularExpression::Options options;
    options.wholeLine = exact;
    const auto expression = RegularExpression::compile(pattern, RegularExpression::Syntax::Extended, options,
                                                       error);
    if (!expression) {
        inv.err().write(fmt::format("{}: {}\n", inv.name, error));
        return 2;
    }
    noteHost(inv);
    std::vector<ProcessRow> rows = processRows(inv);
    std::erase_if(rows, [&](const ProcessRow& r) {
        const bool hit = (user.empty() || r.user == user) && expression->matches(full ? r.arguments : r.name);
        return hit == invert;
    });
    if ((newest || oldest) && rows.size() > 1) {
        std::stable_sort(rows.begin(), rows.end(), [&](const ProcessRow& a, const ProcessRow& b) { return newest ? a.started > b.started : a.started < b.started; });
        rows.resize(1);
    }
    if (counts)
        inv.print(fmt::format("{}\n", rows.size()));
    int status = rows.empty() ? 1 : 0;
    for (const ProcessRow& r : rows) {
        if (!kills) {
            if (!counts)
                inv.print(listFull   ? fmt::format("{} {}\n", r.pid, r.arguments)
                              : list ? fmt::format("{} {}\n", r.pid, r.name)
                                     : fmt::format("{}\n", r.pid));
        } else if (const std::string problem = send(inv, r.pid, signal); !problem.empty()) {
            inv.err().write(fmt::format("pkill: killing pid {} failed: {}\n", r.pid, problem));
            status = 1;
        }
    }
    return status;
}

int killall(Invocation& inv)
{
    std::vector<std::string> words = inv.arguments;
    int signal = sim::host::kSigTerm;
    if (!words.empty() && words[0].size() > 1 && words[0][0] == '-') {
        if (words[0] == "-s" && words.size() > 1)
            words.erase(words.begin());
        const auto number = signalNumber(words[0][0] == '-' ? words[0].substr(1) : words[0]);
        if (!number && words[0] != "-q" && words[0] != "-v") {
            inv.err().write(
                fmt::format("{}: unknown signal; killall -l lists signals.\n", words[0].substr(1)));
            return 1;
        }
        signal = number.value_or(signal);
        words.erase(words.begin());
    }
    if (words.empty()) {
        inv.err().write("Usage: killall [OPTION]... [--] NAME...\n       killall -l, --list\n       killall -V, --version\n\n"
                        "  -e,--exact          require exact match for very long names\n  -I,--ignore-case    case insensitive process name match\n"
                        "  -i,--interactive    ask for confirmation before killing\n  -l,--list           list all known signal names\n"
                        "  -q,--quiet          don't print complaints\n  -r,--regexp         interpret NAME as an extended regular expression\n"
                        "  -s,--signal SIGNAL  send this signal instead of SIGTERM\n  -u,--user USER      kill only process(es) running as USER\n"
                        "  -v,--verbose        report if the signal was successfully sent\n  -w,--wait           wait for processes to die\n\n");
        return 1;
    }
    int status = 0;
    for (const std::string& name : words) {
        bool found = false;
        for (const ProcessRow& r : processRows(inv)) {
            if (r.name != name.substr(0, 15))
                continue;
            found = true;
            if (const std::string problem = send(inv, r.pid, signal); !problem.empty()) {
                inv.err().write(fmt::format("{}({}): {}\n", name, r.pid, problem));
                status = 1;
            }
        }
        if (!found) {
            inv.err().write(name + ": no process found\n");
            status = 1;
        }
    }
    return status;
}

} // namespace

void addKill(CommandTable& table)
{
    const auto add = [&](const char* name, const char* summary, const char* usage, int (*run)(Invocation&)) {
        CommandSpec spec;
        spec.name = name;
        spec.summary = summary;
        spec.usage = usage;
        spec.parseOptions = false;
        spec.run = run;
        table.add(std::move(spec));
    };
    add("kill", "terminate a process", "kill [-s signal | -signal] pid...", kill);
    add("pkill", "signal processes based on name and other attributes", "pkill [options] <pattern>", match);
    add("pgrep", "look up processes based on name and other attributes", "pgrep [options] <pattern>", match);
    add("killall", "kill processes by name", "killall [-s signal | -signal] name...", killall);
}

} // namespace core::shell::node
