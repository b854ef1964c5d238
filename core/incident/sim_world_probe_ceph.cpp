#include "core/incident/sim_world_probe.h"
#include "sim/storage/ceph/cluster.h"
#include "sim/world/world.h"

#include <algorithm>

// What predicates ask of the storage cluster.
namespace core::incident {

namespace {

using namespace sim;

/// A drive that takes longer than that for everything is not like its neighbours.
constexpr double kSickDrive = 2;

/// Its card is as fast as those of machines of its kind.
bool linkSound(const World& world, const host::Machine& machine)
{
    const LinkId link = world.network().fabric().linkOf(machine.stack, "eth0");
    return (link.valid() ? world.network().fabric().links()[link.value].bitsPerSecond : 0) >= world.usualBitsPerSecond(machine.role, "eth0");
}

} // namespace

std::optional<CephState> SimWorldProbe::ceph() const
{
    const storage::ceph::Cluster& cluster = m_world.ceph();
    if (!cluster.exists())
        return std::nullopt;
    using namespace storage::ceph;
    CephState state;
    state.healthy = cluster.health(m_world.now()).empty();
    state.quorum = cluster.quorum();
    state.monitors = static_cast<int>(std::ranges::count_if(cluster.monitors(), &Monitor::inQuorum));
    state.osdsUp = static_cast<int>(std::ranges::count_if(cluster.osds(), [](const Osd& osd) { return osd.up && osd.in; }));
    state.clean = std::ranges::all_of(cluster.pgs(), [](const Pg& pg) { return (pg.states & kClean) != 0; });
    const bool room = std::ranges::none_of(cluster.pools(), &Pool::full);
    const bool paused = cluster.flag(Flag::PauseReads) || cluster.flag(Flag::PauseWrites);
    state.serves = room && !paused && (!cluster.fileSystem() || (cluster.activeMds() != nullptr && cluster.serves(cluster.fileSystem()->dataPool)));
    for (const Osd& osd : cluster.osds()) {
        state.fullest = std::max(state.fullest, osd.in ? osd.usedShare() : 0);
        state.slowOps += osd.slowOps;
    }
    state.drivesSound = std::ranges::none_of(cluster.pgs(), [&](const Pg& pg) {
        return std::ranges::any_of(pg.acting, [&](std::int32_t osd) { return cluster.findOsd(osd)->device.slowdown > kSickDrive; });
    });
    state.linksSound = std::ranges::all_of(cluster.hosts(), [&](const StorageHost& host) { return linkSound(m_world, m_world.hosts().at(host.machine)); });
    for (const gpu::Node& node : m_world.gpus().nodes())
        state.linksSound &= linkSound(m_world, m_world.hosts().at(node.host));
    return state;
}

} // namespace core::incident
