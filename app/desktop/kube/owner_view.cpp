#include "app/desktop/kube/owner_view.h"

#include "app/desktop/kube/owner_model.h"
#include "app/desktop/theme/chevron_tree.h"
#include "app/desktop/theme/painting.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kOwnerRowHeight = 26;
/// A tree of up to so many objects opens down to the pods by itself.
constexpr int kOpensByItself = 400;
constexpr int kDepthOfPods = 2;

/// The kind in small muted type before the name; the state with its shape.
class OwnerDelegate : public QStyledItemDelegate {
public:
    OwnerDelegate(Look& look, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_look(look)
    {
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width(), m_look.scaled(kOwnerRowHeight)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Tokens& tokens = m_look.tokens();
        painter->save();
        QRect room = option.rect.adjusted(4, 0, -8, 0);
        const QString kind = index.data(OwnerModel::KindRole).toString();
        if (index.column() == OwnerModel::Object && !kind.isEmpty())
            paintObject(*painter, room, index, kind);
        else if (index.column() == OwnerModel::State && index.data(OwnerModel::HealthRole).isValid())
            paintState(*painter, room, index);
        else
            paintText(*painter, room, m_look.font(kind.isEmpty() ? FontRole::Section : FontRole::Secondary),
                      kind.isEmpty() ? tokens.text : tokens.muted, index.data().toString());
        painter->restore();
    }

private:
    static int paintText(QPainter& painter, const QRect& room, const QFont& font, const QColor& color, const QString& text)
    {
        painter.setFont(font);
        painter.setPen(color);
        const QFontMetrics metrics(font);
        painter.drawText(room, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(text, Qt::ElideMiddle, room.width()));
        return metrics.horizontalAdvance(text);
    }

    void paintObject(QPainter& painter, const QRect& room, const QModelIndex& index, const QString& kind) const
    {
        const Tokens& tokens = m_look.tokens();
        const QRect rest = room.adjusted(paintText(painter, room, m_look.font(FontRole::Label), tokens.muted, kind) + 8, 0, 0, 0);
        QFont font = m_look.font(FontRole::Body);
        font.setStrikeOut(index.data(OwnerModel::DeletingRole).toBool());
        paintText(painter, rest, font, tokens.text, index.data(OwnerModel::NameRole).toString());
    }

    void paintState(QPainter& painter, const QRect& room, const QModelIndex& index) const
    {
        const auto health = static_cast<sim::Health>(index.data(OwnerModel::HealthRole).toInt());
        const double side = m_look.scaled(9);
        drawHealth(painter, QRectF(room.left(), room.center().y() - side / 2 + 0.5, side, side), health, m_look.tokens());
        const QColor color = health == sim::Health::Ok ? m_look.tokens().text : healthColor(m_look.tokens(), health);
        paintText(painter, room.adjusted(m_look.scaled(16), 0, 0, 0), m_look.font(FontRole::Secondary), color, index.data().toString());
    }

    Look& m_look;
};

} // namespace

