#pragma once

#include "sim/engine/engine.h"
#include "sim/gpu/driver.h"
#include "sim/gpu/gpu.h"
#include "sim/gpu/mps.h"
#include "sim/gpu/operating_point.h"
#include "sim/host/hosts.h"

#include <optional>
#include <string>
#include <vector>

namespace sim::gpu {

/// A line of the management controller's event log (ipmitool sel list).
struct SelEntry {
    Instant at{};
    std::string sensor; ///< "Power Supply PSU3"
    std::string event;  ///< "Failure detected"
    bool asserted = true;
    bool operator==(const SelEntry&) const = default;
};
BOOST_DESCRIBE_STRUCT(SelEntry, (), (at, sensor, event, asserted))

/// A machine with GPUs: chassis, driver, management controller.
struct Node {
    HostId host;
    std::int64_t row = 0;        ///< in Gpus::rows()
    Chassis chassis;
    Driver driver;
    HeatPath cooling;
    bool fabricReady = true;     ///< the fabric manager has set up the NVSwitches (nvidia-smi -q: Fabric State Completed)
    bool powerBrake = false;     ///< the supplies cannot carry the load: GPUs are told to halve their clocks
    Instant brakeUntil{};
    double busVolts = 54;
    double usualLimitW = 0;      ///< power limit of its GPUs that the site has agreed on
    bool pluginManaged = false;  ///< what the kubelet may give away is what a device plugin says; false: all that is there
    ContainerId plugin;          ///< that runs; none: the kubelet gives no GPU away
    std::int64_t registered = 0; ///< devices that the last plugin found at its start
    std::vector<GpuId> gpus;     ///< by slot
    std::vector<SelEntry> events;
    MpsControl mps;
    double takenJ = 0;           ///< electrical energy, since the start
    double givenJ = 0;           ///< heat into the room's air, since the start
    bool operator==(const Node&) const = default;
};
BOOST_DESCRIBE_STRUCT(Node, (),
                      (host, row, chassis, driver, cooling, fabricReady, powerBrake, brakeUntil, busVolts, usualLimitW, pluginManaged, plugin, registered, gpus, events, mps, takenJ, givenJ))

/// A GPU has gone: its programs get errors from now on.
struct Lost {
    GpuId gpu;
    int xid = 79; ///< 0: none anew, the device is still tainted
    bool operator==(const Lost&) const = default;
};

/// The GPUs of all machines with what feeds, cools and drives them. Power follows from activity and clocks, clocks from
/// limits and heat, heat from power and air; all of it once a second.
class Gpus {
public:
    GpuId add(Gpu gpu); ///< slots of a machine in order; makes its Node
    std::int64_t addRow(Row row);

    const std::vector<Gpu>& all() const { return m_gpus; }
    Gpu& at(GpuId id) { return m_gpus[id.value]; }
    const Gpu& at(GpuId id) const { return m_gpus[id.value]; }
    std::vector<GpuId> of(HostId host) const;
    const std::vector<Node>& nodes() const { return m_nodes; }
    /// Null: the machine has no GPUs.
    const Node* nodeOf(HostId host) const;
    Node* nodeOf(HostId host);
    struct Offer {
        std::int64_t devices = 0; ///< "nvidia.com/gpu" of a node's capacity
        std::int64_t usable = 0;  ///< of its allocatable
    };
    /// What the device plugin tells the kubelet; nothing when the machine has no GPUs or no plugin has found any.
    Offer offered(HostId host) const;
    const std::vector<Row>& rows() const { return m_rows; }
    std::vector<Row>& rows() { return m_rows; }

    void start(Engine& engine);
    void handle(Engine& engine, host::Hosts& hosts, const Event& event); ///< events of Part::Gpu

    /// A machine went off or came on.
    void onPower(Engine& engine, host::Hosts& hosts, HostId host, bool on);
    /// The module is loaded (again): settings and volatile counters start anew, remapped rows take effect.
    void loadDriver(Engine& engine, host::Hosts& hosts, HostId host);
    /// False: something holds a device (rmmod: "Module nvidia is in use").
    bool unloadDriver(HostId host);

