#include "app/desktop/pages/learner_progress.h"

#include "core/progress/from_session.h"
#include "core/report/report.h"

#include <QDateTime>
#include <QFile>

namespace app::desktop {

LearnerProgress::LearnerProgress(Look& look, std::shared_ptr<const core::content::Library> library,
                                 const QString& folder)
    : m_look(look)
    , m_library(std::move(library))
{
    sim::Result<core::progress::Store> store = core::progress::Store::open(folder.toStdString());
    if (store)
        m_store.emplace(std::move(*store));
    else
        m_problem = QString::fromStdString(store.error().text());
}

std::vector<core::progress::Attempt> LearnerProgress::all() const
{
    if (!m_store)
        return {};
    sim::Result<std::vector<core::progress::Attempt>> attempts = m_store->list();
    return attempts ? std::move(*attempts) : std::vector<core::progress::Attempt>{};
}

QString LearnerProgress::causeMeans(const core::progress::Attempt& attempt) const
{
    for (const core::content::Incident& incident : m_library->incidents) {
        if (incident.id != attempt.incident)
            continue;
        for (const core::content::Cause& cause : incident.causes) {
            if (cause.id == attempt.cause)
                return m_look.text(cause.means);
        }
    }
    return QString::fromStdString(attempt.cause);
}

std::vector<AttemptRow> LearnerProgress::attempts() const
{
    std::vector<AttemptRow> rows;
    for (const core::progress::Attempt& attempt : all()) {
        AttemptRow row;
        const QDateTime started = QDateTime::fromString(QString::fromStdString(attempt.startedAt), Qt::ISODate);
        row.startedAt = started.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm"));
        row.incident = m_look.text(attempt.title);
        row.cause = causeMeans(attempt);
        row.solved = attempt.solved;
        row.score = attempt.score;
        row.hints = attempt.hintsTaken;
        row.mode = attempt.mode == core::progress::Mode::Exam ? tr("Exam") : tr("Study");
        row.minutes = attempt.durationSeconds / 60;
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<SkillRow> LearnerProgress::skills() const
{
    std::vector<SkillRow> rows;
    for (const core::progress::Skill& skill : core::progress::directionSkills(all()))
        rows.push_back({m_look.text(skill.axis.title), skill.score, skill.attempts});
    return rows;
}

QStringList LearnerProgress::exportFormats() const
{
    return {QStringLiteral("html"), QStringLiteral("md"), QStringLiteral("csv"), QStringLiteral("json")};
}

QString LearnerProgress::exportReport(const QString& format, const QString& path)
{
    if (!m_store)
        return m_problem;
    core::report::ReportOptions options;
    options.language = m_look.preferences().language;
    options.generatedAt = QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();
    options.programVersion = QCoreApplication::applicationVersion().toStdString();
    const core::report::Report report = core::report::makeReport(all(), options);
    const std::string text = format == QLatin1String("html") ? core::report::toHtml(report)
        : format == QLatin1String("md")                      ? core::report::toMarkdown(report)
        : format == QLatin1String("csv")                     ? core::report::toCsv(report)
                                                             : core::report::toJson(report);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text.data(), static_cast<qint64>(text.size())) < 0)
        return tr("%1 could not be written: %2").arg(path, file.errorString());
    return {};
}

QString LearnerProgress::record(const core::session::StartRequest& request, const FramePtr& frame)
{
    if (!m_store)
        return m_problem;
    const core::session::IncidentView& view = *frame->incident;
    std::string area;
    for (const core::content::Incident& incident : m_library->incidents) {
        if (incident.id == view.id)
            area = incident.area;
    }
    const QString now = QDateTime::currentDateTimeUtc().toString(Qt::ISODate);
    core::progress::Attempt attempt
        = core::progress::startedAttempt(request, view.title, area, now.toStdString());
    core::progress::takeGrade(attempt, *view.grade, view.hints.taken);
    attempt.durationSeconds = sim::toSeconds(frame->world->now - frame->opened);
    attempt.fingerprint = frame->fingerprint;
    const sim::Result<std::int64_t> stored = m_store->finish(attempt);
    return stored ? QString() : QString::fromStdString(stored.error().text());
}

} // namespace app::desktop
