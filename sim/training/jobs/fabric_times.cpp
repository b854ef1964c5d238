#include "sim/training/jobs/fabric_times.h"

#include <algorithm>
#include <cmath>

namespace sim::training {

namespace {

collectives::Collective collectiveOf(Collective collective)
{
    switch (collective) {
    case Collective::AllReduce: return collectives::Collective::AllReduce;
    case Collective::ReduceScatter: return collectives::Collective::ReduceScatter;
    case Collective::AllGather: return collectives::Collective::AllGather;
    case Collective::AllToAll: return collectives::Collective::AllToAll;
    case Collective::SendReceive: return collectives::Collective::SendReceive;
    }
    return collectives::Collective::AllReduce;
}

} // namespace

std::optional<collectives::NodeType> nodeTypeOf(const gpu::Board& board)
{
    if (board.shortName == "A100")
        return collectives::NodeType::A100Sxm;
    if (board.shortName == "H100")
        return collectives::NodeType::H100Sxm;
    if (board.shortName == "H200")
        return collectives::NodeType::H200Sxm;
    if (board.shortName == "B200")
        return collectives::NodeType::B200;
    return std::nullopt;
}

FabricTimes::FabricTimes(const ClusterKind& kind, collectives::Environment environment)
    : m_kind(kind)
    , m_environment(std::move(environment))
{
}

bool FabricTimes::leavesMachine(const CollectiveCall& call) const
{
    return (call.ranks - 1) * call.stride >= m_kind.gpusPerMachine;
}

const FabricTimes::Group& FabricTimes::groupOf(const CollectiveCall& call) const
{
    const auto key = std::pair(call.ranks, call.stride);
    if (const auto known = m_groups.find(key); known != m_groups.end())
        return known->second;
    const auto perMachine = static_cast<int>(std::clamp<std::int64_t>(m_kind.gpusPerMachine / std::max<std::int64_t>(1, call.stride), 1, call.ranks));
    const auto machines = static_cast<int>((call.ranks + perMachine - 1) / perMachine);
    Group group;
    group.system = collectives::standardSystem(m_kind.node, machines, perMachine);
    // Groups of one job run side by side: each has the adapters of its own GPUs.
    const int nics = m_kind.gpusPerMachine > 0 ? std::max(m_kind.nics > 0 ? 1 : 0, m_kind.nics * perMachine / m_kind.gpusPerMachine) : 0;
    for (collectives::Node& node : group.system.nodes) {
        collectives::setNics(node, nics, m_kind.network, m_kind.nicGigabytesPerSecond);
        node.nvls &= m_kind.nvls;
        for (collectives::Nic& nic : node.nics)
            nic.gpuDirect = m_kind.gpuDirect;
    }
    group.communicator = collectives::connect(group.system, m_environment);
    group.tuner = collectives::tune(group.system, m_environment, group.communicator);
    return m_groups.emplace(key, std::move(group)).first->second;
}

double FabricTimes::seconds(const CollectiveCall& call) const
{
    const auto key = std::tuple(call.collective, call.ranks, call.stride, call.bytes);
    if (const auto known = m_answers.find(key); known != m_answers.end())
        return known->second;
    const Group& group = groupOf(call);
    const auto bytes = std::max<std::int64_t>(1, std::llround(call.bytes));
    const collectives::Timing timing = collectives::timeOf(group.system, m_environment, group.communicator, group.tuner, collectiveOf(call.collective), bytes);
    return m_answers[key] = timing.microseconds * 1e-6;
}

} // namespace sim::training
