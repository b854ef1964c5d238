#pragma once

#include "sim/net/rdma/fabric.h"

#include <array>
#include <vector>

namespace sim::net::rdma {

/// One solution of what all transfers get now, and what it does to ports and counters. Lives for one call of
/// Fabric::solve.
///
/// Rates start from max-min fair shares, which credits on InfiniBand and DCQCN on RoCE come close to. Then:
///  - Who is slowed by a port that marks (ECN) only gets notifications.
///  - Where every hop before the slow place pauses (credits, PFC), queues grow back to the senders, and who
///  crosses a
///    paused hop in the same class waits in the same queue: a FIFO gives its flows rates in the ratio of what
///    they offer.
///  - A sender's average may fit where its bursts, at the rate of its own port, do not: at a full port they wait in the queue, and
///  where the switch cannot ask for a pause, part of them is lost.
///  - Where a hop does not pause, packets are dropped, and a reliable connection sends everything after a
///  lost packet
///    again (go-back-N: Bertsekas & Gallager, Data Networks, 2.4.1).
struct Fabric::Solver {
    explicit Solver(Fabric& fabric);

    struct Flow {
        Transfer* transfer = nullptr;
        std::array<std::uint32_t, 10>
            channels{}; ///< NIC and host of the sender, cables, NIC and host of the receiver
        int channelCount = 0;
        int firstCable = 0;
        int hops = 0;
        double mtu = 0;
        std::uint8_t trafficClass = 0;          ///< that its packets carry: RoCE v1 has no IP header to carry one
        double offered = 0;                     ///< what would leave if the network took all
        double rate = 0;                        ///< what leaves
        std::array<double, Path::kMost> sent{}; ///< on each hop
        int slowAt = -1;    ///< index into channels of what limits it, when that is not its own sender
        int pausedHops = 0; ///< leading hops that pause because of it
        int lossyHop = -1;  ///< the hop that should have paused and does not
        bool marked = false;
        int burstHop = -1;       ///< before which parts of its bursts are lost, though on average it fits
        double queueSeconds = 0; ///< that a burst waits there
        double dropRatio = 0;
        double errorRatio = 0; ///< of packets hit by bit errors
    };

    void route();
    void share();
    void offer();
    void findSlow();
    void classify();
    void spreadPauses();
    void drop();
    void publish();

private:
    void addFlow(Transfer& transfer);
    bool pauses(const Flow& flow, int hop) const; ///< the receiving end of a hop pauses its sender
    PortId sender(const Flow& flow, int hop) const;
    PortId receiver(const Flow& flow, int hop) const;
    int priorityAt(const Flow& flow, PortId port) const;
    /// The priority of the queue that a hop is sent from: a switch sorts by the port that a packet came in through.
    int queueOf(const Flow& flow, int hop) const;
    int classOn(const Flow& flow, int hop) const;
    bool givenUp(const Flow& flow) const; ///< a watchdog has stopped to wait for its receiver
    void loseBursts(Flow& flow) const;
    double window(const Flow& flow) const;
    double goodputShare(const Flow& flow, double lossRatio) const;
    void discard(const Flow& flow, int hop, double packets); ///< a second, before it
    void countHops(const Flow& flow);
    void countEnds(const Flow& flow, double goodput);
    void countPauses();
    void countErrors();
    double& portRate(PortId port, PortCounter counter);
    double& deviceRate(DeviceId device, DeviceCounter counter);
    double& priorityRate(PortId port, int priority, PriorityCounter counter);

    Fabric& m_fabric;
    std::uint32_t m_deviceChannels; ///< the first channel after the cables'
    std::vector<double> m_capacity; ///< bytes per second by channel
    std::vector<double> m_load;
    std::vector<Flow> m_flows;
    std::vector<double>* m_portRates;
    std::vector<double>* m_deviceRates;
    std::vector<double>* m_priorityRates = nullptr;
};

} // namespace sim::net::rdma
