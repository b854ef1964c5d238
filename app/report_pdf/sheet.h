#pragma once

#include <QColor>
#include <QFont>
#include <QPainter>
#include <QPdfWriter>
#include <QString>

#include <vector>

namespace app::report_pdf {

/// A4 pages to draw on, in points from the top left corner, with the report's type and colours. Text metrics
/// are taken at ten times that size, so that advances are not rounded to whole points.
class Sheet {
public:
    static constexpr double kWidth = 595.28;
    static constexpr double kHeight = 841.89;
    static constexpr double kMargin = 40;
    static constexpr double kInnerWidth = kWidth - 2 * kMargin;
    static constexpr double kBottom = kHeight - 48; ///< where a page's content ends

    // The light theme of assets/themes: paper is white.
    static constexpr QColor kText{0x16, 0x20, 0x2b};
    static constexpr QColor kMuted{0x56, 0x64, 0x73};
    static constexpr QColor kLine{0xdb, 0xe2, 0xe9};
    static constexpr QColor kAccent{0x00, 0x72, 0xb2};
    static constexpr QColor kOk{0x00, 0x80, 0x5c};
    static constexpr QColor kCritical{0xc2, 0x2f, 0x2c};

    enum class Weight { Normal, Strong };

    /// `footer` stands at the foot of every page, before the page's number.
    Sheet(QPdfWriter& writer, QString footer);

    bool begin(); ///< false: the device cannot be drawn on
    void newPage();
    bool end();

    int page() const { return m_page; }
    double y() const { return m_y; } ///< where the next row goes
    void setY(double y) { m_y = y; }
    double room() const { return kBottom - m_y; }

    /// One line, cut with an ellipsis at `width`; `side` -1 begins at x, 0 is centred on it, 1 ends there.
    void text(double x, double baseline, const QString& text, double size, const QColor& color = kText,
              Weight weight = Weight::Normal, int side = -1, double width = kInnerWidth);
    /// Lines broken at `width`; gives the height used.
    double paragraph(double x, double top, double width, const QString& text, double size,
                     const QColor& color);
    void line(double x1, double y1, double x2, double y2, const QColor& color = kLine, double width = 0.6);
    void shape(const QPolygonF& points, const QColor& outline, double width,
               const QColor& fill = Qt::transparent, bool closed = true);
    /// A filled circle for what went well, a square for what did not.
    void mark(double x, double y, double size, bool well);
    void bar(double x, double y, double width, double share);
    void programMark(double x, double y, double size);

private:
    void foot();
    QFont font(double size, Weight weight) const;

    QPdfWriter& m_writer;
    QPainter m_painter;
    QString m_footer;
    int m_page = 1;
    double m_y = kMargin;
};

} // namespace app::report_pdf
