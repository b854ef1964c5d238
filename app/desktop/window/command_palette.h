#pragma once

#include "app/desktop/theme/look.h"

#include <QAction>
#include <QDialog>

class QLineEdit;
class QListView;
class QModelIndex;
class QSortFilterProxyModel;

namespace app::desktop {

/// Every action of the window with its key; typing narrows, Enter runs.
class CommandPalette : public QDialog {
    Q_OBJECT

public:
    CommandPalette(Look& look, const QList<QAction*>& actions, QWidget* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void filter(const QString& text);
    void run();

    Look& m_look;
    QList<QAction*> m_actions;
    QLineEdit* m_box = nullptr;
    QListView* m_list = nullptr;
    QSortFilterProxyModel* m_proxy = nullptr;
};

} // namespace app::desktop
