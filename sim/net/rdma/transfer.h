#pragma once

#include "sim/net/rdma/link.h"
#include "sim/net/rdma/queue_pair.h"

#include <array>

namespace sim::net::rdma {

/// Why packets do not get from one device to another.
enum class Reach : std::uint8_t {
    Reachable,
    PortDown,      ///< one of the two ports has no link or no power
    NotConfigured, ///< one of the two ports waits for a subnet manager
    NoRoute,       ///< no forwarding entry
    DeadLink,      ///< the forwarding tables lead over a link that is down
    Partition,     ///< no common P_Key with a full member
    ServiceLevel,  ///< a service level that the fabric does not carry
    AddressFamily, ///< RoCE: the GID of the chosen index is link-local, v1 or missing, and the other end is
                   ///< another switch's
};

/// What an owner asks for: one queue pair's worth of RDMA writes, as long as it runs.
struct TransferRequest {
    DeviceId from;
    DeviceId to;
    double offeredBytesPerSecond = 0; ///< payload that the sender has to send; 0: as much as goes
    std::uint8_t serviceLevel = 0;    ///< InfiniBand
    std::uint8_t trafficClass = 0;    ///< RoCE: the IP header's traffic class byte; 106 is DSCP 26
    int gidIndex = -1;                ///< RoCE: -1 takes the first RoCE v2 address with an IPv4 address
    std::uint32_t entropy = 0;        ///< RoCE: the UDP source port's share in the hash of equal paths
    bool gpuMemory = true;            ///< both ends in GPU memory; false: in host memory
    double messageBytes = 524288;     ///< of one RDMA write: NCCL's P2P chunk
    QueuePair pair;
    bool operator==(const TransferRequest&) const = default;
};
BOOST_DESCRIBE_STRUCT(TransferRequest, (),
                      (from, to, offeredBytesPerSecond, serviceLevel, trafficClass, gidIndex, entropy,
                       gpuMemory, messageBytes, pair))

/// The ports' cables that a packet crosses, in order. Two tiers of switches: at most four.
struct Path {
    static constexpr int kMost = 4;
    std::array<Channel, kMost> channels{};
    int hops = 0;
    bool operator==(const Path&) const = default;
    const Channel* begin() const { return channels.data(); }
    const Channel* end() const { return channels.data() + hops; }
};
BOOST_DESCRIBE_STRUCT(Path, (), (hops))

enum class TransferState : std::uint8_t { Moving, Stalled, Failed };

struct Transfer {
    TransferId id;
    TransferRequest request;
    TransferState state = TransferState::Stalled;
    Reach reach = Reach::NoRoute;
    Path path;
    double bytesPerSecond = 0;     ///< payload that arrives in order
    double sentBytesPerSecond = 0; ///< payload that leaves the sender, retransmissions included
    double lossRatio = 0;          ///< of packets on their way
    double cnpPerSecond = 0;       ///< congestion notifications that slow the sender
    bool victim = false;           ///< waits behind somebody else's congestion
    double bytesDelivered = 0;     ///< until `settledAt`
    Instant settledAt{};
    Instant stalledSince{}; ///< while Stalled
    bool operator==(const Transfer&) const = default;
    void addTo(Fingerprint& f) const;
};

/// A queue pair gave up.
struct Completion {
    TransferId transfer;
    Instant at{};
    int status = kRetryExceededStatus;
    int vendorError = kRetryExceededVendorError;
    bool operator==(const Completion&) const = default;
};
BOOST_DESCRIBE_STRUCT(Completion, (), (transfer, at, status, vendorError))

/// A line for a host's kernel log.
struct Notice {
    HostId host;
    Instant at{};
    std::string text;
    bool operator==(const Notice&) const = default;
};
BOOST_DESCRIBE_STRUCT(Notice, (), (host, at, text))

} // namespace sim::net::rdma
