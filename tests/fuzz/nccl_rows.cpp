#include "core/validation/nccl.h"
#include "sim/engine/assert.h"
#include "tests/fuzz/fuzz_target.h"

#include <cmath>
#include <string_view>

/// Any bytes are rows or an error that names the file; a row is simulated to a finite figure or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto rows = core::validation::readNcclRows({reinterpret_cast<const char*>(data), size}, "rows.csv");
    if (!rows) {
        FL_ASSERT(rows.error().text().find("rows.csv") != std::string::npos);
        return 0;
    }
    for (const core::validation::NcclRow& row : *rows) {
        FL_ASSERT(row.bytes > 0 && row.nodes > 0 && row.gpusPerNode > 0);
        const auto figure = core::validation::simulate(row);
        FL_ASSERT(!figure || (std::isfinite(figure->simulated) && figure->simulated > 0 && std::isfinite(figure->error())));
    }
    return 0;
}
