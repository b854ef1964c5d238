#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/flags.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

// kubectl cuts longer lists of completed indexes at the last comma before that.
constexpr std::size_t kIndexesShown = 50;

std::string indexesText(const std::string& indexes)
{
    if (indexes.empty())
        return "<none>";
    if (indexes.size() <= kIndexesShown)
        return indexes;
    const std::string cut = indexes.substr(0, kIndexesShown);
    return cut.substr(0, cut.rfind(',')) + ",...";
}

std::string numberOr(const std::optional<std::int64_t>& number, std::string_view unit = {})
{
    return number ? fmt::format("{}{}", *number, unit) : "<unset>";
}

} // namespace

std::string describeJob(const Job& job, const EventList& events, sim::Instant now)
{
    TabText out;
    const JobSpec& spec = job.spec;
    const JobStatus& status = job.status;
    out.line(0, "Name:\t" + job.metadata.name);
    out.line(0, "Namespace:\t" + job.metadata.namespace_);
    out.line(0, "Selector:\t" + (spec.selector ? selectorText(*spec.selector) : std::string()));
    describeLabels(out, "Labels", job.metadata.labels);
    describeAnnotations(out, "Annotations", job.metadata.annotations);
    describeController(out, job.metadata);
    out.line(0, fmt::format("Parallelism:\t{}", spec.parallelism.value_or(1)));
    out.line(0, "Completions:\t" + numberOr(spec.completions));
    if (spec.completionMode)
        out.line(0, "Completion Mode:\t" + *spec.completionMode);
    if (spec.suspend)
        out.line(0, fmt::format("Suspend:\t{}", *spec.suspend));
    if (spec.backoffLimit)
        out.line(0, fmt::format("Backoff Limit:\t{}", *spec.backoffLimit));
    if (spec.ttlSecondsAfterFinished)
        out.line(0, fmt::format("TTL Seconds After Finished:\t{}", *spec.ttlSecondsAfterFinished));
    if (status.startTime)
        out.line(0, "Start Time:\t" + longDate(status.startTime));
    if (status.completionTime)
        out.line(0, "Completed At:\t" + longDate(status.completionTime));
    if (status.startTime && status.completionTime)
        out.line(0, "Duration:\t" + humanDuration(status.completionTime->at - status.startTime->at));
    if (spec.activeDeadlineSeconds)
        out.line(0, fmt::format("Active Deadline Seconds:\t{}s", *spec.activeDeadlineSeconds));
    const std::string ready = status.ready ? fmt::format(" ({} Ready)", *status.ready) : "";
    out.line(0, fmt::format("Pods Statuses:\t{} Active{} / {} Succeeded / {} Failed", status.active, ready, status.succeeded, status.failed));
    if (spec.completionMode == "Indexed")
        out.line(0, "Completed Indexes:\t" + indexesText(status.completedIndexes));
    describeTemplate(out, spec.template_);
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeCronJob(const CronJob& cronJob, const EventList& events, sim::Instant now)
{
    TabText out;
    const CronJobSpec& spec = cronJob.spec;
    const JobSpec& job = spec.jobTemplate.spec;
    out.line(0, "Name:\t" + cronJob.metadata.name);
    out.line(0, "Namespace:\t" + cronJob.metadata.namespace_);
    describeLabels(out, "Labels", cronJob.metadata.labels);
    describeAnnotations(out, "Annotations", cronJob.metadata.annotations);
    out.line(0, "Schedule:\t" + spec.schedule.value);
    out.line(0, "Concurrency Policy:\t" + spec.concurrencyPolicy);
    out.line(0, "Suspend:\t" + switchText(spec.suspend));
    out.line(0, "Successful Job History Limit:\t" + numberOr(spec.successfulJobsHistoryLimit));
    out.line(0, "Failed Job History Limit:\t" + numberOr(spec.failedJobsHistoryLimit));
    out.line(0, "Starting Deadline Seconds:\t" + numberOr(spec.startingDeadlineSeconds, "s"));
    out.line(0, "Selector:\t" + (job.selector ? selectorText(*job.selector) : std::string("<unset>")));
    out.line(0, "Parallelism:\t" + numberOr(job.parallelism));
    out.line(0, "Completions:\t" + numberOr(job.completions));
    if (job.activeDeadlineSeconds)
        out.line(0, fmt::format("Active Deadline Seconds:\t{}s", *job.activeDeadlineSeconds));
    describeTemplate(out, job.template_);
    const auto& last = cronJob.status.lastScheduleTime;
    out.line(0, "Last Schedule Time:\t" + (last ? longDate(last) : std::string("<unset>")));
    std::vector<std::string> active;
    for (const ObjectReference& one : cronJob.status.active)
        active.push_back(one.name);
    out.line(0, "Active Jobs:\t" + (active.empty() ? std::string("<none>") : join(active, ", ")));
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
