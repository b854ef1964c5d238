#include "sim/storage/ceph/time_text.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

// What the storage cluster and its machines tell each other. Its daemons are units; where they run, who reaches whom and what a
// card carries is the machines' and the network's to say.
namespace sim {

namespace {

namespace ceph = storage::ceph;

constexpr std::int64_t kProbeEvery = 6; ///< seconds: osd_heartbeat_interval
/// A quartz that no time server holds runs so much too fast or too slow.
constexpr double kDrift = 50e-6;
/// Cores of an OSD whose drive works all the time, and what is changed at least before its process is told.
constexpr double kOsdCores = 5;
constexpr double kCoresStep = 0.25;
constexpr std::int64_t kOsdMemory = 5LL << 30; ///< osd_memory_target is 4 GiB; it takes a little more
constexpr int kAborted = 6;
constexpr double kSick = 10;
constexpr std::int64_t kResetEvery = 30; ///< seconds: nvme_core.io_timeout

std::string unitOf(const ceph::Osd& osd) { return fmt::format("ceph-osd@{}.service", osd.id); }

/// Systemd was told to stop it, and it could say goodbye.
bool stoppedOrderly(const host::Hosts& hosts, HostId machine, const std::string& unit)
{
    const host::Machine& on = hosts.at(machine);
    const auto found = on.units.find(unit);
    return on.power != host::Machine::Power::Off && found != on.units.end() && found->second.result == "success"
        && (found->second.state == host::Unit::State::Inactive || found->second.state == host::Unit::State::Deactivating);
}

} // namespace

std::vector<bool> World::cephHostsReached(StackId from) const
{
    std::vector<bool> reached;
    for (const ceph::StorageHost& host : m_ceph.hosts()) {
        const StackId target = m_hosts.at(host.machine).stack;
        const bool arrives = from == target || wayIsFree(from, net::Ipv4::parse(host.address).value_or(net::Ipv4{}), target, ceph::kFirstOsdPort);
        reached.push_back(arrives && m_hosts.at(host.machine).power != host::Machine::Power::Off);
    }
    return reached;
}

double World::usualBitsPerSecond(const std::string& role, const std::string& interface) const
{
    double most = 0;
    for (const host::Machine& machine : m_hosts.all())
        if (machine.role == role)
            if (const LinkId link = m_network.fabric().linkOf(machine.stack, interface); link.valid())
                most = std::max(most, m_network.fabric().links()[link.value].bitsPerSecond);
    return most;
}

void World::serveStorage()
{
    if (!m_ceph.exists())
        return;
    const Instant at = now();
    for (ceph::Osd& osd : m_ceph.osds()) {
        const HostId machine = m_ceph.hosts()[osd.host].machine;
        const std::string unit = unitOf(osd);
        if (osd.device.failed && m_hosts.unitActive(machine, unit)) { // BlueStore does not go on without its drive
            const host::Pid pid = m_hosts.at(machine).units.at(unit).mainPid;
            m_hosts.log(m_engine, machine, "ceph-osd", unit, pid, 3, fmt::format("bdev({}) _aio_thread got r=-5 ((5) Input/output error)", osd.device.path));
            m_hosts.exit(m_engine, m_network, machine, pid, 128 + kAborted, kAborted);
        }
        const bool running = m_hosts.unitResponds(machine, unit);
        if (running && !osd.running)
            osd.runningSince = at;
        if (!running && osd.running)
            osd.stopsOrderly = stoppedOrderly(m_hosts, machine, unit);
        osd.running = running;
    }
    for (ceph::Monitor& mon : m_ceph.monitors()) {
        const HostId machine = m_ceph.hosts()[mon.host].machine;
        mon.running = m_hosts.unitResponds(machine, fmt::format("ceph-mon@{}.service", mon.name));
        if (m_hosts.unitActive(machine, "chrony.service"))
            mon.clockAheadSeconds = 0;
        else if (m_hosts.at(machine).power == host::Machine::Power::On)
            mon.clockAheadSeconds += mon.host % 2 == 0 ? kDrift : -kDrift;
    }
    for (ceph::Mgr& mgr : m_ceph.mgrs())
        mgr.running = m_hosts.unitResponds(m_ceph.hosts()[mgr.host].machine, fmt::format("ceph-mgr@{}.service", mgr.name));
    for (ceph::Mds& mds : m_ceph.metadataServers())
        mds.running = m_hosts.unitResponds(m_ceph.hosts()[mds.host].machine, fmt::format("ceph-mds@{}.service", mds.name));
    const auto cardOf = [&](StackId stack) {
        const LinkId link = m_network.fabric().linkOf(stack, "eth0");
        return link.valid() && m_network.fabric().carrier(link) ? m_network.fabric().links()[link.value].bitsPerSecond / 8 : 0;
    };
    const bool probes = unixSeconds(at) % kProbeEvery == 0;
    for (ceph::StorageHost& host : m_ceph.hosts()) {
        const StackId stack = m_hosts.at(host.machine).stack;
        host.nicBytesPerSecond = cardOf(stack);
        if (probes)
            host.reaches = cephHostsReached(stack);
    }
    if (probes)
        for (const auto& [id, flow] : m_ceph.flows()) {
            const StackId stack = m_hosts.at(flow.client).stack;
            const std::vector<bool> reached = cephHostsReached(stack);
            m_ceph.setReach(id, std::all_of(m_ceph.osds().begin(), m_ceph.osds().end(), [&](const ceph::Osd& osd) { return !osd.up || reached[osd.host]; }), cardOf(stack));
        }
    m_ceph.advance(at);
    for (const ceph::Osd& osd : std::as_const(m_ceph).osds()) // a drive that is sick is reset by its driver now and then, while it has work
        if (osd.device.slowdown >= kSick && osd.busy > 0.5 && unixSeconds(at) % kResetEvery == 0)
            m_hosts.log(m_engine, m_ceph.hosts()[osd.host].machine, "kernel", "", 0, 4,
                        fmt::format("nvme {}: I/O {} (I/O Cmd) QID {} timeout, completion polled", osd.device.path.substr(5, osd.device.path.find('n', 6) - 5), 100 + unixSeconds(at) % 400,
                                    1 + unixSeconds(at) % 16));
    for (const ceph::Osd& osd : std::as_const(m_ceph).osds()) {
        const HostId machine = m_ceph.hosts()[osd.host].machine;
        const host::Machine& on = m_hosts.at(machine);
        const auto unit = on.units.find(unitOf(osd));
        const auto process = unit == on.units.end() ? on.processes.end() : on.processes.find(unit->second.mainPid);
        const double cores = 0.02 + kOsdCores * osd.busy;
        if (process != on.processes.end() && std::abs(process->second.cpuCores - cores) > kCoresStep)
            m_hosts.setLoad(m_engine, machine, process->first, cores, kOsdMemory);
    }
    writeCephLogs();
}

std::optional<CommandResult> World::workOnStorage(const command::SiteWork& work)
{
    using Verb = command::SiteWork::Verb;
    CommandResult result;
    const auto host = std::find_if(m_ceph.hosts().begin(), m_ceph.hosts().end(), [&](const ceph::StorageHost& one) { return one.machine == work.host; });
    if (work.verb == Verb::ReplaceCable && !work.name.empty()) {
        const host::Machine& machine = m_hosts.at(work.host);
        const LinkId link = m_network.fabric().linkOf(machine.stack, work.name);
        if (!link.valid())
            return CommandResult::failed("missing");
        net::Link& cable = m_network.link(link);
        cable.bitsPerSecond = usualBitsPerSecond(machine.role, work.name);
        cable.lossRatio = 0;
        cable.up = true;
        m_network.changed(m_engine);
        result.changed.push_back(fmt::format("cable/{}/{}", machine.name, work.name));
        return result;
    }
    if (work.verb != Verb::ReplaceDrive)
        return std::nullopt;
    for (const ceph::Osd& osd : m_ceph.osds()) {
        if (host == m_ceph.hosts().end() || osd.host != static_cast<std::size_t>(host - m_ceph.hosts().begin()) || m_ceph.slotOf(osd) != work.slot)
            continue;
        m_ceph.replaceDrive(osd.id, now());
        result.changed.push_back(fmt::format("drive/{}/{}", host->name, osd.device.path));
        return result;
    }
    return CommandResult::failed("missing");
}

void World::writeCephLogs()
{
    for (const ceph::DaemonLine& line : m_ceph.takeLines()) {
        if (line.daemon == "cluster") {
            for (const ceph::Monitor& mon : m_ceph.monitors())
                if (mon.inQuorum && mon.running)
                    m_hosts.writeFile(m_engine, m_ceph.hosts()[mon.host].machine, "/var/log/ceph/ceph.log", line.text + "\n", true);
            continue;
        }
        const std::size_t dot = line.daemon.find('.');
        const std::string kind = line.daemon.substr(0, dot);
        const std::string name = line.daemon.substr(dot + 1);
        const std::size_t host = kind == "osd" ? m_ceph.osds()[static_cast<std::size_t>(std::atoi(name.c_str()))].host
                                               : static_cast<std::size_t>(std::find_if(m_ceph.hosts().begin(), m_ceph.hosts().end(), [&](const ceph::StorageHost& one) { return one.name == name; })
                                                                          - m_ceph.hosts().begin());
        const HostId machine = m_ceph.hosts()[host].machine;
        const std::uint64_t thread = 0x7f00'0000'0000 + (fingerprintOf(line.daemon) & 0xff'ffff'f000) + 0x6c0;
        const std::string text = fmt::format("{} {:x} {:2} {}", ceph::logTimeText(now()), thread, line.level, line.text);
        m_hosts.writeFile(m_engine, machine, fmt::format("/var/log/ceph/ceph-{}.{}.log", kind, name), text + "\n", true);
        if (line.level < 0) { // what goes to standard error as well
            const std::string unit = fmt::format("ceph-{}@{}.service", kind, name);
            const auto found = m_hosts.at(machine).units.find(unit);
            m_hosts.log(m_engine, machine, "ceph-" + kind, unit, found == m_hosts.at(machine).units.end() ? 0 : found->second.mainPid, 6, text);
        }
    }
}

} // namespace sim
