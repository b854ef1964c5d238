#pragma once

#include "sim/training/model/parallelism.h"

namespace sim::training {

enum class Collective : std::uint8_t { AllReduce, ReduceScatter, AllGather, AllToAll, SendReceive };

/// One collective in one group. `bytes` is the whole array's size, as nccl-tests counts it: what every rank ends up with
/// (all-gather, all-reduce), starts from (reduce-scatter), or sends (all-to-all, send).
struct CollectiveCall {
    Collective collective = Collective::AllReduce;
    Group group = Group::Data;
    std::int64_t ranks = 1;
    std::int64_t stride = 1; ///< from a member's rank to the next
    double bytes = 0;
};

/// How long collectives take. The step model asks; whoever knows the fabric answers.
class CollectiveTimes {
public:
    virtual ~CollectiveTimes() = default;
    /// Seconds of one call when all members arrive together. Requires: call.ranks > 1.
    virtual double seconds(const CollectiveCall& call) const = 0;
    /// Whether the bytes leave the machine: they count as the network's, not NVLink's.
    virtual bool leavesMachine(const CollectiveCall& call) const = 0;
};

/// Rings over links of one bandwidth and latency inside a machine and another between machines: the usual first
/// approximation, for planning and tests.
class RingTimes final : public CollectiveTimes {
public:
    struct Links {
        std::int64_t devicesPerMachine = 8;
        double localBytesPerSecond = 0;   ///< that a ring inside a machine reaches ("bus bandwidth")
        double networkBytesPerSecond = 0; ///< of one device's share of the adapters
        double localSeconds = 0;          ///< of one step of a ring
        double networkSeconds = 0;
    };
    explicit RingTimes(Links links) : m_links(links) { }
    double seconds(const CollectiveCall& call) const override;
    bool leavesMachine(const CollectiveCall& call) const override;

private:
    Links m_links;
};

/// NCCL's plateaus: 20 GB/s a link of the third NVLink generation and 20.6 of the fourth (nccl, src/graph/topo.h), 12
/// links an A100 and 18 an H100; latencies of the ring with the Simple protocol (src/graph/tuning.cc).
RingTimes::Links a100Links(double networkBytesPerSecond);
RingTimes::Links h100Links(double networkBytesPerSecond);

} // namespace sim::training
