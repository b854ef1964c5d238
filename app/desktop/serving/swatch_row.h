#pragma once

#include "app/desktop/theme/look.h"

#include <QWidget>

#include <functional>
#include <vector>

class QPainter;

namespace app::desktop {

/// A legend: swatches painted as the picture paints its parts, each with its words, in as many lines as they need.
class SwatchRow : public QWidget {
    Q_OBJECT

public:
    struct Swatch {
        QString words;
        std::function<void(QPainter&, const QRectF&)> paint;
    };

    explicit SwatchRow(Look& look, QWidget* parent = nullptr);
    void setSwatches(std::vector<Swatch> swatches);

    QSize sizeHint() const override { return {m_look.scaled(300), heightForWidth(std::max(width(), m_look.scaled(160)))}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(160), heightForWidth(std::max(width(), m_look.scaled(160)))}; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    /// Lays the swatches out, and draws them with a painter: the height that they take.
    double lay(QPainter* painter, double width) const;

    Look& m_look;
    std::vector<Swatch> m_swatches;
};

} // namespace app::desktop
