#include "sim/training/jobs/document_weights.h"

#include <gtest/gtest.h>

namespace {

using namespace sim::training;

TEST(DocumentWeights, SharesOfDocuments)
{
    const DocumentWeights read = documentWeights("# documents weight\n0-599 1.0\n600-899 0.6\n900-949 nan\n950-999 2500\n");
    EXPECT_DOUBLE_EQ(read.nonFinite, 0.05);
    EXPECT_DOUBLE_EQ(read.heavy, 0.05);
    EXPECT_DOUBLE_EQ(read.heaviest, 2500);
    EXPECT_DOUBLE_EQ(documentWeights("0-9 inf\n").nonFinite, 1);
}

TEST(DocumentWeights, WhatCannotBeReadDoesNotCount)
{
    EXPECT_EQ(documentWeights(""), DocumentWeights{});
    EXPECT_EQ(documentWeights("weights of web-00\n5-1 nan\n1-5\n7 nan\n-\n"), DocumentWeights{});
    EXPECT_DOUBLE_EQ(documentWeights("0-9 nan\nrubbish\n10-19 1").nonFinite, 0.5);
}

} // namespace
