#include "sim/training/jobs/settings.h"

#include <gtest/gtest.h>

namespace sim::training {

namespace {

std::vector<std::string> words(std::initializer_list<const char*> more)
{
    std::vector<std::string> line{"torchrun", "--nproc-per-node=8", "pretrain_gpt.py", "--num-layers", "32", "--hidden-size", "4096", "--num-attention-heads", "32",
                                  "--seq-length", "4096", "--micro-batch-size", "1", "--global-batch-size", "64"};
    line.insert(line.end(), more.begin(), more.end());
    return line;
}

TEST(TrainerSettings, AreReadAsTorchrunAndMegatronDo)
{
    const ParsedSettings parsed = settingsOf(words({"--tensor-model-parallel-size", "2", "--lr", "3e-4", "--fp16", "--loss-scale", "1", "--data-path", "/data/a", "/data/b",
                                                    "--no-check-for-nan-in-loss-and-grad", "--use-distributed-optimizer"}),
                                             {{"PET_NNODES", "4"}, {"PET_NODE_RANK", "2"}, {"RANK", "9"}});
    ASSERT_FALSE(parsed.error) << parsed.error->text;
    const TrainerSettings& s = parsed.settings;
    EXPECT_EQ(s.worldSize(), 32);
    EXPECT_EQ(s.nodeRank, 2);
    EXPECT_EQ(s.parallelism.data, 16);
    EXPECT_EQ(s.parallelism.zero, ZeroStage::Optimiser);
    EXPECT_EQ(s.dataPaths, (std::vector<std::string>{"/data/a", "/data/b"}));
    EXPECT_FALSE(s.checksNan);
    EXPECT_EQ(recipeOf(s).scaling, LossScaling::Off);
    EXPECT_EQ(recipeOf(s).precision, Precision::Fp16);
    EXPECT_DOUBLE_EQ(recipeOf(s).schedule.peak, 3e-4);
}

TEST(TrainerSettings, BadOnesAreRefusedInTheProgramsOwnWords)
{
    const auto problem = [](std::initializer_list<const char*> more, std::map<std::string, std::string> environment = {}) {
        const ParsedSettings parsed = settingsOf(words(more), environment);
        return parsed.error ? parsed.error->text : std::string();
    };
    EXPECT_EQ(problem({"--learning-rate", "1"}), "pretrain_gpt.py: error: unrecognized arguments: --learning-rate 1");
    EXPECT_EQ(problem({"--lr"}), "pretrain_gpt.py: error: argument --lr: expected one argument");
    EXPECT_EQ(problem({"--lr", "fast"}), "pretrain_gpt.py: error: argument --lr: invalid float value: 'fast'");
    EXPECT_EQ(problem({"--train-iters", "1e5"}), "pretrain_gpt.py: error: argument --train-iters: invalid int value: '1e5'");
    EXPECT_EQ(problem({"--tensor-model-parallel-size", "3"}), "RuntimeError: world_size (8) is not divisible by 3");
    EXPECT_EQ(problem({"--tensor-model-parallel-size", "0"}), "ZeroDivisionError: integer division or modulo by zero");
    EXPECT_EQ(problem({}, {{"PET_NNODES", "3"}}), "AssertionError: global batch size (64) is not divisible by micro batch size (1) times data parallel size (24)");
    EXPECT_EQ(settingsOf({"torchrun", "--nnodes=2"}, {}).error->text,
              "torchrun: error: the following arguments are required: training_script, training_script_args");
    EXPECT_EQ(settingsOf({}, {}).error->exitCode, 2);
}

} // namespace

} // namespace sim::training
