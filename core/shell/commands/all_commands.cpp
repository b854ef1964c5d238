#include "core/shell/commands/all_commands.h"

#include "core/shell/commands/ceph/ceph.h"
#include "core/shell/commands/docker/docker.h"
#include "core/shell/commands/etcdctl/etcdctl.h"
#include "core/shell/commands/fabric/fabric_tools.h"
#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/hands.h"
#include "core/shell/commands/ipmitool.h"
#include "core/shell/commands/kubectl/kubectl.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/nccl/nccl_tools.h"
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/commands/vllm/vllm.h"
#include "core/shell/text/text_commands.h"

namespace core::shell {

CommandTable allCommands()
{
    CommandTable table;
    addTextCommands(table);
    addLinuxCommands(table);
    addKubectl(table);
    addDocker(table);
    addEtcdctl(table);
    addGpuTools(table);
    addFabricTools(table);
    addCephTools(table);
    addIpmitool(table);
    addHands(table);
    addNcclTools(table);
    addProfilers(table);
    addVllm(table);
    return table;
}

} // namespace core::shell
