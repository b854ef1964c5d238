#pragma once

#include "sim/engine/result.h"
#include "sim/training/collectives/collective.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::validation {

/// One published figure of nccl-tests.
struct NcclRow {
    std::string name;   ///< what the listing calls it; made from the fields where the file gives none
    std::string system;
    int nodes = 1;
    int gpusPerNode = 8;
    sim::training::collectives::Collective collective = sim::training::collectives::Collective::AllReduce;
    std::optional<sim::training::collectives::Algorithm> algorithm; ///< none: NCCL's own choice
    std::int64_t bytes = 0;
    double busGigabytesPerSecond = 0;
    std::string use;    ///< "tuned" or "held": of this project's own rows
    std::string where;  ///< "rows.csv:12", for errors
};

/// CSV (a header, columns in any order) or JSON (an array, or {"rows": [...]}) with system, nodes, GPUs per node,
/// collective, algorithm, bytes and busbw in GB/s. `file` only names the text in errors.
sim::Result<std::vector<NcclRow>> readNcclRows(std::string_view text, const std::string& file);

/// "16M", "16 MiB", "1.5GB", 16777216: nccl-tests' suffixes are powers of two, whatever they are called.
std::optional<std::int64_t> bytesIn(std::string_view text);

} // namespace core::validation
