#include "app/desktop/kube/decision_model.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace app::desktop {

using core::session::PluginColumn;

namespace {

constexpr int kFirstFilter = 1; // the sum comes before

} // namespace

void DecisionModel::setDecision(std::shared_ptr<const core::session::DecisionsDetail> detail)
{
    const bool same = m_detail && detail && m_detail->chosen == detail->chosen;
    if (same) { // a decision never changes
        m_detail = std::move(detail);
        return;
    }
    beginResetModel();
    m_detail = std::move(detail);
    m_order.clear();
    m_skipped.clear();
    m_best = 0;
    if (m_detail && m_detail->chosen) {
        const auto& rows = m_detail->chosen->rows;
        m_order.resize(rows.size());
        std::iota(m_order.begin(), m_order.end(), std::size_t{0});
        // The winner leads those that had as many points.
        const auto rank = [&](std::size_t i) {
            const Row& one = rows[i];
            return std::tuple(!feasible(one), -one.total, one.node != m_detail->chosen->node);
        };
        std::stable_sort(m_order.begin(), m_order.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
        for (const Row& one : rows)
            m_best = std::max(m_best, one.total);
        for (const PluginColumn& filter : m_detail->filters)
            m_skipped.push_back(std::find(m_detail->chosen->skipped.begin(), m_detail->chosen->skipped.end(), filter.name) != m_detail->chosen->skipped.end());
        // A score plugin speaks of every node that is left or of none.
        const auto scored = std::find_if(rows.begin(), rows.end(), [](const Row& one) { return !one.points.empty(); });
        for (const PluginColumn& score : m_detail->scores)
            m_skipped.push_back(scored != rows.end() && points(*scored, score.name) == nullptr);
    }
    endResetModel();
}

void DecisionModel::retranslate()
{
    if (columnCount() > 0)
        emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
}

DecisionModel::Column DecisionModel::columnKind(int column) const
{
    if (column < kFirstFilter)
        return Column::Sum;
    return column - kFirstFilter < static_cast<int>(m_detail->filters.size()) ? Column::Filter : Column::Score;
}

const PluginColumn* DecisionModel::plugin(int column) const
{
    if (!m_detail)
        return nullptr;
    switch (columnKind(column)) {
    case Column::Sum: break;
    case Column::Filter: return &m_detail->filters[static_cast<std::size_t>(column - kFirstFilter)];
    case Column::Score: return &m_detail->scores[static_cast<std::size_t>(column - kFirstFilter) - m_detail->filters.size()];
    }
    return nullptr;
}

bool DecisionModel::beginsGroup(int column) const
{
    return m_detail && (column == kFirstFilter || column == kFirstFilter + static_cast<int>(m_detail->filters.size()));
}

QString DecisionModel::groupName(int column) const
{
    return columnKind(column) == Column::Filter ? tr("Filters: who may take it") : tr("Scores: who takes it best");
}

QString DecisionModel::node(int index) const
{
    return QString::fromStdString(row(index).node);
}

int DecisionModel::winnerRow() const
{
    return rowCount() > 0 && !m_detail->chosen->node.empty() && row(0).node == m_detail->chosen->node ? 0 : -1;
}

int DecisionModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_order.size());
}

int DecisionModel::columnCount(const QModelIndex& parent) const
{
    if (parent.isValid() || !m_detail)
        return 0;
    return kFirstFilter + static_cast<int>(m_detail->filters.size() + m_detail->scores.size());
}

DecisionModel::Verdict DecisionModel::verdict(const Row& row, int filter) const
{
    if (skipsFilter(filter))
        return Verdict::Skipped;
    if (feasible(row))
        return Verdict::Passed;
    // Filters are asked in order until one objects.
    const auto objector = std::find_if(m_detail->filters.begin(), m_detail->filters.end(),
                                       [&](const PluginColumn& one) { return one.name == row.rejectedBy; });
    const auto at = static_cast<int>(objector - m_detail->filters.begin());
    return filter < at ? Verdict::Passed : filter == at ? Verdict::Objected : Verdict::NotAsked;
}

const sim::kube::Decision::Points* DecisionModel::points(const Row& row, const std::string& plugin)
{
    const auto it = std::find_if(row.points.begin(), row.points.end(), [&](const auto& one) { return plugin == one.plugin; });
    return it == row.points.end() ? nullptr : &*it;
}

QVariant DecisionModel::sumData(const Row& row, int role) const
{
    const bool scored = feasible(row) && !row.points.empty();
    if (role == Qt::DisplayRole)
        return scored ? QString::number(row.total) : QStringLiteral("–");
    if (role == ShareRole)
        return scored && m_best > 0 ? static_cast<double>(row.total) / static_cast<double>(m_best) : 0.0;
    return {};
}

