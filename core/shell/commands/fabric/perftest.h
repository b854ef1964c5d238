#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

enum class PerftestVerb { Write, Read, Send };

struct PerftestOptions {
    PerftestVerb verb = PerftestVerb::Write;
    bool latency = false;          ///< ib_*_lat
    std::int64_t bytes = 0;        ///< -s; 0: 65,536, for latency 2
    std::int64_t iterations = 0;   ///< -n; 0: 5,000 writes, otherwise 1,000
    int durationSeconds = 0;       ///< -D
    bool allSizes = false;         ///< -a: 2 .. 8,388,608
    bool gigabits = false;         ///< --report_gbits
    int queuePairs = 1;            ///< -q
    int gidIndex = -1;             ///< -x
    std::uint8_t serviceLevel = 0; ///< -S
    std::uint8_t trafficClass = 0; ///< --tclass
    bool gpuMemory = false;        ///< --use_cuda
};

/// One run of a client against a server that waits: what both print and how long it takes.
struct PerftestRun {
    Text client;
    Text server;
    sim::Duration takes{};
    /// What crosses the fabric meanwhile, on average. Its ends are invalid when nothing does.
    rdma::TransferRequest transfer;
};

/// What either side says of its own port before anything else; empty when it is active.
std::string perftestPortComplaint(const rdma::Port& port);
/// What a server prints until a client comes.
std::string perftestWaiting();
/// `seed` makes up queue pair numbers, sequence numbers and addresses. Two devices of different nodes.
PerftestRun perftest(const rdma::Fabric& fabric, rdma::DeviceId client, rdma::DeviceId server,
                     const PerftestOptions& options, std::uint64_t seed);
/// What a client prints when no server listens at an address.
Text perftestRefused(const std::string& server);

} // namespace core::shell::fabric
