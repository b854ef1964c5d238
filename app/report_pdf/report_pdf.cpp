#include "app/report_pdf/report_pdf.h"

#include "app/report_pdf/sheet.h"
#include "core/report/charts.h"
#include "core/report/wording.h"
#include "sim/engine/assert.h"

#include <QBuffer>
#include <QGuiApplication>
#include <QSaveFile>

#include <fmt/format.h>

#include <array>
#include <optional>

namespace app::report_pdf {

namespace {

using core::content::Text;
using core::report::Report;
namespace words = core::report::words;

constexpr int kMostPages = 3;
constexpr double kRow = 15;

QString q(const std::string& text)
{
    return QString::fromStdString(text);
}

QPolygonF polygon(const std::vector<core::report::Point>& points)
{
    QPolygonF out;
    for (const core::report::Point& point : points)
        out.append({point.x, point.y});
    return out;
}

struct Column {
    const Text* title;
    double x = 0; ///< where its text begins, or ends for numbers
    double width = 0;
    bool number = false;
};

class Drawing {
public:
    Drawing(const Report& report, Sheet& sheet) : m_report(report), m_sheet(sheet) { }

    void draw()
    {
        header();
        if (m_report.attempts.empty()) {
            m_sheet.paragraph(Sheet::kMargin, m_sheet.y(), Sheet::kInnerWidth, word(words::kNothing), 10,
                              Sheet::kText);
            return;
        }
        figures();
        charts();
        skillsAndParts();
        incidents();
        areas();
        attempts();
    }

private:
    QString word(const Text& text) const { return q(text.in(m_report.options.language)); }

    void heading(double x, const Text& text)
    {
        m_sheet.text(x, m_sheet.y() + 11, word(text), 11, Sheet::kText, Sheet::Weight::Strong);
    }

    void header()
    {
        constexpr double kMark = 34;
        const core::report::ReportOptions& options = m_report.options;
        m_sheet.programMark(Sheet::kMargin, m_sheet.y(), kMark);
        const double x = Sheet::kMargin + kMark + 12;
        m_sheet.text(x, m_sheet.y() + 15, word(words::kTitle), 17, Sheet::kText, Sheet::Weight::Strong);
        QString about;
        if (!options.learner.empty())
            about = word(words::kLearner) + QStringLiteral(": ") + q(options.learner) + QStringLiteral(" · ");
        about += word(words::kGenerated) + QLatin1Char(' ') + q(core::report::dateText(options.generatedAt))
            + QStringLiteral(" · ") + word(words::kTimesAreUtc);
        m_sheet.text(x, m_sheet.y() + 30, about, 8.5, Sheet::kMuted, Sheet::Weight::Normal, -1,
                     Sheet::kInnerWidth - kMark - 12);
        m_sheet.setY(m_sheet.y() + kMark + 14);
    }

    void figures()
    {
        const auto list = core::report::headline(m_report);
        const double width = Sheet::kInnerWidth / static_cast<double>(list.size());
        m_sheet.line(Sheet::kMargin, m_sheet.y(), Sheet::kMargin + Sheet::kInnerWidth, m_sheet.y());
        double x = Sheet::kMargin;
        for (const auto& [name, value] : list) {
            m_sheet.text(x, m_sheet.y() + 18, q(value), 12, Sheet::kText, Sheet::Weight::Strong, -1,
                         width - 6);
            m_sheet.paragraph(x, m_sheet.y() + 23, width - 6, q(name), 7.5, Sheet::kMuted);
            x += width;
        }
        m_sheet.setY(m_sheet.y() + 50);
        m_sheet.line(Sheet::kMargin, m_sheet.y(), Sheet::kMargin + Sheet::kInnerWidth, m_sheet.y());
        m_sheet.setY(m_sheet.y() + 14);
    }

    void charts()
    {
        constexpr double kHeight = 224;
        constexpr double kRight = Sheet::kMargin + Sheet::kInnerWidth / 2 + 10;
        heading(Sheet::kMargin, words::kSkills);
        heading(kRight, words::kScoresOverTime);
        const double top = m_sheet.y();
        radar({Sheet::kMargin + Sheet::kInnerWidth / 4 - 5, top + 128}, 68);
        scores({kRight + 20, top + 24, Sheet::kInnerWidth / 2 - 32, kHeight - 74});
        m_sheet.setY(top + kHeight);
    }

