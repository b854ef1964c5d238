// Who and where am I: hostname, uname, id, whoami, uptime, nproc, arch.
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/uptime.h"
#include "core/shell/text/dates.h"
#include "sim/host/accounts.h"

#include <fmt/format.h>

namespace core::shell::node {

std::string uptimeLine(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    const std::int64_t s = (inv.now() - machine.booted).count() / 1'000'000'000;
    std::string up;
    if (s >= 86'400)
        up = fmt::format("{} day{}, ", s / 86'400, s / 86'400 == 1 ? "" : "s");
    up += s % 86'400 >= 3600 ? fmt::format("{:2}:{:02}", s % 86'400 / 3600, s / 60 % 60)
                             : fmt::format("{} min", s / 60 % 60);
    const sim::host::LoadAverage load = machine.loadAverage(inv.now());
    return fmt::format(" {} up {},  1 user,  load average: {:.2f}, {:.2f}, {:.2f}",
                       formatDate(inv.now(), "%H:%M:%S"), up, load.one, load.five, load.fifteen);
}

namespace {

int hostname(Invocation& inv)
{
    if (!inv.operands.empty())
        return isRoot(inv) ? inv.fail(1, "the lab's machines keep their names")
                           : inv.fail(1, "you must be root to change the host name");
    if (inv.options.has("I") || inv.options.has("i")) {
        std::string text;
        for (const auto& i : stackOf(inv).interfaces)
            if (i.name != "lo")
                for (const auto& p : i.addresses)
                    text += p.base.text() + " ";
        inv.print(text + "\n");
        return 0;
    }
    const std::string name = inv.system().hostName(inv.place());
    inv.print(name + (inv.options.has("f") && !inv.place().container ? ".lab" : "") + "\n");
    return 0;
}

int uname(Invocation& inv)
{
    if (!inv.operands.empty()) {
        inv.err().write(fmt::format("uname: extra operand \u2018{}\u2019\nTry 'uname --help' for more information.\n", inv.operands[0]));
        return 1;
    }
    const sim::host::Machine& machine = machineOf(inv);
    const bool all = inv.options.has("a");
    std::string text;
    const auto add = [&](const char* option, const std::string& piece) {
        if (all || inv.options.has(option))
            text += (text.empty() ? "" : " ") + piece;
    };
    add("s", "Linux");
    add("n", inv.system().hostName(inv.place()));
    add("r", machine.kernel);
    add("v", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)");
    add("m", "x86_64");
    add("o", "GNU/Linux");
    inv.print((text.empty() ? "Linux" : text) + "\n");
    return 0;
}

int id(Invocation& inv)
{
    if (inv.options.has("n") && !inv.options.has("u") && !inv.options.has("g") && !inv.options.has("G"))
        return inv.fail(1, "cannot print only names or real IDs in default format");
    const std::string user = !inv.operands.empty() ? inv.operands[0]
        : inv.place().user.empty()                 ? "root"
                                                   : inv.place().user;
    if (!inv.place().container) {
        const auto account = sim::host::accountOf(machineOf(inv), user);
        if (!account)
            return inv.fail(1, fmt::format("\u2018{}\u2019: no such user", user));
        const auto groups = sim::host::groupsOfUser(machineOf(inv), account->name);
        const sim::host::Group own = groups.empty() ? sim::host::Group{account->name, account->gid, {}} : groups.front();
        if (inv.options.has("u") || inv.options.has("g")) {
            const bool names = inv.options.has("n");
            inv.print((inv.options.has("u") ? (names ? account->name : std::to_string(account->uid)) : names ? own.name : std::to_string(own.gid)) + "\n");
            return 0;
        }
        std::string all;
        for (const auto& group : groups)
            all += fmt::format("{}{}({})", all.empty() ? "" : ",", group.gid, group.name);
        inv.print(fmt::format("uid={}({}) gid={}({}) groups={}\n", account->uid, account->name, own.gid, own.name, all));
        return 0;
    }
    const bool root = user == "root" || user == "0";
    const bool number = !user.empty() && parseNumber(user).has_value();
    const std::string uid = root ? "0" : number ? user : "1000";
    if (inv.options.has("u") || inv.options.has("g")) {
        inv.print((inv.options.has("n") ? user : uid) + "\n");
        return 0;
    }
    const std::string shown = number ? uid : fmt::format("{}({})", uid, user);
    inv.print(fmt::format("uid={0} gid={0} groups={0}{1}\n", shown, user == "ops" ? ",27(sudo)" : ""));
    return 0;
}

int whoami(Invocation& inv)
{
    inv.print((inv.place().user.empty() ? "root" : inv.place().user) + "\n");
    return 0;
}

int uptime(Invocation& inv)
{
    noteHost(inv);
    if (inv.options.has("s")) {
        inv.print(formatDate(machineOf(inv).booted, "%Y-%m-%d %H:%M:%S") + "\n");
    } else if (inv.options.has("p")) {
        const std::int64_t s = (inv.now() - machineOf(inv).booted).count() / 1'000'000'000;
        const auto many = [](std::int64_t n, const char* word) {
            return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
        };
        inv.print("up " + (s >= 86'400 ? many(s / 86'400, "day") + ", " : "")
                  + (s >= 3600 ? many(s / 3600 % 24, "hour") + ", " : "") + many(s / 60 % 60, "minute")
                  + "\n");
    } else {
        inv.print(uptimeLine(inv) + "\n");
    }
    return 0;
}

int nproc(Invocation& inv)
{
    inv.print(std::to_string(machineOf(inv).cpus) + "\n");
    return 0;
}

int arch(Invocation& inv)
{
    inv.print("x86_64\n");
    return 0;
}

} // namespace

void addIdentity(CommandTable& table)
{
    const auto add = [&](const char* name, const char* summary, std::vector<OptionSpec> options,
                         int (*run)(Invocation&)) {
        CommandSpec spec;
        spec.name = name;
        spec.summary = summary;
        spec.usage = std::string(name) + " [OPTION]...";
        spec.options = std::move(options);
        spec.run = run;
        table.add(std::move(spec));
    };
    add("hostname", "show or set the system's host name",
        {{'I', "", "", "all addresses for the host"},
         {'i', "", "", "addresses for the host name"},
         {'f', "", "", "long host name (FQDN)"},
         {'s', "", "", "short host name"}},
        hostname);
    add("uname", "print system information",
        {{'a', "", "", "print all information"},
         {'s', "", "", "print the kernel name"},
         {'n', "", "", "print the network node hostname"},
         {'r', "", "", "print the kernel release"},
         {'v', "", "", "print the kernel version"},
         {'m', "", "", "print the machine hardware name"},
         {'o', "", "", "print the operating system"}},
        uname);
    add("id", "print real and effective user and group IDs",
        {{'u', "", "", "print only the effective user ID"},
         {'g', "", "", "print only the effective group ID"},
         {'n', "", "", "print a name instead of a number"}},
        id);
    add("whoami", "print effective user name", {}, whoami);
    add("uptime", "tell how long the system has been running",
        {{'p', "", "", "show uptime in pretty format"}, {'s', "", "", "system up since"}}, uptime);
    add("nproc", "print the number of processing units available", {}, nproc);
    add("arch", "print machine hardware name", {}, arch);
}

} // namespace core::shell::node
