#include "sim/kube/operators/training_operator.h"

#include "sim/kube/client/objects.h"
#include "sim/kube/operators/pod_groups.h"
#include "sim/kube/operators/pytorch_job.h"
#include "sim/kube/operators/pytorch_pods.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

// pkg/controller.v1/common/{job,pod,service}.go, pytorch/pytorchjob_controller.go, pkg/core of training-operator v1.8.1.
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr const char* kTrainingAccount = "system:serviceaccount:kubeflow:training-operator";
constexpr std::int64_t kFewestRetryableExitCode = 128; // pkg/util/train
constexpr std::int64_t kNoExitCode = 0xbeef;            // what the real one says of a container that has not ended

using PodPtr = std::shared_ptr<const Pod>;
using ServicePtr = std::shared_ptr<const Service>;

/// One look at one job.
class JobRound {
public:
    JobRound(OperatorContext& context, PyTorchJob job)
        : m_context(context), m_job(std::move(job)), m_status(m_job.status), m_options(PyTorchPodOptions::of(context.process.flags))
    {
    }

    /// Empty: done. Otherwise why it is to be tried again.
    std::string run()
    {
        collect();
        created();
        if (m_status.finished()) {
            cleanUp();
            if (m_status.isTrue("Succeeded"))
                for (auto& [type, replica] : m_status.replicas) {
                    replica.succeeded += replica.active;
                    replica.active = 0;
                }
            save();
            return {};
        }
        if (m_job.suspended) {
            suspend();
            return {};
        }
        if (m_status.isTrue("Suspended"))
            resume();
        reportAbnormal();
        if (const std::string failure = overLimit(); !failure.empty()) {
            giveUp(failure);
            return {};
        }
        if (m_options.gang && !groupAdmits()) {
            m_status.lastReconcileTime = m_context.now();
            save();
            return {};
        }
        for (const ReplicaSpec& replica : m_job.replicas) {
            if (std::string error = reconcilePods(replica); !error.empty())
                return error;
            if (std::string error = reconcileServices(replica); !error.empty())
                return error;
        }
        updateStatus();
        save();
        return {};
    }

    /// When the job is to go by itself, if ever.
    std::optional<Instant> expires() const
    {
        if (!m_status.finished() || !m_job.ttlSecondsAfterFinished || !m_status.completionTime)
            return std::nullopt;
        return *m_status.completionTime + std::chrono::seconds(*m_job.ttlSecondsAfterFinished);
    }

private:
    void tell(const char* type, const std::string& reason, const std::string& message) const
    {
        m_context.client.event(Reporter{kPyTorchController}, referenceToCustom(*m_job.object), type, reason, message);
    }
    std::string title(std::string_view text) const { return fmt::format("PyTorchJob {} {}", m_job.name(), text); }
    void set(const char* condition, bool value, const char* reason, const std::string& message)
    {
        m_status.set(condition, value, std::string("PyTorchJob") + reason, message, m_context.now());
    }

    void collect()
    {
        for (const ObjectKey& key : m_context.pods.ofController(m_job.object->metadata.uid))
            if (auto pod = m_context.store().get<Pod>(key))
                m_pods.push_back(std::move(pod));
        const StringMap wanted = jobLabels(m_job);
        const LabelSelector selector{{}, wanted};
        for (auto& service : m_context.store().inNamespace<Service>(m_job.namespace_()))
            if (selector.matches(service->metadata.labels) && isControlledBy(service->metadata, m_job.object->metadata.uid))
                m_services.push_back(std::move(service));
    }

    void save()
    {
        // Times are whole seconds in the object: what differs by less is no change.
        if (const json status = m_status.toJson(); status != m_job.status.toJson())
            writeCustomPart(m_context.client, keyOf(*m_job.object), "status", status);
    }

    void created()
    {
        if (findCondition(m_status.conditions, "Created") == nullptr)
            set("Created", true, "Created", title("is created."));
    }

    void suspend()
    {
        cleanUp();
        for (auto& [type, replica] : m_status.replicas)
            replica.active = 0;
        const std::string message = title("is suspended.");
        if (m_status.isTrue("Running"))
            set("Running", false, "Suspended", message);
        if (!m_status.isTrue("Suspended"))
            set("Suspended", true, "Suspended", message);
        tell(kNormal, "PyTorchJobSuspended", message);
        save();
    }

