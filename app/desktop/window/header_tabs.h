#pragma once

#include "app/desktop/theme/look.h"

#include <QTabBar>

class QScrollArea;

namespace app::desktop {

/// The tabs of a group of pages, in the header of the panel that shows them.
class HeaderTabs : public QTabBar {
public:
    explicit HeaderTabs(int count);

    /// By tab; `together`: what a screen reader calls all of them.
    void setWords(const Look& look, const QStringList& names, const QStringList& hints, const QString& together);
};

/// Around a page that may need more room than its panel has, as with large text.
QScrollArea* scrolling(QWidget* page, QWidget* parent);

} // namespace app::desktop
