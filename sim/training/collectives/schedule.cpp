#include "sim/training/collectives/schedule.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <limits>

namespace sim::training::collectives {

namespace {

std::size_t at(int i)
{
    return static_cast<std::size_t>(i);
}

/// Max-min fair rates in GB/s by progressive filling: all rise together until a link of theirs is full.
std::vector<double> fairRates(const std::vector<Route>& routes, const std::vector<Link>& links)
{
    std::vector<double> left(links.size());
    std::vector<int> users(links.size(), 0);
    for (std::size_t i = 0; i < links.size(); ++i)
        left[i] = links[i].gigabytesPerSecond;
    std::vector<std::size_t> rising;
    for (std::size_t flow = 0; flow < routes.size(); ++flow) {
        rising.push_back(flow);
        for (std::uint32_t i = 0; i < routes[flow].count; ++i)
            ++users[routes[flow].links[i]];
    }
    std::vector<double> rates(routes.size(), 0);
    double level = 0;
    while (!rising.empty()) {
        double rise = std::numeric_limits<double>::max();
        for (std::size_t i = 0; i < links.size(); ++i)
            if (users[i] > 0)
                rise = std::min(rise, left[i] / users[i]);
        level += rise;
        for (std::size_t i = 0; i < links.size(); ++i)
            left[i] -= rise * users[i];
        std::vector<std::size_t> still;
        for (const std::size_t flow : rising) {
            const Route& route = routes[flow];
            bool full = route.count == 0;
            for (std::uint32_t i = 0; i < route.count; ++i)
                full = full || left[route.links[i]] <= 1e-9 * links[route.links[i]].gigabytesPerSecond;
            if (!full) {
                still.push_back(flow);
                continue;
            }
            rates[flow] = level;
            for (std::uint32_t i = 0; i < route.count; ++i)
                --users[route.links[i]];
        }
        FL_ASSERT(still.size() < rising.size());
        rising = std::move(still);
    }
    return rates;
}

} // namespace

Schedule::Schedule(const System& system, const Environment& environment, const Communicator& communicator,
                   Collective collective, Algorithm algorithm, int channels, double bytes, int pieces)
    : m_system(system), m_environment(environment), m_communicator(communicator), m_collective(collective),
      m_algorithm(algorithm), m_channels(channels), m_pieces(pieces), m_links(system)
{
    FL_ASSERT(channels > 0 && pieces > 0 && bytes > 0 && !communicator.failure);
    const int n = communicator.ranks;
    if (n < 2)
        return;
    if (isPairwise()) {
        m_channels = 1;
        m_chunks = m_collective == Collective::AllToAll ? n : 1;
        m_steps = m_collective == Collective::AllToAll ? n - 1 : 1;
    } else if (isSwitched()) {
        m_channels = 1; // all of a switch's channels do the same
        prepareSwitch();
    } else if (m_algorithm == Algorithm::Tree) {
        prepareTrees();
    } else {
        for (int c = 0; c < std::min(channels, communicator.ring.channels); ++c)
            m_rings.push_back(ringOf(system, communicator, c));
        m_chunks = isPipeline() ? pieces : n;
        m_steps = isPipeline() ? pieces + n - 2 : (m_collective == Collective::AllReduce ? 2 : 1) * (n - 1);
    }
    m_chunkBytes = bytes / m_channels / m_chunks;
}

Schedule::Turns Schedule::turnsOf(std::vector<int> parents)
{
    Turns turns;
    turns.height.assign(parents.size(), 0);
    turns.depth.assign(parents.size(), 0);
    for (std::size_t member = 0; member < parents.size(); ++member) {
        int above = 0;
        for (int up = parents[member]; up >= 0; up = parents[at(up)]) {
            ++above;
            turns.height[at(up)] = std::max(turns.height[at(up)], above);
        }
        turns.depth[member] = above;
        turns.deepest = std::max(turns.deepest, above);
    }
    turns.highest = *std::max_element(turns.height.begin(), turns.height.end());
    turns.up = std::move(parents);
    return turns;
}

void Schedule::prepareTrees()
{
    FL_ASSERT(m_collective == Collective::AllReduce);
    m_chunks = m_pieces;
    for (int c = 0; c < m_channels; ++c) {
        std::vector<int> parents;
        for (const TreeLinks& links : treeOf(m_system, m_communicator, c))
            parents.push_back(links.up);
        m_trees.push_back(turnsOf(std::move(parents)));
        m_steps = std::max(m_steps, m_pieces + m_trees.back().highest + m_trees.back().deepest - 1);
    }
}

void Schedule::prepareSwitch()
{
    for (int node = 0; node < m_communicator.nodes; ++node)
        m_heads.push_back(nvlsHeadsOf(m_system, m_communicator, node));
    m_chunks = m_pieces * static_cast<int>(m_heads.front().size());
    if (m_communicator.nodes == 1) {
        m_steps = m_pieces + (m_collective == Collective::AllReduce ? 1 : 0);
        return;
    }
    for (const bool second : {false, true}) {
        std::vector<int> parents;
        for (int node = 0; node < m_communicator.nodes; ++node)
            parents.push_back((second ? secondTree(m_communicator.nodes, node) : binaryTree(m_communicator.nodes, node)).up);
        m_trees.push_back(turnsOf(std::move(parents)));
        m_steps = std::max(m_steps, m_pieces + m_trees.back().highest + m_trees.back().deepest + 1);
    }
}

std::vector<Move> Schedule::moves(int step) const
{
    FL_ASSERT(step >= 0 && step < m_steps);
    std::vector<Move> moves;
    if (isPairwise())
        pairMoves(step, moves);
    else if (isSwitched()) {
        switchMoves(step, moves);
        if (m_communicator.nodes > 1)
            headMoves(step, moves);
    } else if (m_algorithm == Algorithm::Tree)
        treeMoves(step, moves);
    else if (isPipeline())
        pipelineMoves(step, moves);
    else
        ringMoves(step, moves);
    return moves;
}

/// The array is cut into one chunk per rank. First each rank's own chunk gathers every rank's part on its way round
/// the ring, then it goes round once more, whole.
void Schedule::ringMoves(int step, std::vector<Move>& moves) const
{
    const int n = m_communicator.ranks;
    const bool scatters = m_collective != Collective::AllGather && step < n - 1;
    const int turn = scatters || m_collective == Collective::AllGather ? step : step - (n - 1);
    moves.reserve(at(m_channels * n));
    for (int c = 0; c < m_channels; ++c) {
        const std::vector<int>& order = m_rings[at(c) % m_rings.size()];
        for (int i = 0; i < n; ++i) {
            const int chunk = order[at((i - turn - (scatters ? 1 : 0) + 2 * n) % n)];
            moves.push_back({c, chunk, order[at(i)], order[at((i + 1) % n)], scatters ? MoveKind::Reduce : MoveKind::Copy,
                             m_chunkBytes});
        }
    }
}

/// From rank 0 along the ring, or along it to rank 0: chunks follow each other.
void Schedule::pipelineMoves(int step, std::vector<Move>& moves) const
{
    const int n = m_communicator.ranks;
    const bool reduces = m_collective == Collective::Reduce;
    for (int c = 0; c < m_channels; ++c) {
        const std::vector<int>& order = m_rings[at(c) % m_rings.size()];
        const int root = static_cast<int>(std::find(order.begin(), order.end(), 0) - order.begin());
        for (int k = 0; k < n - 1; ++k) {
            const int chunk = step - k;
            const int from = (root + k + (reduces ? 1 : 0)) % n;
            if (chunk >= 0 && chunk < m_pieces)
                moves.push_back({c, chunk, order[at(from)], order[at((from + 1) % n)],
                                 reduces ? MoveKind::Reduce : MoveKind::Copy, m_chunkBytes});
        }
    }
}

void Schedule::treeMoves(int step, std::vector<Move>& moves) const
{
    for (int c = 0; c < m_channels; ++c) {
        const Turns& tree = m_trees[at(c)];
        for (int rank = 0; rank < m_communicator.ranks; ++rank) {
            const int up = tree.up[at(rank)];
            if (up < 0)
                continue;
            const int rising = step - tree.height[at(rank)];
            if (rising >= 0 && rising < m_pieces)
                moves.push_back({c, rising, rank, up, MoveKind::Reduce, m_chunkBytes});
            const int falling = step - tree.highest - tree.depth[at(up)];
            if (falling >= 0 && falling < m_pieces)
                moves.push_back({c, falling, up, rank, MoveKind::Copy, m_chunkBytes});
        }
    }
}

/// Within nodes: each head pulls its share of a piece, and when it is whole writes it to all.
void Schedule::switchMoves(int step, std::vector<Move>& moves) const
{
    const bool reduces = m_collective != Collective::AllGather;
    const bool spreads = m_collective != Collective::ReduceScatter;
    int first = 0;
    for (std::size_t node = 0; node < m_heads.size(); ++node) {
        const int gpus = static_cast<int>(m_system.nodes[node].gpus.size());
        const int heads = static_cast<int>(m_heads[node].size());
        const auto piece = [&](int number, bool pulls) {
            if (number < 0 || number >= m_pieces)
                return;
            for (int h = 0; h < heads; ++h)
                for (int gpu = first; gpu < first + gpus; ++gpu) {
                    const int head = m_heads[node][at(h)];
                    moves.push_back({0, number * heads + h, pulls ? gpu : head, pulls ? head : gpu,
                                     pulls ? MoveKind::SwitchReduce : MoveKind::SwitchSpread, m_chunkBytes});
                }
        };
        if (reduces)
            piece(step, true);
        if (spreads) {
            if (m_trees.empty())
                piece(step - (reduces ? 1 : 0), false);
            else
                for (const int parity : {0, 1}) {
                    const int number = step - 1 - m_trees[at(parity)].highest - m_trees[at(parity)].deepest;
                    if (number >= 0 && number % 2 == parity)
                        piece(number, false);
                }
        }
        first += gpus;
    }
}

/// Between nodes: heads of the same number, even pieces over the first tree, odd ones over the second.
void Schedule::headMoves(int step, std::vector<Move>& moves) const
{
    const int heads = static_cast<int>(m_heads.front().size());
    for (int number = 0; number < m_pieces; ++number) {
        const Turns& tree = m_trees[at(number % 2)];
        for (int node = 0; node < m_communicator.nodes; ++node) {
            const int up = tree.up[at(node)];
            if (up < 0)
                continue;
            const bool rises = step == number + 1 + tree.height[at(node)];
            const bool falls = step == number + 1 + tree.highest + tree.depth[at(up)];
            for (int h = 0; h < heads && (rises || falls); ++h) {
                const int below = m_heads[at(node)][at(h)];
                const int above = m_heads[at(up)][at(h)];
                moves.push_back({0, number * heads + h, rises ? below : above, rises ? above : below,
                                 rises ? MoveKind::Reduce : MoveKind::Copy, m_chunkBytes});
            }
        }
    }
}

void Schedule::pairMoves(int step, std::vector<Move>& moves) const
{
    const int n = m_communicator.ranks;
    for (int rank = 0; rank < n; ++rank) {
        const int to = (rank + step + 1) % n;
        moves.push_back({0, m_collective == Collective::AllToAll ? to : 0, rank, to, MoveKind::Copy, m_chunkBytes});
    }
}

Route Schedule::routeOf(const Move& move) const
{
    Route route;
    if (move.kind == MoveKind::SwitchReduce || move.kind == MoveKind::SwitchSpread) {
        // The switch adds or copies on the way: a head's own link carries its share once, each GPU's likewise.
        const bool pulls = move.kind == MoveKind::SwitchReduce;
        route.add(m_links.ofGpu(pulls ? LinkKind::NvlinkOut : LinkKind::NvlinkIn, pulls ? move.from : move.to));
        if (move.from == move.to)
            route.add(m_links.ofGpu(pulls ? LinkKind::NvlinkIn : LinkKind::NvlinkOut, move.from));
        return route;
    }
    const int channel = isPairwise() ? m_communicator.places[at(move.from)].gpu
        : isSwitched()               ? move.chunk % static_cast<int>(m_heads.front().size())
                                     : move.channel;
    return collectives::routeOf(m_system, m_environment, m_communicator, m_links, channel, move.from, move.to);
}

StepTime timeOfStep(const Schedule& schedule, int step)
{
    const std::vector<Move> moves = schedule.moves(step);
    std::vector<Route> routes;
    routes.reserve(moves.size());
    for (const Move& move : moves)
        routes.push_back(schedule.routeOf(move));
    StepTime time;
    time.rates = fairRates(routes, schedule.links().links());
    for (std::size_t i = 0; i < moves.size(); ++i)
        if (time.rates[i] > 0)
            time.microseconds = std::max(time.microseconds, moves[i].bytes / (time.rates[i] * 1000));
        else
            time.microseconds = std::numeric_limits<double>::infinity(); // over a link that is down
    return time;
}

double timeOfAll(const Schedule& schedule, double hopMicroseconds)
{
    const bool alike = !schedule.m_rings.empty() && !schedule.isPipeline();
    if (alike)
        return schedule.steps() * (timeOfStep(schedule, 0).microseconds + hopMicroseconds);
    double total = 0;
    for (int step = 0; step < schedule.steps(); ++step)
        total += timeOfStep(schedule, step).microseconds + hopMicroseconds;
    return total;
}

} // namespace sim::training::collectives
