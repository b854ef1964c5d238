// lspci of pciutils 3.9.
#include "core/shell/commands/gpu/lspci.h"

#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/linux/here.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

constexpr std::uint16_t kNvidia = 0x10de;
constexpr const char* kNvidiaName = "NVIDIA Corporation";
constexpr const char* kGpuModules = "nvidiafb, nouveau, nvidia_drm, nvidia";

/// The switches of an HGX board, where they are devices of their own. Blackwell's sit behind the board's management adapters.
void addSwitches(std::vector<PciDevice>& devices, const sim::gpu::Board& board, bool driver)
{
    struct Kind {
        const char* name;
        std::uint16_t device;
        int count;
        int firstBus;
    };
    // HGX H100: 05 to 08, four of them; HGX A100: six (lspci of such nodes).
    const Kind kind = board.architecture == sim::gpu::Architecture::Ampere ? Kind{"GA100 [A100 NVSwitch]", 0x1af1, 6, 0xc4}
        : board.architecture == sim::gpu::Architecture::Hopper             ? Kind{"GH100 [H100 NVSwitch]", 0x22a3, 4, 0x05}
                                                                           : Kind{"", 0, 0, 0};
    for (int i = 0; i < kind.count; ++i) {
        PciDevice device;
        device.address = fmt::format("0000:{:02x}:00.0", kind.firstBus + i);
        device.classCode = 0x0680;
        device.className = "Bridge";
        device.vendorName = kNvidiaName;
        device.name = kind.name;
        device.vendor = kNvidia;
        device.device = kind.device;
        device.revision = "a1";
        device.driver = driver ? "nvidia-nvswitch" : "";
        device.modules = kGpuModules;
        devices.push_back(std::move(device));
    }
}

double gigatransfers(int generation)
{
    constexpr double kRates[]{2.5, 5, 8, 16, 32, 64};
    return kRates[std::clamp(generation, 1, 6) - 1];
}

std::string shortAddress(const PciDevice& device, bool domains)
{
    return domains ? device.address : device.address.substr(5);
}

/// "[[dom]:][bus]:[dev][.fn]" of -s; parts that are not given, or "*", match all.
bool atSlot(const PciDevice& device, std::string slot)
{
    if (slot.empty())
        return true;
    if (std::count(slot.begin(), slot.end(), ':') == 2)
        slot.erase(0, slot.find(':') + 1);
    const std::string bus = device.address.substr(5, 2), number = device.address.substr(8, 2), function = device.address.substr(11);
    const std::size_t colon = slot.find(':');
    const std::string wantedBus = colon == std::string::npos ? std::string() : slot.substr(0, colon);
    std::string rest = colon == std::string::npos ? slot : slot.substr(colon + 1);
    const std::size_t dot = rest.find('.');
    const std::string wantedFunction = dot == std::string::npos ? std::string() : rest.substr(dot + 1);
    rest = rest.substr(0, dot);
    const auto matches = [](const std::string& wanted, const std::string& is) {
        return wanted.empty() || wanted == "*" || std::stoul(wanted, nullptr, 16) == std::stoul(is, nullptr, 16);
    };
    return matches(wantedBus, bus) && matches(rest, number) && matches(wantedFunction, function);
}

/// "10de:2330", "10de:", ":2330"
bool hasIds(const PciDevice& device, const std::string& ids)
{
    if (ids.empty())
        return true;
    const std::size_t colon = ids.find(':');
    const std::string vendor = ids.substr(0, colon);
    const std::string model = colon == std::string::npos ? std::string() : ids.substr(colon + 1, 4);
    const auto matches = [](const std::string& wanted, std::uint16_t is) { return wanted.empty() || wanted == "*" || std::stoul(wanted, nullptr, 16) == is; };
    return matches(vendor, device.vendor) && matches(model, device.device);
}

bool isPattern(const std::string& text)
{
    return text.find_first_not_of("0123456789abcdefABCDEF:.*") == std::string::npos;
}

