#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"
#include "app/desktop/topology/topology_layout.h"

#include <QHash>
#include <QVariantAnimation>
#include <QWidget>

namespace app::desktop {

/// The picture of the cluster: zoom by wheel and keys, drag to pan, arrows walk from thing to thing.
class TopologyCanvas : public QWidget {
    Q_OBJECT

public:
    explicit TopologyCanvas(Look& look, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    const Selection& selection() const { return m_selection; }

public slots:
    void select(const app::desktop::Selection& selection);
    void zoomIn();
    void zoomOut();
    void fit();

signals:
    void selected(const app::desktop::Selection& selection);
    void inspectionWanted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    void retranslate();
    void relayOut();
    void startMoves(const TopologyLayout& before, const sim::Frame& old);
    void zoomBy(double factor, QPointF anchor);
    void moveSelection(int key);
    void choose(const Selection& selection);
    void ensureVisible(const QRectF& box);
    void describe();
    QString tip(const Selection& selection) const;
    QPointF toScene(QPointF point) const { return (point - m_origin) / m_zoom; }

    Look& m_look;
    FramePtr m_frame;
    FramePtr m_painted; ///< the frame whose look is on the screen
    TopologyLayout m_layout;
    Selection m_selection;
    QSize m_laidOutFor;
    double m_zoom = 1;
    QPointF m_origin;
    bool m_fitted = true;
    QPointF m_dragStart;
    QPointF m_dragOrigin;
    bool m_dragging = false;
    QHash<QString, QPointF> m_moveStarts;
    QVariantAnimation m_move;
};

} // namespace app::desktop
