#include "sim/serving/kv_cache.h"

#include <gtest/gtest.h>

namespace sim::serving {

namespace {

using Blocks = std::vector<BlockPool::BlockId>;

CacheSettings tenBlocksOfFour(Eviction eviction = Eviction::Lru)
{
    CacheSettings settings;
    settings.blocks = 10;
    settings.blockSize = 4;
    settings.eviction = eviction;
    return settings;
}

/// A sequence that is computed at once.
std::uint32_t start(PagedCache& cache, std::uint32_t slot, const Prompt& prompt, std::uint32_t tokens, std::uint64_t salt = 0)
{
    const CacheContent content{&prompt, 900 + slot, salt};
    const std::uint32_t found = cache.findPrefix(content, tokens);
    EXPECT_TRUE(cache.open(slot, tokens, 0));
    cache.store(slot, content, tokens);
    return found;
}

} // namespace

/// The worked example of vLLM's documentation of prefix caching: ten blocks of four tokens.
TEST(BlockPool, TheDocumentedExample)
{
    PagedCache cache(tenBlocksOfFour());
    // 1. Request 0 has 15 tokens: three full blocks and three tokens of a fourth.
    const Prompt first = {{1, 15}};
    const CacheContent firstContent{&first, 900, 0};
    EXPECT_EQ(start(cache, 0, first, 15), 0u);
    EXPECT_EQ(cache.table(0), (Blocks{0, 1, 2, 3}));
    EXPECT_EQ(cache.pool().free(), 6u);
    // 3. It decodes: block 3 fills, is cached, and a fifth block is taken.
    EXPECT_TRUE(cache.grow(0, 17, 16));
    cache.store(0, firstContent, 17);
    EXPECT_EQ(cache.table(0), (Blocks{0, 1, 2, 3, 4}));
    // 4. Request 1 has 14 tokens, of which the first 10 are the same: two full blocks are found.
    const Prompt second = {{1, 10}, {2, 4}};
    EXPECT_EQ(start(cache, 1, second, 14), 8u);
    EXPECT_EQ(cache.table(1), (Blocks{0, 1, 5, 6}));
    EXPECT_EQ(cache.pool().holders(0), 2u);
    // 5. Request 0 ends: 4, 3, 2 are freed in reverse; 0 and 1 are still held.
    cache.close(0);
    EXPECT_EQ(cache.pool().freeOrder(), (Blocks{7, 8, 9, 4, 3, 2}));
    // 6. Request 1 ends as well.
    cache.close(1);
    EXPECT_EQ(cache.pool().freeOrder(), (Blocks{7, 8, 9, 4, 3, 2, 6, 5, 1, 0}));
    // 7. Request 2 has 29 tokens, the first 12 as request 0's: 0, 1, 2 are touched, then 7, 8, 9, 4, 3 taken.
    const Prompt third = {{1, 12}, {3, 17}};
    EXPECT_EQ(start(cache, 2, third, 29), 12u);
    EXPECT_EQ(cache.table(2), (Blocks{0, 1, 2, 7, 8, 9, 4, 3}));
    EXPECT_EQ(cache.pool().evictions(), 1u); // 3 had content; 4 never filled
    EXPECT_EQ(cache.pool().free() + cache.pool().used(), 10u);
}

TEST(BlockPool, AFullyCachedPromptStillComputesItsLastBlock)
{
    PagedCache cache(tenBlocksOfFour());
    const Prompt prompt = {{1, 16}};
    start(cache, 0, prompt, 16);
    EXPECT_EQ(start(cache, 1, prompt, 16), 12u);
    EXPECT_EQ(cache.table(1), (Blocks{0, 1, 2, 4})); // a duplicate of block 3, until it is freed
}

TEST(BlockPool, SaltsKeepTenantsApart)
{
    PagedCache cache(tenBlocksOfFour());
    const Prompt prompt = {{1, 12}};
    start(cache, 0, prompt, 12, 7);
    EXPECT_EQ(start(cache, 1, prompt, 12, 8), 0u);
    EXPECT_EQ(start(cache, 2, prompt, 12, 7), 8u);
}

TEST(BlockPool, AnAnswerIsFoundByTheTurnThatBeginsWithIt)
{
    PagedCache cache(tenBlocksOfFour());
    const Prompt question = {{1, 6}};
    start(cache, 0, question, 13); // seven tokens of the answer 900
    const Prompt next = {{1, 6}, {900, 7}, {2, 3}};
    EXPECT_EQ(start(cache, 1, next, 16), 12u);
}

TEST(BlockPool, OrdersOfEvictionDiffer)
{
    const Prompt one = {{1, 8}};
    const Prompt two = {{2, 8}};
    const auto orderAfter = [&](Eviction eviction) {
        PagedCache cache(tenBlocksOfFour(eviction));
        start(cache, 0, one, 8); // blocks 0, 1
        start(cache, 1, two, 8); // blocks 2, 3
        cache.close(1);
        cache.close(0);
        start(cache, 2, two, 9); // two's blocks are used once more
        cache.close(2);
        Blocks stored;
        for (const BlockPool::BlockId block : cache.pool().freeOrder())
            if (cache.pool().hasContent(block))
                stored.push_back(block);
        return stored;
    };
    EXPECT_EQ(orderAfter(Eviction::Lru), (Blocks{1, 0, 3, 2}));
    EXPECT_EQ(orderAfter(Eviction::Fifo), (Blocks{0, 1, 2, 3}));
    EXPECT_EQ(orderAfter(Eviction::Lfu), (Blocks{1, 0, 3, 2}));
    EXPECT_EQ(orderAfter(Eviction::Mru).front(), 7u); // taken from the other end: 9, 8 and 7, 6
}

TEST(BlockPool, HowOftenContentWasAskedForIsInTheFingerprint)
{
    const Prompt prompt = {{1, 4}};
    PagedCache once(tenBlocksOfFour(Eviction::Mru));
    start(once, 0, prompt, 4);
    once.close(0);
    PagedCache twice = once;
    twice.findPrefix({&prompt, 0, 0}, 5);
    ASSERT_TRUE(twice.open(0, 4, 0)); // the block that was freed last: the list's order stays
    twice.close(0);
    EXPECT_EQ(once.pool().freeOrder(), twice.pool().freeOrder());
    EXPECT_NE(fingerprintOf(once.pool()), fingerprintOf(twice.pool()));
}

TEST(SlidingWindow, HoldsOnlyWhatTheNextTokenSees)
{
    CacheSettings settings = tenBlocksOfFour();
    settings.fullGroups = 0;
    settings.slidingGroups = 1;
    settings.window = 8;
    settings.stepTokens = 4;
    PagedCache cache(settings);
    const Prompt prompt = {{1, 100}};
    const CacheContent content{&prompt, 0, 0};
    cache.findPrefix(content, 100);
    ASSERT_TRUE(cache.open(0, 4, 0));
    for (std::uint32_t computed = 4; computed < 100; computed += 4)
        ASSERT_TRUE(cache.grow(0, computed + 4, computed)) << computed;
    EXPECT_LE(cache.pool().used(), cache.blocksFor(100));
    cache.close(0);
    EXPECT_EQ(cache.pool().used(), 0u);
}

TEST(ContiguousCache, FreedNeighboursJoin)
{
    CacheSettings settings = tenBlocksOfFour();
    settings.reservation = Reservation::ContiguousExact;
    ContiguousCache cache(settings);
    ASSERT_TRUE(cache.open(0, 8, 2));
    ASSERT_TRUE(cache.open(1, 8, 2));
    ASSERT_TRUE(cache.open(2, 8, 2));
    cache.close(0);
    cache.close(2);
    EXPECT_EQ(cache.free(), 30u);
    EXPECT_EQ(cache.largestFree(), 20u); // external fragmentation: 30 free, 25 do not fit
    EXPECT_FALSE(cache.open(3, 20, 5));
    cache.close(1);
    EXPECT_EQ(cache.largestFree(), 40u);
}

} // namespace sim::serving
