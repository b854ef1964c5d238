#include "core/shell/commands/nccl/fr_trace.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace core::shell::nccl {

namespace {

using nlohmann::json;

json entry(std::int64_t number, const std::string& name, std::int64_t elements, const std::string& state)
{
    return {{"record_id", number - 1},
            {"collective_seq_id", number},
            {"process_group", {"0", "default_pg"}},
            {"profiling_name", "nccl:" + name},
            {"input_sizes", {{elements}}},
            {"output_sizes", {{elements}}},
            {"input_dtypes", {"Float"}},
            {"output_dtypes", {"Float"}},
            {"state", state},
            {"frames", {{{"name", "all_reduce"}, {"filename", "distributed_c10d.py"}, {"line", 2933}}}}};
}

/// Four ranks, of which two operations are done, one hangs and one waits.
std::map<std::int64_t, json> fourRanks()
{
    std::map<std::int64_t, json> dumps;
    for (std::int64_t rank = 0; rank < 4; ++rank)
        dumps[rank] = {{"pg_config", {{"0", {{"ranks", "[0, 1, 2, 3]"}}}}},
                       {"entries",
                        {entry(7, "all_reduce", 1, "completed"), entry(8, "all_reduce", 1, "completed"), entry(9, "all_reduce", 4096, "started"),
                         entry(10, "all_reduce", 1, "scheduled")}}};
    return dumps;
}

bool has(const FrReport& report, const std::string& line)
{
    return std::find(report.lines.begin(), report.lines.end(), line) != report.lines.end();
}

TEST(FrTrace, SaysNothingWhenAllRanksAgree)
{
    EXPECT_TRUE(analysed(fourRanks(), false, 10).lines.empty());
}

TEST(FrTrace, NamesTheRankThatIsBehind)
{
    auto dumps = fourRanks();
    dumps[2]["entries"][2]["state"] = "scheduled";
    const FrReport report = analysed(dumps, false, 10);
    EXPECT_TRUE(has(report, "Collective sequence number: 9 has errors"));
    EXPECT_TRUE(has(report, "internal record id: 8"));
    EXPECT_TRUE(has(report, "group info: 0:default_pg"));
    EXPECT_TRUE(has(report, "expected ranks: {0, 1, 2, 3}"));
    EXPECT_TRUE(
        has(report,
            "error msg: Culprit rank 2; Error type: COLLECTIVE_STATE_MISMATCH, Expected state: 'started' does not match found state: 'scheduled'"));
    EXPECT_TRUE(has(report, " all_reduce at distributed_c10d.py:2933"));
    EXPECT_EQ(report.lines.back(), "No errors found for this collective entry, There could be some other reasons why we see collective timeout.");
}

TEST(FrTrace, TellsOperationsAndSizesApart)
{
    auto dumps = fourRanks();
    dumps[1]["entries"][2]["profiling_name"] = "nccl:_all_gather_base";
    dumps[3]["entries"][2]["input_sizes"] = {{2048}};
    EXPECT_TRUE(has(
        analysed(dumps, false, 10),
        "error msg: Culprit rank 1; Error type: COLLECTIVE_TYPE_MISMATCH, Expected collective type: 'all_reduce' does not match found collective "
        "type: "
        "'_all_gather_base', Culprit rank 3; Error type: SIZE_OR_SYNTAX_MISMATCH, Expected input sizes: '[[4096]]' does not match found input sizes: "
        "'[[2048]]'"));
}

TEST(FrTrace, MissesRanks)
{
    auto dumps = fourRanks();
    dumps[3]["entries"].erase(3);
    dumps[3]["entries"].erase(2);
    const FrReport behind = analysed(dumps, false, 10);
    EXPECT_TRUE(has(behind, "Not all ranks joining collective, sequence number: 9"));
    EXPECT_TRUE(has(behind, "missing ranks: {3}"));
    dumps.erase(1);
    EXPECT_EQ(analysed(dumps, false, 10).assertion, "Missing dump files from ranks {1}");
    const FrReport partial = analysed(dumps, true, 2);
    ASSERT_EQ(partial.lines.size(), 3u);
    EXPECT_TRUE(partial.lines[0].starts_with("We cannot decide what's wrong with this collective entry because we missed FR dumps from ranks ({1})"));
    EXPECT_EQ(partial.lines[2], "Too many mismatches for process_group 0: default_pg aborting");
}

TEST(FrTrace, PrintsEntries)
{
    const FrReport table = entriesTable(fourRanks(), {0, 2});
    ASSERT_EQ(table.lines.size(), 6u);
    EXPECT_TRUE(table.lines[0].starts_with("Rank 0 "));
    EXPECT_TRUE(table.lines[4].ends_with("  all_reduce(input_sizes=[[4096]], state=started)"));
}

} // namespace

} // namespace core::shell::nccl
