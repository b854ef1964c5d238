#pragma once

#include "app/desktop/lab_client.h"

#include <QAbstractTableModel>

namespace app::desktop {

/// The event log, newest last. Columns: time, level, object, message.
class EventModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Time, Level, Object, Message, kColumns };
    enum Role { HealthRole = Qt::UserRole, ObjectRole, SourceRole };

    using QAbstractTableModel::QAbstractTableModel;

    void setFrame(const FramePtr& frame);
    void retranslate();

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<sim::EventView> m_events;
};

} // namespace app::desktop
