#pragma once

#include "sim/net/rdma/link.h"

#include <array>

namespace sim::net::rdma {

/// As PortInfo and /sys/class/infiniband/*/ports/*/state number them.
enum class LogicalState : std::uint8_t { Down = 1, Initializing = 2, Armed = 3, Active = 4 };
/// As PortInfo numbers them; the ones that a port of this model takes.
enum class PhysicalState : std::uint8_t { Polling = 2, Disabled = 3, LinkUp = 5 };

/// Which header field an Ethernet port sorts packets into priorities by.
enum class Trust : std::uint8_t { Pcp, Dscp };

/// Priorities of an Ethernet port. Without a VLAN tag there is no PCP, and the packet has priority 0.
struct Qos {
    Trust trust = Trust::Pcp;
    std::uint8_t pfc = 0; ///< bit per priority: pause frames are sent and obeyed
    std::uint8_t ecn = 0; ///< bit per priority: congestion is marked instead of dropped (switch ports; NICs:
                          ///< both ends of DCQCN)
    bool operator==(const Qos&) const = default;
};
BOOST_DESCRIBE_STRUCT(Qos, (), (trust, pfc, ecn))

/// Where a queue that marks begins to, and where it marks whatever it can: SONiC's thresholds of AZURE_LOSSLESS.
constexpr std::int64_t kMarkingFromBytes = 1 << 20;
constexpr std::int64_t kMarkingMostBytes = 2 << 20;

/// The priority that a port gives to a packet with this traffic class byte (DSCP in its upper six bits):
/// eight DSCPs to a priority, mlnx_qos' and the switches' default mapping.
constexpr int priorityOf(const Qos& qos, std::uint8_t trafficClass)
{
    return qos.trust == Trust::Dscp ? trafficClass >> 5 : 0;
}

/// A switch port's guard against a peer that pauses it without end, as SONiC's pfcwd: what the paused queue holds is given up.
struct PauseWatchdog {
    enum class Action : std::uint8_t { Drop, Forward, Alert }; ///< the last one only tells of it
    bool on = false;
    Action action = Action::Drop;
    std::int32_t detectionMs = 200;   ///< 100 .. 5,000
    std::int32_t restorationMs = 200; ///< without pauses, until the queue works again; 100 .. 60,000
    bool operator==(const PauseWatchdog&) const = default;
};
BOOST_DESCRIBE_STRUCT(PauseWatchdog, (), (on, action, detectionMs, restorationMs))

/// What a watchdog has seen.
struct PauseStorm {
    bool on = false;
    Instant changesAt = kNever; ///< when it will be taken for begun, or for over
    std::int64_t detected = 0;
    std::int64_t restored = 0;
    bool operator==(const PauseStorm&) const = default;
};
BOOST_DESCRIBE_STRUCT(PauseStorm, (), (on, changesAt, detected, restored))

/// LID of a device's port that no subnet manager has met yet, as ConnectX-7 shows it.
constexpr std::uint16_t kNoLid = 65535;

struct Port {
    RdmaSwitchId owner; ///< none: the port of the device with the same number
    int number = 1;     ///< as printed, from 1
    CableId cable;
    std::uint64_t guid = 0;
    LogicalState logical = LogicalState::Down;
    PhysicalState physical = PhysicalState::Polling;
    LaneSpeed speed = LaneSpeed::Sdr; ///< now
    LaneSpeed maxSpeed = LaneSpeed::Ndr;
    int lanes = 4; ///< now
    int maxLanes = 4;
    int mtu = 4096;        ///< payload bytes of an RDMA packet now: 256 .. 4096
    std::uint16_t lid = 0; ///< of a device; 0 on Ethernet
    std::uint16_t smLid = 0;
    bool disabled = false; ///< by an administrator
    Qos qos;
    PauseWatchdog watchdog; ///< of a switch port
    PauseStorm storm;
    bool operator==(const Port&) const = default;
};
BOOST_DESCRIBE_STRUCT(Port, (),
                      (owner, number, cable, guid, logical, physical, speed, maxSpeed, lanes, maxLanes, mtu,
                       lid, smLid, disabled, qos, watchdog, storm))

/// Counters that every port has.
enum class PortCounter : std::uint8_t {
    XmitData, ///< 4-byte words on InfiniBand, bytes on Ethernet
    RcvData,
    XmitPackets,
    RcvPackets,
    SymbolError,
    LinkErrorRecovery,
    LinkDowned,
    RcvErrors,
    RcvRemotePhysicalErrors,
    RcvSwitchRelayErrors,
    XmitDiscards,
    XmitConstraintErrors,
    RcvConstraintErrors,
    LocalLinkIntegrityErrors,
    ExcessiveBufferOverrunErrors,
    Vl15Dropped,
    XmitWait,
    RcvDiscards, ///< packets that a NIC had no room for
    Count,
};

/// Counters of a device's hw_counters directory, for RC connections of all its queue pairs.
enum class DeviceCounter : std::uint8_t {
    RxWriteRequests,
    RxReadRequests,
    OutOfSequence,
    PacketSeqErr,
    LocalAckTimeoutErr,
    NpCnpSent,
    NpEcnMarkedRocePackets,
    RpCnpHandled,
    ReqCqeError,
    PauseStormWarnings, ///< ethtool's tx_pause_storm_warning_events
    Count,
};

/// Counters per priority of an Ethernet port.
enum class PriorityCounter : std::uint8_t {
    RxBytes,
    RxPackets,
    RxDiscards,
    RxPause,
    RxPauseMicroseconds,
    RxPauseTransition,
    TxBytes,
    TxPackets,
    TxPause,
    TxPauseMicroseconds,
    TxDiscards, ///< packets that the queue of a switch port had no room for
    RxMarked,
    Count,
};

constexpr int kPriorities = 8;

/// Bits of a counter in the classic PortCounters attribute (IBTA volume 1, table of PortCounters), where it
/// stops at its largest value. 64: it has no such limit.
int classicBits(PortCounter counter);
/// What a register of `bits` bits shows of a count.
constexpr std::uint64_t saturated(std::uint64_t value, int bits)
{
    return bits >= 64 || value < (std::uint64_t{1} << bits) ? value : (std::uint64_t{1} << bits) - 1;
}

/// An entry of a device's GID table.
struct Gid {
    enum class Type : std::uint8_t { Infiniband, RoceV1, RoceV2 };
    std::uint64_t prefix = 0;
    std::uint64_t interface = 0;
    Type type = Type::Infiniband;
    bool linkLocal() const { return prefix == 0xfe80000000000000; }
    bool operator==(const Gid&) const = default;
};
BOOST_DESCRIBE_STRUCT(Gid, (), (prefix, interface, type))

std::string gidText(const Gid& gid); ///< "fe80:0000:0000:0000:a088:c203:00ab:0001"

} // namespace sim::net::rdma
