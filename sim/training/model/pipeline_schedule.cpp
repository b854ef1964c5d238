#include "sim/training/model/pipeline_schedule.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace sim::training {

namespace {

/// The `number`th pass of a stage in one direction: which micro-batch and which chunk.
PipelineTurn passOf(const Parallelism& p, std::int64_t stage, std::int64_t number, bool backward)
{
    const std::int64_t group = p.pipeline * p.interleave; // passes until the first chunk's turn comes again
    PipelineTurn turn;
    turn.stage = stage;
    turn.backward = backward;
    turn.microBatch = number;
    if (p.interleave > 1) {
        turn.microBatch = number / group * p.pipeline + number % p.pipeline;
        const std::int64_t chunk = number % group / p.pipeline;
        turn.chunk = backward ? p.interleave - 1 - chunk : chunk;
    }
    return turn;
}

/// Forward passes before the first backward one.
std::int64_t warmUpOf(const Parallelism& p, std::int64_t stage)
{
    const std::int64_t all = p.microBatches() * p.interleave;
    if (p.schedule == PipelineSchedule::GPipe)
        return all;
    const std::int64_t behind = p.pipeline - stage - 1;
    return std::min(all, p.interleave > 1 ? 2 * behind + (p.interleave - 1) * p.pipeline : behind);
}

std::vector<PipelineTurn> orderOf(const Parallelism& p, std::int64_t stage)
{
    const std::int64_t all = p.microBatches() * p.interleave;
    const std::int64_t warmUp = warmUpOf(p, stage);
    std::vector<PipelineTurn> order;
    for (std::int64_t i = 0; i < all + warmUp; ++i) {
        if (i < all)
            order.push_back(passOf(p, stage, i, false));
        if (i >= warmUp)
            order.push_back(passOf(p, stage, i - warmUp, true));
    }
    return order;
}

using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, bool>;

Key keyOf(const PipelineTurn& turn)
{
    return {turn.stage, turn.microBatch, turn.chunk, turn.backward};
}

/// The pass whose result a pass needs; nothing for the first one of all.
std::optional<Key> neededBy(const Parallelism& p, const PipelineTurn& turn)
{
    if (!turn.backward) {
        if (turn.stage > 0)
            return Key{turn.stage - 1, turn.microBatch, turn.chunk, false};
        return turn.chunk > 0 ? std::optional<Key>({p.pipeline - 1, turn.microBatch, turn.chunk - 1, false}) : std::nullopt;
    }
    if (turn.stage + 1 < p.pipeline)
        return Key{turn.stage + 1, turn.microBatch, turn.chunk, true};
    if (turn.chunk + 1 < p.interleave)
        return Key{0, turn.microBatch, turn.chunk + 1, true};
    return Key{turn.stage, turn.microBatch, turn.chunk, false}; // the loss turns round
}

} // namespace

std::vector<PipelineTurn> pipelineTurns(const Parallelism& p, const PipelineCosts& costs)
{
    const auto stages = static_cast<std::size_t>(p.pipeline);
    FL_ASSERT(costs.forwardSeconds.size() == stages && costs.backwardSeconds.size() == stages);
    std::vector<std::vector<PipelineTurn>> orders;
    for (std::int64_t stage = 0; stage < p.pipeline; ++stage)
        orders.push_back(orderOf(p, stage));
    std::map<Key, double> ends;
    std::vector<std::size_t> next(stages, 0);
    std::vector<double> free(stages, 0);
    const auto chunks = static_cast<double>(p.interleave);
    for (bool moved = true; moved;) {
        moved = false;
        for (std::size_t stage = 0; stage < stages; ++stage) {
            while (next[stage] < orders[stage].size()) {
                PipelineTurn& turn = orders[stage][next[stage]];
                double ready = 0;
                if (const auto needed = neededBy(p, turn)) {
                    const auto found = ends.find(*needed);
                    if (found == ends.end())
                        break;
                    ready = found->second + (std::get<0>(*needed) == turn.stage ? 0 : costs.sendSeconds);
                }
                turn.begin = std::max(free[stage], ready);
                turn.end = turn.begin + (turn.backward ? costs.backwardSeconds : costs.forwardSeconds)[stage] / chunks;
                free[stage] = turn.end;
                ends[keyOf(turn)] = turn.end;
                ++next[stage];
                moved = true;
            }
        }
    }
    std::vector<PipelineTurn> all;
    for (std::size_t stage = 0; stage < stages; ++stage) {
        FL_ASSERT(next[stage] == orders[stage].size());
        all.insert(all.end(), orders[stage].begin(), orders[stage].end());
    }
    return all;
}

} // namespace sim::training
