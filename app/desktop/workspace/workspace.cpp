#include "app/desktop/workspace/workspace.h"

#include "app/desktop/charts/signals_panel.h"
#include "app/desktop/debrief/debrief_page.h"
#include "app/desktop/events/events_panel.h"
#include "app/desktop/gpu/gpu_views.h"
#include "app/desktop/guide/guide_panel.h"
#include "app/desktop/host/host_views.h"
#include "app/desktop/kube/cluster_views.h"
#include "app/desktop/serving/serving_view.h"
#include "app/desktop/storage/storage_view.h"
#include "app/desktop/terminal/terminal_panel.h"
#include "app/desktop/terminal/terminal_tab.h"
#include "app/desktop/timeline/timeline_panel.h"
#include "app/desktop/timeline/timeline_bar.h"
#include "app/desktop/topology/inspector.h"
#include "app/desktop/topology/topology_canvas.h"
#include "app/desktop/window/header_tabs.h"
#include "app/desktop/window/panel_dock.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMainWindow>
#include <QResizeEvent>
#include <QSettings>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kLayoutVersion = 1;
constexpr int kStorageSide = 3;
constexpr int kServingSide = 4;
const QString kLayoutKey = QStringLiteral("workspace/layout");

} // namespace

Workspace::Workspace(Look& look, LabClient& client, const QStringList& contentFolders, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_client(client)
    , m_stack(new QStackedWidget(this))
    , m_docks(new QMainWindow(m_stack))
    , m_guide(new GuidePanel(look, client, contentFolders))
    , m_views(new ClusterViews(look, client))
    , m_hosts(new HostViews(look, client))
    , m_gpus(new GpuViews(look, client))
    , m_storage(new StorageView(look, client))
    , m_serving(new ServingView(look, client))
    , m_system(new QStackedWidget)
    , m_sides(new QTabBar)
    , m_canvas(&m_views->canvas())
    , m_terminal(new TerminalPanel(look, client))
    , m_signals(new SignalsPanel(look, client))
    , m_events(new EventsPanel(look))
    , m_timeline(new TimelinePanel(look, client, this))
    , m_inspector(new Inspector(look, client, this))
    , m_debrief(new DebriefPage(look, this))
{
    buildDocks();
    m_stack->addWidget(m_docks);
    m_stack->addWidget(m_debrief);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kGap, 0, Look::kGap, Look::kGap);
    column->setSpacing(Look::kGap);
    column->addWidget(m_stack, 1);
    column->addWidget(m_timeline);
    connectPanels();
    retranslate();
}

Workspace::~Workspace()
{
    if (m_sized && m_beforeFull.isEmpty())
        QSettings().setValue(kLayoutKey, m_docks->saveState(kLayoutVersion));
}

void Workspace::buildDocks()
{
    using Surface = PanelDock::Surface;
    m_docks->setWindowFlags(Qt::Widget); // a QMainWindow is a window of its own unless told otherwise
    m_docks->setDockNestingEnabled(true);
    m_docks->setContextMenuPolicy(Qt::NoContextMenu);
    m_guideDock = new PanelDock(QStringLiteral("guide"), m_look, m_guide, Surface::Panel, m_docks);
    m_clusterDock = new PanelDock(QStringLiteral("cluster"), m_look, m_system, Surface::Panel, m_docks);
    m_terminalDock = new PanelDock(QStringLiteral("terminal"), m_look, m_terminal, Surface::Terminal, m_docks);
    m_signalsDock = new PanelDock(QStringLiteral("signals"), m_look, m_signals, Surface::Panel, m_docks);
    m_eventsDock = new PanelDock(QStringLiteral("events"), m_look, m_events, Surface::Panel, m_docks);
    m_panels = {m_guideDock, m_clusterDock, m_terminalDock, m_signalsDock, m_eventsDock};
    for (PanelDock* panel : m_panels)
        panel->installEventFilter(this);

    m_guideDock->addBesideTitle(m_guide->tabs());
    m_terminalDock->replaceTitle(m_terminal->tabs());
    m_apiAccess = new QToolButton(this);
    m_apiAccess->setFocusPolicy(Qt::TabFocus);
    m_terminalDock->addToHeader(m_apiAccess);
    m_terminalDock->addToHeader(m_terminal->fullHeightButton());
    m_clusterDock->replaceTitle(buildSystemTabs());
    m_signalsDock->addToHeader(m_signals->tableButton());
    m_eventsDock->addToHeader(m_events->filterBox());
    const auto zoomButton = [this](void (TopologyCanvas::*action)()) {
        auto* button = new QToolButton(this);
        button->setFocusPolicy(Qt::TabFocus);
        connect(button, &QToolButton::clicked, m_canvas, action);
        m_clusterDock->addToHeader(button);
        m_zoomButtons += button;
    };
    zoomButton(&TopologyCanvas::zoomOut);
    zoomButton(&TopologyCanvas::zoomIn);
    zoomButton(&TopologyCanvas::fit);
    m_fullCluster = new QToolButton(this);
    m_fullCluster->setCheckable(true);
    m_fullCluster->setFocusPolicy(Qt::TabFocus);
    m_clusterDock->addToHeader(m_fullCluster);
    resetLayout();
}

