#include "sim/kube/controllers/cron_job.h"

#include "sim/kube/api/cron_schedule.h"
#include "sim/kube/api/time_text.h"
#include "sim/kube/controllers/job.h"
#include "sim/kube/controllers/reasons.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace sim::kube {

namespace {

const Reporter kCronJobReporter{"cronjob-controller", "", false, ""};
constexpr const char* kUser = "cronjob-controller";
constexpr const char* kScheduledTimestamp = "batch.kubernetes.io/cronjob-scheduled-timestamp";
// pkg/controller/cronjob/cronjob_controllerv2.go: nextScheduleDelta
constexpr Duration kDelta = 100ms;
constexpr std::int64_t kManyMissed = 100;

using JobPtr = std::shared_ptr<const Job>;

std::int64_t seconds(Duration d)
{
    return std::chrono::duration_cast<std::chrono::seconds>(d).count();
}

/// Go's time.RFC1123Z.
std::string rfc1123(Instant at)
{
    using namespace std::chrono;
    constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const sys_days day{floor<days>(at.time_since_epoch())};
    const year_month_day date(day);
    const hh_mm_ss time(floor<std::chrono::seconds>(at.time_since_epoch() - day.time_since_epoch()));
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                       kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()), time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

/// RFC 3339 with the zone's offset.
std::string zonedText(Instant at, const TimeZone& zone)
{
    const auto offset = std::chrono::duration_cast<std::chrono::minutes>(zone.offset(at)).count();
    std::string text = rfc3339(at + zone.offset(at));
    if (offset == 0)
        return text;
    text.pop_back(); // the Z
    return fmt::format("{}{}{:02}:{:02}", text, offset < 0 ? '-' : '+', std::abs(offset) / 60, std::abs(offset) % 60);
}

bool isListed(const CronJob& cron, const std::string& uid)
{
    return std::any_of(cron.status.active.begin(), cron.status.active.end(), [&](const ObjectReference& r) { return r.uid == uid; });
}

/// One round over one CronJob.
class CronSync {
public:
    CronSync(ControllerContext& context, WorkQueue& queue, const ObjectKey& key, CronJob cron)
        : m_context(context)
        , m_queue(queue)
        , m_key(key)
        , m_before(cron)
        , m_cron(std::move(cron))
    {
    }

    void run()
    {
        collectJobs();
        followJobs();
        if (!m_cron.metadata.deletionTimestamp)
            schedule();
        cleanUp();
        writeStatus();
    }

private:
    template <class... Args>
    void event(const char* type, const char* reason, fmt::format_string<Args...> format, Args&&... args)
    {
        m_context.client.event(kCronJobReporter, m_cron, type, reason, fmt::format(format, std::forward<Args>(args)...));
    }

    void collectJobs()
    {
        for (auto& job : m_context.store().inNamespace<Job>(m_key.namespace_))
            if (isControlledBy(job->metadata, m_cron.metadata.uid))
                m_jobs.push_back(std::move(job));
    }

    void forgetActive(const std::string& uid)
    {
        std::erase_if(m_cron.status.active, [&](const ObjectReference& r) { return r.uid == uid; });
    }

    void followJobs()
    {
        for (const JobPtr& job : m_jobs) {
            const Condition* finished = finishedCondition(*job);
            const bool known = isListed(m_cron, job->metadata.uid);
            if (!known && !finished) {
                event(kWarning, "UnexpectedJob", "Saw a job that the controller did not create or forgot: {}", job->metadata.name);
            } else if (known && finished) {
                forgetActive(job->metadata.uid);
                event(kNormal, "SawCompletedJob", "Saw completed job: {}, condition: {}", job->metadata.name, finished->type.value);
            }
            if (finished && finished->type.value == "Complete" && job->status.completionTime
                && (!m_cron.status.lastSuccessfulTime || *m_cron.status.lastSuccessfulTime < *job->status.completionTime))
                m_cron.status.lastSuccessfulTime = job->status.completionTime;
        }
        for (const ObjectReference& active : std::vector<ObjectReference>(m_cron.status.active)) {
            const auto job = m_context.store().get<Job>({m_key.namespace_, active.name});
            if (job && job->metadata.uid == active.uid)
                continue;
            event(kNormal, "MissingJob", "Active job went missing: {}", active.name);
            forgetActive(active.uid);
        }
    }

