#include "tests/core/kubectl/kubectl_lab.h"

#include <gtest/gtest.h>

#include <string>

// Manifests and patches that are valid YAML and make no sense: each is answered, none does harm.
namespace {

class OddManifest : public testing::TestWithParam<const char*> { };

TEST_P(OddManifest, isRefused)
{
    test::KubectlLab lab;
    const std::uint64_t before = lab.world.cluster().store().all<sim::kube::ConfigMap>().size();
    for (const char* verb : {"apply -f -", "create -f -", "replace -f -", "diff -f -", "apply --server-side -f -",
                             "apply --dry-run=server -f -"}) {
        const std::string text = lab.run("printf '" + std::string(GetParam()) + "' | kubectl " + verb);
        EXPECT_NE(lab.status(), 0) << verb << ": " << text;
        EXPECT_NE(text, "") << verb;
    }
    EXPECT_EQ(lab.world.cluster().store().all<sim::kube::ConfigMap>().size(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Kubectl, OddManifest,
    testing::Values("text", "12", "[1, 2]", "{}", "apiVersion: v1\\nkind: [ConfigMap]\\n",
                    "apiVersion: v1\\nkind: ConfigMap\\nmetadata: text\\n",
                    "apiVersion: v1\\nkind: ConfigMap\\nmetadata: [a]\\n",
                    "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: 7}\\n",
                    "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: x, annotations: text}\\n",
                    "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: x}\\ndata: text\\n",
                    "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: x}\\ndata: {a: {b: c}}\\n",
                    "apiVersion: v1\\nkind: List\\nitems: [1, text]\\n",
                    "apiVersion: v1\\nkind: Pod\\nmetadata: {name: x}\\nspec: {containers: {name: c}}\\n",
                    "apiVersion: v1\\nkind: Secret\\nmetadata: {name: x}\\ndata: [a]\\n"));

class OddPatch : public testing::TestWithParam<const char*> { };

TEST_P(OddPatch, isAnswered)
{
    test::KubectlLab lab;
    for (const char* type : {"strategic", "merge", "json"}) {
        for (const char* dryRun : {"none", "client"}) {
            const std::string text = lab.run("kubectl patch deploy checkout -n shop --type=" + std::string(type)
                                             + " --dry-run=" + dryRun + " -p '" + GetParam() + "'");
            EXPECT_NE(text, "") << type << " " << dryRun;
        }
    }
    EXPECT_EQ(lab.run("kubectl get deploy checkout -n shop -o name"), "deployment.apps/checkout\n");
}

INSTANTIATE_TEST_SUITE_P(Kubectl, OddPatch,
                         testing::Values("null", "1", "[]", "[1]", "{}", "{\"spec\":1}", "{\"spec\":null}",
                                         "{\"metadata\":\"x\"}", "[{\"op\":\"remove\"}]",
                                         "[{\"op\":\"add\",\"path\":\"/metadata/labels/a~1b\",\"value\":\"c\"}]",
                                         "[{\"op\":\"replace\",\"path\":\"\",\"value\":3}]",
                                         "{\"spec\":{\"template\":{\"spec\":{\"containers\":\"x\"}}}}",
                                         "{\"spec\":{\"template\":{\"spec\":{\"containers\":[1]}}}}"));

TEST(OddCluster, aDeadApiServerIsToldByEveryVerb)
{
    test::KubectlLab lab;
    lab.run("kubectl create cm x --dry-run=client -o yaml > x.yaml");
    for (const char* line : {"kubectl apply -f x.yaml", "kubectl create -f x.yaml", "kubectl replace -f x.yaml",
                             "kubectl diff -f x.yaml", "kubectl edit deploy/cart -n shop",
                             "kubectl patch deploy cart -n shop -p '{}'", "kubectl create ns y",
                             "kubectl expose deploy cart -n shop --port=1", "kubectl run z --image=z"}) {
        const std::string text = lab.run(std::string(line) + " --server=https://10.0.0.99:6443");
        EXPECT_NE(lab.status(), 0) << line;
        EXPECT_NE(text.find("10.0.0.99:6443"), std::string::npos) << line << ": " << text;
    }
}

} // namespace
