#include "app/desktop/host/row_tree.h"

#include "app/desktop/theme/painting.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kHostRowHeight = 24;
constexpr int kLeastRowTreeHeight = 96; ///< the heading and three rows
/// A column that takes what is left never takes less.
constexpr int kLeastRest = 90;
/// Less than that would be a speck.
constexpr double kLeastShare = 0.005;

/// Text with its shape before it and its share behind it.
class CellDelegate : public QStyledItemDelegate {
public:
    CellDelegate(Look& look, const RowModel& model, QObject* parent)
        : QStyledItemDelegate(parent), m_look(look), m_model(model)
    { }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width(), m_look.scaled(kHostRowHeight)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Tokens& tokens = m_look.tokens();
        const Column& column = m_model.column(index.column());
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        QRectF room = QRectF(option.rect).adjusted(6, 0, -6, 0);
        const double share = index.data(RowModel::ShareRole).toDouble();
        const QVariant health = index.data(RowModel::HealthRole);
        const auto state = health.isValid() ? std::optional(static_cast<sim::Health>(health.toInt())) : std::nullopt;
        const bool ill = state && *state != sim::Health::Ok && *state != sim::Health::Unknown;
        if (share > kLeastShare) {
            const double side = m_look.scaled(16);
            const QRectF bar(option.rect.left() + 2.0, option.rect.center().y() - side / 2 + 0.5,
                             std::max(2.0, (option.rect.width() - 4) * std::min(1.0, share)), side);
            painter->setPen(Qt::NoPen);
            painter->setBrush(mixed(tokens.panel, ill ? healthColor(tokens, *state) : tokens.accent, 0.26));
            painter->drawRoundedRect(bar, 3, 3);
        }
        if (state) {
            const double side = m_look.scaled(8);
            drawHealth(*painter, QRectF(room.left(), room.center().y() - side / 2, side, side), *state, tokens);
            room.setLeft(room.left() + side + 6);
        }
        painter->setFont(m_look.font(column.code ? FontRole::Terminal : FontRole::Secondary));
        painter->setPen(index.data(RowModel::QuietRole).toBool() ? tokens.muted
                            : ill                                ? readableOn(healthColor(tokens, *state), tokens.panel)
                                                                 : tokens.text);
        const QString text = index.data().toString();
        const QFontMetricsF metrics(painter->font());
        if (column.numeric)
            drawTabular(*painter, room, Qt::AlignVCenter | Qt::AlignRight,
                        metrics.elidedText(text, Qt::ElideRight, room.width() + 1));
        else
            painter->drawText(room, Qt::AlignVCenter | Qt::AlignLeft,
                              metrics.elidedText(text, column.code ? Qt::ElideRight : Qt::ElideMiddle, room.width()));
        painter->restore();
    }

private:
    Look& m_look;
    const RowModel& m_model;
};

/// A heading whose arrow stands beside its words, never over them.
class SortHeader : public QHeaderView {
public:
    SortHeader(Look& look, const RowModel& model, QWidget* parent)
        : QHeaderView(Qt::Horizontal, parent), m_look(look), m_model(model)
    {
        setSectionsClickable(true);
        setSortIndicatorShown(true);
    }

protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override
    {
        const Tokens& tokens = m_look.tokens();
        const bool sorted = sortIndicatorSection() == section;
        const Column& column = m_model.column(section);
        QFont font = m_look.font(FontRole::Label);
        font.setWeight(QFont::DemiBold);
        painter->save();
        painter->setFont(font);
        painter->setPen(sorted ? tokens.text : tokens.muted);
        const QFontMetrics metrics(font);
        const double arrow = sorted ? m_look.scaled(12) : 0;
        const QRect room = rect.adjusted(6, 0, -6, -1);
        const QString words = metrics.elidedText(column.title, Qt::ElideRight, room.width() - static_cast<int>(arrow));
        painter->drawText(room, Qt::AlignVCenter | (column.numeric ? Qt::AlignRight : Qt::AlignLeft), words);
        if (sorted) {
            const double width = metrics.horizontalAdvance(words) + m_look.scaled(8);
            const double x = column.numeric ? room.right() - width : room.left() + width;
            const bool down = sortIndicatorOrder() == Qt::DescendingOrder;
            const double s = m_look.scaled(3), y = room.center().y();
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(tokens.text);
            painter->drawPolygon(down ? QPolygonF({{x - s, y - s / 2}, {x + s, y - s / 2}, {x, y + s}})
                                      : QPolygonF({{x - s, y + s / 2}, {x + s, y + s / 2}, {x, y - s}}));
        }
        painter->setPen(tokens.line);
        painter->drawLine(rect.bottomLeft(), rect.bottomRight());
        painter->restore();
    }

private:
    Look& m_look;
    const RowModel& m_model;
};

} // namespace

