// ulimit of bash 5.2; prlimit, renice, lsns, nsenter of util-linux 2.38.1; nice of coreutils 9.1; stress-ng 0.15.06.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/quoting.h"
#include "sim/host/proc_files.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::Process;

const Process* processAt(Invocation& inv, sim::host::Pid pid)
{
    for (const Process* process : visibleProcesses(inv))
        if (process->pid == pid)
            return process;
    return nullptr;
}

/// A resource as bash's ulimit names it, with what a login gets.
struct ShellLimit {
    char letter;
    std::string description, units; ///< "open files", "-n"
    std::string soft, hard;
};

std::vector<ShellLimit> shellLimits(Invocation& inv)
{
    const std::string tasks = std::to_string(machineOf(inv).memoryBytes >> 18);
    const std::string none = "unlimited";
    std::vector<ShellLimit> limits{{'R', "real-time non-blocking time", "microseconds, ", none, none},
                                   {'c', "core file size", "blocks, ", "0", none},
                                   {'d', "data seg size", "kbytes, ", none, none},
                                   {'e', "scheduling priority", "", "0", "0"},
                                   {'f', "file size", "blocks, ", none, none},
                                   {'i', "pending signals", "", tasks, tasks},
                                   {'l', "max locked memory", "kbytes, ", "8192", "8192"},
                                   {'m', "max memory size", "kbytes, ", none, none},
                                   {'n', "open files", "", "1024", "1048576"},
                                   {'p', "pipe size", "512 bytes, ", "8", "8"},
                                   {'q', "POSIX message queues", "bytes, ", "819200", "819200"},
                                   {'r', "real-time priority", "", "0", "0"},
                                   {'s', "stack size", "kbytes, ", "8192", none},
                                   {'t', "cpu time", "seconds, ", none, none},
                                   {'u', "max user processes", "", tasks, tasks},
                                   {'v', "virtual memory", "kbytes, ", none, none},
                                   {'x', "file locks", "", none, none}};
    for (ShellLimit& limit : limits)
        if (const auto own = inv.inherited().limits.find(limit.letter); own != inv.inherited().limits.end()) {
            limit.soft = own->second.soft;
            limit.hard = own->second.hard;
        }
    return limits;
}

/// The shell's own RLIMIT_NOFILE, soft and hard.
std::pair<std::string, std::string> openFilesLimits(Invocation& inv)
{
    for (const ShellLimit& limit : shellLimits(inv))
        if (limit.letter == 'n')
            return {limit.soft, limit.hard};
    return {"1024", "1048576"};
}

bool exceeds(const std::string& value, const std::string& bound)
{
    if (bound == "unlimited")
        return false;
    return value == "unlimited" || parseNumber(value).value_or(0) > parseNumber(bound).value_or(0);
}

int ulimitMistake(Invocation& inv, const std::string& text, int status)
{
    inv.err().write("bash: ulimit: " + text + "\n");
    if (status == 2)
        inv.err().write("ulimit: usage: ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]\n");
    return status;
}

/// Sets soft and hard limit, or one of them; what the shell starts from now on gets them.
int setLimit(Invocation& inv, const ShellLimit& limit, std::string value, bool soft, bool hard)
{
    value = value == "soft" ? limit.soft : value == "hard" ? limit.hard : value;
    if (value != "unlimited" && !parseNumber(value))
        return ulimitMistake(inv, value + ": invalid number", 1);
    if (limit.letter == 'p')
        return ulimitMistake(inv, limit.description + ": cannot modify limit: Invalid argument", 1);
    // fs.nr_open bounds RLIMIT_NOFILE for root too.
    const bool raises = hard && exceeds(value, limit.hard);
    if (raises && (!isRoot(inv) || (limit.letter == 'n' && exceeds(value, "1048576"))))
        return ulimitMistake(inv, limit.description + ": cannot modify limit: Operation not permitted", 1);
    if ((soft && !hard && exceeds(value, limit.hard)) || (hard && !soft && exceeds(limit.soft, value)))
        return ulimitMistake(inv, limit.description + ": cannot modify limit: Invalid argument", 1);
    inv.inherited().limits[limit.letter] = {soft ? value : limit.soft, hard ? value : limit.hard};
    return 0;
}

