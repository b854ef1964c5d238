#pragma once

#include "sim/gpu/gpus.h"

#include <functional>
#include <optional>
#include <string>

namespace sim::gpu {

/// The container that holds a device, for the exporter's labels.
struct DcgmOwner {
    std::string space; ///< the pod's namespace
    std::string pod;
    std::string container;
};
using DcgmOwners = std::function<std::optional<DcgmOwner>(const Gpu&)>;

/// What dcgm-exporter answers on /metrics of a machine, with its default set of counters. `hostName` is its label "Hostname": with
/// the GPU operator the node's. A device that is lost keeps its last Xid and nothing else; without a driver there is no text.
std::string dcgmMetrics(const Gpus& gpus, HostId host, const std::string& hostName, const DcgmOwners& ownerOf);

} // namespace sim::gpu
