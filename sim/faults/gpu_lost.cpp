#include "sim/faults/gpu_lost.h"

#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

// Seen from above a GPU is there or not. Underneath it is a card in a slot with contacts and a feed, and a driver of two halves.
namespace sim::faults {

namespace {

/// The release that an unattended upgrade brings.
constexpr const char* kNewerDriver = "580.126.09";

const Variants& lostVariants()
{
    static const Variants kVariants{
        {"loose-card", {"half-seated"}},
        {"power-supply", {"bad-connector"}},
        {"driver-mismatch", {"unattended-upgrade"}},
        {"xid-79", {"link-stress"}},
        {"dead-board", {"falls-off", "does-not-start"}},
        {"no-fault", {"sent-in"}},
    };
    return kVariants;
}

void upgradeLibraries(Context& context, const GpuPlace& place)
{
    host::Machine& machine = context.parts.hosts.at(place.node->host);
    for (auto& [path, file] : gpu::driverFiles(kNewerDriver)) {
        auto mine = std::make_shared<host::File>(*file);
        mine->modified = context.parts.engine.now();
        machine.files[path] = std::move(mine);
    }
    context.parts.hosts.log(context.parts.engine, machine.id, "systemd", "apt-daily-upgrade.service", 1, 6, "Finished apt-daily-upgrade.service - Daily apt upgrade and clean activities.");
    // The plugin and the trainer of that machine start anew, as needrestart has it after an upgrade of their libraries.
    for (const auto& [key, pod] : context.cluster.store().all<kube::Pod>())
        if (pod->spec.nodeName == place.machine && (key.name.find("device-plugin") != std::string::npos || key.namespace_ == kTrainingNamespace))
            remove(context, "pods", key.namespace_, key.name);
}

/// Before it went, its NVLinks had errors: Xid 74 in the log.
void stressLinks(Context& context, const GpuPlace& place)
{
    gpu::Gpu& gpu = *place.gpu;
    RandomStream& random = context.parts.engine.random("faults/gpu");
    std::size_t broken = 0;
    for (std::size_t i = 0; i < 3 && !gpu.links.empty(); ++i) {
        broken = random.below(gpu.links.size());
        gpu::NvLink& link = gpu.links[broken];
        link.crcErrors += static_cast<std::int64_t>(200 + random.below(900));
        link.replayErrors += static_cast<std::int64_t>(40 + random.below(200));
    }
    context.parts.gpus.report(context.parts.engine, context.parts.hosts, gpu.id, 74,
                              fmt::format("NVLink: fatal error detected on link {}(0x10000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0)", broken));
    context.parts.gpus.lose(context.parts.engine, context.parts.hosts, gpu.id);
}

/// The vendor has the card: its place is empty, the node works on with the others, and says so.
void sendIn(Context& context, const GpuPlace& place, const nlohmann::json& chosen)
{
    place.gpu->presence = gpu::Gpu::Presence::Absent;
    place.gpu->healthy = false;
    place.node->registered = static_cast<std::int64_t>(place.node->gpus.size()) - 1;
    const std::string note = fmt::format("RMA 4471: GPU {} (serial {}) is with the vendor, place empty until it is back", place.slot, place.gpu->card.serial);
    patch(context, "nodes", "", place.machine, {{"metadata", {{"annotations", {{kMaintenanceNote, note}}}}}});
    // The card has been out since the node's last start: its kubelet counts one less.
    const std::string left = std::to_string(place.node->registered);
    patch(context, "nodes", "", place.machine, {{"status", {{"capacity", {{"nvidia.com/gpu", left}}}, {"allocatable", {{"nvidia.com/gpu", left}}}}}}, "status");
    if (const auto worker = chosen.find("worker"); worker != chosen.end())
        deleteTrainingPod(context, *worker);
}

} // namespace

Result<nlohmann::json> injectGpuLost(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, lostVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto place = trainingGpu(context, parameters);
    if (!place)
        return Error{"the topology has no GPUs", "gpu-lost"};
    const nlohmann::json chosen = described(context, *place, choice->cause, choice->variant);
    kube::Context& parts = context.parts;
    gpu::Gpu& gpu = *place->gpu;
    if (choice->is("half-seated")) {
        gpu.slot.contact = 0.4;
        parts.gpus.lose(parts.engine, parts.hosts, gpu.id);
    } else if (choice->is("bad-connector")) {
        gpu.slot.feedOhms = 0.35;
        parts.gpus.lose(parts.engine, parts.hosts, gpu.id);
    } else if (choice->is("unattended-upgrade")) {
        upgradeLibraries(context, *place);
    } else if (choice->is("link-stress")) {
        stressLinks(context, *place);
    } else if (choice->is("falls-off")) {
        gpu.card.defect.fallsOffPerSecond = 0.02;
        parts.gpus.lose(parts.engine, parts.hosts, gpu.id);
    } else if (choice->is("does-not-start")) {
        gpu.card.defect.failsInitialisation = true;
        parts.gpus.lose(parts.engine, parts.hosts, gpu.id);
    } else {
        sendIn(context, *place, chosen);
    }
    return chosen;
}

} // namespace sim::faults
