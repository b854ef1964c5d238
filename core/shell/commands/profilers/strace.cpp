// strace 6.1 on a process that runs: -p with -c, -f, -e trace=. What it calls, and how often, is the process's own
// (Process::systemCalls); who sits in one call all the time shows it as unfinished.
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/commands/profilers/target.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace core::shell::profilers {

namespace {

/// The form of each call. Contents and descriptors are no part of the state: strings are left out (as with -s 0), the
/// numbers are only examples. How often each comes is the process's own. Times are those of a warm machine.
struct CallText {
    const char* name;
    const char* text;
    double microseconds;
};
constexpr CallText kCalls[] = {
    {"read", "read(9, \"\"..., 4096) = 148", 6},
    {"write", "write(9, \"\"..., 4096) = 4096", 9},
    {"epoll_pwait", "epoll_pwait(4, [{events=EPOLLIN|EPOLLOUT, data={u32=2418016257, u64=9155717327518793729}}], 128, 0, NULL, 0) = 1", 4},
    {"epoll_wait", "epoll_wait(12, [{events=EPOLLIN, data={u32=31, u64=31}}], 1024, 1000) = 1", 4},
    {"futex", "futex(0xc000096548, FUTEX_WAKE_PRIVATE, 1) = 1", 5},
    {"nanosleep", "nanosleep({tv_sec=0, tv_nsec=20000}, NULL) = 0", 75},
    {"madvise", "madvise(0xc000c00000, 2097152, MADV_NOHUGEPAGE) = 0", 6},
    {"sendto", "sendto(27, \"\"..., 312, MSG_NOSIGNAL, NULL, 0) = 312", 14},
    {"recvfrom", "recvfrom(27, \"\"..., 8192, 0, NULL, NULL) = 64", 7},
    {"poll", "poll([{fd=27, events=POLLIN|POLLERR}], 1, 10000) = 1 ([{fd=27, revents=POLLIN}])", 320},
    {"openat", "openat(AT_FDCWD, \"\"..., O_RDONLY|O_CLOEXEC) = 5", 11},
    {"newfstatat", "newfstatat(5, \"\", {st_mode=S_IFREG|0644, st_size=1832440, ...}, AT_EMPTY_PATH) = 0", 3},
    {"ioctl", "ioctl(5, TCGETS, 0x7ffd3a5d0a40) = -1 ENOTTY (Inappropriate ioctl for device)", 3},
    {"lseek", "lseek(5, 0, SEEK_CUR) = 0", 2},
    {"close", "close(5) = 0", 4},
    {"accept4", "accept4(3, {sa_family=AF_INET, sin_port=htons(48812), sin_addr=inet_addr(\"10.1.0.10\")}, [16], SOCK_CLOEXEC) = 11", 12},
    {"getdents64", "getdents64(5, 0x55d2c8a1f2c0 /* 41 entries */, 32768) = 1304", 5},
    {"inotify_add_watch", "inotify_add_watch(4, \"\"..., IN_MODIFY|IN_CREATE|IN_DELETE) = 41022", 6},
    {"fsync", "fsync(7) = 0", 1800},
    {"fdatasync", "fdatasync(7) = 0", 1500},
};

const CallText* callNamed(const std::string& name)
{
    for (const CallText& call : kCalls)
        if (name == call.name)
            return &call;
    return nullptr;
}

double microsecondsOf(const std::string& name)
{
    const CallText* call = callNamed(name);
    return call == nullptr ? 5 : call->microseconds;
}

struct Wanted {
    sim::host::Pid pid = 0;
    bool counts = false, follows = false, stamps = false, times = false;
    std::set<std::string> calls; ///< empty: all
    std::string output;
    std::vector<std::string> command;
};

/// -e trace= takes names and classes.
std::set<std::string> callsOf(std::string text)
{
    if (text.rfind("trace=", 0) == 0)
        text.erase(0, 6);
    std::set<std::string> calls;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string name = text.substr(begin, end - begin);
        if (name == "network" || name == "%network")
            calls.insert({"sendto", "recvfrom", "accept4", "connect", "socket"});
        else if (name == "file" || name == "%file")
            calls.insert({"openat", "newfstatat", "unlink", "rename"});
        else if (name == "desc" || name == "%desc")
            calls.insert({"read", "write", "close", "lseek", "ioctl", "epoll_wait", "epoll_pwait", "poll", "fsync", "fdatasync"});
        else if (name != "all")
            calls.insert(name);
        begin = end + 1;
    }
    return calls;
}

/// Calls of the process that were asked for, per second.
std::map<std::string, double> callRates(const sim::host::Process& process, const Wanted& wanted)
{
    std::map<std::string, double> rates;
    for (const auto& [name, rate] : process.systemCalls)
        if (rate > 0 && (wanted.calls.empty() || wanted.calls.count(name) > 0))
            rates[name] = rate;
    return rates;
}

std::string countTable(const std::map<std::string, double>& rates, double seconds)
{
    struct Row {
        std::string name;
        double calls = 0, time = 0;
        std::int64_t errors = 0;
    };
    std::vector<Row> rows;
    double total = 0, calls = 0;
    std::int64_t errors = 0;
    for (const auto& [name, rate] : rates) {
        Row row{name, std::floor(rate * seconds), 0, 0};
        if (row.calls < 1)
            continue;
        row.time = row.calls * microsecondsOf(name) / 1e6;
        row.errors = name == "futex" ? static_cast<std::int64_t>(row.calls * 0.12) : name == "ioctl" ? static_cast<std::int64_t>(row.calls) : 0;
        total += row.time;
        calls += row.calls;
        errors += row.errors;
        rows.push_back(std::move(row));
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.time > b.time; });
    std::string text = "% time     seconds  usecs/call     calls    errors syscall\n------ ----------- ----------- --------- --------- ----------------\n";
    for (const Row& row : rows)
        text += fmt::format("{:>6.2f} {:>11.6f} {:>11.0f} {:>9.0f} {:>9} {}\n", total > 0 ? 100 * row.time / total : 0, row.time, row.time * 1e6 / row.calls, row.calls,
                            row.errors > 0 ? std::to_string(row.errors) : "", row.name);
    text += "------ ----------- ----------- --------- --------- ----------------\n";
    return text + fmt::format("100.00 {:>11.6f} {:>11.0f} {:>9.0f} {:>9} total\n", total, calls > 0 ? total * 1e6 / calls : 0, calls, errors > 0 ? std::to_string(errors) : "");
}