    void radar(core::report::Point centre, double radius)
    {
        const core::report::RadarChart chart(m_report.directions, centre, radius);
        for (const double fraction : {0.25, 0.5, 0.75, 1.0})
            m_sheet.shape(polygon(chart.ring(fraction)), Sheet::kLine, 0.6);
        for (const core::report::Point& rim : chart.ring(1))
            m_sheet.line(centre.x, centre.y, rim.x, rim.y);
        QColor fill = Sheet::kAccent;
        fill.setAlphaF(0.16F);
        m_sheet.shape(polygon(chart.outline()), Sheet::kAccent, 1.4, fill);
        for (const double fraction : {0.5, 1.0}) {
            const core::report::Point at = chart.ring(fraction).front();
            m_sheet.text(at.x + 3, at.y + 8, QString::number(fraction * 100), 7, Sheet::kMuted);
        }
        constexpr double kLine = 11;
        for (const core::report::RadarChart::Label& label : chart.labels()) {
            const std::vector<std::string> lines = label.lines(m_report.options.language);
            double y = label.side == 0 ? label.at.y - kLine * static_cast<double>(lines.size() - 1) + 3
                                       : label.at.y - kLine * (static_cast<double>(lines.size()) / 2 - 0.8);
            for (std::size_t i = 0; i < lines.size(); ++i, y += kLine)
                m_sheet.text(label.at.x, y, q(lines[i]), 8.5, Sheet::kText,
                             i + 1 == lines.size() ? Sheet::Weight::Strong : Sheet::Weight::Normal,
                             -static_cast<int>(label.side));
        }
    }

    void scores(core::report::Area plot)
    {
        const core::report::ScoreChart chart(m_report.attempts, plot);
        for (const int score : {0, 25, 50, 75, 100}) {
            m_sheet.line(plot.left, chart.y(score), plot.left + plot.width, chart.y(score));
            m_sheet.text(plot.left - 5, chart.y(score) + 2.5, QString::number(score), 7, Sheet::kMuted,
                         Sheet::Weight::Normal, 1);
        }
        for (const core::report::ScoreChart::Tick& tick : chart.ticks())
            m_sheet.text(tick.x, plot.top + plot.height + 12, q(tick.text), 7, Sheet::kMuted,
                         Sheet::Weight::Normal, 0);
        if (chart.trend().size() > 1)
            m_sheet.shape(polygon(chart.trend()), Sheet::kAccent, 1.4, Qt::transparent, false);
        for (std::size_t i = 0; i < m_report.attempts.size(); ++i)
            m_sheet.mark(chart.points()[i].x, chart.points()[i].y, 4.5, m_report.attempts[i].solved);

        const double y = plot.top + plot.height + 28;
        m_sheet.mark(plot.left + 3, y, 4.5, true);
        m_sheet.text(plot.left + 9, y + 2.8, word(words::kSolved), 8);
        m_sheet.mark(plot.left + 61, y, 4.5, false);
        m_sheet.text(plot.left + 67, y + 2.8, word(words::kNotSolved), 8);
        m_sheet.line(plot.left + 122, y, plot.left + 136, y, Sheet::kAccent, 1.4);
        m_sheet.text(plot.left + 141, y + 2.8, word(words::kMeanOfFive), 8);
    }

    void skillsAndParts()
    {
        constexpr double kRight = Sheet::kMargin + Sheet::kInnerWidth / 2 + 10;
        const double top = m_sheet.y();
        heading(kRight, words::kPointsWon);
        m_sheet.setY(top + 24);
        for (const core::report::PartSummary& part : m_report.parts) {
            m_sheet.text(kRight, m_sheet.y() + 10, word(part.title), 8.5, Sheet::kText, Sheet::Weight::Normal,
                         -1, 72);
            m_sheet.bar(kRight + 78, m_sheet.y() + 7, 130, part.share);
            m_sheet.text(Sheet::kMargin + Sheet::kInnerWidth, m_sheet.y() + 10,
                         QString::number(part.share * 100, 'f', 0) + QStringLiteral(" %"), 8.5, Sheet::kText,
                         Sheet::Weight::Normal, 1);
            m_sheet.setY(m_sheet.y() + kRow);
        }
        const double afterParts = m_sheet.y();
        m_sheet.setY(top);
        skillTable(words::kByDirection, words::kDirection, m_report.directions, Sheet::kInnerWidth / 2 - 10,
                   true);
        m_sheet.setY(m_sheet.y()
                     + m_sheet.paragraph(Sheet::kMargin, m_sheet.y() + 4, Sheet::kInnerWidth / 2 - 10,
                                         word(words::kSkillRule), 7.5, Sheet::kMuted)
                     + 4);
        m_sheet.setY(std::max(m_sheet.y(), afterParts) + 16);
    }

