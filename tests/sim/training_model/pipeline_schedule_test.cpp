#include "sim/training/model/pipeline_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace sim::training {

namespace {

Parallelism stagesOf(std::int64_t stages, std::int64_t microBatches, std::int64_t chunks = 1)
{
    Parallelism p;
    p.pipeline = stages;
    p.interleave = chunks;
    p.globalBatch = microBatches;
    return p;
}

PipelineCosts alike(std::int64_t stages)
{
    return {std::vector<double>(static_cast<std::size_t>(stages), 1), std::vector<double>(static_cast<std::size_t>(stages), 2), 0};
}

double lengthOf(const std::vector<PipelineTurn>& turns)
{
    double end = 0;
    for (const PipelineTurn& turn : turns)
        end = std::max(end, turn.end);
    return end;
}

/// Most micro-batches whose forward pass is done and whose backward pass is not, of one stage.
std::int64_t mostHeld(const std::vector<PipelineTurn>& turns, std::int64_t stage)
{
    std::int64_t held = 0, most = 0;
    for (const PipelineTurn& turn : turns)
        if (turn.stage == stage)
            most = std::max(most, held += turn.backward ? -1 : 1);
    return most;
}

TEST(PipelineSchedule, StagesThatAreAlikeWaitAsTheFormulaSays)
{
    for (const std::int64_t stages : {1, 2, 4, 8})
        for (const std::int64_t batches : {8, 16, 32}) {
            const auto turns = pipelineTurns(stagesOf(stages, batches), alike(stages));
            EXPECT_EQ(turns.size(), static_cast<std::size_t>(2 * stages * batches));
            // Narayanan et al., arXiv 2104.04473, section 2.2: (p - 1) / m of the work.
            EXPECT_NEAR(lengthOf(turns), 3.0 * static_cast<double>(batches + stages - 1), 1e-9) << stages << ' ' << batches;
        }
}

TEST(PipelineSchedule, InterleavingShortensTheBubble)
{
    const double plain = lengthOf(pipelineTurns(stagesOf(4, 8), alike(4)));
    const double chunked = lengthOf(pipelineTurns(stagesOf(4, 8, 2), alike(4)));
    EXPECT_NEAR(plain - 24, 9, 1e-9);
    EXPECT_NEAR(chunked - 24, 4.5, 1e-9); // half, with two chunks
}

TEST(PipelineSchedule, OneForwardOneBackwardHoldsFewerMicroBatchesThanGPipe)
{
    Parallelism p = stagesOf(4, 16);
    const auto one = pipelineTurns(p, alike(4));
    for (std::int64_t stage = 0; stage < 4; ++stage)
        EXPECT_EQ(mostHeld(one, stage), 4 - stage);
    p.schedule = PipelineSchedule::GPipe;
    const auto all = pipelineTurns(p, alike(4));
    EXPECT_EQ(mostHeld(all, 0), 16);
    EXPECT_NEAR(lengthOf(all), lengthOf(one), 1e-9);
}

TEST(PipelineSchedule, NoStageDoesTwoThingsAtOnceAndNothingComesTooEarly)
{
    PipelineCosts costs = alike(4);
    costs.forwardSeconds[3] = 1.4; // the head
    costs.sendSeconds = 0.1;
    const auto turns = pipelineTurns(stagesOf(4, 12, 3), costs);
    std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, double> forward;
    for (const PipelineTurn& turn : turns)
        if (!turn.backward)
            forward[{turn.stage, turn.microBatch, turn.chunk}] = turn.end;
    for (std::size_t i = 1; i < turns.size(); ++i)
        if (turns[i].stage == turns[i - 1].stage)
            EXPECT_GE(turns[i].begin, turns[i - 1].end - 1e-12);
    for (const PipelineTurn& turn : turns) {
        if (turn.backward)
            EXPECT_GE(turn.begin, (forward[{turn.stage, turn.microBatch, turn.chunk}]) - 1e-12);
        else if (turn.stage > 0)
            EXPECT_GE(turn.begin, (forward[{turn.stage - 1, turn.microBatch, turn.chunk}]) + 0.1 - 1e-12);
    }
}

} // namespace

} // namespace sim::training
