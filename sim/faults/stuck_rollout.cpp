#include "sim/faults/stuck_rollout.h"

#include "sim/faults/checkout_release.h"
#include "sim/faults/filler.h"
#include "sim/faults/requests.h"

// Every cause begins with the same release: two pods more at a time, none less (maxSurge 2, maxUnavailable 0).
namespace sim::faults {

namespace {

using nlohmann::json;

const Variants& stuckRolloutVariants()
{
    static const Variants kVariants{
        {"failing-readiness", {"wrong-path", "wrong-port"}},
        {"quota-exceeded", {"surge", "must-specify"}},
        {"admission-denied", {"service-account", "priority-class", "limit-range"}},
        {"paused", {"paused"}},
        {"no-room", {"anti-affinity", "host-port", "full-nodes"}},
        {"no-fault", {"slow-start", "batch-window"}},
    };
    return kVariants;
}

/// Merge patches of the container and of the pod in the release's template.
struct Template {
    json container{{"name", kCheckout}};
    json spec = json::object();
};

json readiness(const std::string& path, std::int64_t port, std::int64_t delaySeconds)
{
    return {{"httpGet", {{"path", path}, {"port", port}}}, {"periodSeconds", 5}, {"initialDelaySeconds", delaySeconds}};
}

void spoilReadiness(const Choice& choice, Template& pod)
{
    if (choice.is("wrong-path"))
        pod.container["readinessProbe"] = readiness("/health/ready", 8080, 1);
    else if (choice.is("wrong-port"))
        pod.container["readinessProbe"] = readiness("/healthz", 8081, 1);
    else // warms its caches
        pod.container["readinessProbe"] = readiness("/healthz", 8080, 240);
}

/// The pods that run fit; two more at a time do not.
void limitSurge(Context& context, const Choice& choice)
{
    const json hard = choice.is("surge") ? json{{"requests.cpu", "5200m"}, {"pods", "30"}} : json{{"limits.cpu", "40"}, {"pods", "30"}};
    create(context, {{"apiVersion", "v1"}, {"kind", "ResourceQuota"}, {"metadata", {{"name", "shop-compute"}, {"namespace", kShop}}},
                     {"spec", {{"hard", hard}}}});
}

void breakAdmission(Context& context, const Choice& choice, Template& pod)
{
    if (choice.is("service-account")) {
        pod.spec["serviceAccountName"] = "checkout-payments";
    } else if (choice.is("priority-class")) {
        pod.spec["priorityClassName"] = "shop-critical";
    } else {
        const json limit{{"type", "Container"}, {"max", {{"memory", "768Mi"}}}, {"default", {{"memory", "512Mi"}}}};
        create(context, {{"apiVersion", "v1"}, {"kind", "LimitRange"}, {"metadata", {{"name", "shop-limits"}, {"namespace", kShop}}},
                         {"spec", {{"limits", json::array({limit})}}}});
        pod.container["resources"]["requests"]["memory"] = "1Gi";
        pod.container["resources"]["limits"]["memory"] = "1Gi";
    }
}

void leaveNoRoom(const Choice& choice, Template& pod)
{
    if (choice.is("anti-affinity")) {
        const json apart{{"labelSelector", {{"matchLabels", {{"app", kCheckout}}}}}, {"topologyKey", "kubernetes.io/hostname"}};
        pod.spec["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = json::array({apart});
    } else if (choice.is("host-port")) {
        const json port{{"containerPort", 8080}, {"hostPort", 8080}, {"name", "http"}};
        pod.container["ports"] = json::array({port});
    } else {
        pod.container["resources"]["requests"]["cpu"] = "1";
    }
}

} // namespace

Result<json> prepareStuckRollout(Context& context, const json& parameters)
{
    const auto choice = choose(context, stuckRolloutVariants(), parameters);
    if (!choice)
        return choice.error();
    if (const auto found = checkoutRegistry(context); !found)
        return found.error();
    if (choice->is("full-nodes"))
        fillWithDeployment(context);
    else if (choice->is("batch-window"))
        fillWithJob(context, std::chrono::seconds(620));
    return json{{"cause", choice->cause}, {"variant", choice->variant}};
}

Result<json> injectStuckRollout(Context& context, const json& parameters)
{
    const auto choice = chooseAndPush(context, stuckRolloutVariants(), parameters);
    if (!choice)
        return choice.error();

    Template pod;
    if (choice->cause == "failing-readiness" || choice->is("slow-start"))
        spoilReadiness(*choice, pod);
    else if (choice->cause == "quota-exceeded")
        limitSurge(context, *choice);
    else if (choice->cause == "admission-denied")
        breakAdmission(context, *choice, pod);
    else if (choice->cause == "no-room" || choice->is("batch-window"))
        leaveNoRoom(*choice, pod);

    pod.spec["containers"].push_back(pod.container);
    json spec{{"strategy", {{"rollingUpdate", {{"maxSurge", 2}, {"maxUnavailable", 0}}}}}, {"template", {{"spec", pod.spec}}}};
    if (choice->cause == "paused")
        spec["paused"] = true;
    releaseCheckout(context, checkoutImage(kNewTag), std::move(spec));

    return toldOfRelease(*choice);
}

} // namespace sim::faults
