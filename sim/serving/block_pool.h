#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <vector>

namespace sim::serving {

/// Which free block is taken next. Lru is vLLM's; the others are there to compare with.
enum class Eviction : std::uint8_t {
    Lru,  ///< that was freed first
    Mru,  ///< that was freed last
    Fifo, ///< whose content was written first
    Lfu,  ///< whose content was asked for least often, and of those the one freed first
};

/// Blocks of the key-value cache: who holds them, what they contain, and in which order free ones are taken. A block without a
/// holder keeps its content until it is taken, so that it counts as free and may still be found. As vLLM's block_pool.py.
class BlockPool {
public:
    using BlockId = std::uint32_t;
    static constexpr BlockId kNone = 0xffffffff;

    BlockPool() = default;
    explicit BlockPool(std::uint32_t blocks, Eviction eviction = Eviction::Lru);

    std::uint32_t size() const { return static_cast<std::uint32_t>(m_blocks.size()); }
    std::uint32_t free() const { return m_free; }
    std::uint32_t used() const { return size() - m_free; }
    /// Free ones that still have content.
    std::uint32_t cachedFree() const { return m_cachedFree; }
    std::uint64_t evictions() const { return m_evictions; }

    /// A block of no content, held once. Requires: free() > 0.
    BlockId take();
    /// One more holder of a block that was found.
    void hold(BlockId block);
    /// One holder less; without any it is free, behind all others.
    void release(BlockId block);
    /// Its content from now on. Requires: held, without content.
    void store(BlockId block, std::uint64_t hash);
    /// Which block holds this content; the one stored first where there are several. kNone: none does.
    BlockId find(std::uint64_t hash) const;
    std::uint32_t holders(BlockId block) const { return m_blocks[block].holders; }
    bool hasContent(BlockId block) const { return m_blocks[block].stored; }
    /// Free ones in the order in which they would be taken.
    std::vector<BlockId> freeOrder() const;
    std::size_t copiedBytes() const { return m_blocks.size() * sizeof(Block) + m_table.size() * sizeof(BlockId) + m_ranks.size() * sizeof(Rank); }
    /// Forgets all content, as POST /reset_prefix_cache does. Requires: nothing is held.
    void forget();

    bool operator==(const BlockPool&) const = default;
    void addTo(Fingerprint& f) const;

private:
    /// A copy of a world copies tens of thousands of them: 24 bytes.
    struct Block {
        std::uint64_t hash = 0;
        std::uint32_t holders : 31 = 0;
        bool stored : 1 = false;
        std::uint32_t uses = 0; ///< of its content
        BlockId previous = kNone;
        BlockId next = kNone;
        bool operator==(const Block&) const = default;
    };
    /// Of a block, where free ones are in a heap.
    struct Rank {
        std::uint64_t order = 0;
        std::uint32_t heapAt = kNone;
        bool operator==(const Rank&) const = default;
    };

    bool usesHeap() const { return m_eviction == Eviction::Fifo || m_eviction == Eviction::Lfu; }
    void linkAtTail(BlockId block);
    void unlink(BlockId block);
    bool before(BlockId a, BlockId b) const;
    void sift(std::uint32_t at);
    void pushHeap(BlockId block);
    void eraseHeap(BlockId block);
    std::uint32_t slotOf(std::uint64_t hash) const { return static_cast<std::uint32_t>(hash >> 32) & m_mask; }
    void forgetContent(BlockId block);

    std::vector<Block> m_blocks;
    std::vector<Rank> m_ranks; ///< by block; empty where free ones are in a list
    std::vector<BlockId> m_table; ///< open addressing by hash; kNone: empty
    std::vector<BlockId> m_heap;
    std::uint64_t m_sequence = 0;
    std::uint64_t m_evictions = 0;
    std::uint32_t m_mask = 0;
    std::uint32_t m_free = 0;
    std::uint32_t m_cachedFree = 0;
    BlockId m_head = kNone;
    BlockId m_tail = kNone;
    Eviction m_eviction = Eviction::Lru;
};

} // namespace sim::serving