/// What a process does that is in no call of its list: it waits.
std::string waitText(const sim::host::Process& process)
{
    if (process.name == "etl" || process.systemCalls.empty())
        return "restart_syscall(<... resuming interrupted read ...>";
    return "futex(0x55f2c0e4a6c8, FUTEX_WAIT_PRIVATE, 0, NULL";
}

/// Results stand in column 40, behind whatever the line begins with.
std::string aligned(const std::string& line)
{
    constexpr std::size_t kColumn = 40;
    const std::size_t at = line.find(") = ");
    if (at == std::string::npos)
        return line;
    const std::size_t end = at + 1;
    return line.substr(0, end) + std::string(end + 1 < kColumn ? kColumn - end : 1, ' ') + line.substr(end + 1);
}

/// Said of each thread that was traced, when it is let go.
std::string detachedText(const Target& target, bool follows, bool inCall)
{
    std::string text = fmt::format("strace: Process {} detached\n{}", target.process->pid, inCall ? " <detached ...>\n" : "");
    if (follows)
        for (const auto& thread : target.process->threads)
            text += fmt::format("strace: Process {} detached\n", thread.tid);
    return text;
}

int strace(Invocation& inv, const Wanted& wanted)
{
    const Target target = targetOf(inv, wanted.pid);
    if (target.process == nullptr) {
        inv.err().write(fmt::format("strace: attach: ptrace(PTRACE_SEIZE, {}): No such process\n", wanted.pid));
        return 1;
    }
    if (!mayAttach(inv, *target.process) || target.process->kernelThread) {
        inv.err().write(fmt::format("strace: attach: ptrace(PTRACE_SEIZE, {}): Operation not permitted\n", wanted.pid));
        return 1;
    }
    const std::int64_t threads = target.process->threadCount;
    if (wanted.follows && threads > 1)
        inv.err().write(fmt::format("strace: Process {} attached with {} threads\n", wanted.pid, threads));
    else
        inv.err().write(fmt::format("strace: Process {} attached\n", wanted.pid));
    // Without -f only the first thread is traced: where others do the work, it waits.
    const bool waits = !wanted.follows && threads > 1;
    const sim::Instant start = inv.now();
    const sim::host::Pid pid = wanted.pid;
    const auto finish = [&] {
        if (wanted.counts) {
            const double seconds = sim::toSeconds(inv.now() - start);
            const Target now = targetOf(inv, pid);
            if (now.process == nullptr)
                return;
            inv.err().write(detachedText(now, wanted.follows, false));
            if (const auto rates = callRates(*now.process, wanted); !waits && !rates.empty()) // no call, no table
                inv.err().write(countTable(rates, seconds));
        }
    };
    if (wanted.counts) {
        try {
            inv.sleep(std::chrono::hours(24));
        } catch (const Interrupted&) {
            finish(); // Ctrl-C and `timeout` are how one ends it
            throw;
        }
        return 0;
    }
    if (waits) {
        inv.err().write(waitText(*target.process));
        try {
            inv.sleep(std::chrono::hours(24));
        } catch (const Interrupted&) {
            if (const Target now = targetOf(inv, pid); now.process != nullptr)
                inv.err().write(detachedText(now, false, true));
            throw;
        }
        return 0;
    }
    for (;;) {
        const Target now = targetOf(inv, pid);
        if (now.process == nullptr) {
            inv.err().write("+++ exited with 0 +++\n");
            return 0;
        }
        const auto rates = callRates(*now.process, wanted);
        double all = 0;
        for (const auto& [name, rate] : rates)
            all += rate;
        if (all < 0.01) {
            inv.sleep(std::chrono::seconds(1));
            continue;
        }
        // Ten times a second a handful of calls, each as often as it is called: a terminal shows no more.
        constexpr int kLines = 12;
        std::size_t thread = 0;
        for (const auto& [name, rate] : rates) {
            const int lines = std::max(rate / all > 0.02 ? 1 : 0, static_cast<int>(kLines * rate / all));
            for (int n = 0; n < lines; ++n) {
                const CallText* call = callNamed(name);
                std::string line = call != nullptr ? call->text : name + "(...) = 0";
                if (wanted.stamps)
                    line = formatDate(inv.now(), "%H:%M:%S") + " " + line;
                if (wanted.times)
                    line += fmt::format(" <{:.6f}>", microsecondsOf(name) / 1e6);
                if (wanted.follows && !now.process->threads.empty())
                    line = fmt::format("[pid {:>5}] ", now.process->threads[thread++ % now.process->threads.size()].tid) + line;
                inv.err().write(aligned(line) + "\n");
            }
        }
        inv.sleep(std::chrono::milliseconds(std::max<std::int64_t>(10, static_cast<std::int64_t>(kLines * 1000 / std::max(all, 1.0)))));
    }
}

