#include "sim/kube/controllers/daemon_set.h"

#include "sim/kube/controllers/controller_history.h"
#include "sim/kube/controllers/daemon_set_round.h"
#include "sim/kube/controllers/reasons.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

using PodPtr = std::shared_ptr<const Pod>;

const Reporter kDaemonSetReporter{"daemonset-controller", "", false, ""};
constexpr const char* kTemplateGeneration = "pod-template-generation";
constexpr const char* kGenerationAnnotation = "deprecated.daemonset.template.generation";
constexpr std::int64_t kBurst = 250; // BurstReplicas of daemon_controller.go

/// `tolerations` are those of the set's pods.
DaemonFit fitOf(const DaemonSet& set, const std::vector<Toleration>& tolerations, const Node& node)
{
    const PodSpec& spec = set.spec.template_.spec;
    if (!spec.nodeName.empty() && spec.nodeName != node.metadata.name)
        return {};
    if (!matchesNodeAffinity(spec, node))
        return {};
    DaemonFit fit{true, true};
    for (const Taint& taint : node.spec.taints) {
        if (toleratesTaint(tolerations, taint))
            continue;
        if (taint.effect == kNoSchedule)
            fit.shouldRun = false;
        if (taint.effect == kNoExecute)
            fit.shouldRun = fit.shouldContinue = false;
    }
    return fit;
}

/// The node a pod is on, or is pinned to while it waits for the scheduler.
std::string targetNode(const Pod& pod)
{
    if (!pod.spec.nodeName.empty())
        return pod.spec.nodeName;
    if (pod.spec.affinity && pod.spec.affinity->nodeAffinity)
        if (const auto& required = pod.spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution)
            for (const NodeSelectorTerm& term : required->nodeSelectorTerms)
                for (const LabelSelectorRequirement& r : term.matchFields)
                    if (r.key == "metadata.name" && r.values.size() == 1)
                        return r.values.front();
    return {};
}

std::string generationOf(const DaemonSet& set)
{
    const auto it = set.metadata.annotations.find(kGenerationAnnotation);
    return it != set.metadata.annotations.end() ? it->second : std::to_string(std::max<std::int64_t>(set.metadata.generation, 1));
}

Pod podFor(const DaemonSet& set, const std::string& node, const std::string& hash)
{
    Pod pod;
    pod.metadata.namespace_ = set.metadata.namespace_;
    pod.metadata.generateName = set.metadata.name + "-";
    pod.metadata.labels = set.spec.template_.metadata.labels;
    pod.metadata.labels[kControllerRevisionHash] = hash;
    pod.metadata.labels[kTemplateGeneration] = generationOf(set);
    pod.metadata.annotations = set.spec.template_.metadata.annotations;
    pod.metadata.ownerReferences.push_back(controllerReference(set));
    pod.spec = set.spec.template_.spec;
    pod.spec.tolerations = daemonTolerations(pod.spec);
    // util.ReplaceDaemonSetPodNodeNameNodeAffinity: one term that pins the name, whatever the template said.
    Affinity affinity = pod.spec.affinity.value_or(Affinity{});
    NodeAffinity nodeAffinity = affinity.nodeAffinity.value_or(NodeAffinity{});
    NodeSelectorTerm term;
    term.matchFields.push_back({"metadata.name", "In", {node}});
    nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution = NodeSelector{{term}};
    affinity.nodeAffinity = nodeAffinity;
    pod.spec.affinity = affinity;
    return pod;
}

/// A pod that fails at once, as one that its kubelet does not admit, is not replaced at that pace.
bool leftAlone(DaemonRound& round, const std::string& node)
{
    constexpr Duration kFirst = 1s;
    constexpr Duration kLongest = 900s;
    const Instant now = round.context.now();
    DaemonBackoff& backoff = round.failedPods[round.set.metadata.uid + "/" + node];
    if (now - backoff.updated < backoff.delay) {
        const Instant due = backoff.updated + backoff.delay;
        round.lookAgain = std::min(round.lookAgain.value_or(due), due);
        return true;
    }
    const bool forgotten = backoff.delay == Duration{0} || now - backoff.updated > 2 * kLongest;
    backoff.delay = forgotten ? kFirst : std::min(kLongest, backoff.delay * 2);
    backoff.updated = now;
    return false;
}

