#include "app/desktop/guide/guide_panel.h"

#include "app/desktop/guide/hint_button.h"
#include "app/desktop/guide/lesson_view.h"
#include "app/desktop/guide/step_list.h"
#include "app/desktop/theme/markdown.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/theme/wording.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

using core::session::IncidentView;

namespace {

void empty(QLayout* layout)
{
    while (QLayoutItem* item = layout->takeAt(0)) {
        if (item->widget() != nullptr)
            item->widget()->deleteLater();
        delete item;
    }
}

/// The first paragraph: what hurts. The rest says how to go about it and folds away once that is known.
QString opening(const QString& markdown)
{
    return markdown.section(QStringLiteral("\n\n"), 0, 0);
}

/// A thin line across the panel.
class Rule : public QWidget {
public:
    Rule(const Look& look, QWidget* parent)
        : QWidget(parent)
    {
        setFixedHeight(1);
        setStyleSheet(QStringLiteral("background: %1;").arg(look.tokens().line.name()));
        setAttribute(Qt::WA_StyledBackground);
    }
};

} // namespace

GuidePanel::GuidePanel(Look& look, LabClient& client, const QStringList& contentFolders, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_client(client)
    , m_tabs(new QWidget)
    , m_tabGroup(new QButtonGroup(this))
    , m_pages(new QStackedWidget(this))
    , m_lesson(new LessonView(look, contentFolders, this))
{
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 4);
    all->addWidget(m_pages);
    buildTabs();
    buildTask();
    auto* lessonPage = new QWidget(this);
    auto* lessonColumn = new QVBoxLayout(lessonPage);
    lessonColumn->setContentsMargins(Look::kInset, Look::kInset, 4, 4);
    lessonColumn->addWidget(m_lesson);
    m_pages->addWidget(lessonPage);
    connect(&look, &Look::changed, this, &GuidePanel::retranslate);
    retranslate();
}

void GuidePanel::buildTabs()
{
    auto* row = new QHBoxLayout(m_tabs);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    addTabs(m_tabs, row, m_tabGroup, 2);
    connect(m_tabGroup, &QButtonGroup::idClicked, this, &GuidePanel::showPage);
}

QLabel* GuidePanel::addLabel(const char* kind)
{
    auto* label = new QLabel(this);
    label->setWordWrap(true);
    label->setProperty("kind", QLatin1String(kind));
    m_column->addWidget(label);
    return label;
}

void GuidePanel::buildTask()
{
    auto* task = new QWidget(this);
    auto* taskColumn = new QVBoxLayout(task);
    taskColumn->setContentsMargins(0, 0, 0, 0);
    taskColumn->setSpacing(0);
    m_scroll = new QScrollArea(task);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    auto* page = new QWidget(m_scroll);
    m_column = new QVBoxLayout(page);
    m_column->setContentsMargins(Look::kInset, Look::kInset, Look::kInset, Look::kInset);
    m_column->setSpacing(0);
    m_brief = addLabel("body");
    m_brief->setTextFormat(Qt::RichText);
    m_brief->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::LinksAccessibleByMouse);
    m_brief->setOpenExternalLinks(true);
    m_whole = new QToolButton(page);
    m_whole->setCheckable(true);
    m_whole->setFocusPolicy(Qt::TabFocus);
    m_whole->setProperty("kind", QStringLiteral("link"));
    m_column->addSpacing(2);
    m_column->addWidget(m_whole, 0, Qt::AlignLeft);
    m_column->addSpacing(12);
    m_steps = new StepList(m_look, page);
    m_column->addWidget(m_steps);
    m_column->addSpacing(16);
    m_evidenceTitle = addLabel("label");
    m_column->addSpacing(6);
    m_evidence = new QVBoxLayout;
    m_evidence->setSpacing(0);
    m_column->addLayout(m_evidence);
    m_column->addSpacing(8);
    m_ruledOut = addLabel("muted");
    m_count = addLabel("muted");
    m_column->addSpacing(16);
    m_hintTexts = new QVBoxLayout;
    m_hintTexts->setSpacing(8);
    m_column->addLayout(m_hintTexts);
    m_column->addStretch(1);
    m_scroll->setWidget(page);
    page->setAutoFillBackground(false);
    m_scroll->viewport()->setAutoFillBackground(false);
    taskColumn->addWidget(m_scroll, 1);
    // Help stays in sight however long the evidence grows.
    auto* help = new QVBoxLayout;
    help->setContentsMargins(Look::kInset, Look::kGap, Look::kInset, Look::kGap);
    m_hint = new HintButton(m_look, task);
    help->addWidget(m_hint);
    taskColumn->addLayout(help);
    m_pages->addWidget(task);
    connect(m_whole, &QToolButton::clicked, this, &GuidePanel::showBrief);
    connect(m_hint, &QAbstractButton::clicked, this, &GuidePanel::takeHint);
}

