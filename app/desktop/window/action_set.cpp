#include "app/desktop/window/action_set.h"

#include "app/desktop/gpu/gpu_views.h"
#include "app/desktop/guide/guide_panel.h"
#include "app/desktop/host/host_views.h"
#include "app/desktop/kube/cluster_views.h"
#include "app/desktop/serving/serving_view.h"
#include "app/desktop/storage/storage_view.h"
#include "app/desktop/terminal/terminal_panel.h"
#include "app/desktop/timeline/timeline_panel.h"
#include "app/desktop/topology/topology_canvas.h"
#include "app/desktop/window/clock_controls.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/panel_dock.h"
#include "app/desktop/workspace/workspace.h"

#include <array>

namespace app::desktop {

ActionSet::ActionSet(MainWindow& window)
    : QObject(&window)
    , m_window(window)
{
    addPages();
    addIncident();
    addTime();
    addPanes();
    addLook();
    connect(&window.look(), &Look::changed, this, &ActionSet::retranslate);
    retranslate();
}

// The English text is kept in the action's data and translated whenever the language changes.
template <class Receiver, class Slot>
void ActionSet::add(const char* text, const QList<QKeySequence>& keys, Receiver* receiver, Slot slot)
{
    auto* action = new QAction(&m_window);
    action->setData(QByteArray(text));
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WindowShortcut);
    connect(action, &QAction::triggered, receiver, slot);
    m_window.addAction(action);
    m_all += action;
}

void ActionSet::addPages()
{
    static constexpr std::array kTexts{QT_TR_NOOP("Open Learn"),     QT_TR_NOOP("Open the lab"),
                                       QT_TR_NOOP("Open Incidents"), QT_TR_NOOP("Open Interview"),
                                       QT_TR_NOOP("Open Progress"),  QT_TR_NOOP("Open Workshop")};
    for (const PageId page : kPages) {
        const int index = static_cast<int>(page);
        add(kTexts[static_cast<std::size_t>(index)], {QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + index))},
            this, [this, page] { m_window.openPage(page); });
    }
    add(QT_TR_NOOP("Show the catalogue of incidents"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_I)}, &m_window,
        &MainWindow::openCatalogue);
}

void ActionSet::addIncident()
{
    MainWindow* window = &m_window;
    Workspace& workspace = m_window.workspace();
    add(QT_TR_NOOP("Acknowledge, name the cause, or close the incident"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Return)}, window, &MainWindow::primary);
    add(QT_TR_NOOP("Name the cause"), {}, window, &MainWindow::nameCause);
    add(QT_TR_NOOP("Take a hint"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_H)}, &workspace.guide(),
        &GuidePanel::takeHint);
    add(QT_TR_NOOP("Close the incident"), {}, window, &MainWindow::closeIncident);
    add(QT_TR_NOOP("Show the debrief"), {}, &workspace, &Workspace::showDebrief);
    add(QT_TR_NOOP("Save a replay…"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S)}, window, &MainWindow::saveReplay);
    add(QT_TR_NOOP("Open a replay…"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O)}, window, &MainWindow::openReplay);
}

void ActionSet::addTime()
{
    ClockControls* clock = m_window.findChild<ClockControls*>();
    TimelinePanel* timeline = &m_window.workspace().timeline();
    const auto key = [](Qt::Key code) { return QList<QKeySequence>{QKeySequence(Qt::CTRL | Qt::SHIFT | code)}; };
    add(QT_TR_NOOP("Pause or go on"), {QKeySequence(Qt::Key_F8)}, clock, &ClockControls::togglePause);
    add(QT_TR_NOOP("Back 10 seconds"), key(Qt::Key_Left), clock, &ClockControls::stepBack);
    add(QT_TR_NOOP("Forward 10 seconds"), key(Qt::Key_Right), clock, &ClockControls::stepForward);
    add(QT_TR_NOOP("Faster"), key(Qt::Key_Up), clock, &ClockControls::faster);
    add(QT_TR_NOOP("Slower"), key(Qt::Key_Down), clock, &ClockControls::slower);
    add(QT_TR_NOOP("Branch here"), key(Qt::Key_B), timeline, &TimelinePanel::branchHere);
    add(QT_TR_NOOP("Compare branches"), key(Qt::Key_D), timeline, &TimelinePanel::toggleCompare);
}

