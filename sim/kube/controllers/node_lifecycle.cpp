#include "sim/kube/controllers/node_lifecycle.h"

#include "sim/kube/controllers/node_ttl.h"
#include "sim/kube/controllers/reasons.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

const Reporter kNodeReporter{"node-controller", "", false, ""};

constexpr Duration kMonitorGrace = 50s;         // --node-monitor-grace-period (1.32 and later)
constexpr Duration kStartupGrace = 60s;  // --node-startup-grace-period
constexpr double kEvictionRate = 0.1;             // --node-eviction-rate, nodes per second
constexpr double kSecondaryEvictionRate = 0.01;   // --secondary-node-eviction-rate
constexpr double kUnhealthyZone = 0.55;           // --unhealthy-zone-threshold
constexpr std::int64_t kLargeCluster = 50;        // --large-cluster-size-threshold
constexpr std::int64_t kFewestNotReady = 3;       // ComputeZoneState: more than two

// Backoff of a patch of taints that has met another change of the node (controller_utils.go: updateTaintBackoff).
constexpr Duration kShortestTaintRetry = 100ms;
constexpr Duration kLongestTaintRetry = 200ms;

constexpr const char* kLeaseNamespace = "kube-node-lease";
constexpr const char* kReadyCondition = "Ready";

std::string zoneOf(const Node& node)
{
    const auto it = node.metadata.labels.find(kLabelZone);
    return it == node.metadata.labels.end() ? std::string() : it->second;
}

std::string readyStatus(const Node& node)
{
    const Condition* ready = findCondition(node.status.conditions, kReadyCondition);
    return ready ? ready->status.value : std::string(kUnknown);
}

bool hasTaint(const Node& node, const char* key, const char* effect)
{
    return std::any_of(node.spec.taints.begin(), node.spec.taints.end(),
                       [&](const Taint& t) { return t.key == key && t.effect == effect; });
}

Taint makeTaint(const char* key, const char* effect, Instant now)
{
    Taint t;
    t.key = key;
    t.effect = effect;
    t.timeAdded = Time{now};
    return t;
}

/// The NoSchedule taints that a node's conditions and cordon ask for (nodeConditionToTaintKeyStatusMap).
std::vector<const char*> wantedNoSchedule(const Node& node)
{
    std::vector<const char*> keys;
    const auto status = [&](const char* type) {
        const Condition* c = findCondition(node.status.conditions, type);
        return c ? c->status.value : std::string();
    };
    const std::string ready = status(kReadyCondition);
    if (ready == kFalse)
        keys.push_back(kTaintNotReady);
    if (ready == kUnknown)
        keys.push_back(kTaintUnreachable);
    if (status("MemoryPressure") == kTrue)
        keys.push_back(kTaintMemoryPressure);
    if (status("DiskPressure") == kTrue)
        keys.push_back(kTaintDiskPressure);
    if (status("PIDPressure") == kTrue)
        keys.push_back(kTaintPidPressure);
    if (status("NetworkUnavailable") == kTrue)
        keys.push_back(kTaintNetworkUnavailable);
    if (node.spec.unschedulable)
        keys.push_back(kTaintUnschedulable);
    return keys;
}

void recordRemoval(ControllerContext& context, const std::string& name)
{
    ObjectReference gone;
    gone.apiVersion = "v1";
    gone.kind = "Node";
    gone.name = name;
    context.client.event(kNodeReporter, gone, kNormal, "RemovingNode", fmt::format("Node {0} event: Removing Node {0} from Controller", name));
}

bool isConditionTaint(const Taint& t)
{
    return t.effect == kNoSchedule
        && (t.key == kTaintNotReady || t.key == kTaintUnreachable || t.key == kTaintMemoryPressure
            || t.key == kTaintDiskPressure || t.key == kTaintPidPressure || t.key == kTaintNetworkUnavailable
            || t.key == kTaintUnschedulable);
}

} // namespace

