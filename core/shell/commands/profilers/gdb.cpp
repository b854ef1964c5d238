// gdb 13.1 in batch mode on a process that runs, and pstack.
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/commands/profilers/target.h"
#include "sim/programs/profile.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::profilers {

namespace {

using sim::programs::Language;
using sim::programs::Task;

/// What a thread looks like from outside: of a native program its own functions, of others the runtime's frame in the
/// kernel's door.
std::string frames(const Target& target, const Task& task)
{
    std::string text;
    std::size_t number = 0;
    const auto add = [&](const sim::programs::Frame& frame, const std::string& from) {
        const std::string place = frame.file.empty() ? (from.empty() ? "" : " from " + from) : fmt::format(" at {}:{}", frame.file, frame.line);
        text += number == 0 && frame.file.empty() ? fmt::format("#0  0x{:016x} in {} (){}\n", sim::programs::addressOf(frame), frame.function, place)
                                                  : fmt::format("#{:<2} 0x{:016x} in {}{}{}\n", number, sim::programs::addressOf(frame), frame.function,
                                                                frame.function.find('(') == std::string::npos ? " ()" : "", place);
        ++number;
    };
    const bool inside = target.running && (target.running->code->language == Language::Native || target.running->code->language == Language::Go);
    if (!inside) {
        add({task.state == "active" || task.state == "RUNNABLE" ? "_PyEval_EvalFrameDefault" : "__futex_abstimed_wait_common", {}, 0}, "/usr/lib/x86_64-linux-gnu/libc.so.6");
        add({target.running && target.running->code->language == Language::Java ? "JavaThread::run()" : "Py_RunMain", {}, 0}, "");
        add({"start_thread", {}, 0}, "/usr/lib/x86_64-linux-gnu/libc.so.6");
        return text;
    }
    for (auto frame = task.stack.rbegin(); frame != task.stack.rend(); ++frame)
        add(*frame, sim::programs::objectOf(*target.running, *frame) == "libc.so.6" ? "/usr/lib/x86_64-linux-gnu/libc.so.6" : ""); // "from" is said of libraries
    return text;
}

std::vector<Task> threadsSeen(const Target& target)
{
    if (!target.running || target.running->rates.paths.empty()) {
        Task task;
        task.name = target.process->name;
        task.tid = target.process->pid;
        task.stack = {{"main", {}, 0}, {target.process->state == 'R' ? "??" : "__poll", {}, 0}};
        return {task};
    }
    if (target.running->code->language != Language::Go)
        return sim::programs::tasksOf(*target.running, *target.process);
    // The kernel's threads of a Go program run what goroutines are running, and sleep otherwise.
    std::vector<Task> tasks;
    std::vector<Task> active;
    for (const Task& task : sim::programs::goroutinesOf(*target.running))
        if (task.state == "running")
            for (std::int64_t n = 0; n < task.count; ++n)
                active.push_back(task);
    std::vector<sim::host::Thread> threads = target.process->threads;
    sim::host::Thread main;
    main.tid = target.process->pid;
    threads.insert(threads.begin(), main);
    for (std::size_t i = 0; i < threads.size(); ++i) {
        Task task;
        if (i > 0 && i - 1 < active.size())
            task = active[i - 1];
        else
            task.stack = {{"runtime.mstart", "runtime/asm_amd64.s", 394}, {"runtime.futexsleep", "runtime/os_linux.go", 75}, {"runtime.futex", "runtime/sys_linux_amd64.s", 557}};
        task.name = target.process->name;
        task.tid = threads[i].tid;
        tasks.push_back(std::move(task));
    }
    return tasks;
}

bool isBacktrace(const std::string& command)
{
    return command == "bt" || command == "where" || command == "backtrace";
}

/// What the commands say where no process is looked at, on standard error; the rest is printed.
std::string withoutProcess(Invocation& inv, const std::vector<std::string>& commands)
{
    std::string errors;
    for (const std::string& command : commands)
        if (isBacktrace(command))
            errors += "No stack.\n";
        else if (command == "info threads")
            inv.print("No threads.\n");
    return errors;
}

/// Each thread's block lies below the one before: glibc maps 8 MiB and a guard page for its stack.
std::uint64_t threadBlock(std::size_t number)
{
    return 0x7f3c7fffe6c0ULL - number * 0x801000;
}

std::string threadHead(const Task& task, std::size_t number)
{
    return fmt::format("\nThread {} (Thread {:#x} (LWP {}) \"{}\"):\n", number, threadBlock(number), task.tid, task.name.substr(0, 15));
}

/// The first line of a backtrace without its number: where a thread is.
std::string frameZero(const Target& target, const Task& task)
{
    const std::string all = frames(target, task);
    const std::size_t end = all.find('\n');
    return end == std::string::npos || end < 4 ? "?? ()" : all.substr(4, end - 4);
}

std::string threadTable(const Target& target, const std::vector<Task>& tasks)
{
    std::vector<std::string> ids;
    std::size_t width = 9; // "Target Id"
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        ids.push_back(fmt::format("Thread {:#x} (LWP {}) \"{}\"", threadBlock(i + 1), tasks[i].tid, tasks[i].name.substr(0, 15)));
        width = std::max(width, ids.back().size());
    }
    std::string text = fmt::format("  Id   {:<{}} Frame \n", "Target Id", width);
    for (std::size_t i = 0; i < tasks.size(); ++i)
        text += fmt::format("{} {:<4} {:<{}} {}\n", i == 0 ? '*' : ' ', i + 1, ids[i], width, frameZero(target, tasks[i]));
    return text;
}

