#include "app/desktop/pages/progress_page.h"

#include "app/desktop/pages/attempt_model.h"
#include "app/desktop/pages/skills_chart.h"
#include "app/desktop/window/card.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

namespace app::desktop {

ProgressPage::ProgressPage(Look& look, ProgressSource& source, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_source(source)
    , m_model(new AttemptModel(this))
    , m_skillsCard(new Card(look, this))
    , m_attemptsCard(new Card(look, this))
    , m_skills(new SkillsChart(look, m_skillsCard))
    , m_table(new QTableView(m_attemptsCard))
{
    m_skillsTitle = m_skillsCard->addLabel({}, "section");
    m_skillsCard->column()->addWidget(m_skills);
    m_attemptsTitle = m_attemptsCard->addLabel({}, "section");
    m_empty = m_attemptsCard->addLabel({}, "muted");
    m_empty->setAlignment(Qt::AlignCenter);
    m_table->setModel(m_model);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(AttemptModel::Cause, QHeaderView::Stretch);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_attemptsCard->column()->setStretchFactor(m_empty, 1);
    m_attemptsCard->column()->addWidget(m_table, 1);
    m_exports = new QWidget(m_attemptsCard);
    auto* row = new QHBoxLayout(m_exports);
    row->setContentsMargins(0, 0, 0, 0);
    m_exportLabel = new QLabel(m_exports);
    m_exportLabel->setProperty("kind", QStringLiteral("muted"));
    m_result = new QLabel(m_exports);
    m_result->setProperty("kind", QStringLiteral("muted"));
    row->addWidget(m_exportLabel);
    for (const QString& format : source.exportFormats()) {
        auto* button = new QPushButton(format.toUpper(), m_exports);
        button->setAccessibleName(tr("Export as %1").arg(format));
        connect(button, &QPushButton::clicked, this, [this, format] { exportAs(format); });
        row->addWidget(button);
    }
    row->addWidget(m_result, 1);
    m_attemptsCard->column()->addWidget(m_exports);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kGap, 0, Look::kGap, Look::kGap);
    column->setSpacing(Look::kGap);
    column->addWidget(m_skillsCard);
    column->addWidget(m_attemptsCard, 1);
    setFocusProxy(m_table);
    connect(&look, &Look::changed, this, &ProgressPage::retranslate);
    retranslate();
}

void ProgressPage::reload()
{
    std::vector<AttemptRow> attempts = m_source.attempts();
    const bool none = attempts.empty();
    m_empty->setVisible(none);
    m_table->setVisible(!none);
    m_exports->setVisible(!none); // nothing to take along yet
    m_model->setRows(std::move(attempts));
    m_skills->setSkills(m_source.skills());
}

void ProgressPage::exportAs(const QString& format)
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Export"), QStringLiteral("faultline-report.%1").arg(format));
    if (path.isEmpty())
        return;
    const QString error = m_source.exportReport(format, path);
    m_result->setText(error.isEmpty() ? tr("Written to %1").arg(path) : error);
}

void ProgressPage::retranslate()
{
    m_skillsTitle->setText(tr("Skills by direction"));
    m_attemptsTitle->setText(tr("Attempts"));
    m_empty->setText(tr("Every incident you close is listed here with its score. Start one from Incidents."));
    m_exportLabel->setText(tr("Take it along:"));
    m_table->setAccessibleName(tr("Attempts"));
    m_model->retranslate();
    reload();
}

} // namespace app::desktop
