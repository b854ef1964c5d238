#include "app/desktop/window/card.h"

#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace app::desktop {

Card::Card(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_column(new QVBoxLayout(this))
{
    m_column->setContentsMargins(16, 14, 16, 16);
    m_column->setSpacing(8);
}

QLabel* Card::addLabel(const QString& text, const char* kind, bool wrap)
{
    auto* label = new QLabel(text, this);
    label->setProperty("kind", QLatin1String(kind));
    label->setWordWrap(wrap);
    m_column->addWidget(label);
    return label;
}

void Card::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_look.tokens().line);
    painter.setBrush(m_look.tokens().panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Look::kPanelRadius, Look::kPanelRadius);
}

} // namespace app::desktop