    enum class ResetResult : std::uint8_t { Done, InUse, Lost };
    ResetResult reset(Engine& engine, host::Hosts& hosts, GpuId id);
    /// Writes the kernel's line, remembers the Xid, and lets the device plugin judge it.
    void report(Engine& engine, host::Hosts& hosts, GpuId id, int xid, const std::string& message, std::int64_t pid = 0,
                const std::string& process = {});
    /// Falls off the bus: Xid 79.
    void lose(Engine& engine, host::Hosts& hosts, GpuId id);
    /// An uncorrectable error of its memory: the program that met it ends.
    void spoilMemory(Engine& engine, host::Hosts& hosts, GpuId id);
    /// One of its L2 cache: nothing runs on it until it is reset.
    void spoilCache(Engine& engine, host::Hosts& hosts, GpuId id);
    /// NVLinks of it fail for good: Xid 74 for each, and they stay down until it is reset.
    void loseLinks(Engine& engine, host::Hosts& hosts, GpuId id, const std::vector<std::size_t>& links);

    enum class Admission : std::uint8_t { Admitted, Busy, OutOfMemory };
    /// A CUDA program of the machine makes its contexts; as a client when the MPS control daemon runs. Busy: the compute mode of a
    /// device forbids it, a device does not work, or the server has another user's clients.
    Admission admit(Engine& engine, host::Hosts& hosts, net::Network& network, HostProgram program);
    /// What an admitted program does from now on. Nothing happens when it is gone.
    void load(HostId host, std::int64_t pid, const Activity& activity, std::int64_t memoryBytes);
    const HostProgram* hostProgram(HostId host, std::int64_t pid) const;
    /// Puts the machine's own programs and its MPS server beside the containers' on their devices.
    void addHostPrograms();

    /// The control daemon has started as this process.
    void startMps(Engine& engine, host::Hosts& hosts, HostId host, std::int64_t pid);
    /// The server's process, made anew when there is none for that user; another user's ends for it once it has no clients. Requires:
    /// the control daemon runs. Nothing: another user's is there and has clients.
    std::optional<std::int64_t> mpsServer(Engine& engine, host::Hosts& hosts, net::Network& network, HostId host, const std::string& user, std::int64_t uid);
    void logMps(Engine& engine, host::Hosts& hosts, HostId host, const char* file, const char* who, std::int64_t pid, const std::string& text);
    /// Clients of the machine's server, by their numbers.
    std::vector<const HostProgram*> mpsClients(HostId host) const;
    /// A process of a machine has ended. Returns those that end because of it: a server's clients, a control daemon's server.
    std::vector<std::int64_t> onExit(Engine& engine, host::Hosts& hosts, HostId host, std::int64_t pid);
    /// The machine's own program that met an error which stays with it, as with the clients of its server: containers are spared. Null:
    /// the error spreads, or none of the machine's own programs met it.
    const HostProgram* containedBy(const Lost& lost) const;
    /// The machine's programs that an error of a device ends: the one that met it, all clients of one server together, and everybody
    /// where the error is not contained.
    std::vector<std::int64_t> endedBy(Engine& engine, host::Hosts& hosts, const Lost& lost);

    void logEvent(Engine& engine, HostId host, std::string sensor, std::string event, bool asserted = true);

    /// Since the last call, in order.
    std::vector<Lost> takeLost();

    bool operator==(const Gpus&) const = default;
    void addTo(Fingerprint& f) const;

private:
    static void resetSettings(Gpu& gpu); ///< clocks and power limit back to what the board has of itself
    /// The server is gone: what its end leaves in the logs, and nothing of it on the devices.
    void forgetServer(Engine& engine, host::Hosts& hosts, Node& node);
    void leaveDevices(const Node& node, std::int64_t pid);
    void tick(Engine& engine, host::Hosts& hosts);
    void run(Engine& engine, host::Hosts& hosts, Node& node, Gpu& gpu, bool on);
    void feed(Engine& engine, Node& node, bool on);
    void cool(Engine& engine, Node& node);
    void logCrossing(Engine& engine, const Node& node, const std::string& sensor, const char* event, bool beyond);
    void enumerate(Engine& engine, host::Hosts& hosts, Node& node, Gpu& gpu);
    void reportErrors(Engine& engine, host::Hosts& hosts, GpuId id, const std::vector<int>& xids, const std::string& place);

    std::vector<Gpu> m_gpus;
    std::vector<Node> m_nodes;
    std::vector<Row> m_rows;
    std::vector<HostProgram> m_hostPrograms; ///< in the order of their starts
    std::vector<Lost> m_lost;
};
} // namespace sim::gpu
