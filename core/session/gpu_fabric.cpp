#include "core/session/gpu_detail.h"

#include "core/shell/commands/fabric/iblinkinfo.h"
#include "core/shell/commands/fabric/perfquery.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace core::session {

namespace {

namespace rdma = sim::net::rdma;
namespace tools = core::shell::fabric;
using rdma::Fabric;
using rdma::PortId;

/// Of what flows over a cable, the busier direction.
struct Flow {
    double load = 0; ///< 0..1
    double bitsPerSecond = 0;
};

Flow flowOf(const Fabric& fabric, const rdma::Cable& cable)
{
    Flow flow;
    for (const PortId end : {cable.a, cable.b}) {
        const double capacity = fabric.capacityBytesPerSecond(end);
        const double sent = fabric.sentBytesPerSecond(end);
        if (capacity > 0)
            flow.load = std::max(flow.load, std::min(1.0, sent / capacity));
        flow.bitsPerSecond = std::max(flow.bitsPerSecond, sent * 8);
    }
    return flow;
}

double rateOf(const rdma::Port& port)
{
    return rdma::laneBitsPerSecond(port.speed) * port.lanes;
}

/// "leaf-1-4/5", "gpu-1 mlx5_3".
std::string endName(const Fabric& fabric, PortId id)
{
    const rdma::RdmaSwitchId owner = fabric.port(id).owner;
    return owner.valid() ? fmt::format("{}/{}", fabric.switchOf(owner).name, fabric.port(id).number)
                         : tools::nodeDescription(fabric, rdma::DeviceId{id.value});
}

class Builder {
public:
    Builder(const sim::World& world, FabricDetail& detail) : m_world(world), m_fabric(world.rdma()), m_detail(detail) { }

    void build()
    {
        Reading& read = m_detail.linksRead;
        read.what = "fabric";
        read.reads = {"fabric/*"};
        read.text = fmt::format("{} switches, {} adapters, {} cables\n", m_fabric.switches().size(), m_fabric.devices().size(), m_fabric.cables().size());
        for (const rdma::Switch& one : m_fabric.switches())
            m_detail.switches.push_back({one.name, one.tier == rdma::Tier::Spine, one.unit, one.rail, one.up, 0, 0, 0});
        addEnds();
        for (const rdma::Cable& cable : m_fabric.cables())
            addCable(cable);
        for (auto& [key, bundle] : m_bundles) {
            bundle.load /= std::max(1, bundle.up);
            m_detail.bundles.push_back(bundle);
        }
    }

    /// "gpu-1:3".
    std::optional<rdma::DeviceId> deviceNamed(const std::string& text) const
    {
        const std::size_t colon = text.rfind(':');
        if (colon == std::string::npos)
            return std::nullopt;
        int rail = -1;
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), rail);
        const auto& devices = m_fabric.devices();
        for (std::size_t i = 0; i < devices.size(); ++i)
            if (devices[i].rail == rail && nameOf(devices[i].host) == text.substr(0, colon))
                return rdma::DeviceId{i};
        return std::nullopt;
    }

