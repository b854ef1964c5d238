#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/serving_detail.h"

#include <QImage>
#include <QWidget>

#include <memory>
#include <optional>

namespace app::desktop {

/// The memory of a key-value cache, cell by cell in the order of its places: who holds it, how much of it is written, what is shared, free,
/// or free and still worth something. Where cells would be too small to see, one stands for several. A cursor reads cells; a request that is
/// lit stands out.
class CachePicture : public QWidget {
    Q_OBJECT

public:
    using RequestId = sim::serving::RequestId;

    explicit CachePicture(Look& look, QWidget* parent = nullptr);

    void setMap(std::shared_ptr<const core::session::CacheMap> map);
    const core::session::CacheMap* map() const { return m_map.get(); }
    /// The room that it should fill without being scrolled.
    void setRoom(const QSize& room);
    /// Each step makes cells larger by half; 0: as many as fit into the room.
    void setZoom(int steps);
    int zoom() const { return m_zoom; }
    void retranslate();
    /// The first cell under the pointer, else under the keyboard's cursor; -1: none.
    int read() const { return m_hovered >= 0 ? m_hovered : hasFocus() ? m_chosen : -1; }
    int chosen() const { return m_chosen; }
    void choose(int cell);
    void light(std::optional<RequestId> request);
    std::optional<RequestId> lit() const { return m_lit; }
    QString sentence(int cell) const;
    QString summary() const;
    QRectF cellBox(int cell) const;
    int cellAt(const QPointF& point) const;
    /// How many cells one that is drawn stands for.
    int cellsPerSpot() const { return m_perSpot; }

    QSize sizeHint() const override { return {m_look.scaled(320), m_height}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(160), m_height}; }

signals:
    void cellRead(int cell);
    void requestLit(std::optional<sim::serving::RequestId> request);
    void zoomChanged();
    void placeWanted(const QRectF& box);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    int cells() const { return m_map ? static_cast<int>(m_map->cells.size()) : 0; }
    int spots() const { return (cells() + m_perSpot - 1) / m_perSpot; }
    QString name() const; ///< for who does not see it
    void arrange();
    void paintMap();
    void paintCell(QPainter& painter, int cell, const QRectF& box) const;
    void paintGroup(QPainter& painter, int first, const QRectF& box) const;
    bool isLit(int cell) const;
    QString holdersWords(const core::session::CacheCell& cell, int index) const;

    Look& m_look;
    std::shared_ptr<const core::session::CacheMap> m_map;
    QSize m_room;
    int m_height = 0;
    int m_zoom = 0;
    int m_perSpot = 1;
    int m_columns = 1;
    double m_pitch = 4; ///< of columns
    double m_rise = 4;  ///< of rows: taller where that fills the room
    int m_chosen = -1;
    int m_hovered = -1;
    std::optional<RequestId> m_lit;
    std::vector<bool> m_litCells;
    QImage m_image; ///< the map as it was painted; null: anew
};

} // namespace app::desktop
