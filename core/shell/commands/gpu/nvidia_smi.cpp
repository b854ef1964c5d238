// nvidia-smi of driver 580: which subcommand, which options, what goes wrong and with which exit status.
#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/gpu/shell_place.h"
#include "core/shell/commands/gpu/smi_document.h"
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/gpu/smi_mig.h"
#include "core/shell/commands/gpu/smi_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace core::shell::gpu {

namespace {

using sim::gpu::NvmlStatus;

struct SmiOption {
    const char* letters; ///< "pl" of -pl; "": only the long form
    const char* name;
    const char* argument; ///< "": takes none; "[SEC]": may take one
    const char* help;
};

constexpr SmiOption kOptions[]{
    {"h", "help", "", "Print usage information and exit."},
    {"", "version", "", "Print version information and exit."},
    {"L", "list-gpus", "", "Display a list of GPUs connected to the system."},
    {"B", "list-excluded-gpus", "", "Display a list of excluded GPUs in the system."},
    {"i", "id", "ID", "Target a specific GPU."},
    {"f", "filename", "FILE", "Log to a specified file, rather than to stdout."},
    {"l", "loop", "[SEC]", "Probe until Ctrl+C at specified second interval."},
    {"lms", "loop-ms", "MS", "Probe until Ctrl+C at specified millisecond interval."},
    {"q", "query", "", "Display GPU or Unit info."},
    {"x", "xml-format", "", "Produce XML output."},
    {"d", "display", "TYPE", "Display only selected information: MEMORY, UTILIZATION, ECC, TEMPERATURE, POWER, CLOCK, COMPUTE, ..."},
    {"", "query-gpu", "FIELDS", "Information about GPU. Call --help-query-gpu for more info."},
    {"", "query-compute-apps", "FIELDS", "List of currently active compute processes."},
    {"", "query-remapped-rows", "FIELDS", "Information about remapped rows."},
    {"", "query-supported-clocks", "FIELDS", "List of supported clocks."},
    {"", "format", "FORMAT", "csv[,noheader][,nounits]"},
    {"", "help-query-gpu", "", "Fields that --query-gpu takes."},
    {"pm", "persistence-mode", "MODE", "Set persistence mode: 0/DISABLED, 1/ENABLED"},
    {"e", "ecc-config", "CONFIG", "Toggle ECC support: 0/DISABLED, 1/ENABLED"},
    {"p", "reset-ecc-errors", "TYPE", "Reset ECC error counts: 0/VOLATILE, 1/AGGREGATE"},
    {"c", "compute-mode", "MODE", "Set MODE for compute applications: 0/DEFAULT, 2/PROHIBITED, 3/EXCLUSIVE_PROCESS"},
    {"r", "gpu-reset", "", "Trigger reset of the GPU."},
    {"lgc", "lock-gpu-clocks", "MIN,MAX", "Specifies <minGpuClock,maxGpuClock> clocks as a pair."},
    {"rgc", "reset-gpu-clocks", "", "Resets the Gpu clocks to the default values."},
    {"pl", "power-limit", "WATTS", "Specifies maximum power management limit in watts."},
    {"mig", "multi-instance-gpu", "MODE", "Enable or disable Multi Instance GPU: 0/DISABLED, 1/ENABLED"},
};

constexpr const char* kChanges[]{"persistence-mode", "ecc-config", "reset-ecc-errors", "compute-mode", "gpu-reset", "lock-gpu-clocks", "reset-gpu-clocks", "power-limit",
                                 "multi-instance-gpu"};

struct SmiArguments {
    std::map<std::string, std::string, std::less<>> values; ///< by long name
    std::string error;
    bool has(std::string_view name) const { return values.find(name) != values.end(); }
    std::string value(std::string_view name) const
    {
        const auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    }
};

bool isNumber(const std::string& text)
{
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
}

SmiArguments parsed(const std::vector<std::string>& words)
{
    SmiArguments out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const auto option = std::find_if(std::begin(kOptions), std::end(kOptions), [&](const SmiOption& o) {
            return name == std::string("--") + o.name || (*o.letters != 0 && name == std::string("-") + o.letters);
        });
        if (option == std::end(kOptions)) {
            out.error = fmt::format("ERROR: Option {} is not recognized. Please run 'nvidia-smi -h'.\n\n", name);
            return out;
        }
        std::string value;
        const bool optional = *option->argument == '[';
        if (*option->argument != 0) {
            if (equals != std::string::npos)
                value = word.substr(equals + 1);
            else if (i + 1 < words.size() && (!optional || isNumber(words[i + 1])))
                value = words[++i];
            else if (!optional) {
                out.error = fmt::format("ERROR: Option {} requires an argument. Please run 'nvidia-smi -h'.\n\n", name);
                return out;
            }
        }
        out.values[option->name] = value;
    }
    return out;
}