/// The panel has five sides; which one shows is chosen first, then the page.
QWidget* Workspace::buildSystemTabs()
{
    m_system->addWidget(m_views);
    m_system->addWidget(m_hosts);
    m_system->addWidget(m_gpus);
    m_system->addWidget(scrolling(m_storage, m_system));
    m_system->addWidget(scrolling(m_serving, m_system));
    m_sides->setExpanding(false);
    m_sides->setDrawBase(false);
    m_sides->setFocusPolicy(Qt::TabFocus);
    for (int i = 0; i < m_system->count(); ++i)
        m_sides->addTab(QString());
    auto* tabs = new QWidget(this);
    auto* row = new QHBoxLayout(tabs);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(m_sides, 0, Qt::AlignVCenter);
    row->addWidget(m_views->tabs(), 1);
    row->addWidget(m_hosts->tabs(), 1);
    row->addWidget(m_gpus->tabs(), 1);
    m_sides->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
    m_hosts->tabs()->hide();
    m_gpus->tabs()->hide();
    for (const int side : {kStorageSide, kServingSide})
        m_sides->setTabVisible(side, false); // until a lab has something to show there
    connect(m_sides, &QTabBar::currentChanged, this, &Workspace::turnSystem);
    return tabs;
}

void Workspace::turnSystem(int side)
{
    m_system->setCurrentIndex(side);
    const QList<QWidget*> tabs{m_views->tabs(), m_hosts->tabs(), m_gpus->tabs()};
    for (qsizetype i = 0; i < tabs.size(); ++i)
        tabs[i]->setVisible(i == side);
    showZoom();
}

void Workspace::showCluster()
{
    m_sides->setCurrentIndex(0);
}

void Workspace::showMachine()
{
    m_sides->setCurrentIndex(1);
}

void Workspace::showGpus()
{
    m_sides->setCurrentIndex(2);
}

void Workspace::showStorage()
{
    showSide(kStorageSide, true);
    m_sides->setCurrentIndex(kStorageSide);
}

void Workspace::showServing()
{
    showSide(kServingSide, true);
    m_sides->setCurrentIndex(kServingSide);
}

void Workspace::showSide(int side, bool visible)
{
    if (m_sides->isTabVisible(side) == visible)
        return;
    m_sides->setTabVisible(side, visible);
    m_sides->updateGeometry(); // the bar does not say so itself
}

void Workspace::openMachine(const QString& name)
{
    m_hosts->chooseMachine(name);
    m_hosts->openPage(HostViews::Page::Machine);
}

