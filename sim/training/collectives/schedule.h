#pragma once

#include "sim/training/collectives/links.h"
#include "sim/training/collectives/tuning.h"

/// The steps of a collective one by one: which chunk moves over which edge, for a picture and for sharing links
/// with other traffic. Steps are worked out when asked for: a ring of 512 ranks has a thousand alike.
namespace sim::training::collectives {

enum class MoveKind {
    Copy,
    Reduce,      ///< added to what the receiver has
    SwitchReduce, ///< a head pulls the sum of its node's share through the switch
    SwitchSpread, ///< a head writes to all GPUs of its node at once
};
BOOST_DESCRIBE_ENUM(MoveKind, Copy, Reduce, SwitchReduce, SwitchSpread)

struct Move {
    int channel = 0;
    int chunk = 0; ///< of its channel
    int from = 0;
    int to = 0;
    MoveKind kind = MoveKind::Copy;
    double bytes = 0;
    bool operator==(const Move&) const = default;
};
BOOST_DESCRIBE_STRUCT(Move, (), (channel, chunk, from, to, kind, bytes))

class Schedule {
public:
    /// `channels` carry equal shares of `bytes`; trees and switches send theirs in `pieces` chunks one behind the
    /// other. The system must outlive the schedule.
    Schedule(const System& system, const Environment& environment, const Communicator& communicator,
             Collective collective, Algorithm algorithm, int channels, double bytes, int pieces = 4);

    int steps() const { return m_steps; }
    /// Chunks of one channel; each rank's array is cut into them.
    int chunks() const { return m_chunks; }
    int channels() const { return m_channels; }
    std::vector<Move> moves(int step) const;

    /// A moved chunk's way over the links.
    Route routeOf(const Move& move) const;
    const LinkTable& links() const { return m_links; }

private:
    friend double timeOfAll(const Schedule& schedule, double hopMicroseconds);

    /// A tree with the turn of each of its members: when it sends up, and when down.
    struct Turns {
        std::vector<int> up; ///< parents
        std::vector<int> height;
        std::vector<int> depth;
        int highest = 0; ///< the root's height
        int deepest = 0;
    };
    static Turns turnsOf(std::vector<int> parents);

    bool isSwitched() const { return m_algorithm == Algorithm::Nvls || m_algorithm == Algorithm::NvlsTree; }
    bool isPipeline() const { return m_collective == Collective::Broadcast || m_collective == Collective::Reduce; }
    bool isPairwise() const
    {
        return m_collective == Collective::AllToAll || m_collective == Collective::SendReceive;
    }
    void prepareTrees();
    void prepareSwitch();
    void ringMoves(int step, std::vector<Move>& moves) const;
    void pipelineMoves(int step, std::vector<Move>& moves) const;
    void treeMoves(int step, std::vector<Move>& moves) const;
    void switchMoves(int step, std::vector<Move>& moves) const;
    void headMoves(int step, std::vector<Move>& moves) const;
    void pairMoves(int step, std::vector<Move>& moves) const;

    const System& m_system;
    Environment m_environment;
    Communicator m_communicator;
    Collective m_collective;
    Algorithm m_algorithm;
    int m_channels = 1;
    int m_pieces = 1;
    int m_chunks = 1;
    int m_steps = 0;
    double m_chunkBytes = 0;
    LinkTable m_links;
    std::vector<std::vector<int>> m_rings; ///< by channel of the search
    std::vector<Turns> m_trees;            ///< of ranks, by channel; of nodes for heads
    std::vector<std::vector<int>> m_heads; ///< by node
};

/// What one step takes when its moves share the links fairly.
struct StepTime {
    double microseconds = 0;
    /// GB/s of each move, in the order of `moves`.
    std::vector<double> rates;
};
StepTime timeOfStep(const Schedule& schedule, int step);

/// All steps of a schedule with shared links and `hopMicroseconds` for each. Steps that repeat are worked out once.
double timeOfAll(const Schedule& schedule, double hopMicroseconds);

} // namespace sim::training::collectives
