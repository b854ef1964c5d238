#include "sim/faults/filler.h"

#include "sim/faults/requests.h"
#include "sim/kube/scheduler/resources.h"

namespace sim::faults {

namespace {

using nlohmann::json;

constexpr const char* kBatch = "batch";
constexpr const char* kPriceIndex = "price-index";
constexpr const char* kGpu = "nvidia.com/gpu";

json waitingPod(const std::string& app, const json& requests, const json& limits = json::object())
{
    const json container{{"name", app}, {"image", "registry.k8s.io/pause:3.10"}, {"resources", {{"requests", requests}, {"limits", limits}}}};
    return {{"metadata", {{"labels", {{"app", app}}}}}, {"spec", {{"containers", json::array({container})}}}};
}

void tolerateGpuTaint(json& pod)
{
    pod["spec"]["tolerations"].push_back({{"key", kGpu}, {"operator", "Exists"}, {"effect", "NoSchedule"}});
}

/// A pod of another team's image that takes so many whole GPUs.
json gpuPod(const std::string& app, const std::string& image, std::int64_t gpus)
{
    const std::string devices = std::to_string(gpus);
    json pod = waitingPod(app, {{"cpu", "4"}, {"memory", "32Gi"}, {kGpu, devices}}, {{kGpu, devices}});
    pod["spec"]["containers"][0]["image"] = image;
    pod["spec"]["imagePullSecrets"] = {{{"name", "regcred"}}};
    tolerateGpuTaint(pod);
    return pod;
}

json deploymentOf(const std::string& namespace_, const std::string& app, std::int64_t replicas, const json& pod)
{
    return {{"apiVersion", "apps/v1"}, {"kind", "Deployment"},
            {"metadata", {{"name", app}, {"namespace", namespace_}, {"labels", {{"app", app}}}}},
            {"spec", {{"replicas", replicas}, {"selector", {{"matchLabels", {{"app", app}}}}}, {"template", pod}}}};
}

json jobOf(const std::string& namespace_, const std::string& app, std::int64_t pods, json pod, std::optional<Duration> deadline)
{
    pod["spec"]["restartPolicy"] = "Never";
    json job{{"apiVersion", "batch/v1"}, {"kind", "Job"},
             {"metadata", {{"name", app}, {"namespace", namespace_}, {"labels", {{"app", app}}}}},
             {"spec", {{"parallelism", pods}, {"completions", pods}, {"template", pod}}}};
    if (deadline)
        job["spec"]["activeDeadlineSeconds"] = std::chrono::duration_cast<std::chrono::seconds>(*deadline).count();
    return job;
}

/// How many whole cores the workers have left between them.
std::int64_t freeCores(const Context& context)
{
    std::int64_t cores = 0;
    for (const std::string& node : workers(context))
        cores += freeMilliCpu(context, node) / 1000;
    return cores;
}

void createBatchNamespace(Context& context)
{
    create(context, {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", kBatch}}}});
}

} // namespace

void fillWithDeployment(Context& context)
{
    createBatchNamespace(context);
    create(context, deploymentOf(kBatch, kPriceIndex, freeCores(context), waitingPod(kPriceIndex, {{"cpu", "1"}, {"memory", "256Mi"}})));
}

void fillWithJob(Context& context, Duration deadline)
{
    createBatchNamespace(context);
    create(context, jobOf(kBatch, kPriceIndex, freeCores(context), waitingPod(kPriceIndex, {{"cpu", "1"}, {"memory", "256Mi"}}), deadline));
}

void takeFreeGpus(Context& context)
{
    std::int64_t free = 0;
    for (const auto& [key, node] : context.cluster.store().all<kube::Node>())
        free += kube::Resources::ofList(node->status.allocatable).extendedOf(kGpu);
    for (const auto& [key, pod] : context.cluster.store().all<kube::Pod>())
        free -= kube::podRequests(pod->spec).extendedOf(kGpu);
    json pod = waitingPod("finetune", {{"cpu", "4"}, {"memory", "16Gi"}, {kGpu, "1"}}, {{kGpu, "1"}});
    tolerateGpuTaint(pod);
    create(context, deploymentOf("llm", "finetune", free, pod));
}

void runReindexJob(Context& context, const std::string& namespace_, Duration deadline)
{
    create(context, jobOf(namespace_, "reindex", 3, waitingPod("reindex", {{"cpu", "3"}, {"memory", "1Gi"}}), deadline));
}

void openNotebooks(Context& context, const std::string& namespace_)
{
    json pod = gpuPod("notebook", "registry.lab:5000/ml/notebook:2026.02", 2);
    pod["spec"]["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = {
        {{"labelSelector", {{"matchLabels", {{"app", "notebook"}}}}}, {"topologyKey", "kubernetes.io/hostname"}}};
    create(context, deploymentOf(namespace_, "notebook", 3, pod));
}

void runEvaluation(Context& context, const std::string& namespace_, const std::string& version, std::optional<Duration> deadline)
{
    json job = jobOf(namespace_, "eval-7b", 3, gpuPod("eval", "registry.lab:5000/ml/eval:" + version, 8), deadline);
    job["spec"]["backoffLimit"] = 0;
    create(context, job);
}

} // namespace sim::faults