    void resume()
    {
        const std::string message = title("is resumed.");
        set("Suspended", false, "Resumed", message);
        m_status.startTime = m_context.now();
        tell(kNormal, "PyTorchJobResumed", message);
    }

    // ---- ends ------------------------------------------------------------------------------------------

    void deletePod(const Pod& pod)
    {
        if (pod.metadata.deletionTimestamp || !m_context.store().get<Pod>(keyOf(pod)))
            return;
        m_context.store().remove<Pod>(keyOf(pod), m_context.now());
        tell(kNormal, "SuccessfulDeletePod", "Deleted pod: " + pod.metadata.name);
    }

    void deleteService(const ObjectKey& key)
    {
        if (!m_context.store().get<Service>(key))
            return;
        m_context.store().remove<Service>(key, m_context.now());
        tell(kNormal, "SuccessfulDeleteService", "Deleted service: " + key.name);
    }

    void deletePodsAndServices()
    {
        const bool finished = m_status.finished();
        if (finished && m_job.cleanPodPolicy == "None")
            return;
        for (const PodPtr& pod : m_pods) {
            if (finished && m_job.cleanPodPolicy == "Running" && pod->status.phase != kPodRunning && pod->status.phase != kPodPending)
                continue;
            deletePod(*pod);
            deleteService(keyOf(*pod)); // of the same name
        }
    }

    void deleteGroup()
    {
        if (!m_options.gang)
            return;
        tell(kNormal, "JobTerminated", "Job has been terminated. Deleting PodGroup");
        m_context.store().remove<CustomObject>(customKey(kPodGroups, m_job.namespace_(), m_job.name()), m_context.now());
        tell(kNormal, "SuccessfulDeletePodGroup", "Deleted PodGroup: " + m_job.name());
    }

    void cleanUp()
    {
        deletePodsAndServices();
        deleteGroup();
        if (const auto at = expires(); at && *at <= m_context.now()) {
            m_context.store().remove<CustomObject>(keyOf(*m_job.object), m_context.now());
            tell(kNormal, "SuccessfulDeletePod", "Deleted job: " + m_job.name());
        }
    }

    void giveUp(const std::string& failure)
    {
        if (!m_status.completionTime)
            m_status.completionTime = m_context.now();
        deletePodsAndServices();
        deleteGroup();
        tell(kNormal, "PyTorchJobFailed", failure);
        set("Failed", true, "Failed", failure);
        save();
    }

    /// Why the job has to end now. The real one counts its own retries in a queue that counts nothing (FakeWorkQueue), so
    /// that pods which it has replaced count against a limit of zero only.
    std::string overLimit() const
    {
        if (m_job.backoffLimit) {
            std::int64_t failedBefore = 0;
            for (const auto& [type, replica] : m_status.replicas)
                failedBefore += replica.failed;
            const auto failed = std::count_if(m_pods.begin(), m_pods.end(), [](const PodPtr& p) { return p->status.phase == kPodFailed; });
            const auto active = std::count_if(m_pods.begin(), m_pods.end(), [](const PodPtr& p) { return isActive(*p); });
            if ((failed > failedBefore && active != m_job.totalReplicas() && *m_job.backoffLimit < 1) || restartedTooOften())
                return fmt::format("Job {} has failed because it has reached the specified backoff limit", m_job.name());
        }
        if (m_job.activeDeadlineSeconds && m_status.startTime
            && m_context.now() - *m_status.startTime >= std::chrono::seconds(*m_job.activeDeadlineSeconds))
            return fmt::format("Job {} has failed because it was active longer than specified deadline", m_job.name());
        return {};
    }

    bool restartedTooOften() const
    {
        std::int64_t restarts = 0;
        for (const ReplicaSpec& replica : m_job.replicas) {
            if (replica.restartPolicy == "Never")
                continue;
            for (const PodPtr& pod : ofType(replica)) {
                if (pod->status.phase != kPodRunning)
                    continue;
                for (const auto* statuses : {&pod->status.initContainerStatuses, &pod->status.containerStatuses})
                    for (const ContainerStatus& one : *statuses)
                        restarts += one.restartCount;
            }
        }
        return *m_job.backoffLimit == 0 ? restarts > 0 : restarts >= *m_job.backoffLimit;
    }