OwnerView::OwnerView(Look& look, LabClient& client, QWidget* parent)
    : KubeView(parent)
    , m_look(look)
    , m_client(client)
    , m_model(new OwnerModel(this))
    , m_proxy(new QSortFilterProxyModel(this))
    , m_filter(new QLineEdit(this))
    , m_expand(new QToolButton(this))
    , m_collapse(new QToolButton(this))
    , m_yaml(new QToolButton(this))
    , m_stack(new QStackedWidget(this))
    , m_tree(new ChevronTree(look, this))
    , m_empty(new QLabel(this))
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setRecursiveFilteringEnabled(true);
    m_proxy->setAutoAcceptChildRows(true);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_proxy->setFilterKeyColumn(-1);
    m_tree->setModel(m_proxy);
    m_tree->setItemDelegate(new OwnerDelegate(look, m_tree));
    m_tree->setUniformRowHeights(true); // thousands of rows cost as much as those in view
    m_tree->setAllColumnsShowFocus(true);
    m_tree->setAnimated(false);
    m_tree->setStyleSheet(QStringLiteral("QTreeView { selection-background-color: transparent; }"
                                         "QTreeView::item:selected, QTreeView::item:hover { background: transparent; }"));
    m_tree->installEventFilter(this);
    m_tree->header()->setStretchLastSection(true);
    m_filter->setClearButtonEnabled(true);
    m_empty->setProperty("kind", QStringLiteral("muted"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setContentsMargins(24, 16, 24, 16);
    m_stack->addWidget(m_tree);
    m_stack->addWidget(m_empty);
    auto* head = new QHBoxLayout;
    head->setSpacing(Look::kGap);
    head->addWidget(m_filter, 1);
    for (QToolButton* button : {m_expand, m_collapse, m_yaml}) {
        button->setFocusPolicy(Qt::TabFocus);
        head->addWidget(button);
    }
    m_yaml->setProperty("kind", QStringLiteral("link"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 10, Look::kInset, 8);
    column->setSpacing(8);
    column->addLayout(head);
    column->addWidget(m_stack, 1);
    connect(m_filter, &QLineEdit::textChanged, this, &OwnerView::filter);
    connect(m_expand, &QToolButton::clicked, m_tree, &QTreeView::expandAll);
    connect(m_collapse, &QToolButton::clicked, m_tree, &QTreeView::collapseAll);
    connect(m_yaml, &QToolButton::clicked, this, &OwnerView::openYaml);
    connect(m_tree, &QTreeView::clicked, this, &OwnerView::choose);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, &OwnerView::updateButtons);
    connect(&look, &Look::changed, this, &OwnerView::retranslate);
    retranslate();
    showEmpty();
}

void OwnerView::ask(core::session::KubeInterest& interest) const
{
    interest.owners = true;
}

QWidget* OwnerView::firstControl()
{
    return m_tree;
}

void OwnerView::setFrame(const FramePtr& frame)
{
    if (!frame->kube || !frame->kube->owners)
        return;
    m_model->setOwners(frame->kube->owners);
    if (!m_filled && m_model->objects() > 0) {
        m_filled = true;
        openFirst();
    }
    if (!m_wanted.name.isEmpty())
        reveal(m_wanted);
    showEmpty();
}

void OwnerView::openFirst()
{
    m_tree->expandToDepth(m_model->objects() <= kOpensByItself ? kDepthOfPods : 0);
    m_tree->setCurrentIndex(m_proxy->index(0, 0));
}

void OwnerView::reveal(const ObjectName& object)
{
    m_wanted = object;
    const QModelIndex found = m_model->find(object.kind, object.nameSpace, object.name);
    if (!found.isValid())
        return;
    m_wanted = {};
    m_filter->clear();
    const QModelIndex index = m_proxy->mapFromSource(found);
    for (QModelIndex up = index.parent(); up.isValid(); up = up.parent())
        m_tree->expand(up);
    m_tree->setCurrentIndex(index);
    m_tree->scrollTo(index, QAbstractItemView::PositionAtCenter);
}

void OwnerView::filter(const QString& text)
{
    m_proxy->setFilterFixedString(text);
    if (!text.isEmpty())
        m_tree->expandToDepth(kDepthOfPods);
    showEmpty();
}

void OwnerView::showEmpty()
{
    m_stack->setCurrentIndex(m_proxy->rowCount() > 0 ? 0 : 1);
    m_empty->setText(m_filter->text().isEmpty()
                         ? tr("Deployments, ReplicaSets, pods and whatever else owns or is owned appear here as a tree. Create one to see it grow.")
                         : tr("Nothing in the tree matches the filter."));
    updateButtons();
}

ObjectName OwnerView::current() const
{
    const QModelIndex index = m_tree->currentIndex();
    ObjectName object{index.data(OwnerModel::KindRole).toString(), index.data(OwnerModel::NameSpaceRole).toString(),
                      index.data(OwnerModel::NameRole).toString()};
    if (object.kind == QLatin1String("Container")) { // a container has no YAML of its own
        const QModelIndex pod = index.parent();
        object.kind = pod.data(OwnerModel::KindRole).toString();
        object.name = pod.data(OwnerModel::NameRole).toString();
    }
    return object;
}

void OwnerView::updateButtons()
{
    m_yaml->setEnabled(!current().kind.isEmpty());
}

void OwnerView::choose(const QModelIndex& index)
{
    const ObjectName object = current();
    note(index);
    if (object.kind == QLatin1String("Pod"))
        emit selected(Selection::pod(object.nameSpace + QLatin1Char('/') + object.name));
    else if (object.kind == QLatin1String("Node"))
        emit selected(Selection::machine(object.name));
}

void OwnerView::openYaml()
{
    const ObjectName object = current();
    if (!object.kind.isEmpty())
        emit yamlWanted(object);
}

void OwnerView::note(const QModelIndex& index)
{
    const QModelIndex row = index.siblingAtColumn(OwnerModel::Object);
    const ObjectName object = current();
    if (object.kind.isEmpty())
        return;
    const QString text = row.data(Qt::AccessibleTextRole).toString() + QLatin1Char(' ') + row.siblingAtColumn(OwnerModel::Finalizers).data().toString();
    m_client.observe("owners", text.toStdString(), {object.path().toStdString()});
}

bool OwnerView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_tree && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            key->modifiers().testFlag(Qt::ControlModifier) ? openYaml() : choose(m_tree->currentIndex());
            return true;
        }
    }
    return KubeView::eventFilter(watched, event);
}

void OwnerView::retranslate()
{
    m_tree->setAccessibleName(tr("Tree of owners"));
    m_filter->setAccessibleName(tr("Filter the tree"));
    m_filter->setPlaceholderText(tr("Filter by kind, name, state or finalizer"));
    const QColor ink = m_look.tokens().muted;
    m_expand->setIcon(m_look.icon(QStringLiteral("plus"), ink));
    m_expand->setToolTip(tr("Open everything"));
    m_collapse->setIcon(m_look.icon(QStringLiteral("minus"), ink));
    m_collapse->setToolTip(tr("Close everything"));
    for (QToolButton* button : {m_expand, m_collapse}) {
        button->setIconSize(m_look.smallIcon());
        button->setAccessibleName(button->toolTip());
    }
    m_yaml->setText(tr("YAML"));
    m_yaml->setToolTip(tr("Open in the YAML editor (Ctrl+Enter)"));
    m_yaml->setAccessibleName(tr("Open in the YAML editor"));
    m_tree->setIndentation(m_look.scaled(18));
    m_tree->header()->resizeSection(OwnerModel::Object, m_look.scaled(380));
    m_tree->header()->resizeSection(OwnerModel::State, m_look.scaled(150));
    m_model->retranslate();
    m_tree->doItemsLayout();
    showEmpty();
}

} // namespace app::desktop
