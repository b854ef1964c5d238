#include "app/desktop/kube/reconcile_view.h"

#include "app/desktop/kube/loop_picture.h"
#include "app/desktop/theme/painting.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

using core::session::ControllerRow;

namespace {

constexpr int kControllerRowHeight = 28;
constexpr int kListWidth = 176;
constexpr int kMostListPercent = 34;

enum ControllerRole { IdRole = Qt::UserRole, WaitingRole, DelayedRole, FailingRole };

/// A controller's name and, small, what waits: ● now, ○ later, ▲ to be tried again.
class ControllerDelegate : public QStyledItemDelegate {
public:
    ControllerDelegate(Look& look, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_look(look)
    {
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {m_look.scaled(80), m_look.scaled(kControllerRowHeight)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Tokens& tokens = m_look.tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state.testFlag(QStyle::State_Selected)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(mixed(tokens.panel, tokens.accent, 0.22));
            painter->drawRoundedRect(QRectF(option.rect).adjusted(0, 1, 0, -1), 6, 6);
        }
        const QRectF room = QRectF(option.rect).adjusted(8, 0, -8, 0);
        painter->setFont(m_look.font(FontRole::Label));
        double right = room.right();
        const auto count = [&](int role, const QString& mark, const QColor& color) {
            const int number = index.data(role).toInt();
            if (number == 0)
                return;
            const QString text = mark + QLatin1Char(' ') + QString::number(number);
            const double width = tabularWidth(painter->font(), text);
            painter->setPen(color);
            drawTabular(*painter, QRectF(right - width, room.top(), width, room.height()), Qt::AlignVCenter | Qt::AlignLeft, text);
            right -= width + 8;
        };
        count(FailingRole, QStringLiteral("▲"), tokens.warn);
        count(DelayedRole, QStringLiteral("○"), tokens.muted);
        count(WaitingRole, QStringLiteral("●"), tokens.accent);
        painter->setFont(m_look.font(FontRole::Secondary));
        painter->setPen(tokens.text);
        const double width = right - room.left();
        painter->drawText(QRectF(room.left(), room.top(), width, room.height()), Qt::AlignVCenter | Qt::AlignLeft,
                          QFontMetricsF(painter->font()).elidedText(index.data().toString(), Qt::ElideRight, width));
        painter->restore();
    }

private:
    Look& m_look;
};

} // namespace

ReconcileView::ReconcileView(Look& look, QWidget* parent)
    : KubeView(parent)
    , m_look(look)
    , m_list(new QListWidget(this))
    , m_scroll(new QScrollArea(this))
    , m_picture(new LoopPicture(look))
    , m_state(new QLabel(this))
{
    m_list->setObjectName(QStringLiteral("framed"));
    m_list->setItemDelegate(new ControllerDelegate(look, m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setWidget(m_picture);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_picture->setAutoFillBackground(false);
    m_state->setProperty("kind", QStringLiteral("muted"));
    m_state->setWordWrap(true);
    auto* row = new QHBoxLayout;
    row->setSpacing(Look::kInset);
    row->addWidget(m_list);
    row->addWidget(m_scroll, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 10, Look::kInset, 10);
    column->setSpacing(8);
    column->addWidget(m_state);
    column->addLayout(row, 1);
    connect(m_list, &QListWidget::currentRowChanged, this, &ReconcileView::chooseController);
    connect(m_picture, &LoopPicture::keyChosen, this, &ReconcileView::chooseKey);
    connect(&look, &Look::changed, this, &ReconcileView::retranslate);
    retranslate();
}

void ReconcileView::ask(core::session::KubeInterest& interest) const
{
    interest.controllers = true;
    interest.controller = m_controller.toStdString();
    interest.key = m_key.toStdString();
}

QWidget* ReconcileView::firstControl()
{
    return m_list;
}

void ReconcileView::setFrame(const FramePtr& frame)
{
    if (!frame->kube || !frame->kube->controllers)
        return;
    m_detail = frame->kube->controllers;
    showRows();
    m_picture->setController(m_detail, frame->world->now);
}

void ReconcileView::showRows()
{
    const QSignalBlocker quiet(m_list);
    const auto& rows = m_detail->rows;
    while (m_list->count() < static_cast<int>(rows.size()))
        m_list->addItem(new QListWidgetItem);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const ControllerRow& row = rows[i];
        QListWidgetItem* item = m_list->item(static_cast<int>(i));
        const QString name = QString::fromStdString(row.name);
        item->setText(QString(name).remove(QStringLiteral("-controller")));
        item->setToolTip(name);
        item->setData(IdRole, QString::fromStdString(row.id));
        item->setData(WaitingRole, static_cast<int>(row.waiting));
        item->setData(DelayedRole, static_cast<int>(row.delayed));
        item->setData(FailingRole, static_cast<int>(row.failing));
        item->setData(Qt::AccessibleTextRole,
                      tr("%1: %2 waiting, %3 later, %4 failing").arg(name).arg(row.waiting).arg(row.delayed).arg(row.failing));
        if (row.id == m_controller.toStdString())
            m_list->setCurrentRow(static_cast<int>(i));
    }
    m_state->setVisible(!m_detail->running);
    m_state->setText(tr("No kube-controller-manager holds the lease: nothing is compared and nothing is repaired."));
}

void ReconcileView::chooseController(int row)
{
    if (row < 0)
        return;
    chooseNamed(m_list->item(row)->data(IdRole).toString());
}

void ReconcileView::chooseNamed(const QString& controller)
{
    m_controller = controller;
    m_key.clear();
    emit interestChanged();
}

void ReconcileView::chooseKey(const QString& key)
{
    m_key = key;
    emit interestChanged();
}

void ReconcileView::fitList()
{
    // With large text the picture needs the room more than the names do.
    m_list->setFixedWidth(std::min(m_look.scaled(kListWidth), width() * kMostListPercent / 100));
}

void ReconcileView::resizeEvent(QResizeEvent* event)
{
    KubeView::resizeEvent(event);
    fitList();
}

void ReconcileView::retranslate()
{
    m_list->setAccessibleName(tr("Controllers"));
    fitList();
    m_picture->retranslate();
    if (m_detail)
        showRows();
}

} // namespace app::desktop
