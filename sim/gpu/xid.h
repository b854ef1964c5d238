#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sim::gpu {

/// What NVIDIA's Xid catalogue says to do at once (docs.nvidia.com/deploy/xid-errors).
enum class XidAction : std::uint8_t { Ignore, RestartApp, ResetGpu, RestartMachine, ContactSupport, FollowOtherXid, CheckNvlink, DrainAndReset };

struct XidInfo {
    int code = 0;
    std::string_view meaning;
    XidAction action = XidAction::Ignore;
    /// The device plugin takes it for the program's fault and leaves the device healthy
    /// (NVIDIA/k8s-device-plugin, internal/rm/health.go).
    bool application = false;
};

std::span<const XidInfo> xidCatalogue();
/// Null: not in the catalogue.
const XidInfo* xidOf(int code);

/// "GPU Recovery Action" of nvidia-smi -q.
enum class RecoveryAction : std::uint8_t { None, Reset, Reboot, DrainPeers, DrainAndReset };
std::string_view recoveryText(RecoveryAction action);
RecoveryAction recoveryAfter(int xid);

/// A line of the kernel log. `bus` as "0000:9b:00"; without a pid there is no "pid=..., name=..." (`message` as the driver ends it).
std::string xidLine(std::string_view bus, int code, std::int64_t pid, std::string_view process, std::string_view message);

} // namespace sim::gpu
