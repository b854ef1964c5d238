#include "app/desktop/charts/signal_table_model.h"

#include "app/desktop/theme/wording.h"

#include <algorithm>

namespace app::desktop {

namespace {

constexpr std::size_t kMostRows = 600;

const sim::SeriesView* leading(const FramePtr& frame)
{
    return frame && frame->world ? findSeries(*frame->world, "sli.success") : nullptr;
}

} // namespace

void SignalTableModel::setFrame(const FramePtr& frame)
{
    const sim::SeriesView* series = leading(frame);
    const int rows = series == nullptr ? 0 : static_cast<int>(std::min(series->values->size(), kMostRows));
    if (rows != m_rows) {
        beginResetModel();
        m_frame = frame;
        m_rows = rows;
        endResetModel();
        return;
    }
    m_frame = frame;
    if (m_rows > 0)
        emit dataChanged(index(0, 0), index(m_rows - 1, columnCount() - 1));
}

void SignalTableModel::retranslate()
{
    emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
}

int SignalTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : m_rows;
}

int SignalTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : 1 + static_cast<int>(kSignals.size());
}

QVariant SignalTableModel::data(const QModelIndex& index, int role) const
{
    const sim::SeriesView* lead = leading(m_frame);
    if (!index.isValid() || lead == nullptr)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(index.column() == 0 ? Qt::AlignLeft | Qt::AlignVCenter
                                                       : Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const auto sample = static_cast<std::int64_t>(lead->values->size()) - 1 - index.row();
    const sim::Instant at = lead->start + sample * lead->step;
    if (index.column() == 0)
        return Wording::clock(at);
    const SignalKind kind = kSignals[static_cast<std::size_t>(index.column() - 1)];
    QStringList values;
    for (const std::string& id : Signals::seriesIds(kind)) {
        const sim::SeriesView* series = findSeries(*m_frame->world, id);
        if (series == nullptr || at < series->start)
            continue;
        const auto position = static_cast<std::size_t>((at - series->start) / series->step);
        if (position < series->values->size())
            values += Signals::value(kind, (*series->values)[position]);
    }
    return values.join(QStringLiteral(" / "));
}

QVariant SignalTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    if (section == 0)
        return tr("Time");
    const SignalKind kind = kSignals[static_cast<std::size_t>(section - 1)];
    return kind == SignalKind::Pods ? tr("Pods running / waiting") : Signals::title(kind);
}

} // namespace app::desktop
