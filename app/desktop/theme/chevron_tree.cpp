#include "app/desktop/theme/chevron_tree.h"

#include "app/desktop/theme/painting.h"

#include <QPainter>

namespace app::desktop {

ChevronTree::ChevronTree(Look& look, QWidget* parent)
    : QTreeView(parent)
    , m_look(look)
{
}

void ChevronTree::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    if (selectionModel()->isSelected(index)) {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(mixed(m_look.tokens().panel, m_look.tokens().accent, hasFocus() ? 0.24 : 0.14));
        painter->drawRoundedRect(QRectF(0, option.rect.top(), viewport()->width(), option.rect.height()), 6, 6);
        painter->restore();
    }
    QTreeView::drawRow(painter, option, index);
}

void ChevronTree::drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const
{
    if (!rootIsDecorated() || model()->rowCount(index) == 0)
        return;
    const QPointF center(rect.right() - m_look.scaled(8), rect.center().y() + 0.5);
    drawChevron(*painter, center, m_look.scaled(4), isExpanded(index), m_look.tokens().muted);
}

} // namespace app::desktop
