#include "sim/net/rdma/counters.h"

#include <algorithm>

namespace sim::net::rdma {

std::vector<double>& CounterTable::settle(Instant now)
{
    FL_ASSERT(now >= m_since);
    const double seconds = toSeconds(now - m_since);
    m_since = now;
    std::vector<double>& rate = m_rate.edit();
    if (seconds > 0) {
        std::vector<double>& base = m_base.edit();
        for (std::size_t i = 0; i < base.size(); ++i)
            base[i] += rate[i] * seconds;
    }
    std::fill(rate.begin(), rate.end(), 0.0);
    return rate;
}

} // namespace sim::net::rdma
