#pragma once

#include "sim/engine/copy_on_write.h"
#include "sim/net/rdma/counters.h"
#include "sim/net/rdma/device.h"
#include "sim/net/rdma/spec.h"
#include "sim/net/rdma/subnet.h"
#include "sim/net/rdma/transfer.h"

#include <map>
#include <string>
#include <vector>

namespace sim::net::rdma {

/// What one more transfer would get now.
struct Quote {
    Reach reach = Reach::NoRoute;
    double bytesPerSecond = 0;
    Duration latency{}; ///< one way, of a small message
    double lossRatio = 0;
    int mtu = 0; ///< that both ports use
};

/// The compute network of GPU nodes: devices, switches, cables, subnet management and the transfers that run.
/// Times only go forward: every change takes the instant at which it happens, not before now().
class Fabric {
public:
    static Fabric build(const FabricSpec& spec, Instant now = {});

    // What is there.
    LinkLayer layer() const { return m_layer; }
    Instant now() const { return m_now; }
    const std::vector<Device>& devices() const { return *m_devices; }
    const std::vector<Switch>& switches() const { return *m_switches; }
    const std::vector<Cable>& cables() const { return *m_cables; }
    const std::vector<Port>& ports() const { return *m_ports; }
    const std::map<HostId, HostSettings>& hosts() const { return *m_hosts; }
    const std::map<TransferId, Transfer>& transfers() const { return *m_transfers; }
    const Subnet& subnet() const { return m_subnet; }
    const Device& device(DeviceId id) const { return (*m_devices)[id.value]; }
    const Port& port(PortId id) const { return (*m_ports)[id.value]; }
    const Port& port(DeviceId id) const { return (*m_ports)[id.value]; }
    const Switch& switchOf(RdmaSwitchId id) const { return (*m_switches)[id.value]; }
    /// A host's devices in the order of their names.
    std::vector<DeviceId> devicesOf(HostId host) const;
    DeviceId find(HostId host, std::string_view deviceOrNetdev) const;
    DeviceId findLid(std::uint16_t lid) const;
    RdmaSwitchId findSwitch(std::string_view name) const;
    /// The port at the other end; none when nothing is plugged in.
    PortId peer(PortId port) const;
    bool linkUp(PortId port) const { return this->port(port).physical == PhysicalState::LinkUp; }
    /// The master's device; none.
    DeviceId masterDevice() const;
    /// How `sminfo` counts: one a heartbeat.
    std::int64_t activityCount(const SubnetManager& manager) const;

    // Paths.
    /// How packets of a transfer go now. The path is empty unless Reachable.
    Reach route(const TransferRequest& request, Path& path) const;
    Duration latency(const Path& path) const;
    Quote quote(const TransferRequest& request) const;

    // Counters at now().
    std::uint64_t counter(PortId port, PortCounter counter) const;
    std::uint64_t counter(DeviceId device, DeviceCounter counter) const;
    std::uint64_t counter(PortId port, int priority, PriorityCounter counter) const;
    double counterPerSecond(PortId port, PortCounter counter) const;
    void resetCounter(PortId port, PortCounter counter);
    /// Payload bytes per second that leave a port.
    double sentBytesPerSecond(PortId port) const;
    /// Payload bytes per second that fit in.
    double capacityBytesPerSecond(PortId port) const;
    double bytesDelivered(const Transfer& transfer) const;

    // Time. Between changes nothing is due and a call costs nothing.
    Instant nextDue() const { return m_nextDue; }
    void advance(Instant now);
    std::vector<Notice> takeNotices();
    std::vector<Completion> takeCompletions();

    // Transfers.
    TransferId start(Instant now, const TransferRequest& request);
    /// Many at once, for the price of one solution.
    std::vector<TransferId> start(Instant now, const std::vector<TransferRequest>& requests);
    void stop(Instant now, TransferId id);
    void stop(Instant now, const std::vector<TransferId>& ids);
    void offer(Instant now, TransferId id, double bytesPerSecond);
    void offer(Instant now, const std::vector<TransferId>& ids, double bytesPerSecond);
    /// A new queue pair after a failure.
    void restart(Instant now, TransferId id);

