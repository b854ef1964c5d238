#include "sim/faults/ceph_slow.h"

#include "sim/faults/ceph_site.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

// Files are striped over all OSDs, so whatever holds up one of them holds up every writer. See README.md for what tells the causes apart.
namespace sim::faults {

namespace {

namespace ceph = storage::ceph;

const Variants& slowVariants()
{
    static const Variants kVariants{
        {"slow-disk", {"worn-drive"}},
        {"slow-link", {"host-at-1g"}},
        {"osds-down", {"units-stopped", "drives-dead"}},
        {"lost-quorum", {"monitors-stopped"}},
        {"no-fault", {"planned-reboot"}},
    };
    return kVariants;
}

/// A second failure that the monitors would have to decide about, and cannot.
void loseQuorum(Context& context, ceph::Osd& osd)
{
    const auto& cluster = std::as_const(context.ceph);
    int stopped = 0;
    for (const ceph::Monitor& mon : cluster.monitors())
        if (mon.host != osd.host && stopped < 2) {
            stopUnit(context, cluster.hosts()[mon.host].machine, fmt::format("ceph-mon@{}.service", mon.name), true);
            ++stopped;
        }
    osd.device.failed = true;
}

} // namespace

Result<nlohmann::json> injectCephSlow(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, slowVariants(), parameters);
    if (!choice)
        return choice.error();
    if (const auto missing = cephMissing(context, "ceph-slow"))
        return *missing;
    ceph::Osd& osd = chosenOsd(context, parameters);
    nlohmann::json chosen = described(context, osd, choice->cause, choice->variant);
    const HostId machine = machineOf(context, osd);
    if (choice->is("worn-drive")) {
        osd.device.slowdown = kWornDrive;
    } else if (choice->is("host-at-1g")) {
        slowLink(context, context.parts.hosts.at(machine), kSlowLink);
    } else if (choice->cause == "osds-down") {
        ceph::Osd& second = otherHostsOsd(context, osd);
        chosen["other_osd"] = std::to_string(second.id);
        chosen["other_host"] = std::as_const(context.ceph).hosts()[second.host].name;
        for (ceph::Osd* one : {&osd, &second})
            if (choice->is("units-stopped"))
                stopUnit(context, machineOf(context, *one), fmt::format("ceph-osd@{}.service", one->id), true);
            else
                one->device.failed = true;
    } else if (choice->is("monitors-stopped")) {
        loseQuorum(context, osd);
    } else {
        context.ceph.apply({.verb = ceph::Change::Verb::SetFlag, .name = "noout"}, context.parts.engine.now());
        context.parts.hosts.powerOff(context.parts.engine, context.parts.network, machine);
    }
    return chosen;
}

void proceedCephSlow(Context& context, const nlohmann::json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    if (const host::Machine* machine = context.parts.hosts.find(parameters.at("host").get<std::string>()))
        context.parts.hosts.powerOn(context.parts.engine, context.parts.network, machine->id);
    context.ceph.apply({.verb = ceph::Change::Verb::UnsetFlag, .name = "noout"}, context.parts.engine.now());
}

} // namespace sim::faults
