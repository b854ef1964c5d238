#pragma once

#include "core/session/kube_detail.h"

#include <QAbstractTableModel>

#include <memory>

namespace app::desktop {

/// A scheduling decision as a table: a row for each node that was looked at, best first; the sum, then a column for
/// each filter plugin and for each score plugin.
class DecisionModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum class Column { Sum, Filter, Score };
    enum class Verdict { Passed, Objected, NotAsked, Skipped };
    enum Role {
        VerdictRole = Qt::UserRole, ///< of a filter's cell: Verdict
        ShareRole,                  ///< of a score's cell: its points before weighing, 0..1; of a sum: its share of the best
        WinnerRole,                 ///< of every cell: its node got the pod
        DetailRole,                 ///< what the cell means, in a sentence
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// Null: no rows.
    void setDecision(std::shared_ptr<const core::session::DecisionsDetail> detail);
    void retranslate();

    Column columnKind(int column) const;
    const core::session::PluginColumn* plugin(int column) const;
    /// The first column of the filters or of the scores, and what to call them.
    bool beginsGroup(int column) const;
    QString groupName(int column) const;
    QString node(int row) const;
    /// -1: none.
    int winnerRow() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    using Row = sim::kube::Decision::Row;

    const Row& row(int index) const { return m_detail->chosen->rows[m_order[static_cast<std::size_t>(index)]]; }
    bool feasible(const Row& row) const { return row.rejectedBy == nullptr; }
    Verdict verdict(const Row& row, int filter) const;
    /// The plugin was not run: the pod asks for nothing that it looks at.
    bool skipsFilter(int filter) const { return m_skipped[static_cast<std::size_t>(filter)]; }
    bool skipsScore(int score) const { return m_skipped[m_detail->filters.size() + static_cast<std::size_t>(score)]; }
    static const sim::kube::Decision::Points* points(const Row& row, const std::string& plugin);
    QVariant sumData(const Row& row, int role) const;
    QVariant filterData(const Row& row, int filter, int role) const;
    QVariant scoreData(const Row& row, int score, int role) const;
    QString detail(const QModelIndex& index) const;

    std::shared_ptr<const core::session::DecisionsDetail> m_detail;
    std::vector<std::size_t> m_order; ///< rows of the decision, as shown
    std::vector<bool> m_skipped;      ///< by plugin: filters, then scores
    std::int64_t m_best = 0;
};

} // namespace app::desktop
