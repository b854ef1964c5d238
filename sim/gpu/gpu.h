#pragma once

#include "sim/engine/ids.h"
#include "sim/engine/random.h"
#include "sim/engine/time.h"
#include "sim/gpu/activity.h"
#include "sim/gpu/board.h"
#include "sim/gpu/cooling.h"
#include "sim/gpu/memory_errors.h"
#include "sim/gpu/xid.h"

#include <string>
#include <vector>

namespace sim::gpu {

/// What is wrong with a module itself: it goes with the card into another slot.
struct CardDefect {
    double fallsOffPerSecond = 0;     ///< while it works
    bool failsInitialisation = false; ///< the driver cannot start it
    double correctablePerSecond = 0;  ///< ECC errors, while memory is used
    double uncorrectablePerSecond = 0;
    std::int64_t weakBank = -1;       ///< where its uncorrectable errors fall; -1: anywhere
    double sramPerSecond = 0;         ///< uncorrectable errors of its L2 cache, while it works
    bool operator==(const CardDefect&) const = default;
};
BOOST_DESCRIBE_STRUCT(CardDefect, (), (fallsOffPerSecond, failsInitialisation, correctablePerSecond, uncorrectablePerSecond, weakBank, sramPerSecond))

/// A module that can be taken out, and all that goes with it.
struct Card {
    std::string serial; ///< "1652823054012"
    std::string uuid;   ///< "GPU-..."
    MemoryErrors errors;
    Heat heat;
    CardDefect defect;
    bool operator==(const Card&) const = default;
};
BOOST_DESCRIBE_STRUCT(Card, (), (serial, uuid, errors, heat, defect))

/// One as it comes out of its box: no two have quite the same paste. At the temperature of the cold aisle.
Card newCard(RandomStream& random);

/// Where a card sits: what stays when it is taken out.
struct Slot {
    /// Below, lanes fail: the link trains at half its width or less, and what is spoilt is sent again.
    static constexpr double kGoodContact = 0.95;
    static constexpr double kGoodFeedOhms = 0.004;
    std::string busId;        ///< "00000000:18:00.0"
    double contact = 1;       ///< share of the PCIe lanes' contacts that hold, 0..1
    double feedOhms = kGoodFeedOhms; ///< of the 54 V connector
    double volts = 54;        ///< at the card
    std::int64_t generation = 5; ///< that the link trained at
    std::int64_t width = 16;
    std::int64_t replays = 0;    ///< PCIe TLPs sent again since the driver was loaded
    std::int64_t correctedErrors = 0; ///< AER, since the boot
    bool operator==(const Slot&) const = default;
};
BOOST_DESCRIBE_STRUCT(Slot, (), (busId, contact, feedOhms, volts, generation, width, replays, correctedErrors))

struct NvLink {
    bool active = true;
    double crcPerSecond = 0; ///< flits that a bad cable or board trace spoils
    std::int64_t crcErrors = 0;
    std::int64_t replayErrors = 0;
    std::int64_t recoveryErrors = 0;
    bool operator==(const NvLink&) const = default;
};
BOOST_DESCRIBE_STRUCT(NvLink, (), (active, crcPerSecond, crcErrors, replayErrors, recoveryErrors))

/// A program with a context on a device.
struct GpuProcess {
    std::int64_t pid = 0; ///< of the machine
    std::string name;     ///< as nvidia-smi prints it: argv[0]
    std::int64_t memoryBytes = 0; ///< context included
    Activity activity;
    bool mpsClient = false;       ///< its work goes by an MPS server: type M+C
    bool operator==(const GpuProcess&) const = default;
};
BOOST_DESCRIBE_STRUCT(GpuProcess, (), (pid, name, memoryBytes, activity, mpsClient))

/// A part of a device under MIG: a GPU instance with one compute instance over all of it.
struct MigInstance {
    std::int64_t id = 0;      ///< GPU instance ID
    std::int64_t profile = 0; ///< of nvidia-smi mig -lgip: 19, 14, 9, 5, 0 ...
    std::int64_t start = 0;   ///< placement in memory slices
    std::int64_t size = 0;
    bool computeInstance = false;
    std::string uuid;         ///< "MIG-..."
    bool operator==(const MigInstance&) const = default;
};
BOOST_DESCRIBE_STRUCT(MigInstance, (), (id, profile, start, size, computeInstance, uuid))

/// What an administrator has set with nvidia-smi; lost when the driver is loaded anew. Power limit and locked clocks also go with a
/// reset, and without persistence as soon as no program holds the device.
struct GpuSettings {
    double powerLimitW = 700;
    std::int64_t lockedMHz = 0; ///< -lgc's upper bound; 0: none
    bool persistence = true;
    std::string computeMode = "Default";
    bool migPending = false;
    bool migCurrent = false;
    bool eccPending = true;
    bool operator==(const GpuSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(GpuSettings, (), (powerLimitW, lockedMHz, persistence, computeMode, migPending, migCurrent, eccPending))

/// What the device does now, and what it has counted since the driver was loaded.
struct Readings {
    std::int64_t smMHz = 0;
    double powerW = 0;
    std::uint64_t reasons = 0;   ///< clocks event reasons (operating_point.h)
    Activity activity;           ///< of all its programs
    double energyJ = 0;
    // Microseconds that clocks were held for a reason.
    double powerCapUs = 0;
    double swThermalUs = 0;
    double hwThermalUs = 0;
    double powerBrakeUs = 0;
    double nvlinkTxBytes = 0;
    double nvlinkRxBytes = 0;
    double pcieTxBytes = 0;
    double pcieRxBytes = 0;
    bool operator==(const Readings&) const = default;
};
BOOST_DESCRIBE_STRUCT(Readings, (),
                      (smMHz, powerW, reasons, activity, energyJ, powerCapUs, swThermalUs, hwThermalUs, powerBrakeUs, nvlinkTxBytes,
                       nvlinkRxBytes, pcieTxBytes, pcieRxBytes))

/// One GPU of a machine: a card in a slot, as the driver knows it.
struct Gpu {
    enum class Presence : std::uint8_t {
        Working,
        Lost,        ///< fell off the bus (Xid 79): config space reads all ones until the next power cycle
        Uninitialised, ///< on the bus, but the driver could not start it
        Absent,      ///< not found when the bus was walked at boot
    };
    GpuId id;
    HostId host;
    std::int64_t index = 0;   ///< of its slot, from 0: nvidia-smi's number while all of the machine's are there
    std::int64_t board = 0;   ///< in boards()
    Presence presence = Presence::Working;
    Slot slot;
    Card card;
    GpuSettings settings;
    Readings now;
    std::vector<NvLink> links;
    std::vector<GpuProcess> processes;
    std::vector<MigInstance> instances;
    std::int64_t lastXid = 0;       ///< since the driver was loaded; 0: none (DCGM_FI_DEV_XID_ERRORS)
    RecoveryAction recovery = RecoveryAction::None;
    bool tainted = false;           ///< an uncontained error: until it is reset, what runs on it meets the error again
    bool hung = false;              ///< a kernel never ends: its programs stand still and it takes no more work
    std::int64_t thermalMHz = 0;    ///< the driver's cap against heat; 0: none
    bool healthy = true;            ///< for the device plugin that runs
    ContainerId owner;              ///< the container it is assigned to; none when free
    bool operator==(const Gpu&) const = default;

    const Board& kind() const { return boards()[static_cast<std::size_t>(board)]; }
    bool working() const { return presence == Presence::Working; }
    std::int64_t memoryTotalBytes() const { return kind().memoryMiB << 20; }
    std::int64_t memoryUsedBytes() const; ///< by programs
    double temperatureC() const { return card.heat.dieC; }
    /// Of the highest clock: what its programs' compute runs at. 0 when it does not work.
    double clockFactor() const;
    std::int64_t activeLinks() const;
    /// "0000:18:00", as Xid lines name it.
    std::string xidBus() const { return slot.busId.substr(4, slot.busId.size() - 6); }
    /// "0000:18:00.0", as lspci and sysfs name it (lower case).
    std::string pciAddress() const;
};
BOOST_DESCRIBE_STRUCT(Gpu, (),
                      (id, host, index, board, presence, slot, card, settings, now, links, processes, instances, lastXid, recovery, tainted, hung,
                       thermalMHz, healthy, owner))

} // namespace sim::gpu
