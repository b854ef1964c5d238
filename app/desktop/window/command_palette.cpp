#include "app/desktop/window/command_palette.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace app::desktop {

namespace {

constexpr int kKeysRole = Qt::UserRole;
constexpr int kIndexRole = Qt::UserRole + 1;

/// Name on the left, keys on the right.
class ActionDelegate : public QStyledItemDelegate {
public:
    ActionDelegate(Look& look, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_look(look)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Tokens& tokens = m_look.tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRect row = option.rect.adjusted(4, 1, -4, -1);
        if (option.state & QStyle::State_Selected) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(mixed(tokens.panel, tokens.accent, 0.2));
            painter->drawRoundedRect(row, 6, 6);
        }
        painter->setFont(m_look.font(FontRole::Body));
        painter->setPen(tokens.text);
        painter->drawText(row.adjusted(10, 0, -10, 0), Qt::AlignVCenter, index.data().toString());
        painter->setFont(m_look.font(FontRole::Label));
        painter->setPen(tokens.muted);
        painter->drawText(row.adjusted(10, 0, -10, 0), Qt::AlignVCenter | Qt::AlignRight,
                          index.data(kKeysRole).toString());
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {200, m_look.scaled(32)};
    }

private:
    Look& m_look;
};

} // namespace

CommandPalette::CommandPalette(Look& look, const QList<QAction*>& actions, QWidget* parent)
    : QDialog(parent, Qt::FramelessWindowHint | Qt::Dialog)
    , m_look(look)
    , m_actions(actions)
    , m_box(new QLineEdit(this))
    , m_list(new QListView(this))
    , m_proxy(new QSortFilterProxyModel(this))
{
    setWindowTitle(tr("Commands"));
    setAttribute(Qt::WA_TranslucentBackground);
    auto* model = new QStandardItemModel(this);
    for (qsizetype i = 0; i < actions.size(); ++i) {
        if (!actions[i]->isEnabled())
            continue;
        QString name = actions[i]->text();
        auto* item = new QStandardItem(name.remove(QLatin1Char('&')));
        item->setData(actions[i]->shortcut().toString(QKeySequence::NativeText), kKeysRole);
        item->setData(static_cast<int>(i), kIndexRole);
        item->setEditable(false);
        model->appendRow(item);
    }
    m_proxy->setSourceModel(model);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_list->setModel(m_proxy);
    m_list->setItemDelegate(new ActionDelegate(look, m_list));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setAccessibleName(tr("Commands"));
    m_list->setCurrentIndex(m_proxy->index(0, 0));
    m_box->setPlaceholderText(tr("What do you want to do?"));
    m_box->setAccessibleName(m_box->placeholderText());
    m_box->installEventFilter(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 10, 10, 8);
    column->addWidget(m_box);
    column->addWidget(m_list);
    resize(look.scaled(560), look.scaled(420));
    connect(m_box, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListView::clicked, this, &CommandPalette::run);
}

void CommandPalette::filter(const QString& text)
{
    m_proxy->setFilterFixedString(text);
    m_list->setCurrentIndex(m_proxy->index(0, 0));
}

void CommandPalette::run()
{
    const QModelIndex current = m_list->currentIndex();
    if (!current.isValid())
        return;
    QAction* action = m_actions[current.data(kIndexRole).toInt()];
    accept();
    action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_box && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const int row = m_list->currentIndex().row();
        switch (key->key()) {
        case Qt::Key_Down: m_list->setCurrentIndex(m_proxy->index(std::min(row + 1, m_proxy->rowCount() - 1), 0)); return true;
        case Qt::Key_Up: m_list->setCurrentIndex(m_proxy->index(std::max(row - 1, 0), 0)); return true;
        case Qt::Key_Return:
        case Qt::Key_Enter: run(); return true;
        default: break;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void CommandPalette::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(mixed(m_look.tokens().line, m_look.tokens().accent, 0.4));
    painter.setBrush(m_look.tokens().panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Look::kPanelRadius, Look::kPanelRadius);
}

} // namespace app::desktop