void ActionSet::addPanes()
{
    Workspace* workspace = &m_window.workspace();
    TerminalPanel* terminal = &workspace->terminal();
    add(QT_TR_NOOP("Next pane"), {QKeySequence(Qt::Key_F6)}, workspace, &Workspace::focusNextPane);
    add(QT_TR_NOOP("Previous pane"), {QKeySequence(Qt::SHIFT | Qt::Key_F6)}, workspace, &Workspace::focusPreviousPane);
    add(QT_TR_NOOP("Go to the terminal"), {QKeySequence(Qt::Key_F7)}, terminal, &TerminalPanel::focusTerminal);
    add(QT_TR_NOOP("Terminal at full height"),
        {QKeySequence(Qt::Key_F11), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_M)}, workspace,
        &Workspace::toggleFullHeightTerminal);
    add(QT_TR_NOOP("New terminal"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T)}, terminal,
        [terminal] { terminal->openOn({}); });
    add(QT_TR_NOOP("Close the terminal"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_W)}, terminal,
        &TerminalPanel::closeCurrent);
    add(QT_TR_NOOP("Next terminal"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_N)}, terminal, &TerminalPanel::nextTab);
    add(QT_TR_NOOP("Split the terminal to the right"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E)}, terminal,
        &TerminalPanel::splitRight);
    add(QT_TR_NOOP("Split the terminal below"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_U)}, terminal,
        &TerminalPanel::splitDown);
    add(QT_TR_NOOP("Next pane of the terminal"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_J)}, terminal,
        &TerminalPanel::nextPane);
    add(QT_TR_NOOP("Fit the picture of the cluster"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_0)},
        &workspace->canvas(), &TopologyCanvas::fit);
    add(QT_TR_NOOP("Cluster panel over the whole page"), {QKeySequence(Qt::SHIFT | Qt::Key_F11)}, workspace, &Workspace::toggleFullCluster);
    static constexpr std::array kViews{QT_TR_NOOP("Show the machines"), QT_TR_NOOP("Show the tree of owners"),
                                       QT_TR_NOOP("Show the controllers at work"), QT_TR_NOOP("Show scheduling decisions"),
                                       QT_TR_NOOP("Show a packet's way"),         QT_TR_NOOP("Show etcd"),
                                       QT_TR_NOOP("Edit an object as YAML")};
    for (int i = 0; i < ClusterViews::kPageCount; ++i) {
        ClusterViews* views = &workspace->views();
        add(kViews[static_cast<std::size_t>(i)], {QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_F1 + i))}, this,
            [this, views, i] {
                m_window.showLabPage();
                views->openPage(static_cast<ClusterViews::Page>(i));
            });
    }
    static constexpr std::array kHostViews{QT_TR_NOOP("Show one machine live"),
                                           QT_TR_NOOP("Show a machine's control groups and namespaces"),
                                           QT_TR_NOOP("Show image layers"),
                                           QT_TR_NOOP("Show a packet in the kernel's hooks"),
                                           QT_TR_NOOP("Show a flame graph"),
                                           QT_TR_NOOP("Show a machine's last boot")};
    for (int i = 0; i < HostViews::kPageCount; ++i) {
        HostViews* hosts = &workspace->hosts();
        const QKeySequence keys(Qt::CTRL | Qt::SHIFT | static_cast<Qt::Key>(Qt::Key_F1 + i));
        add(kHostViews[static_cast<std::size_t>(i)], {keys}, this, [this, hosts, i] {
            m_window.showLabPage();
            hosts->openPage(static_cast<HostViews::Page>(i));
        });
    }
    static constexpr std::array kGpuViews{QT_TR_NOOP("Show the racks of GPUs"), QT_TR_NOOP("Show a GPU machine from the inside"),
                                          QT_TR_NOOP("Show the compute network"), QT_TR_NOOP("Show training jobs"),
                                          QT_TR_NOOP("Show a collective step by step")};
    for (int i = 0; i < GpuViews::kPageCount; ++i) {
        GpuViews* gpus = &workspace->gpus();
        const QKeySequence keys(Qt::SHIFT | static_cast<Qt::Key>(Qt::Key_F1 + i));
        add(kGpuViews[static_cast<std::size_t>(i)], {keys}, this, [this, gpus, i] {
            m_window.showLabPage();
            gpus->openPage(static_cast<GpuViews::Page>(i));
        });
    }
    add(QT_TR_NOOP("Show the storage cluster"), {QKeySequence(Qt::SHIFT | Qt::Key_F7)}, this, [this, workspace] {
        m_window.showLabPage();
        workspace->storage().open();
    });
    add(QT_TR_NOOP("Show model servers"), {QKeySequence(Qt::SHIFT | Qt::Key_F8)}, this, [this, workspace] {
        m_window.showLabPage();
        workspace->serving().open();
    });
    static constexpr std::array kPanels{QT_TR_NOOP("Show or hide the guide"), QT_TR_NOOP("Show or hide the cluster"),
                                        QT_TR_NOOP("Show or hide the terminal"), QT_TR_NOOP("Show or hide the signals"),
                                        QT_TR_NOOP("Show or hide the events")};
    for (std::size_t i = 0; i < kPanels.size(); ++i) {
        PanelDock* dock = workspace->panels()[static_cast<qsizetype>(i)];
        add(kPanels[i], {}, dock, [dock] { dock->setVisible(!dock->isVisible()); });
    }
    add(QT_TR_NOOP("Put all panels back"), {}, workspace, &Workspace::resetLayout);
}

