// Columns as ipmitool 1.8.18 prints them (ipmi_sdr.c, ipmi_sensor.c, ipmi_sel.c and ipmi_dcmi.c lay them out so).
#include "core/shell/commands/gpu/bmc.h"

#include "sim/host/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace core::shell::gpu {

namespace {

using sim::gpu::Gpu;

/// A sensor record with its thresholds; those that it has not are NaN.
struct Sensor {
    enum class Kind : std::uint8_t { Temperature, Fan, Power, Voltage, Supply };
    std::string name;
    int number = 0;
    int entity = 0; ///< of the entity ID table: 7 board, 10 power supply, 29 fan, 11 add-in card, 55 air inlet
    int instance = 1;
    Kind kind = Kind::Temperature;
    std::optional<double> value;
    int decimals = 0;
    double lowCritical = std::nan("");
    double low = std::nan("");
    double high = std::nan("");
    double highCritical = std::nan("");
    bool failed = false; ///< of a supply

    const char* unit() const
    {
        switch (kind) {
        case Kind::Temperature: return "degrees C";
        case Kind::Fan: return "RPM";
        case Kind::Power: return "Watts";
        case Kind::Voltage: return "Volts";
        case Kind::Supply: return "discrete";
        }
        return "";
    }
    const char* type() const
    {
        switch (kind) {
        case Kind::Temperature: return "Temperature";
        case Kind::Fan: return "Fan";
        case Kind::Power: return "Power Supply";
        case Kind::Voltage: return "Voltage";
        case Kind::Supply: return "Power Supply";
        }
        return "";
    }
    const char* state() const
    {
        if (kind == Kind::Supply)
            return "ok";
        if (!value)
            return "ns";
        if (*value < lowCritical || *value > highCritical) // false for NaN
            return "cr";
        return *value < low || *value > high ? "nc" : "ok";
    }
};

constexpr double kLowRail = 51;
constexpr double kLowRailCritical = 48;

std::vector<Sensor> sensorsOf(const sim::gpu::Gpus& gpus, const sim::gpu::Node& node, bool on)
{
    using Kind = Sensor::Kind;
    const sim::gpu::Chassis& chassis = node.chassis;
    const auto live = [on](double value) { return on ? std::optional(value) : std::nullopt; };
    std::vector<Sensor> sensors;
    sensors.push_back({.name = "Inlet Temp", .number = 0x01, .entity = 55, .kind = Kind::Temperature, .value = chassis.inletC, .high = sim::gpu::Chassis::kWarmInletC, .highCritical = sim::gpu::Chassis::kHotInletC});
    sensors.push_back({.name = "Exhaust Temp", .number = 0x02, .entity = 7, .kind = Kind::Temperature, .value = live(chassis.exhaustC), .high = kWarmExhaust, .highCritical = kHotExhaust});
    int i = 0;
    for (const sim::gpu::Fan& fan : chassis.fans) {
        constexpr double kRpmStep = 100; // what a byte of reading resolves
        sensors.push_back({.name = fmt::format("FAN{}", i + 1), .number = 0x41 + i, .entity = 29, .instance = i + 1, .kind = Kind::Fan,
                           .value = live(std::round(fan.rpm / kRpmStep) * kRpmStep), .lowCritical = sim::gpu::Chassis::kLeastRpmCritical, .low = sim::gpu::Chassis::kLeastRpm});
        ++i;
    }
    i = 0;
    for (const sim::gpu::PowerSupply& supply : chassis.supplies) {
        sensors.push_back({.name = fmt::format("PSU{} Status", i + 1), .number = 0x61 + i, .entity = 10, .instance = i + 1, .kind = Kind::Supply, .value = 0, .failed = supply.failed});
        sensors.push_back({.name = fmt::format("PSU{} Input", i + 1), .number = 0x71 + i, .entity = 10, .instance = i + 1, .kind = Kind::Power,
                           .value = std::round(supply.inputW), .highCritical = sim::gpu::Chassis::kSupplyW});
        ++i;
    }
    i = 0;
    for (const sim::GpuId id : node.gpus) {
        const Gpu& gpu = gpus.at(id);
        // The controller asks a module over its own bus; one that is gone does not answer.
        const bool answers = on && gpu.presence != Gpu::Presence::Absent && gpu.presence != Gpu::Presence::Lost;
        const auto of = [answers](double value) { return answers ? std::optional(value) : std::nullopt; };
        sensors.push_back({.name = fmt::format("GPU{} Temp", gpu.index), .number = 0x81 + i, .entity = 11, .instance = i + 1, .kind = Kind::Temperature,
                           .value = of(gpu.temperatureC()), .high = gpu.kind().maxOperatingC, .highCritical = gpu.kind().slowdownC});
        sensors.push_back({.name = fmt::format("GPU{} Mem Temp", gpu.index), .number = 0x91 + i, .entity = 11, .instance = i + 1, .kind = Kind::Temperature,
                           .value = of(gpu.card.heat.memoryC), .highCritical = gpu.kind().memoryMaxC});
        sensors.push_back({.name = fmt::format("GPU{} 54V", gpu.index), .number = 0xa1 + i, .entity = 11, .instance = i + 1, .kind = Kind::Voltage,
                           .value = gpu.presence == Gpu::Presence::Absent || !on ? std::nullopt : std::optional(gpu.slot.volts), .decimals = 2,
                           .lowCritical = kLowRailCritical, .low = kLowRail});
        ++i;
    }
    return sensors;
}

std::string reading(const Sensor& sensor)
{
    if (sensor.kind == Sensor::Kind::Supply)
        return sensor.failed ? "Presence detected, Failure detected" : "Presence detected";
    return sensor.value ? fmt::format("{:.{}f} {}", *sensor.value, sensor.decimals, sensor.unit()) : "No Reading";
}

/// "sdr", "sdr list": names and readings alone.
std::string sdrList(const std::vector<Sensor>& sensors)
{
    std::string text;
    for (const Sensor& sensor : sensors) {
        const std::string value = sensor.kind == Sensor::Kind::Supply ? (sensor.failed ? "0x03" : "0x01") : sensor.value ? reading(sensor) : "no reading";
        text += fmt::format("{:<16} | {:<17} | {}\n", sensor.name, value, sensor.state());
    }
    return text;
}

/// "sdr elist", "sdr type ...": with number and entity.
std::string sdrLong(const std::vector<Sensor>& sensors, const std::string& type)
{
    std::string text;
    for (const Sensor& sensor : sensors)
        if (type.empty() || type == sensor.type())
            text += fmt::format("{:<16} | {:02X}h | {:<3} | {:2}.{} | {}\n", sensor.name, sensor.number, sensor.state(), sensor.entity, sensor.instance, reading(sensor));
    return text;
}

std::string sensorTable(const std::vector<Sensor>& sensors)
{
    const auto number = [](double value) { return std::isnan(value) ? std::string("na") : fmt::format("{:.3f}", value); };
    std::string text;
    for (const Sensor& s : sensors) {
        if (s.kind == Sensor::Kind::Supply) {
            text += fmt::format("{:<16} | {:<10} | {:<10} | {:<6}| {:<10}| {:<10}| {:<10}| {:<10}| {:<10}| {:<10}\n", s.name, s.failed ? "0x3" : "0x1", s.unit(),
                                s.failed ? "0x0380" : "0x0180", "na", "na", "na", "na", "na", "na");
            continue;
        }
        text += fmt::format("{:<16} | {:<10} | {:<10} | {:<6}| {:<10}| {:<10}| {:<10}| {:<10}| {:<10}| {:<10}\n", s.name, s.value ? number(*s.value) : "na", s.unit(),
                            s.value ? s.state() : "na", "na", number(s.lowCritical), number(s.low), number(s.high), number(s.highCritical), "na");
    }
    return text;
}

/// "Power Supply PSU3" -> "Power Supply #0x63", as the list without the sensors' names has it.
std::string numbered(const std::string& sensor, const std::vector<Sensor>& sensors)
{
    constexpr int kBootSensor = 0xe0;
    const std::size_t space = sensor.rfind(' ');
    const std::string component = space == std::string::npos ? sensor : sensor.substr(space + 1);
    const auto known = std::find_if(sensors.begin(), sensors.end(), [&](const Sensor& s) { return s.name.starts_with(component + " "); });
    if (known != sensors.end())
        return fmt::format("{} #0x{:02x}", sensor.substr(0, space), known->number);
    return fmt::format("{} #0x{:02x}", component.find('_') == std::string::npos ? sensor : sensor.substr(0, space), kBootSensor);
}

std::string eventLog(const sim::gpu::Node& node, const std::vector<Sensor>& sensors, bool names)
{
    std::string text;
    int record = 0;
    for (const sim::gpu::SelEntry& entry : node.events) {
        const sim::host::Calendar at = sim::host::calendarOf(entry.at);
        text += fmt::format("{:4x} | {:02}/{:02}/{:04} | {:02}:{:02}:{:02} | {} | {} | {}\n", ++record, at.month, at.day, at.year, at.hour, at.minute, at.second,
                            names ? entry.sensor : numbered(entry.sensor, sensors), entry.event, entry.asserted ? "Asserted" : "Deasserted");
    }
    return text.empty() ? "SEL has no entries\n" : text;
}

std::string powerReading(const sim::gpu::Node& node, sim::Instant now)
{
    constexpr const char* kDays[]{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* kMonths[]{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    double watts = 0;
    for (const sim::gpu::PowerSupply& supply : node.chassis.supplies)
        watts += supply.inputW;
    const sim::host::Calendar at = sim::host::calendarOf(now);
    // The supplies' power is known of the last second, so the sampling period is that.
    return fmt::format("\n    Instantaneous power reading:              {0:8.0f} Watts\n    Minimum during sampling period:           {0:8.0f} Watts\n"
                       "    Maximum during sampling period:           {0:8.0f} Watts\n    Average power reading over sample period: {0:8.0f} Watts\n"
                       "    IPMI timestamp:                           {1} {2} {3:2} {4:02}:{5:02}:{6:02} {7}\n    Sampling period:                          00000001 Seconds.\n"
                       "    Power reading state is:                   activated\n\n\n",
                       watts, kDays[at.weekday], kMonths[at.month - 1], at.day, at.hour, at.minute, at.second, at.year);
}

BmcAnswer sdr(const std::vector<Sensor>& sensors, const std::vector<std::string>& words)
{
    const std::string verb = words.size() > 1 ? words[1] : "list";
    if (verb == "list")
        return {sdrList(sensors), {}, 0};
    if (verb == "elist")
        return {sdrLong(sensors, {}), {}, 0};
    if (verb == "get" && words.size() > 2) {
        const auto found = std::find_if(sensors.begin(), sensors.end(), [&](const Sensor& s) { return s.name == words[2]; });
        if (found == sensors.end())
            return {{}, fmt::format("Sensor data record \"{}\" not found!\n", words[2]), 1};
        return {fmt::format("Sensor ID              : {} (0x{:x})\n Entity ID             : {}.{}\n Sensor Type (Threshold)  : {}\n Sensor Reading        : {}\n Status                : {}\n",
                            found->name, found->number, found->entity, found->instance, found->type(), reading(*found), found->state()),
                {}, 0};
    }
    if (verb == "type" && words.size() > 2) {
        std::string type = words[2];
        for (std::size_t i = 3; i < words.size(); ++i)
            type += " " + words[i];
        const bool known = std::any_of(sensors.begin(), sensors.end(), [&](const Sensor& s) { return type == s.type(); });
        if (!known)
            return {{}, fmt::format("Sensor Type \"{}\" not found.\n", type), 1};
        return {sdrLong(sensors, type), {}, 0};
    }
    return {{}, "usage: sdr list|elist | sdr get <sensor> | sdr type <type>\n", 1};
}

} // namespace

bool isBmcCommand(const std::string& word)
{
    return word == "sdr" || word == "sensor" || word == "sel" || word == "dcmi";
}

BmcAnswer bmcAnswer(const sim::gpu::Gpus& gpus, const sim::gpu::Node& node, bool on, sim::Instant now, const std::vector<std::string>& words)
{
    const std::vector<Sensor> sensors = sensorsOf(gpus, node, on);
    const std::string verb = words.size() > 1 ? words[1] : "";
    if (words.front() == "sdr")
        return sdr(sensors, words);
    if (words.front() == "sensor" && (verb.empty() || verb == "list"))
        return {sensorTable(sensors), {}, 0};
    if (words.front() == "sel" && (verb == "list" || verb == "elist"))
        return {eventLog(node, sensors, verb == "elist"), {}, 0};
    if (words.front() == "dcmi" && verb == "power" && words.size() > 2 && words[2] == "reading")
        return {powerReading(node, now), {}, 0};
    return {{}, words.front() == "sel" ? "SEL Commands: list, elist\n" : words.front() == "dcmi" ? "dcmi commands: power reading\n" : "Sensor Commands: list\n", 1};
}

} // namespace core::shell::gpu
