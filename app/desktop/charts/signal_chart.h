#pragma once

#include "app/desktop/charts/signal_kinds.h"
#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QtCharts/QChartView>

#include <optional>

class QAreaSeries;
class QLineSeries;
class QValueAxis;

namespace app::desktop {

/// One small chart: thin line over a light grid, the marks, and a cursor that reads exact values.
class SignalChart : public QChartView {
    Q_OBJECT

public:
    SignalChart(SignalKind kind, Look& look, QWidget* parent = nullptr);

    /// Shows [from, to]; `compared` is another branch's success series, drawn dashed.
    void setFrame(const FramePtr& frame, sim::Instant from, sim::Instant to,
                  const core::session::BranchView* compared);
    void setCursor(std::optional<sim::Instant> at);
    /// The exact value at an instant; nothing outside the series.
    std::optional<double> valueAt(sim::Instant at) const;
    QString readOut(sim::Instant at) const;
    SignalKind kind() const { return m_kind; }

signals:
    void cursorMoved(std::optional<sim::Instant> at);

protected:
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void retranslate();
    void describe();
    double secondsOf(sim::Instant at) const;
    QList<QPointF> pointsOf(const std::vector<float>& values, sim::Instant start, sim::Duration step) const;
    void drawMarks(QPainter& painter, const QRectF& plot) const;
    void drawCursor(QPainter& painter, const QRectF& plot) const;

    SignalKind m_kind;
    Look& m_look;
    FramePtr m_frame;
    sim::Instant m_from{};
    sim::Instant m_to{};
    std::optional<sim::Instant> m_cursor;
    double m_lowest = 0;
    double m_highest = 1;
    QLineSeries* m_line = nullptr;
    QLineSeries* m_ceiling = nullptr; ///< the same points: upper edge of the area
    QLineSeries* m_floor = nullptr;
    QLineSeries* m_second = nullptr;
    QAreaSeries* m_area = nullptr;
    QValueAxis* m_time = nullptr;
    QValueAxis* m_value = nullptr;
};

} // namespace app::desktop