/// bash 5.2's ulimit.
int ulimit(Invocation& inv)
{
    const std::vector<ShellLimit> limits = shellLimits(inv);
    bool soft = false, hard = false, all = false;
    std::vector<std::pair<const ShellLimit*, std::string>> wanted;
    const auto isValue = [](const std::string& word) {
        return !word.empty() && (parseNumber(word) || word == "unlimited" || word == "hard" || word == "soft" || word[0] != '-') && word[0] != '-';
    };
    const auto& words = inv.arguments;
    std::size_t i = 0;
    for (; i < words.size() && words[i].size() > 1 && words[i][0] == '-'; ++i) {
        const std::string& word = words[i];
        for (std::size_t c = 1; c < word.size(); ++c) {
            const auto known = std::find_if(limits.begin(), limits.end(), [&](const ShellLimit& l) { return l.letter == word[c]; });
            if (word[c] == 'S' || word[c] == 'H' || word[c] == 'a') {
                soft = soft || word[c] == 'S';
                hard = hard || word[c] == 'H';
                all = all || word[c] == 'a';
            } else if (known == limits.end()) {
                return ulimitMistake(inv, fmt::format("-{}: invalid option", word[c]), 2);
            } else {
                std::string value = word.substr(c + 1);
                if (value.empty() && i + 1 < words.size() && isValue(words[i + 1]))
                    value = words[++i];
                wanted.emplace_back(&*known, value);
                break;
            }
        }
    }
    if (wanted.empty() && !all) {
        const auto file = std::find_if(limits.begin(), limits.end(), [](const ShellLimit& l) { return l.letter == 'f'; });
        wanted.emplace_back(&*file, i < words.size() ? words[i] : std::string());
    }
    const auto labelled = [&](const ShellLimit& limit) {
        const std::string letter = fmt::format("({}-{}) ", limit.units, limit.letter);
        return fmt::format("{:<20} {:>20}{}\n", limit.description, letter, hard && !soft ? limit.hard : limit.soft);
    };
    if (all) {
        for (const ShellLimit& limit : limits)
            inv.print(labelled(limit));
        return 0;
    }
    for (const auto& [limit, value] : wanted) {
        if (value.empty())
            inv.print(wanted.size() > 1 ? labelled(*limit) : (hard && !soft ? limit->hard : limit->soft) + "\n");
        else if (const int status = setLimit(inv, *limit, value, soft || !hard, hard || !soft))
            return status;
    }
    return 0;
}

