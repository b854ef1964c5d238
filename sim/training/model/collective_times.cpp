#include "sim/training/model/collective_times.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::training {

bool RingTimes::leavesMachine(const CollectiveCall& call) const
{
    return (call.ranks - 1) * call.stride >= m_links.devicesPerMachine;
}

double RingTimes::seconds(const CollectiveCall& call) const
{
    FL_ASSERT(call.ranks > 1);
    const double ranks = static_cast<double>(call.ranks);
    const bool leaves = leavesMachine(call);
    const double step = leaves ? m_links.networkSeconds : m_links.localSeconds;
    // Members of one machine share its adapters: a ring crosses them once for all of them.
    const double together = std::max(1.0, static_cast<double>(m_links.devicesPerMachine / call.stride));
    const double ring = leaves ? std::min(m_links.localBytesPerSecond, together * m_links.networkBytesPerSecond)
                               : m_links.localBytesPerSecond;
    const double alone = leaves ? m_links.networkBytesPerSecond : m_links.localBytesPerSecond;
    switch (call.collective) {
    case Collective::AllReduce: return 2 * (ranks - 1) * (call.bytes / ranks / ring + step);
    case Collective::ReduceScatter:
    case Collective::AllGather: return (ranks - 1) * (call.bytes / ranks / ring + step);
    case Collective::AllToAll: return (ranks - 1) / ranks * call.bytes / alone + step;
    case Collective::SendReceive: return call.bytes / alone + step;
    }
    return 0;
}

RingTimes::Links a100Links(double networkBytesPerSecond)
{
    return {8, 12 * 20.0e9, networkBytesPerSecond, 3.4e-6, 14e-6};
}

RingTimes::Links h100Links(double networkBytesPerSecond)
{
    return {8, 18 * 20.6e9, networkBytesPerSecond, 3.4e-6, 14e-6};
}

} // namespace sim::training