void NodeLifecycleController::relist(const Store& store)
{
    // A new leader knows nothing of earlier heartbeats: all clocks start again.
    m_health.clear();
    m_zones.clear();
    m_new.clear();
    for (const auto& [key, node] : store.all<Node>())
        queue.add(key);
}

void NodeLifecycleController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<Pod> && event.type != WatchEvent::Type::Deleted) {
        // A pod that is said to be ready on a node that is not.
        const Pod& pod = event.as<Pod>();
        if (!pod.spec.nodeName.empty() && isReady(pod))
            if (const auto node = store.get<Node>({"", pod.spec.nodeName}); node && readyStatus(*node) != kTrue)
                queue.add(event.key);
        return;
    }
    if (event.kind != kindIdOf<Node>)
        return;
    if (event.type == WatchEvent::Type::Added && event.as<Node>().metadata.annotations.count(kTtlAnnotation) == 0)
        m_new.insert(event.key.name);
    const Node* before = event.before<Node>();
    if (event.type == WatchEvent::Type::Modified && before && before->spec == event.as<Node>().spec
        && wantedNoSchedule(*before) == wantedNoSchedule(event.as<Node>()))
        return;
    queue.add(event.key);
}

void NodeLifecycleController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    if (!key.namespace_.empty()) {
        const auto pod = context.store().get<Pod>(key);
        const auto host = pod ? context.store().get<Node>({"", pod->spec.nodeName}) : nullptr;
        if (host && findCondition(host->status.conditions, kReadyCondition) && readyStatus(*host) != kTrue)
            markPodNotReady(context, key);
        return;
    }
    const auto node = context.store().get<Node>(key);
    if (!node) {
        m_new.erase(key.name);
        return;
    }
    const auto wanted = wantedNoSchedule(*node);
    std::vector<Taint> taints;
    for (const Taint& t : node->spec.taints) {
        const bool keep = !isConditionTaint(t)
            || std::any_of(wanted.begin(), wanted.end(), [&](const char* k) { return t.key == k; });
        if (keep)
            taints.push_back(t);
    }
    for (const char* k : wanted)
        if (!hasTaint(*node, k, kNoSchedule))
            taints.push_back(makeTaint(k, kNoSchedule, context.now()));
    const bool isNew = m_new.erase(key.name) > 0;
    if (taints == node->spec.taints)
        return;
    // The TTL controller writes to a new node at the same time, and the patch of the taints meets its change (golden cases
    // 30 and 66: a new node takes pods 130 to 190 ms after it came).
    if (isNew)
        queue.addAt(key, context.now() + context.random.uniform(kShortestTaintRetry, kLongestTaintRetry));
    else
        patchObject<Node>(context.client, key, [&](Node& n) { n.spec.taints = taints; });
}

void NodeLifecycleController::markUnknown(ControllerContext& context, const Node& node, bool everReported)
{
    patchObject<Node>(context.client, keyOf(node.metadata), [&](Node& n) {
        for (const char* type : {"MemoryPressure", "DiskPressure", "PIDPressure", kReadyCondition}) {
            Condition* c = findCondition(n.status.conditions, type);
            if (!c) {
                n.status.conditions.push_back({});
                c = &n.status.conditions.back();
                c->type = std::string(type);
                c->lastHeartbeatTime = node.metadata.creationTimestamp;
            } else if (c->status.value == kUnknown) {
                continue;
            }
            c->status = std::string(kUnknown);
            c->reason = everReported ? reasons::kNodeStatusUnknown : reasons::kNodeStatusNeverUpdated;
            c->message = everReported ? reasons::kKubeletStopped : reasons::kKubeletNever;
            c->lastTransitionTime = Time{context.now()};
        }
    });
}