    // Changes.
    void setCondition(Instant now, CableId cable, const CableCondition& condition);
    void setDisabled(Instant now, PortId port, bool disabled);
    void setMtu(Instant now, PortId port, int mtu);
    void setQos(Instant now, PortId port, const Qos& qos);
    void setSwitchUp(Instant now, RdmaSwitchId id, bool up);
    void setPowered(Instant now, HostId host, bool powered);
    void setPkeys(Instant now, DeviceId device, std::vector<std::uint16_t> pkeys);
    void setGids(Instant now, DeviceId device, std::vector<Gid> gids);
    void setPcie(Instant now, DeviceId device, int generation, int lanes);
    /// A receiver that is slow (0: not), or hangs.
    void setReceiver(Instant now, DeviceId device, double drainBytesPerSecond, bool stalled);
    /// A receiver that hangs in bouts; an empty plan ends it.
    void setStalls(Instant now, DeviceId device, const FlapPlan& plan);
    void setWatchdog(Instant now, PortId port, const PauseWatchdog& watchdog);
    /// As the switch runs now is as it starts the next time.
    void saveConfiguration(RdmaSwitchId id);
    /// Back to what was saved.
    void loadConfiguration(Instant now, RdmaSwitchId id);
    void setHost(Instant now, HostId host, const HostSettings& settings);
    void setManager(Instant now, std::size_t index, bool running, std::uint8_t priority);
    void setServiceLevels(Instant now, std::uint16_t levels);
    void setAdaptiveRouting(Instant now, bool on);

    bool operator==(const Fabric&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct Solver;

    // link_states.cpp
    bool canLink(const Cable& cable) const;
    void updateLink(CableId id);
    void finishTraining(CableId id);
    void dropPort(PortId id);
    void activate(PortId id);
    void note(PortId port, std::string_view words);
    bool powered(PortId port) const;
    // watchdog.cpp
    bool paused(DeviceId device) const;
    void watchPauses();
    void settleStorms();
    // subnet.cpp
    void requestSweep();
    void chooseMaster(bool atOnce);
    bool canManage(std::size_t manager) const;
    void finishSweep();
    std::vector<bool> portsInReach(DeviceId from) const;
    void fillForwarding();
    // routing.cpp
    Reach endsMeet(const TransferRequest& request) const;
    using FlowCounts = std::vector<std::uint32_t>; ///< by channel
    FlowCounts flowCounts() const;
    Reach route(const TransferRequest& request, Path& path, const FlowCounts& flows) const;
    PortId uplink(RdmaSwitchId leaf, RdmaSwitchId toLeaf, std::uint64_t hash,
                  const FlowCounts* leastLoaded) const;
    PortId downlink(RdmaSwitchId spine, RdmaSwitchId toLeaf, std::uint64_t hash) const;
    Channel channelFrom(PortId port) const;
    // solve.cpp
    void solve();
    void settleTransfers();
    // changes.cpp
    void runAsSaved(RdmaSwitchId id);
    // fabric.cpp
    TransferId add(const TransferRequest& request);
    void changing(Instant now);
    void changed(bool routes);
    void handleDue();
    void updateNextDue();

    LinkLayer m_layer = LinkLayer::InfiniBand;
    Instant m_now{};
    Instant m_nextDue = kNever;
    CopyOnWrite<std::vector<Device>> m_devices;
    CopyOnWrite<std::vector<Switch>> m_switches;
    CopyOnWrite<std::vector<Cable>> m_cables;
    CopyOnWrite<std::vector<Port>> m_ports; ///< the devices' first, then each switch's
    CopyOnWrite<std::map<HostId, HostSettings>> m_hosts;
    CopyOnWrite<std::map<TransferId, Transfer>> m_transfers;
    std::uint32_t m_nextTransfer = 0;
    Subnet m_subnet;
    CounterTable m_portCounters;
    CounterTable m_deviceCounters;
    CounterTable m_priorityCounters;                ///< Ethernet; object: port * kPriorities + priority
    CopyOnWrite<std::vector<double>> m_channelLoad; ///< payload bytes per second by channel
    std::vector<Notice> m_notices;
    std::vector<Completion> m_completions;
    bool m_routesChanged = false;
};

const char* reachText(Reach reach); ///< one word, for tests and panes

} // namespace sim::net::rdma
