#include "sim/gpu/xid.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sim::gpu {

namespace {

using enum XidAction;

constexpr std::array kCatalogue{
    XidInfo{13, "Graphics Engine Exception", RestartApp, true},
    XidInfo{31, "GPU memory page fault", RestartApp, true},
    XidInfo{43, "GPU stopped processing", Ignore, true},
    XidInfo{45, "Preemptive cleanup, due to previous errors", FollowOtherXid, true},
    XidInfo{46, "GPU stopped processing", ResetGpu},
    XidInfo{48, "Double Bit ECC Error", DrainAndReset},
    XidInfo{61, "Internal micro-controller breakpoint/warning", ResetGpu},
    XidInfo{62, "Internal micro-controller halt", ResetGpu},
    XidInfo{63, "ECC row remapping recording event", Ignore},
    XidInfo{64, "ECC row remapper: recording failure", ResetGpu},
    XidInfo{68, "NVDEC0 Exception", RestartApp, true},
    XidInfo{74, "NVLINK Error", CheckNvlink},
    XidInfo{79, "GPU has fallen off the bus", RestartMachine},
    XidInfo{92, "High single-bit ECC error rate", Ignore},
    XidInfo{94, "Contained ECC error", RestartApp},
    XidInfo{95, "Uncontained ECC error", ResetGpu},
    XidInfo{109, "Context Switch Timeout Error", ResetGpu, true},
    XidInfo{110, "Security Fault Error", ResetGpu},
    XidInfo{119, "GSP RPC Timeout", ResetGpu},
    XidInfo{120, "GSP Error", ResetGpu},
    XidInfo{121, "C2C Link corrected error", Ignore},
    XidInfo{136, "Link Training Failed", ResetGpu},
    XidInfo{137, "NVLink FLA privilege error", Ignore},
    XidInfo{140, "Unrecovered ECC Error", ResetGpu},
    XidInfo{143, "GPU Initialization Error", ResetGpu},
    XidInfo{144, "NVLINK: SAW Error", CheckNvlink},
    XidInfo{145, "NVLINK: RLW Error", CheckNvlink},
    XidInfo{146, "NVLINK: TLW Error", CheckNvlink},
    XidInfo{147, "NVLINK: TREX Error", CheckNvlink},
    XidInfo{148, "NVLINK: NVLPW_CTRL Error", CheckNvlink},
    XidInfo{149, "NVLINK: NETIR Error", CheckNvlink},
    XidInfo{150, "NVLINK: MSE Error", CheckNvlink},
    XidInfo{154, "GPU Recovery Action Changed", Ignore},
    XidInfo{155, "NVLINK: SW Defined Error", ResetGpu},
    XidInfo{156, "Resource Retirement Event", ResetGpu},
    XidInfo{157, "Resource Retirement Failure", ContactSupport},
    XidInfo{158, "GPU Fatal Timeout", ResetGpu},
};

} // namespace

std::span<const XidInfo> xidCatalogue()
{
    return kCatalogue;
}

const XidInfo* xidOf(int code)
{
    const auto found = std::lower_bound(kCatalogue.begin(), kCatalogue.end(), code, [](const XidInfo& one, int wanted) { return one.code < wanted; });
    return found != kCatalogue.end() && found->code == code ? &*found : nullptr;
}

std::string_view recoveryText(RecoveryAction action)
{
    switch (action) {
    case RecoveryAction::None: return "None";
    case RecoveryAction::Reset: return "Reset";
    case RecoveryAction::Reboot: return "Reboot";
    case RecoveryAction::DrainPeers: return "Drain P2P";
    case RecoveryAction::DrainAndReset: return "Drain and Reset";
    }
    return "None";
}

RecoveryAction recoveryAfter(int xid)
{
    const XidInfo* info = xidOf(xid);
    if (info == nullptr)
        return RecoveryAction::None;
    switch (info->action) {
    case ResetGpu:
    case CheckNvlink: return RecoveryAction::Reset;
    case RestartMachine: return RecoveryAction::Reboot;
    case DrainAndReset: return RecoveryAction::DrainAndReset;
    default: return RecoveryAction::None;
    }
}

std::string xidLine(std::string_view bus, int code, std::int64_t pid, std::string_view process, std::string_view message)
{
    if (pid <= 0)
        return fmt::format("NVRM: Xid (PCI:{}): {}, {}", bus, code, message);
    return fmt::format("NVRM: Xid (PCI:{}): {}, pid={}, name={}, {}", bus, code, pid, process, message);
}

} // namespace sim::gpu
