#include "sim/kube/api/json.h"
#include "sim/kube/api/time_text.h"

#include <gtest/gtest.h>

#include <fstream>

using namespace sim;
using namespace sim::kube;
using nlohmann::json;

namespace {

json golden(const std::string& name)
{
    std::ifstream file(std::string(GOLDEN_DIR) + "/" + name);
    return json::parse(file);
}

/// fromJson then toJson, by the kind that the document names.
json roundTrip(const json& object, std::vector<std::string>& errors)
{
    const KindInfo* info = findKind(object.at("kind").get<std::string>());
    if (!info)
        return {};
    return boost::mp11::mp_with_index<kKindCount>(info->id, [&](auto index) {
        using T = boost::mp11::mp_at_c<AllKinds, index>;
        return toJson(fromJson<T>(object, errors));
    });
}

template <class T>
std::vector<std::string> errorsOf(const char* text)
{
    std::vector<std::string> errors;
    fromJson<T>(json::parse(text), errors);
    return errors;
}

} // namespace

TEST(Json, ObjectsOfARealClusterSurviveARoundTrip)
{
    const json objects = golden("objects.json");
    ASSERT_GT(objects.size(), 20u);
    for (const json& object : objects) {
        std::vector<std::string> errors;
        const json again = roundTrip(object, errors);
        const std::string name = object["kind"].get<std::string>() + " " + object["metadata"]["name"].get<std::string>();
        EXPECT_TRUE(errors.empty()) << name << ": " << errors.front();
        EXPECT_EQ(json::diff(object, again), json::array()) << name;
    }
}

TEST(Json, DecodingErrorsHaveTheServersWords)
{
    EXPECT_EQ(errorsOf<Deployment>(R"({"spec":{"replica":1}})").at(0), "unknown field \"spec.replica\"");
    EXPECT_EQ(errorsOf<Pod>(R"({"spec":{"containers":[{"imagee":"x"}]}})").at(0),
              "unknown field \"spec.containers[0].imagee\"");
    EXPECT_EQ(errorsOf<Deployment>(R"({"spec":{"replicas":"2"}})").at(0),
              "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32");
    EXPECT_EQ(errorsOf<Pod>(R"({"spec":{"containers":"x"}})").at(0),
              "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container");
    EXPECT_EQ(errorsOf<Pod>(R"({"spec":{"containers":[{"image":1}]}})").at(0),
              "json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string");
    EXPECT_EQ(errorsOf<ConfigMap>(R"({"data":{"a":1}})").at(0),
              "json: cannot unmarshal number into Go struct field ConfigMap.data of type string");
    EXPECT_EQ(errorsOf<Deployment>(R"({"spec":{"replicas":3000000000}})").at(0),
              "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32");
    EXPECT_EQ(errorsOf<Pod>(R"([])").at(0), "json: cannot unmarshal array into Go value of type v1.Pod");
    EXPECT_EQ(errorsOf<Pod>(R"({"spec":{"containers":[{"resources":{"limits":{"cpu":"lots"}}}]}})").at(0),
              "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
    EXPECT_EQ(errorsOf<Pod>(R"({"spec":{"containers":[{"volumeDevices":[]}]}})").at(0),
              "field \"spec.containers[0].volumeDevices\" is not modelled by this lab");
    EXPECT_TRUE(errorsOf<Pod>(R"({"apiVersion":"v1","kind":"Pod","metadata":{"managedFields":[{}]}})").empty());
}

TEST(Json, QuantitiesAreReadFromNumbersAndWrittenCanonically)
{
    std::vector<std::string> errors;
    const auto pod = fromJson<Pod>(
        json::parse(R"({"spec":{"containers":[{"resources":{"limits":{"cpu":0.5,"memory":"1024Mi","nvidia.com/gpu":2}}}]}})"),
        errors);
    EXPECT_TRUE(errors.empty());
    const json limits = toJson(pod)["spec"]["containers"][0]["resources"]["limits"];
    EXPECT_EQ(limits, (json{{"cpu", "500m"}, {"memory", "1Gi"}, {"nvidia.com/gpu", "2"}}));
}

TEST(Json, LeavesOutWhatGoLeavesOut)
{
    Deployment d;
    d.metadata.name = "web";
    d.spec.replicas = 0;
    const json out = toJson(d);
    EXPECT_EQ(out["spec"]["replicas"], 0);
    EXPECT_FALSE(out["spec"].contains("paused"));
    EXPECT_EQ(out["spec"]["template"]["metadata"], (json{{"creationTimestamp", nullptr}}));
    EXPECT_EQ(out["status"], json::object());
    EXPECT_EQ(out["apiVersion"], "apps/v1");
    Pod p;
    p.status.conditions.emplace_back().type.value = "Ready";
    EXPECT_EQ(toJson(p)["status"]["conditions"][0],
              json::parse(R"({"lastProbeTime":null,"lastTransitionTime":null,"status":"","type":"Ready"})"));
}

TEST(TimeText, ReadsWhatItWrites)
{
    const auto at = parseRfc3339("2026-11-24T01:02:54Z");
    ASSERT_TRUE(at);
    EXPECT_EQ(unixSeconds(*at), 1795482174);
    EXPECT_EQ(rfc3339(*at), "2026-11-24T01:02:54Z");
    EXPECT_EQ(rfc3339Micro(*parseRfc3339("2026-11-24T01:02:54.000123456Z")), "2026-11-24T01:02:54.000123Z");
    EXPECT_EQ(parseRfc3339("2026-11-24T03:02:54+02:00"), at);
    EXPECT_EQ(rfc3339(Instant{std::chrono::seconds(-1)}), "1969-12-31T23:59:59Z");
    for (const char* bad : {"", "2026-11-24", "2026-13-24T01:02:54Z", "2026-02-30T01:02:54Z", "2026-11-24T01:02:54",
                            "2026-11-24 01:02:54Z", "2026-11-24T01:02:54.Z", "9999-01-01T00:00:00Z"})
        EXPECT_FALSE(parseRfc3339(bad)) << bad;
}
