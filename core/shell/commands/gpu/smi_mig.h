#pragma once

#include "core/shell/commands/gpu/smi_state.h"
#include "sim/gpu/mig.h"

namespace core::shell::gpu {

/// What an instance of a profile gets of a board.
struct MigFigures {
    double memoryGib = 0;
    std::int64_t memoryMib = 0;
    std::int64_t bar1Mib = 0;
    int multiprocessors = 0;
    int copyEngines = 0;
    int decoders = 0;
    int jpegs = 0;
    int opticalFlow = 0;
};
MigFigures migFigures(const sim::gpu::Board& board, const sim::gpu::MigProfile& profile);

/// nvidia-smi mig ...
int migCommand(SmiPlace& place, const std::vector<std::string>& arguments);

} // namespace core::shell::gpu