void Workspace::resetLayout()
{
    m_beforeFull.clear();
    for (PanelDock* panel : m_panels) {
        panel->setFloating(false);
        m_docks->removeDockWidget(panel);
    }
    m_docks->addDockWidget(Qt::LeftDockWidgetArea, m_guideDock);
    m_docks->splitDockWidget(m_guideDock, m_clusterDock, Qt::Horizontal);
    m_docks->splitDockWidget(m_clusterDock, m_signalsDock, Qt::Horizontal);
    m_docks->splitDockWidget(m_clusterDock, m_terminalDock, Qt::Vertical);
    m_docks->splitDockWidget(m_signalsDock, m_eventsDock, Qt::Vertical);
    for (PanelDock* panel : m_panels)
        panel->show();
    if (m_sized)
        sizeDocks();
}

void Workspace::sizeDocks()
{
    const int width = m_docks->width();
    const int height = m_docks->height();
    // With large text the sides grow, but never over the middle.
    const int left = std::min(m_look.scaled(300), width * 27 / 100);
    const int right = std::min(m_look.scaled(332), width * 28 / 100);
    const int upper = height * 64 / 100;
    m_docks->resizeDocks({m_guideDock, m_clusterDock, m_signalsDock}, {left, std::max(300, width - left - right - 16), right},
                         Qt::Horizontal);
    m_docks->resizeDocks({m_clusterDock, m_terminalDock}, {upper, height - upper - 8}, Qt::Vertical);
    m_docks->resizeDocks({m_signalsDock, m_eventsDock}, {upper, height - upper - 8}, Qt::Vertical);
}

void Workspace::connectPanels()
{
    connect(m_canvas, &TopologyCanvas::selected, this, &Workspace::selectFromPicture);
    connect(m_canvas, &TopologyCanvas::inspectionWanted, this, &Workspace::inspectSelection);
    connect(m_views, &ClusterViews::selected, this, &Workspace::selectElsewhere);
    connect(m_views, &ClusterViews::pageOpened, this, &Workspace::showZoom);
    connect(m_views, &ClusterViews::frontWanted, this, &Workspace::showCluster);
    connect(m_hosts, &HostViews::frontWanted, this, &Workspace::showMachine);
    connect(m_gpus, &GpuViews::frontWanted, this, &Workspace::showGpus);
    connect(m_storage, &StorageView::frontWanted, this, &Workspace::showStorage);
    connect(m_storage, &StorageView::machineWanted, this, &Workspace::openMachine);
    connect(m_storage, &StorageView::shellWanted, m_terminal, &TerminalPanel::openOn);
    connect(m_serving, &ServingView::frontWanted, this, &Workspace::showServing);
    connect(m_serving, &ServingView::commandWanted, this, [this](const QString& line) {
        m_terminal->current()->insert(line); // the learner sends it off
        m_terminal->focusTerminal();
    });
    connect(m_inspector, &Inspector::machineWanted, this, &Workspace::openMachine);
    connect(m_apiAccess, &QToolButton::clicked, this, &Workspace::apiAccessWanted);
    connect(m_fullCluster, &QToolButton::clicked, this, &Workspace::toggleFullCluster);
    connect(m_inspector, &Inspector::decisionWanted, m_views, &ClusterViews::openDecision);
    connect(m_inspector, &Inspector::pathWanted, m_views, &ClusterViews::openPath);
    connect(m_inspector, &Inspector::ownersWanted, m_views, &ClusterViews::openOwners);
    connect(m_inspector, &Inspector::yamlWanted, m_views, &ClusterViews::openYaml);
    connect(m_events, &EventsPanel::selected, this, &Workspace::selectElsewhere);
    connect(m_inspector, &Inspector::selected, this, &Workspace::selectElsewhere);
    connect(m_terminal, &TerminalPanel::showWanted, this, &Workspace::selectElsewhere);
    connect(m_inspector, &Inspector::terminalWanted, m_terminal, &TerminalPanel::openOn);
    connect(m_inspector, &Inspector::closed, m_canvas, qOverload<>(&QWidget::setFocus));
    connect(m_timeline, &TimelinePanel::comparedChanged, m_signals, &SignalsPanel::setCompared);
    connect(m_terminal->fullHeightButton(), &QToolButton::clicked, this, &Workspace::toggleFullHeightTerminal);
    connect(m_debrief, &DebriefPage::tryAgainChosen, this, &Workspace::tryAgainChosen);
    connect(m_debrief, &DebriefPage::nextChosen, this, &Workspace::nextChosen);
    connect(m_debrief, &DebriefPage::saveReplayChosen, this, &Workspace::saveReplayChosen);
    connect(m_debrief, &DebriefPage::labChosen, this, &Workspace::showLab);
    connect(&m_look, &Look::changed, this, &Workspace::retranslate);
}

