#include "core/endpoint/kube_protobuf.h"
#include "core/endpoint/openapi.h"
#include "core/endpoint/openapi_protobuf.h"
#include "sim/engine/random.h"

#include <gtest/gtest.h>

namespace {

using core::endpoint::decodeKubeProtobuf;
using nlohmann::json;

/// A field of length-delimited bytes; every length here is below 128.
std::string field(int number, const std::string& bytes)
{
    return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(bytes.size()) + bytes;
}

std::string whole(int number, int value) { return std::string(1, static_cast<char>(number << 3)) + static_cast<char>(value); }

std::string unknown(const std::string& apiVersion, const std::string& kind, const std::string& raw)
{
    return std::string("k8s\0", 4) + field(1, field(1, apiVersion) + field(2, kind)) + field(2, raw);
}

TEST(KubeProtobuf, ReadsNamesMapsNumbersAndLists)
{
    const std::string meta = field(1, "web") + field(3, "shop") + field(11, field(1, "app") + field(2, "web")) + field(8, "");
    const std::string container = field(1, "app") + field(2, "image:1");
    const std::string spec = whole(1, 0) + field(3, field(2, field(2, container)));
    const auto decoded = decodeKubeProtobuf(unknown("apps/v1", "Deployment", field(1, meta) + field(2, spec)));
    ASSERT_TRUE(decoded) << decoded.error().text();
    EXPECT_EQ((*decoded)["kind"], "Deployment");
    EXPECT_EQ((*decoded)["metadata"], (json{{"name", "web"}, {"namespace", "shop"}, {"labels", {{"app", "web"}}}}));
    EXPECT_EQ((*decoded)["spec"]["replicas"], 0) << "a pointer in Go: zero is a number";
    EXPECT_EQ((*decoded)["spec"]["template"]["spec"]["containers"][0], (json{{"name", "app"}, {"image", "image:1"}}));
}

TEST(KubeProtobuf, PutsEmbeddedStructsBesideTheOtherFields)
{
    const std::string path = field(1, "/") + field(2, field(4, field(1, "web"))) + field(3, "Prefix");
    const std::string rule = field(1, "a.b") + field(2, field(1, field(1, path)));
    const auto ingress = decodeKubeProtobuf(unknown("networking.k8s.io/v1", "Ingress", field(2, field(3, rule))));
    ASSERT_TRUE(ingress) << ingress.error().text();
    EXPECT_EQ((*ingress)["spec"]["rules"][0], json::parse(R"({"host": "a.b", "http": {"paths": [{"path": "/", "pathType": "Prefix",
        "backend": {"service": {"name": "web"}}}]}})"));

    const std::string key = field(1, field(1, "settings")) + field(2, "level");
    const std::string variable = field(1, "L") + field(3, field(3, key));
    const std::string probe = field(1, field(1, field(1, "ls"))) + whole(4, 3);
    const std::string pod = field(1, field(1, "v") + field(2, field(2, ""))) + field(2, field(1, "c") + field(7, variable) + field(10, probe));
    const auto decoded = decodeKubeProtobuf(unknown("v1", "Pod", field(2, pod)));
    ASSERT_TRUE(decoded) << decoded.error().text();
    const json& spec = (*decoded)["spec"];
    EXPECT_EQ(spec["volumes"][0], json::parse(R"({"name": "v", "emptyDir": {}})"));
    EXPECT_EQ(spec["containers"][0]["env"][0], json::parse(R"({"name": "L", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "level"}}})"));
    EXPECT_EQ(spec["containers"][0]["livenessProbe"], json::parse(R"({"exec": {"command": ["ls"]}, "periodSeconds": 3})"));
}

TEST(KubeProtobuf, KeepsBytesAsBase64)
{
    const auto decoded = decodeKubeProtobuf(unknown("v1", "Secret", field(2, field(1, "p") + field(2, "q"))));
    ASSERT_TRUE(decoded);
    EXPECT_EQ((*decoded)["data"]["p"], "cQ==");
}

TEST(KubeProtobuf, RefusesWhatItDoesNotKnow)
{
    EXPECT_FALSE(decodeKubeProtobuf("{}"));
    EXPECT_FALSE(decodeKubeProtobuf(unknown("v1", "Nosuch", "")));
    EXPECT_FALSE(decodeKubeProtobuf(unknown("v1", "Pod", "\x0a\x7f")));
}

TEST(KubeProtobuf, SurvivesDamage)
{
    const std::string sound = unknown("v1", "Pod", field(1, field(1, "a")) + field(2, field(2, field(1, "c") + field(2, "i"))));
    sim::RandomStream random(1, "protobuf");
    for (int i = 0; i < 20'000; ++i) {
        std::string damaged = sound.substr(0, 4 + random.below(sound.size() - 4));
        for (int k = 0; k < 3; ++k)
            damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
        (void)decodeKubeProtobuf(damaged);
    }
}

TEST(OpenApiProtobuf, HoldsAllDefinitions)
{
    const json document = core::endpoint::openApiV2({}, "v1.33.1");
    const std::string bytes = core::endpoint::openApiProtobuf(document);
    for (const auto& [name, schema] : document["definitions"].items())
        EXPECT_NE(bytes.find(name), std::string::npos);
}

} // namespace
