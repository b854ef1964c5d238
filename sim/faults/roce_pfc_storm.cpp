#include "sim/faults/roce_pfc_storm.h"

#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/faults/service.h"
#include "sim/host/calendar.h"

#include <fmt/format.h>

#include <algorithm>

// Bulk streams meet the job's rings in the ports of rail 0. Marks slow the streams alone, pauses keep packets of the lossless class, and
// nobody pauses anybody for long: each cause takes one of these away.
namespace sim::faults {

namespace {

using net::rdma::DeviceId;
using net::rdma::PortId;
using net::rdma::Qos;
using nlohmann::json;

/// A receive path that hangs and comes back: seconds, as people tell of firmware that waits for PCIe.
constexpr net::rdma::FlapPlan kBouts{std::chrono::seconds(10), std::chrono::seconds(2), {}};
/// Between two looks of the jobs at their transfers, which come each second: a pause that a watchdog ends in time is none of theirs.
constexpr Duration kFirstBout = std::chrono::milliseconds(300);
constexpr const char* kTestUnit = "fabric-acceptance.service";

const Variants& roceVariants()
{
    static const Variants kVariants{
        {"pausing-nic", {"hangs-in-bouts"}},
        {"trust-mismatch", {"host", "leaf-port"}},
        {"ecn-off", {"leaf"}},
        {"pfc-one-sided", {"one-port"}},
        {"wrong-class", {"variable-lost"}},
        {"no-fault", {"acceptance-test"}},
    };
    return kVariants;
}

/// Where rail 0 of the job goes from one machine to the next.
struct RingHop {
    std::string next;
    DeviceId from;
    DeviceId to;
};

std::optional<RingHop> hopFrom(const Context& context, HostId host)
{
    for (const auto& [key, job] : context.training.all()) {
        if (!job.run)
            continue;
        const auto& members = job.run->members;
        for (std::size_t m = 0; m < members.size(); ++m) {
            if (members[m].worker.host != host)
                continue;
            const HostId next = members[(m + 1) % members.size()].worker.host;
            const auto from = context.rdma.devicesOf(host), to = context.rdma.devicesOf(next);
            if (next != host && !from.empty() && !to.empty())
                return RingHop{context.parts.hosts.at(next).name, from.front(), to.front()};
        }
    }
    return std::nullopt;
}

/// Of the switch at the other end of the device's cable.
PortId leafPort(const Context& context, DeviceId device) { return context.rdma.peer(PortId{device.value}); }

std::string portName(const Context& context, DeviceId device)
{
    return net::rdma::frontPanelName(context.rdma.port(leafPort(context, device)).number);
}

/// The priorities that a switch port should lose nothing of, as a mask.
std::uint8_t lossless(const Context& context, PortId port) { return context.rdma.switchOf(context.rdma.port(port).owner).designedQos.pfc; }

void change(Context& context, PortId port, const std::function<void(Qos&)>& edit)
{
    Qos qos = context.rdma.port(port).qos;
    edit(qos);
    context.rdma.setQos(context.parts.engine.now(), port, qos);
}

/// A script of the host team has set up the adapters as on other machines, for VLANs.
void trustTags(Context& context, const GpuPlace& place)
{
    std::string script = "#!/bin/sh\n# Adapters as on the storage machines\n";
    for (const DeviceId device : context.rdma.devicesOf(place.node->host)) {
        change(context, PortId{device.value}, [](Qos& qos) { qos.trust = net::rdma::Trust::Pcp; });
        script += fmt::format("mlnx_qos -i {} --trust=pcp\n", context.rdma.device(device).netdev);
    }
    putText(context, place.node->host, "/usr/local/sbin/nic-tuning", script);
}

void stopMarking(Context& context, DeviceId device)
{
    const PortId atLeaf = leafPort(context, device);
    const net::rdma::Switch& leaf = context.rdma.switchOf(context.rdma.port(atLeaf).owner);
    const std::uint8_t marked = lossless(context, atLeaf);
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(leaf.portCount); ++i)
        change(context, PortId{leaf.firstPort.value + i}, [&](Qos& qos) { qos.ecn = static_cast<std::uint8_t>(qos.ecn & ~marked); });
}

bool loseClass(Context& context)
{
    return replaceTraining(context, [](json& podTemplate, const std::string&) {
        json& environment = podTemplate["spec"]["containers"][0]["env"];
        std::erase_if(environment.get_ref<json::array_t&>(), [](const json& variable) { return variable.at("name") == "NCCL_IB_TC"; });
    });
}

/// The network team fills one port of the new fabric from a spare machine, and says so on both.
void test(Context& context, const std::string& from, const std::string& to)
{
    const host::Calendar until = host::calendarOf(context.parts.engine.now() + kRocePfcStormProceedsAfter);
    const std::string note = fmt::format("CHG-2245: fabric acceptance test from {} into {}, over at {:02}:{:02} UTC", from, to, until.hour, until.minute);
    for (const std::string& name : {to, from}) {
        patch(context, "nodes", "", name, {{"metadata", {{"annotations", {{kMaintenanceNote, note}}}}}});
        runService(context, context.parts.hosts.find(name)->id,
                   {.unit = kTestUnit, .description = "Acceptance test of the RoCE fabric", .command = "/usr/bin/ib_write_bw -d mlx5_0 -q 16 --tclass=106 --run_infinitely" + (name == from ? " " + to : ""),
                    .more = "", .workload = {}});
    }
}

} // namespace

