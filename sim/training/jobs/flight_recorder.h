#pragma once

#include "sim/training/jobs/operations.h"
#include "sim/training/jobs/run_context.h"

#include <nlohmann/json.hpp>

namespace sim::training {

/// Of the last operations that a dump tells of: all ranks agree on those before.
inline constexpr std::int64_t kRecorded = 24;

/// What torch's flight recorder holds of a rank's collectives, as its dump says it (torch/csrc/distributed/c10d/FlightRecorder.cpp,
/// version 2.10).
nlohmann::json flightDump(const RunContext& context, std::int64_t rank);
/// "#0 all_reduce from /usr/local/...": what its traceback looks like in the watchdog's words.
std::vector<std::string> stackOf(const Operation& operation);
/// TORCH_FR_BUFFER_SIZE, TORCH_NCCL_TRACE_BUFFER_SIZE: 0 when the recorder is off.
std::int64_t recorderSize(const Worker& worker);
/// The collective that timed out is known to every rank whose process runs: each writes its dump to where
/// TORCH_NCCL_DEBUG_INFO_TEMP_FILE says.
void dumpRecorders(const RunContext& context);

} // namespace sim::training
