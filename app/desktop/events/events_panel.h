#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"
#include "app/desktop/topology/selection.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;
class QModelIndex;
class QSortFilterProxyModel;

namespace app::desktop {

class EventModel;

/// The event log with a filter; choosing an event selects its object in the picture.
class EventsPanel : public QWidget {
    Q_OBJECT

public:
    explicit EventsPanel(Look& look, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    QLineEdit* filterBox() const { return m_filter; }

    /// "pod/shop/checkout-x" → that pod, "node/worker-2" → that machine, anything else → nothing.
    static Selection selectionFor(const QString& object);

signals:
    void selected(const app::desktop::Selection& selection);

private:
    void retranslate();
    void choose(const QModelIndex& index);
    void filter(const QString& text);
    void showEmpty();

    Look& m_look;
    EventModel* m_model = nullptr;
    QSortFilterProxyModel* m_proxy = nullptr;
    QListView* m_list = nullptr;
    QLineEdit* m_filter = nullptr;
    QLabel* m_empty = nullptr;
};

} // namespace app::desktop
