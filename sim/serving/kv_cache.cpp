#include "sim/serving/kv_cache.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <bit>

namespace sim::serving {

namespace {

std::uint32_t ceilDivide(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

} // namespace

std::uint32_t blocksFor(const CacheSettings& settings, std::uint32_t tokens)
{
    const std::uint32_t blocks = ceilDivide(tokens, settings.blockSize);
    const std::uint32_t inWindow = ceilDivide(settings.window - 1 + settings.stepTokens, settings.blockSize) + 1;
    return settings.fullGroups * blocks + settings.slidingGroups * std::min(blocks, inWindow);
}

PagedCache::PagedCache(const CacheSettings& settings)
    : m_settings(settings), m_pool(settings.blocks, settings.eviction), m_groups(settings.fullGroups + settings.slidingGroups)
{
    FL_ASSERT(settings.blockSize > 0 && m_groups > 0);
}

void PagedCache::makeRoomForSlot(std::uint32_t slot)
{
    if (m_chains.size() > slot)
        return;
    m_chains.resize(slot + 1);
    m_rows.resize((slot + 1) * m_groups);
}

std::uint32_t PagedCache::roomOf(std::uint32_t tokens) const { return ceilDivide(tokens, m_settings.blockSize) * m_settings.blockSize; }

std::uint32_t PagedCache::findPrefix(const CacheContent& content, std::uint32_t length)
{
    m_foundHashes.clear();
    m_found.clear();
    m_foundBlocks = 0;
    if (!m_settings.prefixCaching || length == 0)
        return 0;
    const std::uint32_t most = (length - 1) / m_settings.blockSize;
    PromptReader reader(*content.prompt, content.answer);
    std::uint64_t hash = firstParent(content.salt);
    // Layers without a window need every block from the beginning.
    while (m_foundHashes.size() < most) {
        hash = reader.next(hash, m_settings.blockSize);
        const std::size_t row = m_found.size();
        m_found.resize(row + m_groups, BlockPool::kNone);
        bool all = true;
        for (std::uint32_t group = 0; group < m_settings.fullGroups && all; ++group) {
            m_found[row + group] = m_pool.find(keyOf(hash, group));
            all = m_found[row + group] != BlockPool::kNone;
        }
        if (!all)
            break;
        m_foundHashes.push_back(hash);
    }
    // Layers with one need those that the next token looks back to: the longest beginning for which all have them.
    auto blocks = static_cast<std::uint32_t>(m_foundHashes.size());
    const std::uint32_t behind = ceilDivide(std::max(m_settings.window, 1U) - 1, m_settings.blockSize);
    const auto windowIsThere = [&](std::uint32_t end) {
        for (std::uint32_t i = end > behind ? end - behind : 0; i < end; ++i)
            for (std::uint32_t group = m_settings.fullGroups; group < m_groups; ++group)
                if (m_pool.find(keyOf(m_foundHashes[i], group)) == BlockPool::kNone)
                    return false;
        return true;
    };
    while (m_settings.slidingGroups > 0 && blocks > 0 && !windowIsThere(blocks))
        --blocks;
    m_foundBlocks = blocks;
    m_found.resize(std::size_t{blocks} * m_groups);
    for (std::uint32_t i = blocks > behind ? blocks - behind : 0; i < blocks; ++i)
        for (std::uint32_t group = m_settings.fullGroups; group < m_groups; ++group)
            m_found[std::size_t{i} * m_groups + group] = m_pool.find(keyOf(m_foundHashes[i], group));
    return blocks * m_settings.blockSize;
}

bool PagedCache::wouldFit(std::uint32_t tokens, std::uint32_t reserve) const
{
    // Found ones that others hold cost nothing; those without a holder are free now and would not be.
    std::uint32_t shared = 0;
    for (const BlockPool::BlockId block : m_found)
        if (block != BlockPool::kNone && m_pool.holders(block) > 0)
            ++shared;
    const std::uint32_t most = blocksFor(tokens);
    return most - std::min(most, shared) + reserve <= m_pool.free();
}

bool PagedCache::open(std::uint32_t slot, std::uint32_t tokens, std::uint32_t reserve)
{
    const std::uint32_t blocks = ceilDivide(tokens, m_settings.blockSize);
    std::uint32_t needed = m_groups * (blocks - std::min(blocks, m_foundBlocks)) + reserve;
    for (const BlockPool::BlockId block : m_found)
        if (block != BlockPool::kNone && m_pool.holders(block) == 0)
            ++needed;
    if (needed > m_pool.free())
        return false;
    makeRoomForSlot(slot);
    for (const BlockPool::BlockId block : m_found)
        if (block != BlockPool::kNone)
            m_pool.hold(block);
    const std::uint32_t behind = ceilDivide(std::max(m_settings.window, 1U) - 1, m_settings.blockSize);
    for (std::uint32_t group = 0; group < m_groups; ++group) {
        Row& row = m_rows[slot * m_groups + group];
        for (std::size_t i = group; i < m_found.size(); i += m_groups)
            row.blocks.push_back(m_found[i]);
        row.passed = isSliding(group) && m_foundBlocks > behind ? m_foundBlocks - behind : 0;
        while (row.blocks.size() < blocks)
            row.blocks.push_back(m_pool.take());
    }
    m_chains[slot] = {m_foundBlocks == 0 ? 0 : m_foundHashes[m_foundBlocks - 1], m_foundBlocks};
    m_found.clear();
    m_foundBlocks = 0;
    return true;
}

bool PagedCache::grow(std::uint32_t slot, std::uint32_t tokens, std::uint32_t computed)
{
    const std::uint32_t blocks = ceilDivide(tokens, m_settings.blockSize);
    Row* const rows = &m_rows[slot * m_groups];
    for (std::uint32_t group = m_settings.fullGroups; group < m_groups; ++group) {
        Row& row = rows[group];
        const std::uint32_t visible = computed + 1 > m_settings.window ? computed + 1 - m_settings.window : 0;
        for (; (row.passed + 1) * m_settings.blockSize <= visible; ++row.passed)
            if (row.blocks[row.passed] != BlockPool::kNone) {
                m_pool.release(row.blocks[row.passed]);
                row.blocks[row.passed] = BlockPool::kNone;
            }
    }
    const std::uint32_t have = static_cast<std::uint32_t>(rows[0].blocks.size());
    if (blocks <= have)
        return true;
    if (m_groups * (blocks - have) > m_pool.free())
        return false;
    for (std::uint32_t group = 0; group < m_groups; ++group)
        while (rows[group].blocks.size() < blocks)
            rows[group].blocks.push_back(m_pool.take());
    return true;
}

void PagedCache::store(std::uint32_t slot, const CacheContent& content, std::uint32_t tokens)
{
    if (!m_settings.prefixCaching)
        return;
    Chain& chain = m_chains[slot];
    const std::uint32_t full = tokens / m_settings.blockSize;
    if (full <= chain.blocks)
        return;
    PromptReader reader(*content.prompt, content.answer);
    reader.skipTo(std::uint64_t{chain.blocks} * m_settings.blockSize);
    if (chain.blocks == 0)
        chain.hash = firstParent(content.salt);
    for (; chain.blocks < full; ++chain.blocks) {
        chain.hash = reader.next(chain.hash, m_settings.blockSize);
        for (std::uint32_t group = 0; group < m_groups; ++group) {
            const BlockPool::BlockId block = m_rows[slot * m_groups + group].blocks[chain.blocks];
            if (block != BlockPool::kNone && !m_pool.hasContent(block))
                m_pool.store(block, keyOf(chain.hash, group));
        }
    }
}

void PagedCache::close(std::uint32_t slot)
{
    for (std::uint32_t group = 0; group < m_groups; ++group) {
        Row& row = m_rows[slot * m_groups + group];
        // Last first: of a long prompt the end is lost before the beginning.
        for (std::size_t i = row.blocks.size(); i-- > 0;)
            if (row.blocks[i] != BlockPool::kNone)
                m_pool.release(row.blocks[i]);
        row.blocks.clear();
        row.passed = 0;
    }
    m_chains[slot] = {};
}

void PagedCache::addTo(Fingerprint& f) const
{
    m_pool.addTo(f);
    for (const Row& row : m_rows) {
        sim::addTo(f, row.blocks);
        f.add(std::uint64_t{row.passed});
    }
    for (const Chain& chain : m_chains) {
        f.add(chain.hash);
        f.add(std::uint64_t{chain.blocks});
    }
}

ContiguousCache::ContiguousCache(const CacheSettings& settings)
    : m_settings(settings), m_capacity(settings.blocks * settings.blockSize), m_free(m_capacity), m_extents{{0, m_capacity}}
{
}

std::uint32_t ContiguousCache::reservationFor(std::uint32_t prompt, std::uint32_t answer) const
{
    switch (m_settings.reservation) {
    case Reservation::ContiguousMax: return m_settings.maxModelLen;
    case Reservation::ContiguousPower: return std::min(m_settings.maxModelLen, prompt + std::bit_ceil(std::max(answer, 1U)));
    default: return prompt + answer;
    }
}

bool ContiguousCache::open(std::uint32_t slot, std::uint32_t prompt, std::uint32_t answer)
{
    const std::uint32_t wanted = reservationFor(prompt, answer);
    const auto fit = std::find_if(m_extents.begin(), m_extents.end(), [&](const Extent& e) { return e.tokens >= wanted; });
    if (fit == m_extents.end())
        return false;
    if (m_held.size() <= slot)
        m_held.resize(slot + 1);
    FL_ASSERT(m_held[slot].tokens == 0);
    m_held[slot] = {fit->start, wanted};
    fit->start += wanted;
    fit->tokens -= wanted;
    if (fit->tokens == 0)
        m_extents.erase(fit);
    m_free -= wanted;
    return true;
}

void ContiguousCache::close(std::uint32_t slot)
{
    const Extent back = m_held[slot];
    m_held[slot] = {};
    m_free += back.tokens;
    auto next = std::lower_bound(m_extents.begin(), m_extents.end(), back.start,
                                 [](const Extent& e, std::uint32_t start) { return e.start < start; });
    const bool joinsNext = next != m_extents.end() && back.start + back.tokens == next->start;
    const bool joinsPrevious = next != m_extents.begin() && std::prev(next)->start + std::prev(next)->tokens == back.start;
    if (joinsPrevious) {
        std::prev(next)->tokens += back.tokens + (joinsNext ? next->tokens : 0);
        if (joinsNext)
            m_extents.erase(next);
    } else if (joinsNext) {
        next->start = back.start;
        next->tokens += back.tokens;
    } else {
        m_extents.insert(next, back);
    }
}

std::uint32_t ContiguousCache::largestFree() const
{
    std::uint32_t largest = 0;
    for (const Extent& extent : m_extents)
        largest = std::max(largest, extent.tokens);
    return largest;
}

} // namespace sim::serving
