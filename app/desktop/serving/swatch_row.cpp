#include "app/desktop/serving/swatch_row.h"

#include <QFontMetricsF>
#include <QPainter>

#include <cmath>

namespace app::desktop {

namespace {

constexpr int kSwatchSide = 11;
constexpr int kSwatchPitch = 17;
constexpr int kSwatchGap = 14;

} // namespace

SwatchRow::SwatchRow(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void SwatchRow::setSwatches(std::vector<Swatch> swatches)
{
    m_swatches = std::move(swatches);
    QStringList all;
    for (const Swatch& one : m_swatches)
        all += one.words;
    setAccessibleName(tr("What the marks mean"));
    setAccessibleDescription(all.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

double SwatchRow::lay(QPainter* painter, double width) const
{
    const QFontMetricsF metrics(m_look.font(FontRole::Label));
    const double side = m_look.scaled(kSwatchSide);
    const double pitch = m_look.scaled(kSwatchPitch);
    double x = 0, y = 0;
    for (const Swatch& one : m_swatches) {
        const double wide = side + 5 + metrics.horizontalAdvance(one.words);
        if (x > 0 && x + wide > width) {
            x = 0;
            y += pitch;
        }
        if (painter != nullptr) {
            painter->save();
            one.paint(*painter, QRectF(std::round(x), std::round(y + (pitch - side) / 2), side, side));
            painter->restore();
            painter->setPen(m_look.tokens().muted);
            painter->drawText(QRectF(x + side + 5, y, wide, pitch), Qt::AlignVCenter | Qt::AlignLeft, one.words);
        }
        x += wide + m_look.scaled(kSwatchGap);
    }
    return y + pitch;
}

int SwatchRow::heightForWidth(int width) const
{
    return static_cast<int>(std::ceil(lay(nullptr, width)));
}

void SwatchRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(m_look.font(FontRole::Label));
    lay(&painter, width());
}

} // namespace app::desktop