/// Returns the Ready status as it was read, before any change of this round.
std::string NodeLifecycleController::updateHealth(ControllerContext& context, const Node& node)
{
    const Instant now = context.now();
    const std::string observed = readyStatus(node);
    const Condition* ready = findCondition(node.status.conditions, kReadyCondition);
    const auto lease = context.store().get<Lease>({kLeaseNamespace, node.metadata.name});
    std::optional<Instant> renewed;
    if (lease && lease->spec.renewTime)
        renewed = lease->spec.renewTime->at;
    std::optional<Instant> reported;
    if (ready && ready->lastHeartbeatTime)
        reported = ready->lastHeartbeatTime->at;

    const auto [it, first] = m_health.try_emplace(node.metadata.name);
    Health& health = it->second;
    if (first) {
        // A node that never reported is counted from its creation, with the start-up grace.
        health.probed = ready || !node.metadata.creationTimestamp ? now : node.metadata.creationTimestamp->at;
        health.renewed = renewed;
        health.reported = reported;
    }
    if (renewed > health.renewed || reported > health.reported) {
        health.probed = now;
        health.renewed = renewed;
        health.reported = reported;
    }
    // Looking is due every five seconds and always a little late: ten rounds later the 50 s are over.
    if (health.probed + (ready ? kMonitorGrace : kStartupGrace) <= now && observed != kUnknown)
        markUnknown(context, node, ready != nullptr);
    else if (!ready && health.probed + kStartupGrace < now)
        markUnknown(context, node, false);
    return observed;
}

void NodeLifecycleController::markPodNotReady(ControllerContext& context, const ObjectKey& key)
{
    const auto pod = context.store().get<Pod>(key);
    if (!pod || !isReady(*pod))
        return;
    patchObject<Pod>(context.client, key, [&](Pod& p) {
        Condition* ready = findCondition(p.status.conditions, kReadyCondition);
        ready->status = std::string(kFalse);
        ready->lastTransitionTime = Time{context.now()};
    });
    context.client.event(kNodeReporter, *pod, kWarning, reasons::kNodeNotReady, reasons::kNodeIsNotReady);
}

void NodeLifecycleController::queueTaint(const Node& node, const std::string& observedReady, ControllerContext& context)
{
    const std::string& name = node.metadata.name;
    Zone& zone = m_zones[zoneOf(node)];
    const auto listed = std::find(zone.toTaint.begin(), zone.toTaint.end(), name);
    const char* wanted = observedReady == kFalse ? kTaintNotReady : kTaintUnreachable;
    const char* other = observedReady == kFalse ? kTaintUnreachable : kTaintNotReady;
    if (observedReady == kTrue) {
        if (listed != zone.toTaint.end())
            zone.toTaint.erase(listed);
        if (hasTaint(node, kTaintNotReady, kNoExecute) || hasTaint(node, kTaintUnreachable, kNoExecute))
            patchObject<Node>(context.client, keyOf(node.metadata), [](Node& n) {
                std::erase_if(n.spec.taints, [](const Taint& t) {
                    return t.effect == kNoExecute && (t.key == kTaintNotReady || t.key == kTaintUnreachable);
                });
            });
        return;
    }
    if (hasTaint(node, other, kNoExecute)) {
        // The other kind of trouble: swapped at once, not rate-limited.
        patchObject<Node>(context.client, keyOf(node.metadata), [&](Node& n) {
            std::erase_if(n.spec.taints, [&](const Taint& t) { return t.key == other && t.effect == kNoExecute; });
            n.spec.taints.push_back(makeTaint(wanted, kNoExecute, context.now()));
        });
    } else if (!hasTaint(node, wanted, kNoExecute) && listed == zone.toTaint.end()) {
        zone.toTaint.push_back(name);
    }
}

