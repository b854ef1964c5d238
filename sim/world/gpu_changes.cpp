#include "sim/world/gpu_changes.h"

#include "sim/gpu/mig.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim {

namespace {

CommandResult changedGpu(const host::Hosts& hosts, const gpu::Gpu& gpu)
{
    CommandResult result;
    result.changed.push_back(fmt::format("gpu/{}/{}", hosts.at(gpu.host).name, gpu.index));
    return result;
}

void setMigMode(gpu::Gpu& gpu, bool on)
{
    gpu.settings.migPending = on;
    if (!gpu.processes.empty()) // waits for the reset
        return;
    gpu.settings.migCurrent = on;
    gpu.instances.clear();
}

gpu::MigInstance* instanceOf(gpu::Gpu& gpu, double id)
{
    const auto found = std::find_if(gpu.instances.begin(), gpu.instances.end(), [&](const auto& one) { return one.id == static_cast<std::int64_t>(id); });
    return found == gpu.instances.end() ? nullptr : &*found;
}

} // namespace

CommandResult changeGpu(Engine& engine, host::Hosts& hosts, gpu::Gpus& gpus, const command::GpuChange& change)
{
    using Verb = command::GpuChange::Verb;
    gpu::Gpu& gpu = gpus.at(change.gpu);
    if (!gpu.working())
        return CommandResult::failed("lost");
    const gpu::Board& board = gpu.kind();
    CommandResult result = changedGpu(hosts, gpu);
    switch (change.verb) {
    case Verb::PowerLimit:
        if (change.value < board.minLimitW || change.value > board.defaultLimitW)
            return CommandResult::failed("out-of-range");
        gpu.settings.powerLimitW = change.value;
        return result;
    case Verb::LockClocks:
        gpu.settings.lockedMHz = std::clamp<std::int64_t>(static_cast<std::int64_t>(change.value), board.idleSmMHz, board.maxSmMHz);
        return result;
    case Verb::ResetClocks: gpu.settings.lockedMHz = 0; return result;
    case Verb::Persistence: gpu.settings.persistence = change.value != 0; return result;
    case Verb::ComputeMode: gpu.settings.computeMode = change.text; return result;
    case Verb::EccMode: gpu.settings.eccPending = change.value != 0; return result;
    case Verb::ClearErrors: gpu.card.errors.driverLoaded(); return result;
    case Verb::Reset:
        switch (gpus.reset(engine, hosts, change.gpu)) {
        case gpu::Gpus::ResetResult::Done: return result;
        case gpu::Gpus::ResetResult::InUse: return CommandResult::failed("in-use");
        case gpu::Gpus::ResetResult::Lost: return CommandResult::failed("lost");
        }
        break;
    case Verb::MigMode:
        setMigMode(gpu, change.value != 0);
        if (gpu.settings.migCurrent != gpu.settings.migPending)
            result.text = "pending";
        return result;
    case Verb::CreateInstance: {
        const gpu::MigProfile* profile = gpu::migProfile(static_cast<std::int64_t>(change.value));
        if (!gpu.settings.migCurrent || profile == nullptr)
            return CommandResult::failed("not-supported");
        const auto id = gpu::createInstance(gpu, *profile, engine.random("gpu/mig"));
        if (!id)
            return CommandResult::failed("no-room");
        result.id = static_cast<std::uint64_t>(*id);
        return result;
    }
    case Verb::DestroyInstance: {
        const gpu::MigInstance* instance = instanceOf(gpu, change.value);
        if (instance == nullptr)
            return CommandResult::failed("not-supported");
        if (instance->computeInstance)
            return CommandResult::failed("in-use");
        gpu.instances.erase(gpu.instances.begin() + (instance - gpu.instances.data()));
        return result;
    }
    case Verb::CreateCompute:
    case Verb::DestroyCompute: {
        gpu::MigInstance* instance = instanceOf(gpu, change.value);
        if (instance == nullptr)
            return CommandResult::failed("not-supported");
        if (instance->computeInstance == (change.verb == Verb::CreateCompute))
            return CommandResult::failed("no-room");
        instance->computeInstance = change.verb == Verb::CreateCompute;
        return result;
    }
    }
    return result;
}

CommandResult changeModule(Engine& engine, host::Hosts& hosts, gpu::Gpus& gpus, const command::ModuleChange& change)
{
    gpu::Node* node = gpus.nodeOf(change.host);
    if (node == nullptr)
        return CommandResult::failed("missing");
    CommandResult result;
    result.changed.push_back(fmt::format("module/{}/{}", hosts.at(change.host).name, change.module));
    if (change.module == "nvidia_peermem") {
        if (change.load && !node->driver.loaded)
            return CommandResult::failed("missing");
        node->driver.peerMemory = change.load;
        return result;
    }
    if (change.load) {
        if (node->driver.loaded)
            return {};
        gpus.loadDriver(engine, hosts, change.host);
        return node->driver.loaded ? result : CommandResult::failed("missing");
    }
    if (!node->driver.loaded)
        return CommandResult::failed("missing");
    return gpus.unloadDriver(change.host) ? result : CommandResult::failed("in-use");
}

