#include "core/incident/live_names.h"

#include "tests/core/incident/quiz.h"
#include "tests/core/incident/table_world.h"

#include <gtest/gtest.h>

namespace core::incident {

namespace {

using Names = std::vector<std::string>;

constexpr const char* kOld = "registry.lab:5000/shop/checkout:1.8.3";
constexpr const char* kNew = "registry.lab:5000/shop/checkout:1.8.4";

PodState pod(const std::string& name, const std::string& node, bool ready, const std::string& waiting = {})
{
    PodState state;
    state.nameSpace = "shop";
    state.app = "checkout";
    state.name = name;
    state.node = node;
    state.image = ready ? kOld : kNew;
    state.waitingReason = waiting;
    state.created = at(0);
    state.ready = ready;
    return state;
}

TableWorld shop()
{
    TableWorld world;
    world.time = at(10);
    world.allNodes = {"worker-1", "worker-2", "worker-3"};
    world.podTable = {pod("checkout-c", "worker-3", true), pod("checkout-a", "worker-1", true),
                      pod("checkout-b", "worker-2", false, "ImagePullBackOff")};
    return world;
}

content::Placeholders namesOf(const TableWorld& world, content::Placeholders values = {{"image", {kNew}}})
{
    updateLiveNames(values, *quiz(), world);
    return values;
}

} // namespace

TEST(LiveNames, TellHealthyFromFailing)
{
    const auto names = namesOf(shop());
    EXPECT_EQ(names.at("pod"), (Names{"checkout-a", "checkout-b", "checkout-c"}));
    EXPECT_EQ(names.at("healthy_pod"), (Names{"checkout-a", "checkout-c"}));
    EXPECT_EQ(names.at("failing_pod"), Names{"checkout-b"});
    EXPECT_EQ(names.at("failing_node"), Names{"worker-2"});
    EXPECT_EQ(names.at("healthy_node"), (Names{"worker-1", "worker-3"}));
    EXPECT_EQ(names.at("release_pod"), Names{"checkout-b"});
    EXPECT_EQ(names.at("release_ready_pod"), Names{});
}

TEST(LiveNames, APodMayTakeItsTimeToStart)
{
    TableWorld world = shop();
    world.podTable[2].waitingReason = "ContainerCreating";
    EXPECT_EQ(namesOf(world).count("failing_pod"), 0U);
    world.time = at(29);
    EXPECT_EQ(namesOf(world).count("failing_pod"), 0U);
    world.time = at(30);
    EXPECT_EQ(namesOf(world).at("failing_pod"), Names{"checkout-b"});
    world.podTable[2].waitingReason = "";
    EXPECT_EQ(namesOf(world).at("failing_pod"), Names{"checkout-b"}) << "running and not ready is no better";
}

TEST(LiveNames, PodsWithAnErrorComeFirst)
{
    TableWorld world = shop();
    world.time = at(60);
    world.podTable[1] = pod("checkout-a", "worker-1", false);
    const auto names = namesOf(world);
    EXPECT_EQ(names.at("failing_pod"), (Names{"checkout-b", "checkout-a"}));
    EXPECT_EQ(names.at("failing_node"), (Names{"worker-2", "worker-1"}));
    EXPECT_EQ(names.at("healthy_node"), Names{"worker-3"});
}

TEST(LiveNames, OthersPodsAndThoseOnTheirWayOutAreNotLookedAt)
{
    TableWorld world = shop();
    world.podTable[2].deleting = true;
    world.podTable[0].app = "cart";
    const auto names = namesOf(world);
    EXPECT_EQ(names.at("pod"), Names{"checkout-a"});
    EXPECT_EQ(names.count("failing_pod"), 0U);
}

TEST(LiveNames, WhatFailedIsRememberedOnceNothingFailsAnyMore)
{
    const auto before = namesOf(shop());
    TableWorld mended = shop();
    mended.podTable[2] = pod("checkout-d", "worker-2", true);
    const auto after = namesOf(mended, before);
    EXPECT_EQ(after.at("failing_pod"), Names{"checkout-b"});
    EXPECT_EQ(after.at("failing_node"), Names{"worker-2"});
    EXPECT_EQ(after.at("healthy_pod"), (Names{"checkout-a", "checkout-c", "checkout-d"}));
}

TEST(LiveNames, NodesWithReadyPodsComeFirst)
{
    TableWorld world = shop();
    world.podTable.erase(world.podTable.begin() + 1);
    EXPECT_EQ(namesOf(world).at("healthy_node"), (Names{"worker-3", "worker-1"}));
}

TEST(LiveNames, AnImageComesInParts)
{
    content::Placeholders values{{"image", {kNew}}};
    addImageParts(values, "image");
    EXPECT_EQ(values.at("image_repository"), Names{"shop/checkout"});
    EXPECT_EQ(values.at("image_tag"), Names{"1.8.4"});
    for (const char* odd : {"checkout", "registry.lab:5000/checkout", "checkout:1"}) {
        content::Placeholders one{{"image", {odd}}};
        addImageParts(one, "image");
        EXPECT_EQ(one.size(), 1U) << odd;
    }
    content::Placeholders none{{"image", {}}};
    addImageParts(none, "image");
    addImageParts(none, "good_image");
    EXPECT_EQ(none.size(), 1U);
}

} // namespace core::incident
