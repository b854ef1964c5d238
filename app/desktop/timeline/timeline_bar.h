#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QTimer>
#include <QWidget>

#include <optional>

namespace app::desktop {

/// Where two branches part: the latest instant they share.
sim::Instant forkOf(const std::vector<core::session::BranchView>& branches, int first, int second);

/// Virtual time from the world's start: drag or arrow keys scrub, marks and other branches are drawn
/// along it. A scrub becomes a rewind when the mouse is let go or the keys rest.
class TimelineBar : public QWidget {
    Q_OBJECT

public:
    explicit TimelineBar(Look& look, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    std::optional<sim::Instant> scrubbing() const { return m_scrub; }

signals:
    void scrubbed(sim::Instant to);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    void retranslate();
    void describe();
    void commit();
    void scrubTo(sim::Instant at);
    QRectF track() const;
    double xOf(sim::Instant at) const;
    sim::Instant at(double x) const;
    sim::Instant rangeEnd() const;
    void paintBranches(QPainter& painter) const;
    void paintMarks(QPainter& painter) const;
    void paintHandle(QPainter& painter) const;

    Look& m_look;
    FramePtr m_frame;
    std::optional<sim::Instant> m_scrub;
    std::optional<double> m_hover;
    QTimer m_rest;
};

} // namespace app::desktop
