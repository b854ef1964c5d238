// nvidia-smi dmon and pmon. Layouts: tests/golden/nvidia/h200/idle.txt and busy.txt.
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/gpu/smi_views.h"
#include "core/shell/numbers.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

using sim::gpu::Gpu;

struct Column {
    const char* name;
    const char* unit;
    std::string (*value)(const Gpu&);
};

std::string number(double value)
{
    return std::to_string(static_cast<std::int64_t>(value));
}

std::string zero(const Gpu&)
{
    return "0";
}

const std::vector<Column>& columnsOf(char metric)
{
    namespace reason = sim::gpu::reason;
    static const std::vector<Column> kPower{{"pwr", "W", [](const Gpu& g) { return number(g.now.powerW); }},
                                            {"gtemp", "C", [](const Gpu& g) { return std::to_string(wholeC(g.temperatureC())); }},
                                            {"mtemp", "C", [](const Gpu& g) { return std::to_string(wholeC(g.card.heat.memoryC)); }}};
    static const std::vector<Column> kUse{{"sm", "%", [](const Gpu& g) { return std::to_string(percent(g.now.activity.kernel)); }},
                                          {"mem", "%", [](const Gpu& g) { return std::to_string(percent(g.now.activity.dram)); }},
                                          {"enc", "%", zero},
                                          {"dec", "%", zero},
                                          {"jpg", "%", zero},
                                          {"ofa", "%", zero}};
    static const std::vector<Column> kClocks{{"mclk", "MHz", [](const Gpu& g) { return std::to_string(g.kind().memoryMHz); }},
                                             {"pclk", "MHz", [](const Gpu& g) { return std::to_string(g.now.smMHz); }}};
    static const std::vector<Column> kViolations{
        {"pviol", "%", [](const Gpu& g) { return std::string((g.now.reasons & (reason::kSwPowerCap | reason::kHwPowerBrake)) != 0 ? "100" : "0"); }},
        {"tviol", "bool", [](const Gpu& g) { return std::string((g.now.reasons & (reason::kSwThermal | reason::kHwThermal)) != 0 ? "1" : "0"); }}};
    static const std::vector<Column> kMemory{{"fb", "MB", [](const Gpu& g) { return std::to_string(memoryFigures(g).used); }},
                                             {"bar1", "MB", [](const Gpu& g) { return std::to_string(memoryFigures(g).barUsed); }},
                                             {"ccpm", "MB", zero}};
    static const std::vector<Column> kErrors{
        {"sbecc", "errs", [](const Gpu& g) { return std::to_string(g.card.errors.volatile_.sramCorrectable + g.card.errors.volatile_.dramCorrectable); }},
        {"dbecc", "errs", [](const Gpu& g) { return std::to_string(g.card.errors.volatile_.uncorrectable()); }},
        {"pci", "errs", [](const Gpu& g) { return std::to_string(g.slot.replays); }}};
    static const std::vector<Column> kTraffic{{"rxpci", "MB/s", [](const Gpu& g) { return number(g.now.activity.pcieRxBytesPerSecond / 1e6); }},
                                              {"txpci", "MB/s", [](const Gpu& g) { return number(g.now.activity.pcieTxBytesPerSecond / 1e6); }}};
    static const std::vector<Column> kNoColumns;
    switch (metric) {
    case 'p': return kPower;
    case 'u': return kUse;
    case 'c': return kClocks;
    case 'v': return kViolations;
    case 'm': return kMemory;
    case 'e': return kErrors;
    case 't': return kTraffic;
    default: return kNoColumns;
    }
}

struct MonitorOptions {
    std::string devices;
    std::string metrics;
    std::string stamps; ///< "D", "T", "DT"
    std::int64_t seconds = 1;
    std::int64_t count = 0; ///< 0: for ever
    std::string error;
};

