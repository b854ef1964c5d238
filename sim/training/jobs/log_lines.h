#pragma once

#include "sim/training/collectives/collective.h"
#include "sim/training/jobs/job.h"

#include <string>
#include <vector>

/// What trainers print, as Megatron-LM, torch.distributed and torchrun word it. Sources: README.md.
namespace sim::training {

/// " [2026-03-02 09:31:05.123456] iteration      120/   50000 | consumed samples: ..."
std::string iterationLine(const Run& run, const StepRecord& record, Instant at);

/// Of the process of one rank, when a collective has taken too long: the watchdog's lines.
std::vector<std::string> watchdogLines(const Run& run, std::int64_t rank, Instant at);
/// Of a rank that calls another collective than some other, with TORCH_DISTRIBUTED_DEBUG=DETAIL.
std::vector<std::string> mismatchLines(const Run& run, std::int64_t rank);
/// Of a rank whose NCCL communicator met an error of the network or lost a peer.
std::vector<std::string> remoteErrorLines(const Run& run, std::int64_t rank, Instant at);
/// NCCL's thread of a rank that moves data to and from the network; the CUDA device stands behind it.
inline constexpr const char* kProxyThread = "NCCL Progress";
/// "NCCL WARN NET/IB: Got completion from peer ...", of the process's proxy thread; nothing below NCCL_DEBUG=WARN.
std::vector<std::string> completionLines(const Member& member, std::int64_t localRank, host::Pid proxy, const std::string& device, const std::string& peerAddress, Instant at);
/// torchrun's report when a process of its machine has ended badly.
std::vector<std::string> childFailedLines(const Member& member, const ProcessEnd& end, Instant at);
/// c10d's store gave up waiting for the other machines.
std::string storeTimeoutLine(std::int64_t came, std::int64_t expected, double seconds);
/// torch's error about a call that NCCL has refused.
std::vector<std::string> ncclErrorLines(std::int64_t rank, const collectives::Failure& failure);
/// The ranks could not connect within the process group's timeout.
std::vector<std::string> bootstrapTimeoutLines(const Run& run, std::int64_t rank, Instant at);
/// "2026-03-02 09:31:05", as the trainer prints its milestones.
std::string trainerDate(Instant at);
/// Of a GPU's rank, on its machine.
std::int64_t localRankOf(const Run& run, std::int64_t rank);

} // namespace sim::training
