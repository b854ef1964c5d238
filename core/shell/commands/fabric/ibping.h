#pragma once

#include "core/shell/commands/fabric/text.h"

#include <optional>

namespace core::shell::fabric {

/// Where an ibping goes and what its server calls itself.
struct IbpingTarget {
    int lid = 0;
    std::string server; ///< "gpu-2.(none)": host and domain, as the server fills them in
};

/// How long an answer takes; nothing when none comes within ibping's patience (no route, or nobody runs
/// `ibping -S` there: `serverRuns`). `chance` in [0, 1) spreads the answers as a user-space server does.
std::optional<sim::Duration> ibpingTime(const rdma::Fabric& fabric, rdma::DeviceId from, rdma::DeviceId to,
                                        bool serverRuns, double chance);
std::string ibpingLine(const IbpingTarget& target, sim::Duration time);
std::string ibpingLostLines(const IbpingTarget& target, int pid);
/// `times` of the answers; `total`: from the first packet on.
std::string ibpingSummary(const IbpingTarget& target, const std::vector<sim::Duration>& times,
                          std::size_t sent, sim::Duration total);
/// What libibumad waits for an answer: 1,000 ms, three times again.
constexpr sim::Duration kIbpingPatience = std::chrono::seconds(4);

} // namespace core::shell::fabric
