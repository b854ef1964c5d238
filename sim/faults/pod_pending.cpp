#include "sim/faults/pod_pending.h"

#include "sim/faults/checkout_release.h"
#include "sim/faults/filler.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

// Every cause begins with the same release, which asks for two cores a pod instead of half a one. What the scheduler
// says of it is shared by variants of different causes on purpose; see README.md.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr const char* kClaim = "checkout-receipts";
constexpr const char* kTemplateClaim = "receipts-template";
constexpr const char* kSharedClass = "lab-shared";
constexpr const char* kQuota = "shop-quota";

const Variants& podPendingVariants()
{
    static const Variants kVariants{
        {"insufficient-resources", {"cpu-typo", "memory-typo", "crowded", "gpus-taken"}},
        {"unbound-pvc", {"class-missing", "no-matching-volume", "provisioner-missing"}},
        {"selector-mismatch", {"label-missing", "affinity-typo"}},
        {"untolerated-taint", {"gpu-pool", "maintenance"}},
        {"quota-exceeded", {"cpu", "count", "must-specify"}},
        {"no-fault", {"batch-window", "quota-busy", "slow-clone"}},
    };
    return kVariants;
}

/// What the release changes beside the image.
struct ReleasedPod {
    json requests{{"cpu", "2"}};
    json limits = json::object();
    json spec = json::object(); ///< of the pod
    json mounts = json::array();
};

json claimOf(const std::string& name, const json& storageClass, const std::string& size)
{
    return {{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"metadata", {{"name", name}, {"namespace", kShop}}},
            {"spec", {{"accessModes", json::array({"ReadWriteMany"})}, {"storageClassName", storageClass},
                      {"resources", {{"requests", {{"storage", size}}}}}}}};
}

void createStorageClass(Context& context, const std::string& name, const std::string& provisioner)
{
    create(context, {{"apiVersion", "storage.k8s.io/v1"}, {"kind", "StorageClass"}, {"metadata", {{"name", name}}},
                     {"provisioner", provisioner}, {"reclaimPolicy", "Delete"}, {"volumeBindingMode", "Immediate"}});
}

void createQuota(Context& context, const json& hard)
{
    create(context, {{"apiVersion", "v1"}, {"kind", "ResourceQuota"}, {"metadata", {{"name", kQuota}, {"namespace", kShop}}},
                     {"spec", {{"hard", hard}}}});
}

void mountClaim(ReleasedPod& pod)
{
    pod.spec["volumes"].push_back({{"name", "receipts"}, {"persistentVolumeClaim", {{"claimName", kClaim}}}});
    pod.mounts.push_back({{"name", "receipts"}, {"mountPath", "/var/lib/receipts"}});
}

void askForStorage(Context& context, const Choice& choice, ReleasedPod& pod)
{
    mountClaim(pod);
    if (choice.is("class-missing")) {
        create(context, claimOf(kClaim, "lab-fast", "20Gi"));
    } else if (choice.is("no-matching-volume")) {
        create(context, {{"apiVersion", "v1"}, {"kind", "PersistentVolume"}, {"metadata", {{"name", "receipts-nfs"}}},
                         {"spec", {{"capacity", {{"storage", "10Gi"}}}, {"accessModes", json::array({"ReadWriteMany"})},
                                   {"persistentVolumeReclaimPolicy", "Retain"},
                                   {"nfs", {{"server", "10.0.0.2"}, {"path", "/export/receipts"}}}}}});
        create(context, claimOf(kClaim, "", "20Gi"));
    } else if (choice.is("provisioner-missing")) {
        createStorageClass(context, "lab-nfs", "nfs.csi.lab");
        create(context, claimOf(kClaim, "lab-nfs", "20Gi"));
    } else { // a full copy of another claim's volume: minutes
        json claim = claimOf(kClaim, kSharedClass, "75Gi");
        claim["spec"]["dataSource"] = {{"kind", "PersistentVolumeClaim"}, {"name", kTemplateClaim}};
        create(context, claim);
    }
}