    // ---- gangs -----------------------------------------------------------------------------------------

    /// Volcano's PodGroup of the job is there, and its scheduler wants the pods now.
    bool groupAdmits()
    {
        PodGroupSpec wanted;
        wanted.minMember = m_job.minAvailable.value_or(m_job.totalReplicas());
        wanted.queue = m_job.queue.empty() ? "default" : m_job.queue;
        wanted.priorityClassName = m_job.priorityClass;
        wanted.minResources = m_job.minResources ? *m_job.minResources : leastResources(m_context.store(), m_job, wanted.minMember);
        const CustomObjectPtr group = findCustom(m_context.store(), kPodGroups, m_job.namespace_(), m_job.name());
        if (!group) {
            createCustom(m_context.client, kPodGroups,
                         podGroupManifest(wanted, *m_job.object), kTrainingAccount);
            return false;
        }
        const json content = contentOf(*group);
        if (const std::string queue = textAt(partAt(content, "spec"), "queue"); !queue.empty())
            wanted.queue = queue;
        if (const json spec = wanted.toJson(); spec != partAt(content, "spec"))
            writeCustomPart(m_context.client, keyOf(*group), "spec", spec);
        const std::string phase = textAt(partAt(content, "status"), "phase");
        return !phase.empty() && phase != kGroupPending;
    }

    // ---- replicas --------------------------------------------------------------------------------------

    std::vector<PodPtr> ofType(const ReplicaSpec& replica) const
    {
        const LabelSelector selector{{}, replicaLabels(m_job, replica.type)};
        std::vector<PodPtr> found;
        for (const PodPtr& pod : m_pods)
            if (selector.matches(pod->metadata.labels))
                found.push_back(pod);
        return found;
    }

    static std::optional<std::int64_t> indexOf(const ObjectMeta& metadata)
    {
        const auto label = metadata.labels.find(kTrainingReplicaIndex);
        std::int64_t index = -1;
        if (label != metadata.labels.end())
            std::from_chars(label->second.data(), label->second.data() + label->second.size(), index);
        return index < 0 ? std::nullopt : std::optional(index);
    }

    template <class T>
    static std::map<std::int64_t, std::shared_ptr<const T>> byIndex(const std::vector<std::shared_ptr<const T>>& objects)
    {
        std::map<std::int64_t, std::shared_ptr<const T>> found;
        for (const auto& object : objects)
            if (const auto index = indexOf(object->metadata))
                found.emplace(*index, object);
        return found;
    }

    std::string reconcilePods(const ReplicaSpec& replica)
    {
        TrainingStatus::Replica& counts = m_status.replicas[replica.type];
        counts = {};
        const auto there = byIndex(ofType(replica));
        for (std::int64_t index = 0; index < replica.replicas; ++index)
            if (there.count(index) == 0)
                if (std::string error = createReplica(replica, index); !error.empty())
                    return error;
        for (const auto& [index, pod] : there) {
            if (index >= replica.replicas)
                deletePod(*pod);
            look(replica, *pod);
            if (pod->status.phase == kPodRunning)
                ++(pod->metadata.deletionTimestamp ? counts.failed : counts.active);
            else if (pod->status.phase == kPodSucceeded)
                ++counts.succeeded;
            else if (pod->status.phase == kPodFailed)
                ++counts.failed;
        }
        return {};
    }

    std::string createReplica(const ReplicaSpec& replica, std::int64_t index)
    {
        if (!replica.template_.spec.restartPolicy.empty())
            tell(kWarning, "SetPodTemplateRestartPolicy", "Restart policy in pod template will be overwritten by restart policy in replica spec");
        if (m_options.gang && std::any_of(m_job.replicas.begin(), m_job.replicas.end(), [](const ReplicaSpec& one) {
                return !one.template_.spec.schedulerName.empty() && one.template_.spec.schedulerName != kVolcanoScheduler;
            }))
            tell(kWarning, "SetPodTemplateSchedulerName", "Another scheduler is specified when gang-scheduling is enabled and it will not be overwritten");
        PodPtr made;
        const std::string error = create<Pod>(podOf(m_job, replica, index, m_options), made);
        if (!error.empty())
            tell(kWarning, "FailedCreatePod", "Error creating: " + error);
        else
            tell(kNormal, "SuccessfulCreatePod", "Created pod: " + made->metadata.name);
        return error;
    }

