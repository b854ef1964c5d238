#pragma once

#include "sim/kube/api/autoscaling_v2.h"

#include <cstdint>
#include <deque>
#include <string>

// What keeps an autoscaler from following its metrics at once: stabilization windows, rates and the bounds of its
// specification (pkg/controller/podautoscaler/horizontal.go). State is remembered per autoscaler.
namespace sim::kube {

struct ScalingMemory {
    struct Entry {
        std::int64_t value = 0; ///< recommended size, or by how much the size changed
        Instant at{};
        bool operator==(const Entry&) const = default;
        void addTo(Fingerprint& f) const
        {
            sim::addTo(f, value);
            sim::addTo(f, at);
        }
    };
    std::deque<Entry> recommendations;
    std::deque<Entry> ups;
    std::deque<Entry> downs;
    bool operator==(const ScalingMemory&) const = default;
    void addTo(Fingerprint& f) const
    {
        sim::addTo(f, recommendations);
        sim::addTo(f, ups);
        sim::addTo(f, downs);
    }
};

struct LimitedScale {
    std::int64_t replicas = 0;
    std::string ableReason;     ///< of condition AbleToScale
    std::string ableMessage;
    bool limited = false;       ///< condition ScalingLimited
    std::string limitReason;
    std::string limitMessage;
};

/// From the size that the metrics ask for to the one that is set; remembers the recommendation.
LimitedScale limitScale(const HpaSpec& spec, ScalingMemory& memory, std::int64_t current, std::int64_t desired, Instant now);
/// Notes a change of size, for the rates of `behavior`.
void rememberScale(const HpaSpec& spec, ScalingMemory& memory, std::int64_t before, std::int64_t after, Instant now);

} // namespace sim::kube
