#include "core/session/kube_detail.h"

#include "sim/kube/api/kind_operations.h"
#include "sim/kube/controllers/controller_manager.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

namespace core::session {

namespace reconcile_loop {
namespace {

using sim::kube::ApiObject;
using sim::kube::Condition;
using sim::kube::ControllerManager;
using sim::kube::ControllerTrace;
using sim::kube::CronJob;
using sim::kube::DaemonSet;
using sim::kube::Deployment;
using sim::kube::EndpointSlice;
using sim::kube::HorizontalPodAutoscaler;
using sim::kube::Job;
using sim::kube::KindId;
using sim::kube::kindIdOf;
using sim::kube::kindInfo;
using sim::kube::KindOperations;
using sim::kube::Namespace;
using sim::kube::Node;
using sim::kube::ObjectKey;
using sim::kube::ObjectMeta;
using sim::kube::operationsOf;
using sim::kube::PersistentVolumeClaim;
using sim::kube::Pod;
using sim::kube::PodDisruptionBudget;
using sim::kube::ReplicaSet;
using sim::kube::ResourceQuota;
using sim::kube::Service;
using sim::kube::SliceEndpoint;
using sim::kube::StatefulSet;
using sim::kube::Store;
using sim::kube::WatchEvent;

constexpr std::size_t kMostKeys = 40;

/// Names as kube-controller-manager's --controllers lists them (v1.33, cmd/kube-controller-manager/names), and the
/// kind whose objects the keys name.
struct KnownController {
    const char* id;
    const char* name;
    std::optional<KindId> keys;
};

const std::array<KnownController, 24>& knownControllers()
{
    static const std::array<KnownController, 24> kKnown{{
        {"deployment", "deployment-controller", kindIdOf<Deployment>},
        {"replicaset", "replicaset-controller", kindIdOf<ReplicaSet>},
        {"daemonset", "daemonset-controller", kindIdOf<DaemonSet>},
        {"statefulset", "statefulset-controller", kindIdOf<StatefulSet>},
        {"job", "job-controller", kindIdOf<Job>},
        {"cronjob", "cronjob-controller", kindIdOf<CronJob>},
        {"endpointslice", "endpointslice-controller", kindIdOf<Service>},
        {"endpoints", "endpoints-controller", kindIdOf<Service>},
        {"nodelifecycle", "node-lifecycle-controller", kindIdOf<Node>},
        {"tainteviction", "taint-eviction-controller", kindIdOf<Pod>},
        {"namespace", "namespace-controller", kindIdOf<Namespace>},
        {"gc", "garbage-collector-controller", std::nullopt},
        {"podgc", "pod-garbage-collector-controller", std::nullopt},
        {"serviceaccount", "serviceaccount-controller", kindIdOf<Namespace>},
        {"ttlafterfinished", "ttl-after-finished-controller", kindIdOf<Job>},
        {"horizontal", "horizontal-pod-autoscaler-controller", kindIdOf<HorizontalPodAutoscaler>},
        {"disruption", "disruption-controller", kindIdOf<PodDisruptionBudget>},
        {"resourcequota", "resourcequota-controller", kindIdOf<ResourceQuota>},
        {"persistentvolume", "persistentvolume-binder-controller", std::nullopt},
        {"volumeprotection", "persistentvolumeclaim-protection-controller", std::nullopt},
        {"csi-provisioner", "external-provisioner", kindIdOf<PersistentVolumeClaim>},
        {"attachdetach", "persistentvolume-attach-detach-controller", std::nullopt},
        {"ttl", "ttl-controller", kindIdOf<Node>},
        {"apiservice", "apiservice-status-available-controller", sim::kube::kindIdOf<sim::kube::APIService>}, // of the API server
    }};
    return kKnown;
}

const KnownController* known(std::string_view id)
{
    const auto it = std::find_if(knownControllers().begin(), knownControllers().end(), [&](const auto& one) { return id == one.id; });
    return it == knownControllers().end() ? nullptr : &*it;
}

std::string written(const ObjectKey& key)
{
    return key.namespace_.empty() ? key.name : key.namespace_ + "/" + key.name;
}

ObjectKey readKey(const std::string& text)
{
    const auto slash = text.find('/');
    return slash == std::string::npos ? ObjectKey{"", text} : ObjectKey{text.substr(0, slash), text.substr(slash + 1)};
}

std::string whatChanged(const WatchEvent& event)
{
    const KindOperations& operations = operationsOf(event.kind);
    const ObjectMeta& now = operations.metadataOf(event.object.get());
    const ObjectMeta& before = operations.metadataOf(event.previous.get());
    if (now.deletionTimestamp && !before.deletionTimestamp)
        return "deletion";
    if (now.generation != before.generation)
        return "spec";
    if (now.labels != before.labels || now.annotations != before.annotations || now.finalizers != before.finalizers
        || now.ownerReferences != before.ownerReferences)
        return "metadata";
    return "status";
}

ChangeDetail described(const WatchEvent& event, sim::Instant at)
{
    ChangeDetail change;
    change.at = at;
    switch (event.type) {
    case WatchEvent::Type::Added: change.type = "ADDED"; break;
    case WatchEvent::Type::Modified: change.type = "MODIFIED"; break;
    case WatchEvent::Type::Deleted: change.type = "DELETED"; break;
    }
    change.kind = kindInfo(event.kind).kind;
    change.object = written(event.key);
    if (event.type == WatchEvent::Type::Modified && event.previous)
        change.what = whatChanged(event);
    return change;
}

/// The part of the store's history that a trace refers to.
class Remembered {
public:
    Remembered(const Store& store, const ControllerTrace& trace)
    {
        std::uint64_t first = store.resourceVersion();
        if (trace.arrivals.size() > 0)
            first = std::min(first, trace.arrivals.newest(trace.arrivals.size() - 1).resourceVersion - 1);
        if (trace.turns.size() > 0)
            first = std::min(first, trace.turns.newest(trace.turns.size() - 1).before);
        auto changes = store.changesAfter(first);
        if (!changes)
            changes = store.changesAfter(store.resourceVersion() - std::min<std::uint64_t>(store.resourceVersion(), Store::kHistory / 2));
        if (changes)
            m_changes = std::move(*changes);
    }

