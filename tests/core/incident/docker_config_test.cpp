#include "core/incident/docker_config.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace core::incident {

namespace {

/// RFC 4648, word for word.
std::string encoded(const std::string& bytes, bool padding = true)
{
    constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        const std::size_t here = std::min<std::size_t>(3, bytes.size() - at);
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (i < here ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i) {
            if (i <= here)
                out += kDigits[group >> (18 - 6 * i) & 63];
            else if (padding)
                out += '=';
        }
    }
    return out;
}

std::optional<WorldProbe::Account> account(const char* config)
{
    return accountIn(config, "registry.lab:5000");
}

} // namespace

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
    RC_ASSERT(decodeBase64(encoded(bytes)) == bytes);
    RC_ASSERT(decodeBase64(encoded(bytes, false)) == bytes);
}

TEST(DockerConfig, UserAndPasswordStandApartOrTogether)
{
    const auto apart = account(R"({"auths":{"registry.lab:5000":{"username":"robot","password":"se:cret"}}})");
    ASSERT_TRUE(apart);
    EXPECT_EQ(apart->user, "robot");
    EXPECT_EQ(apart->password, "se:cret");
    const std::string config = R"({"auths":{"registry.lab:5000":{"auth":")" + encoded("robot:se:cret") + "\"}}}";
    const auto together = account(config.c_str());
    ASSERT_TRUE(together);
    EXPECT_EQ(together->user, "robot");
    EXPECT_EQ(together->password, "se:cret") << "only the first colon divides";
}

TEST(DockerConfig, ARegistryIsKnownByItsHost)
{
    for (const char* name : {"registry.lab:5000", "https://registry.lab:5000", "http://registry.lab:5000/v1/", "registry.lab:5000/v2"}) {
        const nlohmann::json config{{"auths", {{name, {{"username", "robot"}, {"password", "x"}}}}}};
        EXPECT_TRUE(account(config.dump().c_str())) << name;
    }
    for (const char* name : {"registry.lab", "registry.lab:5001", "my-registry.lab:5000", "registry.lab:5000.example.com"}) {
        const nlohmann::json config{{"auths", {{name, {{"username", "robot"}, {"password", "x"}}}}}};
        EXPECT_FALSE(account(config.dump().c_str())) << name;
    }
}

TEST(DockerConfig, WhatHoldsNoAccountIsNothing)
{
    for (const char* config :
         {"", "not JSON", "[]", "{}", R"({"auths":[]})", R"({"auths":{}})", R"({"auths":{"registry.lab:5000":"x"}})",
          R"({"auths":{"registry.lab:5000":{}}})", R"({"auths":{"registry.lab:5000":{"auth":"!"}}})",
          R"({"auths":{"registry.lab:5000":{"auth":"bm9jb2xvbg=="}}})", R"({"auths":{"registry.lab:5000":{"username":5}}})"})
        EXPECT_FALSE(account(config)) << config;
}

} // namespace core::incident
