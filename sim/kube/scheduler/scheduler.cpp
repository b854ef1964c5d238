#include "sim/kube/scheduler/scheduler.h"

#include "sim/kube/client/event_types.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/pod_condition.h"
#include "sim/kube/scheduler/reasons.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kStream = "kube/scheduler";
constexpr const char* kTieStream = "kube/scheduler/ties";
constexpr const char* kPreemptionStream = "kube/scheduler/preemption";
constexpr const char* kComponent = "default-scheduler";
// One cycle with its binding: 262 to 328 pods/s were measured on the real one (facts, throughput figures).
constexpr Duration kShortestCycle = 1ms;
constexpr Duration kLongestCycle = 5ms;
// From a decision to its binding in the watches; meanwhile the next pods are decided on (golden cases 22, 49, 54:
// 3 to 15 ms from a pod's creation on).
constexpr Duration kShortestBinding = 3ms;
constexpr Duration kLongestBinding = 9ms;
// Condition and deletion of one victim: two API calls (golden case 31: 18 ms from one victim to the next).
constexpr Duration kEvictionStep = 18ms;
constexpr Duration kFirstEviction = 4ms;
// volumebinding/binder.go: wait.Poll(time.Second, bindTimeout)
constexpr Duration kBindingPoll = 1s;
constexpr Duration kBindTimeout = 10min;
// client-go/tools/events: NoteLengthLimit
constexpr std::size_t kLongestNote = 1024;

std::string truncated(const std::string& message)
{
    constexpr std::string_view kSuffix = " ...";
    if (message.size() <= kLongestNote)
        return message;
    return message.substr(0, kLongestNote - kSuffix.size()).append(kSuffix);
}

/// A change of what default spreading selects.
template <class T>
bool selectorChanged(const WatchEvent& event)
{
    const T* before = event.before<T>();
    return event.type != WatchEvent::Type::Modified || !before || !(before->spec.selector == event.as<T>().spec.selector);
}

bool changesSelectors(const WatchEvent& event)
{
    if (event.kind == kindIdOf<Service>)
        return selectorChanged<Service>(event);
    if (event.kind == kindIdOf<ReplicaSet>)
        return selectorChanged<ReplicaSet>(event);
    if (event.kind == kindIdOf<StatefulSet>)
        return selectorChanged<StatefulSet>(event);
    return false;
}

} // namespace

void Scheduler::Eviction::addTo(Fingerprint& f) const
{
    sim::addTo(f, at);
    preemptor.addTo(f);
    f.add(preemptorUid);
    victim.addTo(f);
    f.add(victimUid);
    f.add(node);
    f.add(std::uint64_t{last});
}

void Scheduler::PendingBinding::addTo(Fingerprint& f) const
{
    f.add(uid);
    f.add(node);
    sim::addTo(f, deadline);
    f.add(std::uint64_t{permitted});
    f.add(std::uint64_t{begun});
    sim::addTo(f, writtenAt);
}

// ---- life ----------------------------------------------------------------------------------------------

void Scheduler::start(Context& context, const Store& store, std::string identity)
{
    m_running = true;
    m_identity = std::move(identity);
    m_cursor.resourceVersion = store.resourceVersion();
    relist(context, store);
    schedule(context);
}

void Scheduler::stop()
{
    m_running = false;
    m_cache.clear();
    m_queue.clear();
    m_nominations.clear();
    m_memories.clear();
    m_evictions.clear();
    m_bindings.clear();
    m_bindingPoll.reset();
    m_writes.clear();
    m_nextStart = 0;
    m_wakeAt.reset();
    ++m_generation;
}

void Scheduler::setProfile(Profile profile)
{
    m_profile = std::move(profile);
    m_memories.clear();
}

void Scheduler::setPlugins(std::shared_ptr<const Plugins> plugins)
{
    m_plugins = std::move(plugins);
    m_memories.clear();
}

