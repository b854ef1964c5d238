#pragma once

#include <compare>
#include <cstdint>

namespace sim {

/// A typed index into a table of the world, so that a host cannot be mistaken for a link.
template <class Tag>
struct Id {
    static constexpr std::uint32_t kNone = 0xffffffff;
    std::uint32_t value = kNone;

    constexpr Id() = default;
    constexpr explicit Id(std::uint32_t v) : value(v) { }
    constexpr explicit Id(std::size_t v) : value(static_cast<std::uint32_t>(v)) { }
    constexpr bool valid() const { return value != kNone; }
    constexpr auto operator<=>(const Id&) const = default;
};

using HostId = Id<struct HostTag>;           ///< host::Hosts
using StackId = Id<struct StackTag>;         ///< net::Network: one network namespace
using LinkId = Id<struct LinkTag>;           ///< net::Network
using SwitchId = Id<struct SwitchTag>;       ///< net::Network
using FlowId = Id<struct FlowTag>;           ///< net::Network: one bulk transfer
using GpuId = Id<struct GpuTag>;             ///< gpu::Gpus
using ContainerId = Id<struct ContainerTag>; ///< container::Runtimes
using PullId = Id<struct PullTag>;           ///< container::Runtimes

} // namespace sim