RowTree::RowTree(Look& look, RowModel& model, std::vector<int> widths, QWidget* parent)
    : ChevronTree(look, parent), m_model(model), m_widths(std::move(widths)),
      m_sorted(new QSortFilterProxyModel(this))
{
    m_sorted->setSourceModel(&model);
    m_sorted->setSortRole(RowModel::SortRole);
    m_sorted->setSortCaseSensitivity(Qt::CaseInsensitive);
    m_sorted->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_sorted->setFilterKeyColumn(-1);
    m_sorted->setRecursiveFilteringEnabled(true);
    m_sorted->setDynamicSortFilter(true);
    setHeader(new SortHeader(look, model, this));
    setModel(m_sorted);
    setItemDelegate(new CellDelegate(look, model, this));
    setUniformRowHeights(true);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setTabKeyNavigation(false); // Tab leaves the table, arrows walk in it
    header()->setSectionResizeMode(QHeaderView::Fixed);
    header()->setStretchLastSection(false);
    header()->setHighlightSections(false);
    header()->setMinimumSectionSize(24);
    setSortingEnabled(true);
    header()->setSortIndicator(-1, Qt::AscendingOrder);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& row) { emit rowChosen(m_sorted->mapToSource(row)); });
    connect(&model, &QAbstractItemModel::modelReset, this, &RowTree::layOut);
    connect(&look, &Look::changed, this, &RowTree::layOut);
    layOut();
}

void RowTree::setFilter(const QString& words)
{
    m_sorted->setFilterFixedString(words);
    if (!words.isEmpty())
        expandAll();
}

QModelIndex RowTree::chosen() const
{
    return m_sorted->mapToSource(currentIndex());
}

void RowTree::choose(const QModelIndex& row)
{
    setCurrentIndex(m_sorted->mapFromSource(row));
}

void RowTree::sortBy(int column, Qt::SortOrder order)
{
    sortByColumn(column, order);
}

void RowTree::openOnce(int depth)
{
    if (m_opened || m_sorted->rowCount() == 0)
        return;
    m_opened = true;
    expandToDepth(depth);
}

void RowTree::restart()
{
    m_model.setRows({});
    m_opened = false;
}

void RowTree::layOut()
{
    const auto columns = std::min(m_widths.size(), static_cast<std::size_t>(m_model.columnCount()));
    int fixed = 0;
    int rest = 0;
    for (std::size_t i = 0; i < columns; ++i) {
        fixed += m_look.scaled(m_widths[i]);
        rest += m_widths[i] == 0 ? 1 : 0;
    }
    const int room = std::max(m_look.scaled(kLeastRest), rest == 0 ? 0 : (viewport()->width() - fixed) / rest);
    for (std::size_t i = 0; i < columns; ++i)
        setColumnWidth(static_cast<int>(i), m_widths[i] == 0 ? room : m_look.scaled(m_widths[i]));
    setIndentation(m_look.scaled(16));
    setMinimumHeight(m_look.scaled(kLeastRowTreeHeight));
    scheduleDelayedItemsLayout();
}

void RowTree::resizeEvent(QResizeEvent* event)
{
    ChevronTree::resizeEvent(event);
    layOut();
}

void RowTree::focusInEvent(QFocusEvent* event)
{
    ChevronTree::focusInEvent(event);
    if (currentIndex().isValid() && selectionModel()->selectedRows().isEmpty()) // shows where the arrows begin
        selectionModel()->select(currentIndex(), QItemSelectionModel::Select | QItemSelectionModel::Rows);
}

void RowTree::copyRow() const
{
    QStringList words;
    for (int i = 0; i < model()->columnCount(); ++i)
        words += currentIndex().siblingAtColumn(i).data().toString();
    QGuiApplication::clipboard()->setText(words.join(QLatin1Char('\t')));
}

void RowTree::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy) && currentIndex().isValid())
        return copyRow();
    ChevronTree::keyPressEvent(event);
}

} // namespace app::desktop