private:
    std::string nameOf(sim::HostId host) const { return m_world.hosts().at(host).name; }

    void addEnds()
    {
        std::map<sim::HostId, int> machines;
        for (std::size_t i = 0; i < m_fabric.devices().size(); ++i) {
            const rdma::Device& device = m_fabric.devices()[i];
            const PortId port{i};
            const auto [place, fresh] = machines.try_emplace(device.host, static_cast<int>(m_detail.machines.size()));
            const rdma::Port& leafPort = m_fabric.port(m_fabric.peer(port));
            FabricEnd end;
            end.leaf = static_cast<int>(leafPort.owner.value);
            if (fresh)
                m_detail.machines.push_back({nameOf(device.host), m_fabric.switchOf(leafPort.owner).unit, answersNow(m_world, m_world.hosts().at(device.host))});
            end.machine = place->second;
            end.rail = device.rail;
            end.device = device.name;
            end.leafPort = leafPort.number;
            end.state = linkStateOf(m_fabric, port);
            end.rate = tools::rateInSysfs(m_fabric, m_fabric.port(port));
            m_detail.rails = std::max(m_detail.rails, device.rail + 1);
            m_detail.ends.push_back(std::move(end));
        }
    }

    void addCable(const rdma::Cable& cable)
    {
        const LinkState state = std::max(linkStateOf(m_fabric, cable.a), linkStateOf(m_fabric, cable.b));
        const Flow flow = state == LinkState::Down || state == LinkState::Disabled ? Flow() : flowOf(m_fabric, cable);
        std::vector<std::string> errors;
        for (const PortId id : {cable.a, cable.b}) {
            const PortErrors counted = errorsOf(m_fabric, id);
            for (const PortErrors::Count& count : counted.counts)
                errors.push_back(fmt::format("{} {} {}", endName(m_fabric, id), count.name, count.value));
            if (const rdma::RdmaSwitchId owner = m_fabric.port(id).owner; owner.valid()) {
                FabricSwitch& one = m_detail.switches[owner.value];
                ++one.cables;
                one.up += state < LinkState::Disabled ? 1 : 0;
                one.faulty += counted.counts.empty() ? 0 : 1;
            }
        }
        tell(cable, state, errors);
        const rdma::RdmaSwitchId a = m_fabric.port(cable.a).owner, b = m_fabric.port(cable.b).owner;
        if (!a.valid()) {
            FabricEnd& end = m_detail.ends[cable.a.value];
            end.state = std::max(end.state, state);
            end.load = flow.load;
            end.bitsPerSecond = flow.bitsPerSecond;
            end.errors = std::move(errors);
            return;
        }
        FabricBundle& bundle = m_bundles[{static_cast<int>(a.value), static_cast<int>(b.value)}];
        bundle.leaf = static_cast<int>(a.value);
        bundle.spine = static_cast<int>(b.value);
        ++bundle.cables;
        bundle.up += state < LinkState::Disabled ? 1 : 0;
        bundle.degraded += state == LinkState::Degraded ? 1 : 0;
        bundle.inactive += state == LinkState::Inactive ? 1 : 0;
        bundle.faulty += errors.empty() ? 0 : 1;
        bundle.load += flow.load;
        bundle.worstLoad = std::max(bundle.worstLoad, flow.load);
        bundle.bitsPerSecond += flow.bitsPerSecond;
    }

    /// A cable with trouble, as iblinkinfo and ibqueryerrors have it.
    void tell(const rdma::Cable& cable, LinkState state, const std::vector<std::string>& errors)
    {
        if (state == LinkState::Up && errors.empty())
            return;
        Reading& read = m_detail.linksRead;
        for (const PortId id : {cable.a, cable.b})
            read.text += fmt::format("{:<18} =={}==>  {}", endName(m_fabric, id), tools::linkStateText(m_fabric.port(id)), tools::linkPeerText(m_fabric, id, false));
        for (const std::string& error : errors)
            read.text += "   " + error + "\n";
        read.shape += fmt::format("{}:{}:{} ", endName(m_fabric, cable.a), static_cast<int>(state), errors.size());
    }

    const sim::World& m_world;
    const Fabric& m_fabric;
    FabricDetail& m_detail;
    std::map<std::pair<int, int>, FabricBundle> m_bundles; ///< by leaf and spine
};

FabricPath::Outcome outcomeOf(rdma::Reach reach)
{
    using Outcome = FabricPath::Outcome;
    switch (reach) {
    case rdma::Reach::Reachable: return Outcome::Found;
    case rdma::Reach::PortDown: return Outcome::PortDown;
    case rdma::Reach::NotConfigured: return Outcome::NotConfigured;
    case rdma::Reach::NoRoute: return Outcome::NoRoute;
    case rdma::Reach::DeadLink: return Outcome::DeadLink;
    // A ping without an answer does not say why.
    case rdma::Reach::Partition:
    case rdma::Reach::ServiceLevel:
    case rdma::Reach::AddressFamily: return Outcome::Unanswered;
    }
    return Outcome::Unanswered;
}

