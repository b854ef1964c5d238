#include "app/desktop/terminal/terminal_panel.h"

#include "app/desktop/terminal/terminal_tab.h"
#include "app/desktop/terminal/terminal_view.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

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
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) { followFocus(now); });
    connect(&client, &LabClient::terminalUpdated, this, &TerminalPanel::update);
    connect(&look, &Look::changed, this, &TerminalPanel::retranslate);
    retranslate();
}

void TerminalPanel::setFrame(const FramePtr& frame)
{
    m_frame = frame;
}

namespace {

/// The panes below a splitter, as they lie: left to right, top to bottom.
void addPanes(QSplitter* splitter, QList<TerminalTab*>& panes)
{
    for (int i = 0; i < splitter->count(); ++i) {
        if (auto* inner = qobject_cast<QSplitter*>(splitter->widget(i)))
            addPanes(inner, panes);
        else if (auto* pane = qobject_cast<TerminalTab*>(splitter->widget(i)))
            panes += pane;
    }
}

} // namespace

QList<TerminalTab*> TerminalPanel::panes(int page) const
{
    QList<TerminalTab*> found;
    if (auto* root = qobject_cast<QSplitter*>(m_stack->widget(page)))
        addPanes(root, found);
    return found;
}

TerminalTab* TerminalPanel::current() const
{
    const QList<TerminalTab*> here = panes(m_stack->currentIndex());
    if (m_current && here.contains(m_current.data()))
        return m_current;
    return here.isEmpty() ? nullptr : here.front();
}

void TerminalPanel::restart(const QString& historyFile)
{
    m_history.open(historyFile);
    m_toldHistory = false;
    while (m_stack->count() > 0) {
        for (TerminalTab* old : panes(0))
            m_client.closeTerminal(old->id());
        QWidget* page = m_stack->widget(0);
        m_stack->removeWidget(page);
        page->deleteLater();
        m_bar->removeTab(0);
    }
    openOn({});
}

void TerminalPanel::showHandle(QSplitter& splitter)
{
    splitter.setStyleSheet(QStringLiteral("QSplitter::handle { background: %1; }").arg(m_look.tokens().line.name()));
}

QSplitter* TerminalPanel::makeSplitter(Qt::Orientation orientation)
{
    auto* splitter = new QSplitter(orientation);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(1);
    showHandle(*splitter);
    splitter->setAccessibleName(tr("Panes of the terminal"));
    return splitter;
}

TerminalTab* TerminalPanel::openPane(const QString& host, QSplitter* parent, int at)
{
    auto* fresh = new TerminalTab(m_nextId++, m_look, m_client, m_history);
    parent->insertWidget(at, fresh);
    connect(fresh, &TerminalTab::titleChanged, this, &TerminalPanel::showTitles);
    connect(fresh, &TerminalTab::historyNotKept, this, &TerminalPanel::tellHistoryProblem);
    fresh->view().isName = [this](const QString& word) { return named(word).kind != Selection::Kind::None; };
    fresh->view().addNameActions = [this](QMenu& menu, const QString& word) { addNameActions(menu, word); };
    m_client.openTerminal(fresh->id(), host.toStdString());
    m_current = fresh;
    return fresh;
}

void TerminalPanel::tellHistoryProblem()
{
    if (!std::exchange(m_toldHistory, true))
        emit problem(tr("What you type can't be kept in %1: %2. It works on until the lab is closed.").arg(m_history.file(), m_history.problem()));
}

void TerminalPanel::openOn(const QString& host)
{
    QSplitter* page = makeSplitter(Qt::Horizontal);
    m_stack->addWidget(page);
    openPane(host, page, 0);
    m_bar->setCurrentIndex(m_bar->addTab(host.isEmpty() ? tr("ops@bastion") : host));
    showTab(m_bar->currentIndex());
    showTitles();
}

void TerminalPanel::split(Qt::Orientation orientation)
{
    TerminalTab* pane = current();
    if (!pane)
        return;
    auto* parent = qobject_cast<QSplitter*>(pane->parentWidget());
    int at = parent->indexOf(pane);
    if (parent->count() == 1) {
        parent->setOrientation(orientation);
    } else if (parent->orientation() != orientation) {
        // The pane becomes a splitter of its own, in its place.
        const QList<int> sizes = parent->sizes();
        QSplitter* inner = makeSplitter(orientation);
        parent->insertWidget(at, inner);
        inner->addWidget(pane);
        parent->setSizes(sizes);
        parent = inner;
        at = 0;
    }
    TerminalTab* fresh = openPane({}, parent, at + 1);
    QList<int> sizes;
    const int extent = orientation == Qt::Horizontal ? parent->width() : parent->height();
    for (int i = 0; i < parent->count(); ++i)
        sizes += extent / parent->count();
    parent->setSizes(sizes);
    setFocusProxy(&fresh->view());
    fresh->view().setFocus(Qt::ShortcutFocusReason);
    showTitles();
}

void TerminalPanel::nextPane()
{
    const QList<TerminalTab*> here = panes(m_stack->currentIndex());
    if (here.isEmpty())
        return;
    m_current = here[(here.indexOf(current()) + 1) % here.size()];
    m_current->view().setFocus(Qt::ShortcutFocusReason);
}