void Workspace::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    m_guide->setFrame(frame);
    m_timeline->setFrame(frame);
    m_terminal->setFrame(frame);
    showTerminalNote();
    if (!frame->world)
        return;
    m_views->setFrame(frame);
    m_hosts->setFrame(frame);
    m_gpus->setFrame(frame);
    m_storage->setFrame(frame);
    m_serving->setFrame(frame);
    // Where there is no storage cluster, or no model server, the other sides get the room; who asks for its page all the same is told so there.
    showSide(kStorageSide, frame->hasStorage || m_sides->currentIndex() == kStorageSide);
    showSide(kServingSide, frame->hasServing || m_sides->currentIndex() == kServingSide);
    m_signals->setFrame(frame);
    m_events->setFrame(frame);
    m_inspector->setFrame(frame);
    showClusterNote();
    const bool graded = frame->incident && frame->incident->grade;
    if (graded && !m_debriefed) {
        m_debriefed = true;
        showDebrief();
    } else if (!graded && m_debriefed) {
        m_debriefed = false;
        showLab();
    }
}

void Workspace::restart(const QString& historyFile)
{
    m_debriefed = false;
    showLab();
    m_views->restart();
    m_hosts->restart();
    m_gpus->restart();
    m_storage->restart();
    m_serving->restart();
    m_inspector->inspect({});
    m_terminal->restart(historyFile);
}

bool Workspace::debriefShown() const
{
    return m_stack->currentWidget() == m_debrief;
}

void Workspace::showDebrief()
{
    if (!m_frame || !m_frame->incident || !m_frame->incident->grade)
        return;
    m_inspector->hide();
    m_debrief->setFrame(m_frame);
    m_stack->setCurrentWidget(m_debrief);
    m_debrief->setFocus();
}

void Workspace::showLab()
{
    const bool leavesDebrief = debriefShown();
    m_stack->setCurrentWidget(m_docks);
    if (leavesDebrief) // a hidden page takes the keys with it
        m_terminal->focusTerminal();
}

void Workspace::showClusterNote()
{
    const sim::Frame& world = *m_frame->world;
    std::size_t gpus = 0;
    for (const sim::MachineView& machine : world.machines)
        gpus += machine.gpus.size();
    m_clusterDock->setNote(QStringLiteral("%1 · %2 · %3 · %4")
                               .arg(QString::fromStdString(world.topology),
                                    tr("%n machine(s)", nullptr, static_cast<int>(world.machines.size())),
                                    tr("%n GPU(s)", nullptr, static_cast<int>(gpus)),
                                    tr("%n pod(s)", nullptr, static_cast<int>(world.pods.size()))));
}

void Workspace::showTerminalNote()
{
    // A command that takes time waits for the lab's clock: say so where one waits for it.
    const bool paused = m_frame && m_frame->world && m_frame->paused;
    m_terminalDock->setNote(paused ? tr("Time stands still · F8 goes on")
                                   : tr("F6 next pane · Tab completes · Ctrl+R history"));
}

void Workspace::select(const Selection& selection, bool inspect)
{
    m_canvas->select(selection);
    if (inspect || m_inspector->isVisible())
        inspectSelection();
}

void Workspace::selectFromPicture(const Selection& selection)
{
    if (selection.kind == Selection::Kind::Machine)
        m_hosts->chooseMachine(selection.name);
    if (m_inspector->isVisible())
        m_inspector->inspect(selection);
}