void decide(DaemonRound& round)
{
    for (const auto& [node, fit] : round.fits) {
        const auto it = round.podsByNode.find(node);
        const bool has = it != round.podsByNode.end();
        if (fit.shouldRun && !has) {
            round.nodesNeedingPods.push_back(node);
        } else if (!fit.shouldContinue && has) {
            for (const PodPtr& pod : it->second)
                if (!pod->metadata.deletionTimestamp)
                    round.toDelete.push_back(pod);
        } else if (fit.shouldContinue && has) {
            std::vector<PodPtr> running;
            for (const PodPtr& pod : it->second) {
                if (pod->metadata.deletionTimestamp)
                    continue;
                if (pod->status.phase == kPodFailed) {
                    if (leftAlone(round, node))
                        continue;
                    round.context.client.event(kDaemonSetReporter, round.set, kWarning, "FailedDaemonPod",
                                               fmt::format("Found failed daemon pod {}/{} on node {}, will try to kill it",
                                                           pod->metadata.namespace_, pod->metadata.name, node));
                    round.toDelete.push_back(pod);
                } else if (pod->status.phase == kPodSucceeded) {
                    round.toDelete.push_back(pod);
                } else {
                    running.push_back(pod);
                }
            }
            pruneNode(round, std::move(running));
        }
    }
    // Pods of nodes that are gone and still wait for the scheduler.
    for (const auto& [node, pods] : round.podsByNode)
        if (round.fits.count(node) == 0)
            for (const PodPtr& pod : pods)
                if (pod->spec.nodeName.empty() && !pod->metadata.deletionTimestamp)
                    round.toDelete.push_back(pod);
}

/// Deletes what is to go, and creates what has been asked for. Returns the error.
std::string act(DaemonRound& round)
{
    for (const PodPtr& pod : round.toDelete)
        if (round.context.store().remove<Pod>(keyOf(pod->metadata), round.context.now()))
            round.context.client.event(kDaemonSetReporter, round.set, kNormal, reasons::kSuccessfulDelete,
                                       "Deleted pod: " + pod->metadata.name);
    if (round.nodesNeedingPods.empty())
        return {};
    std::int64_t missing = std::min(static_cast<std::int64_t>(round.nodesNeedingPods.size()), kBurst);
    const std::int64_t done = std::min(round.granted, missing);
    round.granted -= done;
    for (std::int64_t i = 0; i < done; ++i) {
        const std::string& node = round.nodesNeedingPods[static_cast<std::size_t>(i)];
        ++round.context.asked;
        std::shared_ptr<const Pod> pod;
        const std::string error = createPod(round.context.client, podFor(round.set, node, round.hash), "daemon-set-controller", pod);
        if (refusedByNamespace(error))
            return {};
        if (!error.empty()) {
            round.context.client.event(kDaemonSetReporter, round.set, kWarning, reasons::kFailedCreate, "Error creating: " + error);
            return error;
        }
        if (pod)
            round.context.client.event(kDaemonSetReporter, round.set, kNormal, reasons::kSuccessfulCreate, "Created pod: " + pod->metadata.name);
    }
    missing -= done;
    if (round.creation.done() && missing > 0)
        round.creation.launch(round.context, missing);
    return {};
}

DaemonSetStatus statusOf(const DaemonRound& round)
{
    DaemonSetStatus s = round.set.status;
    s.currentNumberScheduled = s.desiredNumberScheduled = s.numberMisscheduled = s.numberReady = 0;
    s.numberAvailable = s.updatedNumberScheduled = 0;
    for (const auto& [node, fit] : round.fits) {
        const auto it = round.podsByNode.find(node);
        const bool has = it != round.podsByNode.end();
        if (!fit.shouldRun) {
            if (has)
                s.numberMisscheduled.value += 1;
            continue;
        }
        s.desiredNumberScheduled.value += 1;
        if (!has)
            continue;
        s.currentNumberScheduled.value += 1;
        const Pod& pod = *it->second.front();
        if (isReady(pod)) {
            s.numberReady.value += 1;
            if (isAvailable(pod, round.set.spec.minReadySeconds, round.context.now()))
                s.numberAvailable += 1;
        }
        if (!isOld(round, pod))
            s.updatedNumberScheduled += 1;
    }
    s.numberUnavailable = s.desiredNumberScheduled.value - s.numberAvailable;
    s.observedGeneration = round.set.metadata.generation;
    return s;
}

void collectPods(DaemonRound& round)
{
    round.podsByNode.clear();
    for (const ObjectKey& key : round.context.pods.ofController(round.set.metadata.uid))
        if (auto pod = round.context.store().get<Pod>(key))
            if (const std::string node = targetNode(*pod); !node.empty()) {
                if (const auto hash = pod->metadata.labels.find(kControllerRevisionHash); hash != pod->metadata.labels.end())
                    round.hashesInUse.insert(hash->second);
                round.podsByNode[node].push_back(std::move(pod));
            }
    for (auto& [node, pods] : round.podsByNode)
        std::stable_sort(pods.begin(), pods.end(), [](const PodPtr& a, const PodPtr& b) {
            return a->metadata.creationTimestamp < b->metadata.creationTimestamp;
        });
}

} // namespace

