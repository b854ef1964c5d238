#include "app/desktop/window/rail.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QPainter>
#include <QVBoxLayout>

namespace app::desktop {

namespace {

class RailButton : public QAbstractButton {
public:
    RailButton(Look& look, QString iconName, QWidget* parent)
        : QAbstractButton(parent)
        , m_look(look)
        , m_iconName(std::move(iconName))
    {
        setFocusPolicy(Qt::StrongFocus);
        setCursor(Qt::PointingHandCursor);
    }

    QSize sizeHint() const override { return {m_look.scaled(68), m_look.scaled(60)}; }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Tokens& tokens = m_look.tokens();
        const QColor color = isChecked() ? tokens.accent : underMouse() ? tokens.text : tokens.muted;
        if (isChecked()) {
            painter.fillRect(rect(), mixed(tokens.panel, tokens.accent, 0.07));
            painter.fillRect(QRect(0, 0, 3, height()), tokens.accent);
        }
        const int side = m_look.scaled(22);
        const QPixmap picture = m_look.pixmap(m_iconName, color, side, devicePixelRatioF());
        const int top = (height() - side - m_look.scaled(20)) / 2;
        painter.drawPixmap(QPointF((width() - side) / 2.0, top), picture);
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(color);
        painter.drawText(QRect(0, top + side + 2, width(), m_look.scaled(20)), Qt::AlignCenter, text());
        if (hasFocus()) {
            painter.setPen(QPen(tokens.accent, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(QRectF(rect()).adjusted(5, 3, -3, -3), 6, 6);
        }
    }

    void enterEvent(QEnterEvent* event) override
    {
        QAbstractButton::enterEvent(event);
        update();
    }

private:
    Look& m_look;
    QString m_iconName;
};

} // namespace

QString Rail::title(PageId page)
{
    switch (page) {
    case PageId::Learn: return tr("Learn");
    case PageId::Lab: return tr("Lab");
    case PageId::Incidents: return tr("Incidents");
    case PageId::Interview: return tr("Interview");
    case PageId::Progress: return tr("Progress");
    case PageId::Workshop: return tr("Workshop");
    }
    return {};
}

QString Rail::key(PageId page)
{
    switch (page) {
    case PageId::Learn: return QStringLiteral("learn");
    case PageId::Lab: return QStringLiteral("lab");
    case PageId::Incidents: return QStringLiteral("incidents");
    case PageId::Interview: return QStringLiteral("interview");
    case PageId::Progress: return QStringLiteral("progress");
    case PageId::Workshop: return QStringLiteral("workshop");
    }
    return {};
}

Rail::Rail(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_group(new QButtonGroup(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 1, 8);
    column->setSpacing(0);
    for (const PageId page : kPages) {
        auto* button = new RailButton(look, key(page), this);
        button->setCheckable(true);
        m_group->addButton(button, static_cast<int>(page));
        column->addWidget(button);
    }
    column->addStretch();
    m_settings = new RailButton(look, QStringLiteral("settings"), this);
    column->addWidget(m_settings);
    m_group->setExclusive(true);
    connect(m_group, &QButtonGroup::idClicked, this, &Rail::choose);
    connect(m_settings, &QAbstractButton::clicked, this, &Rail::settingsChosen);
    connect(&look, &Look::changed, this, &Rail::retranslate);
    retranslate();
}

void Rail::setCurrent(PageId page)
{
    m_group->button(static_cast<int>(page))->setChecked(true);
}

void Rail::choose(int index)
{
    emit pageChosen(static_cast<PageId>(index));
}

void Rail::retranslate()
{
    for (const PageId page : kPages) {
        QAbstractButton* button = m_group->button(static_cast<int>(page));
        button->setText(title(page));
        button->setAccessibleName(title(page));
        button->setToolTip(tr("%1 (Ctrl+%2)").arg(title(page)).arg(static_cast<int>(page) + 1));
        button->updateGeometry();
    }
    m_settings->setText(tr("Settings"));
    m_settings->setAccessibleName(tr("Settings"));
    setFixedWidth(m_look.scaled(68));
    update();
}

void Rail::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_look.tokens().panel);
    painter.fillRect(QRect(width() - 1, 0, 1, height()), m_look.tokens().line);
}

} // namespace app::desktop
