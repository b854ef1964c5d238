#include "core/session/serving_detail.h"

#include <algorithm>
#include <chrono>

namespace core::session {

namespace {

using sim::serving::BlockPool;
using sim::serving::ContiguousCache;
using sim::serving::LlmEngine;
using sim::serving::PagedCache;

constexpr std::int32_t kNobody = -1;
/// What clients have asked reaches an engine in the second after, with the instant at which it was asked.
constexpr sim::Duration kOnTheWay = std::chrono::seconds(1);

CacheOwner ownerOf(const LlmEngine::Progress& progress)
{
    CacheOwner owner;
    owner.id = progress.id;
    owner.prompt = progress.prompt;
    owner.computed = progress.computed;
    owner.delivered = progress.delivered;
    owner.preemptions = progress.preemptions;
    return owner;
}

std::uint16_t writtenIn(std::uint32_t computed, std::uint32_t from, std::uint32_t tokens)
{
    return static_cast<std::uint16_t>(computed <= from ? 0 : std::min(computed - from, tokens));
}

void layPaged(CacheMap& map, const LlmEngine& engine, const PagedCache& cache)
{
    const BlockPool& pool = cache.pool();
    map.cells.resize(pool.size());
    map.groups = cache.settings().fullGroups + cache.settings().slidingGroups;
    map.free = pool.free() - pool.cachedFree();
    map.cachedFree = pool.cachedFree();
    for (std::uint32_t block = 0; block < pool.size(); ++block) {
        CacheCell& cell = map.cells[block];
        cell.holders = static_cast<std::uint16_t>(pool.holders(block));
        cell.stored = pool.hasContent(block);
        cell.use = cell.holders > 0 ? CacheCell::Use::Held : cell.stored ? CacheCell::Use::CachedFree : CacheCell::Use::Free;
        if (cell.stored) // only full blocks are
            cell.written = static_cast<std::uint16_t>(map.cellTokens);
    }
    for (const LlmEngine::Progress& progress : engine.live()) {
        if (!progress.running)
            continue;
        CacheOwner owner = ownerOf(progress);
        const auto number = static_cast<std::int32_t>(map.owners.size());
        for (std::uint32_t group = 0; group < map.groups; ++group) {
            const std::vector<BlockPool::BlockId>& table = cache.table(progress.slot, group);
            for (std::uint32_t i = 0; i < table.size(); ++i) {
                if (table[i] == BlockPool::kNone)
                    continue;
                CacheCell& cell = map.cells[table[i]];
                if (owner.cells.empty())
                    owner.firstToken = i * map.cellTokens;
                owner.cells.push_back(table[i]);
                owner.shared += cell.holders > 1 ? 1 : 0;
                cell.owner = cell.owner == kNobody ? number : cell.owner;
                cell.written = std::max(cell.written, writtenIn(progress.computed, i * map.cellTokens, map.cellTokens));
            }
        }
        map.owners.push_back(std::move(owner));
    }
}

/// Cells of the same size, so that both kinds of cache can be compared by eye.
void layContiguous(CacheMap& map, const LlmEngine& engine, const ContiguousCache& cache)
{
    map.paged = false;
    map.largestFree = cache.largestFree();
    map.cells.resize(cache.capacity() / map.cellTokens);
    for (const LlmEngine::Progress& progress : engine.live()) {
        if (!progress.running)
            continue;
        CacheOwner owner = ownerOf(progress);
        const ContiguousCache::Extent extent = cache.extentOf(progress.slot);
        const auto number = static_cast<std::int32_t>(map.owners.size());
        const std::uint32_t end = std::min<std::uint32_t>((extent.start + extent.tokens + map.cellTokens - 1) / map.cellTokens, static_cast<std::uint32_t>(map.cells.size()));
        for (std::uint32_t at = extent.start / map.cellTokens; at < end; ++at) {
            CacheCell& cell = map.cells[at];
            // A cell that two extents meet in is the first one's.
            if (cell.owner != kNobody)
                continue;
            const std::uint32_t from = at * map.cellTokens;
            cell.use = CacheCell::Use::Held;
            cell.owner = number;
            cell.holders = 1;
            cell.written = writtenIn(progress.computed, from > extent.start ? from - extent.start : 0, map.cellTokens);
            owner.cells.push_back(at);
        }
        map.owners.push_back(std::move(owner));
    }
    for (const CacheCell& cell : map.cells)
        map.free += cell.use == CacheCell::Use::Free ? 1 : 0;
}

} // namespace

CacheMap blockMapOf(const LlmEngine& engine)
{
    CacheMap map;
    map.cellTokens = engine.settings().blockSize;
    const sim::serving::EngineState state = engine.state();
    map.running = state.running;
    map.waiting = state.waiting;
    if (const PagedCache* paged = engine.paged())
        layPaged(map, engine, *paged);
    else
        layContiguous(map, engine, *engine.contiguous());
    for (const CacheCell& cell : map.cells) {
        if (cell.use != CacheCell::Use::Held)
            continue;
        ++map.held;
        map.written += static_cast<double>(cell.written) / map.cellTokens;
    }
    map.unwritten = map.held - map.written;
    return map;
}

const LlmEngine& ServingTwin::follow(const LlmEngine& engine, sim::Instant now)
{
    const std::vector<sim::serving::IntakeRecord> requests = engine.recentRequests();
    // The last one played must still be the one of that number, as far as the engine remembers it.
    const auto last = std::find_if(requests.begin(), requests.end(), [this](const auto& one) { return one.id == m_last.id; });
    const bool same = m_twin && engine.settings() == m_of && now >= m_at && engine.nextId() > m_last.id && (last == requests.end() || *last == m_last);
    if (!same) {
        m_of = engine.settings();
        sim::serving::EngineSettings settings = m_of;
        settings.reservation = sim::serving::Reservation::ContiguousMax;
        settings.prefixCaching = false;
        settings.recordedSteps = 0;
        settings.recordedRequests = 0;
        m_twin.emplace(settings);
        m_ids.clear();
        m_last = {};
        m_played = {};
    }
    for (const sim::serving::IntakeRecord& one : requests) {
        if (one.id <= m_last.id)
            continue;
        sim::serving::Request request;
        request.prompt = {{one.id, one.promptTokens}};
        request.answerTokens = one.answerTokens;
        request.maxTokens = one.maxTokens;
        m_played = std::max(m_played, one.at);
        if (m_twin->submit(std::move(request), m_played) == sim::serving::Refusal::None)
            m_ids.push_back(one.id);
        m_last = one;
    }
    m_played = std::max(m_played, now - kOnTheWay);
    m_twin->advance(m_played);
    m_twin->takeCompletions();
    m_at = now;
    return *m_twin;
}

CacheMap ServingTwin::cacheMap(const LlmEngine& engine, sim::Instant now)
{
    CacheMap map = blockMapOf(follow(engine, now));
    for (CacheOwner& owner : map.owners)
        owner.id = m_ids[owner.id - 1];
    return map;
}

} // namespace core::session
