#pragma once

#include "sim/serving/block_pool.h"
#include "sim/serving/content.h"


namespace sim::serving {

/// How room for keys and values is handed out. Paged is vLLM's; the others reserve one stretch of memory for the whole answer
/// before it begins, as Orca and FasterTransformer did.
enum class Reservation : std::uint8_t {
    Paged,
    ContiguousMax,   ///< the longest sequence that the model may have
    ContiguousPower, ///< room for the answer rounded up to a power of two
    ContiguousExact, ///< an oracle that knows the answer's length
};

struct CacheSettings {
    Reservation reservation = Reservation::Paged;
    std::uint32_t blocks = 0; ///< without the one that vLLM keeps as null
    std::uint32_t blockSize = 16;
    bool prefixCaching = true;
    Eviction eviction = Eviction::Lru;
    std::uint32_t maxModelLen = 0;
    // Layers are kept in groups of one kind and size; a block holds its tokens for the layers of one group.
    std::uint32_t fullGroups = 1;
    std::uint32_t slidingGroups = 0;
    std::uint32_t window = 0;     ///< tokens
    std::uint32_t stepTokens = 0; ///< that one step computes at most: a window layer holds them besides its window
    bool operator==(const CacheSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(CacheSettings, (),
                      (reservation, blocks, blockSize, prefixCaching, eviction, maxModelLen, fullGroups, slidingGroups, window, stepTokens))

/// The most that one sequence holds on its way to `tokens`, in blocks of all groups.
std::uint32_t blocksFor(const CacheSettings& settings, std::uint32_t tokens);

/// What a sequence's tokens are.
struct CacheContent {
    const Prompt* prompt = nullptr;
    std::uint64_t answer = 0;
    std::uint64_t salt = 0;
};

/// Where the memory is, in tokens of a whole model (all groups).
struct CacheUse {
    double held = 0;     ///< reserved by sequences, shared blocks as often as they are held
    double written = 0;  ///< of it: with content
    double internal = 0; ///< of it: reserved and without content
    double external = 0; ///< free, but no piece of it is large enough for the largest reservation asked for (contiguous only)
};

/// Blocks with prefix caching (vLLM V1's KVCacheManager). Sequences are named by slot.
class PagedCache {
public:
    PagedCache() = default;
    explicit PagedCache(const CacheSettings& settings);

    /// Tokens at the beginning of a sequence of `length` tokens whose blocks are there; never all of them.
    std::uint32_t findPrefix(const CacheContent& content, std::uint32_t length);
    /// Gives a new sequence the blocks that findPrefix() just found and others up to `tokens`, unless fewer than `reserve`
    /// blocks would stay free: then nothing changes.
    bool open(std::uint32_t slot, std::uint32_t tokens, std::uint32_t reserve);
    /// Whether a sequence that begins with the found blocks could grow to `tokens`.
    bool wouldFit(std::uint32_t tokens, std::uint32_t reserve) const;
    /// Room for `tokens`, of which `computed` are behind. False: there is none, nothing changed.
    bool grow(std::uint32_t slot, std::uint32_t tokens, std::uint32_t computed);
    /// Full blocks up to `tokens` may be found from now on.
    void store(std::uint32_t slot, const CacheContent& content, std::uint32_t tokens);
    void close(std::uint32_t slot);

    const BlockPool& pool() const { return m_pool; }
    const CacheSettings& settings() const { return m_settings; }
    /// Of one group; kNone where a window has passed.
    const std::vector<BlockPool::BlockId>& table(std::uint32_t slot, std::uint32_t group = 0) const { return m_rows[slot * m_groups + group].blocks; }
    void forget() { m_pool.forget(); }
    std::uint32_t blocksFor(std::uint32_t tokens) const { return serving::blocksFor(m_settings, tokens); }
    /// Tokens that the blocks for so many hold.
    std::uint32_t roomOf(std::uint32_t tokens) const;
    bool operator==(const PagedCache&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct Row {
        std::vector<BlockPool::BlockId> blocks;
        std::uint32_t passed = 0; ///< blocks at the beginning that a window has left behind
        bool operator==(const Row&) const = default;
    };
    struct Chain {
        std::uint64_t hash = 0;
        std::uint32_t blocks = 0; ///< that are stored
        bool operator==(const Chain&) const = default;
    };
    std::uint64_t keyOf(std::uint64_t hash, std::uint32_t group) const { return hash + group * 0x9e3779b97f4a7c15ULL; }
    bool isSliding(std::uint32_t group) const { return group >= m_settings.fullGroups; }
    void makeRoomForSlot(std::uint32_t slot);

    CacheSettings m_settings;
    BlockPool m_pool;
    std::uint32_t m_groups = 1;
    std::vector<Row> m_rows; ///< by slot, then group
    std::vector<Chain> m_chains; ///< by slot
    // What findPrefix() found: hashes of the chain, and the blocks by group.
    std::vector<std::uint64_t> m_foundHashes;
    std::vector<BlockPool::BlockId> m_found; ///< m_foundBlocks rows, a block of each group in one
    std::uint32_t m_foundBlocks = 0;
};

/// One stretch of memory a sequence, first fit.
class ContiguousCache {
public:
    ContiguousCache() = default;
    explicit ContiguousCache(const CacheSettings& settings);

    /// Tokens that a sequence would reserve.
    std::uint32_t reservationFor(std::uint32_t prompt, std::uint32_t answer) const;
    bool open(std::uint32_t slot, std::uint32_t prompt, std::uint32_t answer);
    void close(std::uint32_t slot);
    std::uint32_t capacity() const { return m_capacity; }
    std::uint32_t free() const { return m_free; }
    std::uint32_t largestFree() const;

    struct Extent {
        std::uint32_t start = 0;
        std::uint32_t tokens = 0;
        bool operator==(const Extent&) const = default;
        void addTo(Fingerprint& f) const { f.add(std::uint64_t{start} << 32 | tokens); }
    };
    const std::vector<Extent>& freeExtents() const { return m_extents; }
    const Extent& extentOf(std::uint32_t slot) const { return m_held[slot]; }
    bool operator==(const ContiguousCache&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, m_extents); sim::addTo(f, m_held); f.add(m_free); }

private:
    CacheSettings m_settings;
    std::uint32_t m_capacity = 0;
    std::uint32_t m_free = 0;
    std::vector<Extent> m_extents; ///< free ones by start
    std::vector<Extent> m_held;    ///< by slot
};

} // namespace sim::serving
