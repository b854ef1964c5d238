#include "sim/kube/controllers/scaling_limits.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace sim::kube {

namespace {

// --horizontal-pod-autoscaler-downscale-stabilization
constexpr Duration kDownscaleWindow = 300s;
// scaleUpLimitFactor, scaleUpLimitMinimum of horizontal.go
constexpr std::int64_t kUpFactor = 2;
constexpr std::int64_t kUpMinimum = 4;

constexpr const char* kHigherRecent =
    "recent recommendations were higher than current one, applying the highest recent recommendation";
constexpr const char* kLowerRecent =
    "recent recommendations were lower than current one, applying the lowest recent recommendation";
constexpr const char* kTooMany = "the desired replica count is more than the maximum replica count";
constexpr const char* kTooFew = "the desired replica count is less than the minimum replica count";
constexpr const char* kTooFastUp = "the desired replica count is increasing faster than the maximum scale rate";
constexpr const char* kTooFastDown = "the desired replica count is decreasing faster than the maximum scale rate";

Duration windowOf(const std::optional<HpaScalingRules>& rules, Duration whenUnset)
{
    return rules && rules->stabilizationWindowSeconds ? std::chrono::seconds(*rules->stabilizationWindowSeconds) : whenUnset;
}

void remember(std::deque<ScalingMemory::Entry>& entries, std::int64_t value, Instant now, Duration keep)
{
    while (!entries.empty() && entries.front().at < now - keep)
        entries.pop_front();
    entries.push_back({value, now});
}

std::int64_t sumSince(const std::deque<ScalingMemory::Entry>& entries, Instant cutoff)
{
    std::int64_t sum = 0;
    for (const ScalingMemory::Entry& e : entries)
        sum += e.at > cutoff ? e.value : 0;
    return sum;
}

Duration longestPeriod(const HpaBehavior& behavior)
{
    std::int64_t longest = 0;
    for (const auto* rules : {&behavior.scaleUp, &behavior.scaleDown})
        if (*rules)
            for (const HpaScalingPolicy& policy : (*rules)->policies)
                longest = std::max(longest, policy.periodSeconds.value);
    return std::chrono::seconds(longest);
}

/// The size that the rates of one direction allow now.
std::int64_t rateLimit(const HpaScalingRules& rules, const ScalingMemory& memory, std::int64_t current, bool up, Instant now)
{
    const std::string select = rules.selectPolicy.value_or("Max");
    if (select == "Disabled")
        return current;
    // The policy that allows the larger change wins, or with Min the smaller one.
    const bool largest = up == (select != "Min");
    std::int64_t limit = largest ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
    for (const HpaScalingPolicy& policy : rules.policies) {
        const Instant cutoff = now - std::chrono::seconds(policy.periodSeconds.value);
        const std::int64_t start = current - sumSince(memory.ups, cutoff) + sumSince(memory.downs, cutoff);
        const double part = static_cast<double>(policy.value.value) / 100;
        std::int64_t proposed = start + (up ? policy.value.value : -policy.value.value);
        if (policy.type.value == "Percent")
            proposed = up ? static_cast<std::int64_t>(std::ceil(static_cast<double>(start) * (1 + part)))
                          : static_cast<std::int64_t>(static_cast<double>(start) * (1 - part));
        limit = largest ? std::max(limit, proposed) : std::min(limit, proposed);
    }
    return up ? std::max(limit, current) : std::min(limit, current);
}

std::int64_t stabilized(const HpaSpec& spec, ScalingMemory& memory, std::int64_t current, std::int64_t desired, Instant now)
{
    const Duration upWindow = spec.behavior ? windowOf(spec.behavior->scaleUp, 0s) : 0s;
    const Duration downWindow = spec.behavior ? windowOf(spec.behavior->scaleDown, kDownscaleWindow) : kDownscaleWindow;
    std::int64_t lowest = desired;
    std::int64_t highest = desired;
    for (const ScalingMemory::Entry& e : memory.recommendations) {
        if (e.at > now - upWindow)
            lowest = std::min(lowest, e.value);
        if (spec.behavior ? e.at > now - downWindow : e.at >= now - downWindow)
            highest = std::max(highest, e.value);
    }
    remember(memory.recommendations, desired, now, std::max(upWindow, downWindow));
    // Without behavior the highest recent recommendation is taken as it is, also above the present size.
    return spec.behavior ? std::min(std::max(current, lowest), highest) : highest;
}

void bound(const HpaSpec& spec, const ScalingMemory& memory, std::int64_t current, Instant now, LimitedScale& scale)
{
    const std::int64_t least = spec.minReplicas.value_or(1);
    const std::int64_t most = spec.maxReplicas.value;
    const auto apply = [&](std::int64_t limit, const char* reason, const char* message) {
        scale.replicas = limit;
        scale.limited = true;
        scale.limitReason = reason;
        scale.limitMessage = message;
    };
    scale.limitReason = "DesiredWithinRange";
    scale.limitMessage = "the desired count is within the acceptable range";
    if (!spec.behavior) {
        const std::int64_t upLimit = std::max(kUpFactor * current, kUpMinimum);
        if (scale.replicas < least)
            apply(least, "TooFewReplicas", kTooFew);
        else if (scale.replicas > std::min(most, upLimit))
            most > upLimit ? apply(upLimit, "ScaleUpLimit", kTooFastUp) : apply(most, "TooManyReplicas", kTooMany);
        return;
    }
    if (scale.replicas > current) {
        const std::int64_t limit = rateLimit(spec.behavior->scaleUp.value_or(HpaScalingRules{}), memory, current, true, now);
        if (scale.replicas > std::min(most, limit))
            most > limit ? apply(limit, "ScaleUpLimit", kTooFastUp) : apply(most, "TooManyReplicas", kTooMany);
    } else if (scale.replicas < current) {
        const std::int64_t limit = rateLimit(spec.behavior->scaleDown.value_or(HpaScalingRules{}), memory, current, false, now);
        if (scale.replicas < std::max(least, limit))
            least < limit ? apply(limit, "ScaleDownLimit", kTooFastDown) : apply(least, "TooFewReplicas", kTooFew);
    }
}

} // namespace

LimitedScale limitScale(const HpaSpec& spec, ScalingMemory& memory, std::int64_t current, std::int64_t desired, Instant now)
{
    LimitedScale scale;
    scale.replicas = stabilized(spec, memory, current, desired, now);
    scale.ableReason = "ReadyForNewScale";
    scale.ableMessage = "recommended size matches current size";
    if (scale.replicas != desired) {
        const bool up = spec.behavior && desired >= current;
        scale.ableReason = up ? "ScaleUpStabilized" : "ScaleDownStabilized";
        scale.ableMessage = up ? kLowerRecent : kHigherRecent;
    }
    bound(spec, memory, current, now, scale);
    return scale;
}

void rememberScale(const HpaSpec& spec, ScalingMemory& memory, std::int64_t before, std::int64_t after, Instant now)
{
    if (!spec.behavior)
        return;
    remember(after > before ? memory.ups : memory.downs, std::abs(after - before), now, longestPeriod(*spec.behavior));
}

} // namespace sim::kube