MonitorOptions parsed(SmiPlace& place, const char* name, const std::vector<std::string>& arguments, std::string metrics)
{
    MonitorOptions o;
    o.metrics = std::move(metrics);
    const auto integer = [&](const std::string& text, std::int64_t least, std::int64_t most, std::int64_t& into) {
        const auto value = parseNumber(text);
        if (!value || *value < least || *value > most)
            o.error = fmt::format("Invalid value: {}\n", text);
        else
            into = *value;
    };
    for (std::size_t i = 0; i < arguments.size() && o.error.empty(); ++i) {
        const std::string& word = arguments[i];
        const std::string next = i + 1 < arguments.size() ? arguments[i + 1] : std::string();
        if (word == "-i" || word == "--id")
            o.devices = next;
        else if (word == "-s" || word == "--select")
            o.metrics = next;
        else if (word == "-o" || word == "--options")
            o.stamps = next;
        else if (word == "-d" || word == "--delay")
            integer(next, 1, 10, o.seconds);
        else if (word == "-c" || word == "--count")
            integer(next, 1, 1'000'000'000, o.count);
        else if (word == "-f" || word == "--filename") {
            if (!place.redirect(next))
                o.error = fmt::format("Failed to open {}\n", next);
        } else
            o.error = fmt::format("ERROR: Option {} is not recognized. Please run 'nvidia-smi {} -h'.\n\n", word, name);
        ++i;
    }
    return o;
}

std::string stampColumns(const MonitorOptions& o, sim::Instant now)
{
    std::string text;
    if (o.stamps.find('D') != std::string::npos)
        text += formatDate(now, " %Y%m%d  ");
    if (o.stamps.find('T') != std::string::npos)
        text += formatDate(now, " %H:%M:%S  ");
    return text;
}

std::string stampHeader(const MonitorOptions& o, bool second)
{
    std::string text;
    if (o.stamps.find('D') != std::string::npos)
        text += second ? "YYYYMMDD   " : "Date       ";
    if (o.stamps.find('T') != std::string::npos)
        text += second ? "HH:MM:SS   " : "Time       ";
    return text;
}

/// A row for each device that has one, again and again until the count is reached; `print` gets the columns before its own.
template <class Print>
int printRounds(SmiPlace& place, const MonitorOptions& o, Print print)
{
    for (std::int64_t round = 1;; ++round) {
        const SmiState state = place.look();
        const auto devices = chosen(state, o.devices);
        if (!devices) {
            place.print("No devices were found\n");
            return nvml::kNotFound;
        }
        for (const SmiDevice& device : *devices)
            if (isRow(device))
                print(state, device, stampColumns(o, state.now) + fmt::format("{:>5}", device.number));
        if (o.count > 0 && round >= o.count)
            return 0;
        place.wait(std::chrono::seconds(o.seconds));
    }
}

} // namespace

int deviceMonitor(SmiPlace& place, const std::vector<std::string>& arguments)
{
    const MonitorOptions o = parsed(place, "dmon", arguments, "puc");
    std::vector<Column> columns;
    for (const char metric : o.metrics) {
        const auto& some = columnsOf(metric);
        if (some.empty() && o.error.empty()) {
            place.print(fmt::format("Invalid metric: {}\n", metric));
            return nvml::kInvalidArgument;
        }
        columns.insert(columns.end(), some.begin(), some.end());
    }
    if (!o.error.empty()) {
        place.print(o.error);
        return o.error.starts_with("ERROR") ? 255 : nvml::kInvalidArgument;
    }
    std::string names = "# " + stampHeader(o, false) + "gpu";
    std::string units = "# " + stampHeader(o, true) + "Idx";
    for (const Column& column : columns) {
        names += fmt::format("{:>7}", column.name);
        units += fmt::format("{:>7}", column.unit);
    }
    place.print(names + " \n" + units + " \n");
    return printRounds(place, o, [&](const SmiState&, const SmiDevice& device, const std::string& first) {
        std::string row = first;
        for (const Column& column : columns)
            row += fmt::format("{:>7}", column.value(*device.gpu));
        place.print(row + " \n");
    });
}

int programMonitor(SmiPlace& place, const std::vector<std::string>& arguments)
{
    const MonitorOptions o = parsed(place, "pmon", arguments, "u");
    if (!o.error.empty()) {
        place.print(o.error);
        return o.error.starts_with("ERROR") ? 255 : nvml::kInvalidArgument;
    }
    const bool memory = o.metrics.find('m') != std::string::npos;
    const bool use = o.metrics.find('u') != std::string::npos;
    const auto row = [&](const std::string& first, std::string_view pid, std::string_view type, const std::vector<std::string>& cells, std::string_view name) {
        std::string text = fmt::format("{}{:>11}{:>6}", first, pid, type);
        for (const std::string& cell : cells)
            text += fmt::format("{:>7}", cell);
        return text + fmt::format("    {:<15}\n", name);
    };
    std::vector<std::string> names, units, none;
    if (use) {
        names = {"sm", "mem", "enc", "dec", "jpg", "ofa"};
        units.assign(6, "%");
    }
    if (memory) {
        names.insert(names.end(), {"fb", "ccpm"});
        units.insert(units.end(), {"MB", "MB"});
    }
    none.assign(names.size(), "-");
    const auto header = [&](const std::string& first, std::string_view pid, std::string_view type, const std::vector<std::string>& cells, std::string_view last) {
        std::string text = fmt::format("{}{:>12}{:>7}", first, pid, type);
        for (const std::string& cell : cells)
            text += fmt::format("{:>7}", cell);
        return text + fmt::format("    {} \n", last);
    };
    place.print(header("# " + stampHeader(o, false) + "gpu", "pid", "type", names, "command"));
    place.print(header("# " + stampHeader(o, true) + "Idx", "#", "C/G", units, "name"));
    return printRounds(place, o, [&](const SmiState& state, const SmiDevice& device, const std::string& first) {
        if (device.gpu->processes.empty() || state.inContainer) {
            place.print(row(first, "-", "-", none, "-"));
            return;
        }
        for (const sim::gpu::GpuProcess& process : device.gpu->processes) {
            std::vector<std::string> cells;
            if (use)
                cells = {std::to_string(percent(process.activity.kernel)), std::to_string(percent(process.activity.dram)), "-", "-", "-", "-"};
            if (memory)
                cells.insert(cells.end(), {std::to_string(process.memoryBytes >> 20), "0"});
            place.print(row(first, std::to_string(process.pid), typeOf(process), cells, process.name));
        }
    });
}

} // namespace core::shell::gpu
