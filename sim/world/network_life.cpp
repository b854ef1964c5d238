#include "sim/net/conntrack.h"
#include "sim/net/firewalld.h"
#include "sim/world/sockets.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

// What the network and the machines' programs tell each other: accept queues, sockets of the dead, full tables.
namespace sim {

namespace {

constexpr const char* kFirewallUnit = "firewalld.service";
/// How often the connections that programs keep are counted for connection tracking: they hardly change.
constexpr std::int64_t kStandingEverySeconds = 30;
/// The kernel's net_ratelimit: ten lines in five seconds.
constexpr double kLinesPerSecond = 2;

} // namespace

bool World::accepts(StackId stack, net::Ipv4 address, std::int64_t port) const
{
    if (!m_network.hasStack(stack))
        return false;
    const net::Stack& server = m_network.stack(stack);
    const net::Listener* listener = server.listener(net::Protocol::Tcp, address, port);
    if (listener == nullptr || server.host.value >= m_hosts.all().size())
        return listener != nullptr;
    const auto& processes = m_hosts.at(server.host).processes;
    const auto process = processes.find(listener->pid);
    return process == processes.end() || process->second.state != 'T';
}

void World::onHostNotice(const host::Notice& notice)
{
    if (const auto* exited = std::get_if<host::ProcessExited>(&notice)) {
        if (!m_network.connections().empty())
            m_network.closeOf(m_engine, exited->host, exited->process.pid);
        m_training.on(*exited);
        onGpuProcessExit(*exited);
        return;
    }
    if (const auto* power = std::get_if<host::PowerChanged>(&notice)) {
        m_gpus.onPower(m_engine, m_hosts, power->host, power->on);
        if (power->on)
            onGpuUnits(power->host);
        if (m_rdma.hosts().contains(power->host))
            m_rdma.setPowered(now(), power->host, power->on);
        if (const auto id = m_rdma.findSwitch(m_hosts.at(power->host).name); id.valid()) // a switch of the compute network is a machine by its name
            m_rdma.setSwitchUp(now(), id, power->on);
        return;
    }
    const auto* changed = std::get_if<host::UnitChanged>(&notice);
    if (changed != nullptr && changed->state == host::Unit::State::Active && m_gpus.nodeOf(changed->host) != nullptr) {
        const host::Machine& machine = m_hosts.at(changed->host);
        if (machine.power == host::Machine::Power::On) // before, its GPUs have no driver
            onGpuUnit(changed->host, machine.units.at(changed->unit));
    }
    if (changed == nullptr || changed->unit != kFirewallUnit)
        return;
    const StackId id = m_hosts.at(changed->host).stack;
    if (!m_network.hasStack(id))
        return;
    net::Stack& stack = m_network.stack(id);
    const bool on = changed->state == host::Unit::State::Active;
    if (stack.firewalld.running == on)
        return;
    if (on)
        net::startFirewalld(stack);
    else
        net::stopFirewalld(stack);
    m_network.changed(m_engine);
}

void World::tickNetwork()
{
    std::vector<net::ConnectionId> waiting;
    for (const auto& [id, c] : m_network.connections())
        if (!c.accepted && c.server.state != net::TcpState::Closed && accepts(c.server.stack, c.server.address, c.server.port))
            waiting.push_back(id);
    for (const net::ConnectionId id : waiting)
        m_network.accept(id);
    if (unixSeconds(now()) % kStandingEverySeconds == 0)
        for (const auto& [machine, count] : standingConnections(*this))
            m_network.stack(machine).conntrack.standing = count;
    m_network.tick(m_engine);
    for (const host::Machine& machine : m_hosts.all()) {
        if (!m_network.hasStack(machine.stack))
            continue;
        net::Conntrack& table = m_network.stack(machine.stack).conntrack;
        auto& sysctls = m_hosts.at(machine.id).sysctls;
        if (const auto shown = sysctls.find("net.netfilter.nf_conntrack_count"); shown != sysctls.end())
            if (std::string text = std::to_string(table.count); shown->second != text)
                shown->second = std::move(text);
        if (table.full() && m_network.stack(machine.stack).tracksConnections())
            table.drops += m_load.last().rate * (1 - m_load.last().success); // the load opens a connection for each request
        if (table.drops - table.reported < 1)
            continue;
        for (double lines = 0; lines < std::min(kLinesPerSecond, table.drops - table.reported); ++lines)
            m_hosts.log(m_engine, machine.id, "kernel", "", 0, 4, "nf_conntrack: nf_conntrack: table full, dropping packet");
        table.reported = table.drops;
    }
}

} // namespace sim