// ---- the picture of the cluster ------------------------------------------------------------------------

bool Scheduler::needsScheduling(const Pod& pod) const
{
    return pod.spec.nodeName.empty() && !isTerminal(pod) && !pod.metadata.deletionTimestamp
        && (pod.spec.schedulerName.empty() || pod.spec.schedulerName == m_profile.schedulerName);
}

bool Scheduler::mayEnter(const Pod& pod) const
{
    return std::all_of(plugins().begin(), plugins().end(), [&](const Plugin& p) { return !p.preEnqueue || p.preEnqueue(pod); });
}

void Scheduler::forget(PodId id)
{
    m_queue.remove(id);
    m_nominations.set(id, {});
    m_bindings.erase(id);
    m_cache.removePod(id);
}

void Scheduler::takeIn(const std::shared_ptr<const Pod>& pod, const Pod* before, Instant now)
{
    if (!pod->spec.nodeName.empty() && !isTerminal(*pod)) {
        const PodId id = m_cache.setPod(pod);
        m_queue.remove(id);
        m_nominations.set(id, {});
        m_bindings.erase(id);
        return;
    }
    const PodId known = m_cache.find(keyOf(pod->metadata));
    if (needsScheduling(*pod)) {
        if (m_bindings.count(known) != 0)
            return; // its node is chosen; the binding looks at the store itself
        const PodId id = m_cache.setPod(pod);
        m_queue.add(id, *pod, !mayEnter(*pod), now);
        m_nominations.set(id, pod->status.nominatedNodeName);
        if (before && changesOwnChances(*before, *pod))
            m_queue.moveOne(id, now);
    } else if (known != kNoPod) {
        forget(known);
    }
}

void Scheduler::relist(Context& context, const Store& store)
{
    const Instant now = context.engine.now();
    for (const auto& [key, space] : store.all<Namespace>())
        m_cache.counts().setNamespace(key.name, &*space->metadata.labels);
    for (const int slot : std::vector<int>(m_cache.order()))
        if (const std::string name = m_cache.at(slot).node->metadata.name; !store.get<Node>({{}, name}))
            m_cache.removeNode(name);
    for (const auto& [key, node] : store.all<Node>())
        m_cache.setNode(node);
    for (const PodId id : m_cache.pods()) {
        const auto stored = store.get<Pod>(keyOf(m_cache.podAt(id).pod->metadata));
        if (!stored || stored->metadata.uid != m_cache.podAt(id).pod->metadata.uid)
            forget(id);
    }
    for (const auto& [key, pod] : store.all<Pod>())
        takeIn(pod, nullptr, now);
    m_cache.counts().forgetTallies();
}

void Scheduler::handlePod(const WatchEvent& event, Instant now)
{
    if (event.type != WatchEvent::Type::Deleted) {
        takeIn(std::static_pointer_cast<const Pod>(event.object), event.before<Pod>(), now);
    } else if (const PodId id = m_cache.find(event.key); id != kNoPod) {
        forget(id);
    }
}

void Scheduler::handle(Context& context, const WatchEvent& event)
{
    const Instant now = context.engine.now();
    const bool gone = event.type == WatchEvent::Type::Deleted;
    if (event.kind == kindIdOf<Node>) {
        if (gone)
            m_cache.removeNode(event.key.name);
        else
            m_cache.setNode(std::static_pointer_cast<const Node>(event.object));
    } else if (event.kind == kindIdOf<Pod>) {
        handlePod(event, now);
    } else if (event.kind == kindIdOf<Namespace>) {
        m_cache.counts().setNamespace(event.key.name, gone ? nullptr : &*event.as<Namespace>().metadata.labels);
    } else if (changesSelectors(event)) {
        m_cache.counts().forgetTallies();
    }
    if (const std::uint32_t bits = classify(event))
        m_queue.move(event, bits, plugins(), m_cache, now);
}

