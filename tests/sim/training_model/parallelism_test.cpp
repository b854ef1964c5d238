#include "sim/training/model/parallelism.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace sim::training;

Parallelism cut(std::int64_t tensor, std::int64_t pipeline, std::int64_t data)
{
    Parallelism p;
    p.tensor = tensor;
    p.pipeline = pipeline;
    p.data = data;
    p.globalBatch = 16 * data;
    return p;
}

std::string errorOf(const Parallelism& p, const char* shape = "llama3-70b", std::int64_t world = 0)
{
    return configurationError(knownShape(shape), p, world > 0 ? world : p.worldSize()).value_or("");
}

TEST(Parallelism, saysWhatMegatronSays)
{
    EXPECT_EQ(errorOf(cut(8, 4, 2)), "");
    EXPECT_EQ(errorOf(cut(8, 4, 2), "llama3-70b", 60), "RuntimeError: world_size (60) is not divisible by 32");
    EXPECT_EQ(errorOf(cut(7, 1, 2)), "ValueError: num_attention_heads (64) must be a multiple of tensor_model_parallel_size (7).");
    EXPECT_EQ(errorOf(cut(8, 3, 2)), "AssertionError: Number of layers should be divisible by the pipeline-model-parallel size");
    Parallelism batch = cut(8, 1, 2);
    batch.globalBatch = 33;
    EXPECT_EQ(errorOf(batch), "AssertionError: global batch size (33) is not divisible by micro batch size (1) times data parallel size (2)");
    Parallelism chunks = cut(8, 4, 2);
    chunks.interleave = 3;
    EXPECT_EQ(errorOf(chunks), "AssertionError: number of layers per pipeline stage must be divisible number of layers per virtual pipeline stage");
    chunks.interleave = 5;
    EXPECT_EQ(errorOf(chunks), "");
    chunks.globalBatch = 2 * 18;
    EXPECT_NE(errorOf(chunks).find("but it is 2. Otherwise, it introduces dependency bubbles"), std::string::npos);
    Parallelism flat = cut(8, 1, 2);
    flat.interleave = 2;
    EXPECT_EQ(errorOf(flat), "RuntimeError: pipeline-model-parallel size should be greater than 1 with interleaved schedule");
    Parallelism experts = cut(1, 1, 6);
    experts.expert = 3;
    EXPECT_EQ(errorOf(experts, "mixtral-8x7b"), "AssertionError: Number of experts should be a multiple of expert model parallel_size.");
}

TEST(Parallelism, keyValueHeadsMayBeCopied)
{
    EXPECT_EQ(errorOf(cut(16, 1, 1)), ""); // 8 groups on 16 ranks: copied
    const Parallelism odd = cut(32, 1, 1);
    EXPECT_EQ(errorOf(odd), "");
}

/// The example in Megatron-Core's parallel_state.py: 16 ranks, 2 tensor, 4 pipeline.
TEST(Parallelism, groupsAreThoseOfMegatronsExample)
{
    const Parallelism p = cut(2, 4, 2);
    EXPECT_EQ(groupOf(p, Group::Tensor, 0), (std::vector<std::int64_t>{0, 1}));
    EXPECT_EQ(groupOf(p, Group::Tensor, 15), (std::vector<std::int64_t>{14, 15}));
    EXPECT_EQ(groupOf(p, Group::Data, 0), (std::vector<std::int64_t>{0, 2}));
    EXPECT_EQ(groupOf(p, Group::Data, 7), (std::vector<std::int64_t>{5, 7}));
    EXPECT_EQ(groupOf(p, Group::Pipeline, 4), (std::vector<std::int64_t>{0, 4, 8, 12}));
    EXPECT_EQ(groupOf(p, Group::World, 3).size(), 16u);
}

TEST(Parallelism, contextRanksFollowTensorRanks)
{
    Parallelism p = cut(4, 1, 1);
    p.context = 2;
    EXPECT_EQ(groupOf(p, Group::Context, 0), (std::vector<std::int64_t>{0, 4}));
    EXPECT_EQ(groupOf(p, Group::Context, 7), (std::vector<std::int64_t>{3, 7}));
}

TEST(Parallelism, everyRankHasOnePlaceAndEveryGroupItsMembers)
{
    for (const std::int64_t tensor : {1, 2, 8}) {
        for (const std::int64_t pipeline : {1, 4}) {
            for (const std::int64_t context : {1, 2}) {
                Parallelism p = cut(tensor, pipeline, 4);
                p.context = context;
                p.expert = 2;
                for (std::int64_t rank = 0; rank < p.worldSize(); ++rank) {
                    EXPECT_EQ(rankAt(p, placeOf(p, rank)), rank);
                    for (const Group group : {Group::Tensor, Group::Context, Group::Data, Group::Pipeline, Group::Expert}) {
                        const auto members = groupOf(p, group, rank);
                        EXPECT_EQ(static_cast<std::int64_t>(members.size()), groupSize(p, group));
                        EXPECT_EQ(std::count(members.begin(), members.end(), rank), 1);
                        for (const std::int64_t member : members)
                            EXPECT_EQ(groupOf(p, group, member), members);
                    }
                }
            }
        }
    }
}

TEST(Parallelism, stagesHoldAllLayers)
{
    Parallelism p = cut(8, 16, 8);
    EXPECT_NE(errorOf(p, "llama3-405b"), "");
    p.firstStageLayers = 7;
    p.lastStageLayers = 7;
    EXPECT_EQ(errorOf(p, "llama3-405b"), "");
    std::int64_t layers = 0;
    for (std::int64_t stage = 0; stage < p.pipeline; ++stage)
        layers += layersOfStage(knownShape("llama3-405b"), p, stage);
    EXPECT_EQ(layers, 126);
}

} // namespace
