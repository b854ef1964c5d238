#include "sim/engine/assert.h"
#include "sim/gpu/gpus.h"
#include "sim/gpu/kernel_log.h"

#include <fmt/format.h>

namespace sim::gpu {

void Gpus::enumerate(Engine& engine, host::Hosts& hosts, Node& node, Gpu& gpu)
{
    const auto say = [&](std::string text) { logKernel(engine, hosts, gpu.host, std::move(text)); };
    const std::string pci = gpu.pciAddress();
    gpu.slot.replays = gpu.slot.correctedErrors = 0;
    gpu.slot.generation = gpu.kind().pcieGeneration;
    gpu.slot.width = 16;
    gpu.presence = Gpu::Presence::Working;
    if (gpu.slot.contact < 0.2) {
        gpu.presence = Gpu::Presence::Absent;
        return;
    }
    if (gpu.slot.contact < Slot::kGoodContact) { // lanes without contact are left out when the link trains
        gpu.slot.width = gpu.slot.contact > 0.55 ? 8 : 4;
        const double gigabits = 0.9846 * 32 * static_cast<double>(gpu.slot.width); // 32 GT/s, 128b/130b
        say(fmt::format("pci {}: {:.3f} Gb/s available PCIe bandwidth, limited by 32.0 GT/s PCIe x{} link at {} (capable of 504.112 Gb/s with 32.0 GT/s PCIe x16 link)",
                        pci, gigabits, gpu.slot.width, pci));
    }
    if (node.driver.loaded && gpu.card.defect.failsInitialisation) {
        gpu.presence = Gpu::Presence::Uninitialised;
        say(fmt::format("NVRM: GPU {}: RmInitAdapter failed! (0x22:0x56:884)", gpu.slot.busId.substr(4)));
        say(fmt::format("NVRM: GPU {}: rm_init_adapter failed, device minor number {}", gpu.slot.busId.substr(4), gpu.index));
    }
}

void Gpus::loadDriver(Engine& engine, host::Hosts& hosts, HostId host)
{
    Node* node = nodeOf(host);
    FL_ASSERT(node != nullptr);
    const std::string version = moduleVersionOnDisk(hosts.at(host));
    node->driver.loaded = !version.empty();
    if (!node->driver.loaded)
        return;
    node->driver.version = version;
    for (const GpuId id : node->gpus) {
        Gpu& gpu = at(id);
        gpu.instances.clear();
        for (NvLink& link : gpu.links) // registers of the chip
            link.crcErrors = link.replayErrors = link.recoveryErrors = 0;
        gpu.settings = {.powerLimitW = gpu.kind().defaultLimitW, .migPending = gpu.settings.migPending, .migCurrent = gpu.settings.migPending};
        gpu.now = {};
        gpu.processes.clear();
        gpu.lastXid = 0;
        gpu.recovery = RecoveryAction::None;
        gpu.hung = gpu.tainted = false;
        gpu.thermalMHz = 0;
        gpu.card.errors.driverLoaded();
        gpu.card.errors.remapper.activate();
        if (gpu.presence != Gpu::Presence::Lost) // what is off the bus answers no driver
            enumerate(engine, hosts, *node, gpu);
    }
}

bool Gpus::unloadDriver(HostId host)
{
    Node* node = nodeOf(host);
    FL_ASSERT(node != nullptr);
    for (const GpuId id : node->gpus)
        if (!at(id).processes.empty())
            return false;
    node->driver.loaded = false;
    return true;
}

void Gpus::onPower(Engine& engine, host::Hosts& hosts, HostId host, bool on)
{
    Node* node = nodeOf(host);
    if (node == nullptr)
        return;
    for (const GpuId id : node->gpus) {
        Gpu& gpu = at(id);
        gpu.processes.clear();
        gpu.instances.clear();
        if (on && gpu.presence != Gpu::Presence::Working)
            gpu.presence = Gpu::Presence::Working; // found again when the bus is walked, unless enumerate() says otherwise
    }
    node->mps = {};
    std::erase_if(m_hostPrograms, [&](const HostProgram& program) { return program.host == host; });
    if (!on) {
        node->driver.loaded = false;
        return;
    }
    logEvent(engine, host, "System Boot Initiated", "Initiated by power up");
    node->driver.peerMemory = true; // /etc/modules-load.d
    loadDriver(engine, hosts, host);
    for (const GpuId id : node->gpus)
        at(id).healthy = at(id).working();
}

void Gpus::resetSettings(Gpu& gpu)
{
    gpu.settings.powerLimitW = gpu.kind().defaultLimitW;
    gpu.settings.lockedMHz = 0;
}

Gpus::ResetResult Gpus::reset(Engine& engine, host::Hosts& hosts, GpuId id)
{
    Gpu& gpu = at(id);
    if (!gpu.working())
        return ResetResult::Lost;
    if (!gpu.processes.empty())
        return ResetResult::InUse;
    gpu.recovery = RecoveryAction::None;
    gpu.lastXid = 0;
    gpu.hung = gpu.tainted = false;
    gpu.settings.migCurrent = gpu.settings.migPending;
    resetSettings(gpu);
    gpu.card.errors.remapper.activate();
    gpu.card.errors.driverLoaded();
    for (NvLink& link : gpu.links)
        link = {.active = true, .crcPerSecond = link.crcPerSecond};
    enumerate(engine, hosts, *nodeOf(gpu.host), gpu);
    return ResetResult::Done;
}

} // namespace sim::gpu