void NodeLifecycleController::taintQueued(ControllerContext& context, const std::map<std::string, ZoneState>& states,
                                          const std::map<std::string, std::int64_t>& sizes)
{
    const bool allFull = std::all_of(states.begin(), states.end(), [](const auto& s) { return s.second == ZoneState::Full; });
    for (auto& [name, zone] : m_zones) {
        const auto state = states.find(name);
        if (state == states.end())
            continue;
        double rate = kEvictionRate;
        if (allFull)
            rate = 0;
        else if (state->second == ZoneState::Partial)
            rate = sizes.at(name) > kLargeCluster ? kSecondaryEvictionRate : 0;
        if (rate == 0)
            continue;
        const Duration pause = fromSeconds(1 / rate);
        while (!zone.toTaint.empty() && (!zone.tainted || zone.lastTainted + pause <= context.now())) {
            const std::string nodeName = zone.toTaint.front();
            zone.toTaint.pop_front();
            const auto node = context.store().get<Node>({"", nodeName});
            if (!node || readyStatus(*node) == kTrue)
                continue;
            const char* key = readyStatus(*node) == kFalse ? kTaintNotReady : kTaintUnreachable;
            if (!hasTaint(*node, key, kNoExecute))
                patchObject<Node>(context.client, {"", nodeName}, [&](Node& n) {
                    n.spec.taints.push_back(makeTaint(key, kNoExecute, context.now()));
                });
            zone.lastTainted = context.now();
            zone.tainted = true;
        }
    }
}

void NodeLifecycleController::monitor(ControllerContext& context)
{
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> zones; // ready, not ready
    std::vector<ObjectKey> keys;
    for (const auto& [key, node] : context.store().all<Node>())
        keys.push_back(key);
    for (const ObjectKey& key : keys) {
        const auto node = context.store().get<Node>(key);
        if (m_health.count(key.name) == 0)
            context.client.event(kNodeReporter, *node, kNormal, "RegisteredNode",
                                 fmt::format("Node {} event: Registered Node {} in Controller", key.name, key.name));
        const std::uint64_t version = context.store().resourceVersion();
        const std::string observed = updateHealth(context, *node);
        const auto updated = context.store().resourceVersion() == version ? node : context.store().get<Node>(key);
        const std::string current = readyStatus(*updated);
        auto& counts = zones[zoneOf(*updated)];
        (current == kTrue ? counts.first : counts.second) += 1;
        // Eviction follows what was read, so it starts one round after a node was marked.
        if (findCondition(updated->status.conditions, kReadyCondition))
            queueTaint(*updated, observed, context);
        if (observed == kTrue && current != kTrue) {
            context.client.event(kNodeReporter, *updated, kNormal, reasons::kNodeNotReady,
                                 fmt::format("Node {} status is now: {}", key.name, reasons::kNodeNotReady));
            const PodIndex::Keys pods = context.pods.onNode(key.name);
            for (const ObjectKey& pod : pods)
                markPodNotReady(context, pod);
        }
    }
    std::vector<std::string> gone;
    if (m_health.size() > keys.size()) // all that are there have been looked at
        for (const auto& [name, health] : m_health)
            if (!context.store().get<Node>({"", name}))
                gone.push_back(name);
    for (const std::string& name : gone) {
        recordRemoval(context, name);
        m_health.erase(name);
    }

    std::map<std::string, ZoneState> states;
    std::map<std::string, std::int64_t> sizes;
    for (const auto& [zone, counts] : zones) {
        const auto [ready, notReady] = counts;
        sizes[zone] = ready + notReady;
        if (ready == 0 && notReady > 0)
            states[zone] = ZoneState::Full;
        else if (notReady >= kFewestNotReady && static_cast<double>(notReady) >= kUnhealthyZone * static_cast<double>(ready + notReady))
            states[zone] = ZoneState::Partial;
        else
            states[zone] = ZoneState::Normal;
    }
    taintQueued(context, states, sizes);
}

void NodeLifecycleController::addTo(Fingerprint& f) const
{
    queue.addTo(f);
    sim::addTo(f, m_health);
    sim::addTo(f, m_zones);
    sim::addTo(f, m_new);
}

} // namespace sim::kube
