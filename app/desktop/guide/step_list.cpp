#include "app/desktop/guide/step_list.h"

#include <QPainter>

#include <array>

namespace app::desktop {

using Step = core::session::IncidentView::Step;

namespace {

constexpr std::array kSteps{Step::Acknowledge, Step::Investigate, Step::Mitigate, Step::Verify, Step::Close};

} // namespace

StepList::StepList(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&look, &Look::changed, this, &StepList::retranslate);
    retranslate();
}

QString StepList::title(Step step)
{
    switch (step) {
    case Step::Acknowledge: return tr("Acknowledge");
    case Step::Investigate: return tr("Investigate");
    case Step::Mitigate: return tr("Mitigate");
    case Step::Verify: return tr("Verify");
    case Step::Close: return tr("Close");
    case Step::Closed: return tr("Closed");
    }
    return {};
}

void StepList::setStep(Step step)
{
    if (step == m_step)
        return;
    m_step = step;
    retranslate();
}

void StepList::retranslate()
{
    setAccessibleName(tr("Step: %1").arg(title(m_step)));
    updateGeometry();
    update();
}

QSize StepList::sizeHint() const
{
    return {160, m_look.scaled(28) * static_cast<int>(kSteps.size())};
}

void StepList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = m_look.tokens();
    const double pitch = m_look.scaled(28);
    const double side = m_look.scaled(20);
    for (std::size_t i = 0; i < kSteps.size(); ++i) {
        const QRectF circle(0.5, pitch * static_cast<double>(i) + (pitch - side) / 2, side, side);
        const bool done = kSteps[i] < m_step;
        const bool now = kSteps[i] == m_step;
        painter.setFont(m_look.font(now ? FontRole::Section : FontRole::Body));
        painter.setPen(now ? tokens.text : tokens.muted);
        painter.drawText(QRectF(side + 8, pitch * static_cast<double>(i), width() - side - 8, pitch),
                         Qt::AlignVCenter, title(kSteps[i]));
        painter.setBrush(done ? QBrush(tokens.ok) : QBrush(Qt::NoBrush));
        painter.setPen(QPen(done ? tokens.ok : now ? tokens.accent : tokens.line, 1.4));
        painter.drawEllipse(circle.adjusted(0.7, 0.7, -0.7, -0.7));
        if (done) {
            painter.drawPixmap(circle.topLeft() + QPointF(side * 0.2, side * 0.2),
                               m_look.pixmap(QStringLiteral("check"), tokens.panel, static_cast<int>(side * 0.6),
                                             devicePixelRatioF()));
            continue;
        }
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(now ? tokens.accent : tokens.muted);
        painter.drawText(circle, Qt::AlignCenter, QString::number(i + 1));
    }
}

} // namespace app::desktop