QVariant DecisionModel::filterData(const Row& row, int filter, int role) const
{
    const Verdict what = verdict(row, filter);
    if (role == VerdictRole)
        return static_cast<int>(what);
    if (role != Qt::DisplayRole)
        return {};
    switch (what) {
    case Verdict::Passed: return QStringLiteral("✓");
    case Verdict::Objected: return QStringLiteral("✗");
    case Verdict::NotAsked: return QStringLiteral("·");
    case Verdict::Skipped: return QStringLiteral("—");
    }
    return {};
}

QVariant DecisionModel::scoreData(const Row& row, int score, int role) const
{
    const auto* got = points(row, m_detail->scores[static_cast<std::size_t>(score)].name);
    if (role == Qt::DisplayRole)
        return got != nullptr ? QString::number(got->weighted) : !row.points.empty() && skipsScore(score) ? QStringLiteral("—") : QString();
    if (role == ShareRole)
        return got == nullptr ? 0.0 : static_cast<double>(got->normalized) / 100;
    return {};
}

QString DecisionModel::detail(const QModelIndex& index) const
{
    const Row& one = row(index.row());
    const QString name = QString::fromStdString(one.node);
    if (columnKind(index.column()) == Column::Sum) {
        if (!feasible(one)) {
            QStringList reasons;
            for (const std::string& reason : one.reasons)
                reasons += QString::fromStdString(reason);
            return tr("%1 is out: %2 says “%3”").arg(name, QLatin1String(one.rejectedBy), reasons.join(QStringLiteral("; ")));
        }
        return one.points.empty() ? tr("%1 was the only node left, so nothing was scored").arg(name)
                                  : tr("%1 has %2 points in all").arg(name).arg(one.total);
    }
    const PluginColumn& column = *plugin(index.column());
    const QString plug = QString::fromStdString(column.name);
    if (columnKind(index.column()) == Column::Filter) {
        switch (verdict(one, index.column() - kFirstFilter)) {
        case Verdict::Passed: return tr("%1 has nothing against %2").arg(plug, name);
        case Verdict::Skipped: return tr("%1 was skipped: this pod asks for nothing that it looks at").arg(plug);
        case Verdict::NotAsked: return tr("%1 was not asked about %2: another filter had objected").arg(plug, name);
        case Verdict::Objected: break;
        }
        QStringList reasons;
        for (const std::string& reason : one.reasons)
            reasons += QString::fromStdString(reason);
        return tr("%1 objects to %2: “%3”").arg(plug, name, reasons.join(QStringLiteral("; ")));
    }
    const auto* got = points(one, column.name);
    if (got == nullptr)
        return feasible(one) && skipsScore(index.column() - kFirstFilter - static_cast<int>(m_detail->filters.size()))
            ? tr("%1 was skipped: this pod asks for nothing that it looks at").arg(plug)
            : tr("%1 gave no points to %2").arg(plug, name);
    return tr("%1 gives %2 %3 of 100 points, times its weight of %4: %5")
        .arg(plug, name)
        .arg(got->normalized)
        .arg(column.weight)
        .arg(got->weighted);
}

QVariant DecisionModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Row& one = row(index.row());
    switch (role) {
    case WinnerRole: return !m_detail->chosen->node.empty() && one.node == m_detail->chosen->node;
    case DetailRole:
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: return detail(index);
    case Qt::TextAlignmentRole: return static_cast<int>(Qt::AlignCenter);
    default: break;
    }
    switch (columnKind(index.column())) {
    case Column::Sum: return sumData(one, role);
    case Column::Filter: return filterData(one, index.column() - kFirstFilter, role);
    case Column::Score:
        return scoreData(one, index.column() - kFirstFilter - static_cast<int>(m_detail->filters.size()), role);
    }
    return {};
}

QVariant DecisionModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical) {
        if (section >= rowCount() || (role != Qt::DisplayRole && role != Qt::AccessibleTextRole))
            return {};
        return section == winnerRow() ? QStringLiteral("★ ") + node(section) : node(section);
    }
    if (section >= columnCount())
        return {};
    const PluginColumn* one = plugin(section);
    if (role == Qt::DisplayRole)
        return one == nullptr ? tr("Sum")
            : one->weight > 1 ? QStringLiteral("%1 ×%2").arg(QString::fromStdString(one->name)).arg(one->weight)
                              : QString::fromStdString(one->name);
    if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole) {
        if (one == nullptr)
            return tr("Weighted points of all score plugins");
        const QString name = QString::fromStdString(one->name);
        return columnKind(section) == Column::Filter ? tr("Filter plugin %1").arg(name)
                                                     : tr("Score plugin %1, weight %2").arg(name).arg(one->weight);
    }
    return {};
}

} // namespace app::desktop
