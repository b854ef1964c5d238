#pragma once

#include "app/desktop/pages/progress_source.h"

#include <QAbstractTableModel>

namespace app::desktop {

/// The attempts, newest first.
class AttemptModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { When, Incident, Cause, Score, Solved, Hints, Mode, Minutes, kColumns };

    using QAbstractTableModel::QAbstractTableModel;

    void setRows(std::vector<AttemptRow> rows);
    void retranslate();

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<AttemptRow> m_rows;
};

} // namespace app::desktop
