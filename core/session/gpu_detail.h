#pragma once

#include "core/session/host_detail.h"
#include "core/session/training_detail.h"
#include "sim/net/rdma/link.h"

// What the window's views into GPUs, their machines and their network show, as host_detail.h does it for one machine: only what
// a view asks for, a function of the world's state, and nothing that tools and monitoring would not tell.
namespace sim::net::rdma {
class Fabric;
}
namespace core::session {

/// What the open view wants to see.
struct GpuInterest {
    bool racks = false;
    bool node = false;
    bool fabric = false;
    std::string host; ///< of node; empty: the first machine with GPUs
    std::string from; ///< of fabric: "gpu-1:3", machine and rail; empty: no path
    std::string to;
    TrainingInterest training;
    bool operator==(const GpuInterest&) const = default;
};

/// Why the driver of a machine tells nothing of its GPUs. Its management controller still answers.
enum class Silence : std::uint8_t { None, Off, Network, Driver };

/// One module, as nvidia-smi tells it; its temperature also as the management controller does.
struct GpuFigures {
    enum class State : std::uint8_t { Working, Lost, Uninitialised, Absent, Silent };
    int slot = 0;    ///< from 0; the first four sit in front, in the cold air
    int number = -1; ///< nvidia-smi's; -1: it has none
    State state = State::Working;
    std::optional<double> temperatureC;
    double maxC = 0; ///< from here on the driver lowers clocks
    // Working ones only, from here on:
    double powerW = 0;
    double limitW = 0;
    int smMHz = 0;
    int maxSmMHz = 0;
    std::uint64_t reasons = 0; ///< clocks event reasons (sim/gpu/operating_point.h)
    double utilisation = 0;    ///< 0..1
    std::int64_t lastXid = 0;  ///< since the driver was loaded; 0: none. Of lost ones too
    sim::Health health = sim::Health::Ok;
};

struct FanReading {
    std::optional<double> rpm; ///< none: the machine is off
    bool ok = true;            ///< above the controller's lower limit
};

struct SupplyReading {
    double inputW = 0;
    bool ok = true;
};

/// What the management controller of a chassis tells.
struct ChassisReading {
    double inletC = 0;
    std::optional<double> exhaustC; ///< none: the machine is off
    std::vector<FanReading> fans;
    std::vector<SupplyReading> supplies;
    double inputW = 0;
    sim::Health health = sim::Health::Ok;
    int fansStill() const;
    int suppliesOut() const;
};

struct RackMachine {
    std::string name;
    std::string model; ///< "NVIDIA H100 80GB HBM3"
    int row = 0;
    Silence silence = Silence::None;
    ChassisReading chassis;
    std::vector<GpuFigures> gpus;
    Reading gpusRead, chassisRead;
};

/// As building management tells it. Why a unit stands still is written on its panel alone.
struct CoolingUnitDetail {
    std::string name;
    double capacityW = 0;
    bool running = true;
};

struct RackRow {
    std::string name;
    double coldAisleC = 0;
    double setpointC = 0;
    double heatW = 0;
    std::vector<CoolingUnitDetail> units;
};

struct RacksDetail {
    std::vector<RackRow> rows;
    std::vector<RackMachine> machines; ///< in the order in which they stand
    Reading roomRead;
};

struct NvLinkDetail {
    bool active = true;
    std::int64_t errors = 0; ///< CRC, replay and recovery
};

struct GpuProgram {
    std::int64_t pid = 0;
    std::string name;
    std::int64_t bytes = 0;
};

struct NodeGpu {
    GpuFigures figures;
    std::string model;
    std::string address; ///< "0000:18:00.0"
    int socket = 0;
    std::optional<double> memoryC;
    std::int64_t memoryUsedMiB = 0, memoryTotalMiB = 0;
    std::vector<GpuProgram> programs;
    std::int64_t correctable = 0, uncorrectable = 0; ///< ECC, since the driver was loaded
    bool remapPending = false, remapFailed = false;  ///< of memory rows
    std::string xidMeaning; ///< of the last Xid, from NVIDIA's catalogue
    std::string recovery;   ///< "GPU Recovery Action"; empty: None
    bool divided = false;   ///< MIG
    int pcieGeneration = 0, pcieMaxGeneration = 0, pcieWidth = 0, pcieMaxWidth = 0;
    std::vector<NvLinkDetail> links;
    bool pcieDegraded() const { return pcieGeneration < pcieMaxGeneration || pcieWidth < pcieMaxWidth; }
};

/// How a port or a cable of the compute network is, from best to worst.
enum class LinkState : std::uint8_t {
    Up,
    Degraded,   ///< fewer lanes or slower than both ends can
    Inactive,   ///< light, but nobody has configured it
    Disabled,   ///< by an administrator
    Down,
};

struct NodeNic {
    std::string name; ///< "mlx5_3"
    int rail = 0;
    int socket = 0;
    LinkState state = LinkState::Up;
    std::string rate;       ///< "400 Gb/sec (4X NDR)"
    std::string switchPort; ///< at the other end: "leaf-1-4/5"; empty: no light
    std::uint64_t errors = 0; ///< of all its port's error counters, without waits
};

struct NodeDetail {
    std::string name;
    Silence silence = Silence::None;
    std::string complaint; ///< what nvidia-smi says instead of figures; empty: it has figures
    std::string driver;    ///< "580.105.08"
    std::string fabric;    ///< state of the NVLink fabric: "Completed"
    std::int64_t cpus = 0;
    int sockets = 2;
    int nvSwitches = 0;
    ChassisReading chassis;
    std::vector<NodeGpu> gpus;
    std::vector<NodeNic> nics;
    Reading gpusRead, insideRead, nicsRead, chassisRead;
};

/// All cables between a leaf and a spine.
struct FabricBundle {
    int leaf = 0, spine = 0; ///< in FabricDetail::switches
    int cables = 0, up = 0, degraded = 0, inactive = 0;
    int faulty = 0;         ///< cables of which an end counts errors
    double load = 0;        ///< 0..1, busier direction of all cables together
    double worstLoad = 0;   ///< of the fullest cable
    double bitsPerSecond = 0;
};

struct FabricSwitch {
    std::string name;
    bool spine = false;
    int unit = 0;
    int rail = 0;     ///< of a leaf; -1: all of its unit
    bool answers = true;
    int cables = 0, up = 0;
    int faulty = 0;   ///< ports that count errors
};

/// A machine's port on a rail, with the cable to its leaf.
struct FabricEnd {
    int machine = 0; ///< in FabricDetail::machines
    int rail = 0;
    std::string device;
    int leaf = 0;
    int leafPort = 0;
    LinkState state = LinkState::Up;
    std::string rate;
    double load = 0; ///< 0..1, busier direction
    double bitsPerSecond = 0; ///< that flow in it
    std::vector<std::string> errors; ///< "SymbolErrorCounter 2031", of both ends
};

struct FabricMachine {
    std::string name;
    int unit = 0;
    bool answers = true;
};

struct FabricHop {
    std::string from, to; ///< "gpu-1 mlx5_3", "leaf-1-4"
    double load = 0;
    double bitsPerSecond = 0; ///< that the cable carries at most
};

struct FabricPath {
    enum class Outcome : std::uint8_t {
        NoSuchEnd,
        SameEnd,
        Found,
        PortDown,
        NotConfigured,
        NoRoute,
        DeadLink,
        Unanswered, ///< all links are up, and yet nothing arrives
    };
    Outcome outcome = Outcome::Found;
    std::string from, to; ///< as asked for
    std::vector<FabricHop> hops;
    std::vector<int> switches; ///< that it crosses, in order
    double microseconds = 0;   ///< one way, a small message
};

struct FabricDetail {
    bool infiniBand = true;
    int rails = 0;
    std::vector<FabricMachine> machines;
    std::vector<FabricSwitch> switches;
    std::vector<FabricBundle> bundles;
    std::vector<FabricEnd> ends; ///< by machine, then rail
    std::optional<FabricPath> path;
    Reading linksRead, pathRead;
};

/// All that was asked for; the rest is null.
struct GpuDetail {
    std::vector<std::string> machines; ///< that have GPUs
    std::shared_ptr<const RacksDetail> racks;
    std::shared_ptr<const NodeDetail> node;
    std::shared_ptr<const FabricDetail> fabric;
    std::shared_ptr<const TrainingDetail> training;
};

/// What ibqueryerrors finds at a port. Waiting for credits is no error and not among it.
struct PortErrors {
    struct Count {
        const char* name; ///< "SymbolErrorCounter"
        std::uint64_t value = 0;
    };
    std::vector<Count> counts;
};

// What several views show of a port, and of a machine with GPUs.
LinkState linkStateOf(const sim::net::rdma::Fabric& fabric, sim::net::rdma::PortId port);
PortErrors errorsOf(const sim::net::rdma::Fabric& fabric, sim::net::rdma::PortId port);
Silence silenceOf(const sim::World& world, const sim::host::Machine& machine);
ChassisReading chassisOf(const sim::World& world, const sim::host::Machine& machine);
std::vector<GpuFigures> gpusOf(const sim::World& world, const sim::host::Machine& machine);
/// As its management controller answers (ipmitool sdr elist).
Reading chassisReadOf(const sim::World& world, const sim::host::Machine& machine, const ChassisReading& chassis);
/// What nvidia-smi prints there, if anybody can reach it.
std::string smiText(const sim::World& world, const sim::host::Machine& machine, const std::vector<std::string>& arguments);

// One function for each view.
RacksDetail racksOf(const sim::World& world);
NodeDetail nodeOf(const sim::World& world, const sim::host::Machine& machine); ///< Requires: it has GPUs.
FabricDetail fabricOf(const sim::World& world, const GpuInterest& interest);

/// Builds what is asked for, at LookPace.
class GpuDetailer {
public:
    std::shared_ptr<const GpuDetail> look(const sim::World& world, const GpuInterest& interest, bool still);
    void forget() { *this = GpuDetailer(); }

private:
    std::shared_ptr<const GpuDetail> m_last;
    std::shared_ptr<const GpuInterest> m_asked;
    LookPace m_pace;
};

} // namespace core::session