int prlimit(Invocation& inv)
{
    const auto pid = parseNumber(inv.options.value("pid"));
    const Process* process = pid ? processAt(inv, *pid) : nullptr;
    if (inv.options.has("pid") && process == nullptr)
        return inv.fail(1, fmt::format("failed to get the AS resource limit: No such process"));
    noteHost(inv);
    const std::string wanted = inv.options.value("nofile");
    if (!wanted.empty()) {
        const std::string soft = wanted.substr(0, wanted.find(':'));
        const auto limit = soft == "unlimited" ? std::optional<std::int64_t>(1'073'741'816) : parseNumber(soft);
        if (!limit)
            return inv.fail(1, "failed to parse NOFILE limit");
        if (process == nullptr) { // of the command that follows
            Inherited& own = inv.inherited();
            const Inherited before = own;
            own.limits['n'] = {std::to_string(*limit), wanted.find(':') == std::string::npos ? std::to_string(*limit) : wanted.substr(wanted.find(':') + 1)};
            const int status = inv.operands.empty() ? 0 : inv.run(inv.operands);
            own = before;
            return status;
        }
        if (!isRoot(inv) && process->user != inv.place().user)
            return inv.fail(1, "failed to set the NOFILE resource limit: Operation not permitted");
        inv.door().apply(sim::Command{sim::command::ProcessChange{inv.place().host, process->pid, std::nullopt, std::nullopt, *limit}});
        return 0;
    }
    const auto own = openFilesLimits(inv);
    const std::string files = process == nullptr ? own.first : std::to_string(process->openFilesLimit);
    const std::string mostFiles = process == nullptr ? own.second : std::to_string(std::max<std::int64_t>(process->openFilesLimit, 1'048'576));
    const auto row = [&](const std::string& name, const std::string& text, const std::string& soft, const std::string& hard, const char* unit) {
        if (inv.options.has("nofile") && name != "NOFILE")
            return;
        inv.print(fmt::format("{:<10} {:<35} {:>9} {:>9} {}\n", name, text, soft, hard, unit));
    };
    inv.print("RESOURCE   DESCRIPTION                             SOFT      HARD UNITS\n");
    const std::string locked = "8388608", tasks = std::to_string(machineOf(inv).memoryBytes >> 18);
    row("AS", "address space limit", "unlimited", "unlimited", "bytes");
    row("CORE", "max core file size", "0", "unlimited", "bytes");
    row("CPU", "CPU time", "unlimited", "unlimited", "seconds");
    row("DATA", "max data size", "unlimited", "unlimited", "bytes");
    row("FSIZE", "max file size", "unlimited", "unlimited", "bytes");
    row("LOCKS", "max number of file locks held", "unlimited", "unlimited", "locks");
    row("MEMLOCK", "max locked-in-memory address space", locked, locked, "bytes");
    row("MSGQUEUE", "max bytes in POSIX mqueues", "819200", "819200", "bytes");
    row("NICE", "max nice prio allowed to raise", "0", "0", "");
    row("NOFILE", "max number of open files", files, mostFiles, "files");
    row("NPROC", "max number of processes", tasks, tasks, "processes");
    row("RSS", "max resident set size", "unlimited", "unlimited", "bytes");
    row("RTPRIO", "max real-time priority", "0", "0", "");
    row("RTTIME", "timeout for real-time tasks", "unlimited", "unlimited", "microsecs");
    row("SIGPENDING", "max number of pending signals", tasks, tasks, "signals");
    row("STACK", "max stack size", "8388608", "unlimited", "bytes");
    return 0;
}

int renice(Invocation& inv)
{
    std::optional<std::int64_t> value;
    std::vector<sim::host::Pid> pids;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        if (word == "-n" || word == "--priority" || word == "-p" || word == "--pid")
            continue;
        const auto number = parseNumber(word[0] == '+' ? word.substr(1) : word);
        if (!number && !value) {
            inv.err().write(fmt::format("renice: invalid priority '{}'\nTry 'renice --help' for more information.\n", word));
            return 1;
        }
        if (!number)
            return inv.fail(1, fmt::format("bad process ID value: {}", word));
        if (!value)
            value = std::clamp<std::int64_t>(*number, -20, 19);
        else
            pids.push_back(*number);
    }
    if (!value || pids.empty()) {
        inv.err().write("renice: not enough arguments\nTry 'renice --help' for more information.\n");
        return 1;
    }
    int status = 0;
    for (const sim::host::Pid pid : pids) {
        const Process* process = processAt(inv, pid);
        if (process == nullptr) {
            status = inv.fail(1, fmt::format("failed to get priority for {} (process ID): No such process", pid));
            continue;
        }
        const std::int64_t before = process->nice;
        if (!isRoot(inv) && (process->user != inv.place().user || *value < before)) {
            status = inv.fail(1, fmt::format("failed to set priority for {} (process ID): {}", pid, process->user != inv.place().user ? "Operation not permitted" : "Permission denied"));
            continue;
        }
        inv.door().apply(sim::Command{sim::command::ProcessChange{inv.place().host, pid, *value, std::nullopt, std::nullopt}});
        inv.print(fmt::format("{} (process ID) old priority {}, new priority {}\n", pid, before, *value));
    }
    return status;
}

