#include "sim/faults/ceph_site.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::faults {

namespace {

namespace ceph = storage::ceph;

constexpr std::int64_t kPortion = 20'000'000'000;

double fullest(const ceph::Cluster& cluster)
{
    double most = 0;
    for (const ceph::Osd& osd : cluster.osds())
        most = std::max(most, osd.usedShare());
    return most;
}

} // namespace

std::optional<Error> cephMissing(const Context& context, const char* fault)
{
    return context.ceph.exists() ? std::nullopt : std::optional(Error{"this topology has no storage cluster; use the topology training", fault});
}

ceph::Osd& chosenOsd(Context& context, const nlohmann::json& parameters)
{
    auto& osds = context.ceph.osds();
    std::size_t index = context.parts.engine.random("faults/ceph").below(osds.size());
    if (const auto asked = parameters.find("osd"); asked != parameters.end() && asked->is_number_integer())
        index = std::min(osds.size() - 1, static_cast<std::size_t>(std::max<std::int64_t>(0, asked->get<std::int64_t>())));
    return osds[index];
}

ceph::Osd& otherHostsOsd(Context& context, const ceph::Osd& first)
{
    for (const ceph::Pg& pg : context.ceph.pgs())
        if (std::ranges::find(pg.acting, first.id) != pg.acting.end() && pg.pool == context.ceph.fileSystem()->dataPool)
            for (const std::int32_t id : pg.acting)
                if (id != first.id)
                    return context.ceph.osds()[static_cast<std::size_t>(id)];
    return context.ceph.osds()[first.id == 0 ? context.ceph.osds().size() - 1 : 0];
}

nlohmann::json described(const Context& context, const ceph::Osd& osd, const std::string& cause, const std::string& variant)
{
    const auto& cluster = std::as_const(context.ceph);
    nlohmann::json told{{"cause", cause}, {"variant", variant}, {"osd", std::to_string(osd.id)}, {"host", cluster.hosts()[osd.host].name}, {"device", osd.device.path},
                        {"slot", std::to_string(cluster.slotOf(osd))}};
    for (const ceph::Osd& one : cluster.osds())
        if (one.host != osd.host && !told.contains("other_osd")) {
            told["other_osd"] = std::to_string(one.id);
            told["other_host"] = cluster.hosts()[one.host].name;
        }
    return told;
}

HostId machineOf(const Context& context, const ceph::Osd& osd) { return std::as_const(context.ceph).hosts()[osd.host].machine; }

void slowLink(Context& context, const host::Machine& machine, double bitsPerSecond)
{
    const LinkId link = context.parts.network.fabric().linkOf(machine.stack, "eth0");
    if (!link.valid())
        return;
    context.parts.network.link(link).bitsPerSecond = bitsPerSecond;
    context.parts.network.changed(context.parts.engine);
    for (const char* state : {"down", "up"})
        context.parts.hosts.log(context.parts.engine, machine.id, "kernel", "", 0, 6, fmt::format("mlx5_core {} eth0: Link {}", host::kEthernetPci, state));
}

void stopUnit(Context& context, HostId host, const std::string& unit, bool disable)
{
    context.parts.hosts.stopUnit(context.parts.engine, context.parts.network, host, unit);
    if (disable)
        context.parts.hosts.enableUnit(context.parts.engine, host, unit, false);
}

void leaveBench(Context& context, double share)
{
    while (fullest(context.ceph) < share)
        context.ceph.fillBench("bench", kPortion);
}

} // namespace sim::faults