void GuidePanel::showPage(int page)
{
    m_pages->setCurrentIndex(page);
}

void GuidePanel::takeHint()
{
    if (m_hint->isEnabled() && m_hint->isVisible())
        m_client.takeHint();
}

void GuidePanel::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    if (frame->incident)
        showIncident();
    else
        showHealthyLab();
}

void GuidePanel::showIncident()
{
    const IncidentView& incident = *m_frame->incident;
    const QString id = QString::fromStdString(incident.id);
    if (id != m_shownIncident) {
        m_shownIncident = id;
        m_factsShown = SIZE_MAX;
        m_hintsShown = -1;
        m_acknowledged = incident.acknowledged;
        m_whole->setChecked(!incident.acknowledged);
        showBrief();
        m_lesson->setLesson(m_look.text(incident.lesson));
        m_tabs->setVisible(!incident.lesson.en.empty());
        for (QWidget* widget : {static_cast<QWidget*>(m_steps), static_cast<QWidget*>(m_evidenceTitle),
                                static_cast<QWidget*>(m_count), static_cast<QWidget*>(m_hint)})
            widget->show();
    }
    if (incident.acknowledged != m_acknowledged) {
        m_acknowledged = incident.acknowledged;
        m_whole->setChecked(!m_acknowledged);
        showBrief();
    }
    m_steps->setStep(incident.step);
    if (incident.facts.size() != m_factsShown)
        showEvidence(incident);
    if (incident.hints.taken != m_hintsShown)
        showHints(incident);
    if (m_frame->world)
        m_hint->setHints(incident.hints, m_frame->world->now);
    m_hint->setVisible(incident.step != IncidentView::Step::Closed);

    QStringList out;
    for (const core::content::Text& text : incident.ruledOut)
        out += m_look.text(text);
    m_ruledOut->setVisible(incident.studyMode && !out.isEmpty());
    m_ruledOut->setText(tr("Rules out: %1").arg(out.join(tr(", "))));
    QString count = tr("%n fact(s)", nullptr, static_cast<int>(incident.facts.size()));
    if (incident.studyMode)
        count += QStringLiteral(" · ") + tr("%n cause(s) still fit", nullptr, incident.causesLeft);
    m_count->setText(count);
    m_count->setVisible(!incident.facts.empty());
}

void GuidePanel::showBrief()
{
    const QString whole = m_look.text(m_frame->incident->brief);
    const QString first = opening(whole);
    m_brief->setText(richText(m_look, m_whole->isChecked() ? whole : first));
    m_whole->setText(m_whole->isChecked() ? tr("Show less") : tr("Show the whole task"));
    m_whole->setAccessibleName(m_whole->text());
    m_whole->setVisible(first.size() < whole.size());
}

void GuidePanel::showHints(const IncidentView& incident)
{
    const bool taken = m_hintsShown >= 0 && incident.hints.taken > m_hintsShown;
    m_hintsShown = incident.hints.taken;
    empty(m_hintTexts);
    QLabel* last = nullptr;
    for (const core::content::Text& text : incident.hints.texts) {
        last = new QLabel(richText(m_look, m_look.text(text)), this);
        last->setWordWrap(true);
        last->setTextFormat(Qt::RichText);
        last->setStyleSheet(QStringLiteral("border-left: 2px solid %1; padding-left: 10px;")
                                .arg(m_look.tokens().warn.name()));
        m_hintTexts->addWidget(last);
    }
    // Whoever has just paid for a hint must not have to look for it; its place is known after the layout.
    if (taken && last != nullptr)
        QTimer::singleShot(0, last, [this, last] { m_scroll->ensureWidgetVisible(last); });
}

