#include "sim/net/rdma/queue_pair.h"

#include <algorithm>

namespace sim::net::rdma {

std::optional<Duration> acknowledgeTimeout(const QueuePair& pair)
{
    if (pair.timeout == 0 || pair.timeout > 31)
        return std::nullopt;
    return Duration{4096} * (std::int64_t{1} << pair.timeout);
}

std::optional<Duration> retryPatience(const QueuePair& pair)
{
    const auto once = acknowledgeTimeout(pair);
    if (!once)
        return std::nullopt;
    return *once * std::max<std::int64_t>(1, pair.retryCount);
}

bool diesOf(const QueuePair& pair, Duration outage)
{
    const auto patience = retryPatience(pair);
    return patience && outage >= *patience;
}

} // namespace sim::net::rdma
