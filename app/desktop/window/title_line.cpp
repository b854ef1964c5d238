#include "app/desktop/window/title_line.h"

#include "app/desktop/theme/wording.h"
#include "app/desktop/window/chip.h"
#include "app/desktop/window/clock_controls.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace app::desktop {

using core::session::IncidentView;

TitleLine::TitleLine(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_title(new QLabel(this))
    , m_subtitle(new QLabel(this))
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
    m_title->setText(title);
    m_subtitle->setText(subtitle);
    m_subtitle->setVisible(!subtitle.isEmpty());
    for (QWidget* widget : {static_cast<QWidget*>(m_success), static_cast<QWidget*>(m_cost),
                            static_cast<QWidget*>(m_controls), static_cast<QWidget*>(m_clock),
                            static_cast<QWidget*>(m_button)})
        widget->hide();
}

void TitleLine::showLab()
{
    m_labShown = true;
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
        m_title->setText(tr("Incident · %1").arg(m_look.text(frame.incident->title)));
        m_subtitle->setText(tr("Phase %1 · module %2 · %3")
                                .arg(frame.incident->phase)
                                .arg(frame.incident->moduleNumber)
                                .arg(m_look.text(frame.incident->moduleTitle)));
        m_cost->setContent(tr("Cost of incident"), Wording::money(frame.incident->costDollars));
    } else {
        m_title->setText(tr("Healthy lab"));
        m_subtitle->setText(frame.world ? tr("Topology %1").arg(QString::fromStdString(frame.world->topology))
                                        : QString());
    }
    m_cost->setVisible(frame.incident.has_value());
    m_success->setVisible(frame.world != nullptr);
    if (frame.world) {
        const sim::Frame& world = *frame.world;
        const sim::Health health = world.successRatio >= world.sliTarget ? sim::Health::Ok
            : world.successRatio >= world.sliTarget - 0.02               ? sim::Health::Warn
                                                                         : sim::Health::Critical;
        m_success->setContent(tr("Success"), Wording::percent(world.successRatio), health);
        m_clock->setContent(Wording::elapsed(world.now - world.start), Wording::clock(world.now));
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
    m_button->setToolTip(m_primary == Primary::None ? QString() : QStringLiteral("Ctrl+Shift+Enter"));
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
    setFixedHeight(m_look.scaled(56));
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
