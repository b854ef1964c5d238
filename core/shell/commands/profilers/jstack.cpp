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

/// HotSpot's own threads that run Java code or pass for it, as a dump of JDK 17 has them in between the program's.
struct SystemThread {
    const char* name;
    int priority;
    const char* head;
    const char* state;
    const char* below; ///< the lines under the state; LOCK stands for the lock that it waits on
};
constexpr SystemThread kSystemThreads[] = {
    {"Reference Handler", 10, "waiting on condition", "RUNNABLE",
     "\tat java.lang.ref.Reference.waitForReferencePendingList(java.base@17.0.13/Native Method)\n"
     "\tat java.lang.ref.Reference.processPendingReferences(java.base@17.0.13/Reference.java:253)\n"
     "\tat java.lang.ref.Reference$ReferenceHandler.run(java.base@17.0.13/Reference.java:215)\n"},
    {"Finalizer", 8, "in Object.wait()", "WAITING (on object monitor)",
     "\tat java.lang.Object.wait(java.base@17.0.13/Native Method)\n"
     "\t- waiting on LOCK (a java.lang.ref.ReferenceQueue$Lock)\n"
     "\tat java.lang.ref.ReferenceQueue.remove(java.base@17.0.13/ReferenceQueue.java:155)\n"
     "\t- locked LOCK (a java.lang.ref.ReferenceQueue$Lock)\n"
     "\tat java.lang.ref.ReferenceQueue.remove(java.base@17.0.13/ReferenceQueue.java:176)\n"
     "\tat java.lang.ref.Finalizer$FinalizerThread.run(java.base@17.0.13/Finalizer.java:172)\n"},
    {"Signal Dispatcher", 9, "waiting on condition", "RUNNABLE", ""},
    {"Service Thread", 9, "runnable", "RUNNABLE", ""},
    {"Monitor Deflation Thread", 9, "runnable", "RUNNABLE", ""},
    {"C2 CompilerThread0", 9, "waiting on condition", "RUNNABLE", "   No compile task\n"},
    {"C1 CompilerThread0", 9, "waiting on condition", "RUNNABLE", "   No compile task\n"},
    {"Notification Thread", 9, "runnable", "RUNNABLE", ""},
    {"Common-Cleaner", 8, "in Object.wait()", "TIMED_WAITING (on object monitor)",
     "\tat java.lang.Object.wait(java.base@17.0.13/Native Method)\n"
     "\t- waiting on LOCK (a java.lang.ref.ReferenceQueue$Lock)\n"
     "\tat java.lang.ref.ReferenceQueue.remove(java.base@17.0.13/ReferenceQueue.java:155)\n"
     "\t- locked LOCK (a java.lang.ref.ReferenceQueue$Lock)\n"
     "\tat jdk.internal.ref.CleanerImpl.run(java.base@17.0.13/CleanerImpl.java:140)\n"
     "\tat java.lang.Thread.run(java.base@17.0.13/Thread.java:840)\n"
     "\tat jdk.internal.misc.InnocuousThread.run(java.base@17.0.13/InnocuousThread.java:162)\n"}};

const SystemThread* systemThread(const Task& task)
{
    for (const SystemThread& one : kSystemThreads)
        if (task.name == one.name)
            return &one;
    return nullptr;
}

/// The VM knows it as a Java thread: the others (collector, VM Thread) come after them, without a number.
bool isJava(const Task& task)
{
    return !task.stack.empty() || task.name == "main" || systemThread(task) != nullptr;
}

/// What a thread does, in the words of the header line.
std::string headState(const Task& task)
{
    if (const SystemThread* known = systemThread(task))
        return known->head;
    if (task.state.rfind("BLOCKED", 0) == 0)
        return "waiting for monitor entry";
    if (task.state.rfind("RUNNABLE", 0) == 0)
        return "runnable";
    if (task.state.find("sleeping") != std::string::npos)
        return "waiting on condition";
    if (task.state.find("object monitor") != std::string::npos)
        return "in Object.wait()";
    return task.name == "VM Periodic Task Thread" ? "waiting on condition" : task.state.empty() ? "runnable" : "waiting on condition";
}

std::uint64_t threadAddress(const Task& task)
{
    return 0x7f0000000000ULL + (numberFrom(task.name, 1ULL << 39) & ~0xfffULL);
}

/// "<0x00000000e33eec30>": where a lock lies in the heap.
std::string lockAddress(const std::string& what)
{
    return fmt::format("<0x{:016x}>", 0xe0000000ULL + (numberFrom(what, 1ULL << 28) & ~7ULL));
}

