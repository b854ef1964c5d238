#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/training_detail.h"

#include <QPainterPath>
#include <QWidget>

#include <memory>
#include <vector>

namespace app::desktop {

/// A collective over the links of its machines: GPUs in their machines with the NVSwitch between them, network ports that face the
/// network in the middle, and the chunks of one channel on their way. Around each GPU an arc shows how much of the result it has.
/// Left and right choose a GPU.
class RingPicture : public QWidget {
    Q_OBJECT

public:
    explicit RingPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::RingDetail> detail);
    /// The step that is drawn, and how much of its time has passed, 0..1. `step` = steps: the end.
    void setStep(int step, double along);
    int step() const { return m_step; }
    void retranslate();
    /// The GPU that is read; -1: none.
    int chosen() const { return m_chosen; }
    void choose(int rank);
    QString sentence(int rank) const;
    /// Where a GPU stands, for tests and for the mouse.
    QPointF centre(int rank) const;
    /// Its share of what it shall have in the end, 0..1, counting parts of sums.
    double shareOf(int rank) const;

    static QString gpuName(const core::session::RingDetail& detail, int rank);

    QSize sizeHint() const override { return {m_look.scaled(520), m_look.scaled(260)}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(260), m_look.scaled(200)}; }

signals:
    void rankChosen(int rank);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    const core::session::RingStep* current() const;
    int machines() const { return m_detail ? static_cast<int>(m_detail->machines.size()) : 0; }
    bool lone() const { return machines() == 1; }
    int gpusOf(int machine) const;
    bool upper(int machine) const;
    void arrange();
    QRectF machineBox(int machine) const;
    QRectF corridor() const;
    double radius() const;
    QPointF port(int rank) const;      ///< its network port, at the side that faces the network
    QPointF switchCentre(int machine) const;
    QPointF viaSwitch(int from, int to) const;
    QPainterPath wayOf(const core::session::RingMove& move) const;
    int rankAt(const QPointF& point) const;
    bool isBottleneck(bool leavesMachine) const;
    QColor chunkColor(int chunk) const;
    void paintMachine(QPainter& painter, int machine) const;
    void paintSwitch(QPainter& painter, int machine) const;
    void paintWays(QPainter& painter) const;
    void paintRank(QPainter& painter, int rank) const;
    void paintChunks(QPainter& painter) const;

    Look& m_look;
    std::shared_ptr<const core::session::RingDetail> m_detail;
    int m_step = 0;
    double m_along = 0;
    int m_chosen = -1;
    core::session::RingHoldings m_held; ///< before m_step
    std::vector<QPainterPath> m_ways;   ///< of the step's moves
    std::vector<int> m_atEnd;           ///< chunks that each rank shall have
};

} // namespace app::desktop
