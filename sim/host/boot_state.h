#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/time.h"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace sim::host {

/// How far a machine has come since its power button was pressed. In Menu, Prompt, InitramfsShell, Panic and Emergency it
/// stays until somebody at its console goes on.
enum class BootStage : std::uint8_t {
    Off,
    Firmware,
    Menu,           ///< GRUB's menu, counting down unless GrubState::stays
    Prompt,         ///< "grub>"
    Kernel,
    Initramfs,      ///< waits for the root device
    InitramfsShell, ///< "(initramfs)"
    Panic,
    Services,       ///< systemd works towards its target
    Emergency,      ///< emergency.target: the root filesystem and a shell on the console
    Rescue,         ///< rescue.target: local filesystems and a shell on the console
    Running
};

/// What GRUB hands to a kernel.
struct BootEntry {
    std::string title;
    std::string kernel;    ///< "/boot/vmlinuz-6.1.0-28-amd64"
    std::string initrd;    ///< may be empty
    std::string arguments; ///< "root=UUID=... ro quiet"
    bool operator==(const BootEntry&) const = default;
};
BOOST_DESCRIBE_STRUCT(BootEntry, (), (title, kernel, initrd, arguments))

/// A bar of the boot's chart: a phase ("firmware", "kernel") or a unit.
struct BootStep {
    std::string name;
    Instant begin{};
    Instant end{};
    bool ok = true;
    bool operator==(const BootStep&) const = default;
};
BOOST_DESCRIBE_STRUCT(BootStep, (), (name, begin, end, ok))

/// The serial console's output: the latest kConsoleLines lines. `printed` counts all there ever were, so that a reader knows
/// what it has missed.
struct Console {
    std::deque<std::string> lines;
    std::int64_t printed = 0;
    static constexpr std::size_t kConsoleLines = 400;
    bool operator==(const Console&) const = default;
    void print(std::string line);
};
BOOST_DESCRIBE_STRUCT(Console, (), (lines, printed))

/// The boot that is under way or was last. Instants are those at which a phase began.
struct Boot {
    BootStage stage = BootStage::Running;
    BootEntry entry;
    std::string target = "multi-user.target"; ///< what systemd works towards
    Instant firmware{}, loader{}, kernel{}, userspace{}, finished{};
    std::vector<BootStep> steps;
    bool menuStays = false;        ///< an entry failed or somebody pressed a key: no count-down
    std::string bootDevice;        ///< one boot's override by the management controller: "pxe", "disk", "cdrom"
    std::vector<std::string> waitsFor; ///< mount units without which local-fs.target is not reached
    bool operator==(const Boot&) const = default;
};
BOOST_DESCRIBE_STRUCT(Boot, (), (stage, entry, target, firmware, loader, kernel, userspace, finished, steps, menuStays, bootDevice, waitsFor))

/// An earlier boot, as `journalctl --list-boots` shows it.
struct PastBoot {
    std::string id;
    Instant first{};
    Instant last{};
    bool operator==(const PastBoot&) const = default;
};
BOOST_DESCRIBE_STRUCT(PastBoot, (), (id, first, last))

} // namespace sim::host