int nice(Invocation& inv)
{
    constexpr const char* kHint = "Try 'nice --help' for more information.\n";
    const auto mistake = [&](const std::string& text, bool hint) {
        inv.err().write("nice: " + text + "\n" + (hint ? kHint : ""));
        return 125;
    };
    std::vector<std::string> words = inv.arguments;
    std::optional<std::string> asked;
    while (!words.empty() && words[0].size() > 1 && words[0][0] == '-' && words[0] != "--") {
        const std::string word = words[0];
        const std::size_t digits = word[1] == '-' || word[1] == '+' ? 2 : 1;
        std::size_t taken = 1;
        if (word == "-n" || word == "--adjustment") {
            if (words.size() < 2)
                return mistake(word == "-n" ? "option requires an argument -- 'n'" : "option '--adjustment' requires an argument", true);
            asked = words[1];
            taken = 2;
        } else if (word.compare(0, 13, "--adjustment=") == 0) {
            asked = word.substr(13);
        } else if (word.compare(0, 2, "-n") == 0) {
            asked = word.substr(2);
        } else if (word.size() > digits && word[digits] >= '0' && word[digits] <= '9') {
            asked = word.substr(1);
        } else if (digits == 2) {
            return mistake(fmt::format("unrecognized option '{}'", word), true);
        } else {
            return mistake(fmt::format("invalid option -- '{}'", word[1]), true);
        }
        words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    if (!words.empty() && words[0] == "--")
        words.erase(words.begin());
    std::int64_t& level = inv.inherited().nice;
    const auto adjustment = asked ? parseNumber((*asked)[0] == '+' ? asked->substr(1) : *asked) : std::optional<std::int64_t>(10);
    if (!adjustment)
        return mistake(fmt::format("invalid adjustment ‘{}’", *asked), false);
    if (words.empty()) {
        if (asked)
            return mistake("a command must be given with an adjustment", true);
        inv.print(fmt::format("{}\n", level));
        return 0;
    }
    struct Restore {
        std::int64_t& level;
        std::int64_t before;
        ~Restore() { level = before; }
    } restore{level, level};
    if (*adjustment < 0 && !isRoot(inv)) // the command runs all the same
        inv.err().write("nice: cannot set niceness: Permission denied\n");
    else
        level = std::clamp<std::int64_t>(level + std::clamp<std::int64_t>(*adjustment, -40, 40), -20, 19);
    const std::string& command = words.front();
    struct Discarded final : Output {
        void write(std::string_view) override { }
        bool isTerminal() const override { return false; }
    } nowhere;
    if (inv.run({"command", "-v", command}, nullptr, &nowhere, &nowhere) != 0) {
        inv.err().write(fmt::format("nice: ‘{}’: No such file or directory\n", command));
        return 127;
    }
    return inv.run(words);
}

int lsns(Invocation& inv)
{
    noteHost(inv);
    struct Row {
        std::uint64_t inode = 0;
        std::string kind;
        std::int64_t count = 0;
        const Process* first = nullptr;
    };
    std::vector<Row> rows;
    const std::string only = inv.options.value("type");
    const auto& kinds = sim::host::namespaceKinds();
    if (!only.empty() && std::find(kinds.begin(), kinds.end(), only) == kinds.end())
        return inv.fail(1, "unknown namespace type: " + only);
    const auto chosen = parseNumber(inv.options.value("task"));
    if (inv.options.has("task") && !chosen)
        return inv.fail(1, fmt::format("invalid PID argument: '{}'", inv.options.value("task")));
    if (chosen && processAt(inv, *chosen) == nullptr)
        return 0;
    for (const Process* process : visibleProcesses(inv)) {
        if (!isRoot(inv) && process->user != inv.place().user)
            continue;
        for (const std::string& kind : sim::host::namespaceKinds()) {
            if (!only.empty() && kind != only)
                continue;
            const std::uint64_t inode = sim::host::namespaceInode(*process, kind);
            const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.inode == inode && r.kind == kind; });
            if (found == rows.end())
                rows.push_back({inode, kind, 1, process});
            else
                ++found->count;
        }
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.inode < b.inode; });
    inv.print("        NS TYPE   NPROCS   PID USER             COMMAND\n");
    for (const Row& row : rows) {
        if (chosen) {
            const Process* task = processAt(inv, *chosen);
            if (task == nullptr || sim::host::namespaceInode(*task, row.kind) != row.inode)
                continue;
        }
        std::string command;
        for (const std::string& word : row.first->command)
            command += (command.empty() ? "" : " ") + word;
        inv.print(fmt::format("{:>10} {:<6} {:>6} {:>5} {:<16} {}\n", row.inode, row.kind, row.count, row.first->pid, row.first->user,
                              command.empty() || row.first->kernelThread ? row.first->name : command));
    }
    return 0;
}

