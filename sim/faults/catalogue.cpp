#include "sim/faults/catalogue.h"

#include "sim/faults/boot_failure.h"
#include "sim/faults/ceph_slow.h"
#include "sim/faults/checkpoint_stall.h"
#include "sim/faults/cluster_dns.h"
#include "sim/faults/container_exits.h"
#include "sim/faults/container_memory.h"
#include "sim/faults/container_network.h"
#include "sim/faults/crash_loop.h"
#include "sim/faults/disk_full.h"
#include "sim/faults/ecc_degraded.h"
#include "sim/faults/engine_dead.h"
#include "sim/faults/etcd_slow.h"
#include "sim/faults/gang_deadlock.h"
#include "sim/faults/go_cpu.h"
#include "sim/faults/gpu_lost.h"
#include "sim/faults/gpu_thermal.h"
#include "sim/faults/high_load.h"
#include "sim/faults/image_pull.h"
#include "sim/faults/inference_latency.h"
#include "sim/faults/inference_oom.h"
#include "sim/faults/inference_throughput.h"
#include "sim/faults/kv_fragmentation.h"
#include "sim/faults/kv_hit_rate.h"
#include "sim/faults/loss_nan.h"
#include "sim/faults/memory_leak.h"
#include "sim/faults/mtu_blackhole.h"
#include "sim/faults/network_timeout.h"
#include "sim/faults/node_not_ready.h"
#include "sim/faults/noisy_tenant.h"
#include "sim/faults/oom_killer.h"
#include "sim/faults/pod_pending.h"
#include "sim/faults/preemption_storm.h"
#include "sim/faults/python_memory.h"
#include "sim/faults/roce_pfc_storm.h"
#include "sim/faults/script_permission.h"
#include "sim/faults/slow_rank.h"
#include "sim/faults/stuck_rollout.h"
#include "sim/faults/stuck_terminating.h"
#include "sim/faults/tp_hang.h"
#include "sim/faults/training_hang.h"
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
        {"boot-failure", {"bad-fstab", "bad-grub-entry", "failed-unit", "no-fault"}, &injectBootFailure, nullptr, &proceedBootFailure, kBootFailureProceedsAfter},
        {"ceph-slow", {"slow-disk", "slow-link", "osds-down", "lost-quorum", "no-fault"}, &injectCephSlow, nullptr, &proceedCephSlow, kCephSlowProceedsAfter},
        {"checkpoint-stall", {"slow-osd", "cluster-full", "too-frequent", "single-writer", "mds-down", "client-link", "paused", "no-fault"}, &injectCheckpointStall, nullptr,
         &proceedCheckpointStall, kCheckpointStallProceedsAfter},
        {"cluster-dns", {"coredns-down", "bad-resolv-conf", "netpol-blocks-dns", "corefile-error", "service-endpoints", "no-fault"},
         &injectClusterDns},
        {"container-exits", {"app-error", "bad-entrypoint", "port-conflict", "memory-limit", "no-fault"}, &injectContainerExits, nullptr,
         &proceedContainerExits, kContainerExitsProceedsAfter},
        {"container-memory", {"leaking-container", "jvm-ignores-cgroup", "unused-objects", "no-fault"}, &injectContainerMemory, &prepareContainerMemory},
        {"container-network", {"different-networks", "stale-address", "host-firewall", "cni-down", "no-fault"}, &injectContainerNetwork},
        {"crash-loop", {"bad-probe", "missing-config", "oom-killed", "bad-command", "no-fault"}, &injectCrashLoop},
        {"disk-full", {"deleted-open-file", "inodes-exhausted", "journal-growth", "no-fault"}, &injectDiskFull, nullptr, &proceedDiskFull, kDiskFullProceedsAfter},
        {"ecc-degraded", {"weak-bank", "cache-upset", "failing-cache", "bad-kernel", "no-fault"}, &injectEccDegraded},
        {"engine-dead-api-alive", {"gpu-lost", "uncorrectable-memory", "killed-worker", "no-fault"}, &injectEngineDead, nullptr, &proceedEngineDead, kEngineDeadProceedsAfter},
        {"etcd-slow", {"slow-disk", "space-quota", "lost-quorum", "no-fault"}, &injectEtcdSlow, &prepareEtcdSlow, &proceedEtcdSlow, kEtcdSlowProceedsAfter},
        {"gang-deadlock", {"half-gangs", "fragmented", "idle-holders", "quota", "no-fault"}, &injectGangDeadlock, &prepareGangDeadlock},
        {"go-cpu", {"busy-loop", "lock-contention", "gc-pressure", "goroutine-leak", "no-fault"}, &injectGoCpu},
        {"gpu-lost", {"loose-card", "power-supply", "driver-mismatch", "xid-79", "dead-board", "no-fault"}, &injectGpuLost},
        {"gpu-thermal", {"fan-dust", "room-cooling", "power-limit", "sustained-load", "thermal-paste", "no-fault"}, &injectGpuThermal, nullptr, &proceedGpuThermal, kGpuThermalProceedsAfter},
        {"high-load", {"user-cpu", "system-cpu", "iowait", "runaway-threads", "no-fault"}, &injectHighLoad, nullptr, &proceedHighLoad, kHighLoadProceedsAfter},
        {"image-pull-backoff", {"wrong-tag", "bad-pull-secret", "node-egress", "registry-down", "no-fault"}, &injectImagePull,
         &prepareImagePull},
        {"inference-latency", {"static-batching", "kv-preemption", "long-prompts", "slow-gpu", "attention-backend", "no-fault"}, &injectInferenceLatency,
         nullptr, &proceedInferenceLatency, kInferenceLatencyProceedsAfter},
        {"inference-oom", {"weights-too-big", "batch-too-big", "kv-too-big", "needs-parallelism", "memory-fraction", "no-fault"}, &injectInferenceOom, nullptr,
         &proceedInferenceOom, kInferenceOomProceedsAfter},
        {"inference-throughput", {"no-continuous-batching", "cache-bound", "too-few-replicas", "uneven-balancing", "queue-blocking", "no-fault"},
         &injectInferenceThroughput, nullptr, &proceedInferenceThroughput, kInferenceThroughputProceedsAfter},
        {"kv-fragmentation", {"contiguous-allocator", "stale-sequences", "block-size", "fp16-cache", "undersized-gpu", "no-fault"}, &injectKvFragmentation,
         nullptr, &proceedKvFragmentation, kKvFragmentationProceedsAfter},
        {"kv-hit-rate", {"scattered-routing", "eviction-policy", "cache-too-small", "prefix-caching-off", "unstable-prefix", "no-fault"}, &injectKvHitRate,
         nullptr, &proceedKvHitRate, kKvHitRateProceedsAfter},
        {"loss-nan", {"bad-data", "learning-rate", "no-clipping", "bad-checkpoint", "fp16-overflow", "no-fault"}, &injectLossNan},
        {"memory-leak", {"process-leak", "jvm-heap", "kernel-slab", "page-cache"}, &injectMemoryLeak},
        {"mtu-blackhole", {"icmp-filtered", "line-mtu", "jumbo-mismatch", "no-fault"}, &injectMtuBlackhole, nullptr, &proceedMtuBlackhole, kMtuBlackholeProceedsAfter},
        {"network-timeout", {"host-unreachable", "port-closed", "firewall-drop", "route-missing", "dns-broken", "no-fault"}, &injectNetworkTimeout, nullptr,
         &proceedNetworkTimeout, kNetworkTimeoutProceedsAfter},
        {"node-not-ready", {"kubelet-stopped", "kubelet-cert-expired", "disk-pressure", "memory-pressure", "runtime-down", "no-fault"},
         &injectNodeNotReady, &prepareNodeNotReady},
        {"noisy-tenant", {"limit-lost", "scaled-out", "longer-prompts", "longer-answers", "no-fault"}, &injectNoisyTenant, nullptr, &proceedNoisyTenant, kNoisyTenantProceedsAfter},
        {"oom-killer", {"host-exhausted", "cgroup-limit", "score-adjust", "no-fault"}, &injectOomKiller, nullptr, &proceedOomKiller, kOomKillerProceedsAfter},
        {"pod-pending", {"insufficient-resources", "unbound-pvc", "selector-mismatch", "untolerated-taint", "quota-exceeded", "no-fault"},
         &injectPodPending, &preparePodPending},
        {"preemption-storm", {"smaller-cache", "longer-answers", "over-admission", "no-fault"}, &injectPreemptionStorm, nullptr, &proceedPreemptionStorm,
         kPreemptionStormProceedsAfter},
        {"python-memory", {"unclosed-resource", "global-cache", "reference-cycle", "list-not-generator", "no-fault"}, &injectPythonMemory, &preparePythonMemory,
         &proceedPythonMemory, kPythonMemoryProceedsAfter},
        {"roce-pfc-storm", {"pausing-nic", "trust-mismatch", "ecn-off", "pfc-one-sided", "wrong-class", "no-fault"}, &injectRocePfcStorm, nullptr, &proceedRocePfcStorm,
         kRocePfcStormProceedsAfter},
        {"script-permission", {"no-exec-bit", "needs-root", "file-access", "no-fault"}, &injectScriptPermission},
        {"slow-rank", {"locked-clock", "power-cap", "nvlinks-down", "slow-rail", "no-fault"}, &injectSlowRank, nullptr, &proceedSlowRank, kSlowRankProceedsAfter},
        {"stuck-rollout", {"failing-readiness", "quota-exceeded", "admission-denied", "paused", "no-room", "no-fault"},
         &injectStuckRollout, &prepareStuckRollout},
        {"stuck-terminating", {"orphaned-finalizer", "node-unreachable", "apiservice-unavailable", "long-grace", "no-fault"},
         &injectStuckTerminating, &prepareStuckTerminating},
        {"tp-hang", {"gpu-hung", "stopped-worker", "stopped-core", "no-fault"}, &injectTpHang, nullptr, &proceedTpHang, kTpHangProceedsAfter},
        {"training-hang", {"ib-link-down", "gpu-hung", "nccl-interface", "rank-mismatch", "node-starved", "no-fault"}, &injectTrainingHang, nullptr, &proceedTrainingHang,
         kTrainingHangProceedsAfter},
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
