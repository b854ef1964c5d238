#pragma once

#include "sim/programs/running.h"

namespace sim::programs {

/// One thread, or many goroutines alike, as the runtime's own dump shows them at one instant.
struct Task {
    std::string name;  ///< of the thread; empty for goroutines
    host::Pid tid = 0; ///< of the machine; 0: a goroutine, or the process's main thread
    std::string state; ///< "running", "chan receive"; Java: "RUNNABLE", "BLOCKED (on object monitor)", "TIMED_WAITING (parking)"
    std::int64_t count = 1;
    double waitedSeconds = 0; ///< of the oldest
    bool daemon = true;
    Stack stack;
    std::string createdBy;
    std::string lock; ///< waits for it
    std::string holds; ///< a lock that it has
    double cpuCores = 0;
};

/// The threads that the kernel sees beside the main one, with what each uses: Process::threads. Tids are kept where a
/// thread of that name was there before.
std::vector<host::Thread> threadsOf(const Running& running, const host::Process& process);

/// Every thread of a Java, Python or native program, the main one first.
std::vector<Task> tasksOf(const Running& running, const host::Process& process);
/// Goroutines by stack, most first.
std::vector<Task> goroutinesOf(const Running& running);
/// A goroutine's stack down to where the runtime parks it, as profiles have it (Go 1.22).
Stack parkedStack(const Task& goroutine);

} // namespace sim::programs
