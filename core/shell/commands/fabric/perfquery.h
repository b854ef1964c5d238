#pragma once

#include "core/shell/commands/fabric/text.h"

#include <array>
#include <utility>

namespace core::shell::fabric {

struct CounterField {
    const char* name; ///< as libibmad calls it
    rdma::PortCounter counter;
};

/// What is no data counter, in the order of the attribute.
constexpr std::array<CounterField, 13> kErrorCounters = {{
    {"SymbolErrorCounter", rdma::PortCounter::SymbolError},
    {"LinkErrorRecoveryCounter", rdma::PortCounter::LinkErrorRecovery},
    {"LinkDownedCounter", rdma::PortCounter::LinkDowned},
    {"PortRcvErrors", rdma::PortCounter::RcvErrors},
    {"PortRcvRemotePhysicalErrors", rdma::PortCounter::RcvRemotePhysicalErrors},
    {"PortRcvSwitchRelayErrors", rdma::PortCounter::RcvSwitchRelayErrors},
    {"PortXmitDiscards", rdma::PortCounter::XmitDiscards},
    {"PortXmitConstraintErrors", rdma::PortCounter::XmitConstraintErrors},
    {"PortRcvConstraintErrors", rdma::PortCounter::RcvConstraintErrors},
    {"LocalLinkIntegrityErrors", rdma::PortCounter::LocalLinkIntegrityErrors},
    {"ExcessiveBufferOverrunErrors", rdma::PortCounter::ExcessiveBufferOverrunErrors},
    {"VL15Dropped", rdma::PortCounter::Vl15Dropped},
    {"PortXmitWait", rdma::PortCounter::XmitWait},
}};

struct PerfqueryOptions {
    std::string device;              ///< -C; the default device when empty
    int lid = 0;                     ///< 0: the local port
    int port = -1;                   ///< -1: a device's only port, a switch's needs one
    bool extended = false;           ///< -x
    bool all = false;                ///< -a: all ports of a node, summed up
    bool reset = false;              ///< -r: after reading
    bool resetOnly = false;          ///< -R
    std::uint32_t mask = 0xffffffff; ///< of counters to reset: bits 0 .. 11 errors, 12 .. 15 data
    int pid = 1;
};

Text perfqueryText(const rdma::Fabric& fabric, sim::HostId host, const PerfqueryOptions& options = {});
/// What -r and -R set to zero: for the caller to apply.
std::vector<std::pair<rdma::PortId, rdma::PortCounter>> perfqueryResets(const rdma::Fabric& fabric,
                                                                        sim::HostId host,
                                                                        const PerfqueryOptions& options);

} // namespace core::shell::fabric