void TerminalPanel::followFocus(QWidget* now)
{
    for (QWidget* widget = now; widget && widget != this; widget = widget->parentWidget()) {
        if (auto* pane = qobject_cast<TerminalTab*>(widget)) {
            m_current = pane;
            setFocusProxy(&pane->view());
            return showTitles();
        }
    }
}

void TerminalPanel::update(const core::session::TerminalUpdate& update)
{
    for (TerminalTab* pane : m_stack->findChildren<TerminalTab*>()) {
        if (pane->id() == update.id)
            pane->update(update);
    }
}

void TerminalPanel::showTab(int index)
{
    if (index < 0 || index >= m_stack->count())
        return;
    m_stack->setCurrentIndex(index);
    if (TerminalTab* pane = current())
        setFocusProxy(&pane->view());
}

void TerminalPanel::closeTab(int index)
{
    if (m_stack->count() < 2)
        return; // one terminal always stays
    for (TerminalTab* old : panes(index))
        m_client.closeTerminal(old->id());
    QWidget* page = m_stack->widget(index);
    m_stack->removeWidget(page);
    page->deleteLater();
    m_bar->removeTab(index);
    showTitles();
    showTab(m_bar->currentIndex());
}

void TerminalPanel::closePane(TerminalTab* pane)
{
    m_client.closeTerminal(pane->id());
    auto* parent = qobject_cast<QSplitter*>(pane->parentWidget());
    pane->setParent(nullptr);
    pane->deleteLater();
    auto* outer = qobject_cast<QSplitter*>(parent->parentWidget());
    if (outer && parent->count() == 1) { // a splitter of one is none
        outer->insertWidget(outer->indexOf(parent), parent->widget(0));
        parent->setParent(nullptr);
        parent->deleteLater();
    }
    showTitles();
    focusTerminal();
}

void TerminalPanel::closeCurrent()
{
    if (panes(m_stack->currentIndex()).size() > 1)
        closePane(current());
    else
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

Selection TerminalPanel::named(const QString& word) const
{
    if (!m_frame || !m_frame->world || word.size() < 2)
        return {};
    // "pod/checkout-1", "shop/checkout-1", "worker-2:", "(worker-2)"
    QString name = word.section(QLatin1Char('/'), -1).section(QLatin1Char('@'), -1);
    while (!name.isEmpty() && QStringLiteral(":,.").contains(name.back()))
        name.chop(1);
    const std::string wanted = name.toStdString();
    const std::string space = word.section(QLatin1Char('/'), -2, -2).toStdString();
    for (const sim::MachineView& machine : m_frame->world->machines) {
        if (machine.name == wanted)
            return Selection::machine(name);
    }
    Selection found;
    for (const sim::PodView& pod : m_frame->world->pods) {
        if (pod.name != wanted)
            continue;
        found = Selection::pod(QString::fromStdString(pod.nameSpace) + QLatin1Char('/') + name);
        if (pod.nameSpace == space)
            break;
    }
    return found;
}

void TerminalPanel::addNameActions(QMenu& menu, const QString& word)
{
    const Selection what = named(word);
    const auto run = [this, &menu](const QString& command) {
        menu.addAction(command, this, [this, command] {
            if (TerminalTab* pane = current())
                pane->insert(command + QLatin1Char('\r'));
        });
    };
    if (what.kind == Selection::Kind::Pod) {
        const QString space = what.name.section(QLatin1Char('/'), 0, 0);
        const QString name = what.name.section(QLatin1Char('/'), 1);
        run(QStringLiteral("kubectl -n %1 describe pod %2").arg(space, name));
        run(QStringLiteral("kubectl -n %1 logs %2 --tail=20").arg(space, name));
    } else {
        const auto& machines = m_frame->world->machines;
        const auto machine = std::find_if(machines.begin(), machines.end(), [&](const auto& m) { return m.name == what.name.toStdString(); });
        using Role = sim::MachineView::Role;
        const bool node = machine != machines.end()
            && (machine->role == Role::ControlPlane || machine->role == Role::Worker || machine->role == Role::Gpu);
        if (node)
            run(QStringLiteral("kubectl describe node %1").arg(what.name));
        menu.addAction(tr("Open a terminal on %1").arg(what.name), this, [this, name = what.name] { openOn(name); });
    }
    menu.addAction(tr("Show it in the picture"), this, [this, what] { emit showWanted(what); });
    menu.addAction(tr("Copy the name"), this, [name = what.name.section(QLatin1Char('/'), -1)] { QApplication::clipboard()->setText(name); });
}

void TerminalPanel::showTitles()
{
    for (int i = 0; i < m_stack->count(); ++i) {
        const QList<TerminalTab*> here = panes(i);
        const TerminalTab* shown = m_current && here.contains(m_current.data()) ? m_current.data() : here.value(0);
        if (shown && !shown->title().isEmpty())
            m_bar->setTabText(i, here.size() > 1 ? QStringLiteral("%1 +%2").arg(shown->title()).arg(here.size() - 1) : shown->title());
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
    for (QSplitter* splitter : m_stack->findChildren<QSplitter*>())
        showHandle(*splitter);
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
