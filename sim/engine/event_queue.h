#pragma once

#include "sim/engine/assert.h"
#include "sim/engine/fingerprint.h"
#include "sim/engine/time.h"

#include <cstdint>
#include <vector>

namespace sim {

/// The part of the world that handles an event. The values are part of the fingerprint: append only.
enum class Part : std::uint8_t { World, Net, Host, Container, Gpu, Programs, Kube, Telemetry, Faults };

/// What is to happen, as plain data: a queue of these can be copied, compared and hashed.
/// `type` is the part's own enum, `target` the index of the object meant, `argument` whatever the part
/// wants (often a generation number: an event whose generation is stale is ignored, so nothing is ever
/// searched for in the queue to be cancelled).
struct Event {
    Part part = Part::World;
    std::uint16_t type = 0;
    std::uint32_t target = 0;
    std::uint64_t argument = 0;
    bool operator==(const Event&) const = default;
};

/// Events in total order of (instant, priority, sequence); lower priority numbers come first.
/// A 4-ary heap over one vector: no allocation per event.
class EventQueue {
public:
    struct Entry {
        Instant at{};
        std::uint64_t order = 0; ///< priority in the top byte, sequence below
        Event event;
        bool operator==(const Entry&) const = default;
    };

    static constexpr std::uint8_t kNormal = 128;

    void push(Instant at, Event event, std::uint8_t priority = kNormal)
    {
        FL_ASSERT(m_heap.size() < kMaxPending);
        m_heap.push_back({at, (std::uint64_t{priority} << 56) | m_nextSequence++, event});
        siftUp(m_heap.size() - 1);
    }
    bool empty() const { return m_heap.empty(); }
    std::size_t size() const { return m_heap.size(); }
    /// Requires: not empty.
    const Entry& top() const { return m_heap.front(); }
    /// Requires: not empty.
    Entry pop()
    {
        const Entry first = m_heap.front();
        m_heap.front() = m_heap.back();
        m_heap.pop_back();
        if (!m_heap.empty())
            siftDown(0);
        return first;
    }
    bool operator==(const EventQueue&) const = default;

private:
    static constexpr std::size_t kMaxPending = 50'000'000;

    static bool before(const Entry& a, const Entry& b)
    {
        return a.at != b.at ? a.at < b.at : a.order < b.order;
    }
    void siftUp(std::size_t i)
    {
        const Entry moving = m_heap[i];
        while (i > 0) {
            const std::size_t parent = (i - 1) / 4;
            if (!before(moving, m_heap[parent]))
                break;
            m_heap[i] = m_heap[parent];
            i = parent;
        }
        m_heap[i] = moving;
    }
    void siftDown(std::size_t i)
    {
        const Entry moving = m_heap[i];
        const std::size_t n = m_heap.size();
        for (;;) {
            const std::size_t first = 4 * i + 1;
            if (first >= n)
                break;
            std::size_t best = first;
            const std::size_t last = std::min(first + 4, n);
            for (std::size_t c = first + 1; c < last; ++c)
                if (before(m_heap[c], m_heap[best]))
                    best = c;
            if (!before(m_heap[best], moving))
                break;
            m_heap[i] = m_heap[best];
            i = best;
        }
        m_heap[i] = moving;
    }

    std::vector<Entry> m_heap;
    std::uint64_t m_nextSequence = 0;
};

} // namespace sim
