#pragma once

#include "app/desktop/theme/look.h"

#include <QWidget>

#include <vector>

namespace app::desktop {

/// A painted picture made of spots: what the pointer or the keyboard's cursor may rest on. Each has a sentence that says in words
/// what is drawn there; the chosen one's is the picture's accessible description.
class SpotPicture : public QWidget {
    Q_OBJECT

public:
    SpotPicture(Look& look, QWidget* parent);

    int spots() const { return static_cast<int>(m_spots.size()); }
    /// The spot under the cursor; -1: none.
    int chosen() const { return m_chosen; }
    void choose(int spot);
    /// The spot in a sentence, as drawn.
    virtual QString sentence(int spot) const = 0;
    QRectF spotBox(int spot) const { return m_spots[static_cast<std::size_t>(spot)]; }
    /// The uppermost spot at a point; -1: none.
    int spotAt(const QPointF& point) const;

signals:
    void spotChosen(int spot);
    /// Clicked, or Enter on it.
    void spotOpened(int spot);
    /// The keyboard's cursor has moved there.
    void placeWanted(const QRectF& box);

protected:
    /// What lies later lies on top. The choice stays with its number.
    void setSpots(std::vector<QRectF> boxes);
    /// The one under the pointer; -1: none.
    int hovered() const { return m_hovered; }
    /// What the picture says as a whole while no spot is chosen.
    void setSummary(const QString& words);
    void paintCursor(QPainter& painter) const;
    /// What looks different when the pointer rests on a spot.
    virtual QRect litWith(int spot) const;

    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

    Look& m_look;

private:
    int neighbour(int dx, int dy) const;
    void describe();
    void hover(int spot);

    std::vector<QRectF> m_spots;
    QString m_summary;
    int m_chosen = -1;
    int m_hovered = -1;
};

} // namespace app::desktop
