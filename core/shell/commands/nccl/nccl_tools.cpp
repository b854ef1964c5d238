#include "core/shell/commands/nccl/nccl_tools.h"

#include "core/shell/commands/nccl/perf_run.h"

namespace core::shell {

void addNcclTools(CommandTable& table)
{
    nccl::addNcclTests(table);
    nccl::addMpirun(table);
    nccl::addFrTrace(table);
    nccl::addNcclRas(table);
}

} // namespace core::shell
