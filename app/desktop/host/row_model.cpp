#include "app/desktop/host/row_model.h"

#include "app/desktop/theme/wording.h"

#include <QHash>

namespace app::desktop {

namespace {

bool looksSame(const Cell& a, const Cell& b)
{
    return a.text == b.text && a.value == b.value && a.share == b.share && a.health == b.health && a.tip == b.tip
        && a.quiet == b.quiet;
}

} // namespace

struct RowModel::Item {
    Row row; ///< its children moved into `children`
    Item* parent = nullptr;
    int place = 0;
    std::vector<std::unique_ptr<Item>> children;
};

RowModel::RowModel(QObject* parent) : QAbstractItemModel(parent), m_root(std::make_unique<Item>())
{ }

RowModel::~RowModel() = default;

void RowModel::setColumns(std::vector<Column> columns)
{
    if (columns.size() == m_columns.size()) { // another language
        m_columns = std::move(columns);
        emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
        return;
    }
    beginResetModel();
    m_columns = std::move(columns);
    endResetModel();
}

void RowModel::setRows(std::vector<Row> rows)
{
    merge(*m_root, rows);
}

std::unique_ptr<RowModel::Item> RowModel::grown(Row& wanted, Item& parent)
{
    auto item = std::make_unique<Item>();
    item->parent = &parent;
    for (Row& child : wanted.children) {
        item->children.push_back(grown(child, *item));
        item->children.back()->place = static_cast<int>(item->children.size()) - 1;
    }
    wanted.children.clear();
    item->row = std::move(wanted);
    return item;
}

void RowModel::merge(Item& into, std::vector<Row>& wanted)
{
    const QModelIndex here = indexOf(into);
    const auto renumber = [&into](std::size_t from) {
        for (std::size_t i = from; i < into.children.size(); ++i)
            into.children[i]->place = static_cast<int>(i);
    };
    QHash<QString, int> places;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        places.insert(wanted[i].key, static_cast<int>(i));
    // What is gone leaves; so does what stands in another order than wanted, to come back in its place.
    int highest = -1;
    for (std::size_t i = 0; i < into.children.size();) {
        const int place = places.value(into.children[i]->row.key, -1);
        if (place > highest) {
            highest = place;
            ++i;
            continue;
        }
        beginRemoveRows(here, static_cast<int>(i), static_cast<int>(i));
        into.children.erase(into.children.begin() + static_cast<std::ptrdiff_t>(i));
        renumber(i);
        endRemoveRows();
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i < into.children.size() && into.children[i]->row.key == wanted[i].key) {
            Item& item = *into.children[i];
            merge(item, wanted[i].children);
            int first = -1, last = -1;
            for (int c = 0; c < static_cast<int>(wanted[i].cells.size()); ++c) {
                const auto cell = static_cast<std::size_t>(c);
                if (cell < item.row.cells.size() && looksSame(item.row.cells[cell], wanted[i].cells[cell]))
                    continue;
                first = first < 0 ? c : first;
                last = c;
            }
            wanted[i].children.clear();
            item.row = std::move(wanted[i]);
            if (first >= 0)
                emit dataChanged(indexOf(item, first), indexOf(item, last));
            continue;
        }
        beginInsertRows(here, static_cast<int>(i), static_cast<int>(i));
        into.children.insert(into.children.begin() + static_cast<std::ptrdiff_t>(i), grown(wanted[i], into));
        renumber(i);
        endInsertRows();
    }
}

RowModel::Item* RowModel::at(const QModelIndex& index) const
{
    return index.isValid() ? static_cast<Item*>(index.internalPointer()) : m_root.get();
}

QModelIndex RowModel::indexOf(const Item& item, int column) const
{
    return item.parent == nullptr ? QModelIndex() : createIndex(item.place, column, &item);
}

QModelIndex RowModel::find(const QString& key) const
{
    std::vector<const Item*> left{m_root.get()};
    while (!left.empty()) {
        const Item* item = left.back();
        left.pop_back();
        if (item->parent != nullptr && item->row.key == key)
            return indexOf(*item);
        for (auto child = item->children.rbegin(); child != item->children.rend(); ++child)
            left.push_back(child->get());
    }
    return {};
}

QModelIndex RowModel::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, at(parent)->children[static_cast<std::size_t>(row)].get());
}

QModelIndex RowModel::parent(const QModelIndex& index) const
{
    return index.isValid() ? indexOf(*at(index)->parent) : QModelIndex();
}

int RowModel::rowCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(at(parent)->children.size());
}

int RowModel::columnCount(const QModelIndex&) const
{
    return static_cast<int>(m_columns.size());
}

QString RowModel::described(const Item& item) const
{
    QStringList words;
    for (std::size_t i = 0; i < item.row.cells.size() && i < m_columns.size(); ++i) {
        const Cell& cell = item.row.cells[i];
        if (cell.text.isEmpty())
            continue;
        QString word = i == 0 ? cell.text : m_columns[i].title + QLatin1Char(' ') + cell.text;
        if (cell.health && *cell.health != sim::Health::Ok)
            word += QStringLiteral(" (") + Wording::health(*cell.health) + QLatin1Char(')');
        words += word;
    }
    return words.join(QStringLiteral(", "));
}

QVariant RowModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Item& item = *at(index);
    if (role == KeyRole)
        return item.row.key;
    if (role == IdRole)
        return item.row.id;
    if (role == Qt::AccessibleTextRole && index.column() == 0)
        return described(item);
    const auto place = static_cast<std::size_t>(index.column());
    if (place >= item.row.cells.size())
        return {};
    const Cell& cell = item.row.cells[place];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole: return cell.text;
    case Qt::ToolTipRole: return cell.tip.isEmpty() ? cell.text : cell.tip;
    case Qt::TextAlignmentRole:
        return static_cast<int>(Qt::AlignVCenter | (m_columns[place].numeric ? Qt::AlignRight : Qt::AlignLeft));
    case SortRole: return cell.value.isValid() ? cell.value : QVariant(cell.text);
    case ShareRole: return cell.share;
    case HealthRole: return cell.health ? QVariant(static_cast<int>(*cell.health)) : QVariant();
    case QuietRole: return cell.quiet;
    default: return {};
    }
}

QVariant RowModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const Column& head = column(section);
    if (role == Qt::DisplayRole)
        return head.title;
    if (role == Qt::ToolTipRole)
        return head.tip.isEmpty() ? QVariant() : QVariant(head.tip);
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>(Qt::AlignVCenter | (head.numeric ? Qt::AlignRight : Qt::AlignLeft));
    return {};
}

} // namespace app::desktop
