#pragma once

#include "app/desktop/gpu/spot_picture.h"
#include "app/desktop/storage/storage_look.h"

namespace app::desktop {

/// Machines with their OSDs as tiles, below them every placement group as a cell, coloured by its state. A group that is chosen
/// lights its OSDs up, an OSD, a machine or a state its groups.
class PlacementPicture : public SpotPicture {
    Q_OBJECT

public:
    explicit PlacementPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::StorageDetail> detail);
    /// The room that it should fill without being scrolled.
    void setRoom(const QSize& room);
    void retranslate();

    QString sentence(int spot) const override;
    /// The machine that the chosen spot stands on; empty: none.
    QString machineOf(int spot) const;
    /// A machine's head: a click opens its page.
    bool isMachine(int spot) const { return m_spotOf[static_cast<std::size_t>(spot)].kind == Kind::Host; }
    void chooseGroup(const QString& name);
    void chooseOsd(std::int32_t id);
    /// Groups that are lit now; empty: none, or all are drawn alike.
    QStringList litGroups() const;
    QSize sizeHint() const override { return {m_look.scaled(420), m_height}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(200), m_height}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    QRect litWith(int spot) const override;

private:
    enum class Kind { Host, Daemon, Osd, Progress, State, Group };
    struct Spot {
        Kind kind = Kind::Host;
        int index = 0;
    };

    static constexpr int kTileLine = 15;
    static constexpr int kGaugeHeight = 5;
    static constexpr double kTileInset = 4;
    static constexpr int kWordyTile = 170; ///< from here on a tile has room for words beside its figures
    static constexpr int kSizedTile = 230; ///< ... for the size of its drive, whatever the figures are

    /// Place of an OSD in a set, from 1; 0: it is not in it.
    static int placeIn(const std::vector<std::int32_t>& osds, std::int32_t osd);
    void arrange();
    double arrangeHosts(std::vector<QRectF>& tiles, std::vector<QRectF>& chips);
    double arrangeStates(double top);
    /// Lays the groups out with cells of a pitch: where they end.
    double arrangeGroups(double top, double pitch);
    QString chipText(int daemon) const;
    QString stateText(int state) const;
    /// What is out of order, in a word or two; empty: nothing is.
    std::pair<QString, QColor> strainOf(const core::session::StorageOsd& osd) const;
    QString osdSentence(const core::session::StorageOsd& osd) const;
    QString groupSentence(const core::session::StorageGroup& group) const;
    int lit() const; ///< the spot whose groups or OSDs are lit; -1: none
    bool touches(const core::session::StorageGroup& group, const Spot& spot) const;
    void paintHost(QPainter& painter, int host) const;
    void paintChip(QPainter& painter, int daemon, const QRectF& box) const;
    void paintTile(QPainter& painter, const core::session::StorageOsd& osd, const QRectF& box, const core::session::StorageGroup* group) const;
    void paintTileHead(QPainter& painter, const core::session::StorageOsd& osd, const QRectF& line, int place, bool coming) const;
    void paintGauge(QPainter& painter, const core::session::StorageOsd& osd, const QRectF& box) const;
    void paintProgress(QPainter& painter, const QRectF& box) const;
    void paintState(QPainter& painter, int state, const QRectF& box) const;
    void paintCell(QPainter& painter, StorageLook::Kind kind, const QRectF& box) const;
    void paintWays(QPainter& painter, int group) const;

    std::shared_ptr<const core::session::StorageDetail> m_detail;
    QSize m_room;
    int m_height = 0;
    double m_cell = 0;
    bool m_twoLines = false;          ///< of a tile
    bool m_shortNames = false;        ///< "3" for "osd.3"
    std::vector<QRectF> m_cards;      ///< by host
    std::vector<QRectF> m_heads;
    std::vector<QRectF> m_states;     ///< chips of the legend
    std::vector<QRectF> m_cells;      ///< by group
    std::vector<std::pair<QRectF, int>> m_poolNames;
    std::vector<Spot> m_spotOf;
};

} // namespace app::desktop
