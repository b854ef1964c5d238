#include "core/session/timeline.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace core::session {

sim::Instant tickAfter(const sim::World& world, sim::Instant at)
{
    return world.start() + std::chrono::floor<std::chrono::seconds>(at - world.start()) + kSessionTick;
}

Timeline Timeline::prefix(sim::Instant at) const
{
    Timeline cut = *this;
    const auto upTo = [at](auto& list) {
        list.erase(std::find_if(list.begin(), list.end(), [at](const auto& item) { return item.at > at; }), list.end());
    };
    upTo(cut.inputs);
    upTo(cut.records);
    cut.keyframes.erase(std::find_if(cut.keyframes.begin(), cut.keyframes.end(), [at](const auto& frame) { return frame->at > at; }),
                        cut.keyframes.end());
    cut.end = at;
    return cut;
}

Keyframe Timeline::restore(sim::Instant at) const
{
    FL_ASSERT(!keyframes.empty());
    auto frame = std::find_if(keyframes.begin(), keyframes.end(), [at](const auto& f) { return f->at > at; });
    FL_ASSERT(frame != keyframes.begin());
    Keyframe state = **std::prev(frame);
    // The session ticks before it lets anybody act at the same instant; so does this.
    sim::Instant nextTick = state.world.now() + kSessionTick;
    const auto runTo = [&](sim::Instant to) {
        for (; nextTick <= to; nextTick += kSessionTick) {
            state.world.runUntil(nextTick);
            if (state.run)
                state.run->tick(state.world);
        }
        state.world.runUntil(to);
    };
    for (; state.records < records.size() && records[state.records].at <= at; ++state.records) {
        const Record& next = records[state.records];
        runTo(next.at);
        if (const auto* applied = std::get_if<Applied>(&next.what)) {
            const sim::CommandResult result = state.world.apply(applied->command);
            if (state.run)
                state.run->commandApplied(next.at, applied->command, result, applied->line, applied->input);
        } else {
            tell(state.run, seed, next.at, std::get<Told>(next.what), state.world);
        }
    }
    runTo(at);
    state.at = at;
    return state;
}

void tell(std::optional<incident::IncidentRun>& run, const RunSeed& seed, sim::Instant at, const Told& told,
          const sim::World& world)
{
    if (told.kind == Told::Kind::Injected) {
        run.emplace(seed.incident, seed.cause, seed.settings);
        run->injected(at, nlohmann::json::parse(told.note));
        return;
    }
    if (!run)
        return;
    switch (told.kind) {
    case Told::Kind::Shown:
        run->noticeRepair(world);
        run->observe(told.shown);
        break;
    case Told::Kind::Acknowledge: run->acknowledge(at); break;
    case Told::Kind::Hint: run->takeHint(at); break;
    case Told::Kind::Diagnose: run->diagnose(at, told.cause, told.confidence, told.note); break;
    case Told::Kind::Close: run->close(world); break;
    case Told::Kind::Injected: break;
    }
}

namespace {

Keyframe whenTheFaultWentIn(const Timeline& timeline)
{
    const auto injected = std::find_if(timeline.records.begin(), timeline.records.end(), [](const Record& record) {
        const auto* told = std::get_if<Told>(&record.what);
        return told != nullptr && told->kind == Told::Kind::Injected;
    });
    FL_ASSERT(injected != timeline.records.end());
    Timeline idle = timeline.prefix(injected->at);
    idle.records.resize(static_cast<std::size_t>(injected - timeline.records.begin()) + 1);
    return idle.restore(injected->at);
}

} // namespace

IdleTwin::IdleTwin(const Timeline& timeline)
    : m_state(whenTheFaultWentIn(timeline)), m_nextTick(tickAfter(m_state.world, m_state.at)), m_lost{{m_state.at, m_state.run->record().lostRequests}}
{
}

std::optional<double> IdleTwin::lostBy(sim::Instant until)
{
    for (; m_nextTick <= until; m_nextTick += kSessionTick) {
        m_state.world.runUntil(m_nextTick);
        m_state.run->tick(m_state.world);
        m_lost.emplace_back(m_nextTick, m_state.run->record().lostRequests);
    }
    const auto later = std::upper_bound(m_lost.begin(), m_lost.end(), until, [](sim::Instant at, const auto& lost) { return at < lost.first; });
    return later == m_lost.begin() ? std::nullopt : std::optional(std::prev(later)->second);
}

} // namespace core::session