    /// The latest moment that the schedule names since the last run; nothing when none has come.
    std::optional<Instant> latestDue()
    {
        const Instant now = m_context.now();
        Instant earliest = m_cron.status.lastScheduleTime ? m_cron.status.lastScheduleTime->at
            : m_cron.metadata.creationTimestamp           ? m_cron.metadata.creationTimestamp->at
                                                          : Instant{};
        if (m_cron.spec.startingDeadlineSeconds)
            earliest = std::max(earliest, now - std::chrono::seconds(*m_cron.spec.startingDeadlineSeconds));
        const auto first = m_schedule.next(earliest, m_zone);
        if (!first || now < *first)
            return std::nullopt;
        const auto second = m_schedule.next(*first, m_zone);
        if (!second || now < *second)
            return first;
        const std::int64_t between = std::max<std::int64_t>(seconds(*second - *first), 1);
        const std::int64_t missed = seconds(now - *first) / between + 1;
        // Jump near the present by the usual distance, then go on step by step.
        Instant latest = *first;
        if (const Instant near = *first + std::chrono::seconds((missed - 1) * between - 3 * between); near > latest)
            latest = m_schedule.next(near, m_zone).value_or(latest);
        for (auto next = m_schedule.next(latest, m_zone); next && *next <= now; next = m_schedule.next(*next, m_zone))
            latest = *next;
        if (missed > kManyMissed)
            event(kWarning, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        return latest;
    }

    void planNext()
    {
        const auto next = m_schedule.next(m_context.now(), m_zone);
        if (next)
            m_queue.addAt(m_key, *next + kDelta);
    }

    bool readSchedule()
    {
        if (m_cron.spec.timeZone) {
            const auto zone = TimeZone::named(*m_cron.spec.timeZone);
            if (!zone) {
                event(kWarning, "UnknownTimeZone", "invalid timeZone: \"{0}\": unknown time zone {0}", *m_cron.spec.timeZone);
                return false;
            }
            m_zone = *zone;
        }
        if (m_cron.spec.suspend.value_or(false))
            return false;
        ParsedSchedule parsed = CronSchedule::parse(m_cron.spec.schedule.value);
        if (!parsed.error.empty()) {
            event(kWarning, "UnparseableSchedule", "unparseable schedule: \"{}\" : {}", m_cron.spec.schedule.value, parsed.error);
            return false;
        }
        m_schedule = parsed.schedule;
        return true;
    }

    void schedule()
    {
        if (!readSchedule())
            return;
        planNext();
        const auto due = latestDue();
        if (!due)
            return;
        const Instant now = m_context.now();
        if (m_cron.spec.startingDeadlineSeconds && *due + std::chrono::seconds(*m_cron.spec.startingDeadlineSeconds) < now) {
            event(kWarning, "MissSchedule", "Missed scheduled time to start a job: {}", rfc1123(*due));
            return;
        }
        const std::string name = fmt::format("{}-{}", m_key.name, unixSeconds(*due) / 60);
        const bool started = std::any_of(m_cron.status.active.begin(), m_cron.status.active.end(),
                                         [&](const ObjectReference& r) { return r.name == name; });
        if (started || (m_cron.status.lastScheduleTime && m_cron.status.lastScheduleTime->at == *due))
            return;
        if (m_cron.spec.concurrencyPolicy == "Forbid" && !m_cron.status.active.empty()) {
            event(kNormal, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
            return;
        }
        if (m_cron.spec.concurrencyPolicy == "Replace")
            for (const ObjectReference& active : std::vector<ObjectReference>(m_cron.status.active)) {
                deleteJob(active.name);
                forgetActive(active.uid);
            }
        start(name, *due);
    }

    void start(const std::string& name, Instant due)
    {
        Job job;
        job.metadata.namespace_ = m_key.namespace_;
        job.metadata.name = name;
        job.metadata.labels = m_cron.spec.jobTemplate.metadata.labels;
        job.metadata.annotations = m_cron.spec.jobTemplate.metadata.annotations;
        job.metadata.annotations[kScheduledTimestamp] = zonedText(due, m_zone);
        job.metadata.ownerReferences.push_back(controllerReference(m_cron));
        job.spec = m_cron.spec.jobTemplate.spec;
        JobPtr created;
        const std::string error = createObject(m_context.client, job, kUser, created);
        if (!error.empty()) {
            if (!m_context.store().get<Job>({m_key.namespace_, name})) {
                event(kWarning, reasons::kFailedCreate, "Error creating job: {}", error);
                m_queue.addRateLimited(m_key, m_context.now());
            }
            return;
        }
        event(kNormal, reasons::kSuccessfulCreate, "Created job {}", name);
        m_cron.status.active.push_back(referenceTo(*created));
        m_cron.status.lastScheduleTime = Time{due};
    }

    void deleteJob(const std::string& name)
    {
        if (m_context.store().remove<Job>({m_key.namespace_, name}, m_context.now()))
            event(kNormal, reasons::kSuccessfulDelete, "Deleted job {}", name);
    }

    /// Keeps the latest finished Jobs, as many of each kind as the history limits say.
    void cleanUp()
    {
        const auto keep = [&](const char* type, const std::optional<std::int64_t>& limit) {
            if (!limit)
                return;
            std::vector<JobPtr> finished;
            for (const JobPtr& job : m_jobs)
                if (const Condition* c = finishedCondition(*job); c && c->type.value == type && !job->metadata.deletionTimestamp)
                    finished.push_back(job);
            std::sort(finished.begin(), finished.end(), [](const JobPtr& a, const JobPtr& b) {
                if (a->status.startTime != b->status.startTime)
                    return a->status.startTime < b->status.startTime;
                return a->metadata.name < b->metadata.name;
            });
            for (std::int64_t i = 0; i < static_cast<std::int64_t>(finished.size()) - *limit; ++i)
                deleteJob(finished[static_cast<std::size_t>(i)]->metadata.name);
        };
        keep("Complete", m_cron.spec.successfulJobsHistoryLimit);
        keep("Failed", m_cron.spec.failedJobsHistoryLimit);
    }

    void writeStatus()
    {
        if (!(m_cron.status == m_before.status))
            patchObject<CronJob>(m_context.client, m_key, [&](CronJob& c) { c.status = m_cron.status; });
    }

    ControllerContext& m_context;
    WorkQueue& m_queue;
    ObjectKey m_key;
    CronJob m_before;
    CronJob m_cron;
    std::vector<JobPtr> m_jobs;
    CronSchedule m_schedule;
    TimeZone m_zone = TimeZone::utc();
};

} // namespace

void CronJobController::relist(const Store& store)
{
    for (const auto& [key, cron] : store.all<CronJob>())
        queue.add(key);
}

void CronJobController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<CronJob>) {
        // What it wrote itself is no news.
        const CronJob* before = event.before<CronJob>();
        if (event.type == WatchEvent::Type::Added || (before && before->metadata.generation != event.as<CronJob>().metadata.generation))
            queue.add(event.key);
        return;
    }
    if (event.kind != kindIdOf<Job>)
        return;
    const OwnerReference* owner = controllerOf(event.as<Job>().metadata);
    if (!owner || owner->kind != "CronJob")
        return;
    const ObjectKey key{event.key.namespace_, owner->name};
    if (const auto cron = store.get<CronJob>(key); cron && cron->metadata.uid == owner->uid)
        queue.add(key);
}

void CronJobController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    const auto cron = context.store().get<CronJob>(key);
    if (!cron)
        return;
    CronSync(context, queue, key, *cron).run();
}

} // namespace sim::kube