    /// The heading's row and the columns' names; the table is `width` wide.
    void tableHead(const Text& title, const std::vector<Column>& columns, double width)
    {
        heading(Sheet::kMargin, title);
        m_sheet.setY(m_sheet.y() + 20);
        columnNames(columns, width);
    }

    void columnNames(const std::vector<Column>& columns, double width)
    {
        for (const Column& column : columns)
            m_sheet.text(column.x, m_sheet.y() + 9, word(*column.title), 7.5, Sheet::kMuted,
                         Sheet::Weight::Normal, column.number ? 1 : -1, column.width);
        rowEnd(width);
    }

    void rowEnd(double width)
    {
        m_sheet.setY(m_sheet.y() + kRow);
        m_sheet.line(Sheet::kMargin, m_sheet.y() - 1, Sheet::kMargin + width, m_sheet.y() - 1);
    }

    void cell(const Column& column, const std::string& text, const QColor& color = Sheet::kText)
    {
        m_sheet.text(column.x, m_sheet.y() + 9.5, q(text), 8.5, color, Sheet::Weight::Normal,
                     column.number ? 1 : -1, column.width);
    }

    /// False when the last page is full. Repeats the columns' names on a new page.
    bool roomForRow(const std::vector<Column>& columns)
    {
        // The note on what is left out must fit below the last row.
        const double need = m_sheet.page() == kMostPages ? 2 * kRow : kRow;
        if (m_sheet.room() >= need)
            return true;
        if (m_sheet.page() == kMostPages)
            return false;
        m_sheet.newPage();
        columnNames(columns, Sheet::kInnerWidth);
        return true;
    }

    /// Begins a table on a new page when its heading and a few rows do not fit here.
    void startTable(std::size_t rows)
    {
        constexpr std::size_t kTogether = 4;
        if (m_sheet.room() < 35 + kRow * static_cast<double>(std::min(rows, kTogether)))
            m_sheet.newPage();
    }

    void skillTable(const Text& title, const Text& name, const std::vector<core::progress::Skill>& skills,
                    double width, bool all)
    {
        const double right = Sheet::kMargin + width;
        const std::vector<Column> columns = {{&name, Sheet::kMargin, width - 130, false},
                                             {&words::kScore, right - 92, 36, true},
                                             {&words::kIncidents, right - 46, 44, true},
                                             {&words::kAttempts, right, 44, true}};
        tableHead(title, columns, width);
        for (const core::progress::Skill& skill : skills) {
            if (!all && !skill.score)
                continue;
            cell(columns[0], skill.axis.title.in(m_report.options.language));
            cell(columns[1], core::report::scoreText(skill.score));
            cell(columns[2], std::to_string(skill.incidents));
            cell(columns[3], std::to_string(skill.attempts));
            rowEnd(width);
        }
    }

    void incidents()
    {
        constexpr double kRight = Sheet::kMargin + Sheet::kInnerWidth;
        const std::vector<Column> columns = {{&words::kIncident, Sheet::kMargin, 170, false},
                                             {&words::kArea, Sheet::kMargin + 178, 100, false},
                                             {&words::kAttempts, kRight - 190, 45, true},
                                             {&words::kSolved, kRight - 145, 40, true},
                                             {&words::kBest, kRight - 112, 30, true},
                                             {&words::kLatest, kRight - 80, 30, true},
                                             {&words::kLastTried, kRight, 76, true}};
        startTable(m_report.incidents.size());
        tableHead(words::kIncidents, columns, Sheet::kInnerWidth);
        for (const core::report::IncidentSummary& incident : m_report.incidents) {
            if (!roomForRow(columns))
                return;
            cell(columns[0], incident.title.in(m_report.options.language));
            cell(columns[1], core::report::areaTitle(incident.area, m_report.options.language));
            cell(columns[2], std::to_string(incident.attempts));
            cell(columns[3], std::to_string(incident.solved));
            cell(columns[4], core::report::scoreText(incident.best));
            cell(columns[5], core::report::scoreText(incident.latest));
            cell(columns[6], core::report::dateText(incident.latestAt));
            rowEnd(Sheet::kInnerWidth);
        }
        m_sheet.setY(m_sheet.y() + 14);
    }

