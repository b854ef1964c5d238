#include "sim/training/collectives/environment.h"

#include <gtest/gtest.h>

namespace sim::training::collectives {

namespace {

using Word = Choices<kAlgorithms>::Word;

Environment with(std::string name, std::string value)
{
    return readEnvironment({{std::move(name), std::move(value)}});
}

Word wordFor(const Environment& environment, Collective collective, Algorithm algorithm)
{
    return environment.algorithms.words[index(collective)][index(algorithm)];
}

} // namespace

TEST(NcclEnvironment, PassesOverNamesThatNcclDoesNotKnow)
{
    EXPECT_EQ(with("NCCL_TIMEOUT", "1800"), Environment{});
    EXPECT_EQ(with("NCCL_SOMETHING", "1"), Environment{});
    EXPECT_EQ(with("PATH", "/usr/bin"), Environment{});
}

TEST(NcclEnvironment, TakesOldAndNewNamesOfChannelLimits)
{
    EXPECT_EQ(with("NCCL_MAX_NCHANNELS", "4").maxChannels, 4);
    EXPECT_EQ(with("NCCL_MAX_CTAS", "8").maxChannels, 8);
    EXPECT_EQ(with("NCCL_MIN_NRINGS", "12").minChannels, 12);
    EXPECT_EQ(with("NCCL_MIN_CTAS", "1000").minChannels, 64);
}

TEST(NcclEnvironment, ReadsListsOfAlgorithms)
{
    const Environment ring = with("NCCL_ALGO", "RING");
    EXPECT_EQ(wordFor(ring, Collective::AllReduce, Algorithm::Ring), Word::Yes);
    EXPECT_EQ(wordFor(ring, Collective::AllReduce, Algorithm::Tree), Word::No);
    const Environment notTree = with("NCCL_ALGO", "^tree");
    EXPECT_EQ(wordFor(notTree, Collective::AllReduce, Algorithm::Tree), Word::No);
    EXPECT_EQ(wordFor(notTree, Collective::AllReduce, Algorithm::Nvls), Word::Yes);
    const Environment perFunction = with("NCCL_ALGO", "ring;allreduce:tree,nvlstree");
    EXPECT_EQ(wordFor(perFunction, Collective::AllReduce, Algorithm::Ring), Word::No);
    EXPECT_EQ(wordFor(perFunction, Collective::AllReduce, Algorithm::NvlsTree), Word::Yes);
    EXPECT_EQ(wordFor(perFunction, Collective::Broadcast, Algorithm::Ring), Word::Yes);
}

TEST(NcclEnvironment, FailsOnWhatNcclDoesNotRecognise)
{
    ASSERT_TRUE(with("NCCL_ALGO", "rnig").failure);
    EXPECT_EQ(with("NCCL_ALGO", "rnig").failure->code, 5);
    EXPECT_EQ(with("NCCL_ALGO", "rnig").failure->text, "Unrecognized element token \"rnig\" when parsing \"rnig\"");
    EXPECT_TRUE(with("NCCL_PROTO", "Simple;LL").failure); // only the first entry may go without a prefix
    EXPECT_TRUE(with("NCCL_PROTO", "all_reduce:LL").failure); // NCCL's name is AllReduce
}

TEST(NcclEnvironment, ReadsPathLevelsByNameAndByOldNumber)
{
    EXPECT_EQ(with("NCCL_P2P_LEVEL", "nvl").p2pLevel, PathType::Nvl);
    EXPECT_EQ(with("NCCL_NET_GDR_LEVEL", "2").gdrLevel, PathType::Pxb);
    EXPECT_EQ(with("NCCL_P2P_DISABLE", "1").p2pLevel, PathType::Loc);
    EXPECT_EQ(with("NCCL_P2P_DISABLE", "0").p2pLevel, std::nullopt);
}

TEST(NcclHca, PrefixesTakeMoreThanTheySeemTo)
{
    EXPECT_TRUE(listSelects("", "mlx5_3"));
    EXPECT_TRUE(listSelects("mlx5", "mlx5_3"));
    EXPECT_TRUE(listSelects("mlx5_1", "mlx5_12")); // the trap
    EXPECT_FALSE(listSelects("=mlx5_1", "mlx5_12"));
    EXPECT_TRUE(listSelects("=mlx5_0:1,mlx5_1:1", "mlx5_1"));
    EXPECT_FALSE(listSelects("=mlx5_0:1,mlx5_1:2", "mlx5_1"));
    EXPECT_FALSE(listSelects("^mlx5_0", "mlx5_0"));
    EXPECT_TRUE(listSelects("^=mlx5_1", "mlx5_12"));
    EXPECT_FALSE(listSelects("^mlx5_1", "mlx5_12"));
}

} // namespace sim::training::collectives
