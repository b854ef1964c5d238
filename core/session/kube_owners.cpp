#include "core/session/kube_detail.h"

#include "sim/kube/api/kind_operations.h"
#include "sim/kube/api/printers.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

// The tree of owners: who is owned by whom, as metadata.ownerReferences say.
namespace core::session {

namespace owner_tree {
namespace {

using sim::Health;
using sim::kube::Condition;
using sim::kube::Container;
using sim::kube::ContainerStatus;
using sim::kube::CronJob;
using sim::kube::DaemonSet;
using sim::kube::Deployment;
using sim::kube::Job;
using sim::kube::KindId;
using sim::kube::kindIdOf;
using sim::kube::KindOperations;
using sim::kube::ObjectKey;
using sim::kube::ObjectMeta;
using sim::kube::PersistentVolumeClaim;
using sim::kube::Pod;
using sim::kube::ReplicaSet;
using sim::kube::StatefulSet;
using sim::kube::Store;

/// Shown even when alone. Others only where they own or are owned.
constexpr std::array kWorkloads{kindIdOf<Deployment>, kindIdOf<StatefulSet>, kindIdOf<DaemonSet>, kindIdOf<CronJob>,
                                kindIdOf<Job>, kindIdOf<ReplicaSet>, kindIdOf<Pod>};

struct Held {
    KindId kind = 0;
    const ObjectMeta* meta = nullptr;
    const void* object = nullptr;
    int owner = -1;
    bool ownerGone = false;
    std::vector<int> dependents;
};

struct State {
    std::string word;
    Health health = Health::Ok;
};

State replicas(std::int64_t ready, std::int64_t wanted)
{
    return {fmt::format("{}/{}", ready, wanted), ready >= wanted ? Health::Ok : ready > 0 ? Health::Warn : Health::Critical};
}

State stateOf(const Job& job)
{
    for (const Condition& condition : job.status.conditions)
        if (condition.status.value == "True" && (condition.type.value == "Complete" || condition.type.value == "Failed"))
            return {condition.type.value, condition.type.value == "Failed" ? Health::Critical : Health::Ok};
    return {fmt::format("{}/{}", job.status.succeeded, job.spec.completions.value_or(1)), job.status.failed > 0 ? Health::Warn : Health::Ok};
}

State stateOf(const ContainerStatus& status)
{
    if (status.state.waiting) {
        const std::string& reason = status.state.waiting->reason;
        const bool early = reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing";
        return {reason.empty() ? "Waiting" : reason, early ? Health::Warn : Health::Critical};
    }
    if (status.state.terminated) {
        const auto& ended = *status.state.terminated;
        return {ended.reason.empty() ? fmt::format("ExitCode:{}", ended.exitCode.value) : ended.reason,
                ended.exitCode.value == 0 ? Health::Ok : Health::Critical};
    }
    if (status.state.running)
        return {"Running", status.ready.value ? Health::Ok : Health::Warn};
    return {"Waiting", Health::Unknown};
}

template <class T>
const T& typed(const Held& held)
{
    return *static_cast<const T*>(held.object);
}

State stateOf(const Held& held)
{
    switch (held.kind) {
    case kindIdOf<Deployment>: {
        const auto& one = typed<Deployment>(held);
        return replicas(one.status.readyReplicas, one.spec.replicas.value_or(1));
    }
    case kindIdOf<ReplicaSet>: {
        const auto& one = typed<ReplicaSet>(held);
        return replicas(one.status.readyReplicas, one.spec.replicas.value_or(1));
    }
    case kindIdOf<StatefulSet>: {
        const auto& one = typed<StatefulSet>(held);
        return replicas(one.status.readyReplicas, one.spec.replicas.value_or(1));
    }
    case kindIdOf<DaemonSet>: {
        const auto& one = typed<DaemonSet>(held);
        return replicas(one.status.numberReady.value, one.status.desiredNumberScheduled.value);
    }
    case kindIdOf<Job>: return stateOf(typed<Job>(held));
    case kindIdOf<CronJob>: return {typed<CronJob>(held).spec.schedule.value, Health::Ok};
    case kindIdOf<Pod>: {
        const std::string word = sim::kube::podStatusWord(typed<Pod>(held));
        return {word, sim::healthOf(typed<Pod>(held), word)};
    }
    case kindIdOf<PersistentVolumeClaim>: {
        const std::string& phase = typed<PersistentVolumeClaim>(held).status.phase;
        return {phase, phase == "Bound" ? Health::Ok : phase == "Lost" ? Health::Critical : Health::Warn};
    }
    default: return {};
    }
}

class Tree {
public:
    explicit Tree(const Store& store)
    {
        gather(store);
        link();
    }

