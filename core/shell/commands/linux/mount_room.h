#pragma once

#include "sim/host/machine.h"

#include <algorithm>

namespace core::shell::node {

/// What others than root may still write to a mount with so many bytes in use: ext4 keeps a twentieth for root.
inline std::int64_t roomFor(const sim::host::Mount& mount, std::int64_t usedBytes)
{
    const std::int64_t reserved = mount.type == "ext4" ? mount.sizeBytes / 20 : 0;
    return std::max<std::int64_t>(0, mount.sizeBytes - usedBytes - reserved);
}

} // namespace core::shell::node