std::string headline(const PciDevice& device, const LspciOptions& options)
{
    const std::string revision = device.lost ? "ff" : device.revision;
    const std::string tail = fmt::format(" (rev {}){}", revision, device.lost && options.verbose > 0 ? " (prog-if ff)" : "");
    const std::string address = shortAddress(device, options.domains);
    const std::string ids = fmt::format("{:04x}:{:04x}", device.vendor, device.device);
    if (options.numeric == 1)
        return fmt::format("{} {:04x}: {}{}\n", address, device.classCode, ids, tail);
    if (options.numeric >= 2)
        return fmt::format("{} {} [{:04x}]: {} {} [{}]{}\n", address, device.className, device.classCode, device.vendorName, device.name, ids, tail);
    return fmt::format("{} {}: {} {}{}\n", address, device.className, device.vendorName, device.name, tail);
}

std::string subsystemLine(const PciDevice& device, const LspciOptions& options)
{
    if (device.subsystem == 0)
        return {};
    return options.numeric == 1 ? fmt::format("\tSubsystem: {:04x}:{:04x}\n", device.vendor, device.subsystem)
                                : fmt::format("\tSubsystem: {} Device {:04x}\n", device.vendorName, device.subsystem);
}

std::string driverLines(const PciDevice& device)
{
    return (device.driver.empty() ? std::string() : "\tKernel driver in use: " + device.driver + "\n")
        + (device.modules.empty() ? std::string() : "\tKernel modules: " + device.modules + "\n");
}

std::string details(const PciDevice& device, const LspciOptions& options)
{
    if (device.lost)
        return "\t!!! Unknown header type 7f\n" + driverLines(device);
    std::string text = subsystemLine(device, options);
    const std::string numa = device.numaNode < 0 ? std::string() : std::to_string(device.numaNode);
    if (options.verbose == 1) {
        text += fmt::format("\tFlags: bus master, fast devsel, latency 0{}\n", numa.empty() ? "" : ", NUMA node " + numa);
        text += options.root ? "\tCapabilities: [60] Express Endpoint, MSI 00\n\tCapabilities: [100] Advanced Error Reporting\n" : "\tCapabilities: <access denied>\n";
        return text + driverLines(device);
    }
    text += "\tControl: I/O- Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr+ Stepping- SERR+ FastB2B- DisINTx+\n"
            "\tStatus: Cap+ 66MHz- UDF- FastB2B- ParErr- DEVSEL=fast >TAbort- <TAbort- <MAbort- >SERR- <PERR- INTx-\n\tLatency: 0\n";
    if (!numa.empty())
        text += "\tNUMA node: " + numa + "\n";
    if (!options.root) {
        text += "\tCapabilities: <access denied>\n";
    } else if (device.generation > 0) {
        const auto state = [](auto is, auto most) { return is < most ? " (downgraded)" : ""; };
        text += fmt::format("\tCapabilities: [60] Express (v2) Endpoint, MSI 00\n"
                            "\t\tLnkCap:\tPort #0, Speed {:g}GT/s, Width x{}, ASPM not supported\n"
                            "\t\tLnkSta:\tSpeed {:g}GT/s{}, Width x{}{}\n\t\t\tTrErr- Train- SlotClk+ DLActive- BWMgmt- ABWMgmt-\n",
                            gigatransfers(device.maxGeneration), device.maxWidth, gigatransfers(device.generation), state(device.generation, device.maxGeneration), device.width,
                            state(device.width, device.maxWidth));
        const char sign = device.correctedErrors ? '+' : '-';
        text += fmt::format("\tCapabilities: [100 v2] Advanced Error Reporting\n\t\tUESta:\tDLP- SDES- TLP- FCP- CmpltTO- CmpltAbrt- UnxCmplt- RxOF- MalfTLP- ECRC- UnsupReq- ACSViol-\n"
                            "\t\tCESta:\tRxErr{0} BadTLP{0} BadDLLP- Rollover- Timeout{0} AdvNonFatalErr-\n",
                            sign);
    }
    return text + driverLines(device);
}

