#include "sim/gpu/memory_errors.h"

namespace sim::gpu {

bool RowRemapper::remap(std::int64_t bank, bool forUncorrectable)
{
    std::int64_t& spares = used[bank];
    if (spares >= kSparesPerBank) {
        failed = true;
        return false;
    }
    ++spares;
    ++(forUncorrectable ? uncorrectable : correctable);
    ++(forUncorrectable ? inactiveUncorrectable : inactiveCorrectable);
    return true;
}

RowRemapper::Histogram RowRemapper::histogram(std::int64_t banks) const
{
    Histogram h;
    h.max = banks - static_cast<std::int64_t>(used.size());
    for (const auto& [bank, spares] : used) {
        const std::int64_t left = kSparesPerBank - spares;
        ++(left == kSparesPerBank ? h.max : left > kSparesPerBank / 2 ? h.high : left > 1 ? h.partial : left == 1 ? h.low : h.none);
    }
    return h;
}

void MemoryErrors::correctable(std::int64_t count)
{
    volatile_.dramCorrectable += count;
    aggregate.dramCorrectable += count;
}

std::vector<int> MemoryErrors::uncorrectable(std::int64_t bank)
{
    ++volatile_.dramUncorrectable;
    ++aggregate.dramUncorrectable;
    return {48, remapper.remap(bank, true) ? 63 : 64, 94};
}

std::vector<int> MemoryErrors::sramUncorrectable()
{
    ++volatile_.sramUncorrectableSecDed;
    ++aggregate.sramUncorrectableSecDed;
    return {48, 95};
}

} // namespace sim::gpu
