#include "sim/gpu/gpus.h"
#include "sim/gpu/kernel_log.h"

#include <fmt/format.h>

namespace sim::gpu {

namespace {

/// As the kernel module words it; NVML's names are shorter.
std::string recoveryWords(RecoveryAction action)
{
    if (action == RecoveryAction::Reset)
        return "GPU Reset Required";
    if (action == RecoveryAction::Reboot)
        return "Node Reboot Required";
    return std::string(recoveryText(action));
}

} // namespace

void Gpus::report(Engine& engine, host::Hosts& hosts, GpuId id, int xid, const std::string& message, std::int64_t pid, const std::string& process)
{
    Gpu& gpu = at(id);
    if (gpu.lastXid == 0)
        logKernel(engine, hosts, gpu.host, fmt::format("NVRM: GPU at PCI:{}: {}", gpu.xidBus(), gpu.card.uuid));
    logKernel(engine, hosts, gpu.host, xidLine(gpu.xidBus(), xid, pid, process, message));
    gpu.lastXid = xid;
    const RecoveryAction wanted = recoveryAfter(xid);
    if (wanted > gpu.recovery) {
        logKernel(engine, hosts, gpu.host,
                  xidLine(gpu.xidBus(), 154, 0, {},
                          fmt::format("GPU recovery action changed from 0x{:x} ({}) to 0x{:x} ({})", static_cast<int>(gpu.recovery), recoveryWords(gpu.recovery),
                                      static_cast<int>(wanted), recoveryWords(wanted))));
        gpu.recovery = wanted;
    }
    const XidInfo* info = xidOf(xid);
    if (info == nullptr || !info->application)
        gpu.healthy = false;
}

void Gpus::lose(Engine& engine, host::Hosts& hosts, GpuId id)
{
    Gpu& gpu = at(id);
    if (!gpu.working())
        return;
    gpu.presence = Gpu::Presence::Lost;
    report(engine, hosts, id, 79, "GPU has fallen off the bus.");
    const std::string address = gpu.slot.busId.substr(4);
    logKernel(engine, hosts, gpu.host, fmt::format("NVRM: GPU {}: GPU has fallen off the bus.", address));
    logKernel(engine, hosts, gpu.host, fmt::format("NVRM: GPU {}: GPU serial number is {}.", address, gpu.card.serial));
    logEvent(engine, gpu.host, fmt::format("Add-in Card GPU{}", gpu.index), "Device Absent");
    m_lost.push_back({id, 79});
}

void Gpus::loseLinks(Engine& engine, host::Hosts& hosts, GpuId id, const std::vector<std::size_t>& links)
{
    for (const std::size_t i : links) {
        NvLink& link = at(id).links[i];
        if (!link.active)
            continue;
        link.active = false;
        link.recoveryErrors += 3; // retraining was tried as often
        link.crcErrors += 1'800;
        // Bit 16 of the first register: the link's own hardware (docs.nvidia.com/deploy/xid-errors, workflow of Xid 74).
        report(engine, hosts, id, 74, fmt::format("pid='<unknown>', name=<unknown>, NVLink: fatal error detected on link {}(0x10000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0)", i));
    }
}

/// `place`: where the double bit error was, in the words of Xid 48. The program that met it ends.
void Gpus::reportErrors(Engine& engine, host::Hosts& hosts, GpuId id, const std::vector<int>& xids, const std::string& place)
{
    const Gpu& gpu = at(id);
    const bool used = !gpu.processes.empty();
    const std::int64_t pid = used ? gpu.processes.front().pid : 0;
    const std::string name = used ? gpu.processes.front().name : std::string();
    for (const int xid : xids)
        report(engine, hosts, id, xid,
               xid == 48   ? "An uncorrectable double bit error (DBE) has been detected on GPU in the " + place
                   : xid == 63 ? "Row Remapper: New row marked for remapping, reset gpu to activate."
                   : xid == 64 ? "Row Remapper: Failed to remap row, no spare row left in the bank."
                   : xid == 94 ? "Contained: CE User Channel (0x9). RST: No, D-RST: No"
                               : "Uncontained: LTC TAG (0x2,0x1). RST: Yes, D-RST: No",
               xid == 48 ? 0 : pid, name);
    if (used)
        m_lost.push_back({id, xids.back()});
}

void Gpus::spoilMemory(Engine& engine, host::Hosts& hosts, GpuId id)
{
    Gpu& gpu = at(id);
    const std::int64_t bank = gpu.card.defect.weakBank >= 0
        ? gpu.card.defect.weakBank
        : static_cast<std::int64_t>(engine.random("gpu/hardware").below(static_cast<std::uint64_t>(gpu.kind().remapBanks)));
    reportErrors(engine, hosts, id, gpu.card.errors.uncorrectable(bank), fmt::format("framebuffer at partition {}, subpartition {}.", bank % 12, bank % 2));
}

void Gpus::spoilCache(Engine& engine, host::Hosts& hosts, GpuId id)
{
    Gpu& gpu = at(id);
    gpu.tainted = true;
    reportErrors(engine, hosts, id, gpu.card.errors.sramUncorrectable(), "L2 cache.");
}

} // namespace sim::gpu