    const WatchEvent* at(std::uint64_t version) const
    {
        const auto it = from(version);
        return it == m_changes.end() || (*it)->resourceVersion != version ? nullptr : *it;
    }
    /// Changes after `before` up to `after`; nothing when they are forgotten.
    std::optional<std::vector<const WatchEvent*>> between(std::uint64_t before, std::uint64_t after) const
    {
        if (before == after)
            return std::vector<const WatchEvent*>{};
        if (m_changes.empty() || m_changes.front()->resourceVersion > before + 1)
            return std::nullopt;
        return std::vector<const WatchEvent*>(from(before + 1), from(after + 1));
    }

private:
    std::vector<const WatchEvent*>::const_iterator from(std::uint64_t version) const
    {
        return std::lower_bound(m_changes.begin(), m_changes.end(), version,
                                [](const WatchEvent* event, std::uint64_t v) { return event->resourceVersion < v; });
    }

    std::vector<const WatchEvent*> m_changes; ///< by resourceVersion
};

class Comparison {
public:
    Comparison(const Store& store, const ObjectKey& key) : m_store(store), m_key(key) { }

    /// False: there is no such object.
    bool compare(KindId kind)
    {
        switch (kind) {
        case kindIdOf<Deployment>: return with<Deployment>([this](const Deployment& one) {
            const std::int64_t wanted = one.spec.replicas.value_or(1);
            observed(one.metadata.generation, one.status.observedGeneration);
            number("status.replicas", wanted, one.status.replicas);
            number("status.updatedReplicas", wanted, one.status.updatedReplicas);
            number("status.availableReplicas", wanted, one.status.availableReplicas);
        });
        case kindIdOf<ReplicaSet>: return with<ReplicaSet>([this](const ReplicaSet& one) {
            const std::int64_t wanted = one.spec.replicas.value_or(1);
            observed(one.metadata.generation, one.status.observedGeneration);
            number("status.replicas", wanted, one.status.replicas.value);
            number("status.readyReplicas", wanted, one.status.readyReplicas);
            number("status.availableReplicas", wanted, one.status.availableReplicas);
        });
        case kindIdOf<StatefulSet>: return with<StatefulSet>([this](const StatefulSet& one) {
            const std::int64_t wanted = one.spec.replicas.value_or(1);
            observed(one.metadata.generation, one.status.observedGeneration);
            number("status.replicas", wanted, one.status.replicas.value);
            number("status.readyReplicas", wanted, one.status.readyReplicas);
            text("status.currentRevision", one.status.updateRevision, one.status.currentRevision);
        });
        case kindIdOf<DaemonSet>: return with<DaemonSet>([this](const DaemonSet& one) {
            const std::int64_t wanted = one.status.desiredNumberScheduled.value;
            observed(one.metadata.generation, one.status.observedGeneration);
            number("status.currentNumberScheduled", wanted, one.status.currentNumberScheduled.value);
            number("status.numberReady", wanted, one.status.numberReady.value);
            number("status.numberMisscheduled", 0, one.status.numberMisscheduled.value);
        });
        case kindIdOf<Job>: return with<Job>([this](const Job& one) { compareJob(one); });
        case kindIdOf<Service>: return with<Service>([this](const Service& one) { compareService(one); });
        case kindIdOf<HorizontalPodAutoscaler>: return with<HorizontalPodAutoscaler>([this](const HorizontalPodAutoscaler& one) {
            number("status.currentReplicas", one.status.desiredReplicas.value, one.status.currentReplicas);
        });
        case kindIdOf<PodDisruptionBudget>: return with<PodDisruptionBudget>([this](const PodDisruptionBudget& one) {
            observed(one.metadata.generation, one.status.observedGeneration);
            m_out.push_back({"status.currentHealthy", fmt::format("≥ {}", one.status.desiredHealthy.value),
                             std::to_string(one.status.currentHealthy.value),
                             one.status.currentHealthy.value >= one.status.desiredHealthy.value});
        });
        case kindIdOf<ResourceQuota>: return with<ResourceQuota>([this](const ResourceQuota& one) {
            for (const auto& [name, hard] : one.status.hard) {
                const auto used = one.status.used.find(name);
                m_out.push_back({name, "≤ " + hard.text, used == one.status.used.end() ? "0" : used->second.text,
                                 used == one.status.used.end() || used->second.milliValue() <= hard.milliValue()});
            }
        });
        case kindIdOf<PersistentVolumeClaim>: return with<PersistentVolumeClaim>(
            [this](const PersistentVolumeClaim& one) { text("status.phase", "Bound", one.status.phase); });
        case kindIdOf<Node>: return with<Node>([this](const Node& one) {
            for (const Condition& condition : one.status.conditions)
                text(condition.type.value, condition.type.value == "Ready" ? "True" : "False", condition.status.value);
        });
        case kindIdOf<Namespace>: return with<Namespace>([this](const Namespace& one) {
            text("status.phase", one.metadata.deletionTimestamp ? "gone" : "Active", one.status.phase);
        });
        default: return operationsOf(kind).get(m_store, m_key) != nullptr;
        }
    }
    std::vector<Difference> take() { return std::move(m_out); }

private:
    template <ApiObject T, class F>
    bool with(F look)
    {
        const auto object = m_store.get<T>(m_key);
        if (object)
            look(*object);
        return object != nullptr;
    }
    void number(const char* what, std::int64_t wanted, std::int64_t actual)
    {
        m_out.push_back({what, std::to_string(wanted), std::to_string(actual), wanted == actual});
    }
    void text(const std::string& what, const std::string& wanted, const std::string& actual)
    {
        m_out.push_back({what, wanted, actual, wanted == actual});
    }
    void observed(std::int64_t generation, std::int64_t seen) { number("status.observedGeneration", generation, seen); }
    void compareJob(const Job& one)
    {
        const std::int64_t completions = one.spec.completions.value_or(1);
        number("status.succeeded", completions, one.status.succeeded);
        const bool suspended = one.spec.suspend.value_or(false);
        const std::int64_t left = std::max<std::int64_t>(0, completions - one.status.succeeded);
        const bool failed = std::any_of(one.status.conditions.begin(), one.status.conditions.end(),
                                        [](const Condition& c) { return c.type.value == "Failed" && c.status.value == "True"; });
        number("status.active", suspended || failed ? 0 : std::min(left, one.spec.parallelism.value_or(1)), one.status.active);
        number("status.failed", 0, one.status.failed);
    }
    /// The addresses of ready pods that the selector matches, and those that the slices hold.
    void compareService(const Service& service)
    {
        std::int64_t ready = 0;
        if (!service.spec.selector.empty())
            for (const auto& pod : m_store.inNamespace<Pod>(m_key.namespace_)) {
                const bool matches = std::all_of(service.spec.selector.begin(), service.spec.selector.end(), [&](const auto& wanted) {
                    const auto label = pod->metadata.labels.find(wanted.first);
                    return label != pod->metadata.labels.end() && label->second == wanted.second;
                });
                const auto& conditions = pod->status.conditions;
                ready += matches && !pod->metadata.deletionTimestamp
                    && std::any_of(conditions.begin(), conditions.end(),
                                   [](const Condition& c) { return c.type.value == "Ready" && c.status.value == "True"; });
            }
        std::int64_t listed = 0;
        for (const auto& slice : m_store.inNamespace<EndpointSlice>(m_key.namespace_)) {
            const auto owner = slice->metadata.labels.find("kubernetes.io/service-name");
            if (owner == slice->metadata.labels.end() || owner->second != m_key.name)
                continue;
            for (const SliceEndpoint& endpoint : slice->endpoints)
                listed += endpoint.conditions.ready.value_or(true);
        }
        number("endpoints.ready", ready, listed);
    }

