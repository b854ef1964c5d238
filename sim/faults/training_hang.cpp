#include "sim/faults/training_hang.h"

#include "sim/engine/assert.h"
#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/faults/service.h"
#include "sim/host/calendar.h"
#include "sim/host/cgroup.h"

#include <fmt/format.h>

#include <algorithm>

// A collective ends when its last rank has come. Whatever keeps one rank from coming keeps all of them, and only that one is ill.
namespace sim::faults {

namespace {

using nlohmann::json;

const Variants& hangVariants()
{
    static const Variants kVariants{
        {"ib-link-down", {"no-light", "flapping"}},
        {"gpu-hung", {"endless-kernel"}},
        {"nccl-interface", {"ipoib-on-one-node"}},
        {"rank-mismatch", {"one-node-too-many", "same-rank"}},
        {"node-starved", {"quota-on-pods"}},
        {"no-fault", {"firmware-window"}},
    };
    return kVariants;
}

Result<Done> breakLink(Context& context, const GpuPlace& place, const Choice& choice, json& chosen)
{
    const auto rail = railOf(context, place);
    if (!rail)
        return Error{"the topology has no compute network", "training-hang"};
    const Instant now = context.parts.engine.now();
    chosen["device"] = context.rdma.device(*rail).name;
    net::rdma::CableCondition condition;
    if (choice.is("no-light"))
        condition.broken = true;
    else
        condition.flap = {std::chrono::seconds(25), std::chrono::seconds(14), now};
    context.rdma.setCondition(now, context.rdma.port(*rail).cable, condition);
    return Done{};
}

/// Somebody has set up IP over InfiniBand on one node, and on no other: NCCL prefers interfaces that begin with "ib". It chooses
/// when its process starts, and this one starts anew.
void addIpoib(Context& context, const GpuPlace& place)
{
    constexpr const char* kDevice = "ib0";
    const std::uint32_t number = 10 + place.node->host.value % 200;
    const std::string address = fmt::format("192.168.100.{}", number);
    net::Stack& stack = context.parts.network.stack(context.parts.hosts.at(place.node->host).stack);
    const net::Prefix prefix = *net::Prefix::parse(address + "/24");
    stack.interfaces.push_back({.name = kDevice, .mac = fmt::format("02:c9:00:00:00:{:02x}", number), .addresses = {prefix}, .mtu = 2044, .counters = {}});
    stack.routes.push_back({.destination = *net::Prefix::parse("192.168.100.0/24"), .via = {}, .device = kDevice, .source = prefix.base, .protocol = "kernel", .scope = "link"});
    context.parts.network.changed(context.parts.engine);
    putText(context, place.node->host, "/etc/network/interfaces.d/ib0",
            fmt::format("# Storage pilot: IP over InfiniBand, this node first\nauto ib0\niface ib0 inet static\n    address {}/24\n    mtu 2044\n", address));
    restartTrainer(context, place.node->host);
}

/// torchrun is told of a machine that nobody starts, or all workers are told the same rank.
Result<Done> mismatch(Context& context, const Choice& choice)
{
    const bool replaced = replaceTraining(context, [&](json& podTemplate, const std::string& type) {
        json& arguments = podTemplate["spec"]["containers"][0]["args"];
        if (choice.is("one-node-too-many"))
            arguments.insert(arguments.begin(), "--nnodes=5");
        else if (type == "Worker")
            arguments.insert(arguments.begin(), "--node-rank=1");
    });
    if (!replaced)
        return Error{"the topology has no training job", "training-hang"};
    return Done{};
}

/// A trial of saving power caps what all pods of the node get of its processors.
void starve(Context& context, const GpuPlace& place)
{
    host::Machine& machine = context.parts.hosts.at(place.node->host);
    const bool set = host::setCgroupLimit(machine, "/kubepods.slice", "cpu.max", "300000 100000");
    FL_ASSERT(set);
    putText(context, machine.id, "/etc/systemd/system/kubepods.slice.d/50-power-trial.conf", "# Power trial of the facilities team: idle nodes need no processors\n[Slice]\nCPUQuota=300%\n");
}

/// Every node without a worker, and one with, are closed for new firmware; the job waits for its worker.
void openWindow(Context& context, const GpuPlace& place, const json& chosen)
{
    const host::Calendar until = host::calendarOf(context.parts.engine.now() + kTrainingHangProceedsAfter);
    const std::string change = fmt::format("CHG-2207: NIC firmware, open again at {:02}:{:02} UTC", until.hour, until.minute);
    const std::vector<std::string> training = trainingMachineNames(context);
    for (const gpu::Node& node : context.parts.gpus.nodes())
        if (const std::string& name = context.parts.hosts.at(node.host).name;
            std::ranges::find(training, name) == training.end() || node.host == place.node->host)
            patch(context, "nodes", "", name, {{"metadata", {{"annotations", {{kMaintenanceNote, change}}}}}, {"spec", {{"unschedulable", true}}}});
    if (chosen.contains("worker"))
        deleteTrainingPod(context, chosen.at("worker"));
}

} // namespace

Result<json> injectTrainingHang(Context& context, const json& parameters)
{
    const auto choice = choose(context, hangVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto place = trainingGpu(context, parameters);
    if (!place)
        return Error{"the topology has no GPUs", "training-hang"};
    json chosen = described(context, *place, choice->cause, choice->variant);
    Result<Done> done = Done{};
    if (choice->cause == "ib-link-down")
        done = breakLink(context, *place, *choice, chosen);
    else if (choice->is("endless-kernel"))
        place->gpu->hung = true;
    else if (choice->cause == "nccl-interface")
        addIpoib(context, *place);
    else if (choice->cause == "rank-mismatch")
        done = mismatch(context, *choice);
    else if (choice->cause == "node-starved")
        starve(context, *place);
    else
        openWindow(context, *place, chosen);
    if (!done)
        return done.error();
    return chosen;
}

void proceedTrainingHang(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    endAnnouncedWork(context, [](const host::Machine&) { }, {{"spec", {{"unschedulable", nullptr}}}});
}

} // namespace sim::faults
