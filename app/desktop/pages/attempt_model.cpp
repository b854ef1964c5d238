#include "app/desktop/pages/attempt_model.h"

#include <cmath>

namespace app::desktop {

void AttemptModel::setRows(std::vector<AttemptRow> rows)
{
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

void AttemptModel::retranslate()
{
    emit headerDataChanged(Qt::Horizontal, 0, kColumns - 1);
}

int AttemptModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int AttemptModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

QVariant AttemptModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const AttemptRow& row = m_rows[static_cast<std::size_t>(index.row())];
    const bool number = index.column() == Score || index.column() == Hints || index.column() == Minutes;
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case When: return row.startedAt;
    case Incident: return row.incident;
    case Cause: return row.cause;
    case Score: return QString::number(std::lround(row.score));
    case Solved: return row.solved ? tr("● restored") : tr("■ not restored");
    case Hints: return row.hints;
    case Mode: return row.mode;
    case Minutes: return tr("%1 min").arg(std::lround(row.minutes));
    default: return {};
    }
}

QVariant AttemptModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case When: return tr("When");
    case Incident: return tr("Incident");
    case Cause: return tr("Cause");
    case Score: return tr("Score");
    case Solved: return tr("Service");
    case Hints: return tr("Hints");
    case Mode: return tr("Mode");
    case Minutes: return tr("Time");
    default: return {};
    }
}

} // namespace app::desktop
