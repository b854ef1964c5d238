#include "app/desktop/window/panel_dock.h"

#include "app/desktop/window/elided_label.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QToolButton>
#include <QVBoxLayout>

namespace app::desktop {

namespace {

constexpr int kHeaderHeight = 36;

/// Upper or lower part of a rounded card.
class CardPart : public QWidget {
public:
    enum class Part { Header, Body };

    CardPart(Look& look, Part part, PanelDock::Surface surface, QWidget* parent)
        : QWidget(parent)
        , m_look(look)
        , m_part(part)
        , m_surface(surface)
    {
    }

    /// A dock gives its title bar what it hints at, so that all headers need the same hint.
    QSize sizeHint() const override
    {
        return m_part == Part::Header ? QSize(0, m_look.scaled(kHeaderHeight)) : QWidget::sizeHint();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        const Tokens& tokens = m_look.tokens();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.fillRect(rect(), tokens.window);
        // The card reaches past the edge where the other part continues it.
        QRectF card = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
        if (m_part == Part::Header)
            card.setBottom(card.bottom() + 2 * Look::kPanelRadius);
        else
            card.setTop(card.top() - 2 * Look::kPanelRadius);
        const bool terminal = m_part == Part::Body && m_surface == PanelDock::Surface::Terminal;
        painter.setBrush(terminal ? tokens.terminal : tokens.panel);
        painter.setPen(tokens.line);
        painter.drawRoundedRect(card, Look::kPanelRadius, Look::kPanelRadius);
        if (m_part == Part::Body)
            painter.fillRect(QRect(1, 0, width() - 2, 1), tokens.line);
    }

private:
    Look& m_look;
    Part m_part;
    PanelDock::Surface m_surface;
};

} // namespace

PanelDock::PanelDock(const QString& key, Look& look, QWidget* content, Surface surface, QWidget* parent)
    : QDockWidget(parent)
    , m_look(look)
    , m_header(new CardPart(look, CardPart::Part::Header, surface, this))
    , m_title(new QLabel(m_header))
    , m_note(new ElidedLabel(m_header))
    , m_float(new QToolButton(m_header))
    , m_close(new QToolButton(m_header))
{
    setObjectName(key);
    m_title->setProperty("kind", QStringLiteral("section"));
    m_note->setProperty("kind", QStringLiteral("muted"));
    m_row = new QHBoxLayout(m_header);
    m_row->setContentsMargins(Look::kInset, 2, 6, 3);
    m_row->setSpacing(Look::kGap);
    m_row->addWidget(m_title);
    m_row->addStretch(1);
    m_row->addWidget(m_note);
    for (QToolButton* button : {m_float, m_close}) {
        button->setFocusPolicy(Qt::TabFocus);
        m_row->addWidget(button);
    }
    setTitleBarWidget(m_header);

    auto* body = new CardPart(look, CardPart::Part::Body, surface, this);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(1, 1, 1, 1);
    column->addWidget(content);
    setWidget(body);

    connect(m_float, &QToolButton::clicked, this, &PanelDock::toggleFloating);
    connect(m_close, &QToolButton::clicked, this, &QDockWidget::close);
    connect(&look, &Look::changed, this, &PanelDock::retranslate);
    retranslate();
}

void PanelDock::setHeading(const QString& title, const QString& note)
{
    setWindowTitle(title);
    m_title->setText(title);
    m_note->setWords(note);
    retranslate();
}

void PanelDock::setNote(const QString& note)
{
    m_note->setWords(note);
}

void PanelDock::addToHeader(QWidget* control)
{
    // Behind a title that is a control the note comes first: it takes the room that is left.
    m_row->insertWidget(m_row->indexOf(m_title->isHidden() ? m_float : static_cast<QWidget*>(m_note)), control);
}

void PanelDock::addBesideTitle(QWidget* control)
{
    m_row->insertWidget(1, control);
}

void PanelDock::replaceTitle(QWidget* control)
{
    m_title->hide();
    m_row->insertWidget(0, control);
    m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_note->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    for (int i = 0; i < m_row->count(); ++i) {
        if (m_row->itemAt(i)->spacerItem() != nullptr)
            m_row->setStretch(i, 0);
    }
    m_row->setStretchFactor(m_note, 1);
    m_row->setContentsMargins(4, 0, 6, 1);
}

void PanelDock::toggleFloating()
{
    setFloating(!isFloating());
}

void PanelDock::retranslate()
{
    const QColor ink = mixed(m_look.tokens().panel, m_look.tokens().muted, 0.55);
    for (QToolButton* button : {m_float, m_close})
        button->setIconSize(m_look.smallIcon());
    m_float->setIcon(m_look.icon(QStringLiteral("float"), ink));
    m_close->setIcon(m_look.icon(QStringLiteral("close"), ink));
    m_float->setToolTip(tr("Tear off or dock"));
    m_close->setToolTip(tr("Close the panel"));
    m_float->setAccessibleName(tr("Tear off or dock %1").arg(windowTitle()));
    m_close->setAccessibleName(tr("Close %1").arg(windowTitle()));
    m_header->setFixedHeight(m_look.scaled(kHeaderHeight));
    m_header->update();
    if (widget())
        widget()->update();
}

} // namespace app::desktop