void Scheduler::observe(Context& context, const std::vector<const WatchEvent*>& changes)
{
    if (!m_running)
        return;
    for (const WatchEvent* event : changes)
        handle(context, *event);
}

// ---- time ----------------------------------------------------------------------------------------------

std::optional<Instant> Scheduler::nextDue(Context& context) const
{
    std::optional<Instant> due = m_queue.nextFlush();
    const auto consider = [&](Instant at) { due = due ? std::min(*due, at) : at; };
    if (!m_evictions.empty())
        consider(m_evictions.front().at);
    if (m_bindingPoll)
        consider(*m_bindingPoll);
    if (!m_writes.empty() && !m_queue.hasWork()) // else they go with the next cycle
        consider(m_writes.begin()->first);
    const Instant now = context.engine.now();
    if (due)
        due = std::max(*due, now);
    if (m_queue.hasWork() && !(m_wakeAt && *m_wakeAt <= now + kLongestCycle)) {
        const Instant cycle = now + context.engine.random(kStream).uniform(kShortestCycle, kLongestCycle);
        due = due ? std::min(*due, cycle) : cycle;
    }
    return due;
}

void Scheduler::schedule(Context& context)
{
    if (!m_running)
        return;
    const auto due = nextDue(context);
    if (!due || (m_wakeAt && *m_wakeAt <= *due))
        return;
    m_wakeAt = due;
    ++m_generation;
    context.engine.at(*due, kubeEvent(EventType::SchedulerWake, 0, m_generation));
}

void Scheduler::wake(const Client& client, std::uint64_t generation)
{
    if (!m_running || generation != m_generation)
        return;
    m_wakeAt.reset();
    const Instant now = client.now();
    while (!m_evictions.empty() && m_evictions.front().at <= now) {
        const Eviction eviction = std::move(m_evictions.front());
        m_evictions.pop_front();
        evict(client, eviction);
    }
    if (m_bindingPoll && *m_bindingPoll <= now)
        pollBindings(client);
    writeBindings(client);
    m_queue.flush(now);
    if (const auto id = m_queue.pop())
        scheduleOne(client, *id);
    schedule(client.context);
}

// ---- one attempt ---------------------------------------------------------------------------------------

void Scheduler::scheduleOne(const Client& client, PodId id)
{
    const auto stored = client.store.get<Pod>(keyOf(m_cache.podAt(id).pod->metadata));
    if (!stored || stored->metadata.uid != m_cache.podAt(id).pod->metadata.uid || !needsScheduling(*stored)) {
        forget(id);
        return;
    }
    if (m_cache.podAt(id).pod != stored)
        m_cache.setPod(stored);
    m_cache.counts().trim();
    Decision decision;
    decision.at = client.now();
    decision.namespace_ = stored->metadata.namespace_;
    decision.pod = stored->metadata.name;
    decision.uid = stored->metadata.uid;
    decision.attempt = m_queue.find(id)->attempts;
    decision.nodes = m_cache.nodeCount();
    if (m_cache.nodeCount() == 0) {
        decision.message = reasons::kNoNodes;
        // Golden case 30: the first node that comes is tried at once, whatever it is like.
        std::set<std::string> everybody;
        for (const Plugin& p : plugins())
            everybody.insert(p.name);
        m_queue.reject(id, std::move(everybody), client.now());
        reportFailure(client, id, reasons::kUnschedulable, decision.message, std::nullopt);
        keep(std::move(decision));
        return;
    }
    ShapeMemory& memory = m_memories.of(m_cache.podAt(id).shape);
    Cycle cycle{m_cache, client.store, m_profile, id, memory.plan, {}, {}};
    PlacementRun run(cycle, plugins(), memory, m_nominations);
    decision.tabled = m_cache.nodeCount() * m_queue.activeCount() <= kMostTabledWork;
    const std::vector<int> slots = run.findFeasible(m_nextStart, decision);
    decision.feasible = slots.size();
    if (slots.empty()) {
        findRoom(client, run, id, decision);
    } else {
        const NodeInfo& node = m_cache.at(run.choose(slots, client.random(kTieStream), decision));
        decision.node = node.node->metadata.name;
        beginBinding(client, cycle, node);
    }
    keep(std::move(decision));
}

