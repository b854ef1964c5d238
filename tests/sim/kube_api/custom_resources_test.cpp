#include "tests/sim/kube_api/api_lab.h"

// Texts: golden case 61.
using namespace sim::kube;
using nlohmann::json;

namespace {

struct WidgetLab : ApiLab {
    Response definition = create("customresourcedefinitions", R"(
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1, maximum: 10}
              color: {type: string, enum: [red, blue], default: red}
            x-kubernetes-validations:
            - {rule: "self.color != 'blue' || self.size > 2", message: "blue needs size > 2"}
          status: {type: object, properties: {size: {type: integer}}}
)");
    Response widget(const std::string& spec) { return create("widgets.example.com", "metadata: {name: b}\nspec: " + spec); }
};

} // namespace

TEST(CustomResources, Definition)
{
    WidgetLab lab;
    ASSERT_EQ(lab.definition.code, 201) << lab.definition.body.dump();
    EXPECT_EQ(lab.definition.body["status"]["conditions"][0]["type"], "NamesAccepted");
    EXPECT_EQ(lab.definition.body["status"]["conditions"][1]["reason"], "InitialNamesAccepted");
    EXPECT_TRUE(findResource(lab.store, "wd"));
    EXPECT_TRUE(findResource(lab.store, "widgets.v1.example.com"));
    EXPECT_FALSE(findResource(lab.store, "gadgets"));
}

TEST(CustomResources, Schema)
{
    WidgetLab lab;
    EXPECT_EQ(ApiLab::causes(lab.widget("{size: 11}")), "spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10");
    EXPECT_EQ(ApiLab::causes(lab.widget("{color: green}")),
              "spec.color: Unsupported value: \"green\": supported values: \"red\", \"blue\"\nspec.size: Required value\n"
              "<nil>: Invalid value: \"null\": some validation rules were not checked because the object was invalid; correct the existing errors "
              "to complete validation");
    EXPECT_EQ(ApiLab::causes(lab.widget("{size: 1, color: blue}")), "spec: Invalid value: \"object\": blue needs size > 2");
    EXPECT_EQ(ApiLab::message(lab.widget("{size: 1, extra: true}")),
              "Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: unknown field \"spec.extra\"");
}

TEST(CustomResources, Objects)
{
    WidgetLab lab;
    const Response made = lab.widget("{size: 3}");
    ASSERT_EQ(made.code, 201) << made.body.dump();
    EXPECT_EQ(made.body["spec"], json::parse(R"({"color": "red", "size": 3})"));
    EXPECT_EQ(made.body["apiVersion"], "example.com/v1");
    const auto table = ApiServer::table(lab.store, lab.request(Verb::List, "wd"), lab.engine.now());
    ASSERT_TRUE(std::holds_alternative<Table>(table));
    EXPECT_EQ(std::get<Table>(table).columns[1].name, "SIZE");
    EXPECT_EQ(std::get<Table>(table).rows.at(0).cells, (std::vector<std::string>{"b", "3", "0s"}));
    Request scale = lab.request(Verb::Patch, "widgets.example.com", "b");
    scale.subresource = "scale";
    scale.patchType = PatchType::Merge;
    scale.body = json::parse(R"({"spec": {"replicas": 5}})");
    ASSERT_EQ(lab.send(scale).code, 200);
    EXPECT_EQ(lab.get("widgets.example.com", "b")["spec"]["size"], 5);
    EXPECT_EQ(lab.patch("widgets.example.com", "b", PatchType::StrategicMerge, "{}").code, 415);
}

TEST(CustomResources, TheDefinitionTakesItsObjectsAlong)
{
    WidgetLab lab;
    ASSERT_EQ(lab.widget("{size: 3}").code, 201);
    ASSERT_EQ(lab.send(lab.request(Verb::Delete, "customresourcedefinitions", "widgets.example.com")).code, 200);
    EXPECT_TRUE(lab.store.all<CustomObject>().empty());
    EXPECT_EQ(lab.send(lab.request(Verb::List, "widgets.example.com")).code, 404);
}