void GuidePanel::showEvidence(const IncidentView& incident)
{
    m_factsShown = incident.facts.size();
    empty(m_evidence);
    if (incident.facts.empty()) {
        auto* words = new QLabel(tr("What you find out will be listed here. Look around with kubectl, with the "
                                    "charts, or click a machine."),
                                 this);
        words->setWordWrap(true);
        words->setProperty("kind", QStringLiteral("muted"));
        m_evidence->addWidget(words);
        return;
    }
    for (const core::session::FactView& fact : incident.facts) {
        m_evidence->addWidget(new Rule(m_look, this));
        m_evidence->addWidget(evidenceRow(m_look.text(fact.text), Wording::minutes(fact.seenAt)));
    }
    m_evidence->addWidget(new Rule(m_look, this));
}

QWidget* GuidePanel::evidenceRow(const QString& text, const QString& time)
{
    auto* row = new QWidget(this);
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(0, 7, 0, 7);
    line->setSpacing(8);
    auto* bullet = new QLabel(row);
    bullet->setPixmap(m_look.pixmap(QStringLiteral("check"), m_look.tokens().ok, m_look.scaled(14), devicePixelRatioF()));
    auto* words = new QLabel(text, row);
    words->setWordWrap(true);
    auto* clock = new QLabel(time, row);
    clock->setProperty("kind", QStringLiteral("muted"));
    bullet->setContentsMargins(0, 2, 0, 0);
    line->addWidget(bullet, 0, Qt::AlignTop);
    line->addWidget(words, 1);
    line->addWidget(clock, 0, Qt::AlignTop);
    return row;
}

void GuidePanel::showHealthyLab()
{
    m_shownIncident.clear();
    for (QWidget* widget : {static_cast<QWidget*>(m_steps), static_cast<QWidget*>(m_evidenceTitle),
                            static_cast<QWidget*>(m_ruledOut), static_cast<QWidget*>(m_count),
                            static_cast<QWidget*>(m_hint), static_cast<QWidget*>(m_whole), m_tabs})
        widget->hide();
    if (m_factsShown != 0 || m_brief->text().isEmpty()) {
        m_factsShown = 0;
        empty(m_evidence);
        empty(m_hintTexts);
        m_pages->setCurrentIndex(0);
    }
    using Role = sim::MachineView::Role;
    const std::vector<sim::MachineView>& machines = m_frame->world->machines;
    if (std::none_of(machines.begin(), machines.end(), [](const auto& machine) {
            return machine.role == Role::ControlPlane || machine.role == Role::Worker || machine.role == Role::Gpu;
        })) {
        m_brief->setText(richText(m_look, tr("**These servers are healthy.** Nothing you do here is graded: break them, mend them, rewind.\n\n"
                            "Some things to try:\n\n"
                            "- `cat /etc/hosts`, for the machines that `ssh` takes you to\n"
                            "- `curl -s http://slo.lab/checkout`, for what users get\n"
                            "- reboot a server and watch it come up under **Machine**, Boot\n"
                            "- fill a disk, branch, and compare\n\n"
                            "Start an incident from **Incidents** when you want a task.")));
        return;
    }
    m_brief->setText(richText(m_look, tr("**This data centre is healthy.** Nothing you do here is graded: break it, mend it, rewind.\n\n"
                        "Some things to try:\n\n"
                        "- `kubectl get pods -A -o wide`\n"
                        "- `ssh gpu-1 -- nvidia-smi`\n"
                        "- drain a worker and watch its pods move\n"
                        "- stop a kubelet, branch, and compare\n\n"
                        "Start an incident from **Incidents** when you want a task.")));
}

void GuidePanel::retranslate()
{
    m_tabGroup->button(0)->setText(tr("Task"));
    m_tabGroup->button(1)->setText(tr("Lesson"));
    for (QAbstractButton* button : m_tabGroup->buttons())
        button->setAccessibleName(button->text());
    m_evidenceTitle->setText(tr("Evidence you have seen"));
    m_whole->setAccessibleName(tr("Show the whole task"));
    m_lesson->setAccessibleName(tr("Lesson"));
    m_shownIncident.clear();
    m_brief->clear();
    if (m_frame)
        setFrame(m_frame);
}

} // namespace app::desktop