    const Store& m_store;
    const ObjectKey& m_key;
    std::vector<Difference> m_out;
};

ControllerDetail lookInto(const ControllerManager::View& view, const KnownController* one, const Store& store, const std::string& wantedKey)
{
    ControllerDetail detail;
    detail.id = view.name;
    detail.name = one == nullptr ? view.name : one->name;
    if (one != nullptr && one->keys)
        detail.keyKind = kindInfo(*one->keys).kind;
    const Remembered remembered(store, view.trace);
    for (std::size_t i = 0; i < view.trace.arrivals.size(); ++i) {
        const ControllerTrace::Arrival& arrival = view.trace.arrivals.newest(i);
        if (const WatchEvent* event = remembered.at(arrival.resourceVersion))
            detail.arrivals.push_back(described(*event, arrival.at));
    }
    for (const ObjectKey& key : view.queue.waiting()) {
        if (detail.waiting.size() == kMostKeys)
            break;
        detail.waiting.push_back(written(key));
    }
    detail.waitingInAll = view.queue.waiting().size();
    for (const auto& [due, key] : view.queue.delayed()) {
        if (detail.delayed.size() == kMostKeys)
            break;
        const auto failures = view.queue.failures().find(key);
        detail.delayed.push_back({written(key), due, failures == view.queue.failures().end() ? 0 : failures->second});
    }
    detail.delayedInAll = view.queue.delayed().size();
    for (std::size_t i = 0; i < view.trace.turns.size(); ++i) {
        const ControllerTrace::Turn& turn = view.trace.turns.newest(i);
        TurnDetail& out = detail.turns.emplace_back();
        out.at = turn.at;
        out.key = written(turn.key);
        const auto writes = remembered.between(turn.before, turn.after);
        out.forgotten = !writes;
        if (writes)
            for (const WatchEvent* event : *writes)
                out.writes.push_back(described(*event, turn.at));
    }
    detail.key = !wantedKey.empty() ? wantedKey : detail.turns.empty() ? std::string() : detail.turns.front().key;
    if (!detail.key.empty() && one != nullptr && one->keys) {
        const ObjectKey key = readKey(detail.key);
        Comparison comparison(store, key);
        detail.keyGone = !comparison.compare(*one->keys);
        detail.differences = comparison.take();
    }
    return detail;
}

} // namespace
} // namespace reconcile_loop

ControllersDetail controllersOf(const sim::World& world, const KubeInterest& interest)
{
    const sim::kube::ControllerManager& manager = world.cluster().controllers();
    ControllersDetail detail;
    detail.running = manager.running();
    for (std::size_t i = 0; i < sim::kube::ControllerManager::count(); ++i) {
        const sim::kube::ControllerManager::View view = manager.look(i);
        const reconcile_loop::KnownController* one = reconcile_loop::known(view.name);
        detail.rows.push_back({view.name, one == nullptr ? view.name : one->name, view.queue.waiting().size(), view.queue.delayed().size(),
                               view.queue.failures().size(), view.trace.turns.pushed()});
        if (view.name == interest.controller)
            detail.chosen = reconcile_loop::lookInto(view, one, world.cluster().store(), interest.key);
    }
    return detail;
}

} // namespace core::session
