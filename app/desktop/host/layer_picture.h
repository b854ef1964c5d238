#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/host_detail.h"

#include <QWidget>

namespace app::desktop {

/// The overlay stack of an image as its containers see it: their own writable layers on top, the image's below, the
/// lowest last. A slab's bar is its size; the hatched part is what layers above it hide, carried for nothing.
class LayerPicture : public QWidget {
    Q_OBJECT

public:
    explicit LayerPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::ImagesDetail> detail);
    void retranslate();
    int slabs() const;
    int chosen() const { return m_chosen; }
    void choose(int slab);
    /// The image's layer that a slab is; nothing for a container's own.
    const core::session::LayerDetail* layerOf(int slab) const;
    const core::session::ImageUser* userOf(int slab) const;
    /// A slab in a sentence, as drawn.
    QString sentence(int slab) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {m_look.scaled(260), sizeHint().height()}; }

signals:
    void slabChosen(int slab);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    QRectF place(int slab) const;
    double largest() const;
    void paintSlab(QPainter& painter, int slab) const;

    Look& m_look;
    std::shared_ptr<const core::session::ImagesDetail> m_detail;
    int m_chosen = -1;
};

} // namespace app::desktop