/// Whether a word is a command here; the shell itself knows.
bool known(Invocation& inv, const std::string& command)
{
    struct Discarded final : Output {
        void write(std::string_view) override { }
        bool isTerminal() const override { return false; }
    } nowhere;
    return inv.run({"command", "-v", command}, nullptr, &nowhere, &nowhere) == 0;
}

} // namespace

void addStrace(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "strace";
    spec.summary = "trace system calls and signals";
    spec.usage = "strace [-cf] [-e trace=SET] [-o FILE] -p PID";
    spec.options = {{'c', "summary-only", "", "count time, calls, and errors for each syscall"}, {'f', "follow-forks", "", "follow threads and children"},
                    {'p', "attach", "PID", "trace process with process id PID"}, {'e', "", "EXPR", "a qualifying expression"},
                    {'t', "", "", "prefix each line with the time"}, {'T', "syscall-times", "", "show time spent in system calls"},
                    {'y', "", "", "print paths of descriptors"}, {'s', "string-limit", "SIZE", "maximum string size"}, {'q', "", "", "quiet"}};
    spec.run = [](Invocation& inv) {
        Wanted wanted;
        wanted.counts = inv.options.has("summary-only");
        wanted.follows = inv.options.has("follow-forks");
        wanted.stamps = inv.options.has("t");
        wanted.times = inv.options.has("syscall-times");
        if (inv.options.has("e"))
            wanted.calls = callsOf(inv.options.value("e"));
        if (!inv.options.has("attach") && !inv.operands.empty() && inv.operands[0].find('/') == std::string::npos && !known(inv, inv.operands[0])) {
            inv.err().write(fmt::format("strace: Can't stat '{}': No such file or directory\n", inv.operands[0]));
            return 1;
        }
        if (!inv.options.has("attach")) {
            inv.err().write(inv.operands.empty() ? "strace: must have PROG [ARGS] or -p PID\nTry 'strace -h' for more information.\n"
                                                 : fmt::format("strace: the lab traces processes that run: strace -p PID\n"));
            return 1;
        }
        wanted.pid = pidOf(inv.options.value("attach")).value_or(0);
        if (wanted.pid <= 0) {
            inv.err().write(fmt::format("strace: Invalid process id: '{}'\n", inv.options.value("attach")));
            return 1;
        }
        return strace(inv, wanted);
    };
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