void Workspace::selectElsewhere(const Selection& selection)
{
    select(selection, true);
}

void Workspace::inspectSelection()
{
    placeInspector();
    m_inspector->inspect(m_canvas->selection());
}

void Workspace::placeInspector()
{
    // Over the signals where they are docked, else along the right edge.
    QRect place(width() - m_look.scaled(340), 0, m_look.scaled(332), m_stack->height());
    if (m_signalsDock->isVisible() && !m_signalsDock->isFloating())
        place = QRect(m_signalsDock->mapTo(this, QPoint(0, 0)), m_signalsDock->size());
    m_inspector->setGeometry(place);
}

QList<QWidget*> Workspace::panes() const
{
    QList<QWidget*> shown;
    const QList<std::pair<PanelDock*, QWidget*>> all{{m_guideDock, m_guide},
                                                     {m_clusterDock, m_system},
                                                     {m_terminalDock, m_terminal},
                                                     {m_signalsDock, m_signals},
                                                     {m_eventsDock, m_events}};
    for (const auto& [dock, pane] : all) {
        if (dock->isVisible())
            shown += pane;
    }
    shown += m_timeline;
    return shown;
}

void Workspace::cyclePane(int direction)
{
    const QList<QWidget*> all = panes();
    const QWidget* focused = QApplication::focusWidget();
    qsizetype current = -1;
    for (qsizetype i = 0; i < all.size(); ++i) {
        if (focused != nullptr && (all[i] == focused || all[i]->isAncestorOf(focused)))
            current = i;
    }
    const qsizetype next = (current + direction + all.size()) % all.size();
    QWidget* pane = all[next];
    if (pane == m_terminal)
        return m_terminal->focusTerminal();
    if (pane == m_system) {
        switch (m_sides->currentIndex()) {
        case 0: return m_views->openPage(m_views->page());
        case 1: return m_hosts->openPage(m_hosts->page());
        case 2: return m_gpus->openPage(m_gpus->page());
        case kStorageSide: return m_storage->open();
        default: return m_serving->open();
        }
    }
    if (pane->focusPolicy() != Qt::NoFocus)
        return pane->setFocus(Qt::ShortcutFocusReason);
    for (QWidget* child : pane->findChildren<QWidget*>()) {
        if (child->focusPolicy() & Qt::TabFocus && child->isVisible() && child->isEnabled())
            return child->setFocus(Qt::ShortcutFocusReason);
    }
}

void Workspace::focusNextPane()
{
    cyclePane(1);
}

void Workspace::focusPreviousPane()
{
    cyclePane(-1);
}

bool Workspace::toggleFull(PanelDock* panel)
{
    const bool full = m_beforeFull.isEmpty() || !panel->isVisible();
    if (m_beforeFull.isEmpty())
        m_beforeFull = m_docks->saveState(kLayoutVersion);
    if (full) {
        for (PanelDock* each : m_panels)
            each->setVisible(each == panel);
    } else {
        m_docks->restoreState(std::exchange(m_beforeFull, {}), kLayoutVersion);
    }
    m_inspector->hide();
    m_terminal->fullHeightButton()->setChecked(full && panel == m_terminalDock);
    m_fullCluster->setChecked(full && panel == m_clusterDock);
    return full;
}

void Workspace::toggleFullHeightTerminal()
{
    toggleFull(m_terminalDock);
    m_terminal->focusTerminal();
}

void Workspace::toggleFullCluster()
{
    toggleFull(m_clusterDock);
}

void Workspace::showZoom()
{
    for (QToolButton* button : m_zoomButtons)
        button->setVisible(m_sides->currentIndex() == 0 && m_views->page() == ClusterViews::Page::Map);
}

void Workspace::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_sized)
        return;
    m_sized = true;
    layout()->activate();
    const QByteArray saved = QSettings().value(kLayoutKey).toByteArray();
    if (saved.isEmpty() || !m_docks->restoreState(saved, kLayoutVersion))
        sizeDocks();
}