    template <class T>
    std::string create(const T& object, std::shared_ptr<const T>& made) const
    {
        Request request;
        request.namespace_ = object.metadata.namespace_;
        request.user = kTrainingAccount;
        Created<T> created = ApiServer::create(m_context.store(), m_context.client.context.engine, object, request, m_context.client.webhooks);
        if (!created)
            return created.refusal.body.value("message", std::string("unknown error"));
        made = std::move(created.object);
        return {};
    }

    /// What a pod's end means.
    void look(const ReplicaSpec& replica, const Pod& pod)
    {
        std::int64_t exitCode = kNoExitCode;
        for (const ContainerStatus& status : pod.status.containerStatuses)
            if (status.name.value == kPyTorchContainer && status.state.terminated) {
                exitCode = status.state.terminated->exitCode;
                tell(kNormal, "ExitedWithCode", fmt::format("Pod: {}.{} exited with code {}", pod.metadata.namespace_, pod.metadata.name, exitCode));
            }
        if (pod.status.phase != kPodFailed)
            return;
        const bool byCode = replica.restartPolicy == "ExitCode";
        if (byCode ? exitCode >= kFewestRetryableExitCode : replica.restartPolicy == "OnFailure" || replica.restartPolicy == "Always") {
            deletePod(pod);
            const std::string message = fmt::format("job {} is restarting because {} replica(s) failed.", m_job.name(), replica.type);
            tell(kWarning, "PyTorchJobRestarting", message);
            set("Restarting", true, "Restarting", message);
        } else if (byCode) {
            const std::string message = fmt::format("job \"{}\" is failing because \"{}\" replica(s) failed.", m_job.name(), replica.type);
            tell(kWarning, "PyTorchJobFailed", message);
            set("Failed", true, "Failed", message);
        }
    }

    std::string reconcileServices(const ReplicaSpec& replica)
    {
        const LabelSelector selector{{}, replicaLabels(m_job, replica.type)};
        std::vector<ServicePtr> ours;
        for (const ServicePtr& service : m_services)
            if (selector.matches(service->metadata.labels))
                ours.push_back(service);
        const auto there = byIndex(ours);
        for (std::int64_t index = 0; index < replica.replicas; ++index) {
            if (there.count(index) != 0)
                continue;
            ServicePtr made;
            const std::string error = create<Service>(serviceOf(m_job, replica, index), made);
            if (!error.empty()) {
                tell(kWarning, "FailedCreateService", "Error creating: " + error);
                return error;
            }
            tell(kNormal, "SuccessfulCreateService", "Created service: " + made->metadata.name);
        }
        for (const auto& [index, service] : there)
            if (index >= replica.replicas)
                deleteService(keyOf(*service));
        return {};
    }

    // ---- status ----------------------------------------------------------------------------------------

    void updateStatus()
    {
        if (!m_status.startTime)
            m_status.startTime = m_context.now();
        const bool withMaster = m_job.replica("Master") != nullptr;
        for (const ReplicaSpec& replica : m_job.replicas) {
            TrainingStatus::Replica& counts = m_status.replicas[replica.type];
            counts.selector = selectorText(replicaLabels(m_job, replica.type));
            const bool all = counts.succeeded == replica.replicas;
            if (withMaster && replica.type == "Master") {
                if (counts.active > 0)
                    set("Running", true, "Running", title("is running."));
                if (all) { // the master's end is the job's
                    succeed(title("is successfully completed."));
                    return;
                }
            } else if (!withMaster) {
                const std::string name = fmt::format("PyTorchJob {}/{}", m_job.namespace_(), m_job.name());
                if (all || (m_job.elasticPolicy && counts.succeeded > 0))
                    succeed(name + " successfully completed.");
                else if (counts.active > 0)
                    set("Running", true, "Running", name + " is running.");
            }
            if (counts.failed > 0 && replica.replicas > counts.succeeded + counts.active)
                countFailure(replica, counts.failed);
        }
    }

