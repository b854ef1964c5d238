#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/training_detail.h"

#include <QWidget>

#include <memory>

namespace app::desktop {

/// Micro-batches on their way through the stages of a pipeline: a row for each stage, time to the right, and a line for the moment
/// that is looked at. Left and right move it from one turn to the next.
class PipelinePicture : public QWidget {
    Q_OBJECT

public:
    explicit PipelinePicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::PipelineDetail> detail);
    /// Seconds since the pipeline's start.
    void setMoment(double seconds);
    double moment() const { return m_moment; }
    void retranslate();
    /// What every stage does at the moment.
    QString sentence() const;
    /// The turn of a stage at a moment; null: it waits.
    const sim::training::PipelineTurn* turnAt(std::int64_t stage, double seconds) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {m_look.scaled(260), sizeHint().height()}; }

signals:
    void momentMoved(double seconds);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    int stages() const;
    double nameWidth() const;
    QRectF row(std::int64_t stage) const;
    double xOf(double seconds) const;
    void moveTo(double x);

    Look& m_look;
    std::shared_ptr<const core::session::PipelineDetail> m_detail;
    double m_moment = 0;
};

} // namespace app::desktop
