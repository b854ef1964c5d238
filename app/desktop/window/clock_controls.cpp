#include "app/desktop/window/clock_controls.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>
#include <QToolButton>

#include <algorithm>
#include <array>
#include <cmath>

namespace app::desktop {

namespace {

constexpr std::array kSpeeds{1, 10, 60, 120};
constexpr sim::Duration kStep = std::chrono::seconds(10);

} // namespace

ClockControls::ClockControls(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_client(client)
    , m_back(new QToolButton(this))
    , m_pause(new QToolButton(this))
    , m_step(new QToolButton(this))
    , m_speeds(new QButtonGroup(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 2, 8, 2);
    row->setSpacing(2);
    for (QToolButton* button : {m_back, m_pause, m_step}) {
        button->setFocusPolicy(Qt::TabFocus);
        row->addWidget(button);
    }
    row->addSpacing(4);
    for (std::size_t i = 0; i < kSpeeds.size(); ++i) {
        auto* button = new QToolButton(this);
        button->setCheckable(true);
        button->setFocusPolicy(Qt::TabFocus);
        button->setText(QStringLiteral("%1×").arg(kSpeeds[i]));
        m_speeds->addButton(button, static_cast<int>(i));
        row->addWidget(button);
    }
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(m_back, &QToolButton::clicked, this, &ClockControls::stepBack);
    connect(m_pause, &QToolButton::clicked, this, &ClockControls::togglePause);
    connect(m_step, &QToolButton::clicked, this, &ClockControls::stepForward);
    connect(m_speeds, &QButtonGroup::idClicked, this, &ClockControls::chooseSpeed);
    connect(&look, &Look::changed, this, &ClockControls::retranslate);
    retranslate();
}

void ClockControls::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    for (std::size_t i = 0; i < kSpeeds.size(); ++i) {
        if (std::lround(frame->speed) == kSpeeds[i] && !m_speeds->button(static_cast<int>(i))->isChecked())
            m_speeds->button(static_cast<int>(i))->setChecked(true);
    }
    if (m_compact)
        showSpeeds();
    if (frame->paused != m_paused) {
        m_paused = frame->paused;
        showPaused();
    }
}

void ClockControls::setCompact(bool compact)
{
    m_compact = compact;
    showSpeeds();
}

void ClockControls::showSpeeds()
{
    for (QAbstractButton* button : m_speeds->buttons())
        button->setVisible(!m_compact || button->isChecked());
}

void ClockControls::togglePause()
{
    m_client.setPaused(!m_paused);
}

void ClockControls::stepBack()
{
    if (m_frame && m_frame->world)
        m_client.rewind(std::max(storyStart(*m_frame), m_frame->world->now - kStep));
}

void ClockControls::stepForward()
{
    m_client.step(kStep);
}

void ClockControls::faster()
{
    chooseSpeed(std::min(m_speeds->checkedId() + 1, static_cast<int>(kSpeeds.size()) - 1));
}

void ClockControls::slower()
{
    chooseSpeed(std::max(m_speeds->checkedId() - 1, 0));
}

void ClockControls::chooseSpeed(int index)
{
    m_client.setSpeed(kSpeeds[static_cast<std::size_t>(index)]);
}

void ClockControls::retranslate()
{
    const QColor ink = m_look.tokens().text;
    for (QToolButton* button : {m_back, m_pause, m_step})
        button->setIconSize({m_look.scaled(18), m_look.scaled(18)});
    m_back->setIcon(m_look.icon(QStringLiteral("rewind"), ink));
    m_step->setIcon(m_look.icon(QStringLiteral("step"), ink));
    m_back->setToolTip(tr("Back 10 seconds (Ctrl+Shift+Left)"));
    m_back->setAccessibleName(tr("Back 10 seconds"));
    m_step->setToolTip(tr("Forward 10 seconds, then pause (Ctrl+Shift+Right)"));
    m_step->setAccessibleName(tr("Forward 10 seconds"));
    for (int i = 0; i < static_cast<int>(kSpeeds.size()); ++i) {
        const QString name = tr("Speed %1 times").arg(kSpeeds[static_cast<std::size_t>(i)]);
        m_speeds->button(i)->setToolTip(name);
        m_speeds->button(i)->setAccessibleName(name);
    }
    showPaused();
    setFixedHeight(m_look.controlHeight());
    update();
}

void ClockControls::showPaused()
{
    const QString name = m_paused ? tr("Go on") : tr("Pause");
    m_pause->setIcon(m_look.icon(m_paused ? QStringLiteral("play") : QStringLiteral("pause"), m_look.tokens().text));
    m_pause->setToolTip(name + QStringLiteral(" (F8)"));
    m_pause->setAccessibleName(name);
}

void ClockControls::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_look.tokens().line);
    painter.setBrush(m_look.tokens().panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius,
                            Look::kControlRadius);
}

} // namespace app::desktop
