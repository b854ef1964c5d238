#include "core/session/serving_detail.h"

#include <algorithm>
#include <map>

namespace core::session {

namespace {

using sim::serving::IntakeRecord;
using sim::serving::Lane;
using sim::serving::LlmEngine;
using sim::serving::RequestId;
using sim::serving::StepCost;
using sim::serving::StepRecord;
using Kind = BatchCell::Kind;

constexpr std::size_t kMostWaitingRows = 8;

bool isPrefill(const Lane& lane) { return lane.tokens > 1 || !lane.sampled; }

StepCost scaled(const StepCost& cost, double factor)
{
    return {cost.dense * factor, cost.attention * factor, cost.elementwise * factor, cost.communication * factor, cost.head * factor};
}

BatchStep stepOf(const LlmEngine& engine, const StepRecord& record)
{
    BatchStep step;
    step.number = record.number;
    step.begin = record.begin;
    step.seconds = sim::toSeconds(record.end - record.begin);
    step.hostSeconds = record.hostSeconds;
    // A device that was slower than the model says was so in all of its kernels.
    const StepCost modelled = engine.costs().cost(record.work);
    step.device = scaled(modelled, (step.seconds - step.hostSeconds) / modelled.total());
    for (const Lane& lane : record.lanes)
        (isPrefill(lane) ? step.prefillTokens : step.decodeTokens) += lane.tokens;
    step.waiting = record.waiting;
    step.freeBlocks = record.freeBlocks;
    return step;
}

/// What a sequence does in the steps between those in which something is computed for it.
void fillBetween(BatchLanes& lanes, std::size_t row, const IntakeRecord* intake, const LlmEngine::Progress* now)
{
    const std::size_t count = lanes.steps.size();
    BatchCell* cells = &lanes.cells[row * count];
    bool seen = false;
    bool out = false; // preempted, and not back yet
    std::size_t last = count;
    for (std::size_t i = 0; i < count; ++i)
        if (cells[i].kind != Kind::Away)
            last = i;
    for (std::size_t i = 0; i < count; ++i) {
        if (cells[i].kind != Kind::Away) {
            seen = true;
            out = cells[i].kind == Kind::Preempted;
            continue;
        }
        const bool behind = seen && i > last;
        if (behind && now == nullptr)
            continue; // it has ended
        if (!seen) {
            const bool arrived = intake == nullptr || intake->at <= lanes.steps[i].begin; // what is not remembered came before all that is
            cells[i].kind = arrived ? Kind::Waiting : Kind::Away;
        } else {
            cells[i].kind = out ? Kind::Waiting : Kind::Passed;
        }
    }
}

} // namespace

BatchLanes lanesOf(const LlmEngine& engine, std::size_t mostSteps)
{
    BatchLanes lanes;
    lanes.budget = engine.settings().maxNumBatchedTokens;
    std::vector<StepRecord> records = engine.recentSteps();
    if (records.size() > mostSteps)
        records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(mostSteps));
    if (records.empty())
        return lanes;
    std::map<RequestId, std::size_t> rows;
    for (const StepRecord& record : records) {
        lanes.steps.push_back(stepOf(engine, record));
        if (lanes.steps.size() > 1)
            lanes.steps.back().idleBefore = std::max(0.0, sim::toSeconds(record.begin - records[lanes.steps.size() - 2].end));
        for (const Lane& lane : record.lanes)
            rows[lane.request] = 0;
    }
    const std::vector<LlmEngine::Progress> live = engine.live();
    std::map<RequestId, const LlmEngine::Progress*> now;
    std::size_t waiting = 0;
    for (const LlmEngine::Progress& progress : live) {
        now[progress.id] = &progress;
        if (progress.running || rows.contains(progress.id))
            continue;
        if (++waiting <= kMostWaitingRows)
            rows[progress.id] = 0;
        else
            ++lanes.rowsLeftOut;
    }
    const std::vector<IntakeRecord> requests = engine.recentRequests();
    std::map<RequestId, const IntakeRecord*> intakes;
    for (const IntakeRecord& request : requests)
        intakes[request.id] = &request;
    for (auto& [id, row] : rows) {
        row = lanes.rows.size();
        const auto progress = now.find(id);
        const auto intake = intakes.find(id);
        const std::uint32_t prompt = progress != now.end() ? progress->second->prompt : intake != intakes.end() ? intake->second->promptTokens : 0;
        lanes.rows.push_back({id, prompt});
    }
    lanes.cells.resize(lanes.rows.size() * lanes.steps.size());
    for (std::size_t i = 0; i < records.size(); ++i)
        for (const Lane& lane : records[i].lanes) {
            BatchCell& cell = lanes.cells[rows[lane.request] * records.size() + i];
            cell = {lane.tokens == 0 ? Kind::Preempted : isPrefill(lane) ? Kind::Prefill : Kind::Decode, lane.tokens, lane.computed};
        }
    for (const auto& [id, row] : rows) {
        const auto progress = now.find(id);
        const auto intake = intakes.find(id);
        fillBetween(lanes, row, intake == intakes.end() ? nullptr : intake->second, progress == now.end() ? nullptr : progress->second);
    }
    return lanes;
}

} // namespace core::session
