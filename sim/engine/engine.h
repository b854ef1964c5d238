#pragma once

#include "sim/engine/event_queue.h"
#include "sim/engine/random.h"

#include <optional>

namespace sim {

/// Clock, event queue and random streams of one world. Parts get it by reference while they handle an
/// event; nobody stores it.
class Engine {
public:
    explicit Engine(Instant start = {}, std::uint64_t seed = 1) : m_now(start), m_random(seed) { }

    Instant now() const { return m_now; }
    std::uint64_t seed() const { return m_random.seed(); }

    /// Requires: at >= now().
    void at(Instant at, Event event, std::uint8_t priority = EventQueue::kNormal);
    /// Requires: delay >= 0.
    void after(Duration delay, Event event, std::uint8_t priority = EventQueue::kNormal)
    {
        this->at(m_now + delay, event, priority);
    }
    RandomStream& random(std::string_view name) { return m_random[name]; }

    /// Takes the next event due at or before `until` and moves the clock to it; nothing if there is none.
    std::optional<Event> next(Instant until);
    /// Moves the clock forward when no event is due before. Requires: no pending event before `to`.
    void advanceTo(Instant to);

    std::optional<Instant> nextEventAt() const;
    std::uint64_t eventsHandled() const { return m_handled; }
    std::size_t pendingEvents() const { return m_queue.size(); }

    bool operator==(const Engine&) const = default;
    /// Clock, draws and the running hash of every event handled so far.
    void addTo(Fingerprint& f) const;

private:
    /// More events than this at one instant is a zero-delay livelock, a bug.
    static constexpr std::uint32_t kMaxEventsPerInstant = 1'000'000;

    Instant m_now;
    EventQueue m_queue;
    RandomStreams m_random;
    Fingerprint m_trail;
    std::uint64_t m_handled = 0;
    std::uint32_t m_handledAtInstant = 0;
};

} // namespace sim
