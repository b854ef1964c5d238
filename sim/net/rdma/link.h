#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/ids.h"
#include "sim/engine/time.h"

#include <cstdint>
#include <string>

namespace sim::net::rdma {

using DeviceId = Id<struct RdmaDeviceTag>;
using RdmaSwitchId = Id<struct RdmaSwitchTag>;
using CableId = Id<struct RdmaCableTag>;
using PortId = Id<struct RdmaPortTag>;
using TransferId = Id<struct RdmaTransferTag>;

enum class LinkLayer : std::uint8_t { InfiniBand, Ethernet };

/// What one lane carries. Sdr is what a port without a link shows.
enum class LaneSpeed : std::uint8_t { Sdr, Edr, Hdr, Ndr, Xdr };

/// Data bits of one lane after encoding and error correction: 100 Gb/s over four lanes at EDR, doubled with
/// each generation (InfiniBand roadmap; 106.25 GBd PAM4 less 257/256 and RS(544,514) is 100 Gb/s at NDR).
constexpr double laneBitsPerSecond(LaneSpeed speed)
{
    switch (speed) {
    case LaneSpeed::Sdr: return 2.5e9;
    case LaneSpeed::Edr: return 25e9;
    case LaneSpeed::Hdr: return 50e9;
    case LaneSpeed::Ndr: return 100e9;
    case LaneSpeed::Xdr: return 200e9;
    }
    return 0;
}

const char* speedName(LaneSpeed speed);      ///< "NDR"
const char* signallingText(LaneSpeed speed); ///< "106.25 Gbps", as mad_dump_val prints it

/// Bytes of a packet beside its payload that take wire time. InfiniBand: LRH 8, BTH 12, ICRC 4, VCRC 2 (IBTA
/// volume 1). RoCE v2: preamble 8, Ethernet 14, IPv4 20, UDP 8, BTH 12, ICRC 4, FCS 4, gap 12.
constexpr double wireOverheadBytes(LinkLayer layer)
{
    return layer == LinkLayer::InfiniBand ? 26 : 82;
}

/// Bytes of a packet beside its payload that PortXmitData counts: all between start delimiter and VCRC.
/// Ethernet's counters take the frame with FCS.
constexpr double countedOverheadBytes(LinkLayer layer)
{
    return layer == LinkLayer::InfiniBand ? 24 : 62;
}

/// Payload bytes per second over `lanes` at packets of `mtu` bytes.
double payloadBytesPerSecond(LinkLayer layer, LaneSpeed speed, int lanes, int mtu);

/// A link that comes and goes: up for `up`, then without light for `down`, from `from` on. None when `down`
/// is zero.
struct FlapPlan {
    Duration up{};
    Duration down{};
    Instant from{};
    bool planned() const { return down > Duration{}; }
    bool operator==(const FlapPlan&) const = default;
};
BOOST_DESCRIBE_STRUCT(FlapPlan, (), (up, down, from))

/// What is wrong with a cable. The default is a healthy one.
struct CableCondition {
    bool broken = false;                ///< no light at all
    double bitErrorRatio = 0;           ///< after error correction
    double symbolErrorsPerSecond = 0;   ///< seen at both ends: a dirty or ageing optic
    double recoveriesPerSecond = 0;     ///< link error recoveries
    Duration recoveryTime{};            ///< each stops the link for so long
    int lanes = 4;                      ///< those that work
    LaneSpeed fastest = LaneSpeed::Xdr; ///< that it can be trained to
    FlapPlan flap;
    bool operator==(const CableCondition&) const = default;
};
BOOST_DESCRIBE_STRUCT(CableCondition, (),
                      (broken, bitErrorRatio, symbolErrorsPerSecond, recoveriesPerSecond, recoveryTime, lanes,
                       fastest, flap))

struct Cable {
    PortId a;
    PortId b;
    double lengthMeters = 0;
    CableCondition condition;
    bool dark = false;    ///< in the down part of its flap plan
    Instant changesAt{};  ///< the flap plan's next change
    bool trained = false; ///< both ends say LinkUp
    Instant trainedAt{};  ///< when training ends; kNever when it does not run
    bool operator==(const Cable&) const = default;
};
BOOST_DESCRIBE_STRUCT(Cable, (), (a, b, lengthMeters, condition, dark, changesAt, trained, trainedAt))

constexpr Instant kNever = Instant::max();

/// One direction of a cable: cable * 2, plus 1 from end b to end a.
using Channel = std::uint32_t;

} // namespace sim::net::rdma
