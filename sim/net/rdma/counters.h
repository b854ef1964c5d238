#pragma once

#include "sim/engine/assert.h"
#include "sim/engine/copy_on_write.h"
#include "sim/engine/time.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sim::net::rdma {

/// Counters of many objects that grow at steady rates between changes. A tick costs nothing: a value is its
/// base plus its rate times the time since `since`.
class CounterTable {
public:
    CounterTable() = default;
    CounterTable(std::size_t objects, std::size_t counters)
        : m_width(counters), m_base(std::vector<double>(objects * counters)),
          m_rate(std::vector<double>(objects * counters))
    { }

    bool empty() const { return m_base.empty(); }
    std::uint64_t value(std::size_t object, std::size_t counter, Instant now) const
    {
        const std::size_t at = object * m_width + counter;
        return static_cast<std::uint64_t>(
            std::max(0.0, std::floor(m_base[at] + m_rate[at] * toSeconds(now - m_since))));
    }
    double ratePerSecond(std::size_t object, std::size_t counter) const
    {
        return m_rate[object * m_width + counter];
    }

    /// Something happened `count` times at once.
    void add(std::size_t object, std::size_t counter, double count)
    {
        m_base.edit()[object * m_width + counter] += count;
    }
    void clear(std::size_t object, std::size_t counter, Instant now)
    {
        const std::size_t at = object * m_width + counter;
        m_base.edit()[at] = -m_rate[at] * toSeconds(now - m_since);
    }

    /// Takes what grew until now into the bases and stops all growth; rates are set anew after it.
    std::vector<double>& settle(Instant now);
    std::size_t width() const { return m_width; }

    bool operator==(const CounterTable&) const = default;
    void addTo(Fingerprint& f) const
    {
        m_base.addTo(f);
        m_rate.addTo(f);
        sim::addTo(f, m_since);
    }

private:
    std::size_t m_width = 0;
    Instant m_since{};
    CopyOnWrite<std::vector<double>> m_base;
    CopyOnWrite<std::vector<double>> m_rate; ///< per second
};

} // namespace sim::net::rdma
