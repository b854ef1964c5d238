#include "sim/programs/tasks.h"

#include <algorithm>
#include <cmath>

namespace sim::programs {

namespace {

/// Threads of HotSpot itself (JDK 17, G1) beside the collector's workers, and the share of its housekeeping that each does.
struct VmThread {
    const char* name;
    double share;
    const char* waitChannel = "futex_wait_queue";
};
constexpr VmThread kVmThreads[] = {{"G1 Main Marker", 0}, {"G1 Conc#0", 0}, {"G1 Refine#0", 0}, {"G1 Service", 0.05}, {"VM Thread", 0.15},
    {"Reference Handler", 0}, {"Finalizer", 0}, {"Signal Dispatcher", 0}, {"Service Thread", 0}, {"Monitor Deflation Thread", 0.05},
    {"C2 CompilerThread0", 0.45}, {"C1 CompilerThread0", 0.1}, {"Notification Thread", 0}, {"VM Periodic Task Thread", 0.2}, {"Common-Cleaner", 0}};

std::string numbered(std::string text, std::int64_t number)
{
    if (const std::size_t at = text.find("{n}"); at != std::string::npos)
        text.replace(at, 3, std::to_string(number));
    return text;
}

double coresOf(const PathCounters& rate)
{
    return rate.ownSeconds + rate.allocatorSeconds + rate.lockSeconds;
}

/// CPU of the paths that a group of threads takes.
double coresOf(const Running& running, const Waiting& group)
{
    double cores = 0;
    for (std::size_t i = 0; i < running.code->paths.size(); ++i)
        if (std::find(group.works.begin(), group.works.end(), running.code->paths[i].name) != group.works.end())
            cores += coresOf(running.rates.paths[i]);
    return cores;
}

/// A whole number with the given mean: the rest is drawn from the instant and the name, so that two dumps differ as two
/// looks at a busy program do, and one look is always the same.
std::int64_t numberAt(double mean, const Running& running, const std::string& what)
{
    Fingerprint f;
    f.add(static_cast<std::uint64_t>(running.settled.time_since_epoch().count()));
    f.add(what);
    const double chance = static_cast<double>(f.value() >> 11) / 9007199254740992.0;
    return static_cast<std::int64_t>(std::floor(mean + chance));
}

std::int64_t countOf(const Running& running, std::size_t group)
{
    return static_cast<std::int64_t>(running.waitingCount(group));
}

/// What a path's threads are seen doing: computing, waiting for its lock, waiting for the network.
struct Activity {
    std::string state;
    Stack stack;
    std::string lock;
    std::string holds;
};

/// Who waits for a Java monitor has not come further than the method of the class that owns it: "PriceService.rates".
Stack upToMonitor(Stack stack, const std::string& lock)
{
    const std::string owner = "." + lock.substr(0, lock.find('.')) + ".";
    const auto found = std::find_if(stack.rbegin(), stack.rend(), [&](const Frame& frame) { return frame.function.find(owner) != std::string::npos; });
    if (found != stack.rend())
        stack.erase(found.base(), stack.end());
    return stack;
}

std::vector<Activity> activitiesOf(const Running& running, const std::vector<std::string>* works)
{
    const bool java = running.code->language == Language::Java;
    const bool go = running.code->language == Language::Go;
    std::vector<Activity> activities;
    for (std::size_t i = 0; i < running.code->paths.size(); ++i) {
        const CodePath& path = running.code->paths[i];
        if (works != nullptr && std::find(works->begin(), works->end(), path.name) == works->end())
            continue;
        const PathCounters& rate = running.rates.paths[i];
        const std::int64_t computing = numberAt(coresOf(rate), running, path.name);
        const std::int64_t blocked = numberAt(rate.delaySeconds, running, path.name + "/lock");
        const std::int64_t waiting = numberAt(rate.calls * path.waitSeconds, running, path.name + "/wait");
        for (std::int64_t n = 0; n < computing; ++n)
            activities.push_back({go ? "running" : java ? "RUNNABLE" : "active", path.stack, {}, n == 0 ? path.lock : ""});
        for (std::int64_t n = 0; n < blocked; ++n) {
            Stack stack = java ? upToMonitor(path.stack, path.lock) : path.stack;
            if (go) {
                stack.push_back({"sync.(*Mutex).Lock", "sync/mutex.go", 90});
                stack.push_back({"sync.(*Mutex).lockSlow", "sync/mutex.go", 171});
                stack.push_back({"sync.runtime_SemacquireMutex", "runtime/sema.go", 77});
            }
            activities.push_back({go ? "sync.Mutex.Lock" : java ? "BLOCKED (on object monitor)" : "idle", std::move(stack), path.lock, {}});
        }
        for (std::int64_t n = 0; n < waiting; ++n)
            activities.push_back({go ? "IO wait" : java ? "RUNNABLE" : "idle", path.stack, {}, {}});
    }
    return activities;
}

} // namespace

std::vector<host::Thread> threadsOf(const Running& running, const host::Process& process)
{
    std::vector<host::Thread> threads;
    const auto add = [&](std::string name, double cores, std::string channel) {
        host::Thread thread;
        thread.name = name.substr(0, 15);
        thread.cpuCores = cores;
        thread.state = cores > 0.5 ? 'R' : 'S';
        thread.waitChannel = cores > 0.5 ? "" : std::move(channel);
        threads.push_back(std::move(thread));
    };
    const Code& code = *running.code;
    if (code.language == Language::Go) {
        // One thread for each processor that works, and some for system calls and the monitor.
        const auto working = static_cast<std::int64_t>(std::ceil(running.rates.granted + 1));
        const std::int64_t count = std::min(running.settings.processors, std::max<std::int64_t>(working, 2));
        for (std::int64_t n = 0; n < count + 3; ++n)
            add(process.name, n < count ? running.rates.granted / static_cast<double>(count) : 0, "futex_wait_queue");
    } else {
        if (code.language == Language::Java) {
            add("java", 0, "futex_wait_queue"); // the launcher waits in the process's first thread, main() runs in this one
            const double each = running.rates.collectorCpu / static_cast<double>(running.settings.collectorThreads);
            for (std::int64_t n = 0; n < running.settings.collectorThreads; ++n)
                add("GC Thread#" + std::to_string(n), each, "futex_wait_queue");
            for (const VmThread& one : kVmThreads)
                add(one.name, running.rates.idleWork * one.share, one.waitChannel);
        }
        for (std::size_t g = 0; g < code.waiting.size(); ++g) {
            if (code.waiting[g].thread.empty())
                continue;
            const std::int64_t count = countOf(running, g);
            const double each = count > 0 ? coresOf(running, code.waiting[g]) / static_cast<double>(count) : 0;
            for (std::int64_t n = 1; n <= count; ++n)
                add(numbered(code.waiting[g].thread, n), each, code.waiting[g].waitChannel);
        }
    }
    std::vector<host::Thread> before = process.threads;
    for (host::Thread& thread : threads) {
        const auto same = std::find_if(before.begin(), before.end(), [&](const host::Thread& t) { return t.tid != 0 && t.name == thread.name; });
        if (same != before.end())
            thread.tid = std::exchange(same->tid, 0);
    }
    return threads;
}

std::vector<Task> tasksOf(const Running& running, const host::Process& process)
{
    const Code& code = *running.code;
    std::vector<Task> tasks;
    std::size_t next = 0; // of the kernel's threads, in threadsOf()'s order
    const auto tidOf = [&] { return next < process.threads.size() ? process.threads[next++].tid : 0; };
    if (code.language == Language::Java) {
        Task main;
        main.name = "main";
        main.daemon = false;
        main.tid = tidOf();
        main.state = "WAITING (on object monitor)";
        for (const Waiting& group : code.waiting)
            if (group.thread == "main") {
                main.stack = group.stack;
                main.state = group.state;
            }
        tasks.push_back(std::move(main));
        for (std::int64_t n = 0; n < running.settings.collectorThreads; ++n) {
            Task task;
            task.name = "GC Thread#" + std::to_string(n);
            task.tid = tidOf();
            task.cpuCores = running.rates.collectorCpu / static_cast<double>(running.settings.collectorThreads);
            tasks.push_back(std::move(task));
        }
        for (const VmThread& one : kVmThreads) {
            Task task;
            task.name = one.name;
            task.tid = tidOf();
            tasks.push_back(std::move(task));
        }
    }
    for (std::size_t g = 0; g < code.waiting.size(); ++g) {
        const Waiting& group = code.waiting[g];
        if (!running.has(group.scope) || group.thread.empty() || group.thread == "main")
            continue;
        const std::vector<Activity> active = activitiesOf(running, &group.works);
        const std::int64_t count = countOf(running, g);
        for (std::int64_t n = 1; n <= count; ++n) {
            Task task;
            task.name = numbered(group.thread, n);
            task.tid = tidOf();
            task.daemon = group.daemon;
            task.state = group.state;
            task.stack = group.stack;
            task.waitedSeconds = toSeconds(running.settled - running.started);
            task.cpuCores = count > 0 ? coresOf(running, group) / static_cast<double>(count) : 0;
            if (static_cast<std::size_t>(n - 1) < active.size()) {
                const Activity& now = active[static_cast<std::size_t>(n - 1)];
                task.state = now.state;
                task.stack = now.stack;
                task.lock = now.lock;
                task.holds = now.holds;
            }
            tasks.push_back(std::move(task));
        }
    }
    if (code.language == Language::Python || code.language == Language::Native) {
        Task main;
        main.name = code.language == Language::Python ? "MainThread" : process.name;
        main.tid = process.pid;
        main.daemon = false;
        main.state = "idle";
        std::vector<std::string> unclaimed;
        for (const CodePath& path : code.paths)
            if (std::none_of(code.waiting.begin(), code.waiting.end(), [&](const Waiting& w) {
                    return !w.thread.empty() && w.thread != "main" && std::find(w.works.begin(), w.works.end(), path.name) != w.works.end();
                }))
                unclaimed.push_back(path.name);
        for (const Waiting& group : code.waiting)
            if (group.thread == "main" && running.has(group.scope))
                main.stack = group.stack;
        if (const auto active = activitiesOf(running, &unclaimed); !active.empty()) {
            main.stack = active.front().stack;
            main.state = active.front().state;
        }
        tasks.insert(tasks.begin(), std::move(main));
    }
    return tasks;
}

Stack parkedStack(const Task& goroutine)
{
    static const std::map<std::string, std::vector<const char*>> kBelow{
        {"IO wait", {"internal/poll.(*pollDesc).waitRead@internal/poll/fd_poll_runtime.go:89", "internal/poll.(*pollDesc).wait@internal/poll/fd_poll_runtime.go:84",
                     "internal/poll.runtime_pollWait@runtime/netpoll.go:345", "runtime.netpollblock@runtime/netpoll.go:564"}},
        {"chan receive", {"runtime.chanrecv1@runtime/chan.go:442", "runtime.chanrecv@runtime/chan.go:583"}},
        {"chan send", {"runtime.chansend1@runtime/chan.go:145", "runtime.chansend@runtime/chan.go:259"}},
        {"select", {"runtime.selectgo@runtime/select.go:327"}},
        {"sync.Mutex.Lock", {"runtime.semacquire1@runtime/sema.go:160", "runtime.goparkunlock@runtime/proc.go:408"}}};
    Stack stack = goroutine.stack;
    if (goroutine.state == "running")
        return stack;
    if (const auto below = kBelow.find(goroutine.state); below != kBelow.end())
        for (const char* frame : below->second)
            stack.push_back(frameOf(frame));
    stack.push_back(frameOf("runtime.gopark@runtime/proc.go:402"));
    return stack;
}

std::vector<Task> goroutinesOf(const Running& running)
{
    const Code& code = *running.code;
    std::vector<Task> tasks;
    const double age = toSeconds(running.settled - running.started);
    for (std::size_t g = 0; g < code.waiting.size(); ++g) {
        Task task;
        task.state = code.waiting[g].state;
        task.count = countOf(running, g);
        task.waitedSeconds = age;
        task.stack = code.waiting[g].stack;
        task.createdBy = code.waiting[g].createdBy;
        if (task.count > 0)
            tasks.push_back(std::move(task));
    }
    for (const Activity& now : activitiesOf(running, nullptr)) {
        const auto same = std::find_if(tasks.begin(), tasks.end(), [&](const Task& t) { return t.stack == now.stack && t.state == now.state; });
        if (same != tasks.end()) {
            ++same->count;
            continue;
        }
        Task task;
        task.state = now.state;
        task.stack = now.stack;
        task.lock = now.lock;
        task.createdBy = "net/http.(*Server).Serve@net/http/server.go:3285";
        tasks.push_back(std::move(task));
    }
    std::stable_sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.count > b.count; });
    return tasks;
}

} // namespace sim::programs
