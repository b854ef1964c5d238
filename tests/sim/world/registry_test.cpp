#include "tests/support/world.h"

namespace {

using namespace sim;

container::RegistryAnswer ask(const World& world, const std::string& path, const std::string& user = "ops",
                              const std::string& password = "lab-ops")
{
    return world.registries().answer(world.hosts(), world.registries().all().front(), world.now(), "GET", path, user, password);
}

TEST(Registry, ServesWhatLiesOnItsDisk)
{
    World world = tests::miniWorld();
    EXPECT_EQ(ask(world, "/v2/shop/checkout/tags/list").body, "{\"name\":\"shop/checkout\",\"tags\":[\"1.8.1\",\"1.8.2\",\"1.8.3\"]}\n");
    EXPECT_EQ(ask(world, "/v2/shop/checkout/manifests/1.8.3").status, 200);
    EXPECT_EQ(ask(world, "/v2/shop/checkout/manifests/9").status, 404);

    const HostId host = world.registries().all().front().host;
    const std::string tag = "/var/lib/registry/docker/registry/v2/repositories/shop/checkout/_manifests/tags/1.8.3";
    EXPECT_TRUE(world.apply(Command{command::RemoveFile{host, {}, tag, true}}).ok);
    EXPECT_EQ(ask(world, "/v2/shop/checkout/manifests/1.8.3").status, 404);
}

TEST(Registry, HidesWhatAnAccountMayNotSee)
{
    const World world = tests::miniWorld();
    EXPECT_EQ(ask(world, "/v2/", "", "").status, 401);
    EXPECT_EQ(ask(world, "/v2/", "ops", "wrong").status, 401);
    EXPECT_EQ(ask(world, "/v2/shop/checkout/tags/list", "robot$llm", "q1Lw-0dTn-41ce").status, 401);
    EXPECT_EQ(ask(world, "/v2/_catalog", "robot$shop", "s7Kq-2xPv-88ab").body.find("llm/"), std::string::npos);
    // A misspelled repository looks like a forbidden one, even to its own project.
    const auto misspelled = ask(world, "/v2/shop/chekout/manifests/1.8.3", "robot$shop", "s7Kq-2xPv-88ab");
    EXPECT_EQ(misspelled.status, 401);
    EXPECT_NE(misspelled.headers.at("Www-Authenticate").find("insufficient_scope"), std::string::npos);
}

TEST(Registry, AnswersServiceUnavailableWhileItsStorageIsLocked)
{
    World world = tests::miniWorld();
    const HostId host = world.registries().all().front().host;
    EXPECT_TRUE(world.apply(Command{command::ChangeMode{host, "/var/lib/registry", 0700, "root:root"}}).ok);
    EXPECT_EQ(ask(world, "/v2/_catalog").status, 503);
    EXPECT_TRUE(world.apply(Command{command::ChangeMode{host, "/var/lib/registry", {}, "registry:registry"}}).ok);
    EXPECT_EQ(ask(world, "/v2/_catalog").status, 200);
}

} // namespace