void Workspace::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (m_inspector->isVisible())
        placeInspector();
}

bool Workspace::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_signalsDock && m_inspector->isVisible()
        && (event->type() == QEvent::Resize || event->type() == QEvent::Move))
        placeInspector();
    return QWidget::eventFilter(watched, event);
}

void Workspace::retranslate()
{
    m_guideDock->setHeading(tr("Guide"));
    m_clusterDock->setHeading(tr("Cluster"));
    m_sides->setTabText(0, tr("Cluster"));
    m_sides->setTabText(1, tr("Machine"));
    m_sides->setTabText(2, tr("GPUs"));
    m_sides->setTabText(kStorageSide, tr("Storage"));
    m_sides->setTabText(kServingSide, tr("Serving"));
    m_sides->setTabToolTip(0, tr("The whole data centre and its control plane"));
    m_sides->setTabToolTip(1, tr("Look into one machine"));
    m_sides->setTabToolTip(2, tr("GPUs, their machines, their network and what trains on them"));
    m_sides->setTabToolTip(kStorageSide, tr("The storage cluster: health, OSDs, placement groups, pools and clients"));
    m_sides->setTabToolTip(kServingSide, tr("Model servers: cache, batches, latencies, router, and what they could be like"));
    m_sides->setAccessibleName(tr("Sides of the panel"));
    const Tokens& tokens = m_look.tokens();
    m_sides->setStyleSheet(QStringLiteral("QTabBar { background: transparent; border: none; qproperty-drawBase: 0; }"
                                          "QTabBar::tab { background: transparent; color: %1; border: 1px solid transparent; border-radius: 6px;"
                                          " margin: 0 1px; padding: 0 9px; font-size: %5px; font-weight: 600; min-height: %4px; }"
                                          "QTabBar::tab:selected { color: %2; background: %6; }"
                                          "QTabBar::tab:hover { color: %2; }"
                                          "QTabBar::tab:focus { border: 1px solid %3; }")
                               .arg(tokens.muted.name(), tokens.text.name(), tokens.accent.name())
                               .arg(m_look.scaled(22))
                               .arg(m_look.scaled(12))
                               .arg(mixed(tokens.panel, tokens.line, 0.9).name()));
    m_apiAccess->setIconSize(m_look.smallIcon());
    m_apiAccess->setIcon(m_look.icon(QStringLiteral("plug"), mixed(m_look.tokens().panel, m_look.tokens().muted, 0.75)));
    m_apiAccess->setToolTip(tr("Use your own kubectl"));
    m_apiAccess->setAccessibleName(tr("Use your own kubectl"));
    m_fullCluster->setIconSize(m_look.smallIcon());
    m_fullCluster->setIcon(m_look.icon(QStringLiteral("expand"), mixed(m_look.tokens().panel, m_look.tokens().muted, 0.75)));
    m_fullCluster->setToolTip(tr("Full page (Shift+F11)"));
    m_fullCluster->setAccessibleName(tr("Give the cluster panel the whole page"));
    m_terminalDock->setHeading(tr("Terminal"));
    showTerminalNote();
    m_signalsDock->setHeading(tr("Signals"));
    m_eventsDock->setHeading(tr("Events"));
    if (m_frame && m_frame->world)
        showClusterNote();
    const QColor ink = mixed(m_look.tokens().panel, m_look.tokens().muted, 0.75);
    const QStringList icons{QStringLiteral("minus"), QStringLiteral("plus"), QStringLiteral("fit")};
    const QStringList names{tr("Zoom out"), tr("Zoom in"), tr("Fit the picture")};
    for (qsizetype i = 0; i < m_zoomButtons.size(); ++i) {
        m_zoomButtons[i]->setIconSize(m_look.smallIcon());
        m_zoomButtons[i]->setIcon(m_look.icon(icons[i], ink));
        m_zoomButtons[i]->setToolTip(names[i]);
        m_zoomButtons[i]->setAccessibleName(names[i]);
    }
}

} // namespace app::desktop
