#include "core/validation/nccl.h"

#include "core/validation/system_name.h"
#include "sim/training/collectives/timing.h"

namespace core::validation {

namespace collectives = sim::training::collectives;

sim::Result<Figure> simulate(const NcclRow& row)
{
    auto system = systemNamed(row.system, row.nodes, row.gpusPerNode);
    if (!system)
        return sim::Error{system.error().message, row.where + ", system"};
    collectives::Forced forced;
    forced.algorithm = row.algorithm;
    // Between nodes NVLS is a part of NVLSTree, and publications call both NVLS.
    if (forced.algorithm == collectives::Algorithm::Nvls && row.nodes > 1)
        forced.algorithm = collectives::Algorithm::NvlsTree;
    forced.ringInstead = true; // runs of before NCCL 2.24
    const collectives::Timing timing = collectives::timeOf(*system, {}, row.collective, row.bytes, forced);
    if (timing.failure)
        return sim::Error{"NCCL would refuse this run: " + timing.failure->text, row.where};
    return Figure{row.name, row.busGigabytesPerSecond, timing.busGigabytesPerSecond};
}

} // namespace core::validation
