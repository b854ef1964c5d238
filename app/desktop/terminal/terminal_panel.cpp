#include "app/desktop/terminal/terminal_panel.h"

#include "app/desktop/terminal/terminal_tab.h"
#include "app/desktop/terminal/terminal_view.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace app::desktop {

TerminalPanel::TerminalPanel(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_client(client)
    , m_tabs(new QWidget)
    , m_bar(new QTabBar(m_tabs))
    , m_add(new QToolButton(m_tabs))
    , m_fullHeight(new QToolButton)
    , m_stack(new QStackedWidget(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_stack);
    auto* row = new QHBoxLayout(m_tabs);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(m_bar);
    row->addWidget(m_add);
    m_bar->setExpanding(false);
    m_bar->setDrawBase(false);
    m_bar->setDocumentMode(true);
    m_bar->setTabsClosable(false);
    m_bar->setUsesScrollButtons(true);
    m_bar->setFocusPolicy(Qt::TabFocus);
    m_add->setPopupMode(QToolButton::InstantPopup);
    m_add->setMenu(new QMenu(m_add));
    for (QToolButton* button : {m_add, m_fullHeight}) {
        button->setFocusPolicy(Qt::TabFocus);
    }
    m_fullHeight->setCheckable(true);
    connect(m_bar, &QTabBar::currentChanged, this, &TerminalPanel::showTab);
    connect(m_bar, &QTabBar::tabCloseRequested, this, &TerminalPanel::closeTab);
    connect(m_add->menu(), &QMenu::aboutToShow, this, &TerminalPanel::showMachines);
    connect(&client, &LabClient::terminalUpdated, this, &TerminalPanel::update);
    connect(&look, &Look::changed, this, &TerminalPanel::retranslate);
    retranslate();
}

void TerminalPanel::setFrame(const FramePtr& frame)
{
    m_frame = frame;
}

TerminalTab* TerminalPanel::tab(int index) const
{
    return static_cast<TerminalTab*>(m_stack->widget(index));
}

TerminalTab* TerminalPanel::current() const
{
    return m_stack->count() == 0 ? nullptr : tab(m_stack->currentIndex());
}

void TerminalPanel::restart()
{
    while (m_stack->count() > 0) {
        TerminalTab* old = tab(0);
        m_client.closeTerminal(old->id());
        m_stack->removeWidget(old);
        old->deleteLater();
        m_bar->removeTab(0);
    }
    openOn({});
}

void TerminalPanel::openOn(const QString& host)
{
    auto* fresh = new TerminalTab(m_nextId++, m_look, m_client, m_stack);
    m_stack->addWidget(fresh);
    connect(fresh, &TerminalTab::titleChanged, this, &TerminalPanel::showTitles);
    m_client.openTerminal(fresh->id(), host.toStdString());
    m_bar->setCurrentIndex(m_bar->addTab(host.isEmpty() ? tr("ops@bastion") : host));
    showTab(m_bar->currentIndex());
    showTitles();
}

void TerminalPanel::update(const core::session::TerminalUpdate& update)
{
    for (int i = 0; i < m_stack->count(); ++i) {
        if (tab(i)->id() == update.id)
            tab(i)->update(update);
    }
}

void TerminalPanel::showTab(int index)
{
    if (index < 0 || index >= m_stack->count())
        return;
    m_stack->setCurrentIndex(index);
    setFocusProxy(&tab(index)->view());
}

void TerminalPanel::closeTab(int index)
{
    if (m_stack->count() < 2)
        return; // one terminal always stays
    TerminalTab* old = tab(index);
    m_client.closeTerminal(old->id());
    m_stack->removeWidget(old);
    old->deleteLater();
    m_bar->removeTab(index);
    showTitles();
    showTab(m_bar->currentIndex());
}

void TerminalPanel::closeCurrent()
{
    closeTab(m_bar->currentIndex());
}

void TerminalPanel::nextTab()
{
    if (m_bar->count() > 0)
        m_bar->setCurrentIndex((m_bar->currentIndex() + 1) % m_bar->count());
    focusTerminal();
}

void TerminalPanel::focusTerminal()
{
    if (TerminalTab* shown = current())
        shown->view().setFocus(Qt::ShortcutFocusReason);
}

void TerminalPanel::showTitles()
{
    for (int i = 0; i < m_stack->count(); ++i) {
        if (!tab(i)->title().isEmpty())
            m_bar->setTabText(i, tab(i)->title());
    }
    m_bar->setTabsClosable(m_stack->count() > 1);
}

void TerminalPanel::showMachines()
{
    QMenu* menu = m_add->menu();
    menu->clear();
    menu->addAction(tr("New terminal on the bastion"), this, [this] { openOn({}); });
    menu->addSeparator();
    if (!m_frame || !m_frame->world)
        return;
    for (const sim::MachineView& machine : m_frame->world->machines) {
        const QString name = QString::fromStdString(machine.name);
        if (machine.role != sim::MachineView::Role::Bastion)
            menu->addAction(name, this, [this, name] { openOn(name); });
    }
}

void TerminalPanel::retranslate()
{
    const Tokens& tokens = m_look.tokens();
    m_bar->setAccessibleName(tr("Terminals"));
    m_bar->setStyleSheet(
        QStringLiteral("QTabBar { background: transparent; border: none; qproperty-drawBase: 0; }"
                       "QTabBar::tab { background: transparent; color: %1; border: none; padding: 0 10px;"
                       " min-height: %5px; border-bottom: 2px solid transparent; }"
                       "QTabBar::tab:selected { color: %2; font-weight: 600; border-bottom: 2px solid %3; }"
                       "QTabBar::tab:hover { color: %2; }"
                       "QTabBar::tab:focus { border-bottom: 2px solid %2; }"
                       "QTabBar::close-button { image: url(:/icons/close-%4.svg); width: 12px; height: 12px; }")
            .arg(tokens.muted.name(), tokens.text.name(), tokens.accent.name(),
                 tokens.dark ? QStringLiteral("dark") : QStringLiteral("light"))
            .arg(m_look.scaled(32)));
    m_add->setIconSize(m_look.smallIcon());
    m_fullHeight->setIconSize(m_look.smallIcon());
    m_add->setIcon(m_look.icon(QStringLiteral("plus"), tokens.muted));
    m_add->setToolTip(tr("New terminal (Ctrl+Shift+T)"));
    m_add->setAccessibleName(tr("New terminal"));
    m_fullHeight->setIcon(m_look.icon(QStringLiteral("expand"), mixed(tokens.panel, tokens.muted, 0.75)));
    m_fullHeight->setToolTip(tr("Full height (F11)"));
    m_fullHeight->setAccessibleName(tr("Make the terminal full height"));
    showTitles();
}

} // namespace app::desktop
