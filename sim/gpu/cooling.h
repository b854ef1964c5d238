#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sim::gpu {

/// Chip and heat sink of one GPU: two heat capacities in a row, chip -> sink -> air.
struct Heat {
    double dieC = 30;
    double sinkC = 28;
    double memoryC = 29;       ///< HBM beside the die; follows it, and holds no heat of its own account
    double pasteFactor = 1;    ///< of the resistance between chip and sink; dried paste: 2 and more
    double clogFactor = 1;     ///< of the resistance between sink and air; dust in the fins
    bool operator==(const Heat&) const = default;
};
BOOST_DESCRIBE_STRUCT(Heat, (), (dieC, sinkC, memoryC, pasteFactor, clogFactor))

/// How well a kind of board is cooled. Figures: README.md.
struct HeatPath {
    double dieOhms = 0.030;          ///< K/W, chip to sink
    double sinkOhms = 0.0156;        ///< K/W, sink to air at the full airflow
    double dieJoulesPerKelvin = 23;  ///< time constant of the chip 0.7 s
    double sinkJoulesPerKelvin = 1000;
    bool operator==(const HeatPath&) const = default;
};
BOOST_DESCRIBE_STRUCT(HeatPath, (), (dieOhms, sinkOhms, dieJoulesPerKelvin, sinkJoulesPerKelvin))

/// What `seconds` of `powerW` do to chip and sink in air of `airC` with `flow` (share of the full airflow, above 0). Returns the
/// joules that went into the air; powerW * seconds = what it returns + what chip and sink hold more.
double heatUp(Heat& heat, const HeatPath& path, double powerW, double dramShare, double airC, double flow, double seconds);
/// Joules in chip and sink above 0 °C.
double storedJoules(const Heat& heat, const HeatPath& path);

struct Fan {
    double rpm = 0;
    bool failed = false;
    bool operator==(const Fan&) const = default;
};
BOOST_DESCRIBE_STRUCT(Fan, (), (rpm, failed))

struct PowerSupply {
    bool failed = false;
    double inputW = 0;
    bool operator==(const PowerSupply&) const = default;
};
BOOST_DESCRIBE_STRUCT(PowerSupply, (), (failed, inputW))

/// The air of an 8-GPU chassis. GPUs sit in two rows of four behind four columns of three fan modules: those at the back get
/// the air that those in front have warmed.
struct Chassis {
    static constexpr int kColumns = 4;
    static constexpr int kFansPerColumn = 3;
    static constexpr double kFullFlow = 0.65;         ///< of an 8U chassis
    static constexpr double kGpuShare = 0.6;          ///< of it, through the GPUs
    static constexpr double kFullRpm = 16000;
    static constexpr double kLowestDuty = 0.30;
    // Limits of the management controller's sensors.
    static constexpr double kLeastRpm = 1500;
    static constexpr double kLeastRpmCritical = 1000;
    static constexpr double kWarmInletC = 35;
    static constexpr double kHotInletC = 40;
    static constexpr double kSupplyW = 3300;          ///< of one power supply
    std::vector<Fan> fans = std::vector<Fan>(kColumns * kFansPerColumn);
    std::vector<PowerSupply> supplies;
    double duty = kLowestDuty;   ///< what the management controller asks of the fans, 0..1
    double filterFlow = 1;       ///< share of the air that the dust in front of the fans lets through
    double inletC = 22;
    double exhaustC = 30;
    double otherW = 1900;        ///< CPUs, memory, NICs, drives, fans
    double recirculation = 0.06; ///< share of its own exhaust's warmth that comes round to its front; more at the end of a row
    double fullFlow = kFullFlow; ///< m³/s with all fans at full duty
    double dutyCap = 1;          ///< of the controller: a wrong fan profile holds it down
    bool operator==(const Chassis&) const = default;

    /// Share of the full airflow that passes a column, 0..1: its own fans give three quarters, the plenum evens out the rest.
    double columnFlow(int column) const;
    /// The next second of the fan controller, which goes by the hottest GPU.
    void turnFans(double hottestC, double seconds);
    int workingSupplies() const;
};
BOOST_DESCRIBE_STRUCT(Chassis, (), (fans, supplies, duty, filterFlow, inletC, exhaustC, otherW, recirculation, fullFlow, dutyCap))

struct CoolingUnit {
    std::string name; ///< "crac-1"
    double capacityW = 60e3;
    bool running = true;
    std::string note; ///< why it does not run, as its panel says it
    bool lockedOut = false; ///< somebody works on it, and nobody else may start it
    bool operator==(const CoolingUnit&) const = default;
};
BOOST_DESCRIBE_STRUCT(CoolingUnit, (), (name, capacityW, running, note, lockedOut))

/// A row of racks with its cooling units: the room that chassis breathe.
struct Row {
    std::string name = "row-1";
    std::vector<CoolingUnit> units;
    double setpointC = 22; ///< of the cold aisle
    double supplyC = 22;   ///< cold aisle
    double joulesPerKelvin = 400e3;
    double heatW = 0;      ///< given off by its machines in the last second
    double removedJ = 0;   ///< by the cooling units, since the start
    double takenJ = 0;     ///< from machines, since the start
    bool operator==(const Row&) const = default;
    /// One step: machines give off `heatJ`; the units take what holds the set point, as far as they can.
    void breathe(double heatJ, double seconds);
};
BOOST_DESCRIBE_STRUCT(Row, (), (name, units, setpointC, supplyC, joulesPerKelvin, heatW, removedJ, takenJ))

} // namespace sim::gpu