    OwnersDetail laidOut()
    {
        std::vector<int> roots;
        for (std::size_t i = 0; i < m_held.size(); ++i)
            if (m_held[i].owner < 0 && shown(m_held[i]))
                roots.push_back(static_cast<int>(i));
        std::stable_sort(roots.begin(), roots.end(), [this](int a, int b) { return before(a, b); });
        for (const int root : roots)
            add(root, -1);
        return std::move(m_out);
    }

private:
    void gather(const Store& store)
    {
        for (std::size_t id = 0; id < sim::kube::kKindCount; ++id) {
            const auto kind = static_cast<KindId>(id);
            if (kind == kindIdOf<sim::kube::KubeEvent> || kind == kindIdOf<sim::kube::Lease>)
                continue; // they come and go with what is shown already
            const KindOperations& operations = sim::kube::operationsOf(kind);
            operations.visit(store, {}, [&](const ObjectKey&, const std::shared_ptr<const void>& object) {
                const ObjectMeta& meta = operations.metadataOf(object.get());
                m_byUid.emplace(meta.uid, static_cast<int>(m_held.size()));
                m_held.push_back({kind, &meta, object.get(), -1, false, {}});
                return true;
            });
        }
    }

    void link()
    {
        for (std::size_t i = 0; i < m_held.size(); ++i) {
            Held& held = m_held[i];
            const auto& references = held.meta->ownerReferences;
            // The controlling owner is the one that the object belongs to.
            auto reference = std::find_if(references.begin(), references.end(), [](const auto& r) { return r.controller.value_or(false); });
            if (reference == references.end())
                reference = references.begin();
            if (reference == references.end())
                continue;
            const auto owner = m_byUid.find(reference->uid);
            if (owner == m_byUid.end()) {
                held.ownerGone = true;
                continue;
            }
            held.owner = owner->second;
            m_held[static_cast<std::size_t>(owner->second)].dependents.push_back(static_cast<int>(i));
        }
    }

    bool shown(const Held& held) const
    {
        return held.ownerGone || !held.dependents.empty() || rank(held) < kWorkloads.size();
    }

    static std::size_t rank(const Held& held)
    {
        return static_cast<std::size_t>(std::find(kWorkloads.begin(), kWorkloads.end(), held.kind) - kWorkloads.begin());
    }

    bool before(int a, int b) const
    {
        const Held& left = m_held[static_cast<std::size_t>(a)];
        const Held& right = m_held[static_cast<std::size_t>(b)];
        if (left.meta->namespace_ != right.meta->namespace_)
            return right.meta->namespace_.empty() // cluster-scoped ones last
                || (!left.meta->namespace_.empty() && left.meta->namespace_ < right.meta->namespace_);
        if (rank(left) != rank(right))
            return rank(left) < rank(right);
        return left.kind != right.kind ? left.kind < right.kind : left.meta->name < right.meta->name;
    }

    void add(int index, int parent)
    {
        Held& held = m_held[static_cast<std::size_t>(index)];
        OwnedObject object;
        object.kind = sim::kube::kindInfo(held.kind).kind;
        object.nameSpace = held.meta->namespace_;
        object.name = held.meta->name;
        object.uid = held.meta->uid;
        object.parent = parent;
        State state = stateOf(held);
        object.state = std::move(state.word);
        object.health = state.health;
        object.finalizers = held.meta->finalizers;
        object.deleting = held.meta->deletionTimestamp.has_value();
        object.ownerGone = held.ownerGone;
        const int here = static_cast<int>(m_out.objects.size());
        m_out.objects.push_back(std::move(object));
        if (held.kind == kindIdOf<Pod>)
            addContainers(typed<Pod>(held), here);
        std::stable_sort(held.dependents.begin(), held.dependents.end(), [this](int a, int b) { return before(a, b); });
        for (const int dependent : held.dependents)
            add(dependent, here);
    }

    void addContainers(const Pod& pod, int parent)
    {
        const auto addAll = [&](const std::vector<Container>& containers, const std::vector<ContainerStatus>& statuses) {
            for (const Container& container : containers) {
                const auto status = std::find_if(statuses.begin(), statuses.end(),
                                                 [&](const ContainerStatus& s) { return s.name.value == container.name; });
                State state = status == statuses.end() ? State{"Waiting", Health::Unknown} : stateOf(*status);
                OwnedObject object;
                object.kind = "Container";
                object.nameSpace = pod.metadata.namespace_;
                object.name = container.name;
                object.uid = pod.metadata.uid + "/" + object.name;
                object.parent = parent;
                object.state = std::move(state.word);
                object.health = state.health;
                m_out.objects.push_back(std::move(object));
            }
        };
        addAll(pod.spec.initContainers, pod.status.initContainerStatuses);
        addAll(pod.spec.containers, pod.status.containerStatuses);
    }

    std::vector<Held> m_held;
    std::map<std::string_view, int> m_byUid;
    OwnersDetail m_out;
};

} // namespace
} // namespace owner_tree

OwnersDetail ownersOf(const sim::World& world)
{
    return owner_tree::Tree(world.cluster().store()).laidOut();
}

} // namespace core::session
