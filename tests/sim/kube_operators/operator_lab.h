#pragma once

#include "sim/kube/operators/custom_kinds.h"
#include "tests/sim/kube/cluster_lab.h"

#include <fstream>

// A cluster of GPU nodes with the operators of content/operators, each a Deployment of one container of its name.
namespace sim::kube {

inline constexpr const char* kGpu = "nvidia.com/gpu";

class OperatorLab : public ClusterLab {
public:
    explicit OperatorLab(int gpuNodes = 3, std::uint64_t seed = 7, int gpusPerNode = 8, int nodesPerLeaf = 0) : ClusterLab(1, seed)
    {
        Context c = context();
        for (int i = 0; i < gpuNodes; ++i) {
            FakeNode node;
            node.name = "gpu-" + std::to_string(i);
            node.capacity = {{"cpu", {"64"}}, {"memory", {"512Gi"}}, {"ephemeral-storage", {"100Gi"}}, {"pods", {"110"}},
                             {kGpu, {std::to_string(gpusPerNode)}}};
            if (nodesPerLeaf > 0)
                node.labels["network.topology.nvidia.com/leaf"] = "leaf-" + std::to_string(i / nodesPerLeaf);
            cluster().joinFakeNode(c, node);
        }
        cluster().settle(c);
    }

    Response make(const std::string& resource, json object)
    {
        Request request;
        request.verb = Verb::Create;
        request.resource = resource;
        request.namespace_ = object["metadata"].value("namespace", "");
        request.body = std::move(object);
        return send(request);
    }
    void install(const std::string& file)
    {
        std::ifstream in(std::string(FAULTLINE_CONTENT) + "/operators/" + file + ".json");
        const json content = json::parse(in);
        for (const json& manifest : content.at("manifests")) {
            const Response response = make("customresourcedefinitions.apiextensions.k8s.io", manifest);
            ASSERT_TRUE(response.ok()) << response.body.dump();
        }
    }
    void start(const std::string& program, std::vector<std::string> args = {}, const std::string& space = "operators")
    {
        make("namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", space}}}});
        const json container{{"name", program}, {"image", "lab/" + program + ":v1"}, {"args", args}};
        const Response response = make("deployments.apps", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", program}, {"namespace", space}}},
                                  {"spec", {{"replicas", 1}, {"selector", {{"matchLabels", {{"app", program}}}}},
                                            {"template", {{"metadata", {{"labels", {{"app", program}}}}}, {"spec", {{"containers", {container}}}}}}}}});
        ASSERT_TRUE(response.ok()) << response.body.dump();
        run(2s);
    }
    void training(std::vector<std::string> args = {})
    {
        install("training-operator");
        start("training-operator", std::move(args));
    }
    void volcano()
    {
        install("volcano");
        start("volcano-scheduler");
    }
    void scale(const std::string& deployment, int replicas)
    {
        Request request;
        request.verb = Verb::Patch;
        request.patchType = PatchType::Merge;
        request.resource = "deployments.apps";
        request.namespace_ = "operators";
        request.name = deployment;
        request.body = {{"spec", {{"replicas", replicas}}}};
        ASSERT_TRUE(send(request).ok());
    }

    json object(const CustomKind& kind, const std::string& name, const std::string& space = kShop) const
    {
        const CustomObjectPtr found = findCustom(store(), kind, space, name);
        return found ? contentOf(*found) : json();
    }
    json condition(const CustomKind& kind, const std::string& name, const std::string& type, const std::string& space = kShop) const
    {
        const json whole = object(kind, name, space);
        if (whole.is_object() && whole.contains("status") && whole["status"].contains("conditions"))
            for (const json& one : whole["status"]["conditions"])
                if (one.at("type") == type)
                    return one;
        return json::object();
    }
    /// The last condition: what `kubectl get pytorchjob` calls its state.
    std::string state(const std::string& job) const
    {
        const json whole = object(kPyTorchJobs, job);
        return whole.is_object() && whole.contains("status") && !whole["status"].value("conditions", json::array()).empty()
            ? whole["status"]["conditions"].back().at("type").get<std::string>() : std::string();
    }
    int placed(const std::string& job) const
    {
        return static_cast<int>(std::count_if(store().all<Pod>().begin(), store().all<Pod>().end(), [&](const auto& entry) {
            const StringMap& labels = entry.second->metadata.labels;
            const auto owner = labels.find("training.kubeflow.org/job-name");
            return owner != labels.end() && owner->second == job && !entry.second->spec.nodeName.empty() && !isTerminal(*entry.second);
        }));
    }
    std::vector<std::string> row(const std::string& resource, const std::string& name, const std::string& space = kShop)
    {
        Request request;
        request.verb = Verb::Get;
        request.resource = resource;
        request.namespace_ = space;
        request.name = name;
        const auto table = ApiServer::table(store(), request, now());
        const Table* rows = std::get_if<Table>(&table);
        return rows != nullptr && rows->rows.size() == 1 ? rows->rows[0].cells : std::vector<std::string>();
    }
    /// A pod's container ends.
    void fail(const std::string& pod, int exitCode)
    {
        Request request;
        request.verb = Verb::Patch;
        request.patchType = PatchType::Merge;
        request.resource = "pods";
        request.subresource = "status";
        request.namespace_ = kShop;
        request.name = pod;
        const json ended{{"terminated", {{"exitCode", exitCode}, {"reason", "Error"}}}};
        request.body = {{"status", {{"phase", "Failed"},
                                    {"containerStatuses", {{{"name", "pytorch"}, {"image", "lab/train:v1"}, {"imageID", "x"}, {"ready", false},
                                                            {"restartCount", 0}, {"state", ended}}}}}}};
        const Response response = send(request);
        ASSERT_TRUE(response.ok()) << response.body.dump();
    }
};

inline json replica(int count, int gpus, const std::string& policy = "OnFailure", json annotations = json::object())
{
    const json container{{"name", "pytorch"}, {"image", "lab/train:v1"}, {"resources", {{"limits", {{kGpu, gpus}, {"cpu", "4"}}}}}};
    return {{"replicas", count}, {"restartPolicy", policy},
            {"template", {{"metadata", {{"annotations", std::move(annotations)}}}, {"spec", {{"containers", {container}}}}}}};
}

inline json pytorchJob(const std::string& name, json replicas, json runPolicy = json::object())
{
    return {{"apiVersion", "kubeflow.org/v1"}, {"kind", "PyTorchJob"}, {"metadata", {{"name", name}, {"namespace", kShop}}},
            {"spec", {{"pytorchReplicaSpecs", std::move(replicas)}, {"runPolicy", std::move(runPolicy)}}}};
}

/// A master and workers, each with these GPUs.
inline json gangJob(const std::string& name, int pods, int gpus, json runPolicy = json::object(), json annotations = json::object())
{
    json replicas{{"Master", replica(1, gpus, "OnFailure", annotations)}};
    if (pods > 1)
        replicas["Worker"] = replica(pods - 1, gpus, "OnFailure", annotations);
    return pytorchJob(name, std::move(replicas), std::move(runPolicy));
}

inline constexpr const char* kJobs = "pytorchjobs.kubeflow.org";

} // namespace sim::kube
