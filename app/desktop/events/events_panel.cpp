#include "app/desktop/events/events_panel.h"

#include "app/desktop/events/event_delegate.h"
#include "app/desktop/events/event_model.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

namespace app::desktop {

namespace {

/// Newest on top, and a filter over every column.
class NewestFirst : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override
    {
        return left.row() < right.row();
    }
};

} // namespace

EventsPanel::EventsPanel(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_model(new EventModel(this))
    , m_proxy(new NewestFirst(this))
    , m_list(new QListView(this))
    , m_filter(new QLineEdit(this))
    , m_empty(new QLabel(this))
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setFilterKeyColumn(-1);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_proxy->sort(0, Qt::DescendingOrder);
    m_list->setObjectName(QStringLiteral("framed"));
    m_list->setModel(m_proxy);
    m_list->setItemDelegate(new EventDelegate(look, m_list));
    m_list->setResizeMode(QListView::Adjust); // messages wrap
    m_list->setMouseTracking(true);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_empty->setProperty("kind", QStringLiteral("muted"));
    m_empty->setWordWrap(true);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setContentsMargins(16, 16, 16, 16);
    m_filter->setClearButtonEnabled(true);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 6);
    column->setSpacing(0);
    column->addWidget(m_list, 1);
    column->addWidget(m_empty, 1);
    connect(m_list, &QListView::activated, this, &EventsPanel::choose);
    connect(m_list, &QListView::clicked, this, &EventsPanel::choose);
    connect(m_filter, &QLineEdit::textChanged, this, &EventsPanel::filter);
    connect(&look, &Look::changed, this, &EventsPanel::retranslate);
    retranslate();
    showEmpty();
}

void EventsPanel::setFrame(const FramePtr& frame)
{
    const bool atTop = m_list->verticalScrollBar()->value() == 0;
    m_model->setFrame(frame);
    if (atTop)
        m_list->scrollToTop();
    showEmpty();
}

void EventsPanel::filter(const QString& text)
{
    m_proxy->setFilterFixedString(text);
    showEmpty();
}

void EventsPanel::showEmpty()
{
    const bool empty = m_proxy->rowCount() == 0;
    m_list->setVisible(!empty);
    m_empty->setVisible(empty);
    m_empty->setText(m_model->rowCount() == 0
                         ? tr("Cluster events, alerts and what you do will be listed here, newest first.")
                         : tr("No event matches the filter."));
}

Selection EventsPanel::selectionFor(const QString& object)
{
    const QStringList parts = object.split(QLatin1Char('/'));
    if (parts.size() == 3 && parts[0].compare(QLatin1String("pod"), Qt::CaseInsensitive) == 0)
        return Selection::pod(parts[1] + QLatin1Char('/') + parts[2]);
    const QString kind = parts[0].toLower();
    if (parts.size() >= 2 && (kind == QLatin1String("node") || kind == QLatin1String("host")))
        return Selection::machine(parts.last());
    return {};
}

void EventsPanel::choose(const QModelIndex& index)
{
    const Selection selection = selectionFor(index.data(EventModel::ObjectRole).toString());
    if (selection.kind != Selection::Kind::None)
        emit selected(selection);
}

void EventsPanel::retranslate()
{
    m_list->setAccessibleName(tr("Events"));
    m_filter->setAccessibleName(tr("Filter events"));
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setMaximumWidth(m_look.scaled(120));
    m_filter->setMinimumWidth(m_look.scaled(60));
    m_filter->setStyleSheet(QStringLiteral("QLineEdit { min-height: %1px; max-height: %1px; padding: 0 8px; }")
                                .arg(m_look.scaled(22)));
    m_model->retranslate();
    showEmpty();
    m_list->doItemsLayout();
}

} // namespace app::desktop
