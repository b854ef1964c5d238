#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/training_detail.h"

#include <QWidget>

#include <memory>

namespace app::desktop {

/// One step of a job, a lane for ranks of a stage that spend it alike: computing, communication that shows, bubble, waiting.
/// Up and down choose a lane, left and right a part of it.
class TrainingStepPicture : public QWidget {
    Q_OBJECT

public:
    explicit TrainingStepPicture(Look& look, QWidget* parent = nullptr);

    void setJob(std::shared_ptr<const core::session::JobDetail> job);
    void retranslate();
    int lanes() const { return m_job ? static_cast<int>(m_job->lanes.size()) : 0; }
    QString laneName(int lane) const;
    /// A part of a lane in a sentence, as drawn.
    QString sentence(int lane, int part) const;
    int lane() const { return m_lane; }
    int part() const { return m_part; }

    static QString activityName(sim::training::Activity activity);
    static QString secondsText(double seconds);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override { return {m_look.scaled(480), heightForWidth(width())}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(260), heightForWidth(width())}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    /// What an activity is drawn as.
    enum class Kind { Compute, Recompute, Communication, Bubble, Waiting, Optimiser, Storage };
    static Kind kindOf(sim::training::Activity activity);
    QBrush brush(Kind kind) const;
    QString kindName(Kind kind) const;

    double nameWidth() const;
    double top() const { return m_look.scaled(26); }
    QRectF laneBox(int lane) const;
    QRectF partBox(int lane, int part) const;
    std::pair<int, int> at(const QPointF& point) const;
    double legend(QPainter* painter, double width) const;
    void choose(int lane, int part);

    Look& m_look;
    std::shared_ptr<const core::session::JobDetail> m_job;
    int m_lane = -1;
    int m_part = -1;
};

} // namespace app::desktop
