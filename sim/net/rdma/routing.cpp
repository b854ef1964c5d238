// Which cables a transfer's packets cross.
#include "sim/net/rdma/fabric.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::net::rdma {

namespace {

/// What a switch's hash of addresses and ports comes to; splitmix64's finaliser.
std::uint64_t hashOf(std::uint64_t a, std::uint64_t b, std::uint64_t c)
{
    std::uint64_t z = a * 0x9e3779b97f4a7c15ULL + b * 0xd1b54a32d192ed03ULL + c;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// Two ports talk when they share a partition of which one of them is a full member (IBTA volume 1, P_Key
/// matching).
bool shareAPartition(const Device& a, const Device& b)
{
    for (const std::uint16_t x : a.pkeys)
        for (const std::uint16_t y : b.pkeys)
            if ((x & 0x7fff) != 0 && (x & 0x7fff) == (y & 0x7fff) && ((x | y) & 0x8000) != 0)
                return true;
    return false;
}

/// Whether the GID that the transfer names is one that routers carry.
bool routable(const Device& device, int index)
{
    if (index < 0)
        return std::any_of(device.gids.begin(), device.gids.end(),
                           [](const Gid& g) { return g.type == Gid::Type::RoceV2 && !g.linkLocal(); });
    if (index >= static_cast<int>(device.gids.size()))
        return false;
    const Gid& gid = device.gids[static_cast<std::size_t>(index)];
    return gid.type == Gid::Type::RoceV2 && !gid.linkLocal();
}

/// One way, a small message, NIC to NIC: ib_write_lat between two ConnectX-7 without a switch shows 1.42 us
/// at least.
constexpr Duration kNics = 1420ns;
/// Port to port of a Quantum-2 switch; 130 .. 200 ns are told of the family.
constexpr Duration kSwitch = 130ns;
/// Light in glass and electrons in copper: about two thirds of c.
constexpr double kNanosecondsPerMeter = 5;

} // namespace

Channel Fabric::channelFrom(PortId id) const
{
    const CableId cable = port(id).cable;
    return cable.value * 2 + (cables()[cable.value].a == id ? 0 : 1);
}

Fabric::FlowCounts Fabric::flowCounts() const
{
    FlowCounts counts(cables().size() * 2);
    for (const auto& [id, transfer] : transfers())
        for (const Channel channel : transfer.path)
            ++counts[channel];
    return counts;
}

PortId Fabric::downlink(RdmaSwitchId spine, RdmaSwitchId toLeaf, std::uint64_t hash) const
{
    const Switch& s = switchOf(spine);
    const auto leads = [&](std::uint32_t i) {
        const PortId out{s.firstPort.value + i};
        return linkUp(out) && port(peer(out)).owner == toLeaf;
    };
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(s.portCount); ++i)
        found += leads(i) ? 1 : 0;
    if (found == 0 || !s.up)
        return {};
    std::uint32_t wanted = static_cast<std::uint32_t>(hash % found);
    for (std::uint32_t i = 0;; ++i)
        if (leads(i) && wanted-- == 0)
            return PortId{s.firstPort.value + i};
}

PortId Fabric::uplink(RdmaSwitchId leaf, RdmaSwitchId toLeaf, std::uint64_t hash,
                      const FlowCounts* leastLoaded) const
{
    const Switch& s = switchOf(leaf);
    std::vector<PortId> choices;
    RdmaSwitchId known; // neighbouring ports often lead to one spine
    bool leads = false;
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(s.portCount); ++i) {
        const PortId out{s.firstPort.value + i};
        if (!linkUp(out))
            continue;
        const RdmaSwitchId spine = port(peer(out)).owner;
        if (!spine.valid() || switchOf(spine).tier != Tier::Spine)
            continue;
        if (spine != known) {
            known = spine;
            leads = downlink(spine, toLeaf, 0).valid();
        }
        if (leads)
            choices.push_back(out);
    }
    if (choices.empty() || !s.up)
        return {};
    if (leastLoaded == nullptr)
        return choices[hash % choices.size()];
    const std::size_t first = hash % choices.size();
    PortId best = choices[first];
    for (std::size_t i = 1; i < choices.size(); ++i) {
        const PortId other = choices[(first + i) % choices.size()];
        if ((*leastLoaded)[channelFrom(other)] < (*leastLoaded)[channelFrom(best)])
            best = other;
    }
    return best;
}

