#pragma once

#include "core/shell/invocation.h"
#include "sim/engine/time.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace core::shell {

class Fibers;
struct ReadScope;

/// One strand of a job on a thread of its own. Only the thread that holds the baton runs; everything
/// below is touched by the holder alone, so it needs no lock.
class Fiber {
public:
    enum class State { Ready, Running, Blocked, Done };

    State state() const { return m_state; }
    bool done() const { return m_state == State::Done; }
    /// The instant at which the fiber wants to go on by itself.
    std::optional<sim::Instant> wakeAt() const { return m_wakeAt; }
    /// Which job it belongs to; children inherit it.
    int job() const { return m_job; }
    /// Makes every blocking call of the fiber throw Interrupted{status}, now and from now on.
    void interrupt(int status);

    /// Where noteRead() of what runs here goes; children inherit it.
    ReadScope* scope = nullptr;
    /// Nobody joins it: run() forgets it when it is done.
    bool detached = false;

private:
    friend class Fibers;
    friend class DeadlineScope;

    Fibers* m_owner = nullptr;
    State m_state = State::Ready;
    int m_job = 0;
    std::uint64_t m_sequence = 0;
    std::optional<sim::Instant> m_wakeAt;
    std::optional<int> m_interrupted;
    bool m_shielded = false; ///< inside joinQuietly(): blocking must not throw
    std::vector<sim::Instant> m_deadlines;
    Fiber* m_joiner = nullptr;
    bool m_hasBaton = false;
    std::condition_variable m_turn;
    std::function<void()> m_body;
    std::thread m_thread;
};

/// Thrown at the end of a DeadlineScope (timeout).
struct DeadlineReached : Interrupted {
    explicit DeadlineReached(std::size_t scopeDepth) : Interrupted{124}, depth(scopeDepth) { }
    std::size_t depth; ///< which of the nested scopes ended
};

/// All fibers of one Shell. The owner calls run(); the rest is called from inside fibers.
/// The order is first ready, first run; sleepers due at one instant run in the order they were created.
class Fibers {
public:
    explicit Fibers(std::function<sim::Instant()> now) : m_now(std::move(now)) { }
    ~Fibers();
    Fibers(const Fibers&) = delete;
    Fibers& operator=(const Fibers&) = delete;

    /// Starts a strand; it runs when its turn comes. Any thread that holds the baton may call it.
    Fiber* spawn(int job, std::function<void()> body);
    /// Forgets a finished fiber. Requires: fiber->done(), called from outside it.
    void release(Fiber* fiber);
    /// Owner only: runs fibers until all are blocked or done.
    void run();
    /// The earliest wake-up of all fibers.
    std::optional<sim::Instant> wakeAt() const;
    /// Interrupts all fibers of a job; they unwind at the next run().
    void interruptJob(int job, int status);
    void interruptAll(int status);
    std::size_t count() const { return m_fibers.size(); }

    /// Null on the owner's thread.
    Fiber* current() const { return m_current; }
    /// Suspends the current fiber until wake(fiber) or the instant. Throws Interrupted.
    void block(std::optional<sim::Instant> until = {});
    void sleepFor(sim::Duration duration);
    void wake(Fiber* fiber);
    /// Waits for a fiber to end. Throws Interrupted.
    void join(Fiber* fiber);
    /// Waits for an interrupted fiber to end, while unwinding oneself.
    void joinQuietly(Fiber* fiber) noexcept;
    /// Called before a fiber sleeps on the clock for a while: reports what the job has shown so far.
    std::function<void(int job)> beforeSleep;
    static constexpr sim::Duration kShortSleep = std::chrono::milliseconds(50);

private:
    void switchToOwner(std::unique_lock<std::mutex>& lock);
    void main(Fiber* fiber);
    void makeReady(Fiber* fiber);

    std::function<sim::Instant()> m_now;
    std::vector<std::unique_ptr<Fiber>> m_fibers;
    std::deque<Fiber*> m_ready;
    Fiber* m_current = nullptr;
    std::uint64_t m_nextSequence = 0;
    bool m_ownerHasBaton = true;
    std::mutex m_mutex;
    std::condition_variable m_ownerTurn;

    friend class Fiber;
    friend class DeadlineScope;
};

/// While it lives, the current fiber may not pass the instant: blocking throws DeadlineReached there.
class DeadlineScope {
public:
    DeadlineScope(Fibers& fibers, sim::Instant deadline) : m_fiber(fibers.current())
    {
        m_fiber->m_deadlines.push_back(deadline);
        depth = m_fiber->m_deadlines.size();
    }
    ~DeadlineScope() { m_fiber->m_deadlines.pop_back(); }
    DeadlineScope(const DeadlineScope&) = delete;
    DeadlineScope& operator=(const DeadlineScope&) = delete;
    std::size_t depth = 0;

private:
    Fiber* m_fiber;
};

} // namespace core::shell
