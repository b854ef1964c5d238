#include "sim/engine/engine.h"

namespace sim {

void Engine::at(Instant at, Event event, std::uint8_t priority)
{
    FL_ASSERT(at >= m_now);
    m_queue.push(at, event, priority);
}

std::optional<Event> Engine::next(Instant until)
{
    if (m_queue.empty() || m_queue.top().at > until)
        return std::nullopt;
    const EventQueue::Entry entry = m_queue.pop();
    FL_ASSERT(entry.at >= m_now);
    m_handledAtInstant = entry.at == m_now ? m_handledAtInstant + 1 : 0;
    FL_ASSERT(m_handledAtInstant < kMaxEventsPerInstant);
    m_now = entry.at;
    ++m_handled;
    m_trail.add(static_cast<std::uint64_t>(entry.at.time_since_epoch().count()));
    m_trail.add((std::uint64_t{static_cast<std::uint8_t>(entry.event.part)} << 48)
                | (std::uint64_t{entry.event.type} << 32) | entry.event.target);
    m_trail.add(entry.event.argument);
    return entry.event;
}

void Engine::advanceTo(Instant to)
{
    FL_ASSERT(to >= m_now);
    FL_ASSERT(m_queue.empty() || m_queue.top().at >= to);
    m_now = to;
}

std::optional<Instant> Engine::nextEventAt() const
{
    return m_queue.empty() ? std::nullopt : std::optional(m_queue.top().at);
}

void Engine::addTo(Fingerprint& f) const
{
    f.add(static_cast<std::uint64_t>(m_now.time_since_epoch().count()));
    f.add(m_trail.value());
    f.add(m_handled);
    m_random.addTo(f);
}

} // namespace sim
