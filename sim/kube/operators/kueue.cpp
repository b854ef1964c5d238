#include "sim/kube/operators/kueue.h"

#include "sim/kube/client/objects.h"
#include "sim/kube/operators/kueue_quota.h"
#include "sim/kube/operators/queued_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// pkg/controller/jobframework/reconciler.go, pkg/scheduler/scheduler.go, pkg/workload, pkg/controller/core of kueue (ff69552e).
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr const char* kKueueAccount = "system:serviceaccount:kueue-system:kueue-controller-manager";
const ObjectKey kCycle{"", "admission"};

Reporter admissionReporter() { return {"kueue-admission"}; }

/// What an admission depends on: how many pods, and what each asks for.
bool sameShape(const QueuedJob& job, const Workload& workload)
{
    const std::vector<PodSet> wanted = readPodSets(job.podSets);
    return std::equal(wanted.begin(), wanted.end(), workload.podSets.begin(), workload.podSets.end(),
                      [](const PodSet& a, const PodSet& b) { return a.count == b.count && a.requests == b.requests; });
}

/// One look at one job and its Workload.
class JobLook {
public:
    JobLook(OperatorContext& context, const ObjectKey& key, QueuedJob job)
        : m_context(context), m_key(key), m_job(std::move(job)), m_name(m_job.workloadName())
    {
    }

    void run()
    {
        const std::string& queue = m_job.queue;
        if (queue.empty())
            return;
        const CustomObjectPtr stored = findCustom(m_context.store(), kWorkloads, m_job.namespace_(), m_name);
        if (!stored) {
            if (m_job.end)
                return;
            if (!m_job.suspended)
                stop("Missing Workload; unable to restore pod templates");
            create(queue);
            return;
        }
        const Workload workload = readWorkload(stored);
        if (workload.finished)
            return;
        if (m_job.end) {
            finish(workload);
            return;
        }
        if (!sameShape(m_job, workload) || (workload.queue != queue && !workload.admitted)) {
            // An edited job asks anew.
            if (workload.admitted || !workload.reservedIn.empty()) {
                stop("No matching Workload; restoring pod templates according to existent Workload");
                m_context.store().remove<CustomObject>(keyOf(*stored), m_context.now());
                tell("DeletedWorkload", "Deleted not matching Workload: " + path());
            } else {
                json spec = contentOf(*stored).value("spec", json::object());
                spec["podSets"] = m_job.podSets;
                spec["queueName"] = queue;
                writeCustomPart(m_context.client, keyOf(*stored), "spec", spec);
                tell("UpdatedWorkload", "Updated not matching Workload for suspended job: " + path());
            }
            return;
        }
        if (!workload.active && workload.admitted) {
            evict(workload);
            return;
        }
        if (m_job.suspended && workload.admitted)
            start(workload);
        else if (!m_job.suspended && !workload.admitted)
            stop("Not admitted by cluster queue");
    }

private:
    std::string path() const { return m_job.namespace_() + "/" + m_name; }
    void tell(const char* reason, const std::string& message) const
    {
        m_context.client.event(Reporter{m_job.reporter}, m_job.reference, kNormal, reason, message);
    }

    void create(const std::string& queue)
    {
        const ObjectReference& owner = m_job.reference;
        std::int64_t priority = 0;
        if (const auto found = m_context.store().get<PriorityClass>({"", m_job.priorityClass}))
            priority = found->value;
        json metadata{{"name", m_name}, {"namespace", m_job.namespace_()}, {"labels", {{"kueue.x-k8s.io/job-uid", owner.uid}}},
                      {"ownerReferences", {{{"apiVersion", owner.apiVersion}, {"kind", owner.kind}, {"name", owner.name}, {"uid", owner.uid},
                                            {"controller", true}, {"blockOwnerDeletion", true}}}}};
        json spec{{"podSets", m_job.podSets}, {"queueName", queue}, {"active", true}, {"priority", priority}};
        if (createCustom(m_context.client, kWorkloads, {{"metadata", std::move(metadata)}, {"spec", std::move(spec)}}, kKueueAccount).empty())
            tell("CreatedWorkload", "Created Workload: " + path());
    }

