#pragma once

#include "app/desktop/theme/look.h"

#include <QAction>
#include <QDialog>

namespace app::desktop {

/// Help: every key of the window, and the terminal's own.
class ShortcutsDialog : public QDialog {
    Q_OBJECT

public:
    ShortcutsDialog(Look& look, const QList<QAction*>& actions, QWidget* parent = nullptr);
};

} // namespace app::desktop
