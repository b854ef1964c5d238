#include "sim/engine/engine.h"

#include <string>

namespace sim {

namespace {

/// Events beget events and time stands still: which, is what whoever mends it must know.
[[noreturn]] void stuckWith(const Event& event)
{
    const std::string which = "events end at one instant; the next one has part " + std::to_string(static_cast<int>(event.part)) + ", type "
        + std::to_string(event.type) + ", target " + std::to_string(event.target) + ", argument " + std::to_string(event.argument);
    assertionFailed(which.c_str(), __FILE__, __LINE__);
}

} // namespace

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
    if (m_handledAtInstant >= kMaxEventsPerInstant) [[unlikely]]
        stuckWith(entry.event);
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