    /// The flavors' node labels become the pods' node selectors.
    std::map<std::string, StringMap> selectorsOf(const Workload& workload) const
    {
        const auto flavors = resourceFlavors(m_context.store());
        std::map<std::string, StringMap> selectors;
        for (const PodSetAssignment& one : workload.assignments)
            for (const auto& [resource, name] : one.flavors)
                if (const auto flavor = flavors.find(name); flavor != flavors.end())
                    selectors[one.name].insert(flavor->second.nodeLabels.begin(), flavor->second.nodeLabels.end());
        return selectors;
    }

    void start(const Workload& workload)
    {
        setSuspended(m_context.client, m_key, false, selectorsOf(workload));
        tell("Started", "Admitted by clusterQueue " + workload.reservedIn);
    }

    void stop(const std::string& why)
    {
        if (m_job.suspended)
            return;
        setSuspended(m_context.client, m_key, true, {});
        tell("Stopped", why);
    }

    void finish(const Workload& workload)
    {
        json status = contentOf(*workload.object).value("status", json::object());
        setMetaCondition(status["conditions"], "Finished", true, m_job.end->well ? "Succeeded" : "Failed", m_job.end->message,
                         workload.object->metadata.generation, m_context.now());
        writeCustomPart(m_context.client, keyOf(*workload.object), "status", status);
        tell("FinishedWorkload", fmt::format("Workload '{}' is declared finished", path()));
    }

    /// spec.active was set to false.
    void evict(const Workload& workload)
    {
        const std::string message = "The workload is deactivated";
        stop(message);
        json status = contentOf(*workload.object).value("status", json::object());
        const std::int64_t generation = workload.object->metadata.generation;
        status.erase("admission");
        setMetaCondition(status["conditions"], "Evicted", true, "Deactivated", message, generation, m_context.now());
        setMetaCondition(status["conditions"], "QuotaReserved", false, "Pending", message, generation, m_context.now());
        setMetaCondition(status["conditions"], "Admitted", false, "NoReservation", "The workload has no reservation", generation, m_context.now());
        writeCustomPart(m_context.client, keyOf(*workload.object), "status", status);
    }

    OperatorContext& m_context;
    ObjectKey m_key;
    QueuedJob m_job;
    std::string m_name;
};

/// One admission cycle over all queues, and what it leaves in their statuses.
class AdmissionCycle {
public:
    explicit AdmissionCycle(OperatorContext& context)
        : m_context(context), m_flavors(resourceFlavors(context.store())), m_queues(clusterQueues(context.store(), m_flavors)),
          m_localQueues(localQueues(context.store()))
    {
        for (const CustomObjectPtr& object : allCustom(context.store(), kWorkloads))
            if (!object->metadata.deletionTimestamp)
                m_workloads.push_back(readWorkload(object));
        for (const Workload& one : m_workloads)
            if (ClusterQueue* queue = one.finished ? nullptr : find(one.reservedIn))
                for (const auto& [at, amount] : one.usage())
                    queue->used[at] += amount;
    }

    void run()
    {
        for (ClusterQueue& queue : m_queues)
            admitFrom(queue);
        for (Workload& workload : m_workloads)
            if (waits(workload))
                if (const std::string blocker = blockerOf(workload); !blocker.empty())
                    refuse(workload, "Inadmissible", blocker);
        writeClusterQueues();
        writeLocalQueues();
    }

private:
    static bool waits(const Workload& workload) { return !workload.finished && workload.active && workload.reservedIn.empty(); }

    ClusterQueue* find(const std::string& name)
    {
        const auto found = std::find_if(m_queues.begin(), m_queues.end(), [&](const ClusterQueue& one) { return one.name == name; });
        return found == m_queues.end() ? nullptr : &*found;
    }

    const LocalQueue* localQueueOf(const Workload& workload) const
    {
        const auto found = m_localQueues.find({workload.object->metadata.namespace_, workload.queue});
        return found == m_localQueues.end() ? nullptr : &found->second;
    }

    std::string blockerOf(const Workload& workload)
    {
        const LocalQueue* local = localQueueOf(workload);
        if (local == nullptr)
            return fmt::format("LocalQueue {} doesn't exist", workload.queue);
        if (local->stopped)
            return fmt::format("LocalQueue {} is inactive", workload.queue);
        const ClusterQueue* queue = find(local->clusterQueue);
        if (queue == nullptr)
            return fmt::format("ClusterQueue {} doesn't exist", local->clusterQueue);
        return queue->active() ? std::string() : fmt::format("ClusterQueue {} is inactive", queue->name);
    }