/// "com.lab.orders.PriceService" of the lock "PriceService.rates": the class of the frame that takes it.
std::string lockClass(const Task& task, const std::string& lock)
{
    const std::string owner = lock.substr(0, lock.find('.'));
    for (const Frame& frame : task.stack)
        if (const std::size_t at = frame.function.find("." + owner + "."); at != std::string::npos)
            return frame.function.substr(0, at + 1 + owner.size());
    return owner;
}

std::string stackText(const Task& task)
{
    const std::string holder = task.holds.empty() ? "" : lockClass(task, task.holds) + ".";
    std::string text;
    bool first = true, told = holder.empty();
    for (auto frame = task.stack.rbegin(); frame != task.stack.rend(); ++frame) {
        text += fmt::format("\tat {}({}{})\n", frame->function, moduleOf(frame->function), placeText(*frame));
        if (first && !task.lock.empty())
            text += fmt::format("\t- waiting to lock {} (a {})\n", lockAddress(task.lock), lockClass(task, task.lock));
        else if (first && task.state.find("parking") != std::string::npos)
            text += fmt::format("\t- parking to wait for  {} (a java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject)\n", lockAddress(frame->function));
        if (!told && frame->function.rfind(holder, 0) == 0) {
            text += fmt::format("\t- locked {} (a {})\n", lockAddress(task.holds), lockClass(task, task.holds));
            told = true;
        }
        first = false;
    }
    return text;
}

std::string systemLines(const SystemThread& thread)
{
    constexpr std::string_view kLock = "LOCK";
    std::string text = thread.below;
    for (std::size_t at = text.find(kLock); at != std::string::npos; at = text.find(kLock))
        text.replace(at, kLock.size(), lockAddress(thread.name));
    return text;
}

std::string javaThread(const Task& task, int number, const std::string& common, bool locks)
{
    const SystemThread* known = systemThread(task);
    const bool daemon = known != nullptr || task.daemon;
    const bool framed = known != nullptr ? std::string_view(known->below).find("\tat ") != std::string_view::npos : !task.stack.empty();
    std::string text = fmt::format("\"{}\" #{}{} prio={} os_prio=0 {}  [0x{:016x}]\n", task.name, number, daemon ? " daemon" : "", known != nullptr ? known->priority : 5, common,
                                   framed ? threadAddress(task) - 0x6000 : 0);
    text += fmt::format("   java.lang.Thread.State: {}\n", known != nullptr ? known->state : task.state);
    text += known != nullptr ? systemLines(*known) : stackText(task);
    return text + (locks ? "\n   Locked ownable synchronizers:\n\t- None\n\n" : "\n");
}

/// The list of Java threads by address, four a line.
std::string threadList(const sim::programs::Running& running, const std::vector<const Task*>& threads)
{
    std::string text = fmt::format("Threads class SMR info:\n_java_thread_list=0x00007f{:010x}, length={}, elements={{\n", numberFrom(running.code->name, 1ULL << 40) & ~7ULL, threads.size());
    for (std::size_t i = 0; i < threads.size(); ++i)
        text += fmt::format("0x{:016x}{}", threadAddress(*threads[i]), i + 1 == threads.size() ? "\n" : i % 4 == 3 ? ",\n" : ", ");
    return text + "}\n\n";
}

} // namespace

std::string threadDump(const Target& target, sim::Instant now, bool locks)
{
    const sim::programs::Running& running = *target.running;
    const std::vector<Task> tasks = sim::programs::tasksOf(running, *target.process);
    std::vector<const Task*> java, others;
    for (const Task& task : tasks)
        (isJava(task) ? java : others).push_back(&task);
    const double age = sim::toSeconds(now - running.started);
    const auto common = [&](const Task& task) {
        return fmt::format("cpu={:.2f}ms elapsed={:.2f}s tid=0x{:016x} nid=0x{:x} {}", task.cpuCores * age * 1e3, age, threadAddress(task), task.tid, headState(task));
    };
    std::string text = formatDate(now, "%Y-%m-%d %H:%M:%S") + "\nFull thread dump OpenJDK 64-Bit Server VM (17.0.13+11-Debian-2deb12u1 mixed mode, sharing):\n\n";
    text += threadList(running, java);
    int number = 0;
    for (const Task* task : java)
        text += javaThread(*task, ++number, common(*task), locks);
    for (auto task = others.rbegin(); task != others.rend(); ++task) // the last made comes first
        text += fmt::format("\"{}\" os_prio=0 {}  \n\n", (*task)->name, common(**task));
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
        const auto target = jvmOf(inv, inv.operands[0], JdkTool::Plain);
        if (!target)
            return 1;
        inv.print(threadDump(*target, inv.now(), inv.options.has("l")));
        return 0;
    };
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
