#include "core/endpoint/watch.h"
#include "tests/core/endpoint/http.h"
#include "tests/support/lab.h"

#include <gtest/gtest.h>

#include <sstream>

namespace {

using namespace core::endpoint;
using nlohmann::json;
using tests::request;

class Watching : public testing::Test {
protected:
    void SetUp() override { lab = tests::lab(); }

    std::unique_ptr<TextStream> watch(const std::string& target, const std::string& accept = {})
    {
        const ApiDoor door("127.0.0.1:6443");
        auto reaction = door.react(*lab, request("GET", target, {}, {}, accept));
        auto* stream = std::get_if<std::unique_ptr<TextStream>>(&reaction);
        EXPECT_NE(stream, nullptr) << target;
        return stream == nullptr ? nullptr : std::move(*stream);
    }
    std::vector<json> events(TextStream& stream)
    {
        std::vector<json> list;
        std::istringstream lines(stream.take(*lab));
        for (std::string line; std::getline(lines, line);)
            list.push_back(json::parse(line));
        return list;
    }
    std::string version() { return std::to_string(lab->world().cluster().store().resourceVersion()); }
    void create(const std::string& name, const std::string& labels = "{}")
    {
        EXPECT_EQ(tests::answer(*lab, request("POST", "/api/v1/namespaces/shop/configmaps",
                                              R"({"metadata":{"name":")" + name + R"(","labels":)" + labels + "}}")).status, 201);
    }
    void label(const std::string& name, const std::string& labels)
    {
        EXPECT_EQ(tests::answer(*lab, request("PATCH", "/api/v1/namespaces/shop/configmaps/" + name, R"({"metadata":{"labels":)" + labels + "}}",
                                              "application/merge-patch+json")).status, 200);
    }

    std::unique_ptr<core::session::Session> lab;
};

TEST_F(Watching, BeginsWithWhatExists)
{
    const auto nodes = watch("/api/v1/nodes?watch=1");
    const auto first = events(*nodes);
    EXPECT_EQ(first.size(), lab->world().cluster().store().all<sim::kube::Node>().size());
    EXPECT_EQ(first[0]["type"], "ADDED");
    EXPECT_EQ(first[0]["object"]["kind"], "Node");
    EXPECT_TRUE(events(*nodes).empty());
}

TEST_F(Watching, GoesOnFromAVersion)
{
    const auto maps = watch("/api/v1/namespaces/shop/configmaps?watch=1&resourceVersion=" + version());
    EXPECT_TRUE(events(*maps).empty());
    create("a");
    label("a", R"({"x":"1"})");
    tests::answer(*lab, request("DELETE", "/api/v1/namespaces/shop/configmaps/a"));
    const auto seen = events(*maps);
    ASSERT_EQ(seen.size(), 3u);
    EXPECT_EQ(seen[0]["type"], "ADDED");
    EXPECT_EQ(seen[1]["type"], "MODIFIED");
    EXPECT_EQ(seen[2]["type"], "DELETED");
}

TEST_F(Watching, TellsWhenAnObjectEntersOrLeavesTheSelection)
{
    const auto maps = watch("/api/v1/namespaces/shop/configmaps?watch=1&labelSelector=x%3D1&resourceVersion=" + version());
    create("a", R"({"x":"2"})");
    EXPECT_TRUE(events(*maps).empty());
    label("a", R"({"x":"1"})");
    EXPECT_EQ(events(*maps).at(0)["type"], "ADDED");
    label("a", R"({"x":"2"})");
    EXPECT_EQ(events(*maps).at(0)["type"], "DELETED");
}

TEST_F(Watching, SendsBookmarks)
{
    const auto nodes = watch("/api/v1/namespaces/shop/configmaps?watch=1&allowWatchBookmarks=true&resourceVersion=" + version());
    EXPECT_TRUE(events(*nodes).empty());
    lab->runFor(std::chrono::seconds(61));
    const auto seen = events(*nodes);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0]["type"], "BOOKMARK");
    EXPECT_EQ(seen[0]["object"]["kind"], "ConfigMap");
    EXPECT_EQ(seen[0]["object"]["metadata"]["resourceVersion"], version());
}

TEST_F(Watching, MarksTheEndOfTheInitialEvents)
{
    const auto nodes = watch("/api/v1/nodes?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan");
    const auto seen = events(*nodes);
    EXPECT_EQ(seen.back()["type"], "BOOKMARK");
    EXPECT_EQ(seen.back()["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
}

TEST_F(Watching, SendsTablesWithTheirColumnsOnce)
{
    const auto maps = watch("/api/v1/namespaces/shop/configmaps?watch=1&resourceVersion=" + version(), "application/json;as=Table;v=v1;g=meta.k8s.io");
    create("a");
    create("b");
    const auto seen = events(*maps);
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[0]["object"]["columnDefinitions"][0]["name"], "Name");
    EXPECT_TRUE(seen[1]["object"]["columnDefinitions"].is_null());
    EXPECT_EQ(seen[1]["object"]["rows"][0]["cells"][0], "b");
}

TEST_F(Watching, EndsWithExpiredWhenTheWorldWasRewound)
{
    const sim::Instant before = lab->now();
    lab->runFor(std::chrono::seconds(1));
    create("a");
    const auto maps = watch("/api/v1/configmaps?watch=1&resourceVersion=" + version());
    lab->rewind(before);
    const auto seen = events(*maps);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0]["type"], "ERROR");
    EXPECT_EQ(seen[0]["object"]["code"], 410);
    EXPECT_EQ(seen[0]["object"]["reason"], "Expired");
    EXPECT_TRUE(maps->ended());
}

TEST_F(Watching, RefusesBadQuestionsAtOnce)
{
    EXPECT_EQ(tests::answer(*lab, request("GET", "/api/v1/pods?watch=1&resourceVersion=new")).status, 400);
    EXPECT_EQ(tests::answer(*lab, request("GET", "/api/v1/pods?watch=1&labelSelector=%3D%3D")).status, 400);
    EXPECT_EQ(tests::answer(*lab, request("GET", "/api/v1/things?watch=1")).status, 404);
}

} // namespace
