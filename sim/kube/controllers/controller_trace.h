#pragma once

#include "sim/kube/api/store.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sim::kube {

/// What a controller did lately, to be looked at. Full objects are not kept: resource versions lead to them in the
/// store's history for as long as it remembers. Adding costs no memory once the rings are full, so that a cluster
/// of any size can afford it.
struct ControllerTrace {
    /// A change from the watch that put a key into the queue.
    struct Arrival {
        Instant at{};
        std::uint64_t resourceVersion = 0;
        bool operator==(const Arrival&) const = default;
    };
    /// One key handled. The changes after `before` up to `after` are what was written for it.
    struct Turn {
        Instant at{};
        ObjectKey key;
        std::uint64_t before = 0;
        std::uint64_t after = 0;
        bool operator==(const Turn&) const = default;
    };

    /// The last N of them.
    template <class T, std::size_t N>
    class Ring {
    public:
        /// The place for a new one: the oldest's, when full.
        T& push() { return m_items[m_pushed++ % N]; }
        std::size_t size() const { return std::min<std::size_t>(m_pushed, N); }
        /// 0 is the newest. Requires: back < size().
        const T& newest(std::size_t back) const { return m_items[(m_pushed - 1 - back) % N]; }
        std::uint64_t pushed() const { return m_pushed; }
        bool operator==(const Ring&) const = default;

    private:
        std::array<T, N> m_items{};
        std::uint64_t m_pushed = 0;
    };

    Ring<Arrival, 24> arrivals;
    Ring<Turn, 16> turns;
    bool operator==(const ControllerTrace&) const = default;
};

} // namespace sim::kube
