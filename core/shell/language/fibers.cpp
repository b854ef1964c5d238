#include "core/shell/language/fibers.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace core::shell {

void Fiber::interrupt(int status)
{
    if (m_state == State::Done || m_interrupted)
        return;
    m_interrupted = status;
    if (m_state == State::Blocked)
        m_owner->makeReady(this);
}

Fibers::~Fibers()
{
    FL_ASSERT(!m_current);
    interruptAll(130);
    // Unwinding may need several rounds: a fiber may wait for its children first.
    run();
    for (const auto& fiber : m_fibers) {
        FL_ASSERT(fiber->done());
        fiber->m_thread.join();
    }
}

Fiber* Fibers::spawn(int job, std::function<void()> body)
{
    auto fiber = std::make_unique<Fiber>();
    Fiber* raw = fiber.get();
    raw->m_owner = this;
    raw->m_job = job;
    raw->m_sequence = m_nextSequence++;
    raw->m_body = std::move(body);
    if (m_current)
        raw->scope = m_current->scope;
    m_fibers.push_back(std::move(fiber));
    m_ready.push_back(raw);
    raw->m_thread = std::thread([this, raw] { main(raw); });
    return raw;
}

void Fibers::main(Fiber* fiber)
{
    {
        std::unique_lock lock(m_mutex);
        fiber->m_turn.wait(lock, [&] { return fiber->m_hasBaton; });
    }
    if (!fiber->m_interrupted) {
        try {
            fiber->m_body();
        } catch (const Interrupted&) {
            // The body has reported its status while it unwound.
        }
    }
    fiber->m_body = nullptr;
    std::unique_lock lock(m_mutex);
    fiber->m_state = Fiber::State::Done;
    fiber->m_wakeAt.reset();
    if (fiber->m_joiner)
        makeReady(fiber->m_joiner);
    fiber->m_hasBaton = false;
    m_ownerHasBaton = true;
    m_ownerTurn.notify_one();
}

void Fibers::release(Fiber* fiber)
{
    FL_ASSERT(fiber->done());
    fiber->m_thread.join();
    m_fibers.erase(
        std::find_if(m_fibers.begin(), m_fibers.end(), [&](const auto& f) { return f.get() == fiber; }));
}

void Fibers::makeReady(Fiber* fiber)
{
    if (fiber->m_state != Fiber::State::Blocked)
        return;
    fiber->m_state = Fiber::State::Ready;
    fiber->m_wakeAt.reset();
    m_ready.push_back(fiber);
}

void Fibers::run()
{
    FL_ASSERT(!m_current);
    const sim::Instant now = m_now();
    std::vector<Fiber*> due;
    for (const auto& fiber : m_fibers)
        if (fiber->m_state == Fiber::State::Blocked && fiber->m_wakeAt && *fiber->m_wakeAt <= now)
            due.push_back(fiber.get());
    std::sort(due.begin(), due.end(), [](const Fiber* a, const Fiber* b) {
        return std::pair(*a->m_wakeAt, a->m_sequence) < std::pair(*b->m_wakeAt, b->m_sequence);
    });
    for (Fiber* fiber : due)
        makeReady(fiber);

    while (!m_ready.empty()) {
        Fiber* fiber = m_ready.front();
        m_ready.pop_front();
        fiber->m_state = Fiber::State::Running;
        m_current = fiber;
        std::unique_lock lock(m_mutex);
        m_ownerHasBaton = false;
        fiber->m_hasBaton = true;
        fiber->m_turn.notify_one();
        m_ownerTurn.wait(lock, [&] { return m_ownerHasBaton; });
        m_current = nullptr;
    }
    const auto finished = std::stable_partition(m_fibers.begin(), m_fibers.end(),
                                                [](const auto& f) { return !(f->detached && f->done()); });
    std::for_each(finished, m_fibers.end(), [](const auto& f) { f->m_thread.join(); });
    m_fibers.erase(finished, m_fibers.end());
}

std::optional<sim::Instant> Fibers::wakeAt() const
{
    std::optional<sim::Instant> earliest;
    for (const auto& fiber : m_fibers)
        if (fiber->m_wakeAt && (!earliest || *fiber->m_wakeAt < *earliest))
            earliest = fiber->m_wakeAt;
    return earliest;
}

void Fibers::interruptJob(int job, int status)
{
    for (const auto& fiber : m_fibers)
        if (fiber->m_job == job)
            fiber->interrupt(status);
}

void Fibers::interruptAll(int status)
{
    for (const auto& fiber : m_fibers)
        fiber->interrupt(status);
}

void Fibers::switchToOwner(std::unique_lock<std::mutex>& lock)
{
    Fiber* self = m_current;
    self->m_hasBaton = false;
    m_ownerHasBaton = true;
    m_ownerTurn.notify_one();
    self->m_turn.wait(lock, [&] { return self->m_hasBaton; });
}

void Fibers::block(std::optional<sim::Instant> until)
{
    Fiber* self = m_current;
    FL_ASSERT(self);
    if (self->m_interrupted && !self->m_shielded)
        throw Interrupted{*self->m_interrupted};
    std::optional<std::size_t> limiting;
    for (std::size_t i = 0; i < self->m_deadlines.size() && !self->m_shielded; ++i) {
        if (!until || self->m_deadlines[i] <= *until) {
            if (!limiting || self->m_deadlines[i] < self->m_deadlines[*limiting])
                limiting = i;
        }
    }
    if (limiting)
        until = self->m_deadlines[*limiting];
    if (until && beforeSleep && *until - m_now() >= kShortSleep)
        beforeSleep(self->m_job);
    self->m_wakeAt = until;
    self->m_state = Fiber::State::Blocked;
    {
        std::unique_lock lock(m_mutex);
        switchToOwner(lock);
    }
    self->m_wakeAt.reset();
    if (self->m_shielded)
        return;
    if (self->m_interrupted)
        throw Interrupted{*self->m_interrupted};
    if (limiting && m_now() >= self->m_deadlines[*limiting])
        throw DeadlineReached(*limiting + 1);
}

void Fibers::sleepFor(sim::Duration duration)
{
    if (duration <= sim::Duration::zero()) {
        if (m_current->m_interrupted)
            throw Interrupted{*m_current->m_interrupted};
        return;
    }
    const sim::Instant end = m_now() + duration;
    while (m_now() < end)
        block(end);
}

void Fibers::wake(Fiber* fiber)
{
    makeReady(fiber);
}

void Fibers::join(Fiber* fiber)
{
    while (!fiber->done()) {
        fiber->m_joiner = m_current;
        block();
    }
}

void Fibers::joinQuietly(Fiber* fiber) noexcept
{
    const bool outer = m_current->m_shielded;
    m_current->m_shielded = true;
    while (!fiber->done()) {
        fiber->m_joiner = m_current;
        block();
    }
    m_current->m_shielded = outer;
}

} // namespace core::shell
