#pragma once

#include "sim/engine/event_queue.h"

namespace sim::container {

/// Event types of Part::Container. The target is a container or pull, the argument its generation.
enum class RuntimeEvent : std::uint16_t { ProgramReady, ProgramFails, Drained, Kill, PullStep, PullUnpacked, HeapFull };

inline Event runtimeEvent(RuntimeEvent type, std::uint32_t target, std::uint64_t generation)
{
    return {.part = Part::Container, .type = static_cast<std::uint16_t>(type), .target = target, .argument = generation};
}

} // namespace sim::container
