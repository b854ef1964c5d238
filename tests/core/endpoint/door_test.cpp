#include "core/endpoint/openapi.h"
#include "tests/core/endpoint/http.h"
#include "tests/support/lab.h"

#include <gtest/gtest.h>

namespace {

using namespace core::endpoint;
using nlohmann::json;
using tests::answer;
using tests::jsonOf;
using tests::request;

class Door : public testing::Test {
protected:
    static void SetUpTestSuite() { s_lab = tests::lab().release(); }
    static void TearDownTestSuite() { delete std::exchange(s_lab, nullptr); }
    core::session::Session& lab() { return *s_lab; }
    HttpAnswer get(const std::string& target, const std::string& accept = {}) { return answer(lab(), request("GET", target, {}, {}, accept)); }

    static core::session::Session* s_lab;
};
core::session::Session* Door::s_lab = nullptr;

TEST_F(Door, ListsWithTheServersVersion)
{
    const json pods = jsonOf(get("/api/v1/namespaces/shop/pods"));
    EXPECT_EQ(pods["kind"], "PodList");
    EXPECT_FALSE(pods["items"].empty());
    EXPECT_EQ(pods["metadata"]["resourceVersion"], std::to_string(lab().world().cluster().store().resourceVersion()));
}

TEST_F(Door, PrintsTables)
{
    const std::string accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const json table = jsonOf(get("/api/v1/namespaces/shop/pods", accept));
    EXPECT_EQ(table["kind"], "Table");
    EXPECT_EQ(table["apiVersion"], "meta.k8s.io/v1");
    EXPECT_EQ(table["columnDefinitions"][0]["name"], "Name");
    EXPECT_EQ(table["columnDefinitions"][5]["name"], "IP");
    EXPECT_EQ(table["columnDefinitions"][5]["priority"], 1);
    const json& row = table["rows"][0];
    EXPECT_EQ(row["cells"][0], row["object"]["metadata"]["name"]);
    EXPECT_EQ(row["object"]["kind"], "PartialObjectMetadata");
    EXPECT_TRUE(jsonOf(get("/api/v1/pods?includeObject=None", accept))["rows"][0]["object"].is_null());
    EXPECT_EQ(jsonOf(get("/api/v1/pods?includeObject=Object", accept))["rows"][0]["object"]["kind"], "Pod");
}

TEST_F(Door, CutsObjectsDownToMetadata)
{
    const json list = jsonOf(get("/api/v1/nodes", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"));
    EXPECT_EQ(list["kind"], "PartialObjectMetadataList");
    EXPECT_FALSE(list["items"][0].contains("spec"));
    const json one = jsonOf(get("/api/v1/nodes/worker-1", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"));
    EXPECT_EQ(one["kind"], "PartialObjectMetadata");
    EXPECT_EQ(one["metadata"]["name"], "worker-1");
}

TEST_F(Door, AnswersInYaml)
{
    const HttpAnswer yaml = get("/api/v1/namespaces/default", "application/yaml");
    EXPECT_EQ(yaml.contentType, "application/yaml");
    EXPECT_EQ(yaml.body.rfind("apiVersion: v1\nkind: Namespace\n", 0), 0u) << yaml.body;
}

TEST_F(Door, KnowsWhatThereIsNot)
{
    EXPECT_EQ(get("/apis/nosuch/v1/things").body, "404 page not found\n");
    EXPECT_EQ(get("/api/v1/things").body, "404 page not found\n");
    EXPECT_EQ(get("/apis/apps/v2/deployments").body, "404 page not found\n");
    EXPECT_EQ(get("/api/v1/pod").body, "404 page not found\n") << "the path takes the plural only";
    EXPECT_EQ(get("/nosuch").status, 404);
    const auto proxied = get("/api/v1/nodes/worker-1/proxy/stats/summary");
    EXPECT_EQ(proxied.status, 404) << proxied.body;
    EXPECT_NE(proxied.body.find("the server could not find the requested resource"), std::string::npos);
    const json status = jsonOf(get("/api/v1/namespaces/shop/pods/nosuch"));
    EXPECT_EQ(status["message"], "pods \"nosuch\" not found");
    EXPECT_EQ(status["reason"], "NotFound");
}

TEST_F(Door, ReadsNoVersionThatIsToCome)
{
    const json status = jsonOf(get("/api/v1/pods?resourceVersion=99999999"));
    EXPECT_EQ(status["code"], 504);
    EXPECT_EQ(status["message"].get<std::string>().rfind("Timeout: Too large resource version: 99999999, current: ", 0), 0u) << status["message"];
    EXPECT_EQ(status["details"]["causes"][0]["reason"], "ResourceVersionTooLarge");
    EXPECT_EQ(get("/api/v1/pods?resourceVersion=now").status, 400);
    EXPECT_EQ(get("/api/v1/pods?resourceVersion=0").status, 200);
}

TEST_F(Door, EvictionsAreOnlyCreated)
{
    EXPECT_EQ(get("/api/v1/namespaces/shop/pods/any/eviction").status, 405);
}

TEST_F(Door, NobodyGetsOnlyHealthAndVersion)
{
    for (const char* path : {"/healthz", "/livez/ping", "/readyz", "/version"}) {
        HttpRequest asked = request("GET", path);
        asked.identity = {};
        EXPECT_EQ(answer(lab(), asked).status, 200) << path;
    }
    for (const char* path : {"/", "/api", "/apis", "/openapi/v3", "/api/v1/pods"}) {
        HttpRequest asked = request("GET", path);
        asked.identity = {};
        EXPECT_EQ(answer(lab(), asked).status, 401) << path;
    }
}

TEST_F(Door, ChangesTheWorldByCommands)
{
    const auto inputs = lab().saveReplay().inputs.size();
    EXPECT_EQ(answer(lab(), request("POST", "/api/v1/namespaces", R"({"metadata":{"name":"made"}})")).status, 201);
    EXPECT_EQ(answer(lab(), request("POST", "/api/v1/namespaces", R"({"metadata":{"name":"made"}})")).status, 409);
    EXPECT_EQ(lab().saveReplay().inputs.size(), inputs + 2) << "a replay asks the same again";
    EXPECT_EQ(answer(lab(), request("DELETE", "/api/v1/namespaces/made")).status, 200);
    const HttpAnswer warned = answer(lab(), request("POST", "/api/v1/namespaces", R"({"metadata":{"name":"b"},"nosuch":1})"));
    ASSERT_FALSE(warned.headers.empty());
    EXPECT_EQ(warned.headers[0].first, "Warning");
    EXPECT_EQ(warned.headers[0].second, "299 - \"unknown field \\\"nosuch\\\"\"");
}

TEST_F(Door, DiscoversBothWays)
{
    EXPECT_EQ(jsonOf(get("/api"))["versions"], json({"v1"}));
    const json groups = jsonOf(get("/apis"));
    EXPECT_EQ(groups["kind"], "APIGroupList");
    const json core = jsonOf(get("/api/v1"));
    EXPECT_EQ(core["groupVersion"], "v1");
    const auto named = [&](const std::string& name) {
        return std::count_if(core["resources"].begin(), core["resources"].end(), [&](const json& one) { return one["name"] == name; });
    };
    EXPECT_EQ(named("pods"), 1);
    EXPECT_EQ(named("pods/log"), 1);
    const HttpAnswer aggregated = get("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");
    EXPECT_EQ(aggregated.contentType, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    EXPECT_EQ(jsonOf(aggregated)["items"].size(), groups["groups"].size());
    EXPECT_EQ(get("/apis/nosuch/v1").status, 404);
    EXPECT_EQ(jsonOf(get("/apis/apps"))["preferredVersion"]["version"], "v1");
}

TEST_F(Door, OpenApiRefersToNothingMissing)
{
    const json index = jsonOf(get("/openapi/v3"));
    for (const auto& [path, link] : index["paths"].items()) {
        const json document = jsonOf(get(link["serverRelativeURL"]));
        const json& schemas = document["components"]["schemas"];
        const std::string text = document.dump();
        constexpr std::string_view kStart = "#/components/schemas/";
        for (std::size_t at = text.find(kStart); at != std::string::npos; at = text.find(kStart, at + 1)) {
            const std::size_t name = at + kStart.size();
            EXPECT_TRUE(schemas.contains(text.substr(name, text.find('"', name) - name))) << path;
        }
    }
    EXPECT_EQ(get("/openapi/v3/apis/nosuch/v1").status, 404);
    const json& containers = openApiDefinitions()["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"];
    EXPECT_EQ(containers["x-kubernetes-patch-merge-key"], "name");
}

TEST_F(Door, ShowsLogs)
{
    const json pods = jsonOf(get("/api/v1/namespaces/shop/pods?labelSelector=app%3Dcheckout"));
    const std::string path = "/api/v1/namespaces/shop/pods/" + pods["items"][0]["metadata"]["name"].get<std::string>() + "/log";
    const HttpAnswer log = get(path);
    EXPECT_EQ(log.contentType, "text/plain");
    EXPECT_GT(std::count(log.body.begin(), log.body.end(), '\n'), 2);
    EXPECT_EQ(get(path + "?tailLines=1").body, log.body.substr(log.body.rfind('\n', log.body.size() - 2) + 1));
    EXPECT_EQ(get(path + "?limitBytes=5").body.size(), 5u);
    EXPECT_EQ(jsonOf(get(path + "?container=x"))["message"].get<std::string>().rfind("container x is not valid for pod ", 0), 0u);
    EXPECT_EQ(get(path + "?tailLines=-1").status, 400);
    EXPECT_EQ(get(path + "?follow=true").status, 0) << "a stream";
}

} // namespace
