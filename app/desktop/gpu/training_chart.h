#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/training_detail.h"

#include <QWidget>

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace app::desktop {

/// What is drawn over the iterations of a job.
enum class TrainingCurve { Loss, GradientNorm, LearningRate, StepTime };
inline constexpr std::array kTrainingCurves{TrainingCurve::Loss, TrainingCurve::GradientNorm, TrainingCurve::LearningRate, TrainingCurve::StepTime};

/// One curve: a thin line over a light grid, the present run in front of those before it, marks for restarts, checkpoints, skipped
/// steps and values that are not finite, and a cursor that reads exact values.
class TrainingChart : public QWidget {
    Q_OBJECT

public:
    TrainingChart(TrainingCurve curve, Look& look, QWidget* parent = nullptr);

    void setJob(std::shared_ptr<const core::session::JobDetail> job);
    /// An index of JobDetail::history; nothing: no cursor.
    void setCursor(std::optional<int> record);
    TrainingCurve curve() const { return m_curve; }
    QString readOut(int record) const;
    void retranslate();

    static QString title(TrainingCurve curve);
    /// As the trainer prints it; "nan" where it is none.
    static QString value(TrainingCurve curve, const sim::training::StepRecord& record);
    static QString markName(core::session::TrainingMark::Kind kind);

    QSize sizeHint() const override { return {m_look.scaled(260), m_look.scaled(120)}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(150), m_look.scaled(84)}; }

signals:
    void cursorMoved(std::optional<int> record);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    bool logarithmic() const { return m_curve == TrainingCurve::GradientNorm; }
    double valueOf(const sim::training::StepRecord& record) const;
    QColor color() const;
    QRectF plot() const;
    double xOf(double iteration) const;
    double yOf(double value) const;
    void measure();
    /// The latest record of an iteration, or of the nearest one that there is.
    int recordNear(std::int64_t iteration) const;
    void paintGrid(QPainter& painter) const;
    void paintLine(QPainter& painter) const;
    void paintMarks(QPainter& painter) const;
    void paintCursor(QPainter& painter) const;

    TrainingCurve m_curve;
    Look& m_look;
    std::shared_ptr<const core::session::JobDetail> m_job;
    std::optional<int> m_cursor;
    double m_from = 0, m_to = 1;         ///< iterations
    double m_lowest = 0, m_highest = 1;  ///< values; logarithms where the scale is one
    std::vector<std::size_t> m_runs;     ///< indices at which a run begins
};

} // namespace app::desktop
