#include "app/desktop/host/flow_row.h"

#include "app/desktop/theme/look.h"

#include <QWidget>

#include <algorithm>

namespace app::desktop {

FlowRow::FlowRow(QWidget* parent) : QLayout(parent)
{
    setContentsMargins(0, 0, 0, 0);
    setSpacing(Look::kGap);
}

FlowRow::~FlowRow()
{
    qDeleteAll(m_items);
}

void FlowRow::addItem(QLayoutItem* item)
{
    m_items += item;
}

QLayoutItem* FlowRow::takeAt(int index)
{
    return index >= 0 && index < m_items.size() ? m_items.takeAt(index) : nullptr;
}

QSize FlowRow::sizeHint() const
{
    QSize size;
    for (const QLayoutItem* item : m_items)
        if (!item->isEmpty())
            size = QSize(size.width() + item->sizeHint().width() + spacing(),
                         std::max(size.height(), item->sizeHint().height()));
    return size;
}

QSize FlowRow::minimumSize() const
{
    QSize size;
    for (const QLayoutItem* item : m_items)
        if (!item->isEmpty())
            size = size.expandedTo(item->minimumSize());
    return size;
}

void FlowRow::setGeometry(const QRect& rect)
{
    QLayout::setGeometry(rect);
    arrange(rect, true);
}

int FlowRow::widthOf(const QLayoutItem& item)
{
    return item.expandingDirections() & Qt::Horizontal ? item.minimumSize().width() : item.sizeHint().width();
}

int FlowRow::arrange(const QRect& rect, bool place) const
{
    int y = rect.top();
    QList<QLayoutItem*> line;
    int used = 0;
    const auto finish = [&] {
        int height = 0, growing = 0;
        for (const QLayoutItem* item : line) {
            height = std::max(height, item->sizeHint().height());
            growing += item->expandingDirections() & Qt::Horizontal ? 1 : 0;
        }
        const int spare = growing == 0 ? 0 : std::max(0, rect.width() - used) / growing;
        int x = rect.left();
        for (QLayoutItem* item : line) {
            const bool grows = item->expandingDirections() & Qt::Horizontal;
            const int width = std::min(
                {rect.width(), widthOf(*item) + (grows ? spare : 0), item->maximumSize().width()});
            if (place)
                item->setGeometry(
                    QRect(x, y + (height - item->sizeHint().height()) / 2, width, item->sizeHint().height()));
            x += width + spacing();
        }
        y += height;
        line.clear();
        used = 0;
    };
    for (QLayoutItem* item : m_items) {
        if (item->isEmpty())
            continue;
        const int width = widthOf(*item);
        if (!line.isEmpty() && used + spacing() + width > rect.width()) {
            finish();
            y += spacing() / 2;
        }
        used += (line.isEmpty() ? 0 : spacing()) + width;
        line += item;
    }
    if (!line.isEmpty())
        finish();
    return y - rect.top();
}

} // namespace app::desktop
