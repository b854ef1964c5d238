// What nvidia-smi changes. Messages as captures of drivers 570 to 595 show them; the order of checks is the tool's: arguments,
// permission, then device by device.
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/gpu/smi_views.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace core::shell::gpu {

namespace {

using sim::gpu::Gpu;
using Verb = sim::command::GpuChange::Verb;

constexpr const char* kTerminating = "Terminating early due to previous errors.\n";
constexpr const char* kDone = "All done.\n";

std::optional<double> numberIn(const std::string& text)
{
    double value = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
    return bad == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value) : std::nullopt;
}

/// "0", "1", "ENABLED", "DISABLED".
std::optional<bool> switchIn(std::string text)
{
    text = sim::raised(text);
    if (text == "1" || text == "ENABLED")
        return true;
    return text == "0" || text == "DISABLED" ? std::optional(false) : std::nullopt;
}

int refusedArgument(SmiPlace& place, const SmiChange& change)
{
    place.print(fmt::format("Failed to parse --{} argument: {}\n", change.option, change.value));
    return nvml::kInvalidArgument;
}

/// After a change to a device that forgets it as soon as nobody uses it.
std::string persistenceWarning(const Gpu& gpu)
{
    return gpu.settings.persistence ? std::string()
                                    : fmt::format("\nWarning: persistence mode is disabled on device {}. See the Known Issues section of the nvidia-smi(1) man page for more information. "
                                                  "Run with [--help | -h] switch to get more information on how to enable persistence mode.\n",
                                                  gpu.slot.busId);
}

class Changes {
public:
    Changes(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const SmiChange& change)
        : m_place(place), m_state(state), m_change(change)
    {
        std::copy_if(devices.begin(), devices.end(), std::back_inserter(m_devices), isRow);
    }

    int run()
    {
        if (m_change.option == "power-limit")
            return powerLimit();
        if (m_change.option == "lock-gpu-clocks")
            return lockClocks();
        if (m_change.option == "reset-gpu-clocks")
            return resetClocks();
        if (m_change.option == "persistence-mode")
            return persistence();
        if (m_change.option == "compute-mode")
            return computeMode();
        if (m_change.option == "ecc-config")
            return errorCorrection();
        if (m_change.option == "reset-ecc-errors")
            return clearErrors();
        return migMode();
    }

private:
    sim::CommandResult ask(const SmiDevice& device, Verb verb, double value = 0, std::string text = {})
    {
        return m_place.change({.gpu = device.gpu->id, .verb = verb, .value = value, .text = std::move(text)});
    }

    int forbidden(std::string_view text)
    {
        m_place.print(text);
        m_place.print(kTerminating);
        return nvml::kNoPermission;
    }

    std::string firstBus() const { return m_devices.empty() ? std::string() : m_devices.front().gpu->slot.busId; }

    int done(std::string_view after = {})
    {
        m_place.print(kDone);
        m_place.print(after);
        return 0;
    }

    int powerLimit()
    {
        const auto watts = numberIn(m_change.value);
        if (!watts)
            return refusedArgument(m_place, m_change);
        for (const SmiDevice& device : m_devices) {
            const sim::gpu::Board& board = device.gpu->kind();
            if (*watts >= board.minLimitW && *watts <= board.defaultLimitW)
                continue;
            m_place.print(fmt::format("Provided power limit {:.2f} W is not a valid power limit which should be between {:.2f} W and {:.2f} W for GPU {}\n", *watts,
                                      board.minLimitW, board.defaultLimitW, device.gpu->slot.busId));
            m_place.print(kTerminating);
            return nvml::kInvalidArgument;
        }
        if (!m_state.root)
            return forbidden(fmt::format("Failed to set power management limit for GPU {}: Insufficient Permissions\n", firstBus()));
        std::string warnings;
        for (const SmiDevice& device : m_devices) {
            const double before = device.gpu->settings.powerLimitW;
            ask(device, Verb::PowerLimit, *watts);
            m_place.print(fmt::format("Power limit for GPU {} was set to {:.2f} W from {:.2f} W.\n", device.gpu->slot.busId, *watts, before));
            warnings += persistenceWarning(*device.gpu);
        }
        m_place.print(warnings);
        return done();
    }

    int lockClocks()
    {
        const std::vector<std::string> bounds = commaSeparated(m_change.value);
        if (bounds.empty() || bounds.size() > 2 || !numberIn(bounds.front()) || !numberIn(bounds.back()))
            return refusedArgument(m_place, m_change);
        if (!m_state.root)
            return forbidden(fmt::format("The current user does not have permission to change clocks for GPU {}.\n", firstBus()));
        std::string warnings;
        for (const SmiDevice& device : m_devices) {
            ask(device, Verb::LockClocks, *numberIn(bounds.back()));
            m_place.print(fmt::format("GPU clocks set to \"(gpuClkMin {}, gpuClkMax {})\" for GPU {}\n", bounds.front(), bounds.back(), device.gpu->slot.busId));
            warnings += persistenceWarning(*device.gpu);
        }
        m_place.print(warnings);
        return done();
    }

    int resetClocks()
    {
        if (!m_state.root)
            return forbidden(fmt::format("The current user does not have permission to change clocks for GPU {}.\n", firstBus()));
        for (const SmiDevice& device : m_devices)
            ask(device, Verb::ResetClocks);
        return done();
    }

    int persistence()
    {
        const auto on = switchIn(m_change.value);
        if (!on)
            return refusedArgument(m_place, m_change);
        const char* word = *on ? "Enabled" : "Disabled";
        if (!m_state.root)
            return forbidden(fmt::format("Unable to set persistence mode for GPU {}: Insufficient Permissions\n", firstBus()));
        for (const SmiDevice& device : m_devices) {
            if (device.gpu->settings.persistence == *on) {
                m_place.print(fmt::format("Persistence mode is already {} for GPU {}.\n", word, device.gpu->slot.busId));
                continue;
            }
            ask(device, Verb::Persistence, *on);
            m_place.print(fmt::format("{} persistence mode for GPU {}.\n", word, device.gpu->slot.busId));
        }
        return done();
    }

    int computeMode()
    {
        struct Mode {
            const char* number;
            const char* name;
            const char* shown;
        };
        static constexpr Mode kModes[]{{"0", "DEFAULT", "Default"}, {"2", "PROHIBITED", "Prohibited"}, {"3", "EXCLUSIVE_PROCESS", "Exclusive_Process"}};
        const auto mode = std::find_if(std::begin(kModes), std::end(kModes), [&](const Mode& m) { return m_change.value == m.number || m_change.value == m.name; });
        if (mode == std::end(kModes))
            return refusedArgument(m_place, m_change);
        if (!m_state.root)
            return forbidden(fmt::format("Unable to set compute mode for GPU {}: Insufficient Permissions\n", firstBus()));
        for (const SmiDevice& device : m_devices) {
            if (device.gpu->settings.computeMode == mode->shown) {
                m_place.print(fmt::format("Compute mode is already set to {} for GPU {}.\n", mode->name, device.gpu->slot.busId));
                continue;
            }
            ask(device, Verb::ComputeMode, 0, mode->shown);
            m_place.print(fmt::format("Set compute mode to {} for GPU {}.\n", mode->name, device.gpu->slot.busId));
        }
        return done();
    }

    int errorCorrection()
    {
        const auto on = switchIn(m_change.value);
        if (!on)
            return refusedArgument(m_place, m_change);
        const char* word = *on ? "Enabled" : "Disabled";
        if (!m_state.root)
            return forbidden(fmt::format("Unable to set ECC mode for GPU {}: Insufficient Permissions\n", firstBus()));
        bool changed = false;
        for (const SmiDevice& device : m_devices) {
            if (device.gpu->settings.eccPending == *on) {
                m_place.print(fmt::format("ECC mode is already set to {} for GPU {}.\n", word, device.gpu->slot.busId));
                continue;
            }
            ask(device, Verb::EccMode, *on);
            m_place.print(fmt::format("{} ECC support for GPU {}.\n", word, device.gpu->slot.busId));
            changed = true;
        }
        return done(changed ? "Reboot required.\n" : "");
    }

    int clearErrors()
    {
        if (m_change.value != "0" && m_change.value != "VOLATILE")
            return refusedArgument(m_place, m_change);
        if (!m_state.root)
            return forbidden(fmt::format("Unable to reset ECC errors for GPU {}: Insufficient Permissions\n", firstBus()));
        for (const SmiDevice& device : m_devices) {
            ask(device, Verb::ClearErrors);
            m_place.print(fmt::format("Reset volatile ECC errors to zero for GPU {}.\n", device.gpu->slot.busId));
        }
        return done();
    }

    int migMode()
    {
        const auto on = switchIn(m_change.value);
        if (!on)
            return refusedArgument(m_place, m_change);
        const char* verb = *on ? "enable" : "disable";
        if (!m_state.root)
            return forbidden(fmt::format("Unable to {} MIG Mode for GPU {}: Insufficient Permissions\n", verb, firstBus()));
        for (const SmiDevice& device : m_devices) {
            const std::string& bus = device.gpu->slot.busId;
            const sim::CommandResult result = ask(device, Verb::MigMode, *on);
            if (result.text != "pending") {
                m_place.print(fmt::format("{} MIG Mode for GPU {}\n", *on ? "Enabled" : "Disabled", bus));
                continue;
            }
            m_place.print(fmt::format("Warning: MIG mode is in pending {} state for GPU {}:In use by another client\n"
                                      "{} is currently being used by one or more other processes (e.g. CUDA application or a monitoring application such as another instance of "
                                      "nvidia-smi). Please first kill all processes using the device and retry the command or reboot the system to make MIG mode effective.\n",
                                      verb, bus, bus));
        }
        return done();
    }

    SmiPlace& m_place;
    const SmiState& m_state;
    const SmiChange& m_change;
    std::vector<SmiDevice> m_devices;
};

int resetDevices(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices)
{
    constexpr int kFailed = 255;
    std::string failures;
    int inUse = 0;
    for (const SmiDevice& device : devices) {
        const std::string& bus = device.gpu->slot.busId;
        if (!state.root) {
            failures += fmt::format("  GPU {}: Insufficient Permissions\n", bus);
            continue;
        }
        const sim::CommandResult result = place.change({.gpu = device.gpu->id, .verb = Verb::Reset, .value = 0, .text = {}});
        if (result.ok) {
            place.print(fmt::format("GPU {} was successfully reset.\n", bus));
            continue;
        }
        inUse += result.error == "in-use";
        failures += fmt::format("  GPU {}: {}\n", bus, result.error == "in-use" ? "In use by another client" : "GPU is lost");
    }
    if (failures.empty()) {
        place.print(kDone);
        return 0;
    }
    place.print("The following GPUs could not be reset:\n" + failures);
    if (inUse > 0)
        place.print(fmt::format("\n{0} device{1} currently being used by one or more other processes (e.g., Fabric Manager, CUDA application, graphics application such as an X "
                                "server, or a monitoring application such as another instance of nvidia-smi). Please first kill all processes using {2} and all compute "
                                "applications running in the system.\n",
                                inUse, inUse == 1 ? " is" : "s are", inUse == 1 ? "this device" : "these devices"));
    return kFailed;
}

} // namespace

int changeDevices(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const SmiChange& change)
{
    if (change.option == "gpu-reset")
        return resetDevices(place, state, devices);
    return Changes(place, state, devices, change).run();
}

} // namespace core::shell::gpu