/// Enters a process' namespaces: of a container its network, or with -m its files as well.
int nsenter(Invocation& inv)
{
    std::optional<sim::host::Pid> pid;
    bool mount = false, network = false;
    std::vector<std::string> command;
    const auto& words = inv.arguments;
    for (std::size_t i = 0; i < words.size() && command.empty(); ++i) {
        const std::string& word = words[i];
        if (word == "-t" || word == "--target") {
            pid = i + 1 < words.size() ? parseNumber(words[++i]) : std::nullopt;
            if (!pid)
                return inv.fail(1, fmt::format("failed to parse pid: '{}'", words[i]));
        } else if (word.compare(0, 9, "--target=") == 0) {
            pid = parseNumber(word.substr(9));
        } else if (word == "--net" || word == "--mount" || word == "--pid" || word == "--uts" || word == "--ipc" || word == "--all") {
            mount = mount || word == "--mount" || word == "--all";
            network = network || word == "--net" || word == "--all";
        } else if (word.size() > 1 && word[0] == '-' && word != "--") {
            mount = mount || word.find('m') != std::string::npos || word.find('a') != std::string::npos;
            network = network || word.find('n') != std::string::npos || word.find('a') != std::string::npos;
            if (const std::size_t t = word.find('t'); t != std::string::npos)
                pid = t + 1 < word.size() ? parseNumber(word.substr(t + 1)) : i + 1 < words.size() ? parseNumber(words[++i]) : std::nullopt;
        } else {
            command.assign(words.begin() + static_cast<std::ptrdiff_t>(word == "--" ? i + 1 : i), words.end());
        }
    }
    if (!pid && !mount && !network)
        return command.empty() ? inv.openShellAt(inv.place()) : inv.run(command);
    if (!pid)
        return inv.fail(1, "no target PID specified");
    const Process* process = processAt(inv, *pid);
    if (process == nullptr)
        return inv.fail(1, fmt::format("cannot open /proc/{}/ns/{}: No such file or directory", *pid, network ? "net" : "mnt"));
    if (!isRoot(inv))
        return inv.fail(1, fmt::format("cannot open /proc/{}/ns/{}: Permission denied", *pid, network ? "net" : "mnt"));
    Place place = inv.place();
    if (process->container && (network || mount))
        place.container = process->container;
    if (command.empty())
        return inv.openShellAt(place);
    if (place.container && !mount && network) { // the machine's programs in the container's network: where the image has them
        if (!inv.system().hasCommand(place, command.front()))
            return inv.fail(127, fmt::format("failed to execute {}: No such file or directory", command.front()));
    }
    std::string line;
    for (const std::string& word : command)
        line += (line.empty() ? "" : " ") + shellQuoted(word);
    return inv.runAt(place, line);
}

