#include "core/incident/docker_config.h"

#include "sim/engine/base64.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace core::incident {

namespace {

std::optional<WorldProbe::Account> account(const char* config)
{
    return accountIn(config, "registry.lab:5000");
}

} // namespace

TEST(DockerConfig, UserAndPasswordStandApartOrTogether)
{
    const auto apart = account(R"({"auths":{"registry.lab:5000":{"username":"robot","password":"se:cret"}}})");
    ASSERT_TRUE(apart);
    EXPECT_EQ(apart->user, "robot");
    EXPECT_EQ(apart->password, "se:cret");
    const std::string config = R"({"auths":{"registry.lab:5000":{"auth":")" + sim::encodeBase64("robot:se:cret") + "\"}}}";
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
