#pragma once

#include "app/desktop/charts/signal_kinds.h"
#include "app/desktop/lab_client.h"

#include <QAbstractTableModel>

namespace app::desktop {

/// The charts' twin for reading: one row per sample, newest first, one column per signal.
class SignalTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setFrame(const FramePtr& frame);
    void retranslate();

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    FramePtr m_frame;
    int m_rows = 0;
};

} // namespace app::desktop
