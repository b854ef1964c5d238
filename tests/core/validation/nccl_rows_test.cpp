#include "core/validation/nccl_rows.h"

#include <gtest/gtest.h>

namespace core::validation {

namespace {

using sim::training::collectives::Algorithm;
using sim::training::collectives::Collective;

std::string errorOf(std::string_view text)
{
    const auto rows = readNcclRows(text, "rows.csv");
    return rows ? "none" : rows.error().text();
}

} // namespace

TEST(NcclRows, ReadCsvWithColumnsInAnyOrder)
{
    const auto rows = readNcclRows("busbw,Size,algo,GPUs (per node),nodes,collective,system\n"
                                   "436.95,\"1 GiB\",NVLSTree,8,2,all_reduce,\"AWS, p5\"\r\n"
                                   "\n"
                                   "# a remark\n"
                                   "48,1073741824,auto,1,2,SendRecv,H100\n",
                                   "rows.csv");
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(rows->size(), 2u);
    EXPECT_EQ((*rows)[0].system, "AWS, p5");
    EXPECT_EQ((*rows)[0].nodes, 2);
    EXPECT_EQ((*rows)[0].algorithm, Algorithm::NvlsTree);
    EXPECT_EQ((*rows)[0].bytes, 1 << 30);
    EXPECT_DOUBLE_EQ((*rows)[0].busGigabytesPerSecond, 436.95);
    EXPECT_EQ((*rows)[1].collective, Collective::SendReceive);
    EXPECT_EQ((*rows)[1].algorithm, std::nullopt);
    EXPECT_EQ((*rows)[1].where, "rows.csv:5");
}

TEST(NcclRows, ReadJsonAsAnArrayOrUnderRows)
{
    const char* const one = R"([{"system": "h100", "nodes": 1, "gpus": 8, "bytes": 16777216, "busbw": 234.45}])";
    const auto array = readNcclRows(one, "rows.json");
    ASSERT_TRUE(array) << array.error().text();
    const auto object = readNcclRows("{\"rows\": " + std::string(one) + "}", "rows.json");
    ASSERT_TRUE(object) << object.error().text();
    EXPECT_EQ(array->front().bytes, object->front().bytes);
    EXPECT_EQ(array->front().collective, Collective::AllReduce);
    EXPECT_EQ(array->front().where, "rows.json: rows[0]");
}

TEST(NcclRows, TakeGpusPerNodeOrInAll)
{
    const auto rows = readNcclRows("system,nodes,gpus,bytes,busbw\nh100,2,16,1G,1\nh100,,64,1G,1\nh100,3,8,1G,1\n", "rows.csv");
    ASSERT_TRUE(rows);
    EXPECT_EQ((*rows)[0].gpusPerNode, 8);
    EXPECT_EQ((*rows)[1].nodes, 8);
    EXPECT_EQ((*rows)[1].gpusPerNode, 8);
    EXPECT_EQ((*rows)[2].gpusPerNode, 8);
}

TEST(NcclRows, SayWhereAndWhatIsWrong)
{
    EXPECT_EQ(errorOf("system,bytes,busbw\nh100,16 parsecs,1\n"),
              "rows.csv:2, bytes: \"16 parsecs\" is no size; write 16777216, 16M or \"16 MiB\"");
    EXPECT_EQ(errorOf("system,bytes,busbw\nh100,16M,fast\n"), "rows.csv:2, busbw: \"fast\" is no bandwidth; write GB/s above 0");
    EXPECT_EQ(errorOf("system,bytes\nh100,16M\n"), "rows.csv:2, busbw: is missing; every row needs system, bytes and busbw");
    EXPECT_EQ(errorOf("system,nodes,bytes,busbw\nh100,zero,16M,1\n"),
              "rows.csv:2, nodes: \"zero\" is no count; write a whole number from 1 to 4096");
    EXPECT_NE(errorOf("system,collective,bytes,busbw\nh100,all_shout,16M,1\n").find("collective: \"all_shout\" is unknown"),
              std::string::npos);
    EXPECT_NE(errorOf("system,algorithm,bytes,busbw\nh100,Circle,16M,1\n").find("algorithm: \"Circle\" is unknown"), std::string::npos);
    EXPECT_NE(errorOf("system,bytes,busbw\nh100,16M,1,2\n").find("rows.csv:2: 4 cells under 3 columns"), std::string::npos);
    EXPECT_NE(errorOf("").find("holds no rows"), std::string::npos);
    EXPECT_NE(errorOf("{\"rows\": 3}").find("holds no rows"), std::string::npos);
    EXPECT_NE(errorOf("[1]").find("rows[0]: is no object"), std::string::npos);
    EXPECT_NE(errorOf("[{").find("is no JSON"), std::string::npos);
}

TEST(NcclRows, SizesAreWrittenInManyWays)
{
    EXPECT_EQ(bytesIn("16777216"), 16777216);
    EXPECT_EQ(bytesIn("16M"), 16777216);
    EXPECT_EQ(bytesIn("16 MiB"), 16777216);
    EXPECT_EQ(bytesIn("16MB"), 16777216);
    EXPECT_EQ(bytesIn("8G"), std::int64_t{8} << 30);
    EXPECT_EQ(bytesIn("128M"), 134217728);
    EXPECT_EQ(bytesIn("134M"), 134217728); // powers of two told in thousands
    EXPECT_EQ(bytesIn("65K"), 65536);
    EXPECT_EQ(bytesIn("1.5k"), 1536);
    EXPECT_EQ(bytesIn("0"), std::nullopt);
    EXPECT_EQ(bytesIn("-5"), std::nullopt);
    EXPECT_EQ(bytesIn("M"), std::nullopt);
    EXPECT_EQ(bytesIn("12 apples"), std::nullopt);
}

} // namespace core::validation
