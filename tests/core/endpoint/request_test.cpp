#include "core/endpoint/api_request.h"
#include "tests/core/endpoint/http.h"
#include "tests/support/lab.h"

#include <gtest/gtest.h>

namespace {

using namespace core::endpoint;
using sim::kube::PatchType;
using sim::kube::Verb;
using tests::request;

ApiRequest parsed(const HttpRequest& http)
{
    const auto path = parseResourcePath(http.path);
    EXPECT_TRUE(path) << http.path;
    auto result = parseApiRequest(http, *path);
    if (const auto* problem = std::get_if<HttpAnswer>(&result)) {
        ADD_FAILURE() << problem->body;
        return {};
    }
    return std::get<ApiRequest>(result);
}

int refusal(const HttpRequest& http)
{
    const auto result = parseApiRequest(http, *parseResourcePath(http.path));
    const auto* problem = std::get_if<HttpAnswer>(&result);
    return problem == nullptr ? 0 : problem->status;
}

TEST(Route, TellsNamespaceFromName)
{
    const auto list = parseResourcePath("/api/v1/namespaces/shop/pods");
    ASSERT_TRUE(list);
    EXPECT_EQ(list->namespace_, "shop");
    EXPECT_EQ(list->resource, "pods");
    EXPECT_EQ(list->name, "");
    const auto space = parseResourcePath("/api/v1/namespaces/shop");
    EXPECT_EQ(space->resource, "namespaces");
    EXPECT_EQ(space->name, "shop");
    const auto status = parseResourcePath("/api/v1/namespaces/shop/status");
    EXPECT_EQ(status->resource, "namespaces");
    EXPECT_EQ(status->subresource, "status");
    const auto scale = parseResourcePath("/apis/apps/v1/namespaces/shop/deployments/web/scale");
    EXPECT_EQ(scale->groupResource(), "deployments.apps");
    EXPECT_EQ(scale->subresource, "scale");
    EXPECT_TRUE(parseResourcePath("/api/v1/watch/pods")->watch);
    EXPECT_FALSE(parseResourcePath("/apis/apps/v1"));
    EXPECT_FALSE(parseResourcePath("/healthz"));
}

TEST(Target, IsDecoded)
{
    HttpRequest http;
    ASSERT_TRUE(parseTarget("/api/v1/pods?labelSelector=app%3Dweb%2Ctier+in+%28a%29&watch&command=ls&command=%2F", http));
    EXPECT_EQ(http.parameter("labelSelector"), "app=web,tier in (a)");
    EXPECT_TRUE(http.flag("watch"));
    EXPECT_FALSE(http.flag("follow"));
    EXPECT_EQ(http.parameters("command"), (std::vector<std::string>{"ls", "/"}));
    EXPECT_FALSE(parseTarget("/api/%zz", http));
    EXPECT_FALSE(parseTarget("*", http));
}

TEST(Request, VerbFollowsMethodAndPath)
{
    EXPECT_EQ(parsed(request("GET", "/api/v1/pods")).request.verb, Verb::List);
    EXPECT_EQ(parsed(request("GET", "/api/v1/namespaces/a/pods/b")).request.verb, Verb::Get);
    EXPECT_EQ(parsed(request("DELETE", "/api/v1/namespaces/a/pods")).request.verb, Verb::DeleteCollection);
    EXPECT_EQ(parsed(request("POST", "/api/v1/namespaces/a/pods", "{}")).request.verb, Verb::Create);
    EXPECT_TRUE(parsed(request("GET", "/api/v1/pods?watch=true")).watch);
    EXPECT_EQ(refusal(request("POST", "/api/v1/namespaces/a/pods/b", "{}")), 405);
    EXPECT_EQ(refusal(request("PUT", "/api/v1/namespaces/a/pods", "{}")), 405);
}

TEST(Request, CarriesItsParameters)
{
    const auto asked = parsed(request("PATCH", "/api/v1/namespaces/a/pods/b?dryRun=All&fieldManager=me&fieldValidation=Strict", "a: 1",
                                      "application/apply-patch+yaml"));
    EXPECT_EQ(asked.request.patchType, PatchType::Apply);
    EXPECT_EQ(asked.request.body, nlohmann::json({{"a", 1}}));
    EXPECT_TRUE(asked.request.dryRun);
    EXPECT_EQ(asked.request.fieldManager, "me");
    EXPECT_EQ(asked.request.fieldValidation, "Strict");
    EXPECT_EQ(asked.request.user, "kubernetes-admin");
    EXPECT_EQ(parsed(request("POST", "/api/v1/pods", "{}")).request.fieldValidation, "Warn") << "as the server does for old clients";
}

TEST(Request, ReadsDeleteOptionsWhereTheyAre)
{
    const auto body = parsed(request("DELETE", "/api/v1/namespaces/a/pods/b", R"({"gracePeriodSeconds":0,"propagationPolicy":"Foreground"})"));
    EXPECT_EQ(body.request.gracePeriodSeconds, 0);
    EXPECT_EQ(body.request.propagationPolicy, "Foreground");
    EXPECT_EQ(parsed(request("DELETE", "/api/v1/namespaces/a/pods/b?gracePeriodSeconds=7")).request.gracePeriodSeconds, 7);
    const auto eviction = parsed(request("POST", "/api/v1/namespaces/a/pods/b/eviction", R"({"deleteOptions":{"gracePeriodSeconds":3}})"));
    EXPECT_EQ(eviction.request.gracePeriodSeconds, 3);
    EXPECT_EQ(eviction.request.subresource, "eviction");
}

TEST(Request, RefusesWhatItCannotRead)
{
    EXPECT_EQ(refusal(request("GET", "/api/v1/pods", {}, {}, "text/html")), 406);
    EXPECT_EQ(refusal(request("POST", "/api/v1/pods", "x", "text/html")), 415);
    EXPECT_EQ(refusal(request("PATCH", "/api/v1/pods/a", "{}", "application/json")), 415);
    EXPECT_EQ(refusal(request("POST", "/api/v1/pods", "{")), 400);
    EXPECT_EQ(refusal(request("POST", "/api/v1/pods", "a: [", "application/yaml")), 400);
    EXPECT_EQ(refusal(request("DELETE", "/api/v1/pods/a", "[]")), 400);
    EXPECT_EQ(refusal(request("DELETE", "/api/v1/pods/a?gracePeriodSeconds=soon")), 400);
    EXPECT_EQ(refusal(request("DELETE", "/api/v1/pods/a?dryRun=some")), 400);
}

TEST(Accept, TakesTheFirstServed)
{
    const auto kubectl = negotiateObject("application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json");
    ASSERT_TRUE(kubectl);
    EXPECT_EQ(kubectl->shape, ObjectFormat::Shape::Table);
    EXPECT_EQ(kubectl->shapeVersion, "v1");
    EXPECT_EQ(negotiateObject("application/vnd.kubernetes.protobuf,application/json")->encoding, ObjectFormat::Encoding::Json);
    EXPECT_EQ(negotiateObject("application/yaml")->encoding, ObjectFormat::Encoding::Yaml);
    EXPECT_EQ(negotiateObject("application/json;q=0.1, application/yaml")->encoding, ObjectFormat::Encoding::Yaml);
    EXPECT_TRUE(negotiateObject(""));
    EXPECT_TRUE(negotiateObject("*/*"));
    EXPECT_FALSE(negotiateObject("application/vnd.kubernetes.protobuf"));
}

/// Copying a value takes stack for each of its levels: one such body once ended the whole lab.
TEST(Request, DeepAndSelfCopyingBodiesAreRefused)
{
    const auto lab = tests::lab();
    std::string deep;
    for (int i = 0; i < 200'000; ++i)
        deep += "{\"a\":";
    deep += "1" + std::string(200'000, '}');
    EXPECT_EQ(tests::answer(*lab, tests::request("POST", "/api/v1/namespaces/shop/configmaps", deep)).status, 400);
    EXPECT_EQ(tests::answer(*lab, tests::request("PATCH", "/api/v1/nodes/worker-1", deep, "application/merge-patch+json")).status, 400);
    std::string copies = "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{}}";
    for (int i = 0; i < 60; ++i) // each doubles the object
        copies += ",{\"op\":\"copy\",\"from\":\"\",\"path\":\"/metadata/annotations/a" + std::to_string(i) + "\"}";
    EXPECT_EQ(tests::answer(*lab, tests::request("PATCH", "/api/v1/nodes/worker-1", copies + "]", "application/json-patch+json")).status, 422);
}

} // namespace
