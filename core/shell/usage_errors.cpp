#include "core/shell/usage_errors.h"

#include <algorithm>
#include <string_view>

namespace core::shell {

namespace {

using Kind = OptionComplaint::Kind;

bool isOneOf(std::string_view name, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// "  -c <count>         stop after ...": one line for each option, its left part padded to `width`.
std::string optionLines(const CommandSpec& spec, std::string_view indent, std::size_t width, bool angles)
{
    std::string text;
    for (const OptionSpec& option : spec.options) {
        std::string left = std::string(indent) + (option.letter ? std::string("-") + option.letter : std::string());
        if (!option.name.empty() && angles)
            left += (option.letter ? ", --" : "    --") + option.name;
        if (!option.argument.empty())
            left += " <" + option.argument + ">";
        if (!angles && option.letter == 0)
            continue;
        left.append(left.size() + 2 > width ? 2 : width - left.size(), ' ');
        text += left + option.help + "\n";
    }
    return text;
}

/// ss, nstat, netstat and arp list "   -n, --numeric       don't resolve service names".
std::string networkOptionLines(const CommandSpec& spec, std::size_t indent, std::size_t width)
{
    std::string text;
    for (const OptionSpec& option : spec.options) {
        std::string left(indent, ' ');
        left += option.letter ? std::string("-") + option.letter : std::string("   ");
        if (!option.name.empty())
            left += (option.letter ? ", --" : " --") + option.name;
        if (!option.argument.empty())
            left += "=" + option.argument;
        left.append(left.size() + 1 > width ? 1 : width - left.size(), ' ');
        text += left + option.help + "\n";
    }
    return text;
}

std::string iputilsUsage(const CommandSpec& spec, const std::string& name)
{
    return "\nUsage\n  " + name + " [options] <destination>\n\nOptions:\n" + (name == "ping" ? "  <destination>      dns name or ip address\n" : "")
        + optionLines(spec, "  ", name == "ping" ? 21 : 17, false) + (name == "ping" ? "" : "  <destination>  dns name or ip address\n")
        + "\nFor more details see " + name + "(8).\n";
}

/// The whole message of tools whose first line is not getopt's; nothing for the others.
UsageError ownWords(const CommandSpec& spec, const std::string& name, const OptionComplaint& c)
{
    if (isOneOf(spec.name, {"iostat", "mpstat", "pidstat"}))
        return {sysstatUsage(spec.name), 1};
    if (spec.name == "curl") {
        const char* what = c.kind == Kind::ArgumentMissing ? "requires parameter" : "is unknown";
        return {"curl: option " + c.option + ": " + what + "\ncurl: try 'curl --help' or 'curl --manual' for more information\n", 2};
    }
    if (spec.name == "traceroute") {
        if (c.kind == Kind::ArgumentMissing)
            return {"Option `" + c.option + "' (argc " + std::to_string(c.words) + ") requires an argument: `" + c.option + " value'\n", 2};
        return {"Bad option `" + c.option + "' (argc " + std::to_string(c.words) + ")\n", 2};
    }
    if (spec.name == "host") {
        const std::string what = c.kind == Kind::ArgumentMissing ? "option requires an argument -- " : "illegal option -- ";
        return {"host: " + what + c.option.substr(1)
                    + "\nUsage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n"
                    + optionLines(spec, "       ", 10, false),
                1};
    }
    (void)name;
    return {};
}

} // namespace

std::string procpsUsage(const CommandSpec& spec)
{
    const std::string page = isOneOf(spec.name, {"vmstat", "sysctl"}) ? "8" : "1";
    std::size_t width = 19;
    for (const OptionSpec& option : spec.options)
        width = std::max(width, 9 + option.name.size() + (option.argument.empty() ? 0 : option.argument.size() + 3));
    return "\nUsage:\n " + (spec.usage.empty() || spec.name == "uptime" ? spec.name + " [options]" : spec.name == "w" ? "w [options] [user]" : spec.usage) + "\n\nOptions:\n" + optionLines(spec, " ", width, true)
        + "\n -h, --help     display this help and exit\n -V, --version  output version information and exit\n\nFor more details see " + spec.name + "("
        + page + ").\n";
}

std::string sysstatUsage(const std::string& name)
{
    if (name == "iostat")
        return "Usage: iostat [ options ] [ <interval> [ <count> ] ]\nOptions are:\n"
               "[ -c ] [ -d ] [ -h ] [ -k | -m ] [ -N ] [ -s ] [ -t ] [ -V ] [ -x ] [ -y ] [ -z ]\n"
               "[ { -f | +f } <directory> ] [ -j { ID | LABEL | PATH | UUID | ... } ]\n"
               "[ --compact ] [ --dec={ 0 | 1 | 2 } ] [ --human ] [ --pretty ] [ -o JSON ]\n"
               "[ [ -H ] -g <group_name> ] [ -p [ <device> [,...] | ALL ] ]\n"
               "[ <device> [...] | ALL ]\n";
    if (name == "mpstat")
        return "Usage: mpstat [ options ] [ <interval> [ <count> ] ]\nOptions are:\n[ -A ] [ -n ] [ -T ] [ -u ] [ -V ]\n"
               "[ -I { SUM | CPU | SCPU | ALL } ] [ -N { <node_list> | ALL } ]\n"
               "[ --dec={ 0 | 1 | 2 } ] [ -o JSON ] [ -P { <cpu_list> | ALL } ]\n";
    return "Usage: pidstat [ options ] [ <interval> [ <count> ] ] [ -e <program> <args> ]\nOptions are:\n"
           "[ -d ] [ -H ] [ -h ] [ -I ] [ -l ] [ -R ] [ -r ] [ -s ] [ -t ] [ -U [ <username> ] ]\n"
           "[ -u ] [ -V ] [ -v ] [ -w ] [ -C <command> ] [ -G <process_name> ]\n"
           "[ -p { <pid> [,...] | SELF | ALL } ] [ -T { TASK | CHILD | ALL } ]\n"
           "[ --dec={ 0 | 1 | 2 } ] [ --human ]\n";
}

UsageError usageError(const CommandSpec& spec, const std::string& name, const OptionComplaint& complaint)
{
    if (UsageError own = ownWords(spec, name, complaint); !own.text.empty())
        return own;
    const std::string& tool = spec.name;
    const std::string first = name + ": " + complaint.text + "\n";
    if (isOneOf(tool, {"systemctl", "journalctl", "systemd-analyze", "systemd-cgls", "systemd-cgtop", "timedatectl", "hostnamectl", "loginctl"}))
        return {first, 1};
    if (isOneOf(tool, {"free", "vmstat", "uptime", "w", "slabtop", "sysctl"}))
        return {first + procpsUsage(spec), 1};
    if (tool == "mtr")
        return {first + "\nUsage:\n mtr [options] hostname\n\n" + optionLines(spec, " ", 28, true) + "\nSee the 'man 8 mtr' for details.\n", 1};
    if (tool == "top") // help_exit() of top 4.0 leaves with 0
        return {first, 0};
    if (tool == "ping")
        return {(complaint.option.compare(0, 2, "--") == 0 ? std::string("ping: invalid option -- '-'\n") : first) + iputilsUsage(spec, "ping"), 2};
    if (tool == "tracepath")
        return {first + iputilsUsage(spec, "tracepath"), 255};
    if (tool == "ss")
        return {first + "Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n   -h, --help          this message\n   -V, --version       output version information\n"
                    + networkOptionLines(spec, 3, 23),
                255};
    if (tool == "nstat")
        return {first + "Usage: nstat [OPTION] [ PATTERN [ PATTERN ] ]\n   -h, --help          this message\n" + networkOptionLines(spec, 3, 23), 255};
    if (tool == "netstat")
        return {first
                    + "usage: netstat [-vWeenNcCF] [<Af>] -r         netstat {-V|--version|-h|--help}\n       netstat [-vWnNcaeol] [<Socket> ...]\n"
                      "       netstat { [-vWeenNac] -i | [-cnNe] -M | -s [-6tuw] }\n\n"
                    + networkOptionLines(spec, 8, 33),
                3};
    if (tool == "hostname") // prints its help on standard output and leaves with -1
        return {first, 255};
    if (tool == "arp")
        return {first + "Usage:\n  arp [-vn]  [<HW>] [-i <if>] [-a] [<hostname>]             <-Display ARP cache\n\n" + networkOptionLines(spec, 8, 33), 3};
    if (tool == "wget")
        return {first + "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n", 2};
    if (tool == "telnet")
        return {first + "Try 'telnet --help' or 'telnet --usage' for more information.\n", 64};
    if (isOneOf(tool, {"nc", "netcat"}))
        return {first
                    + "usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]\n"
                      "\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]\n"
                      "\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]\n\t  [destination] [port]\n",
                1};
    if (tool == "iptables-save")
        return {first + "Look at manual page `iptables-save.8' for more information.\n", 1};
    if (tool == "iptables-restore")
        return {first + "Try `iptables-restore -h' for more information.\n", 1};
    if (tool == "strace")
        return {first + "Try 'strace -h' for more information.\n", 1};
    if (tool == "crontab")
        return {first
                    + "crontab: usage error: unrecognized option\nusage:\tcrontab [-u user] [-n] file\n\tcrontab [ -u user ] [ -i ] { -e | -l | -r }\n"
                      "\n\t-h\t(displays this help message)\n\n\tfile\t(default operation is replace, per 1003.2)\n"
                      "\t-n\t(dry run: checks the syntax, then bails out)\n\t-u user\t(choose the user whose crontab is touched)\n\n"
                      "\t-e\t(edit user's crontab)\n\t-l\t(list user's crontab)\n\t-r\t(delete user's crontab)\n\n"
                      "\t-i\t(prompt before deleting user's crontab)\n",
                1};
    const std::string hint = "Try '" + name + " --help' for more information.\n";
    if (isOneOf(name, {"diff", "cmp"}))
        return {first + name + ": " + hint, spec.usageStatus};
    if (isOneOf(name, {"grep", "egrep", "fgrep"}))
        return {first + "Usage: " + spec.usage + "\n" + hint, spec.usageStatus};
    if (isOneOf(tool, {"nice", "timeout", "env", "nohup"})) // their own failures, apart from the command's
        return {first + hint, 125};
    return {first + hint, spec.usageStatus};
}

} // namespace core::shell
