#pragma once

#include "sim/host/machine.h"

namespace sim::host {

/// A line of the kernel's boot, and how long after power-on's hand-over it is printed.
struct BootLine {
    Duration after{};
    std::string text;
};
/// What Debian's kernel prints on this machine until it starts systemd.
std::vector<BootLine> kernelBootLines(const Machine& machine);

/// systemd and the kernel's threads.
void addKernelProcesses(Machine& machine);
/// Enabled units, each after what it names in After= and Requires=; targets last. Cycles are cut where met.
std::vector<std::string> startOrder(const Machine& machine);
/// Why a boot that nobody watches would not bring the unit up; empty when it would: GRUB's default entry, the root
/// device, what fstab requires, and whether the unit is enabled. It does not try the unit itself.
std::string bootObstacle(const Machine& machine, const std::string& unit);
std::string newBootId(const Machine& machine);
/// Targets that a boot passes before it starts services, in this order.
const std::vector<std::string>& earlyTargets();
/// Units that run before local filesystems are there: the journal and udev.
bool isEarly(const Unit& unit);
/// Where /etc/systemd/system/default.target leads, or the kernel's arguments; "multi-user.target" without either.
std::string bootTarget(const Machine& machine, const std::string& kernelArguments);
/// systemd's progress lines on the console: "[  OK  ] Started ...", "[FAILED] ...", "[DEPEND] ...", "[ TIME ] ...".
std::string statusLine(const char* word, const std::string& text);
/// The question before the shell of emergency and rescue mode (sulogin with a root account without password).
std::string maintenanceText(BootStage stage);

/// From power-on to GRUB. A real server's firmware takes minutes; the lab shortens it so that a reboot costs about 40 s in
/// all.
constexpr Duration kFirmware = 15s;
constexpr Duration kKernelBoot = 5s; ///< from the kernel's first line to systemd's start
constexpr Duration kInitramfs = 2s;  ///< of this until the initramfs looks for the root device
constexpr Duration kRootDelay = 30s; ///< how long it waits for one that is not there (initramfs-tools' ROOTDELAY)
constexpr Duration kUserspace = 14s; ///< from systemd's start to multi-user.target; units start within it
constexpr Duration kDeviceTimeout = 90s; ///< DefaultTimeoutStartSec, for the device of a mount
constexpr Duration kUnitGap = 400ms; ///< between the starts of two units

} // namespace sim::host
