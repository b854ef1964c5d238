#pragma once

#include "app/desktop/host/row_model.h"
#include "app/desktop/theme/chevron_tree.h"

class QSortFilterProxyModel;

namespace app::desktop {

/// A table or tree over a RowModel: sorted by a click on a heading, filtered by words, copied as text.
class RowTree : public ChevronTree {
    Q_OBJECT

public:
    /// Widths at text size 100 %, one for each column; 0: takes what is left.
    RowTree(Look& look, RowModel& model, std::vector<int> widths, QWidget* parent = nullptr);

    void setFilter(const QString& words);
    /// The row that is chosen, in the model; invalid: none.
    QModelIndex chosen() const;
    void choose(const QModelIndex& row);
    void sortBy(int column, Qt::SortOrder order);
    /// Once rows are there: opens them down to a depth, the first time only.
    void openOnce(int depth);
    /// Another machine's rows come: they may open by themselves again.
    void restart();
    RowModel& rows() const { return m_model; }
    /// Asks for little: it takes the room that is left.
    QSize sizeHint() const override { return {m_look.scaled(200), minimumHeight()}; }

signals:
    void rowChosen(const QModelIndex& row);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;

private:
    void layOut();
    void copyRow() const;

    RowModel& m_model;
    std::vector<int> m_widths;
    QSortFilterProxyModel* m_sorted = nullptr;
    bool m_opened = false;
};

} // namespace app::desktop
