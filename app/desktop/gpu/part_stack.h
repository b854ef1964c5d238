#pragma once

#include <QStackedWidget>

namespace app::desktop {

/// Shows one of a page's parts and takes the room that is left; needs what the part that is open needs, not the largest of all.
class PartStack : public QStackedWidget {
public:
    explicit PartStack(QWidget* parent) : QStackedWidget(parent)
    {
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
        connect(this, &QStackedWidget::currentChanged, this, [this] { updateGeometry(); });
    }

    QSize sizeHint() const override { return minimumSizeHint(); }
    QSize minimumSizeHint() const override { return currentWidget() == nullptr ? QSize() : currentWidget()->minimumSizeHint(); }
};

} // namespace app::desktop
