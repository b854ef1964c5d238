#include "app/desktop/window/title_line.h"

#include "app/desktop/theme/wording.h"
#include "app/desktop/window/chip.h"
#include "app/desktop/window/clock_controls.h"
#include "app/desktop/window/elided_label.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace app::desktop {

using core::session::IncidentView;

namespace {

constexpr int kLeastTitle = 150;

} // namespace

TitleLine::TitleLine(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_title(new ElidedLabel(this))
    , m_subtitle(new ElidedLabel(this))
    , m_success(new Chip(look, this))
    , m_cost(new Chip(look, this))
    , m_controls(new ClockControls(look, client, this))
    , m_clock(new Chip(look, this))
    , m_button(new QPushButton(this))
{
    m_title->setProperty("kind", QStringLiteral("title"));
    m_subtitle->setProperty("kind", QStringLiteral("muted"));
    m_clock->setValueFirst(true);
    m_button->setProperty("kind", QStringLiteral("primary"));

    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addStretch();
    words->addWidget(m_title);
    words->addWidget(m_subtitle);
    words->addStretch();
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Look::kGap, 4, Look::kGap, 4);
    row->setSpacing(2 * Look::kGap);
    row->addLayout(words, 1);
    for (QWidget* widget : {static_cast<QWidget*>(m_success), static_cast<QWidget*>(m_cost),
                            static_cast<QWidget*>(m_controls), static_cast<QWidget*>(m_clock),
                            static_cast<QWidget*>(m_button)})
        row->addWidget(widget);

    connect(m_button, &QPushButton::clicked, this, &TitleLine::press);
    connect(&look, &Look::changed, this, &TitleLine::retranslate);
    retranslate();
}

void TitleLine::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    m_controls->setFrame(frame);
    if (m_labShown)
        showFrame();
}

void TitleLine::showPage(const QString& title, const QString& subtitle)
{
    m_labShown = false;
    m_title->setWords(title);
    m_subtitle->setWords(subtitle);
    m_subtitle->setVisible(!subtitle.isEmpty());
    for (QWidget* widget : {static_cast<QWidget*>(m_success), static_cast<QWidget*>(m_cost),
                            static_cast<QWidget*>(m_controls), static_cast<QWidget*>(m_clock),
                            static_cast<QWidget*>(m_button)})
        widget->hide();
}

void TitleLine::showLab()
{
    m_labShown = true;
    m_room = {};
    m_controls->show();
    m_clock->show();
    m_subtitle->show();
    if (m_frame)
        showFrame();
}

TitleLine::Primary TitleLine::primaryFor(const core::session::Frame& frame)
{
    if (!frame.incident)
        return Primary::None;
    switch (frame.incident->step) {
    case IncidentView::Step::Acknowledge: return Primary::Acknowledge;
    case IncidentView::Step::Investigate:
    case IncidentView::Step::Mitigate: return Primary::NameCause;
    case IncidentView::Step::Verify:
        return frame.incident->diagnosesSubmitted == 0 ? Primary::NameCause : Primary::Close;
    case IncidentView::Step::Close: return Primary::Close;
    case IncidentView::Step::Closed: return Primary::None;
    }
    return Primary::None;
}

void TitleLine::showFrame()
{
    const core::session::Frame& frame = *m_frame;
    if (frame.incident) {
        m_title->setWords(tr("Incident · %1").arg(m_look.text(frame.incident->title)));
        m_subtitle->setWords(tr("Phase %1 · module %2 · %3")
                                .arg(frame.incident->phase)
                                .arg(frame.incident->moduleNumber)
                                .arg(m_look.text(frame.incident->moduleTitle)));
        m_cost->setContent(tr("Cost of incident"), Wording::money(frame.incident->costDollars));
    } else {
        m_title->setWords(tr("Healthy lab"));
        m_subtitle->setWords(frame.world ? tr("Topology %1").arg(QString::fromStdString(frame.world->topology))
                                        : QString());
    }
    m_success->setVisible(frame.world != nullptr);
    if (frame.world) {
        const sim::Frame& world = *frame.world;
        const sim::Health health = world.successRatio >= world.sliTarget ? sim::Health::Ok
            : world.successRatio >= world.sliTarget - 0.02               ? sim::Health::Warn
                                                                         : sim::Health::Critical;
        m_success->setContent(world.trains ? tr("Progress") : tr("Success"), Wording::percent(world.successRatio), health);
        const auto alert = std::find_if(frame.marks.begin(), frame.marks.end(), [&](const core::session::Mark& mark) {
            return mark.kind == core::session::Mark::Kind::Alert && mark.at >= storyStart(frame);
        });
        // What counts for the learner runs from the alert; a calm lab has no such clock.
        const bool running = frame.incident && alert != frame.marks.end() && alert->at <= world.now;
        m_clock->setContent(running ? Wording::elapsed(world.now - alert->at) : QString(), Wording::clock(world.now));
    }
    m_primary = primaryFor(frame);
    m_button->setVisible(m_primary != Primary::None);
    switch (m_primary) {
    case Primary::Acknowledge: m_button->setText(tr("Acknowledge")); break;
    case Primary::NameCause: m_button->setText(tr("Name the cause")); break;
    case Primary::Close: m_button->setText(tr("Close incident")); break;
    case Primary::None: break;
    }
    m_button->setAccessibleName(m_button->text());
    makeRoom();
    m_button->setToolTip(m_primary == Primary::None ? QString() : QStringLiteral("Ctrl+Shift+Enter"));
}

void TitleLine::makeRoom()
{
    if (!m_labShown || !m_frame)
        return;
    const bool incident = m_frame->incident.has_value();
    const auto widthOf = [](const QWidget* widget) { return widget->sizeHint().width() + 2 * Look::kGap; };
    const int needed = m_look.scaled(kLeastTitle) + 2 * Look::kGap + widthOf(m_success) + widthOf(m_clock)
        + (m_button->isHidden() ? 0 : widthOf(m_button));
    const int cost = incident ? widthOf(m_cost) : 0;
    const int room = width() - needed;
    // Frames come 60 times a second; only another width changes anything.
    if (m_room == std::pair(room, cost))
        return;
    m_room = {room, cost};
    m_controls->setCompact(false);
    const bool whole = cost + widthOf(m_controls) <= room;
    m_controls->setCompact(!whole);
    m_cost->setVisible(incident && (whole || cost + widthOf(m_controls) <= room));
}

QSize TitleLine::minimumSizeHint() const
{
    return {m_look.scaled(kLeastTitle) + (m_button->isHidden() ? 0 : m_button->sizeHint().width()) + 4 * Look::kGap, height()};
}

void TitleLine::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    makeRoom();
}

void TitleLine::press()
{
    switch (m_primary) {
    case Primary::Acknowledge: emit acknowledgeChosen(); break;
    case Primary::NameCause: emit diagnoseChosen(); break;
    case Primary::Close: emit closeChosen(); break;
    case Primary::None: break;
    }
}

void TitleLine::retranslate()
{
    setFixedHeight(m_look.scaled(44) + 12);
    if (m_frame && m_labShown)
        showFrame();
    update();
}

void TitleLine::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_look.tokens().window);
}

} // namespace app::desktop
