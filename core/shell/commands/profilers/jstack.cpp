// jstack of JDK 17: every thread of a JVM with its stack.
#include "core/shell/commands/profilers/jvm.h"
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

namespace core::shell::profilers {

namespace {

using sim::programs::Frame;
using sim::programs::Task;

std::uint64_t numberFrom(std::string_view what, std::uint64_t below)
{
    sim::Fingerprint f;
    f.add(what);
    return f.value() % below;
}

std::string placeText(const Frame& frame)
{
    return frame.file == "Native Method" ? "Native Method" : frame.file.empty() ? "Unknown Source" : fmt::format("{}:{}", frame.file, frame.line);
}

/// "java.lang.Thread.run" belongs to a module of the JDK: the dump says which.
std::string moduleOf(const std::string& function)
{
    for (const char* prefix : {"java.lang.", "java.util.", "jdk.internal.", "java.io.", "java.net.", "java.math.", "sun.nio."})
        if (function.rfind(prefix, 0) == 0)
            return "java.base@17.0.13/";
    return {};
}

bool isJava(const Task& task)
{
    return !task.stack.empty();
}

/// What a thread does, in the words of the header line.
std::string headState(const Task& task)
{
    if (task.state.rfind("BLOCKED", 0) == 0)
        return "waiting for monitor entry";
    if (task.state.rfind("RUNNABLE", 0) == 0)
        return "runnable";
    if (task.state.find("sleeping") != std::string::npos)
        return "waiting on condition";
    if (task.state.find("object monitor") != std::string::npos)
        return "in Object.wait()";
    return task.state.empty() ? "runnable" : "waiting on condition";
}

} // namespace

std::string threadDump(const Target& target, sim::Instant now)
{
    const sim::programs::Running& running = *target.running;
    const std::vector<Task> tasks = sim::programs::tasksOf(running, *target.process);
    const double age = sim::toSeconds(now - running.started);
    std::string text = formatDate(now, "%Y-%m-%d %H:%M:%S") + "\nFull thread dump OpenJDK 64-Bit Server VM (17.0.13+11-Debian-2deb12u1 mixed mode, sharing):\n\n";
    text += "Threads class SMR info:\n";
    text += fmt::format("_java_thread_list=0x00007f{:010x}, length={}, elements={{\n}}\n\n", numberFrom(running.code->name, 1ULL << 40) & ~7ULL, tasks.size());
    int number = 0;
    for (const Task& task : tasks) {
        ++number;
        const std::uint64_t tid = 0x7f0000000000ULL + (numberFrom(task.name, 1ULL << 39) & ~0xfffULL);
        const std::string common = fmt::format("cpu={:.2f}ms elapsed={:.2f}s tid=0x{:016x} nid=0x{:x} {}", task.cpuCores * age * 1e3, age, tid, task.tid, headState(task));
        if (!isJava(task)) {
            text += fmt::format("\"{}\" os_prio=0 {}  \n\n", task.name, common);
            continue;
        }
        text += fmt::format("\"{}\" #{}{} prio=5 os_prio=0 {}  [0x{:016x}]\n", task.name, number, task.daemon ? " daemon" : "", common, tid - 0x6000);
        text += fmt::format("   java.lang.Thread.State: {}\n", task.state);
        bool first = true;
        for (auto frame = task.stack.rbegin(); frame != task.stack.rend(); ++frame) {
            text += fmt::format("\tat {}({}{})\n", frame->function, moduleOf(frame->function), placeText(*frame));
            if (first && !task.lock.empty())
                text += fmt::format("\t- waiting to lock <0x{:016x}> (a {})\n", 0xe0000000ULL + (numberFrom(task.lock, 1ULL << 28) & ~7ULL), task.lock.substr(0, task.lock.find('.')));
            else if (first && task.state.find("parking") != std::string::npos)
                text += fmt::format("\t- parking to wait for  <0x{:016x}> (a java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject)\n",
                                    0xe0000000ULL + (numberFrom(frame->function, 1ULL << 28) & ~7ULL));
            first = false;
        }
        text += "\n";
    }
    return text + fmt::format("JNI global refs: {}, weak refs: 0\n\n", 20);
}

void addJstack(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "jstack";
    spec.summary = "print Java stack traces of Java threads for a specified Java process";
    spec.usage = "jstack [-l][-e] <pid>";
    spec.options = {{'l', "", "", "long listing"}, {'e', "", "", "extended listing"}};
    spec.run = [](Invocation& inv) {
        if (inv.operands.size() != 1) {
            inv.err().write("Usage:\n    jstack [-l][-e] <pid>\n        (to connect to running process)\n");
            return 1;
        }
        const auto target = jvmOf(inv, inv.operands[0]);
        if (!target)
            return 1;
        inv.print(threadDump(*target, inv.now()));
        return 0;
    };
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
