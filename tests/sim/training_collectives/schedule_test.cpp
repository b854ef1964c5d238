#include "sim/training/collectives/schedule.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace sim::training::collectives {

namespace {

constexpr double kBytes = 1 << 20;

struct Made {
    System system;
    Communicator communicator;
    Schedule schedule;
    Made(NodeType type, int nodes, int gpus, Collective collective, Algorithm algorithm, int channels = 2)
        : system(standardSystem(type, nodes, gpus)), communicator(connect(system, {})),
          schedule(system, {}, communicator, collective, algorithm, channels, kBytes)
    {
    }
};

/// Which ranks' data each rank has of each chunk; moves of one step happen at once.
class Holdings {
public:
    explicit Holdings(int ranks) : m_ranks(ranks) { }
    void give(int rank, int channel, int chunk, std::set<int> of) { m_held[{rank, channel, chunk}] = std::move(of); }
    const std::set<int>& of(int rank, int channel, int chunk) { return m_held[{rank, channel, chunk}]; }

    void step(const std::vector<Move>& moves)
    {
        const auto before = m_held;
        const auto had = [&](int rank, const Move& move) {
            const auto found = before.find({rank, move.channel, move.chunk});
            return found == before.end() ? std::set<int>{} : found->second;
        };
        std::map<std::tuple<int, int, int>, std::set<int>> pulled;
        for (const Move& move : moves) {
            std::set<int>& there = move.kind == MoveKind::SwitchReduce ? pulled[{move.to, move.channel, move.chunk}]
                                                                       : m_held[{move.to, move.channel, move.chunk}];
            const std::set<int> sent = had(move.from, move);
            EXPECT_FALSE(sent.empty()) << "rank " << move.from << " sends what it has not";
            if (move.kind == MoveKind::Reduce || move.kind == MoveKind::SwitchReduce)
                for (const int rank : sent)
                    EXPECT_TRUE(there.insert(rank).second) << "rank " << rank << " is added twice at " << move.to;
            else
                there = sent;
        }
        for (auto& [key, sum] : pulled)
            m_held[key] = std::move(sum);
    }

private:
    int m_ranks;
    std::map<std::tuple<int, int, int>, std::set<int>> m_held;
};

std::set<int> everybody(int ranks)
{
    std::set<int> all;
    for (int rank = 0; rank < ranks; ++rank)
        all.insert(rank);
    return all;
}

void expectAllReduced(const Made& made)
{
    const Schedule& schedule = made.schedule;
    const int n = made.communicator.ranks;
    Holdings holdings(n);
    for (int rank = 0; rank < n; ++rank)
        for (int channel = 0; channel < schedule.channels(); ++channel)
            for (int chunk = 0; chunk < schedule.chunks(); ++chunk)
                holdings.give(rank, channel, chunk, {rank});
    for (int step = 0; step < schedule.steps(); ++step)
        holdings.step(schedule.moves(step));
    for (int rank = 0; rank < n; ++rank)
        for (int channel = 0; channel < schedule.channels(); ++channel)
            for (int chunk = 0; chunk < schedule.chunks(); ++chunk)
                ASSERT_EQ(holdings.of(rank, channel, chunk), everybody(n)) << rank << ' ' << channel << ' ' << chunk;
}

std::map<LinkKind, double> bytesByKind(const Schedule& schedule)
{
    std::map<LinkKind, double> bytes;
    for (int step = 0; step < schedule.steps(); ++step)
        for (const Move& move : schedule.moves(step)) {
            const Route route = schedule.routeOf(move);
            for (std::uint32_t i = 0; i < route.count; ++i)
                bytes[schedule.links().links()[route.links[i]].kind] += move.bytes;
        }
    return bytes;
}

} // namespace

TEST(CollectiveSchedule, EveryAllReduceEndsWithTheWholeSumEverywhere)
{
    for (const int nodes : {1, 2, 3, 5}) {
        expectAllReduced({NodeType::H100Sxm, nodes, 4, Collective::AllReduce, Algorithm::Ring});
        expectAllReduced({NodeType::A100Sxm, nodes, 4, Collective::AllReduce, Algorithm::Tree, 4});
        expectAllReduced({NodeType::H100Sxm, nodes, 4, Collective::AllReduce, Algorithm::Tree, 4});
        expectAllReduced({NodeType::H100Sxm, nodes, 4, Collective::AllReduce,
                          nodes == 1 ? Algorithm::Nvls : Algorithm::NvlsTree});
    }
    expectAllReduced({NodeType::A100Pcie, 1, 3, Collective::AllReduce, Algorithm::Ring});
}

TEST(CollectiveSchedule, HalvesOfARingScatterAndGather)
{
    const Made scatter(NodeType::H100Sxm, 2, 4, Collective::ReduceScatter, Algorithm::Ring);
    Holdings sums(8);
    for (int rank = 0; rank < 8; ++rank)
        for (int channel = 0; channel < 2; ++channel)
            for (int chunk = 0; chunk < 8; ++chunk)
                sums.give(rank, channel, chunk, {rank});
    for (int step = 0; step < scatter.schedule.steps(); ++step)
        sums.step(scatter.schedule.moves(step));
    for (int rank = 0; rank < 8; ++rank)
        for (int channel = 0; channel < 2; ++channel)
            EXPECT_EQ(sums.of(rank, channel, rank), everybody(8));

    const Made gather(NodeType::H100Sxm, 2, 4, Collective::AllGather, Algorithm::Ring);
    Holdings parts(8);
    for (int rank = 0; rank < 8; ++rank)
        for (int channel = 0; channel < 2; ++channel)
            parts.give(rank, channel, rank, {rank});
    for (int step = 0; step < gather.schedule.steps(); ++step)
        parts.step(gather.schedule.moves(step));
    for (int rank = 0; rank < 8; ++rank)
        for (int chunk = 0; chunk < 8; ++chunk)
            EXPECT_EQ(parts.of(rank, 1, chunk), std::set<int>{chunk});
}

