#include "sim/kube/api/go_diff.h"

#include <gtest/gtest.h>

#include <string>

// Layouts as a real API server prints them; golden case 54 holds two whole ones.

namespace sim::kube {
namespace {

Pod webPod()
{
    Pod pod;
    Container& container = pod.spec.containers.emplace_back();
    container.name = "c";
    container.image = "nginx:1.27";
    container.resources.requests["cpu"] = {"10m"};
    pod.spec.restartPolicy = "Always";
    return pod;
}

/// With plain spaces in the margin.
std::string difference(const Pod& before, const Pod& after)
{
    std::string text = goDiff(goPodSpec(before), goPodSpec(after));
    for (std::size_t at = text.find("\u00a0"); at != std::string::npos; at = text.find("\u00a0", at))
        text.replace(at, 2, " ");
    return text;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(GoDiff, EqualValuesDifferByNothing)
{
    EXPECT_EQ(difference(webPod(), webPod()), "");
}

TEST(GoDiff, ShowsTwoFieldsAroundAndCountsTheRest)
{
    Pod after = webPod();
    after.spec.nodeName = "zzz";
    EXPECT_EQ(difference(webPod(), after),
              "  core.PodSpec{\n"
              "  \t... // 9 identical fields\n"
              "  \tServiceAccountName:           \"\",\n"
              "  \tAutomountServiceAccountToken: nil,\n"
              "- \tNodeName:                     \"\",\n"
              "+ \tNodeName:                     \"zzz\",\n"
              "  \tSecurityContext:              &{},\n"
              "  \tImagePullSecrets:             nil,\n"
              "  \t... // 20 identical fields\n"
              "  }\n");
}

TEST(GoDiff, QuantitiesAreStructsWithTheirText)
{
    Pod after = webPod();
    after.spec.containers[0].resources.requests["memory"] = {"1Gi"};
    const std::string text = difference(webPod(), after);
    EXPECT_TRUE(holds(text, "  \t\t\t\t\ts\"cpu\":    {i: {...}, s: \"10m\", Format: \"DecimalSI\"},\n"
                            "+ \t\t\t\t\ts\"memory\": {i: resource.int64Amount{value: 1073741824}, s: \"1Gi\", Format: \"BinarySI\"},\n")) << text;
}

TEST(GoDiff, AnAddedElementStandsAlone)
{
    Pod before = webPod();
    Toleration& toleration = before.spec.tolerations.emplace_back();
    toleration.key = "a";
    toleration.operator_ = "Exists";
    Pod after = before;
    after.spec.tolerations.push_back(toleration);
    after.spec.tolerations.back().key = "b";
    const std::string text = difference(before, after);
    EXPECT_TRUE(holds(text, "  \tTolerations: []core.Toleration{\n"
                            "  \t\t{Key: \"a\", Operator: \"Exists\"},\n"
                            "+ \t\t{Key: \"b\", Operator: \"Exists\"},\n"
                            "  \t},\n")) << text;
}

TEST(GoDiff, LongTextsAreToldApartPieceByPiece)
{
    Pod before = webPod();
    before.spec.containers[0].workingDir = "/srv/applications/checkout/releases/17";
    Pod after = before;
    after.spec.containers[0].workingDir = "/srv/applications/checkout/releases/18";
    const std::string text = difference(before, after);
    EXPECT_TRUE(holds(text, "WorkingDir: strings.Join({\n")) << text;
    EXPECT_TRUE(holds(text, "\"/srv/applications/checkout/releases/1\",\n")) << text;
    EXPECT_TRUE(holds(text, "- \t\t\t\t\"7\",\n+ \t\t\t\t\"8\",\n")) << text;
    EXPECT_TRUE(holds(text, "}, \"\"),\n")) << text;
}

} // namespace
} // namespace sim::kube
