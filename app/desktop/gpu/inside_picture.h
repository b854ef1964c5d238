#pragma once

#include "app/desktop/gpu/spot_picture.h"
#include "core/session/gpu_detail.h"

namespace app::desktop {

/// The inside of an eight-GPU machine, as lspci, nvidia-smi topo and ibstat tell it: processors, below each the PCIe switches with an
/// adapter and a GPU, below those the NVLinks to the NVSwitches; then what moves and feeds: fans and supplies.
class InsidePicture : public SpotPicture {
    Q_OBJECT

public:
    explicit InsidePicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::NodeDetail> detail);
    /// The room that it should fill without being scrolled.
    void setRoom(const QSize& room);
    void retranslate();
    QString sentence(int spot) const override;
    QSize sizeHint() const override { return {m_look.scaled(640), m_height}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(300), m_height}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    enum class Kind { Socket, Nic, Gpu, Links, NvSwitch, Fan, Supply };
    struct Part {
        Kind kind = Kind::Socket;
        int index = 0;
        QRectF box;
    };

    void arrange();
    double layParts();
    double stretched(int pixels) const;
    void add(Kind kind, int index, const QRectF& box) { m_parts.push_back({kind, index, box}); }
    QRectF boxOf(Kind kind, int index) const;
    QString socketText(int socket) const;
    void paintLanes(QPainter& painter) const;
    void paintPart(QPainter& painter, const Part& part) const;
    void paintBox(QPainter& painter, const QRectF& box, const QString& title, const QString& words, sim::Health health, bool marked) const;
    void paintLinks(QPainter& painter, const core::session::NodeGpu& gpu, const QRectF& box) const;
    void paintGpu(QPainter& painter, const core::session::NodeGpu& gpu, const QRectF& box) const;
    void paintFan(QPainter& painter, const core::session::FanReading& fan, const QRectF& box) const;
    void paintWords(QPainter& painter) const;

    std::shared_ptr<const core::session::NodeDetail> m_detail;
    QSize m_room;
    double m_stretch = 1;
    int m_height = 0;
    int m_wanted = 0;
    double m_airTop = 0; ///< of the strip with fans and supplies
    double m_supplyLeft = 0;
    std::vector<Part> m_parts;
};

} // namespace app::desktop