void addPath(FabricDetail& detail, const Builder& builder, const Fabric& fabric, const GpuInterest& interest)
{
    FabricPath found;
    found.from = interest.from;
    found.to = interest.to;
    const auto from = builder.deviceNamed(interest.from), to = builder.deviceNamed(interest.to);
    if (!from || !to || from == to) {
        found.outcome = from && to ? FabricPath::Outcome::SameEnd : FabricPath::Outcome::NoSuchEnd;
        detail.path = std::move(found);
        return;
    }
    rdma::Path path;
    rdma::TransferRequest request;
    request.from = *from;
    request.to = *to;
    found.outcome = outcomeOf(fabric.route(request, path));
    Reading& read = detail.pathRead;
    read.what = "path";
    read.reads = {"fabric/*"};
    read.text = fmt::format("From {} to {}:\n", tools::nodeDescription(fabric, *from), tools::nodeDescription(fabric, *to));
    for (const rdma::Channel channel : path) {
        const rdma::Cable& cable = fabric.cables()[channel / 2];
        const PortId out = channel % 2 == 0 ? cable.a : cable.b, in = fabric.peer(out);
        const double capacity = fabric.capacityBytesPerSecond(out);
        found.hops.push_back({endName(fabric, out), endName(fabric, in), capacity > 0 ? std::min(1.0, fabric.sentBytesPerSecond(out) / capacity) : 0,
                              rateOf(fabric.port(out))});
        read.text += fmt::format("[{}] -> {}\n", endName(fabric, out), endName(fabric, in));
        if (const rdma::RdmaSwitchId owner = fabric.port(in).owner; owner.valid())
            found.switches.push_back(static_cast<int>(owner.value));
    }
    if (path.hops > 0)
        found.microseconds = static_cast<double>(fabric.latency(path).count()) / 1e3;
    read.text += fmt::format("{}\n", found.outcome == FabricPath::Outcome::Found ? "reached" : "not reached");
    read.shape = read.text;
    detail.path = std::move(found);
}

} // namespace

LinkState linkStateOf(const Fabric& fabric, PortId id)
{
    const rdma::Port& port = fabric.port(id);
    if (port.physical == rdma::PhysicalState::Disabled)
        return LinkState::Disabled;
    if (port.physical != rdma::PhysicalState::LinkUp)
        return LinkState::Down;
    if (port.logical != rdma::LogicalState::Active)
        return LinkState::Inactive;
    const rdma::Port& other = fabric.port(fabric.peer(id));
    const bool less = port.lanes < std::min(port.maxLanes, other.maxLanes) || port.speed < std::min(port.maxSpeed, other.maxSpeed);
    return less ? LinkState::Degraded : LinkState::Up;
}

PortErrors errorsOf(const Fabric& fabric, PortId id)
{
    PortErrors errors;
    for (const tools::CounterField& field : tools::kErrorCounters)
        if (const std::uint64_t count = fabric.counter(id, field.counter); count > 0 && field.counter != rdma::PortCounter::XmitWait)
            errors.counts.push_back({field.name, count});
    return errors;
}

FabricDetail fabricOf(const sim::World& world, const GpuInterest& interest)
{
    FabricDetail detail;
    const Fabric& fabric = world.rdma();
    if (fabric.devices().empty())
        return detail;
    detail.infiniBand = fabric.layer() == rdma::LinkLayer::InfiniBand;
    Builder builder(world, detail);
    builder.build();
    if (!interest.from.empty() && !interest.to.empty())
        addPath(detail, builder, fabric, interest);
    return detail;
}

} // namespace core::session
