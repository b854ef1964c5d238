#pragma once

#include "sim/world/frame.h"

#include <QAbstractItemModel>

#include <memory>
#include <optional>
#include <vector>

namespace app::desktop {

/// What stands in one place of a table.
struct Cell {
    QString text;
    QVariant value;                    ///< to sort by; the text where it is invalid
    double share = -1;                 ///< 0..1: drawn as a bar behind the text; below 0: none
    std::optional<sim::Health> health; ///< shape before the text, and its colour
    QString tip;
    bool quiet = false; ///< secondary
};

/// A row and what stands below it, known by its key among its neighbours.
struct Row {
    QString key;
    std::vector<Cell> cells;
    QVariant id; ///< for whoever filled the table
    std::vector<Row> children;
};

struct Column {
    QString title;
    QString tip;
    bool numeric = false; ///< to the right, digits of one width
    bool code = false;    ///< a path, a command, a rule: in the terminal's type
};

/// Rows that come anew several times a second and are merged into those that stand there: what is open, selected and
/// scrolled to stays so, and only what has changed is drawn again.
class RowModel : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Role {
        SortRole = Qt::UserRole,
        ShareRole,
        HealthRole, ///< sim::Health as int; invalid: none
        QuietRole,
        KeyRole,
        IdRole,
    };

    explicit RowModel(QObject* parent = nullptr);
    ~RowModel() override;

    void setColumns(std::vector<Column> columns);
    const Column& column(int index) const { return m_columns[static_cast<std::size_t>(index)]; }
    void setRows(std::vector<Row> rows);
    /// The first row with a key, wherever it stands.
    QModelIndex find(const QString& key) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Item;

    Item* at(const QModelIndex& index) const;
    QModelIndex indexOf(const Item& item, int column = 0) const;
    void merge(Item& into, std::vector<Row>& wanted);
    static std::unique_ptr<Item> grown(Row& wanted, Item& parent);
    QString described(const Item& item) const;

    std::vector<Column> m_columns;
    std::unique_ptr<Item> m_root;
};

} // namespace app::desktop
