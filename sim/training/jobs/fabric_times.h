#pragma once

#include "sim/gpu/board.h"
#include "sim/training/collectives/timing.h"
#include "sim/training/model/collective_times.h"

#include <map>
#include <tuple>

namespace sim::training {

/// The machines of a job as NCCL finds them, all alike; how far single ranks fall behind is RankFactors' business.
struct ClusterKind {
    collectives::NodeType node = collectives::NodeType::H100Sxm;
    int gpusPerMachine = 8;
    int nics = 8; ///< of a machine, in use; 0: sockets
    collectives::NetworkKind network = collectives::NetworkKind::InfiniBand;
    double nicGigabytesPerSecond = 50; ///< of one, in each direction
    bool gpuDirect = true;
    bool nvls = true;
    bool operator==(const ClusterKind&) const = default;
};
/// Nothing when NCCL knows no such board.
std::optional<collectives::NodeType> nodeTypeOf(const gpu::Board& board);

/// What the step model asks, answered by NCCL's model over a job's machines. Answers are kept: a step asks for the same few
/// calls again and again.
class FabricTimes final : public CollectiveTimes {
public:
    FabricTimes(const ClusterKind& kind, collectives::Environment environment);
    double seconds(const CollectiveCall& call) const override;
    bool leavesMachine(const CollectiveCall& call) const override;

private:
    struct Group {
        collectives::System system;
        collectives::Communicator communicator;
        collectives::Tuner tuner;
    };
    const Group& groupOf(const CollectiveCall& call) const;

    ClusterKind m_kind;
    collectives::Environment m_environment;
    mutable std::map<std::pair<std::int64_t, std::int64_t>, Group> m_groups; ///< by ranks and stride
    mutable std::map<std::tuple<Collective, std::int64_t, std::int64_t, double>, double> m_answers;
};

} // namespace sim::training