/// PostFilter.
void Scheduler::findRoom(const Client& client, PlacementRun& run, PodId id, Decision& decision)
{
    Diagnosis diagnosis = run.diagnose();
    const Preemption preemption = Preemption::find(run, diagnosis, client.random(kPreemptionStream));
    if (!preemption.chosen)
        diagnosis.postFilter = "preemption: " + preemption.text;
    decision.message = diagnosis.message();
    m_queue.reject(id, diagnosis.rejectedBy, client.now());
    std::optional<std::string> nominated;
    if (preemption.chosen)
        nominated = decision.nominated = m_cache.at(preemption.chosen->slot).node->metadata.name;
    else if (preemption.clearsNomination)
        nominated = std::string();
    reportFailure(client, id, reasons::kUnschedulable, decision.message, nominated);
    if (preemption.chosen)
        startPreemption(client, id, *preemption.chosen);
}

void Scheduler::startPreemption(const Client& client, PodId id, const Preemption::Candidate& chosen)
{
    const ObjectMeta& pod = m_cache.podAt(id).pod->metadata;
    const std::string node = m_cache.at(chosen.slot).node->metadata.name;
    // Room is promised at once; pods of lower priority that hoped for it look elsewhere.
    m_nominations.set(id, node);
    if (const auto* there = m_nominations.on(node))
        for (const PodId other : std::vector<PodId>(*there)) {
            if (m_cache.podAt(other).shape->priority >= m_cache.podAt(id).shape->priority)
                continue;
            if (const auto stored = client.store.get<Pod>(keyOf(m_cache.podAt(other).pod->metadata))) {
                Pod copy = *stored;
                copy.status.nominatedNodeName.clear();
                client.store.update(std::move(copy), client.now());
            }
            m_nominations.set(other, {});
        }
    Instant at = client.now() + kFirstEviction;
    if (!m_evictions.empty())
        at = std::max(at, m_evictions.back().at);
    bool any = false;
    for (const PodId victim : chosen.victims) {
        const ObjectMeta& meta = m_cache.podAt(victim).pod->metadata;
        if (meta.deletionTimestamp)
            continue;
        m_evictions.push_back({at, keyOf(pod), pod.uid, keyOf(meta), meta.uid, node, false});
        at += kEvictionStep;
        any = true;
    }
    if (any)
        m_evictions.back().last = true;
    m_queue.setBlocked(id, any);
}

void Scheduler::evict(const Client& client, const Eviction& eviction)
{
    const auto stored = client.store.get<Pod>(eviction.victim);
    if (stored && stored->metadata.uid == eviction.victimUid) {
        Pod victim = *stored;
        Condition* target = findCondition(victim.status.conditions, reasons::kDisruptionTarget);
        if (!target) {
            target = &victim.status.conditions.emplace_back();
            target->type = std::string(reasons::kDisruptionTarget);
        }
        if (target->status.value != kTrue)
            target->lastTransitionTime = Time{client.now()};
        target->status = std::string(kTrue);
        target->reason = reasons::kPreemptionByScheduler;
        target->message = fmt::format(fmt::runtime(reasons::kPreempting), m_profile.schedulerName);
        client.store.update(std::move(victim), client.now());
        client.store.remove<Pod>(eviction.victim, client.now());
        report(client, *stored, kNormal, "Preempted", "Preempting",
               fmt::format(fmt::runtime(reasons::kPreempted), eviction.preemptorUid, eviction.node));
    }
    if (eviction.last)
        if (const PodId id = m_cache.find(eviction.preemptor); id != kNoPod)
            m_queue.setBlocked(id, false);
}

