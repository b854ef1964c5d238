#include "core/shell/commands/kubectl/three_way_merge.h"

#include <gtest/gtest.h>

namespace {

using core::shell::kubectl::Json;
using core::shell::kubectl::threeWayMerge;

TEST(ThreeWayMerge, keepsWhatOthersSet)
{
    const Json original = Json::parse(R"({"spec":{"replicas":1}})");
    const Json modified = Json::parse(R"({"spec":{"replicas":2}})");
    const Json current = Json::parse(R"({"spec":{"replicas":5,"paused":true},"status":{"replicas":5}})");
    EXPECT_EQ(threeWayMerge(original, modified, current),
              Json::parse(R"({"spec":{"replicas":2,"paused":true},"status":{"replicas":5}})"));
}

TEST(ThreeWayMerge, removesOnlyWhatTheLastConfigurationHad)
{
    const Json original = Json::parse(R"({"data":{"a":"1","b":"2"}})");
    const Json modified = Json::parse(R"({"data":{"a":"1"}})");
    const Json current = Json::parse(R"({"data":{"a":"9","b":"2","c":"3"}})");
    EXPECT_EQ(threeWayMerge(original, modified, current), Json::parse(R"({"data":{"a":"1","c":"3"}})"));
    EXPECT_EQ(threeWayMerge(Json(), modified, current), Json::parse(R"({"data":{"a":"1","b":"2","c":"3"}})"));
}

TEST(ThreeWayMerge, containersMergeByName)
{
    const Json original = Json::parse(
        R"({"containers":[{"name":"a","image":"a:1","env":[{"name":"X","value":"1"}]},{"name":"b","image":"b:1"}]})");
    const Json modified = Json::parse(R"({"containers":[{"name":"a","image":"a:2"}]})");
    const Json current = Json::parse(R"({"containers":[
        {"name":"a","image":"a:1","imagePullPolicy":"Always","env":[{"name":"X","value":"1"},{"name":"Y","value":"2"}]},
        {"name":"b","image":"b:1"},{"name":"sidecar","image":"s:1"}]})");
    EXPECT_EQ(threeWayMerge(original, modified, current), Json::parse(R"({"containers":[
        {"name":"a","image":"a:2","imagePullPolicy":"Always"},{"name":"sidecar","image":"s:1"}]})"));
}

TEST(ThreeWayMerge, listsWithoutKeyAreReplaced)
{
    const Json original = Json::parse(R"({"args":["a","b"],"tolerations":[{"key":"x"}]})");
    const Json modified = Json::parse(R"({"args":["c"],"tolerations":[{"key":"y"}]})");
    const Json current = Json::parse(R"({"args":["a","b"],"tolerations":[{"key":"x"},{"key":"z"}]})");
    EXPECT_EQ(threeWayMerge(original, modified, current), modified);
}

TEST(ThreeWayMerge, anythingGoesIn)
{
    EXPECT_EQ(threeWayMerge(Json(), Json::object(), Json::object()), Json::object());
    EXPECT_EQ(threeWayMerge(Json::parse(R"({"a":{"b":1}})"), Json::parse(R"({"a":3})"), Json::parse(R"({"a":[1]})")),
              Json::parse(R"({"a":3})"));
    EXPECT_EQ(threeWayMerge(Json::parse(R"({"a":[{}]})"), Json::parse(R"({"a":[]})"), Json::parse(R"({"a":[{}]})")),
              Json::parse(R"({"a":[]})"));
}

} // namespace
