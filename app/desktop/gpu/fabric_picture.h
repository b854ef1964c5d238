#pragma once

#include "app/desktop/gpu/spot_picture.h"
#include "core/session/gpu_detail.h"

#include <QPainterPath>

namespace app::desktop {

/// The compute network: spines above, leaves below them with the cables between two of them as one line, and under each leaf a cell
/// for every machine's port on it. So a machine is a row, a rail is a column, and a thousand ports still fit.
class FabricPicture : public SpotPicture {
    Q_OBJECT

public:
    explicit FabricPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::FabricDetail> detail);
    /// The room that it should fill without being scrolled.
    void setRoom(const QSize& room);
    void retranslate();
    QString sentence(int spot) const override;
    /// "gpu-3:5" of a port of a machine; empty: the spot is something else.
    QString endOf(int spot) const;
    QSize sizeHint() const override { return {m_look.scaled(420), m_height}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(260), m_height}; }

protected:
    QRect litWith(int spot) const override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    enum class Kind { Switch, Bundle, End };
    struct Spot {
        Kind kind = Kind::Switch;
        int index = 0;
    };

    void arrange();
    void arrangeUnits(const std::vector<std::vector<int>>& units, double top);
    static sim::Health healthOf(const core::session::FabricBundle& bundle);
    static sim::Health healthOf(const core::session::FabricSwitch& one);
    static sim::Health healthOf(const core::session::FabricEnd& end);
    QString switchSentence(int index) const;
    QString bundleSentence(const core::session::FabricBundle& bundle) const;
    QString endSentence(const core::session::FabricEnd& end) const;
    QPainterPath lineOf(const core::session::FabricBundle& bundle) const;
    void paintBundles(QPainter& painter) const;
    void paintSwitch(QPainter& painter, std::size_t index) const;
    void paintEnd(QPainter& painter, const core::session::FabricEnd& end, const QRectF& box) const;
    void paintNames(QPainter& painter) const;
    void paintPath(QPainter& painter) const;
    int chosenSwitch() const;

    std::shared_ptr<const core::session::FabricDetail> m_detail;
    QSize m_room;
    int m_height = 0;
    double m_nameWidth = 0; ///< before each unit's rows; 0: names have no room
    std::vector<QRectF> m_switches; ///< by switch
    std::vector<QRectF> m_ends;     ///< by end
    std::vector<QRectF> m_names;    ///< by machine
    std::vector<Spot> m_spotOf;
};

} // namespace app::desktop
