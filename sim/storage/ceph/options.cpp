#include "sim/storage/ceph/options.h"

#include <algorithm>
#include <array>

namespace sim::storage::ceph {

namespace {

constexpr std::array kOptions{
    Option{"mds_beacon_grace", "15.000000", nullptr, "advanced", true},
    Option{"mon_allow_pool_delete", "false", nullptr, "advanced", true},
    Option{"mon_clock_drift_allowed", "0.050000", nullptr, "advanced", true},
    Option{"mon_osd_down_out_interval", "600", nullptr, "advanced", true},
    Option{"mon_osd_min_down_reporters", "2", nullptr, "advanced", true},
    Option{"osd_heartbeat_grace", "20", nullptr, "advanced", true},
    Option{"osd_max_backfills", "1", nullptr, "advanced", true},
    Option{"osd_mclock_override_recovery_settings", "false", nullptr, "advanced", true},
    Option{"osd_mclock_profile", "balanced", nullptr, "advanced", true},
    Option{"osd_op_complaint_time", "30.000000", nullptr, "advanced", true},
    Option{"osd_recovery_max_active", "3", "10", "advanced", true},
};

constexpr std::array kProfiles{
    MclockProfile{"balanced", 0.5, 0.5},
    MclockProfile{"high_client_ops", 0.6, 0.4},
    MclockProfile{"high_recovery_ops", 0.3, 0.7},
};

} // namespace

std::span<const Option> options() { return kOptions; }

const MclockProfile& mclockProfile(const std::string& name)
{
    const auto found = std::find_if(kProfiles.begin(), kProfiles.end(), [&](const MclockProfile& one) { return name == one.name; });
    return found == kProfiles.end() ? kProfiles.front() : *found;
}

} // namespace sim::storage::ceph
