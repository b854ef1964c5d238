#pragma once

#include "app/desktop/gpu/spot_picture.h"
#include "core/session/gpu_detail.h"

namespace app::desktop {

/// A row of GPU machines seen from above: cold aisle and cooling units, below them each chassis with its eight modules, of which four
/// stand in front and four behind them in the air that those have warmed. With little room tiles lose figures and shrink to cells.
class RackPicture : public SpotPicture {
    Q_OBJECT

public:
    enum class Quantity { Temperature, Power, Clock };

    explicit RackPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::RacksDetail> detail);
    void setQuantity(Quantity quantity);
    /// The room that it should fill without being scrolled.
    void setRoom(const QSize& room);
    void zoomBy(int steps);
    void fit();
    void retranslate();

    QString sentence(int spot) const override;
    /// The machine that a spot belongs to; empty: to a cooling unit.
    QString machineOf(int spot) const;
    /// Machines (indices) of which figures can be read within `visible`.
    std::vector<int> readable(const QRect& visible) const;
    /// Tiles bear at least one figure.
    bool figuresShown() const { return m_tileLines > 0; }
    QSize sizeHint() const override { return {m_look.scaled(320), m_height}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(220), m_height}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Chip {
        int row = 0, unit = 0; ///< unit -1: all of the row
        QRectF box;
        QString words;
    };
    struct Card {
        QRectF box, head;
        std::vector<QRectF> tiles;
    };
    struct Spot {
        int row = -1, unit = -1;     ///< a cooling unit, or all of the row, or
        int machine = -1, slot = -1; ///< a chassis, a GPU of it
    };

    void arrange();
    double arrangeRow(int row, double top);
    double arrangeMachines(const std::vector<int>& machines, double top, double room);
    void layTiles(Card& card, double tileWidth, double tileHeight, double headHeight) const;
    double headHeight(double cardWidth) const;
    QString unitsText(const core::session::RackRow& row) const;
    QString unitText(const core::session::CoolingUnitDetail& unit) const;
    void paintRow(QPainter& painter, std::size_t row) const;
    void paintChip(QPainter& painter, const Chip& chip) const;
    void paintMachine(QPainter& painter, std::size_t index) const;
    void paintHead(QPainter& painter, const core::session::RackMachine& machine, const Card& card) const;
    void paintTile(QPainter& painter, const core::session::GpuFigures& gpu, const QRectF& box) const;
    /// 0..1 on the ramp; nothing: not known.
    std::optional<double> share(const core::session::GpuFigures& gpu) const;
    QStringList lines(const core::session::GpuFigures& gpu) const;

    std::shared_ptr<const core::session::RacksDetail> m_detail;
    Quantity m_quantity = Quantity::Temperature;
    QSize m_room;
    int m_zoom = 0;      ///< steps above what fits
    int m_height = 0;
    int m_tileLines = 0; ///< figures that a tile has room for
    int m_headLines = 1;
    bool m_sideHead = false; ///< names stand before the cells
    std::vector<QRectF> m_rowBoxes;
    std::vector<Chip> m_chips;
    std::vector<Card> m_cards; ///< by machine
    std::vector<Spot> m_spotOf;
};

} // namespace app::desktop
