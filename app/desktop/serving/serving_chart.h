#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/serving_detail.h"

#include <QWidget>

#include <array>
#include <memory>
#include <optional>

namespace app::desktop {

/// What is drawn of a server over time.
enum class ServingCurve { TimeToFirstToken, TimePerToken, Throughput, Requests, Cache, Preemptions };
inline constexpr std::array kServingCurves{ServingCurve::TimeToFirstToken, ServingCurve::TimePerToken, ServingCurve::Throughput,
                                           ServingCurve::Requests, ServingCurve::Cache, ServingCurve::Preemptions};

/// One chart over the samples of a replica: one or two lines, what was agreed on as a line across, and a cursor that all charts share.
class ServingChart : public QWidget {
    Q_OBJECT

public:
    using Samples = std::shared_ptr<const std::vector<sim::serving::ServingSample>>;

    ServingChart(ServingCurve curve, Look& look, QWidget* parent = nullptr);

    void setSamples(Samples samples);
    /// The agreed most, in the curve's unit; 0: nothing was agreed.
    void setObjective(double most);
    /// An index of the samples; nothing: no cursor.
    void setCursor(std::optional<int> sample);
    QString readOut(int sample) const;
    void retranslate();
    /// What is agreed on of first tokens holds for each of them (p99), of the others on average over an answer (p50).
    static int agreedLine(ServingCurve curve) { return curve == ServingCurve::TimePerToken ? 1 : 0; }
    /// Of the samples that have a value of that line: the share that keeps the objective; below 0: none has.
    double kept() const;

    static QString title(ServingCurve curve);
    static int lines(ServingCurve curve) { return curve == ServingCurve::Preemptions ? 1 : 2; }
    static QString lineName(ServingCurve curve, int line);
    /// Below 0: there was none.
    static double value(ServingCurve curve, int line, const sim::serving::ServingSample& sample);
    static QString text(ServingCurve curve, double value);

    QSize sizeHint() const override { return {m_look.scaled(240), m_look.scaled(116)}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(150), m_look.scaled(92)}; }

signals:
    void cursorMoved(std::optional<int> sample);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    int count() const { return m_samples ? static_cast<int>(m_samples->size()) : 0; }
    QColor color(int line) const;
    QRectF plot() const;
    double xOf(int sample) const;
    double yOf(double value) const;
    void measure();
    void paintHead(QPainter& painter) const;
    void paintGrid(QPainter& painter) const;
    void paintLine(QPainter& painter, int line) const;
    void paintObjective(QPainter& painter) const;
    void paintCursor(QPainter& painter) const;

    ServingCurve m_curve;
    Look& m_look;
    Samples m_samples;
    std::optional<int> m_cursor;
    double m_objective = 0;
    double m_highest = 1;
};

} // namespace app::desktop
