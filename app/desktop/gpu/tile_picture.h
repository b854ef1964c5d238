#pragma once

#include "app/desktop/gpu/spot_picture.h"
#include "core/session/gpu_detail.h"

namespace app::desktop {

/// The GPUs of one machine as large tiles, in the order in which they stand: the first row breathes the cold air.
class TilePicture : public SpotPicture {
    Q_OBJECT

public:
    explicit TilePicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::NodeDetail> detail);
    /// The room that it should fill without being scrolled.
    void setRoom(const QSize& room);
    void retranslate();
    QString sentence(int spot) const override;
    QSize sizeHint() const override { return {m_look.scaled(560), m_height}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(150), m_height}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Line {
        QString left, right;
        std::optional<sim::Health> health; ///< a mark before it
        double share = -1;                 ///< a bar below it, 0..1; below 0: none
    };

    void arrange();
    int columns() const;
    std::vector<Line> lines(const core::session::NodeGpu& gpu) const;
    void paintTile(QPainter& painter, const core::session::NodeGpu& gpu, const QRectF& box) const;
    void paintTop(QPainter& painter, const core::session::NodeGpu& gpu, const QRectF& room) const;
    void paintLine(QPainter& painter, const Line& line, const QRectF& room) const;

    std::shared_ptr<const core::session::NodeDetail> m_detail;
    int m_height = 0;
    QSize m_room;
    double m_tileHeight = 0;
    double m_lineHeight = 0;
};

} // namespace app::desktop