void ActionSet::addLook()
{
    MainWindow* window = &m_window;
    add(QT_TR_NOOP("Commands"), {QKeySequence(Qt::CTRL | Qt::Key_K), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P)},
        window, &MainWindow::openPalette);
    add(QT_TR_NOOP("Keyboard shortcuts"), {QKeySequence(Qt::Key_F1)}, window, &MainWindow::openShortcuts);
    add(QT_TR_NOOP("Settings"), {QKeySequence(Qt::CTRL | Qt::Key_Comma)}, window, &MainWindow::openSettings);
    add(QT_TR_NOOP("Use your own kubectl…"), {}, window, &MainWindow::openApiAccess);
    add(QT_TR_NOOP("Next theme"), {}, this, &ActionSet::cycleTheme);
    add(QT_TR_NOOP("English or Chinese"), {}, this, &ActionSet::switchLanguage);
    add(QT_TR_NOOP("Quit"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Q)}, window, &QWidget::close);
}

void ActionSet::retranslate()
{
    for (QAction* action : m_all)
        action->setText(tr(action->data().toByteArray().constData()));
}

void ActionSet::cycleTheme()
{
    Preferences preferences = m_window.look().preferences();
    preferences.theme = preferences.theme == ThemeId::Dark ? ThemeId::Light
        : preferences.theme == ThemeId::Light              ? ThemeId::HighContrast
                                                           : ThemeId::Dark;
    savePreferences(preferences);
    m_window.look().apply(preferences);
}

void ActionSet::switchLanguage()
{
    using core::content::Language;
    Preferences preferences = m_window.look().preferences();
    preferences.language = preferences.language == Language::English ? Language::Chinese : Language::English;
    savePreferences(preferences);
    m_window.look().apply(preferences);
}

} // namespace app::desktop