    void admitFrom(ClusterQueue& queue)
    {
        std::vector<Workload*> waiting;
        for (Workload& one : m_workloads)
            if (const LocalQueue* local = waits(one) ? localQueueOf(one) : nullptr; local != nullptr && local->clusterQueue == queue.name && blockerOf(one).empty())
                waiting.push_back(&one);
        std::stable_sort(waiting.begin(), waiting.end(), [](const Workload* a, const Workload* b) {
            if (a->priority != b->priority)
                return a->priority > b->priority;
            return *a->object->metadata.creationTimestamp < *b->object->metadata.creationTimestamp;
        });
        for (Workload* one : waiting) {
            const FlavorDecision decision = assignFlavors(*one, queue, m_queues, m_flavors);
            if (decision.fits()) {
                admit(*one, queue, decision);
                continue;
            }
            refuse(*one, "Pending", decision.message);
            if (queue.strictFifo)
                return; // nobody overtakes the head
        }
    }

    void admit(Workload& workload, ClusterQueue& queue, const FlavorDecision& decision)
    {
        workload.reservedIn = queue.name;
        workload.assignments = decision.assignments;
        workload.admitted = true;
        for (const auto& [at, amount] : workload.usage())
            queue.used[at] += amount;
        json status = contentOf(*workload.object).value("status", json::object());
        json assignments = json::array();
        for (const PodSetAssignment& one : decision.assignments)
            assignments.push_back({{"name", one.name}, {"count", one.count}, {"flavors", one.flavors}, {"resourceUsage", amountsToJson(one.usage)}});
        status["admission"] = {{"clusterQueue", queue.name}, {"podSetAssignments", std::move(assignments)}};
        const std::int64_t generation = workload.object->metadata.generation;
        const Instant now = m_context.now();
        setMetaCondition(status["conditions"], "QuotaReserved", true, "QuotaReserved", "Quota reserved in ClusterQueue " + queue.name, generation, now);
        setMetaCondition(status["conditions"], "Admitted", true, "Admitted", "The workload is admitted", generation, now);
        writeCustomPart(m_context.client, keyOf(*workload.object), "status", status);
        for (const json& one : json(status["conditions"]))
            if (textAt(one, "type") == "Evicted" && textAt(one, "status") == kTrue)
                setMetaCondition(status["conditions"], "Evicted", false, "QuotaReserved", "Previously: " + textAt(one, "message"), generation, now);
        const double waited = toSeconds(now - workload.object->metadata.creationTimestamp->at);
        tell(workload, kNormal, "QuotaReserved", fmt::format("Quota reserved in ClusterQueue {}, wait time since queued was {:.0f}s", queue.name, waited));
        tell(workload, kNormal, "Admitted", fmt::format("Admitted by ClusterQueue {}, wait time since reservation was 0s", queue.name));
    }

    void refuse(const Workload& workload, const char* reason, const std::string& why)
    {
        json status = contentOf(*workload.object).value("status", json::object());
        if (!setMetaCondition(status["conditions"], "QuotaReserved", false, reason, why, workload.object->metadata.generation, m_context.now()))
            return;
        writeCustomPart(m_context.client, keyOf(*workload.object), "status", status);
        if (std::string_view(reason) == "Pending")
            tell(workload, kWarning, reason, why);
    }

    void tell(const Workload& workload, const char* type, const char* reason, const std::string& message) const
    {
        m_context.client.event(admissionReporter(), referenceToCustom(*workload.object), type, reason, message);
    }

    /// What both kinds of queues say of their workloads.
    json countsOf(const std::vector<const Workload*>& workloads) const
    {
        std::int64_t pending = 0;
        std::int64_t admitted = 0;
        FlavorAmounts used;
        for (const Workload* one : workloads) {
            pending += waits(*one) ? 1 : 0;
            admitted += one->admitted && !one->finished ? 1 : 0;
            if (!one->finished)
                for (const auto& [at, amount] : one->usage())
                    used[at] += amount;
        }
        json usage = json::array();
        for (const auto& [at, amount] : used) {
            if (usage.empty() || usage.back()["name"] != at.flavor)
                usage.push_back({{"name", at.flavor}, {"resources", json::array()}});
            usage.back()["resources"].push_back({{"name", at.resource}, {"total", amountText(at.resource, amount)}});
        }
        return {{"pendingWorkloads", pending}, {"admittedWorkloads", admitted}, {"reservingWorkloads", admitted},
                {"flavorsReservation", usage}, {"flavorsUsage", usage}};
    }

