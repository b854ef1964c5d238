#pragma once

#include "core/validation/figure.h"
#include "core/validation/nccl_rows.h"

namespace core::validation {

/// The bus bandwidth that the collectives' model gives for a published row, GB/s.
sim::Result<Figure> simulate(const NcclRow& row);

} // namespace core::validation