int attach(Invocation& inv, sim::host::Pid pid, const std::vector<std::string>& commands, bool quiet)
{
    const Target target = targetOf(inv, pid);
    if (target.process == nullptr) {
        inv.err().write(quiet ? fmt::format("Process {} not found.\n", pid) : "ptrace: No such process.\n" + withoutProcess(inv, commands));
        return 1;
    }
    if (!mayAttach(inv, *target.process) || target.process->kernelThread) {
        inv.err().write("ptrace: Operation not permitted.\n" + withoutProcess(inv, commands)); // Debian's ptrace_scope is 0: no hint at it
        return 1;
    }
    std::vector<Task> tasks = threadsSeen(target);
    std::string text;
    if (!quiet) {
        for (std::size_t i = 1; i < tasks.size(); ++i)
            text += fmt::format("[New LWP {}]\n", tasks[i].tid);
        text += "[Thread debugging using libthread_db enabled]\nUsing host libthread_db library \"/lib/x86_64-linux-gnu/libthread_db.so.1\".\n";
        text += frameZero(target, tasks.front()) + "\n";
    }
    for (const std::string& command : commands) {
        if (isBacktrace(command)) {
            text += frames(target, tasks.front());
        } else if (command.rfind("thread apply all", 0) == 0) {
            for (std::size_t i = tasks.size(); i > 0; --i)
                text += threadHead(tasks[i - 1], i) + frames(target, tasks[i - 1]);
        } else if (command == "info threads") {
            text += threadTable(target, tasks);
        } else if (command != "quit" && command != "detach" && command.rfind("set ", 0) != 0) {
            inv.err().write(fmt::format("Undefined command: \"{}\".  Try \"help\".\n", command));
        }
    }
    if (!quiet)
        text += fmt::format("[Inferior 1 (process {}) detached]\n", pid);
    inv.print(text);
    return 0;
}

int gdbUsage(Invocation& inv, const std::string& text)
{
    inv.err().write(fmt::format("gdb: {}\nUse `gdb --help' for a complete list of options.\n", text));
    return 1;
}

int gdb(Invocation& inv)
{
    const auto& words = inv.arguments;
    std::optional<sim::host::Pid> pid;
    std::vector<std::string> commands;
    std::string program;
    std::string illegal;
    bool batch = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string word = words[i].rfind("--", 0) == 0 ? words[i].substr(1) : words[i];
        if ((word == "-p" || word == "-pid") && i + 1 < words.size()) {
            pid = pidOf(words[++i]);
            illegal = pid ? "" : words[i];
        } else if ((word == "-ex" || word == "-eval-command") && i + 1 < words.size())
            commands.push_back(words[++i]);
        else if (word == "-batch")
            batch = true;
        else if (word == "-version") {
            inv.print("GNU gdb (Debian 13.1-3) 13.1\n");
            return 0;
        } else if (const auto number = pidOf(word))
            pid = number;
        else if (word == "-p" || word == "-pid" || word == "-ex" || word == "-eval-command")
            return gdbUsage(inv, fmt::format("option '{}' requires an argument", words[i]));
        else if (word.size() > 1 && word[0] == '-' && word != "-q" && word != "-quiet" && word != "-nx" && word != "-n" && word != "-silent" && word != "-args" && word != "-nh")
            return gdbUsage(inv, fmt::format("unrecognized option '{}'", words[i]));
        else if (word.size() > 0 && word[0] != '-')
            program = word;
    }
    if (!illegal.empty()) {
        inv.err().write(fmt::format("Illegal process-id: {}.\n", illegal) + withoutProcess(inv, commands));
        return 1;
    }
    if (!pid && batch && !program.empty()) {
        const bool there = inv.system().stat(inv.place(), inv.absolutePath(program)).has_value();
        inv.err().write(there ? fmt::format("\"{}\": not in executable format: file format not recognized\n", inv.absolutePath(program))
                              : fmt::format("{}: No such file or directory.\n", program));
        return 1;
    }
    if (!pid && batch && !commands.empty()) {
        const std::string errors = withoutProcess(inv, commands);
        inv.err().write(errors);
        return errors.empty() ? 0 : 1;
    }
    if (!pid)
        return inv.fail(1, "the lab attaches to a process that runs: gdb -p PID -batch -ex bt");
    if (!batch)
        return inv.fail(1, "the lab has no prompt of gdb: add -batch and -ex COMMAND");
    return attach(inv, *pid, commands, false);
}

} // namespace

void addGdb(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "gdb";
    spec.summary = "the GNU debugger";
    spec.usage = "gdb -p PID -batch -ex COMMAND...";
    spec.parseOptions = false;
    spec.run = gdb;
    table.add(spec);
    spec = {};
    spec.name = "pstack";
    spec.summary = "print a stack trace of a running process";
    spec.usage = "pstack pid";
    spec.parseOptions = false;
    spec.run = [](Invocation& inv) {
        const auto pid = inv.arguments.size() == 1 ? pidOf(inv.arguments[0]) : std::nullopt;
        if (!pid) {
            inv.err().write("Usage: pstack <process-id>\n");
            return 1;
        }
        return attach(inv, *pid, {"thread apply all bt"}, true);
    };
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
