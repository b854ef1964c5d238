#include "sim/training/model/transformer.h"

#include <gtest/gtest.h>

namespace {

using namespace sim::training;

struct Published {
    const char* name;
    double parameters;
    double tolerance;
};

class KnownShapes : public testing::TestWithParam<Published> { };

TEST_P(KnownShapes, haveTheirPublishedSize)
{
    const double count = static_cast<double>(parameters(knownShape(GetParam().name)));
    EXPECT_NEAR(count / GetParam().parameters, 1, GetParam().tolerance) << count;
}

// Exact: the checkpoints' own counts (model cards, llm-foundry's NumParams column). Rounded: as the papers name them.
INSTANTIATE_TEST_SUITE_P(
    Papers, KnownShapes,
    testing::Values(Published{"llama3-8b", 8030261248.0, 0}, Published{"llama3-70b", 70553706496.0, 0},
                    Published{"llama3-405b", 405853388800.0, 0}, Published{"llama2-7b", 6738415616.0, 0},
                    Published{"llama2-13b", 13015864320.0, 0}, Published{"llama2-70b", 68976648192.0, 0},
                    Published{"mixtral-8x7b", 46702792704.0, 0}, Published{"mpt-125m", 125311488.0, 0},
                    Published{"mpt-1b", 1315950592.0, 0}, Published{"mpt-7b", 6658859008.0, 0},
                    Published{"mpt-30b", 29975214080.0, 0}, Published{"mpt-70b", 64862437376.0, 0},
                    Published{"gpt3-175b", 175e9, 0.005}, Published{"gpt3-1.3b", 1.3e9, 0.02},
                    Published{"mt-nlg-530b", 530e9, 0.002}));

TEST(Transformer, aMixtureActivatesSomeOfItsExperts)
{
    EXPECT_NEAR(static_cast<double>(activeParameters(knownShape("mixtral-8x7b"))), 12.9e9, 0.05e9); // "13B active"
    const TransformerShape dense = knownShape("llama3-8b");
    EXPECT_EQ(activeParameters(dense), parameters(dense));
}

TEST(Transformer, flopsFollowTheMegatronFormula)
{
    // 96 B s l h^2 (1 + s / 6h + V / 16lh) counts a full recomputation (arXiv 2104.04473, equation 3).
    const TransformerShape shape = knownShape("mt-nlg-530b");
    const double h = static_cast<double>(shape.hidden), l = static_cast<double>(shape.layers), s = 2048, v = 51200;
    const double formula = 96 * l * h * h * (1 + s / (6 * h) + v / (16 * l * h));
    EXPECT_NEAR(hardwareFlopsPerToken(shape, Recompute::Full) / formula, 1, 1e-9);
    EXPECT_NEAR(modelFlopsPerToken(shape) / (72 * l * h * h * (1 + s / (6 * h) + v / (12 * l * h))), 1, 1e-9);
}

TEST(Transformer, recomputationCostsMoreTheMoreItRepeats)
{
    for (const std::string& name : knownShapes()) {
        const TransformerShape shape = knownShape(name);
        const double none = hardwareFlopsPerToken(shape, Recompute::None);
        const double selective = hardwareFlopsPerToken(shape, Recompute::Selective);
        const double full = hardwareFlopsPerToken(shape, Recompute::Full);
        EXPECT_EQ(none, modelFlopsPerToken(shape)) << name;
        EXPECT_GT(selective, none) << name;
        EXPECT_GT(full, selective) << name;
        EXPECT_LE(full / none, 4.0 / 3 + 1e-12) << name;
        EXPECT_NEAR(none / (6 * static_cast<double>(activeParameters(shape))), 1, 0.7) << name;
    }
}

} // namespace