/// Real load: a process that wants what was asked for, until the time is over or Ctrl-C.
int stress(Invocation& inv)
{
    const auto number = [&](const char* option) { return parseNumber(inv.options.value(option, "0")).value_or(0); };
    const std::int64_t cpus = inv.options.has("cpu") ? (number("cpu") == 0 ? machineOf(inv).cpus : number("cpu")) : 0;
    const std::int64_t vms = number("vm"), writers = number("hdd"), readers = number("io");
    const std::int64_t vmBytes = parseBytes(inv.options.value("vm-bytes", "256M")).value_or(256 << 20);
    if (cpus + vms + writers + readers <= 0) {
        inv.err().write("stress-ng: error: [1] No stress workers invoked (one or more were unknown)\n");
        return 1;
    }
    std::string span = inv.options.value("timeout", "86400");
    const char unit = span.empty() ? 's' : span.back();
    const std::int64_t scale = unit == 'm' ? 60 : unit == 'h' ? 3600 : unit == 'd' ? 86'400 : 1;
    if (unit < '0' || unit > '9')
        span.pop_back();
    const std::int64_t seconds = parseNumber(span).value_or(60) * scale;
    struct Workers {
        Invocation& inv;
        sim::HostId host;
        std::vector<sim::host::Pid> pids;
        ~Workers()
        {
            for (const sim::host::Pid pid : pids)
                inv.door().apply(sim::Command{sim::command::Signal{host, pid, 9}});
        }
    } workers{inv, inv.place().host, {}};
    const auto start = [&](std::int64_t count, const char* name, double cores, std::int64_t memory, double written) {
        for (std::int64_t i = 0; i < count; ++i) {
            Process process;
            process.name = name;
            process.command = {name};
            process.user = inv.place().user.empty() ? "root" : inv.place().user;
            process.cpuCores = cores;
            process.residentBytes = (4 << 20) + memory;
            process.virtualBytes = (60 << 20) + memory;
            process.syncedBytesPerSecond = written;
            process.nice = inv.inherited().nice;
            process.openFilesLimit = parseNumber(openFilesLimits(inv).first).value_or(process.openFilesLimit);
            workers.pids.push_back(static_cast<sim::host::Pid>(inv.door().apply(sim::Command{sim::command::SpawnProcess{inv.place().host, process}}).id));
        }
    };
    const sim::host::Pid own = machineOf(inv).nextPid;
    std::string what;
    const auto add = [&](std::int64_t count, const char* name) {
        if (count > 0)
            what += fmt::format("{}{} {}", what.empty() ? "" : ", ", count, name);
    };
    add(cpus, "cpu");
    add(vms, "vm");
    add(writers, "hdd");
    add(readers, "io");
    inv.err().write(fmt::format("stress-ng: info:  [{0}] setting to a {1} second run per stressor\nstress-ng: info:  [{0}] dispatching hogs: {2}\n", own, seconds, what));
    start(cpus, "stress-ng-cpu", 1, 0, 0);
    start(vms, "stress-ng-vm", 1, vmBytes, 0);
    start(writers, "stress-ng-hdd", 0.2, 0, 900e6);
    start(readers, "stress-ng-io", 0.1, 0, 300e6);
    inv.sleep(std::chrono::seconds(seconds));
    inv.err().write(fmt::format("stress-ng: info:  [{}] successful run completed in {}.00s\n", own, seconds));
    return 0;
}

} // namespace

void addLimits(CommandTable& table)
{
    const auto add = [&](const char* name, const char* summary, const char* usage, std::vector<OptionSpec> options, bool parse, int (*run)(Invocation&)) {
        CommandSpec spec;
        spec.name = name;
        spec.summary = summary;
        spec.usage = usage;
        spec.options = std::move(options);
        spec.parseOptions = parse;
        spec.run = run;
        table.add(std::move(spec));
    };
    add("prlimit", "get and set process resource limits", "prlimit [options] [--pid PID]",
        {{'p', "pid", "pid", "process id"}, {'n', "nofile", "limits", "maximum number of open files", true}}, true, prlimit);
    add("ulimit", "modify shell resource limits", "ulimit [-SHacdefilmnpqrstuvxR]", {}, false, ulimit);
    add("renice", "alter priority of running processes", "renice [-n] <priority> [-p] <pid>...", {}, false, renice);
    add("nice", "run a program with modified scheduling priority", "nice [-n N] [COMMAND [ARG]...]", {}, false, nice);
    add("lsns", "list namespaces", "lsns [options]", {{'t', "type", "name", "namespace type (mnt, net, ipc, user, pid, uts, cgroup, time)"}, {'p', "task", "pid", "print process namespaces"}}, true,
        lsns);
    add("nsenter", "run program in different namespaces", "nsenter -t PID [-n] [-m] [-p] [program [arguments]]", {}, false, nsenter);
    add("stress-ng", "stress test a computer system", "stress-ng [OPTION [ARG]] ...",
        {{'c', "cpu", "N", "start N workers that perform CPU only loading"},
         {'m', "vm", "N", "start N workers spinning on anonymous mmap"},
         {0, "vm-bytes", "N", "allocate N bytes per vm worker"},
         {'d', "hdd", "N", "start N workers spinning on write()/unlink()"},
         {'i', "io", "N", "start N workers spinning on sync()"},
         {'t', "timeout", "T", "timeout after T seconds"}},
        true, stress);
}

} // namespace core::shell::node
