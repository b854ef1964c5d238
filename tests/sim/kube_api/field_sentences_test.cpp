#include "tests/sim/kube_api/api_lab.h"

namespace sim::kube {
namespace {

/// Paths of fields that nothing is written about. Structs that hold themselves are looked at once.
void collectSilent(const std::vector<FieldInfo>& fields, const std::string& path, std::set<std::string>& seen, std::vector<std::string>& silent)
{
    for (const FieldInfo& field : fields) {
        const std::string here = path + "." + field.name;
        if (field.description.empty())
            silent.push_back(here);
        if (field.children != nullptr && seen.insert(field.type).second)
            collectSilent(field.children(), here, seen, silent);
    }
}

template <ApiObject... T>
std::vector<std::string> silentFieldsOf()
{
    std::set<std::string> seen;
    std::vector<std::string> silent;
    (collectSilent(fieldsOf(kindIdOf<T>), std::string(kindInfo(kindIdOf<T>).kind), seen, silent), ...);
    return silent;
}

TEST(FieldSentences, EveryFieldOfTheEverydayKindsHasOne)
{
    const std::vector<std::string> none;
    EXPECT_EQ((silentFieldsOf<Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob>()), none);
    EXPECT_EQ((silentFieldsOf<HorizontalPodAutoscaler, PodDisruptionBudget>()), none);
    EXPECT_EQ((silentFieldsOf<Service, Ingress, NetworkPolicy, EndpointSlice>()), none);
    EXPECT_EQ((silentFieldsOf<PersistentVolume, PersistentVolumeClaim, Node, ConfigMap, Secret>()), none);
}

TEST(FieldSentences, AConditionsStatusIsNotThatOfAnObject)
{
    const auto of = [](const std::vector<FieldInfo>& fields, const char* name) {
        return *std::find_if(fields.begin(), fields.end(), [&](const FieldInfo& one) { return one.name == name; });
    };
    const FieldInfo status = of(fieldsOf(kindIdOf<Deployment>), "status");
    EXPECT_EQ(status.description, "What is, as last reported. Written by controllers and kubelets.");
    EXPECT_EQ(of(of(status.children(), "conditions").children(), "status").description, "True, False or Unknown.");
}

} // namespace
} // namespace sim::kube