    void succeed(const std::string& message)
    {
        tell(kNormal, "PyTorchJobSucceeded", message);
        if (!m_status.completionTime)
            m_status.completionTime = m_context.now();
        set("Succeeded", true, "Succeeded", message);
    }

    void countFailure(const ReplicaSpec& replica, std::int64_t failed)
    {
        if (replica.restartPolicy != "Never") {
            const std::string message = title(fmt::format("is restarting because {} {} replica(s) failed.", failed, replica.type));
            tell(kWarning, "PyTorchJobRestarting", message);
            set("Restarting", true, "Restarting", message);
            return;
        }
        const std::string message = title(fmt::format("is failed because {} {} replica(s) failed.", failed, replica.type));
        tell(kNormal, "PyTorchJobFailed", message);
        if (!m_status.completionTime)
            m_status.completionTime = m_context.now();
        set("Failed", true, "Failed", message);
    }

    /// pkg/core/job.go, RecordAbnormalPods.
    void reportAbnormal() const
    {
        for (const PodPtr& pod : m_pods) {
            if (!isActive(*pod))
                continue;
            const PodStatus& status = pod->status;
            const auto& statuses = status.containerStatuses.empty() ? status.initContainerStatuses : status.containerStatuses;
            for (const ContainerStatus& one : statuses)
                reportContainer(*pod, one);
            if (!statuses.empty() || status.conditions.empty())
                continue;
            const auto latest = std::max_element(status.conditions.begin(), status.conditions.end(), [](const Condition& a, const Condition& b) {
                return a.lastTransitionTime.value_or(Time{}) < b.lastTransitionTime.value_or(Time{});
            });
            if (latest->status.value != kTrue)
                tell(kWarning, latest->reason, fmt::format("Error pod {} condition message: {}", pod->metadata.name, latest->message));
        }
    }

    void reportContainer(const Pod& pod, const ContainerStatus& one) const
    {
        if (const auto& ended = one.state.terminated; ended && ended->exitCode.value != 0)
            tell(kWarning, ended->reason, fmt::format("Error pod {} container {} exitCode: {} terminated message: {}", pod.metadata.name, one.name.value,
                                                      ended->exitCode.value, ended->message));
        if (const auto& waiting = one.state.waiting; waiting && !waiting->message.empty())
            tell(kWarning, waiting->reason, fmt::format("Error pod {} container {} waiting message: {}", pod.metadata.name, one.name.value, waiting->message));
    }

    OperatorContext& m_context;
    PyTorchJob m_job;
    TrainingStatus m_status;
    PyTorchPodOptions m_options;
    std::vector<PodPtr> m_pods;
    std::vector<ServicePtr> m_services;
};

} // namespace

void TrainingOperator::relist(const Store& store)
{
    for (const CustomObjectPtr& job : allCustom(store, kPyTorchJobs))
        queue.add(keyOf(*job));
}

void TrainingOperator::observe(const WatchEvent& event)
{
    const auto ofOwner = [&](const ObjectMeta& metadata) {
        if (const OwnerReference* owner = controllerOfKind(metadata, kPyTorchJobs))
            queue.add(customKey(kPyTorchJobs, metadata.namespace_, owner->name));
    };
    if (event.kind == kindIdOf<CustomObject>) {
        const CustomObject& object = event.as<CustomObject>();
        if (isOf(kPyTorchJobs, object))
            queue.add(event.key);
        else
            ofOwner(object.metadata);
    } else if (event.kind == kindIdOf<Pod>) {
        ofOwner(event.as<Pod>().metadata);
    } else if (event.kind == kindIdOf<Service>) {
        ofOwner(event.as<Service>().metadata);
    }
}

void TrainingOperator::work(OperatorContext& context)
{
    if (const auto key = queue.take(context.now()))
        reconcile(context, *key);
}

void TrainingOperator::reconcile(OperatorContext& context, const ObjectKey& key)
{
    const CustomObjectPtr object = context.store().get<CustomObject>(key);
    if (!object || object->metadata.deletionTimestamp) {
        queue.forget(key);
        return;
    }
    JobRound round(context, readPyTorchJob(object));
    if (!round.run().empty()) {
        queue.addRateLimited(key, context.now());
        return;
    }
    queue.forget(key);
    if (const auto at = round.expires(); at && *at > context.now())
        queue.addAt(key, *at);
}

} // namespace sim::kube