Result<json> injectRocePfcStorm(Context& context, const json& parameters)
{
    const auto choice = choose(context, roceVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto place = trainingGpu(context, parameters);
    if (!place)
        return Error{"the topology has no GPUs", "roce-pfc-storm"};
    const auto hop = hopFrom(context, place->node->host);
    json chosen = described(context, *place, choice->cause, choice->variant);
    if (!hop || context.rdma.layer() != net::rdma::LinkLayer::Ethernet || !chosen.contains("spare"))
        return Error{"the topology has no job on a RoCE network with a machine to spare", "roce-pfc-storm"};
    const net::rdma::Device& device = context.rdma.device(hop->from);
    const PortId atLeaf = leafPort(context, hop->from);
    const host::Machine* spare = context.parts.hosts.find(chosen.at("spare").get<std::string>());
    const DeviceId spareDevice = context.rdma.devicesOf(spare->id).front();
    chosen.update({{"next", hop->next},
                   {"device", device.name},
                   {"netdev", device.netdev},
                   {"leaf", context.rdma.switchOf(context.rdma.port(atLeaf).owner).name},
                   {"port", portName(context, hop->from)},
                   {"nextPort", portName(context, hop->to)},
                   {"sparePort", portName(context, spareDevice)}});
    if (choice->cause == "pausing-nic") {
        net::rdma::FlapPlan bouts = kBouts;
        bouts.from = context.parts.engine.now() + kFirstBout;
        context.rdma.setStalls(context.parts.engine.now(), spareDevice, bouts);
    } else if (choice->is("host")) {
        trustTags(context, *place);
    } else if (choice->cause == "trust-mismatch") {
        change(context, atLeaf, [](Qos& qos) { qos.trust = net::rdma::Trust::Pcp; });
    } else if (choice->cause == "ecn-off") {
        stopMarking(context, hop->from);
    } else if (choice->cause == "pfc-one-sided") {
        change(context, atLeaf, [&](Qos& qos) { qos.pfc = static_cast<std::uint8_t>(qos.pfc & ~lossless(context, atLeaf)); });
    } else if (choice->cause == "wrong-class") {
        if (!loseClass(context))
            return Error{"the topology has no training job", "roce-pfc-storm"};
    } else {
        test(context, spare->name, hop->next);
    }
    return chosen;
}

void proceedRocePfcStorm(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    endAnnouncedWork(context, [&](const host::Machine& machine) {
        if (machine.units.contains(kTestUnit))
            context.parts.hosts.stopUnit(context.parts.engine, context.parts.network, machine.id, kTestUnit);
    });
}

} // namespace sim::faults
