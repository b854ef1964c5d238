#include "core/shell/commands/hands.h"

#include "core/shell/invocation.h"
#include "core/shell/numbers.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell {

namespace {

using Work = sim::command::SiteWork;
using namespace std::chrono_literals;

/// What an order is about, as usage prints it.
enum class Subject { Room, Machine, Supply, Gpu, TwoGpus, Rail, Unit, Drive };
constexpr const char* kOperands[]{"", "MACHINE", "MACHINE NUMBER", "MACHINE:GPU", "MACHINE:GPU MACHINE:GPU", "MACHINE:RAIL", "UNIT", "MACHINE:SLOT"};

struct Order {
    const char* name;
    Subject subject;
    const char* does;
    Work::Verb verb;
    sim::Duration takes;   ///< from the order to "done", walking included
    bool machineOff = false;
};

struct Look {
    const char* name;
    Subject subject;
    const char* does;
};
constexpr Look kLooks[] = {
    {"room", Subject::Room, "temperatures and cooling units of the row"},
    {"inspect", Subject::Machine, "fans, dust, supplies, link lights, air"},
    {"measure", Subject::Gpu, "volts at a GPU's connector, under the load of the moment"},
};

// Times are of the order that colocation providers name for remote hands: minutes for a look, a quarter of an hour and more
// for work inside a chassis.
constexpr Order kOrders[] = {
    {"clean", Subject::Machine, "blow the dust out of filters and heat sinks (machine off)", Work::Verb::CleanChassis, 15min, true},
    {"replace-fans", Subject::Machine, "replace fan modules that do not turn (hot-swap)", Work::Verb::ReplaceFans, 6min},
    {"replace-psu", Subject::Supply, "replace a power supply, counted from 1 (hot-swap)", Work::Verb::ReplaceSupply, 6min},
    {"reseat", Subject::Gpu, "take a GPU out, clean its contacts, put it back (machine off)", Work::Verb::ReseatGpu, 15min, true},
    {"replace-feed", Subject::Gpu, "replace the 54 V connector of a GPU (machine off)", Work::Verb::ReplaceFeed, 20min, true},
    {"repaste", Subject::Gpu, "new paste between a GPU and its heat sink (machine off)", Work::Verb::RepasteGpu, 20min, true},
    {"replace-gpu", Subject::Gpu, "put a GPU from the shelf in its place (machine off)", Work::Verb::ReplaceGpu, 20min, true},
    {"swap", Subject::TwoGpus, "let two GPUs change places (machines off)", Work::Verb::SwapGpus, 30min, true},
    {"replace-cable", Subject::Rail, "put a new cable between a rail's adapter, or eth0, and its switch (machine may stay on)", Work::Verb::ReplaceCable, 10min},
    {"replace-drive", Subject::Drive, "put a drive from the shelf in a storage machine's slot, and its OSD on it (hot-swap)", Work::Verb::ReplaceDrive, 12min},
    {"start-cooling", Subject::Unit, "acknowledge a cooling unit's alarm and start it", Work::Verb::StartCooling, 5min},
};
constexpr sim::Duration kLook = 4min;
constexpr sim::Duration kMeasure = 8min;

const char* operandsOf(Subject subject) { return kOperands[static_cast<std::size_t>(subject)]; }

struct Part {
    const sim::host::Machine* machine = nullptr;
    std::int64_t slot = -1;
    std::string card; ///< "eth0", of a cable to an Ethernet switch
};

const sim::gpu::Node* nodeOf(Invocation& inv, const sim::host::Machine& machine) { return inv.door().world().gpus().nodeOf(machine.id); }

/// "gpu-3", "gpu-3:5"; an explanation when there is no such part.
std::optional<Part> partOf(Invocation& inv, const std::string& word, Subject wanted)
{
    Part part;
    const std::size_t colon = word.find(':');
    part.machine = inv.door().world().machine(word.substr(0, colon));
    if (part.machine != nullptr && wanted == Subject::Rail && colon != std::string::npos && word.compare(colon + 1, 3, "eth") == 0) {
        part.card = word.substr(colon + 1);
        return part;
    }
    if (wanted == Subject::Drive) {
        const auto& hosts = inv.door().world().ceph().hosts();
        const bool known = part.machine != nullptr && std::any_of(hosts.begin(), hosts.end(), [&](const auto& host) { return host.machine == part.machine->id; });
        part.slot = known && colon != std::string::npos ? parseNumber(word.substr(colon + 1)).value_or(-1) : -1;
        if (part.slot >= 0)
            return part;
        inv.err().write("hands: say which drive, as MACHINE:SLOT of a storage machine, counted from 0\n");
        return std::nullopt;
    }
    if (part.machine == nullptr || nodeOf(inv, *part.machine) == nullptr) {
        inv.err().write(fmt::format("hands: there is no GPU machine \"{}\" on this site\n", word.substr(0, colon)));
        return std::nullopt;
    }
    if (colon != std::string::npos)
        part.slot = parseNumber(word.substr(colon + 1)).value_or(-1);
    const bool rails = wanted == Subject::Rail;
    const bool gpus = wanted == Subject::Gpu || wanted == Subject::TwoGpus;
    const auto slots = static_cast<std::int64_t>(rails ? inv.door().world().rdma().devicesOf(part.machine->id).size() : nodeOf(inv, *part.machine)->gpus.size());
    if (rails && slots == 0) {
        inv.err().write(fmt::format("hands: {} has no cable of a compute network\n", part.machine->name));
        return std::nullopt;
    }
    if ((rails || gpus) && (part.slot < 0 || part.slot >= slots)) {
        inv.err().write(fmt::format("hands: say which {}, {}:0 to {}:{}\n", rails ? "rail" : "GPU", part.machine->name, part.machine->name, slots - 1));
        return std::nullopt;
    }
    return part;
}

/// The lights of a machine's compute network, one a rail; empty when it has none.
std::string fabricLights(const sim::net::rdma::Fabric& fabric, sim::HostId host)
{
    const std::vector<sim::net::rdma::DeviceId> devices = fabric.devicesOf(host);
    std::string dark;
    for (const sim::net::rdma::DeviceId id : devices)
        if (!fabric.linkUp(sim::net::rdma::PortId{id.value}))
            dark += fmt::format("{}{}", dark.empty() ? "" : ", ", fabric.device(id).rail);
    if (devices.empty())
        return {};
    return "  fabric      " + (dark.empty() ? fmt::format("all {} link lights green", devices.size()) : fmt::format("link lights dark: rail {}", dark)) + "\n";
}

/// What somebody sees who walks to the machine.
void inspect(Invocation& inv, const sim::host::Machine& machine)
{
    const sim::gpu::Node& node = *nodeOf(inv, machine);
    const sim::gpu::Chassis& chassis = node.chassis;
    const bool on = machine.power != sim::host::Machine::Power::Off;
    std::string text = fmt::format("{}: power {}\n", machine.name, on ? "on" : "off");
    std::string still;
    for (std::size_t i = 0; i < chassis.fans.size(); ++i)
        if (chassis.fans[i].failed)
            still += fmt::format("{}{}", still.empty() ? "" : ", ", i + 1);
    text += "  fans        " + (!on ? std::string("nothing turns, the machine is off") : still.empty() ? fmt::format("all {} turn{}", chassis.fans.size(), chassis.duty > 0.95 ? ", at full speed, loud" : "")
                                                                                                       : fmt::format("module {} does not turn, amber light", still)) + "\n";
    text += fmt::format("  front       {}\n", chassis.filterFlow < 0.75 ? "filters grey with dust, little air comes through" : "filters clean");
    std::string dark;
    for (std::size_t i = 0; i < chassis.supplies.size(); ++i)
        if (chassis.supplies[i].failed)
            dark += fmt::format("{}{}", dark.empty() ? "" : ", ", i + 1);
    text += "  supplies    " + (dark.empty() ? fmt::format("all {} green", chassis.supplies.size()) : fmt::format("supply {} dark", dark)) + "\n";
    text += fabricLights(inv.door().world().rdma(), machine.id);
    text += fmt::format("  air         {:.0f} °C in front, {:.0f} °C behind\n", chassis.inletC, chassis.exhaustC);
    inv.print(text);
}

void room(Invocation& inv)
{
    for (const sim::gpu::Row& row : inv.door().world().gpus().rows())
        inv.print(rowText(row, true));
}

/// A meter at the connector of a GPU, while the machine does what it does.
void measure(Invocation& inv, const Part& part)
{
    const sim::gpu::Gpu& gpu = inv.door().world().gpus().at(nodeOf(inv, *part.machine)->gpus[static_cast<std::size_t>(part.slot)]);
    const double amperes = gpu.slot.volts > 0 ? gpu.now.powerW / gpu.slot.volts : 0;
    inv.print(fmt::format("{}:{}  54 V rail at the supplies {:.1f} V, at the module {:.1f} V, {:.1f} A\n", part.machine->name, part.slot,
                          gpu.slot.volts + amperes * gpu.slot.feedOhms, gpu.slot.volts, amperes));
}

int refuseOrder(Invocation& inv, const Order& order, const std::string& why)
{
    if (why == "powered")
        inv.err().write(fmt::format("hands: {} needs the machine off (ipmitool -H MACHINE-bmc power off): nothing was done\n", order.name));
    else if (why == "locked out")
        inv.err().write(fmt::format("hands: {}: somebody works on it and has locked it out: nothing was done\n", order.name));
    else
        inv.err().write(fmt::format("hands: {}: there is no such part\n", order.name));
    return 1;
}

int usageOfHands(Invocation& inv)
{
    std::string text = "Usage: hands ORDER [OPERANDS]\n\nOrders to the people at the racks; each takes minutes.\n\n";
    const auto line = [&](const char* name, Subject subject, const char* does) {
        text += fmt::format("  {:<34} {}\n", fmt::format("{} {}", name, operandsOf(subject)), does);
    };
    for (const Look& look : kLooks)
        line(look.name, look.subject, look.does);
    for (const Order& order : kOrders)
        line(order.name, order.subject, order.does);
    inv.err().write(text);
    return 2;
}

int executeOrder(Invocation& inv, const Order& order)
{
    Work work;
    work.verb = order.verb;
    const auto& words = inv.operands;
    const std::size_t wanted = order.subject == Subject::TwoGpus || order.subject == Subject::Supply ? 3 : 2;
    if (words.size() != wanted)
        return usageOfHands(inv);
    if (order.subject == Subject::Unit) {
        work.name = words[1];
    } else {
        const auto part = partOf(inv, words[1], order.subject);
        if (!part)
            return 1;
        work.host = part->machine->id;
        work.slot = part->slot;
        work.name = part->card;
        if (order.subject == Subject::Supply) {
            work.slot = parseNumber(words[2]).value_or(0) - 1;
            if (work.slot < 0)
                return usageOfHands(inv);
        }
        if (order.subject == Subject::TwoGpus) {
            const auto other = partOf(inv, words[2], order.subject);
            if (!other)
                return 1;
            work.otherHost = other->machine->id;
            work.otherSlot = other->slot;
        }
    }
    // What cannot be done is said at once, before anybody walks.
    const auto& hosts = inv.door().world().hosts();
    if (order.machineOff && (hosts.at(work.host).power != sim::host::Machine::Power::Off
                             || (work.otherHost.valid() && hosts.at(work.otherHost).power != sim::host::Machine::Power::Off)))
        return refuseOrder(inv, order, "powered");
    for (const sim::gpu::Row& row : inv.door().world().gpus().rows())
        if (std::ranges::any_of(row.units, [&](const auto& unit) { return order.subject == Subject::Unit && unit.name == work.name && unit.lockedOut; }))
            return refuseOrder(inv, order, "locked out");
    inv.print(fmt::format("Order placed: {} {}, about {} min\n", order.name, words[1], order.takes / 1min));
    inv.sleep(order.takes);
    const sim::CommandResult result = inv.door().apply(sim::Command{work});
    if (!result.ok)
        return refuseOrder(inv, order, result.error);
    inv.print("Done.\n");
    return 0;
}

int runHands(Invocation& inv)
{
    if (inv.operands.empty())
        return usageOfHands(inv);
    const std::string& word = inv.operands[0];
    if (word == "room") {
        inv.sleep(kLook);
        inv.noteRead("site/room");
        room(inv);
        return 0;
    }
    if (word == "inspect" || word == "measure") {
        const auto part = inv.operands.size() == 2 ? partOf(inv, inv.operands[1], word == "measure" ? Subject::Gpu : Subject::Machine) : std::nullopt;
        if (!part)
            return inv.operands.size() == 2 ? 1 : usageOfHands(inv);
        const sim::HostId host = part->machine->id;
        inv.sleep(word == "measure" ? kMeasure : kLook);
        // Time went by: the world is asked again.
        const sim::host::Machine& machine = inv.door().world().hosts().at(host);
        inv.noteRead("site/" + machine.name);
        if (word == "measure")
            measure(inv, {&machine, part->slot});
        else
            inspect(inv, machine);
        return 0;
    }
    for (const Order& order : kOrders)
        if (word == order.name)
            return executeOrder(inv, order);
    inv.err().write(fmt::format("hands: unknown order \"{}\"\n", word));
    return usageOfHands(inv);
}

std::vector<Completion> completeHands(const CompletionRequest& request, Door& door, System&)
{
    std::vector<Completion> out;
    const auto offer = [&](const std::string& word, const std::string& about) {
        if (word.rfind(request.word, 0) == 0)
            out.push_back({word, about});
    };
    if (request.words.size() > 1) {
        for (const sim::gpu::Node& node : door.world().gpus().nodes())
            offer(door.world().hosts().at(node.host).name, {});
        for (const sim::storage::ceph::StorageHost& host : door.world().ceph().hosts())
            offer(host.name, {});
        for (const sim::gpu::Row& row : door.world().gpus().rows())
            for (const sim::gpu::CoolingUnit& unit : row.units)
                offer(unit.name, row.name);
        return out;
    }
    for (const Look& look : kLooks)
        offer(look.name, look.does);
    for (const Order& order : kOrders)
        offer(order.name, order.does);
    return out;
}

} // namespace

std::string rowText(const sim::gpu::Row& row, bool panels)
{
    std::string text = fmt::format("{}: cold aisle {:.1f} °C, set to {:.0f} °C; {:.1f} kW to cool\n", row.name, row.supplyC, row.setpointC, row.heatW / 1e3);
    for (const sim::gpu::CoolingUnit& unit : row.units)
        text += fmt::format("  {:<10}  {:>3.0f} kW  {}\n", unit.name, unit.capacityW / 1e3, unit.running ? "running" : panels ? "stopped: " + unit.note : "stopped");
    return text;
}

void addHands(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "hands";
    spec.summary = "orders to the people at the racks: look, measure, clean, seat, replace";
    spec.usage = "hands ORDER [OPERANDS]";
    spec.run = runHands;
    spec.complete = completeHands;
    table.add(std::move(spec));
}

} // namespace core::shell
