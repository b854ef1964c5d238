#include "sim/engine/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace sim {

TEST(Base64, EncodesTheVectorsOfItsStandard)
{
    EXPECT_EQ(encodeBase64(""), "");
    EXPECT_EQ(encodeBase64("f"), "Zg==");
    EXPECT_EQ(encodeBase64("fo"), "Zm8=");
    EXPECT_EQ(encodeBase64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encodeBase64("\xfb\xff\xfe"), "+//+");
    EXPECT_EQ(encodeBase64Url("\xfb\xff\xfe"), "-__-");
    EXPECT_EQ(encodeBase64Url("f"), "Zg");
}

TEST(Base64, DecodesTheVectorsOfItsStandard)
{
    EXPECT_EQ(decodeBase64(""), "");
    EXPECT_EQ(decodeBase64("Zg=="), "f");
    EXPECT_EQ(decodeBase64("Zm8="), "fo");
    EXPECT_EQ(decodeBase64("Zm9v"), "foo");
    EXPECT_EQ(decodeBase64("Zm9vYg=="), "foob");
    EXPECT_EQ(decodeBase64("Zm9vYmE="), "fooba");
    EXPECT_EQ(decodeBase64("Zm9vYmFy"), "foobar");
    EXPECT_EQ(decodeBase64("Zm9v\r\nYmFy\n"), "foobar") << "line breaks as the base64 command makes them";
    EXPECT_EQ(decodeBase64("Zg"), "f") << "without padding";
}

TEST(Base64, WhatIsNoneIsNothing)
{
    for (const char* text : {"Zm9v!", "Zm 9v", "Zg==Zg==", "Z", "Zm9vY", "Zm9v-_", "中"})
        EXPECT_EQ(decodeBase64(text), std::nullopt) << text;
}

RC_GTEST_PROP(Base64, GivesBackAnyBytes, (const std::string& bytes))
{
    RC_ASSERT(decodeBase64(encodeBase64(bytes)) == bytes);
    std::string bare = encodeBase64(bytes);
    bare.erase(std::find(bare.begin(), bare.end(), '='), bare.end());
    RC_ASSERT(decodeBase64(bare) == bytes);
    RC_ASSERT(decodeBase64Url(encodeBase64Url(bytes)) == bytes);
}

} // namespace sim