// ---- binding -------------------------------------------------------------------------------------------

void Scheduler::beginBinding(const Client& client, Cycle& cycle, const NodeInfo& node)
{
    // Later cycles must see the pod at once, whatever the watch says.
    m_cache.attach(cycle.id, node.slot);
    const bool reserved = std::all_of(plugins().begin(), plugins().end(), [&](const Plugin& p) { return !p.reserve || p.reserve(cycle, node); });
    if (!reserved) {
        giveUp(client, cycle.id, reasons::kVolumeBindConflict);
        return;
    }
    PendingBinding pending{cycle.object().metadata.uid, node.node->metadata.name, client.now() + kBindTimeout, false, false};
    if (!goOnBinding(client, cycle, pending)) {
        if (!m_bindingPoll && !pending.writtenAt)
            m_bindingPoll = client.now() + kBindingPoll;
        m_bindings[cycle.id] = std::move(pending);
    }
}

bool Scheduler::goOnBinding(const Client& client, Cycle& cycle, PendingBinding& pending)
{
    const Binding binding{client, cycle, pending.node};
    const auto ask = [&](auto question) {
        BindingStatus worst;
        for (const Plugin& p : plugins()) {
            const BindingStatus status = question(p);
            if (status.verdict == BindingVerdict::Fail)
                return status;
            if (status.verdict == BindingVerdict::Wait)
                worst = status;
        }
        return worst;
    };
    BindingStatus status;
    if (!pending.permitted)
        status = ask([&](const Plugin& p) { return p.permit ? p.permit(binding) : BindingStatus{}; });
    if (status.verdict == BindingVerdict::Go && !pending.writtenAt) {
        pending.permitted = true;
        status = ask([&](const Plugin& p) { return p.preBind ? p.preBind(binding, !pending.begun) : BindingStatus{}; });
        pending.begun = true;
    }
    if (status.verdict == BindingVerdict::Wait)
        return false;
    if (status.verdict == BindingVerdict::Go && !pending.writtenAt) {
        pending.writtenAt = client.now() + client.random(kStream).uniform(kShortestBinding, kLongestBinding);
        m_writes.insert({*pending.writtenAt, cycle.id});
        return false;
    }
    if (status.verdict == BindingVerdict::Fail) {
        giveUp(client, cycle.id, status.text);
        return true;
    }
    const std::shared_ptr<const Pod> pod = m_cache.podAt(cycle.id).pod;
    const auto binder = std::find_if(plugins().begin(), plugins().end(), [](const Plugin& p) { return p.bind != nullptr; });
    if (binder == plugins().end() || !binder->bind(binding)) {
        giveUp(client, cycle.id, fmt::format("binding rejected: Operation cannot be fulfilled on pods/binding \"{}\"", pod->metadata.name));
        return true;
    }
    report(client, *pod, kNormal, reasons::kScheduled, "Binding",
           fmt::format("Successfully assigned {}/{} to {}", pod->metadata.namespace_, pod->metadata.name, pending.node));
    for (const Plugin& p : plugins())
        if (p.postBind)
            p.postBind(binding);
    return true;
}

void Scheduler::pollBindings(const Client& client)
{
    m_bindingPoll.reset();
    std::vector<PodId> ids;
    for (const auto& [id, pending] : m_bindings)
        if (!pending.writtenAt)
            ids.push_back(id);
    for (const PodId id : ids)
        resumeBinding(client, id);
    for (const auto& [id, pending] : m_bindings)
        if (!pending.writtenAt)
            m_bindingPoll = client.now() + kBindingPoll;
}

void Scheduler::writeBindings(const Client& client)
{
    while (!m_writes.empty() && m_writes.begin()->first <= client.now()) {
        const auto [at, id] = *m_writes.begin();
        m_writes.erase(m_writes.begin());
        if (const auto pending = m_bindings.find(id); pending != m_bindings.end() && pending->second.writtenAt == at)
            resumeBinding(client, id);
    }
}

