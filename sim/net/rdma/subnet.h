#pragma once

#include "sim/net/rdma/link.h"

#include <vector>

namespace sim::net::rdma {

/// A place where a subnet manager can run: opensm on a host, or UFM.
struct SubnetManager {
    DeviceId device;           ///< through whose port it manages
    std::uint8_t priority = 0; ///< 0 .. 15
    bool running = true;
    Instant startedAt{};
    bool operator==(const SubnetManager&) const = default;
};
BOOST_DESCRIBE_STRUCT(SubnetManager, (), (device, priority, running, startedAt))

/// The management of an InfiniBand subnet.
struct Subnet {
    std::vector<SubnetManager> managers;
    int master = -1;             ///< index; -1: none
    int lostMaster = -1;         ///< the one that a standby still waits for
    Instant takeoverAt = kNever; ///< when it stops waiting
    Instant armsAt = kNever;     ///< of the sweep that runs
    Instant sweptAt = kNever;    ///< its end
    bool sweepAgain = false;     ///< something changed meanwhile
    std::int64_t sweeps = 0;     ///< heavy ones, ever
    bool adaptiveRouting = false;
    std::uint16_t serviceLevels = 0xffff; ///< bit per level that is mapped to a virtual lane
    bool operator==(const Subnet&) const = default;
};
BOOST_DESCRIBE_STRUCT(Subnet, (),
                      (managers, master, lostMaster, takeoverAt, armsAt, sweptAt, sweepAgain, sweeps,
                       adaptiveRouting, serviceLevels))

} // namespace sim::net::rdma