std::vector<Toleration> daemonTolerations(const PodSpec& spec)
{
    std::vector<Toleration> all = spec.tolerations;
    const auto add = [&](const char* key, const char* effect) {
        Toleration t;
        t.key = key;
        t.operator_ = "Exists";
        t.effect = effect;
        if (std::find(all.begin(), all.end(), t) == all.end())
            all.push_back(t);
    };
    add(kTaintNotReady, kNoExecute);
    add(kTaintUnreachable, kNoExecute);
    add(kTaintDiskPressure, kNoSchedule);
    add(kTaintMemoryPressure, kNoSchedule);
    add(kTaintPidPressure, kNoSchedule);
    add(kTaintUnschedulable, kNoSchedule);
    if (spec.hostNetwork)
        add(kTaintNetworkUnavailable, kNoSchedule);
    return all;
}

void DaemonSetController::relist(const Store& store)
{
    for (const auto& [key, set] : store.all<DaemonSet>())
        queue.add(key);
}

void DaemonSetController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<DaemonSet>) {
        queue.add(event.key);
    } else if (event.kind == kindIdOf<Node>) {
        // Heartbeats do not matter: labels, taints and the node's coming do. Its going brings work when its pods go.
        if (event.type == WatchEvent::Type::Deleted)
            return;
        const Node* before = event.before<Node>();
        const Node& node = event.as<Node>();
        if (event.type == WatchEvent::Type::Modified && before && before->spec == node.spec
            && before->metadata.labels == node.metadata.labels)
            return;
        relist(store);
    } else if (event.kind == kindIdOf<Pod>) {
        const OwnerReference* owner = controllerOf(event.as<Pod>().metadata);
        if (!owner || owner->kind != "DaemonSet")
            return;
        const ObjectKey key{event.key.namespace_, owner->name};
        if (const auto set = store.get<DaemonSet>(key); set && set->metadata.uid == owner->uid)
            queue.add(key);
    }
}

void DaemonSetController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    const auto set = context.store().get<DaemonSet>(key);
    if (!set || set->metadata.deletionTimestamp) {
        creations.erase(key);
        queue.forget(key);
        return;
    }
    std::vector<RevisionPtr> revisions = revisionsOf(context.store(), key.namespace_, set->metadata.uid);
    const RevisionPtr revision = ensureRevision(context, *set, {kControllerRevisionHash}, revisions);
    if (!revision) {
        queue.addRateLimited(key, context.now());
        return;
    }
    SlowStart& creation = creations[key];
    DaemonRound round{context, *set, failedPods, creation, revision->metadata.labels.at(kControllerRevisionHash), {}, {}, {}, {}};
    // Taken even when nobody needs them any more (a node went meanwhile): a creation that is done must not stay due.
    round.granted = creation.take(context.now());
    const std::vector<Toleration> tolerations = daemonTolerations(set->spec.template_.spec);
    for (const auto& [nodeKey, node] : context.store().all<Node>())
        round.fits[nodeKey.name] = fitOf(*set, tolerations, *node);
    collectPods(round);
    decide(round);
    std::string error = act(round);
    // An update waits until what was just made or deleted has been seen (the controller's expectations).
    const bool settled = round.toDelete.empty() && round.nodesNeedingPods.empty();
    if (settled && set->spec.updateStrategy.type != "OnDelete") {
        planUpdate(round);
        error = act(round);
    }
    if (error.empty() && !creation.done()) {
        queue.addAt(key, creation.next());
        return;
    }
    creations.erase(key);
    collectPods(round);
    const DaemonSetStatus status = statusOf(round);
    if (!(status == set->status))
        patchObject<DaemonSet>(context.client, key, [&](DaemonSet& s) {
            s.status = status;
            markStatus(s.metadata, context.now());
        });
    truncateHistory(context, revisions, set->spec.revisionHistoryLimit.value_or(10), [&](const ControllerRevision& one) {
        const auto label = one.metadata.labels.find(kControllerRevisionHash);
        const std::string hash = label == one.metadata.labels.end() ? std::string() : label->second;
        return hash == round.hash || round.hashesInUse.count(hash) != 0;
    });
    if (error.empty())
        queue.forget(key);
    else
        queue.addRateLimited(key, context.now());
    if (round.lookAgain)
        queue.addAt(key, *round.lookAgain);
    if (set->spec.minReadySeconds > 0 && status.numberReady.value != status.numberAvailable)
        queue.addAt(key, context.now() + std::chrono::seconds(set->spec.minReadySeconds));
}

} // namespace sim::kube
