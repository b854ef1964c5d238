#include "sim/kube/operators/gang_session.h"

#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/pod_condition.h"

#include <fmt/format.h>

#include <algorithm>

// pkg/scheduler of volcano v1.9.0: plugins/gang (OnSessionClose), api/job_info.go, framework/{session,job_updater}.go, cache/cache.go.
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr const char* kUnschedulable = "Unschedulable";
constexpr const char* kScheduled = "Scheduled";
constexpr const char* kReady = "pod group is ready";
constexpr const char* kNotReady = "pod group is not ready";
constexpr const char* kTaskStatusNames[] = {"Pending", "Allocated", "Bound", "Running", "Releasing", "Succeeded", "Failed"};

} // namespace

std::string reasonHistogram(const std::map<std::string, std::int64_t>& counts)
{
    std::vector<std::string> parts;
    for (const auto& [text, count] : counts)
        parts.push_back(fmt::format("{} {}", count, text));
    std::sort(parts.begin(), parts.end());
    return fmt::format("{}", fmt::join(parts, ", "));
}

void GangSession::tell(const Gang& gang, const char* type, const std::string& message) const
{
    m_context.client.event(Reporter{kVolcanoScheduler}, referenceToCustom(*gang.object), type, kUnschedulable, message);
}

std::string GangSession::fitError(const Gang& gang) const
{
    std::map<std::string, std::int64_t> counts{{"minAvailable", gang.spec.minMember}};
    std::map<std::string, std::int64_t> pending;
    for (const Task& task : gang.tasks) {
        counts[kTaskStatusNames[static_cast<std::size_t>(task.status)]] += 1;
        if (task.status == TaskStatus::Pending)
            pending[task.triedNode.empty() ? "Unschedulable" : "Schedulable"] += 1;
    }
    std::string text = fmt::format("{}, {}", kNotReady, reasonHistogram(counts));
    if (!pending.empty())
        text += fmt::format("; Pending: {}", reasonHistogram(pending));
    return text;
}

void GangSession::close()
{
    for (Gang& gang : m_gangs)
        close(gang);
    writeQueues();
}

void GangSession::close(Gang& gang)
{
    if (!gang.isReady()) {
        const auto could = std::count_if(gang.tasks.begin(), gang.tasks.end(),
                                         [](const Task& task) { return task.status == TaskStatus::Pending && !task.triedNode.empty(); });
        gang.jobError = fmt::format("{}/{} tasks in gang unschedulable: {}", gang.spec.minMember - could - gang.ready(), gang.tasks.size(), fitError(gang));
        gang.unschedulable = true;
        gang.status.set(kUnschedulable, "NotEnoughResources", gang.jobError, m_uid, m_context.now());
    } else {
        gang.status.set(kScheduled, "tasks in gang are ready to be scheduled", "", m_uid, m_context.now());
    }
    const std::int64_t running = gang.count(TaskStatus::Running);
    const std::int64_t succeeded = gang.count(TaskStatus::Succeeded);
    if (running > 0 && gang.unschedulable)
        gang.status.phase = kGroupUnknown;
    else if (gang.isReady())
        gang.status.phase = succeeded > 0 && succeeded == gang.ready() ? kGroupCompleted : kGroupRunning;
    else if (gang.status.phase != kGroupInqueue)
        gang.status.phase = kGroupPending;
    gang.status.running = running;
    gang.status.succeeded = succeeded;
    gang.status.failed = gang.count(TaskStatus::Failed);
    const json status = gang.status.toJson();
    const bool changed = status != gang.before.toJson();
    if (changed)
        writeCustomPart(m_context.client, keyOf(*gang.object), "status", status);
    const std::string& phase = gang.status.phase;
    if (phase == kGroupUnknown || phase == kGroupPending || phase == kGroupInqueue)
        tell(gang, kWarning, fmt::format("{}/{} tasks in gang unschedulable: {}", gang.count(TaskStatus::Pending), gang.tasks.size(), fitError(gang)));
    else if (changed)
        m_context.client.event(Reporter{kVolcanoScheduler}, referenceToCustom(*gang.object), kNormal, kScheduled, kReady);
    reportTasks(gang);
}

void GangSession::reportTasks(const Gang& gang) const
{
    for (const Task& task : gang.tasks) {
        if (task.status != TaskStatus::Pending)
            continue;
        const bool could = !task.triedNode.empty();
        const char* reason = could ? "Schedulable" : "Unschedulable";
        std::string message = could ? fmt::format("Pod {}/{} can possibly be assigned to {}", task.pod->metadata.namespace_, task.pod->metadata.name, task.triedNode)
            : !task.fitError.empty() ? task.fitError : gang.jobError;
        if (message.empty())
            message = "all nodes are unavailable";
        const auto stored = m_context.store().get<Pod>(keyOf(*task.pod));
        if (!stored)
            continue;
        const Condition* known = findCondition(stored->status.conditions, "PodScheduled");
        if (known != nullptr && known->status.value == kFalse && known->reason == reason && known->message == message)
            continue;
        m_context.client.event(Reporter{kVolcanoScheduler}, *stored, kWarning, "FailedScheduling", message);
        Pod told = *stored;
        setScheduledCondition(told, false, reason, message, m_context.now());
        m_context.store().update(std::move(told), m_context.now());
    }
}

/// pkg/controllers/queue: how many groups of each phase a queue has.
void GangSession::writeQueues()
{
    for (const QueueShare& share : m_queues) {
        json status{{"state", share.queue.open ? "Open" : "Closed"}, {"allocated", amountsToJson(share.allocated)}};
        for (const auto& [name, phase] : {std::pair{"pending", kGroupPending}, {"inqueue", kGroupInqueue}, {"running", kGroupRunning},
                                          {"unknown", kGroupUnknown}, {"completed", kGroupCompleted}})
            if (const auto count = std::count_if(m_gangs.begin(), m_gangs.end(), [&, wanted = phase](const Gang& gang) {
                    return gang.spec.queue == share.queue.name && gang.status.phase == wanted;
                }); count > 0)
                status[name] = count;
        const CustomObjectPtr object = findCustom(m_context.store(), kVolcanoQueues, "", share.queue.name);
        if (object && partAt(contentOf(*object), "status") != status)
            writeCustomPart(m_context.client, keyOf(*object), "status", status);
    }
}

} // namespace sim::kube
