#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/time.h"

#include <algorithm>
#include <cstdint>

namespace sim::kube {

/// How often a client may ask the API server. The defaults are kube-controller-manager's --kube-api-qps and
/// --kube-api-burst, which each controller's client has for itself.
struct RateLimit {
    std::int64_t perSecond = 20;
    std::int64_t burst = 30;
    bool operator==(const RateLimit&) const = default;
};

/// The token bucket of one client (client-go/util/flowcontrol): requests are let through in the order in which they
/// were asked for, `burst` of them at once and `perSecond` in the long run.
class RequestRate {
public:
    /// When a request that is asked for now is let through.
    Instant reserve(Instant now, const RateLimit& limit)
    {
        const Instant through = next(now, limit);
        m_full = std::max(m_full, now) + interval(limit);
        return through;
    }
    /// When the next one would be.
    Instant next(Instant now, const RateLimit& limit) const
    {
        return std::max(now, std::max(m_full, now) - (limit.burst - 1) * interval(limit));
    }

    bool operator==(const RequestRate&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, m_full); }

private:
    static Duration interval(const RateLimit& limit) { return std::chrono::seconds(1) / limit.perSecond; }

    Instant m_full{}; ///< when the bucket will have filled up
};

} // namespace sim::kube