CommandResult workAtSite(Engine& engine, host::Hosts& hosts, gpu::Gpus& gpus, net::rdma::Fabric& fabric, const command::SiteWork& work)
{
    using Verb = command::SiteWork::Verb;
    CommandResult result;
    if (work.verb == Verb::StartCooling) {
        for (gpu::Row& row : gpus.rows())
            for (gpu::CoolingUnit& unit : row.units)
                if (unit.name == work.name) {
                    if (unit.lockedOut)
                        return CommandResult::failed("locked out");
                    unit.running = true;
                    unit.note.clear();
                    result.changed.push_back("cooling/" + unit.name);
                    return result;
                }
        return CommandResult::failed("missing");
    }
    if (work.verb == Verb::ReplaceCable) {
        const auto devices = fabric.devicesOf(work.host);
        if (work.slot < 0 || work.slot >= static_cast<std::int64_t>(devices.size()))
            return CommandResult::failed("missing");
        fabric.setCondition(engine.now(), fabric.port(devices[static_cast<std::size_t>(work.slot)]).cable, {});
        result.changed.push_back(fmt::format("cable/{}/{}", hosts.at(work.host).name, fabric.device(devices[static_cast<std::size_t>(work.slot)]).name));
        return result;
    }
    gpu::Node* node = gpus.nodeOf(work.host);
    if (node == nullptr)
        return CommandResult::failed("missing");
    const auto inside = [&](const gpu::Node& where, std::int64_t slot) { return slot >= 0 && slot < static_cast<std::int64_t>(where.gpus.size()); };
    const bool gpuWork = work.verb == Verb::ReseatGpu || work.verb == Verb::ReplaceGpu || work.verb == Verb::SwapGpus || work.verb == Verb::RepasteGpu
        || work.verb == Verb::ReplaceFeed;
    if (gpuWork && !inside(*node, work.slot))
        return CommandResult::failed("missing");
    // Nobody takes a module out of a chassis under power.
    if ((gpuWork || work.verb == Verb::CleanChassis) && hosts.at(work.host).power != host::Machine::Power::Off)
        return CommandResult::failed("powered");
    result.changed.push_back(gpuWork ? fmt::format("gpu/{}/{}", hosts.at(work.host).name, work.slot) : "chassis/" + hosts.at(work.host).name);
    gpu::Gpu* gpu = gpuWork ? &gpus.at(node->gpus[static_cast<std::size_t>(work.slot)]) : nullptr;
    switch (work.verb) {
    case Verb::ReseatGpu: gpu->slot.contact = 1; break;
    case Verb::ReplaceGpu:
        gpu->card = gpu::newCard(engine.random("gpu/spares"));
        gpu->slot.contact = 1;
        break;
    case Verb::SwapGpus: {
        gpu::Node* other = gpus.nodeOf(work.otherHost);
        if (other == nullptr || !inside(*other, work.otherSlot))
            return CommandResult::failed("missing");
        if (hosts.at(work.otherHost).power != host::Machine::Power::Off)
            return CommandResult::failed("powered");
        gpu::Gpu& second = gpus.at(other->gpus[static_cast<std::size_t>(work.otherSlot)]);
        std::swap(gpu->card, second.card);
        gpu->slot.contact = second.slot.contact = 1; // both are seated anew
        result.changed.push_back(fmt::format("gpu/{}/{}", hosts.at(work.otherHost).name, work.otherSlot));
        break;
    }
    case Verb::RepasteGpu: gpu->card.heat.pasteFactor = 1; break;
    case Verb::ReplaceFeed: gpu->slot.feedOhms = gpu::Slot::kGoodFeedOhms; break;
    case Verb::CleanChassis:
        node->chassis.filterFlow = 1;
        for (const GpuId id : node->gpus)
            gpus.at(id).card.heat.clogFactor = 1;
        break;
    case Verb::ReplaceFans:
        for (std::size_t i = 0; i < node->chassis.fans.size(); ++i)
            if (work.slot < 0 || work.slot == static_cast<std::int64_t>(i))
                node->chassis.fans[i].failed = false;
        break;
    case Verb::ReplaceSupply:
        for (std::size_t i = 0; i < node->chassis.supplies.size(); ++i)
            if ((work.slot < 0 || work.slot == static_cast<std::int64_t>(i)) && node->chassis.supplies[i].failed) {
                node->chassis.supplies[i].failed = false;
                gpus.logEvent(engine, work.host, fmt::format("Power Supply PSU{}", i + 1), "Failure detected", false);
            }
        break;
    case Verb::ReplaceCable:
    case Verb::ReplaceDrive:
    case Verb::StartCooling: break;
    }
    return result;
}

} // namespace sim