    void areas()
    {
        startTable(m_report.areas.size());
        skillTable(words::kByArea, words::kArea, m_report.areas, Sheet::kInnerWidth, false);
        m_sheet.setY(m_sheet.y() + 14);
    }

    void attempts()
    {
        constexpr double kRight = Sheet::kMargin + Sheet::kInnerWidth;
        const core::content::Language language = m_report.options.language;
        const std::vector<Column> columns = {{&words::kStarted, Sheet::kMargin, 78, false},
                                             {&words::kIncident, Sheet::kMargin + 82, 138, false},
                                             {&words::kCause, Sheet::kMargin + 226, 92, false},
                                             {&words::kResult, Sheet::kMargin + 324, 62, false},
                                             {&words::kScore, kRight - 108, 28, true},
                                             {&words::kDuration, kRight - 50, 56, true},
                                             {&words::kHints, kRight, 48, true}};
        startTable(m_report.attempts.size());
        tableHead(words::kAllAttempts, columns, Sheet::kInnerWidth);
        for (std::size_t left = m_report.attempts.size(); left > 0; --left) {
            if (!roomForRow(columns)) {
                m_sheet.text(Sheet::kMargin, m_sheet.y() + 11,
                             q(fmt::format(fmt::runtime(words::kMoreInHtml.in(language)), left)), 8,
                             Sheet::kMuted);
                return;
            }
            const core::progress::Attempt& attempt = m_report.attempts[left - 1];
            cell(columns[0], core::report::dateText(attempt.startedAt), Sheet::kMuted);
            cell(columns[1], attempt.title.in(language));
            cell(columns[2], attempt.cause);
            m_sheet.mark(columns[3].x + 3, m_sheet.y() + 6.5, 5, attempt.solved);
            m_sheet.text(columns[3].x + 10, m_sheet.y() + 9.5, word(core::report::resultWord(attempt.solved)),
                         8.5, attempt.solved ? Sheet::kOk : Sheet::kCritical);
            cell(columns[4], core::report::scoreText(attempt.score));
            cell(columns[5], core::report::durationText(attempt.durationSeconds, language));
            cell(columns[6], std::to_string(attempt.hintsTaken));
            rowEnd(Sheet::kInnerWidth);
        }
    }

    const Report& m_report;
    Sheet& m_sheet;
};

/// For a program without a window, such as faultctl.
class HiddenApplication {
    // QGuiApplication keeps references to both.
    std::array<char, 10> m_name{"faultline"};
    std::array<char, 10> m_option{"-platform"};
    std::array<char, 10> m_platform{"offscreen"};
    std::array<char*, 4> m_arguments{m_name.data(), m_option.data(), m_platform.data(), nullptr};
    int m_count = 3;
    QGuiApplication m_application{m_count, m_arguments.data()};
};

} // namespace

sim::Result<sim::Done> writePdf(const Report& report, const std::string& path)
{
    std::optional<HiddenApplication> application;
    if (QCoreApplication::instance() == nullptr)
        application.emplace();
    FL_ASSERT(qobject_cast<QGuiApplication*>(QCoreApplication::instance()) != nullptr);
    // QPdfWriter does not tell when a write fails, so it writes to memory and the file is written in one go.
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        writer.setTitle(q("Faultline · " + words::kTitle.in(report.options.language)));
        writer.setCreator(q("Faultline " + report.options.programVersion));
        Sheet sheet(writer, q("Faultline " + report.options.programVersion));
        if (!sheet.begin())
            return sim::Error{"The PDF cannot be drawn: Qt's PDF engine did not start.", path};
        Drawing(report, sheet).draw();
        if (!sheet.end())
            return sim::Error{"The PDF cannot be drawn: Qt's PDF engine stopped.", path};
    }
    QSaveFile file(q(path));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        return sim::Error{"The PDF cannot be written (" + file.errorString().toStdString()
                              + "). Choose another place, or free some space.",
                          path};
    }
    return sim::Done{};
}

} // namespace app::report_pdf
