#include "tests/sim/kube_api/api_lab.h"

using namespace sim::kube;
using nlohmann::json;

namespace {

std::string config(int i) { return "metadata: {name: c" + std::to_string(i) + ", labels: {odd: \"" + std::to_string(i % 2) + "\"}}"; }

std::vector<std::string> names(const json& list)
{
    std::vector<std::string> out;
    for (const json& item : list["items"])
        out.push_back(item["metadata"]["name"]);
    return out;
}

} // namespace

TEST(Paging, PagesAreOfOneVersion)
{
    ApiLab lab;
    for (int i = 0; i < 5; ++i)
        ASSERT_EQ(lab.create("configmaps", config(i)).code, 201);
    Request request = lab.request(Verb::List, "configmaps");
    request.limit = 2;
    const json first = lab.send(request).body;
    EXPECT_EQ(names(first), (std::vector<std::string>{"c0", "c1"}));
    EXPECT_EQ(first["metadata"]["remainingItemCount"], 3);
    // What happens in between does not show.
    lab.send(lab.request(Verb::Delete, "configmaps", "c3"));
    lab.create("configmaps", "metadata: {name: c2a}");
    request.continue_ = first["metadata"]["continue"];
    const json second = lab.send(request).body;
    EXPECT_EQ(names(second), (std::vector<std::string>{"c2", "c3"}));
    request.continue_ = second["metadata"]["continue"];
    const json third = lab.send(request).body;
    EXPECT_EQ(names(third), (std::vector<std::string>{"c4"}));
    EXPECT_FALSE(third["metadata"].contains("continue"));
}

TEST(Paging, TheTokenIsTheServers)
{
    ApiLab lab;
    lab.create("configmaps", "metadata: {name: p}");
    lab.create("configmaps", "metadata: {name: q}");
    Request request = lab.request(Verb::List, "configmaps");
    request.limit = 1;
    const std::string token = lab.send(request).body["metadata"]["continue"];
    EXPECT_TRUE(token.starts_with("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6")); // {"v":"meta.k8s.io/v1","rv":
    request.continue_ = "nonsense";
    EXPECT_EQ(lab.send(request).code, 400);
}

TEST(Paging, Selectors)
{
    ApiLab lab;
    for (int i = 0; i < 4; ++i)
        lab.create("configmaps", config(i));
    Request request = lab.request(Verb::List, "configmaps");
    request.labelSelector = "odd=1";
    EXPECT_EQ(names(lab.send(request).body), (std::vector<std::string>{"c1", "c3"}));
    request.labelSelector.clear();
    request.fieldSelector = "metadata.name=c2";
    EXPECT_EQ(names(lab.send(request).body), (std::vector<std::string>{"c2"}));
    Request pods = lab.request(Verb::List, "pods");
    pods.fieldSelector = "spec.foo=x";
    EXPECT_EQ(ApiLab::message(lab.send(pods)), "field label not supported: spec.foo");
    pods.fieldSelector.clear();
    pods.labelSelector = "a b c";
    EXPECT_EQ(ApiLab::message(lab.send(pods)), "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
}

TEST(Selection, ServicesByTypeAndAddress)
{
    ApiLab lab;
    ASSERT_EQ(lab.create("services", "metadata: {name: inside}\nspec: {ports: [{port: 80}]}").code, 201);
    ASSERT_EQ(lab.create("services", "metadata: {name: outside}\nspec: {type: NodePort, ports: [{port: 80}]}").code, 201);
    Request request = lab.request(Verb::List, "services");
    request.fieldSelector = "spec.type=NodePort";
    EXPECT_EQ(names(lab.send(request).body), (std::vector<std::string>{"outside"}));
    request.fieldSelector = "spec.externalName=x";
    EXPECT_NE(ApiLab::message(lab.send(request)).find("field label not supported: spec.externalName"), std::string::npos);
}
