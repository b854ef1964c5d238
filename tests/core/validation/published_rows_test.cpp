#include "core/validation/nccl.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

namespace core::validation {

namespace {

std::vector<NcclRow> publishedRows()
{
    std::ifstream file(FAULTLINE_NCCL_ROWS);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    auto rows = readNcclRows(text, "rows.csv");
    EXPECT_TRUE(rows) << rows.error().text();
    return rows ? *rows : std::vector<NcclRow>{};
}

constexpr std::int64_t kLarge = 16 << 20;

double meanError(const std::string& use)
{
    double sum = 0;
    int count = 0;
    for (const NcclRow& row : publishedRows()) {
        if (row.use != use || row.bytes < kLarge)
            continue;
        const auto figure = simulate(row);
        EXPECT_TRUE(figure) << row.name;
        sum += std::abs(figure->error());
        ++count;
    }
    EXPECT_GT(count, 40);
    return sum / count;
}

} // namespace

TEST(PublishedNcclRows, AllNameAUseAndCanBeSimulated)
{
    std::set<std::string> names;
    for (const NcclRow& row : publishedRows()) {
        EXPECT_TRUE(row.use == "tuned" || row.use == "held") << row.name;
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(simulate(row)) << row.name;
    }
}

/// What the model was set against: a tenth within a node, 15 % between nodes. Those not met are known and told in
/// sim/training/collectives/README.md.
TEST(PublishedNcclRows, TheModelsOwnRowsAreMet)
{
    const std::set<std::string> kNotMet = {"h20-2x8/128M", "aws-p5-2x8/32M", "azure-a100-2x8/32M", "b200-ag-8/64M", "b200-a2a-8/16M"};
    for (const NcclRow& row : publishedRows()) {
        if (row.use != "tuned" || row.bytes < kLarge || kNotMet.count(row.name) > 0)
            continue;
        EXPECT_LE(std::abs(simulate(row)->error()), row.nodes == 1 ? 0.10 : 0.15) << row.name;
    }
}

TEST(PublishedNcclRows, TheWholeCurveOfAzuresA100IsMet)
{
    for (const NcclRow& row : publishedRows())
        if (row.name.starts_with("azure-a100/")) {
            EXPECT_LE(std::abs(simulate(row)->error()), 0.10) << row.name;
        }
}

TEST(PublishedNcclRows, HeldOutRowsAreMetAsWell)
{
    EXPECT_LE(meanError("tuned"), 0.05);
    EXPECT_LE(meanError("held"), 0.05);
}

} // namespace core::validation