std::string helpPage()
{
    std::string text = "\n    nvidia-smi [OPTION1 [ARG1]] [OPTION2 [ARG2]] ...\n\n";
    for (const SmiOption& option : kOptions) {
        std::string left = *option.letters != 0 ? fmt::format("    -{},", option.letters) : std::string("    ");
        left = fmt::format("{:<10}--{}{}", left, option.name, *option.argument != 0 && *option.argument != '[' ? "=" : "");
        text += fmt::format("{:<40}{}\n", left, option.help);
    }
    return text + "\n    nvidia-smi topo | nvlink | dmon | pmon | mig | compute-policy | boost-slider | conf-compute | c2c [OPTION] ...\n"
                  "    Please see the nvidia-smi(1) manual page for more detailed information.\n";
}

/// "580.105" of "580.105.08".
std::string nvmlVersion(const std::string& library)
{
    const std::size_t first = library.find('.');
    return library.substr(0, first == std::string::npos ? first : library.find('.', first + 1));
}

/// What every use begins with; 0: NVML is there.
int initialise(SmiPlace& place, const SmiState& state)
{
    switch (state.status) {
    case NvmlStatus::Success: return 0;
    case NvmlStatus::DriverNotLoaded:
        place.print("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n");
        return nvml::kDriverNotLoaded;
    case NvmlStatus::LibraryNotFound:
        place.print("NVIDIA-SMI couldn't find libnvidia-ml.so library in your system. Please make sure that the NVIDIA Display Driver is properly installed and present in "
                    "your system.\nPlease also try adding directory that contains libnvidia-ml.so to your system PATH.\n");
        return nvml::kLibraryNotFound;
    case NvmlStatus::VersionMismatch:
        place.print(fmt::format("Failed to initialize NVML: Driver/library version mismatch\nNVML library version: {}\n", nvmlVersion(state.library)));
        return nvml::kLibraryMismatch;
    }
    return 0;
}

CsvFormat csvFormat(const std::string& words)
{
    CsvFormat format;
    for (const std::string& word : commaSeparated(words)) {
        format.header &= word != "noheader";
        format.units &= word != "nounits";
    }
    return format;
}

int once(SmiPlace& place, const SmiArguments& arguments)
{
    const SmiState state = place.look();
    if (const int status = initialise(place, state); status != 0)
        return status;
    const auto devices = chosen(state, arguments.value("id"));
    const auto row = devices ? std::find_if(devices->begin(), devices->end(), isRow) : std::vector<SmiDevice>::const_iterator{};
    const auto change = std::find_if(std::begin(kChanges), std::end(kChanges), [&](const char* name) { return arguments.has(name); });
    const bool anyLost = devices && std::any_of(devices->begin(), devices->end(), [](const SmiDevice& d) { return !isRow(d); });
    if (devices && change != std::end(kChanges) && arguments.has("gpu-reset"))
        return changeDevices(place, state, *devices, {"gpu-reset", {}});
    if (devices)
        place.complain(lostLines(*devices));
    if (!devices || row == devices->end()) {
        place.print("No devices were found\n");
        return nvml::kNotFound;
    }
    const int status = anyLost ? nvml::kGpuIsLost : 0;
    if (change != std::end(kChanges))
        return changeDevices(place, state, *devices, {*change, arguments.value(*change)});
    const CsvFormat format = csvFormat(arguments.value("format"));
    const auto result = [&](int code) { return code == 0 ? status : code; };
    if (arguments.has("list-gpus"))
        place.print(deviceList(*devices));
    else if (arguments.has("list-excluded-gpus"))
        place.print("No excluded devices found\n");
    else if (arguments.has("query-gpu"))
        return result(queryDevices(place, state, *devices, arguments.value("query-gpu"), format));
    else if (arguments.has("query-compute-apps"))
        return result(queryPrograms(place, state, *devices, arguments.value("query-compute-apps"), format));
    else if (arguments.has("query-remapped-rows"))
        return result(queryRemappedRows(place, state, *devices, arguments.value("query-remapped-rows"), format));
    else if (arguments.has("query-supported-clocks"))
        return result(queryClocks(place, state, *devices, arguments.value("query-supported-clocks"), format));
    else if (arguments.has("query") && arguments.has("xml-format"))
        place.print(queryXml(state, *devices));
    else if (arguments.has("query"))
        place.print(queryText(state, *devices, arguments.has("display") ? *sectionsOf(arguments.value("display")) : 0));
    else
        place.print(summaryTable(state, *devices));
    return status;
}

