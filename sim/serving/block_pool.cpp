#include "sim/serving/block_pool.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::serving {

BlockPool::BlockPool(std::uint32_t blocks, Eviction eviction) : m_blocks(blocks), m_free(blocks), m_eviction(eviction)
{
    std::uint32_t slots = 16;
    while (slots < 2 * blocks)
        slots *= 2;
    m_table.assign(slots, kNone);
    m_mask = slots - 1;
    if (usesHeap())
        m_heap.reserve(blocks);
    for (BlockId block = 0; block < blocks; ++block) {
        if (usesHeap())
            m_ranks.push_back({m_sequence++, kNone});
        usesHeap() ? pushHeap(block) : linkAtTail(block);
    }
}

void BlockPool::linkAtTail(BlockId block)
{
    m_blocks[block].previous = m_tail;
    m_blocks[block].next = kNone;
    (m_tail == kNone ? m_head : m_blocks[m_tail].next) = block;
    m_tail = block;
}

void BlockPool::unlink(BlockId block)
{
    Block& one = m_blocks[block];
    (one.previous == kNone ? m_head : m_blocks[one.previous].next) = one.next;
    (one.next == kNone ? m_tail : m_blocks[one.next].previous) = one.previous;
    one.previous = one.next = kNone;
}

bool BlockPool::before(BlockId a, BlockId b) const
{
    const Block& x = m_blocks[a];
    const Block& y = m_blocks[b];
    if (x.stored != y.stored)
        return !x.stored;
    if (m_eviction == Eviction::Lfu && x.uses != y.uses)
        return x.uses < y.uses;
    return m_ranks[a].order < m_ranks[b].order;
}

/// Moves the entry at this place up or down to where it belongs.
void BlockPool::sift(std::uint32_t at)
{
    const auto place = [&](std::uint32_t where, BlockId block) {
        m_heap[where] = block;
        m_ranks[block].heapAt = where;
    };
    const BlockId moving = m_heap[at];
    while (at > 0 && before(moving, m_heap[(at - 1) / 2])) {
        place(at, m_heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    while (2 * at + 1 < m_heap.size()) {
        std::uint32_t child = 2 * at + 1;
        if (child + 1 < m_heap.size() && before(m_heap[child + 1], m_heap[child]))
            ++child;
        if (!before(m_heap[child], moving))
            break;
        place(at, m_heap[child]);
        at = child;
    }
    place(at, moving);
}

void BlockPool::pushHeap(BlockId block)
{
    m_heap.push_back(block);
    sift(static_cast<std::uint32_t>(m_heap.size() - 1));
}

void BlockPool::eraseHeap(BlockId block)
{
    const std::uint32_t at = m_ranks[block].heapAt;
    const BlockId last = m_heap.back();
    m_heap.pop_back();
    m_ranks[block].heapAt = kNone;
    if (last == block)
        return;
    m_heap[at] = last;
    m_ranks[last].heapAt = at;
    sift(at);
}

void BlockPool::forgetContent(BlockId block)
{
    Block& one = m_blocks[block];
    std::uint32_t slot = slotOf(one.hash);
    while (m_table[slot] != block)
        slot = (slot + 1) & m_mask;
    // Closes the gap: later entries of the run move up unless they would pass their own slot.
    std::uint32_t gap = slot;
    for (std::uint32_t next = (gap + 1) & m_mask; m_table[next] != kNone; next = (next + 1) & m_mask) {
        const std::uint32_t home = slotOf(m_blocks[m_table[next]].hash);
        if (((next - home) & m_mask) >= ((next - gap) & m_mask)) {
            m_table[gap] = m_table[next];
            gap = next;
        }
    }
    m_table[gap] = kNone;
    one.stored = false;
    one.hash = 0;
    one.uses = 0;
}

BlockPool::BlockId BlockPool::take()
{
    FL_ASSERT(m_free > 0);
    const BlockId block = usesHeap() ? m_heap.front() : m_eviction == Eviction::Mru ? m_tail : m_head;
    usesHeap() ? eraseHeap(block) : unlink(block);
    Block& one = m_blocks[block];
    --m_free;
    if (one.stored) {
        --m_cachedFree;
        ++m_evictions;
        forgetContent(block);
    }
    one.holders = 1;
    return block;
}

void BlockPool::hold(BlockId block)
{
    Block& one = m_blocks[block];
    if (one.holders++ == 0) {
        usesHeap() ? eraseHeap(block) : unlink(block);
        --m_free;
        if (one.stored)
            --m_cachedFree;
    }
    ++one.uses;
}

void BlockPool::release(BlockId block)
{
    Block& one = m_blocks[block];
    FL_ASSERT(one.holders > 0);
    if (--one.holders > 0)
        return;
    ++m_free;
    if (one.stored)
        ++m_cachedFree;
    if (m_eviction == Eviction::Lfu || (usesHeap() && !one.stored))
        m_ranks[block].order = m_sequence++;
    usesHeap() ? pushHeap(block) : linkAtTail(block);
}

void BlockPool::store(BlockId block, std::uint64_t hash)
{
    Block& one = m_blocks[block];
    FL_ASSERT(one.holders > 0 && !one.stored);
    one.hash = hash;
    one.stored = true;
    one.uses = 1;
    if (m_eviction == Eviction::Fifo)
        m_ranks[block].order = m_sequence++;
    std::uint32_t slot = slotOf(hash);
    while (m_table[slot] != kNone)
        slot = (slot + 1) & m_mask;
    m_table[slot] = block;
}

BlockPool::BlockId BlockPool::find(std::uint64_t hash) const
{
    for (std::uint32_t slot = slotOf(hash); m_table[slot] != kNone; slot = (slot + 1) & m_mask)
        if (m_blocks[m_table[slot]].hash == hash)
            return m_table[slot];
    return kNone;
}

std::vector<BlockPool::BlockId> BlockPool::freeOrder() const
{
    std::vector<BlockId> order;
    order.reserve(m_free);
    if (usesHeap()) {
        order = m_heap;
        std::sort(order.begin(), order.end(), [this](BlockId a, BlockId b) { return before(a, b); });
    } else if (m_eviction == Eviction::Mru) {
        for (BlockId block = m_tail; block != kNone; block = m_blocks[block].previous)
            order.push_back(block);
    } else {
        for (BlockId block = m_head; block != kNone; block = m_blocks[block].next)
            order.push_back(block);
    }
    return order;
}

void BlockPool::forget()
{
    FL_ASSERT(used() == 0);
    for (BlockId block = 0; block < size(); ++block)
        if (m_blocks[block].stored)
            forgetContent(block);
    m_cachedFree = 0;
    if (usesHeap())
        for (std::uint32_t at = size(); at-- > 0;)
            sift(at);
}

void BlockPool::addTo(Fingerprint& f) const
{
    for (const Block& one : m_blocks) {
        f.add(one.hash);
        f.add(std::uint64_t{one.holders} << 32 | one.next);
        f.add(std::uint64_t{one.uses} << 1 | (one.stored ? 1 : 0));
    }
    for (const Rank& rank : m_ranks)
        f.add(rank.order);
    sim::addTo(f, m_table); // of blocks with one content, find() gives the first there
    f.add(m_sequence);
    f.add(m_evictions);
    f.add(std::uint64_t{m_head} << 32 | m_tail);
}

} // namespace sim::serving