void askForNodes(Context& context, const Choice& choice, ReleasedPod& pod)
{
    const std::vector<std::string> ordinary = workers(context);
    if (choice.is("affinity-typo")) {
        for (const std::string& node : ordinary)
            labelNode(context, node, "pool", "general");
        const json inPool{{"key", "pool"}, {"operator", "In"}, {"values", json::array({"genral"})}};
        const json term{{"matchExpressions", json::array({inPool})}};
        pod.spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] = json::array({term});
    } else if (choice.is("gpu-pool")) {
        pod.spec["nodeSelector"] = {{"nvidia.com/gpu.present", "true"}};
    } else {
        pod.spec["nodeSelector"] = {{"disktype", "ssd"}};
        for (std::size_t i = 0; choice.is("maintenance") && i < 2 && i < ordinary.size(); ++i) {
            labelNode(context, ordinary[i], "disktype", "ssd");
            const json taint{{"key", "lab.ops/maintenance"}, {"value", "kernel-update"}, {"effect", "NoSchedule"}};
            patch(context, "nodes", "", ordinary[i], {{"spec", {{"taints", json::array({taint})}}}});
        }
    }
}

/// With two of the old pods gone, nothing of the new ones fits under the quota.
void limitNamespace(Context& context, const Choice& choice)
{
    if (choice.is("count"))
        createQuota(context, {{"pods", "9"}});
    else if (choice.is("must-specify"))
        createQuota(context, {{"limits.cpu", "40"}, {"pods", "40"}});
    else if (choice.is("cpu"))
        createQuota(context, {{"requests.cpu", "5"}, {"requests.memory", "20Gi"}});
    else
        createQuota(context, {{"requests.cpu", "14"}, {"requests.memory", "40Gi"}});
}

void askForTooMuch(const Choice& choice, ReleasedPod& pod)
{
    if (choice.is("cpu-typo")) {
        pod.requests["cpu"] = "20";
    } else if (choice.is("memory-typo")) {
        pod.requests["memory"] = "48Gi";
        pod.limits["memory"] = "48Gi";
    } else if (choice.is("gpus-taken")) {
        pod.requests["nvidia.com/gpu"] = "1";
        pod.limits["nvidia.com/gpu"] = "1";
        pod.spec["tolerations"].push_back({{"key", "nvidia.com/gpu"}, {"operator", "Exists"}, {"effect", "NoSchedule"}});
    }
}

} // namespace

Result<json> preparePodPending(Context& context, const json& parameters)
{
    const auto choice = choose(context, podPendingVariants(), parameters);
    if (!choice)
        return choice.error();
    if (const auto found = checkoutRegistry(context); !found)
        return found.error();
    if (choice->is("crowded"))
        fillWithDeployment(context);
    else if (choice->is("batch-window"))
        fillWithJob(context, std::chrono::seconds(600));
    else if (choice->is("gpus-taken"))
        takeFreeGpus(context);
    else if (choice->is("quota-busy"))
        runReindexJob(context, kShop, std::chrono::seconds(360));
    else if (choice->is("slow-clone")) {
        createStorageClass(context, kSharedClass, "csi.lab");
        create(context, claimOf(kTemplateClaim, kSharedClass, "75Gi"));
    }
    return json{{"cause", choice->cause}, {"variant", choice->variant}};
}

Result<json> injectPodPending(Context& context, const json& parameters)
{
    const auto choice = chooseAndPush(context, podPendingVariants(), parameters);
    if (!choice)
        return choice.error();

    ReleasedPod pod;
    if (choice->cause == "insufficient-resources")
        askForTooMuch(*choice, pod);
    else if (choice->cause == "unbound-pvc" || choice->is("slow-clone"))
        askForStorage(context, *choice, pod);
    else if (choice->cause == "selector-mismatch" || choice->cause == "untolerated-taint")
        askForNodes(context, *choice, pod);
    else if (choice->cause == "quota-exceeded" || choice->is("quota-busy"))
        limitNamespace(context, *choice);

    json container{{"name", kCheckout}, {"resources", {{"requests", pod.requests}, {"limits", pod.limits}}}};
    if (!pod.mounts.empty())
        container["volumeMounts"] = pod.mounts;
    json podSpec = pod.spec;
    podSpec["containers"].push_back(container);
    releaseCheckout(context, checkoutImage(kNewTag), {{"template", {{"spec", podSpec}}}});

    json told = toldOfRelease(*choice);
    told.update({{"claim", kClaim}, {"quota", kQuota}});
    return told;
}

} // namespace sim::faults