TEST(CollectiveSchedule, PipelinesAndPairsReachWhomTheyShould)
{
    const Made broadcast(NodeType::H100Sxm, 2, 4, Collective::Broadcast, Algorithm::Ring);
    Holdings copies(8);
    for (int channel = 0; channel < 2; ++channel)
        for (int chunk = 0; chunk < broadcast.schedule.chunks(); ++chunk)
            copies.give(0, channel, chunk, {0});
    for (int step = 0; step < broadcast.schedule.steps(); ++step)
        copies.step(broadcast.schedule.moves(step));
    for (int rank = 0; rank < 8; ++rank)
        EXPECT_EQ(copies.of(rank, 1, 3), std::set<int>{0});

    const Made reduce(NodeType::H100Sxm, 2, 4, Collective::Reduce, Algorithm::Ring);
    Holdings sums(8);
    for (int rank = 0; rank < 8; ++rank)
        for (int channel = 0; channel < 2; ++channel)
            for (int chunk = 0; chunk < reduce.schedule.chunks(); ++chunk)
                sums.give(rank, channel, chunk, {rank});
    for (int step = 0; step < reduce.schedule.steps(); ++step)
        sums.step(reduce.schedule.moves(step));
    EXPECT_EQ(sums.of(0, 1, 2), everybody(8));

    const Made all(NodeType::H100Sxm, 2, 4, Collective::AllToAll, Algorithm::Ring);
    std::set<std::pair<int, int>> pairs;
    for (int step = 0; step < all.schedule.steps(); ++step)
        for (const Move& move : all.schedule.moves(step))
            EXPECT_TRUE(pairs.insert({move.from, move.to}).second);
    EXPECT_EQ(pairs.size(), 56u);
}

TEST(CollectiveSchedule, BytesOfTheStepsAreTheClosedForms)
{
    const std::vector<std::pair<Collective, Algorithm>> cases = {
        {Collective::AllReduce, Algorithm::Ring}, {Collective::AllReduce, Algorithm::Tree}, {Collective::AllReduce, Algorithm::NvlsTree},
        {Collective::AllGather, Algorithm::Ring}, {Collective::Broadcast, Algorithm::Ring}, {Collective::AllToAll, Algorithm::Ring}};
    for (const auto& [collective, algorithm] : cases) {
        const Made made(NodeType::H100Sxm, 3, 8, collective, algorithm, 16);
        const LinkTable table(made.system);
        const LinkLoads loads = loadsOf(made.system, {}, made.communicator, table, collective, algorithm, 16, kBytes);
        std::map<LinkKind, double> closed;
        for (std::size_t i = 0; i < loads.bytes.size(); ++i)
            closed[table.links()[i].kind] += loads.bytes[i];
        const auto stepwise = bytesByKind(made.schedule);
        for (const LinkKind kind : {LinkKind::NicOut, LinkKind::NicIn})
            EXPECT_NEAR(stepwise.at(kind), closed.at(kind), 1) << nameOf(collective) << ' ' << nameOf(algorithm);
        if (collective == Collective::AllToAll) // closed form: rails bring all of a node's messages by one GPU
            continue;
        EXPECT_NEAR(stepwise.at(LinkKind::NvlinkOut), closed.at(LinkKind::NvlinkOut), 1) << nameOf(algorithm);
    }
}

TEST(CollectiveSchedule, NoLinkCarriesMoreThanItsRate)
{
    for (const Algorithm algorithm : {Algorithm::Ring, Algorithm::Tree, Algorithm::NvlsTree}) {
        const Made made(NodeType::H100Sxm, 3, 8, Collective::AllReduce, algorithm, 16);
        const Schedule& schedule = made.schedule;
        for (int step = 0; step < schedule.steps(); ++step) {
            const std::vector<Move> moves = schedule.moves(step);
            const StepTime time = timeOfStep(schedule, step);
            std::map<std::uint32_t, double> used;
            for (std::size_t i = 0; i < moves.size(); ++i) {
                EXPECT_GT(time.rates[i], 0);
                const Route route = schedule.routeOf(moves[i]);
                for (std::uint32_t k = 0; k < route.count; ++k)
                    used[route.links[k]] += time.rates[i];
            }
            for (const auto& [link, rate] : used)
                EXPECT_LE(rate, schedule.links().links()[link].gigabytesPerSecond * 1.000001);
        }
    }
}

TEST(CollectiveSchedule, ALargeRingRunsAtItsSlowestLinksRate)
{
    System system = standardSystem(NodeType::H100Sxm, 64, 8);
    const Communicator communicator = connect(system, {});
    const Schedule schedule(system, {}, communicator, Collective::AllReduce, Algorithm::Ring, communicator.channels, 1 << 30);
    EXPECT_EQ(schedule.steps(), 1022);
    const double microseconds = timeOfAll(schedule, 0);
    const double bus = (1 << 30) / microseconds / 1000 * busFactor(Collective::AllReduce, 512);
    EXPECT_NEAR(bus, 18 * 20.6, 18 * 20.6 * 0.15); // NVLink, shared with the neighbours' way to the port
    EXPECT_LE(bus, 18 * 20.6);
}

} // namespace sim::training::collectives
