#include "core/shell/commands/nccl/perf_options.h"

#include <gtest/gtest.h>

namespace core::shell::nccl {

namespace {

using sim::training::collectives::Collective;

TEST(PerfOptions, AreReadAsGetoptReadsThem)
{
    const ParsedPerf parsed = parsePerf("all_reduce_perf", {"-b", "8", "-e1G", "--stepfactor=2", "--ngpus", "8", "--che", "0"});
    ASSERT_TRUE(parsed.runs);
    EXPECT_EQ(parsed.options.minBytes, 8);
    EXPECT_EQ(parsed.options.maxBytes, 1 << 30);
    EXPECT_EQ(parsed.options.stepFactor, 2);
    EXPECT_EQ(parsed.options.perProcess(), 8);
    EXPECT_EQ(parsed.options.checks, 0);
    EXPECT_EQ(parsePerf("all_reduce_perf", {"-b", "512k", "-e", "512K"}).options.minBytes, 524288);
}

TEST(PerfOptions, AreRefusedInTheProgramsWords)
{
    EXPECT_EQ(parsePerf("p", {"-b", "8", "-e", "4"}).errors, "invalid sizes for 'minbytes' and 'maxbytes': 8 > 4\n");
    EXPECT_EQ(parsePerf("p", {"-b", "big"}).errors, "invalid size specified for 'minbytes'\n");
    EXPECT_EQ(parsePerf("p", {"-b", "big"}).status, 255);
    EXPECT_EQ(parsePerf("p", {"-q"}).errors, "p: invalid option -- 'q'\n");
    EXPECT_EQ(parsePerf("p", {"-q"}).status, 0) << "usage ends well";
    EXPECT_EQ(parsePerf("p", {"-g"}).errors, "p: option requires an argument -- 'g'\n");
    EXPECT_EQ(parsePerf("p", {"--n", "1"}).errors, "p: option '--n' is ambiguous; possibilities: '--nthreads' '--ngpus'\n");
    EXPECT_EQ(parsePerf("p", {"-d", "float8"}).out, "invalid type float8, defaulting to float .. \n");
    EXPECT_NE(parsePerf("p", {"-h"}).out.find("USAGE: p \n\t[-t,--nthreads <num threads>] \n"), std::string::npos);
}

TEST(PerfOptions, FiguresFillTheirColumns)
{
    EXPECT_EQ(figure(59.66, 7), "  59.66");
    EXPECT_EQ(figure(4926.5, 7), "4926.50");
    EXPECT_EQ(figure(36790.2, 7), "36790.2");
    EXPECT_EQ(figure(215893, 7), " 215893");
    EXPECT_EQ(figure(1234.5, 6), "1234.5");
    EXPECT_EQ(perfRowStart({1048576, 262144}, "float", "sum", -1) + perfRowPart(35.41, 29.61, 51.82, 0) + perfRowPart(35.3, 29.7, 51.98, -1),
              "     1048576        262144     float     sum      -1    35.41   29.61   51.82       0    35.30   29.70   51.98     N/A");
}

TEST(PerfOptions, SharesBeginAtSixteenBytes)
{
    EXPECT_EQ(sizeOf(Collective::AllReduce, 8, 4, 8).elements, 2);
    EXPECT_EQ(sizeOf(Collective::AllGather, 8, 4, 8).bytes, 0);
    EXPECT_EQ(sizeOf(Collective::AllGather, 1 << 20, 4, 8).elements, 32768);
    EXPECT_EQ(sizeOf(Collective::AllToAll, 1000, 4, 8).bytes, 896);
}

} // namespace

} // namespace core::shell::nccl
