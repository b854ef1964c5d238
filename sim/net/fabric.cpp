#include "sim/net/fabric.h"

#include "sim/engine/assert.h"

namespace sim::net {

namespace {

constexpr std::uint32_t kFar = 0xffffffff;

Channel channelOf(LinkId link, bool down)
{
    return link.value * 2 + (down ? 1 : 0);
}

} // namespace

SwitchId Fabric::add(Switch s)
{
    m_switches.push_back(std::move(s));
    m_trunks.emplace_back();
    return SwitchId{m_switches.size() - 1};
}

LinkId Fabric::add(Link l)
{
    FL_ASSERT(l.upper.value < m_switches.size());
    const LinkId id{m_links.size()};
    if (l.machine.valid()) {
        m_machines[l.machine].push_back(id);
    } else {
        FL_ASSERT(l.lower.value < m_switches.size());
        m_trunks[l.upper.value].push_back(id);
        m_trunks[l.lower.value].push_back(id);
    }
    m_links.push_back(std::move(l));
    return id;
}

Switch& Fabric::at(SwitchId id)
{
    FL_ASSERT(id.value < m_switches.size());
    return m_switches[id.value];
}

Link& Fabric::at(LinkId id)
{
    FL_ASSERT(id.value < m_links.size());
    return m_links[id.value];
}

LinkId Fabric::linkOf(StackId machine, std::string_view interface) const
{
    const auto found = m_machines.find(machine);
    if (found != m_machines.end())
        for (const LinkId id : found->second)
            if (m_links[id.value].interface == interface)
                return id;
    return {};
}

bool Fabric::carrier(LinkId id) const
{
    if (id.value >= m_links.size())
        return false;
    const Link& l = m_links[id.value];
    return l.up && m_switches[l.upper.value].up && (l.machine.valid() || m_switches[l.lower.value].up);
}

std::optional<Fabric::Path> Fabric::path(LinkId from, LinkId to) const
{
    if (!carrier(from) || !carrier(to))
        return std::nullopt;
    const SwitchId first = m_links[from.value].upper;
    const SwitchId last = m_links[to.value].upper;

    // Distances from the far end, so that the walk below only ever steps closer.
    std::vector<std::uint32_t> distance(m_switches.size(), kFar);
    std::vector<std::uint32_t> queue{last.value};
    distance[last.value] = 0;
    for (std::size_t next = 0; next < queue.size() && distance[first.value] == kFar; ++next) {
        const std::uint32_t at = queue[next];
        for (const LinkId trunk : m_trunks[at]) {
            if (!carrier(trunk))
                continue;
            const Link& l = m_links[trunk.value];
            const std::uint32_t other = l.upper.value == at ? l.lower.value : l.upper.value;
            if (distance[other] == kFar) {
                distance[other] = distance[at] + 1;
                queue.push_back(other);
            }
        }
    }
    if (distance[first.value] == kFar)
        return std::nullopt;

    Path path;
    path.channels.push_back(channelOf(from, false));
    path.switches.push_back(first);
    Fingerprint ends;
    ends.add(std::uint64_t{from.value});
    ends.add(std::uint64_t{to.value});
    std::vector<LinkId> closer;
    for (std::uint32_t at = first.value; at != last.value;) {
        closer.clear();
        for (const LinkId trunk : m_trunks[at]) {
            const Link& l = m_links[trunk.value];
            const std::uint32_t other = l.upper.value == at ? l.lower.value : l.upper.value;
            if (carrier(trunk) && distance[other] != kFar && distance[other] + 1 == distance[at])
                closer.push_back(trunk);
        }
        const LinkId trunk = closer[ends.value() % closer.size()];
        ends.add(std::uint64_t{at});
        const Link& l = m_links[trunk.value];
        const bool down = l.upper.value == at;
        path.channels.push_back(channelOf(trunk, down));
        at = down ? l.lower.value : l.upper.value;
        path.switches.push_back(SwitchId{at});
    }
    path.channels.push_back(channelOf(to, true));
    return path;
}

void Fabric::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_switches);
    sim::addTo(f, m_links);
}

} // namespace sim::net
