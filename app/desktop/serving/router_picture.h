#pragma once

#include "app/desktop/gpu/spot_picture.h"
#include "core/session/serving_detail.h"

#include <memory>

namespace app::desktop {

/// Who asks, what decides, and who answers: clients, routers with their policies, and replicas with their queue, cache and hits, route by
/// route. Ways are as wide as what goes over them. A replica that gets nothing says why by shape and word.
class RouterPicture : public SpotPicture {
    Q_OBJECT

public:
    explicit RouterPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::ServingDetail> detail);
    void setRoom(const QSize& room);
    void retranslate();
    QString sentence(int spot) const override;
    /// The replica of a spot; -1: it is none.
    int replicaOf(int spot) const;

    QSize sizeHint() const override { return {m_look.scaled(480), m_height}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(300), m_height}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange();
    double total(int route) const; ///< requests a second
    void paintWay(QPainter& painter, const QPointF& from, const QPointF& to, double rate, double share, bool labelled) const;
    void paintClient(QPainter& painter, int client) const;
    void paintRoute(QPainter& painter, int route) const;
    void paintRouter(QPainter& painter, int route) const;
    void paintReplica(QPainter& painter, int replica) const;
    void paintQueue(QPainter& painter, const core::session::ServingReplica& replica, const QRectF& box) const;
    void paintGauge(QPainter& painter, const QRectF& box, const QString& name, double share, const QColor& color) const;

    std::shared_ptr<const core::session::ServingDetail> m_detail;
    QSize m_room;
    int m_height = 0;
    std::vector<QRectF> m_clients, m_routers, m_replicas;
};

} // namespace app::desktop
