#include "app/report_pdf/sheet.h"

#include <QFontMetricsF>
#include <QPageSize>
#include <QPainterPath>
#include <QTextLayout>

#include <cmath>

namespace app::report_pdf {

namespace {

// Device units a point.
constexpr double kUnits = 10;

QPointF units(double x, double y)
{
    return {x * kUnits, y * kUnits};
}

} // namespace

Sheet::Sheet(QPdfWriter& writer, QString footer) : m_writer(writer), m_footer(std::move(footer))
{
    m_writer.setResolution(static_cast<int>(72 * kUnits));
    m_writer.setPageSize(QPageSize(QPageSize::A4));
    m_writer.setPageMargins({});
}

bool Sheet::begin()
{
    if (!m_painter.begin(&m_writer))
        return false;
    m_painter.setRenderHint(QPainter::Antialiasing);
    return true;
}

void Sheet::newPage()
{
    foot();
    m_writer.newPage();
    m_page += 1;
    m_y = kMargin;
}

bool Sheet::end()
{
    foot();
    return m_painter.end();
}

void Sheet::foot()
{
    constexpr double kBaseline = kHeight - 26;
    text(kMargin, kBaseline, m_footer, 8, kMuted);
    text(kWidth - kMargin, kBaseline, QString::number(m_page), 8, kMuted, Weight::Normal, 1);
}

QFont Sheet::font(double size, Weight weight) const
{
    QFont font;
    font.setFamilies({QStringLiteral("Inter"), QStringLiteral("Noto Sans CJK SC")});
    font.setPixelSize(static_cast<int>(std::lround(size * kUnits)));
    font.setWeight(weight == Weight::Strong ? QFont::DemiBold : QFont::Normal);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

void Sheet::text(double x, double baseline, const QString& text, double size, const QColor& color,
                 Weight weight, int side, double width)
{
    m_painter.setFont(font(size, weight));
    m_painter.setPen(color);
    const QFontMetricsF metrics(m_painter.font(), &m_writer);
    const QString shown = metrics.elidedText(text, Qt::ElideRight, width * kUnits);
    const double used = metrics.horizontalAdvance(shown);
    m_painter.drawText(units(x, baseline) - QPointF(side < 0 ? 0 : side == 0 ? used / 2 : used, 0), shown);
}

double Sheet::paragraph(double x, double top, double width, const QString& text, double size,
                        const QColor& color)
{
    constexpr double kLeading = 1.4;
    QTextLayout layout(text, font(size, Weight::Normal), &m_writer);
    m_painter.setPen(color);
    layout.beginLayout();
    double height = 0;
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(width * kUnits);
        line.setPosition({0, height * kUnits});
        height += size * kLeading;
    }
    layout.endLayout();
    layout.draw(&m_painter, units(x, top));
    return height;
}

void Sheet::line(double x1, double y1, double x2, double y2, const QColor& color, double width)
{
    m_painter.setPen(QPen(color, width * kUnits));
    m_painter.drawLine(units(x1, y1), units(x2, y2));
}

void Sheet::shape(const QPolygonF& points, const QColor& outline, double width, const QColor& fill,
                  bool closed)
{
    QPolygonF scaled;
    for (const QPointF& point : points)
        scaled.append(point * kUnits);
    m_painter.setPen(QPen(outline, width * kUnits, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    m_painter.setBrush(fill);
    if (closed)
        m_painter.drawPolygon(scaled);
    else
        m_painter.drawPolyline(scaled);
    m_painter.setBrush(Qt::NoBrush);
}

void Sheet::mark(double x, double y, double size, bool well)
{
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(well ? kOk : kCritical);
    const QRectF box(units(x - size / 2, y - size / 2), QSizeF(size, size) * kUnits);
    if (well)
        m_painter.drawEllipse(box);
    else
        m_painter.drawRect(box);
    m_painter.setBrush(Qt::NoBrush);
}

void Sheet::bar(double x, double y, double width, double share)
{
    constexpr double kThickness = 6;
    const auto fill = [this](const QRectF& box, const QColor& color) {
        QPainterPath path;
        path.addRoundedRect(box, kThickness / 2 * kUnits, kThickness / 2 * kUnits);
        m_painter.fillPath(path, color);
    };
    const QPointF corner = units(x, y - kThickness / 2);
    fill({corner, QSizeF(width, kThickness) * kUnits}, kLine);
    // A sliver narrower than its own rounding would look like a mistake.
    if (width * share >= kThickness)
        fill({corner, QSizeF(width * share, kThickness) * kUnits}, kAccent);
}

void Sheet::programMark(double x, double y, double size)
{
    const double scale = size / 64;
    QPainterPath box;
    box.addRoundedRect({units(x, y), QSizeF(size, size) * kUnits}, 14 * scale * kUnits, 14 * scale * kUnits);
    m_painter.fillPath(box, QColor(0x0d, 0x11, 0x17));
    const auto stroke = [&](std::initializer_list<QPointF> points) {
        QPolygonF line;
        for (const QPointF& point : points)
            line.append(QPointF(x, y) + point * scale);
        shape(line, QColor(0x4c, 0xc2, 0xff), 5 * scale, Qt::transparent, false);
    };
    stroke({{10, 25}, {27, 25}, {35, 9}});
    stroke({{29, 55}, {37, 39}, {54, 39}});
}

} // namespace app::report_pdf
