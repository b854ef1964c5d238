#include "sim/faults/catalogue.h"

#include "sim/faults/cluster_dns.h"
#include "sim/faults/crash_loop.h"
#include "sim/faults/etcd_slow.h"
#include "sim/faults/image_pull.h"
#include "sim/faults/node_not_ready.h"
#include "sim/faults/pod_pending.h"
#include "sim/faults/stuck_rollout.h"
#include "sim/faults/stuck_terminating.h"
#include "sim/faults/webhook_down.h"

#include <algorithm>

namespace sim::faults {

namespace {

const Fault* findFault(const std::string& id)
{
    const auto& all = catalogue();
    const auto it = std::find_if(all.begin(), all.end(), [&](const Fault& fault) { return fault.id == id; });
    return it == all.end() ? nullptr : &*it;
}

} // namespace

const std::vector<Fault>& catalogue()
{
    static const std::vector<Fault> kFaults{
        {"cluster-dns", {"coredns-down", "bad-resolv-conf", "netpol-blocks-dns", "corefile-error", "service-endpoints", "no-fault"},
         &injectClusterDns},
        {"crash-loop", {"bad-probe", "missing-config", "oom-killed", "bad-command", "no-fault"}, &injectCrashLoop},
        {"etcd-slow", {"slow-disk", "space-quota", "lost-quorum", "no-fault"}, &injectEtcdSlow, &prepareEtcdSlow, &proceedEtcdSlow, kEtcdSlowProceedsAfter},
        {"image-pull-backoff", {"wrong-tag", "bad-pull-secret", "node-egress", "registry-down", "no-fault"}, &injectImagePull,
         &prepareImagePull},
        {"node-not-ready", {"kubelet-stopped", "kubelet-cert-expired", "disk-pressure", "memory-pressure", "runtime-down", "no-fault"},
         &injectNodeNotReady, &prepareNodeNotReady},
        {"pod-pending", {"insufficient-resources", "unbound-pvc", "selector-mismatch", "untolerated-taint", "quota-exceeded", "no-fault"},
         &injectPodPending, &preparePodPending},
        {"stuck-rollout", {"failing-readiness", "quota-exceeded", "admission-denied", "paused", "no-room", "no-fault"},
         &injectStuckRollout, &prepareStuckRollout},
        {"stuck-terminating", {"orphaned-finalizer", "node-unreachable", "apiservice-unavailable", "long-grace", "no-fault"},
         &injectStuckTerminating, &prepareStuckTerminating},
        {"webhook-down", {"no-endpoints", "bad-certificate", "timeout", "wrong-port", "self-deadlock", "no-fault"}, &injectWebhookDown,
         &prepareWebhookDown},
    };
    return kFaults;
}

Result<nlohmann::json> inject(Context& context, const std::string& id, const nlohmann::json& parameters)
{
    const Fault* it = findFault(id);
    if (it == nullptr) {
        std::string known;
        for (const Fault& fault : catalogue())
            known += (known.empty() ? "" : ", ") + fault.id;
        return Error{"no such fault; known: " + known, id};
    }
    if (!isPreparation(parameters))
        return it->inject(context, parameters);
    return it->prepare == nullptr ? Result<nlohmann::json>(nlohmann::json()) : it->prepare(context, parameters);
}

std::optional<Duration> proceedsAfter(const std::string& id)
{
    const Fault* fault = findFault(id);
    return fault == nullptr || fault->proceed == nullptr ? std::nullopt : std::optional(fault->proceedAfter);
}

void proceed(Context& context, const std::string& id, const nlohmann::json& parameters)
{
    findFault(id)->proceed(context, parameters);
}

bool isPreparation(const nlohmann::json& parameters) { return parameters.value("stage", std::string{}) == "prepare"; }

} // namespace sim::faults