Reach Fabric::endsMeet(const TransferRequest& request) const
{
    for (const DeviceId end : {request.from, request.to}) {
        if (!device(end).powered || !linkUp(PortId{end.value}))
            return Reach::PortDown;
        if (port(end).logical != LogicalState::Active)
            return Reach::NotConfigured;
    }
    if (m_layer == LinkLayer::InfiniBand) {
        if ((m_subnet.serviceLevels >> request.serviceLevel & 1) == 0)
            return Reach::ServiceLevel;
        if (!shareAPartition(device(request.from), device(request.to)))
            return Reach::Partition;
    }
    return Reach::Reachable;
}

Reach Fabric::route(const TransferRequest& request, Path& path) const
{
    return route(request, path, flowCounts());
}

Reach Fabric::route(const TransferRequest& request, Path& path, const FlowCounts& flows) const
{
    path = {};
    if (const Reach ends = endsMeet(request); ends != Reach::Reachable)
        return ends;
    const PortId source{request.from.value}, target{request.to.value};
    const RdmaSwitchId lastLeaf = port(peer(target)).owner;
    const auto fail = [&](Reach reach) {
        path = {};
        return reach;
    };
    if (m_layer == LinkLayer::Ethernet && port(peer(source)).owner != lastLeaf
        && !(routable(device(request.from), request.gidIndex)
             && routable(device(request.to), request.gidIndex)))
        return fail(Reach::AddressFamily);
    const std::uint64_t hash = hashOf(request.from.value, request.to.value, request.entropy);
    PortId out = source;
    for (;;) {
        path.channels[static_cast<std::size_t>(path.hops++)] = channelFrom(out);
        const PortId in = peer(out);
        if (in == target)
            return Reach::Reachable;
        const RdmaSwitchId at = port(in).owner;
        if (!at.valid() || path.hops == Path::kMost)
            return fail(Reach::NoRoute);
        const Switch& s = switchOf(at);
        const bool up = s.tier == Tier::Leaf && at != lastLeaf;
        if (m_layer == LinkLayer::Ethernet || (up && m_subnet.adaptiveRouting)) {
            out = at == lastLeaf ? peer(target)
                : up ? uplink(at, lastLeaf, hash, m_layer == LinkLayer::InfiniBand ? &flows : nullptr)
                     : downlink(at, lastLeaf, hash >> 32);
        } else {
            const std::uint16_t lid = port(target).lid;
            const int number = lid < s.forwarding.size() ? s.forwarding[lid] : 0;
            out = number == 0 ? PortId{} : PortId{s.firstPort.value + static_cast<std::uint32_t>(number - 1)};
        }
        if (!out.valid())
            return fail(Reach::NoRoute);
        if (!linkUp(out) || port(out).logical != LogicalState::Active)
            return fail(Reach::DeadLink);
    }
}

Duration Fabric::latency(const Path& path) const
{
    double meters = 0;
    for (const Channel channel : path)
        meters += cables()[channel / 2].lengthMeters;
    return kNics + kSwitch * std::max(0, path.hops - 1)
        + Duration{static_cast<std::int64_t>(meters * kNanosecondsPerMeter)};
}

Quote Fabric::quote(const TransferRequest& request) const
{
    Fabric trial = *this;
    const TransferId id = trial.start(m_now, request);
    const Transfer& transfer = std::as_const(trial).transfers().at(id);
    Quote quote;
    quote.reach = transfer.reach;
    quote.bytesPerSecond = transfer.bytesPerSecond;
    quote.lossRatio = transfer.lossRatio;
    quote.latency = latency(transfer.path);
    quote.mtu = std::min(port(request.from).mtu, port(request.to).mtu);
    return quote;
}

} // namespace sim::net::rdma