int runLspci(Invocation& inv)
{
    node::noteHost(inv);
    LspciOptions options;
    options.slot = inv.options.value("s");
    options.ids = inv.options.value("d");
    options.verbose = static_cast<int>(inv.options.values("v").size());
    options.numeric = static_cast<int>(inv.options.values("n").size());
    options.domains = inv.options.has("D");
    options.drivers = inv.options.has("k");
    options.root = node::isRoot(inv);
    if (!isPattern(options.slot))
        return inv.fail(1, "-s: Invalid slot number");
    if (!isPattern(options.ids))
        return inv.fail(1, "-d: Invalid vendor ID");
    if (!inv.operands.empty())
        return inv.fail(1, "Usage: lspci [<switches>]");
    inv.print(lspciText(pciDevices(inv.door().world(), inv.place().host), options));
    return 0;
}

} // namespace

std::vector<PciDevice> pciDevices(const sim::World& world, sim::HostId host)
{
    std::vector<PciDevice> devices;
    const sim::gpu::Node* node = world.gpus().nodeOf(host);
    if (node == nullptr)
        return devices;
    const std::size_t count = node->gpus.size();
    for (std::size_t i = 0; i < count; ++i) {
        const sim::gpu::Gpu& gpu = world.gpus().at(node->gpus[i]);
        if (gpu.presence == sim::gpu::Gpu::Presence::Absent)
            continue;
        const sim::gpu::Board& board = gpu.kind();
        PciDevice device;
        device.address = gpu.pciAddress();
        device.classCode = 0x0302;
        device.className = "3D controller";
        device.vendorName = kNvidiaName;
        device.name = std::string(board.pciName);
        device.vendor = kNvidia;
        device.device = static_cast<std::uint16_t>(board.deviceId);
        device.subsystem = static_cast<std::uint16_t>(board.subsystemId);
        device.revision = "a1";
        device.driver = node->driver.loaded ? "nvidia" : "";
        device.modules = kGpuModules;
        device.numaNode = i < (count + 1) / 2 ? 0 : 1;
        device.generation = static_cast<int>(gpu.slot.generation);
        device.maxGeneration = board.pcieGeneration;
        device.width = static_cast<int>(gpu.slot.width);
        device.maxWidth = 16;
        device.correctedErrors = gpu.slot.correctedErrors > 0;
        device.lost = gpu.presence == sim::gpu::Gpu::Presence::Lost;
        devices.push_back(std::move(device));
    }
    if (count > 1)
        addSwitches(devices, world.gpus().at(node->gpus.front()).kind(), node->driver.loaded);
    std::sort(devices.begin(), devices.end(), [](const PciDevice& a, const PciDevice& b) { return a.address < b.address; });
    return devices;
}

std::string lspciText(const std::vector<PciDevice>& devices, const LspciOptions& options)
{
    std::string text;
    for (const PciDevice& device : devices) {
        if (!atSlot(device, options.slot) || !hasIds(device, options.ids))
            continue;
        text += headline(device, options);
        if (options.verbose > 0)
            text += details(device, options) + "\n";
        else if (options.drivers)
            text += subsystemLine(device, options) + driverLines(device);
    }
    return text;
}

void addLspci(CommandTable& table)
{
    table.add("lspci", "list all PCI devices", "lspci [<switches>]",
              {{'v', "", "", "Be verbose (-vv or -vvv for higher verbosity)"},
               {'n', "", "", "Show numeric ID's (-nn: both textual and numeric)"},
               {'k', "", "", "Show kernel drivers handling each device"},
               {'D', "", "", "Always show domain numbers"},
               {'s', "", "[[[[<domain>]:]<bus>]:][<slot>][.[<func>]]", "Show only devices in selected slots"},
               {'d', "", "[<vendor>]:[<device>][:<class>]", "Show only devices with specified ID's"}},
              runLspci);
}

} // namespace core::shell::gpu
