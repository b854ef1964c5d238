#include "app/desktop/timeline/timeline_panel.h"

#include "app/desktop/timeline/timeline_bar.h"
#include "app/desktop/window/elided_label.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace app::desktop {

TimelinePanel::TimelinePanel(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_client(client)
    , m_bar(new TimelineBar(look, this))
    , m_branchRow(new QHBoxLayout)
    , m_branches(new QButtonGroup(this))
    , m_words(new ElidedLabel(this))
    , m_branch(new QPushButton(this))
    , m_compare(new QPushButton(this))
{
    m_words->setProperty("kind", QStringLiteral("muted"));
    m_compare->setCheckable(true);
    m_branchRow->setSpacing(0);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 4, Look::kInset, 4);
    row->setSpacing(Look::kGap);
    row->addWidget(m_bar, 3);
    row->addWidget(m_words, 0);
    row->addLayout(m_branchRow);
    row->addWidget(m_branch);
    row->addWidget(m_compare);
    connect(m_bar, &TimelineBar::scrubbed, this, &TimelinePanel::rewind);
    connect(m_branch, &QPushButton::clicked, this, &TimelinePanel::branchHere);
    connect(m_compare, &QPushButton::toggled, this, &TimelinePanel::compare);
    connect(m_branches, &QButtonGroup::idClicked, this, &TimelinePanel::switchTo);
    connect(&look, &Look::changed, this, &TimelinePanel::retranslate);
    retranslate();
}

void TimelinePanel::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    m_bar->setFrame(frame);
    showBranches();
}

void TimelinePanel::showBranches()
{
    if (!m_frame)
        return;
    const int count = static_cast<int>(m_frame->branches.size());
    int current = -1;
    for (const core::session::BranchView& branch : m_frame->branches) {
        if (branch.current)
            current = branch.id;
    }
    m_words->setVisible(count < 2);
    m_compare->setVisible(count >= 2);
    if (count == m_shown && current == m_current)
        return;
    m_shown = count;
    m_current = current;
    const QList<QAbstractButton*> old = m_branches->buttons();
    for (QAbstractButton* button : old) {
        m_branches->removeButton(button);
        button->deleteLater();
    }
    if (count < 2)
        return;
    for (const core::session::BranchView& branch : m_frame->branches) {
        auto* button = new QToolButton(this);
        button->setCheckable(true);
        button->setFocusPolicy(Qt::TabFocus);
        button->setText(QString::fromStdString(branch.name));
        button->setChecked(branch.current);
        button->setToolTip(tr("Go to branch %1").arg(button->text()));
        button->setAccessibleName(button->toolTip());
        m_branches->addButton(button, branch.id);
        m_branchRow->addWidget(button);
    }
}

void TimelinePanel::rewind(sim::Instant to)
{
    m_client.rewind(to);
}

void TimelinePanel::branchHere()
{
    m_client.branch();
}

void TimelinePanel::switchTo(int branch)
{
    m_client.switchBranch(branch);
}

void TimelinePanel::toggleCompare()
{
    if (m_compare->isVisible())
        m_compare->toggle();
}

void TimelinePanel::compare(bool on)
{
    std::optional<int> other;
    for (const core::session::BranchView& branch : m_frame->branches) {
        if (on && !branch.current)
            other = branch.id; // the youngest of the others
    }
    emit comparedChanged(other);
}

void TimelinePanel::retranslate()
{
    m_words->setWords(tr("Rewind, branch or replay from any point"));
    m_branch->setText(tr("Branch here"));
    m_branch->setIcon(m_look.icon(QStringLiteral("branch"), m_look.tokens().branch));
    m_branch->setAccessibleName(tr("Branch here"));
    m_branch->setToolTip(tr("Go on from this instant in a branch of its own (Ctrl+Shift+B)"));
    m_compare->setText(tr("Compare"));
    m_compare->setIcon(m_look.icon(QStringLiteral("compare"), m_look.tokens().branch));
    m_compare->setAccessibleName(tr("Compare branches"));
    m_compare->setToolTip(tr("Draw the other branch's success over this one's"));
    setFixedHeight(m_look.scaled(52) + 12);
    m_shown = 0;
    showBranches();
    update();
}

void TimelinePanel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_look.tokens().line);
    painter.setBrush(m_look.tokens().panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Look::kPanelRadius, Look::kPanelRadius);
}

} // namespace app::desktop
