#include "app/desktop/guide/hint_button.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QPainter>

#include <cmath>

namespace app::desktop {

HintButton::HintButton(Look& look, QWidget* parent)
    : QAbstractButton(parent)
    , m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void HintButton::setHints(const core::session::HintView& hints, sim::Instant now)
{
    const bool left = hints.taken < kRungs;
    const bool locked = hints.unlocksAt && *hints.unlocksAt > now;
    setText(left ? tr("Hint %1 / %2").arg(hints.taken + 1).arg(kRungs) : tr("All hints taken"));
    if (!left)
        m_price.clear();
    else if (locked)
        m_price = tr("unlocks in %1").arg(Wording::elapsed(*hints.unlocksAt - now).mid(1));
    else if (hints.nextFactor >= 1)
        m_price = tr("free");
    else
        m_price = tr("−%1 % of diagnosis").arg(std::lround((1 - hints.nextFactor) * 100));
    setEnabled(left && !locked);
    setAccessibleName(text() + QStringLiteral(", ") + m_price);
    update();
}

QSize HintButton::sizeHint() const
{
    return {200, m_look.scaled(36)};
}

void HintButton::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = m_look.tokens();
    painter.setPen(hasFocus() ? QPen(tokens.accent, 2) : QPen(underMouse() && isEnabled() ? tokens.muted : tokens.line, 1));
    painter.setBrush(isDown() ? tokens.line : tokens.raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), Look::kControlRadius, Look::kControlRadius);
    const QRectF inner = QRectF(rect()).adjusted(Look::kInset, 0, -Look::kInset, 0);
    const double side = m_look.scaled(16);
    painter.drawPixmap(QPointF(inner.left(), inner.center().y() - side / 2),
                       m_look.pixmap(isEnabled() ? QStringLiteral("hint") : QStringLiteral("lock"),
                                     isEnabled() ? tokens.warn : tokens.muted, static_cast<int>(side),
                                     devicePixelRatioF()));
    painter.setFont(m_look.font(FontRole::Section));
    painter.setPen(isEnabled() ? tokens.text : tokens.muted);
    painter.drawText(inner.adjusted(side + 8, 0, 0, 0), Qt::AlignVCenter, text());
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(isEnabled() ? tokens.warn : tokens.muted);
    drawTabular(painter, inner, Qt::AlignVCenter | Qt::AlignRight, m_price);
}

} // namespace app::desktop
