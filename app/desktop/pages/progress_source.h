#pragma once

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace app::desktop {

/// What the progress page shows of one attempt.
struct AttemptRow {
    QString startedAt;    ///< "2026-03-02 14:06"
    QString incident;
    QString cause;        ///< what it really was
    bool solved = false;
    double score = 0;     ///< 0..100
    int hints = 0;
    QString mode;         ///< translated: "Study", "Exam"
    double minutes = 0;   ///< virtual
};

struct SkillRow {
    QString title;
    std::optional<double> score; ///< 0..100; nothing: no attempt yet
    int attempts = 0;
};

/// Where the progress page gets its data. Two implementations: the learner's store, and a list in tests.
class ProgressSource {
public:
    virtual ~ProgressSource() = default;

    virtual std::vector<AttemptRow> attempts() const = 0;
    virtual std::vector<SkillRow> skills() const = 0;
    /// Formats it can write, by their usual file ending: "html", "csv", ...
    virtual QStringList exportFormats() const = 0;
    /// Writes a report; an error text, or empty.
    virtual QString exportReport(const QString& format, const QString& path) = 0;
};

} // namespace app::desktop
