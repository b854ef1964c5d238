#include "app/desktop/debrief/debrief_page.h"

#include "app/desktop/debrief/post_mortem_list.h"
#include "app/desktop/theme/markdown.h"
#include "app/desktop/theme/wording.h"
#include "app/desktop/window/card.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <array>
#include <cmath>

namespace app::desktop {

using core::session::GradeView;

namespace {

// Text of this many percent and more leaves no room for two columns at 1440 pixels.
constexpr int kOneColumnFrom = 150;

} // namespace

DebriefPage::DebriefPage(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_scroll(new QScrollArea(this))
    , m_save(new QPushButton(this))
    , m_again(new QPushButton(this))
    , m_lab(new QPushButton(this))
    , m_next(new QPushButton(this))
{
    m_next->setProperty("kind", QStringLiteral("primary"));
    m_scroll->setWidgetResizable(true);
    m_scroll->setFocusPolicy(Qt::StrongFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->setAutoFillBackground(false);
    setFocusProxy(m_next);
    auto* buttons = new QHBoxLayout;
    buttons->setContentsMargins(0, 0, 0, 0);
    buttons->addWidget(m_save);
    buttons->addWidget(m_lab);
    buttons->addStretch(1);
    buttons->addWidget(m_again);
    buttons->addWidget(m_next);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(Look::kGap);
    column->addWidget(m_scroll, 1);
    column->addLayout(buttons);
    connect(m_save, &QPushButton::clicked, this, &DebriefPage::saveReplayChosen);
    connect(m_again, &QPushButton::clicked, this, &DebriefPage::tryAgainChosen);
    connect(m_next, &QPushButton::clicked, this, &DebriefPage::nextChosen);
    connect(m_lab, &QPushButton::clicked, this, &DebriefPage::labChosen);
    connect(&look, &Look::changed, this, &DebriefPage::retranslate);
    retranslate();
}

void DebriefPage::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    rebuild();
}

void DebriefPage::rebuild()
{
    if (!m_frame || !m_frame->incident || !m_frame->incident->grade)
        return;
    const GradeView& grade = *m_frame->incident->grade;
    auto* page = new QWidget(m_scroll);
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(Look::kGap);
    const bool twoColumns = m_look.scaled(100) < kOneColumnFrom;
    grid->addWidget(scoreCard(grade), 0, 0);
    grid->addWidget(causeCard(grade), twoColumns ? 0 : 1, twoColumns ? 1 : 0);
    grid->addWidget(partsCard(grade), twoColumns ? 1 : 2, 0);
    grid->addWidget(timelineCard(grade), twoColumns ? 1 : 3, twoColumns ? 1 : 0);
    grid->setColumnStretch(0, 5);
    grid->setColumnStretch(1, twoColumns ? 6 : 0);
    grid->setRowStretch(twoColumns ? 1 : 3, 1);
    m_scroll->setWidget(page);
}

QWidget* DebriefPage::scoreCard(const GradeView& grade)
{
    auto* card = new Card(m_look);
    card->addLabel(tr("Debrief"), "label");
    auto* row = new QHBoxLayout;
    auto* score = new QLabel(QString::number(std::lround(grade.score)), card);
    score->setProperty("kind", QStringLiteral("display"));
    auto* outOf = new QLabel(tr("of 100"), card);
    outOf->setProperty("kind", QStringLiteral("muted"));
    row->addWidget(score);
    row->addWidget(outOf, 0, Qt::AlignBottom);
    row->addSpacing(16);
    const QColor color = grade.solved ? m_look.tokens().ok : m_look.tokens().critical;
    auto* verdict = new QLabel(
        QStringLiteral("<span style=\"color:%1\">%2 %3</span>")
            .arg(color.name(), grade.solved ? QStringLiteral("●") : QStringLiteral("■"),
                 grade.solved ? tr("Service restored") : tr("Service not restored")),
        card);
    verdict->setProperty("kind", QStringLiteral("section"));
    row->addWidget(verdict, 0, Qt::AlignVCenter);
    row->addStretch(1);
    card->column()->addLayout(row);

    auto* clocks = new QHBoxLayout;
    clocks->setSpacing(20);
    const std::array<std::pair<const char*, QString>, 5> names{
        {{"detect", tr("Detect")}, {"first_evidence", tr("First evidence")}, {"mitigate", tr("Mitigate")},
         {"resolve", tr("Resolve")}, {"verify", tr("Verify")}}};
    for (const auto& [id, name] : names) {
        const auto clock = grade.clocksSeconds.find(id);
        if (clock == grade.clocksSeconds.end())
            continue;
        auto* cell = new QVBoxLayout;
        cell->setSpacing(2);
        auto* title = new QLabel(name, card);
        title->setProperty("kind", QStringLiteral("label"));
        auto* value = new QLabel(clock->second ? Wording::duration(*clock->second) : tr("never"), card);
        value->setProperty("kind", QStringLiteral("section"));
        cell->addWidget(title);
        cell->addWidget(value);
        clocks->addLayout(cell);
    }
    clocks->addStretch(1);
    card->column()->addSpacing(4);
    card->column()->addLayout(clocks);
    card->column()->addStretch(1);
    return card;
}

QWidget* DebriefPage::partsCard(const GradeView& grade)
{
    auto* card = new Card(m_look);
    card->addLabel(tr("Where the points come from"), "section");
    for (const core::session::ScorePart& part : grade.parts) {
        auto* row = new QHBoxLayout;
        row->addWidget(new QLabel(m_look.text(part.title), card), 1);
        auto* points = new QLabel(tr("%1 of %2").arg(part.points, 0, 'f', 0).arg(part.outOf, 0, 'f', 0), card);
        points->setProperty("kind", QStringLiteral("section"));
        row->addWidget(points);
        card->column()->addSpacing(4);
        card->column()->addLayout(row);
        auto* bar = new QProgressBar(card);
        bar->setTextVisible(false);
        bar->setRange(0, 1000);
        bar->setValue(part.outOf > 0 ? static_cast<int>(std::lround(1000 * part.points / part.outOf)) : 0);
        bar->setAccessibleName(m_look.text(part.title));
        const QColor color = part.points >= 0.8 * part.outOf ? m_look.tokens().ok
            : part.points >= 0.5 * part.outOf                ? m_look.tokens().warn
                                                             : m_look.tokens().critical;
        bar->setStyleSheet(QStringLiteral("QProgressBar::chunk { background: %1; border-radius: 3px; }").arg(color.name()));
        card->column()->addWidget(bar);
        card->addLabel(m_look.text(part.reason), "muted");
    }
    card->column()->addStretch(1);
    return card;
}

QWidget* DebriefPage::causeCard(const GradeView& grade)
{
    auto* card = new Card(m_look);
    card->addLabel(tr("The true cause"), "label");
    card->addLabel(m_look.text(grade.trueCauseMeans), "title");
    const bool right = grade.answeredCause == grade.trueCause;
    QString answered;
    for (const core::session::CauseChoice& choice : m_frame->incident->choices) {
        if (choice.id == grade.answeredCause)
            answered = m_look.text(choice.means);
    }
    const QColor color = right ? m_look.tokens().ok : m_look.tokens().critical;
    card->addLabel(QStringLiteral("<span style=\"color:%1\">%2</span> %3")
                       .arg(color.name(), right ? QStringLiteral("●") : QStringLiteral("■"),
                            right                  ? tr("You named it.")
                                : answered.isEmpty() ? tr("You gave no answer.")
                                                     : tr("You answered: %1").arg(answered)),
                   "body");
    const auto markdown = [&](const core::content::Text& text) {
        QLabel* label = card->addLabel(richText(m_look, m_look.text(text)), "body");
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    };
    markdown(grade.explanation);
    card->column()->addSpacing(4);
    card->addLabel(tr("So that it does not happen again"), "label");
    markdown(grade.prevention);
    card->column()->addStretch(1);
    return card;
}

QWidget* DebriefPage::timelineCard(const GradeView& grade)
{
    auto* card = new Card(m_look);
    auto* head = new QHBoxLayout;
    auto* title = new QLabel(tr("What happened, and what you knew"), card);
    title->setProperty("kind", QStringLiteral("section"));
    auto* known = new QLabel(tr("facts known"), card);
    known->setProperty("kind", QStringLiteral("muted"));
    head->addWidget(title, 1);
    head->addWidget(known);
    card->column()->addLayout(head);
    card->column()->addWidget(new PostMortemList(m_look, grade.timeline, card));
    card->column()->addStretch(1);
    return card;
}

void DebriefPage::retranslate()
{
    m_save->setText(tr("Save replay…"));
    m_save->setIcon(m_look.icon(QStringLiteral("download"), m_look.tokens().muted));
    m_again->setText(tr("Try again"));
    m_lab->setText(tr("Look around the lab"));
    m_next->setText(tr("Next incident"));
    for (QPushButton* button : {m_save, m_again, m_lab, m_next})
        button->setAccessibleName(button->text());
    m_scroll->setAccessibleName(tr("Debrief"));
    rebuild();
}

void DebriefPage::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), m_look.tokens().window);
}

} // namespace app::desktop