    void write(const CustomObject& object, json status, bool active, const std::string& reason, const std::string& message)
    {
        const json before = contentOf(object).value("status", json::object());
        status["conditions"] = before.value("conditions", json::array());
        setMetaCondition(status["conditions"], "Active", active, reason, message, object.metadata.generation, m_context.now());
        if (status != before)
            writeCustomPart(m_context.client, keyOf(object), "status", status);
    }

    void writeClusterQueues()
    {
        for (const ClusterQueue& queue : m_queues) {
            std::vector<const Workload*> own;
            for (const Workload& one : m_workloads) {
                const LocalQueue* local = localQueueOf(one);
                if (one.reservedIn.empty() ? local != nullptr && local->clusterQueue == queue.name : one.reservedIn == queue.name)
                    own.push_back(&one);
            }
            std::vector<std::string> problems;
            if (queue.stopped)
                problems.emplace_back("is stopped");
            if (!queue.missingFlavors.empty())
                problems.push_back(fmt::format("references missing ResourceFlavor(s): {}", fmt::join(queue.missingFlavors, ",")));
            if (problems.empty())
                write(*queue.object, countsOf(own), true, "Ready", "Can admit new workloads");
            else
                write(*queue.object, countsOf(own), false, queue.stopped ? "Stopped" : "FlavorNotFound",
                      fmt::format("Can't admit new workloads: {}.", fmt::join(problems, ", ")));
        }
    }

    void writeLocalQueues()
    {
        for (const auto& [key, local] : m_localQueues) {
            std::vector<const Workload*> own;
            for (const Workload& one : m_workloads)
                if (localQueueOf(one) == &local)
                    own.push_back(&one);
            const ClusterQueue* queue = find(local.clusterQueue);
            if (local.stopped)
                write(*local.object, countsOf(own), false, "Stopped", "LocalQueue is stopped");
            else if (queue == nullptr)
                write(*local.object, countsOf(own), false, "ClusterQueueDoesNotExist", "Can't submit new workloads to clusterQueue");
            else if (!queue->active())
                write(*local.object, countsOf(own), false, "ClusterQueueIsInactive", "Can't submit new workloads to clusterQueue");
            else
                write(*local.object, countsOf(own), true, "Ready", "Can submit new workloads to localQueue");
        }
    }

    OperatorContext& m_context;
    std::map<std::string, ResourceFlavor> m_flavors;
    std::vector<ClusterQueue> m_queues;
    std::map<ObjectKey, LocalQueue> m_localQueues;
    std::vector<Workload> m_workloads;
};

} // namespace

void KueueManager::relist(const Store& store)
{
    for (const CustomObjectPtr& job : allCustom(store, kPyTorchJobs))
        queue.add(queuedJobKey(*job));
    for (const auto& [key, job] : store.all<Job>())
        queue.add(queuedJobKey(*job));
    queue.add(kCycle);
}

void KueueManager::observe(const WatchEvent& event)
{
    if (event.kind == kindIdOf<Job>) {
        queue.add(queuedJobKey(event.as<Job>()));
        return;
    }
    if (event.kind != kindIdOf<CustomObject>)
        return;
    const CustomObject& object = event.as<CustomObject>();
    if (isOf(kPyTorchJobs, object)) {
        queue.add(queuedJobKey(object));
    } else if (object.group == kWorkloads.group) {
        if (const auto owner = queuedOwnerKey(object.metadata))
            queue.add(*owner);
        queue.add(kCycle);
    }
}

void KueueManager::work(OperatorContext& context)
{
    const auto key = queue.take(context.now());
    if (!key)
        return;
    if (*key == kCycle) {
        AdmissionCycle(context).run();
        return;
    }
    if (auto job = findQueuedJob(context.store(), *key))
        JobLook(context, *key, std::move(*job)).run();
}

} // namespace sim::kube