/// Whatever needs no device: help, versions, wrong values. Nothing: go on.
std::optional<int> beforehand(SmiPlace& place, const SmiArguments& arguments)
{
    if (!arguments.error.empty()) {
        place.print(arguments.error);
        return 255;
    }
    if (arguments.has("help")) {
        place.print(helpPage());
        return 0;
    }
    if (arguments.has("help-query-gpu")) {
        for (const std::string& name : deviceFieldNames())
            place.print("\"" + name + "\"\n");
        return 0;
    }
    if (arguments.has("version")) {
        const SmiState state = place.look();
        if (const int status = initialise(place, state); status != 0)
            return status;
        place.print(fmt::format("NVIDIA-SMI version  : {}\nNVML version        : {}\nDRIVER version      : {}\nCUDA Version        : {}\n", state.library,
                                nvmlVersion(state.library), state.node != nullptr ? state.node->driver.version : state.library, sim::gpu::kCudaVersion));
        return 0;
    }
    if (arguments.has("display") && !sectionsOf(arguments.value("display"))) {
        place.print("Failed to parse --display/-d flags\n");
        return nvml::kInvalidArgument;
    }
    if (arguments.has("filename") && !place.redirect(arguments.value("filename"))) {
        place.print(fmt::format("Failed to open {}\n", arguments.value("filename")));
        return nvml::kInvalidArgument;
    }
    return std::nullopt;
}

std::optional<int> subcommand(SmiPlace& place, const std::vector<std::string>& words)
{
    static const std::map<std::string, int (*)(SmiPlace&, const std::vector<std::string>&), std::less<>> kCommands{
        {"topo", topologyCommand}, {"nvlink", nvlinkCommand}, {"dmon", deviceMonitor}, {"pmon", programMonitor}, {"mig", migCommand}};
    constexpr const char* kSmall[]{"vgpu", "conf-compute", "compute-policy", "boost-slider", "c2c"};
    if (words.empty() || words[0].starts_with("-"))
        return std::nullopt;
    const auto found = kCommands.find(words[0]);
    const bool small = std::find(std::begin(kSmall), std::end(kSmall), words[0]) != std::end(kSmall);
    if (found == kCommands.end() && !small)
        return std::nullopt;
    const SmiState state = place.look();
    if (const int status = initialise(place, state); status != 0)
        return status;
    if (std::none_of(state.devices.begin(), state.devices.end(), isRow)) {
        place.complain(lostLines(state.devices));
        place.print("No devices were found\n");
        return nvml::kNotFound;
    }
    return small ? smallCommand(place, words[0]) : found->second(place, {words.begin() + 1, words.end()});
}

/// Between two rounds of -l and -lms; nothing: one round.
std::optional<sim::Duration> interval(const SmiArguments& arguments)
{
    const std::string& text = arguments.has("loop-ms") ? arguments.value("loop-ms") : arguments.value("loop");
    if (!arguments.has("loop-ms") && !arguments.has("loop"))
        return std::nullopt;
    constexpr double kDefaultSeconds = 5;
    double value = arguments.has("loop-ms") ? 1000 : kDefaultSeconds;
    std::from_chars(text.data(), text.data() + text.size(), value);
    const double milliseconds = arguments.has("loop-ms") ? value : value * 1000;
    return std::chrono::milliseconds(std::max<std::int64_t>(10, static_cast<std::int64_t>(milliseconds)));
}

int runNvidiaSmi(Invocation& inv)
{
    ShellPlace place(inv);
    return nvidiaSmi(place, inv.arguments);
}

} // namespace

int nvidiaSmi(SmiPlace& place, const std::vector<std::string>& words)
{
    // Opening the devices; each that does not answer holds it up for the six seconds that the driver waits for its system processor.
    constexpr sim::Duration kOpen = std::chrono::milliseconds(350);
    constexpr sim::Duration kProcessorTimeout = std::chrono::seconds(6);
    place.wait(kOpen);
    for (const SmiDevice& device : place.look().devices)
        if (isSick(*device.gpu))
            place.wait(kProcessorTimeout);
    if (const auto status = subcommand(place, words))
        return *status;
    const SmiArguments arguments = parsed(words);
    if (const auto status = beforehand(place, arguments))
        return *status;
    int status = once(place, arguments);
    const auto pause = interval(arguments);
    while (pause && (status == 0 || status == nvml::kGpuIsLost)) {
        place.wait(*pause);
        status = once(place, arguments);
    }
    return status;
}

void addNvidiaSmi(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "nvidia-smi";
    spec.summary = "NVIDIA System Management Interface program";
    spec.usage = "nvidia-smi [OPTION1 [ARG1]] [OPTION2 [ARG2]] ...";
    for (const SmiOption& option : kOptions) {
        const bool single = option.letters[0] != 0 && option.letters[1] == 0;
        spec.options.push_back({single ? option.letters[0] : '\0', option.name, *option.argument == '[' ? "SEC" : option.argument, option.help, *option.argument == '['});
    }
    spec.parseOptions = false; // -pl, -lgc and their like are no clusters
    spec.run = runNvidiaSmi;
    table.add(std::move(spec));
}

} // namespace core::shell::gpu