void Scheduler::resumeBinding(const Client& client, PodId id)
{
    PendingBinding pending = std::move(m_bindings.at(id));
    m_bindings.erase(id);
    const auto stored = client.store.get<Pod>(keyOf(m_cache.podAt(id).pod->metadata));
    if (!stored || stored->metadata.uid != pending.uid || !needsScheduling(*stored)) {
        forget(id);
        return;
    }
    if (client.now() >= pending.deadline) {
        giveUp(client, id, "binding volumes: context deadline exceeded");
        return;
    }
    Plan plan;
    Cycle cycle{m_cache, client.store, m_profile, id, plan, {}, {}};
    if (!goOnBinding(client, cycle, pending))
        m_bindings[id] = std::move(pending);
}

void Scheduler::giveUp(const Client& client, PodId id, const std::string& why)
{
    m_cache.detach(id);
    m_queue.fail(id, client.now());
    reportFailure(client, id, reasons::kSchedulerError, why, std::nullopt);
}

// ---- telling -------------------------------------------------------------------------------------------

void Scheduler::reportFailure(const Client& client, PodId id, const std::string& reason, const std::string& message,
                              const std::optional<std::string>& nominatedNode)
{
    const auto stored = client.store.get<Pod>(keyOf(m_cache.podAt(id).pod->metadata));
    if (!stored)
        return;
    report(client, *stored, kWarning, reasons::kFailedScheduling, "Scheduling", truncated(message));
    Pod copy = *stored;
    setScheduledCondition(copy, false, reason, message, client.now());
    if (nominatedNode)
        copy.status.nominatedNodeName = *nominatedNode;
    client.store.update(std::move(copy), client.now());
}

void Scheduler::report(const Client& client, const Pod& pod, const char* type, const char* reason, const char* action,
                       const std::string& message) const
{
    Reporter reporter{kComponent, "", true, m_identity};
    reporter.action = action;
    client.event(reporter, pod, type, reason, message);
}

void Scheduler::keep(Decision decision)
{
    m_keptRows += decision.rows.size();
    m_decisions.push_back(std::make_shared<const Decision>(std::move(decision)));
    if (m_decisions.size() > kKeptDecisions) {
        m_keptRows -= m_decisions.front()->rows.size();
        m_decisions.pop_front();
    }
    // In large clusters the verdict of older attempts stays, their table goes.
    for (auto it = m_decisions.begin(); m_keptRows > kMostKeptRows && it != m_decisions.end(); ++it) {
        if ((*it)->rows.empty())
            continue;
        m_keptRows -= (*it)->rows.size();
        Decision bare = **it;
        bare.tabled = false;
        bare.rows.clear();
        *it = std::make_shared<const Decision>(std::move(bare));
    }
}

const Decision* Scheduler::lastDecision(const ObjectKey& pod) const
{
    const auto it = std::find_if(m_decisions.rbegin(), m_decisions.rend(), [&](const auto& d) {
        return d->pod == pod.name && d->namespace_ == pod.namespace_;
    });
    return it == m_decisions.rend() ? nullptr : it->get();
}

bool Scheduler::operator==(const Scheduler& other) const
{
    return fingerprintOf(*this) == fingerprintOf(other);
}

void Scheduler::addTo(Fingerprint& f) const
{
    f.add(std::uint64_t{m_running});
    m_profile.addTo(f);
    f.add(m_identity);
    m_cursor.addTo(f);
    m_queue.addTo(f);
    sim::addTo(f, m_evictions);
    for (const auto& [id, pending] : m_bindings)
        pending.addTo(f);
    sim::addTo(f, m_bindingPoll);
    f.add(m_nextStart);
    sim::addTo(f, m_wakeAt);
    sim::addTo(f, m_generation);
}

} // namespace sim::kube
