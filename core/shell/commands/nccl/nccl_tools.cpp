#include "core/shell/commands/nccl/nccl_tools.h"

#include "core/shell/commands/nccl/perf_run.h"

namespace core::shell {

void addNcclTools(CommandTable& table)
{
    nccl::addNcclTests(table);
    nccl::addMpirun(table);
}

} // namespace core::shell
