#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"
#include "app/desktop/topology/selection.h"

#include <QList>
#include <QWidget>

#include <optional>

class QMainWindow;
class QStackedWidget;
class QTabBar;
class QToolButton;

namespace app::desktop {

class ClusterViews;
class DebriefPage;
class EventsPanel;
class GpuViews;
class GuidePanel;
class HostViews;
class Inspector;
class PanelDock;
class ServingView;
class SignalsPanel;
class StorageView;
class TerminalPanel;
class TimelinePanel;
class TopologyCanvas;

/// The page of a running lab: guide, cluster, terminal, signals and events as docks, time under them;
/// after an incident is closed, its debrief.
class Workspace : public QWidget {
    Q_OBJECT

public:
    Workspace(Look& look, LabClient& client, const QStringList& contentFolders, QWidget* parent = nullptr);
    ~Workspace() override;

    void setFrame(const FramePtr& frame);
    /// A lab has started: terminals and selection begin anew.
    void restart(const QString& historyFile);
    /// The docks, to list them in menus and in the palette.
    const QList<PanelDock*>& panels() const { return m_panels; }
    TerminalPanel& terminal() { return *m_terminal; }
    TopologyCanvas& canvas() { return *m_canvas; }
    ClusterViews& views() { return *m_views; }
    HostViews& hosts() { return *m_hosts; }
    GpuViews& gpus() { return *m_gpus; }
    StorageView& storage() { return *m_storage; }
    ServingView& serving() { return *m_serving; }
    GuidePanel& guide() { return *m_guide; }
    TimelinePanel& timeline() { return *m_timeline; }
    void select(const Selection& selection, bool inspect);
    bool debriefShown() const;

public slots:
    void resetLayout();
    void toggleFullHeightTerminal();
    /// What the cluster panel shows: the cluster's pages, those of one machine, those about GPUs, the storage cluster, or LLM serving.
    void showCluster();
    void showMachine();
    void showGpus();
    void showStorage();
    void showServing();
    /// The page of that machine, live.
    void openMachine(const QString& name);
    /// The cluster panel alone over the whole page, or as before.
    void toggleFullCluster();
    void focusNextPane();
    void focusPreviousPane();
    void showDebrief();
    void showLab();

signals:
    void tryAgainChosen();
    void nextChosen();
    void saveReplayChosen();
    void apiAccessWanted();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    void buildDocks();
    void sizeDocks();
    void connectPanels();
    void placeInspector();
    void cyclePane(int direction);
    void showClusterNote();
    void showTerminalNote();
    void selectFromPicture(const Selection& selection);
    void selectElsewhere(const Selection& selection);
    void inspectSelection();
    /// True: the panel has all the room now.
    bool toggleFull(PanelDock* panel);
    void showZoom();
    /// Of a side that not every lab has something to show on.
    void showSide(int side, bool visible);
    QWidget* buildSystemTabs();
    void turnSystem(int side);
    QList<QWidget*> panes() const;

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    QStackedWidget* m_stack = nullptr;
    QMainWindow* m_docks = nullptr;
    GuidePanel* m_guide = nullptr;
    ClusterViews* m_views = nullptr;
    HostViews* m_hosts = nullptr;
    GpuViews* m_gpus = nullptr;
    StorageView* m_storage = nullptr;
    ServingView* m_serving = nullptr;
    QStackedWidget* m_system = nullptr; ///< the sides of the cluster panel
    QTabBar* m_sides = nullptr;         ///< "Cluster", "Machine", "GPUs", "Storage", "Serving"
    TopologyCanvas* m_canvas = nullptr;
    TerminalPanel* m_terminal = nullptr;
    SignalsPanel* m_signals = nullptr;
    EventsPanel* m_events = nullptr;
    TimelinePanel* m_timeline = nullptr;
    Inspector* m_inspector = nullptr;
    DebriefPage* m_debrief = nullptr;
    PanelDock* m_guideDock = nullptr;
    PanelDock* m_clusterDock = nullptr;
    PanelDock* m_terminalDock = nullptr;
    PanelDock* m_signalsDock = nullptr;
    PanelDock* m_eventsDock = nullptr;
    QList<PanelDock*> m_panels;
    QList<QToolButton*> m_zoomButtons;
    QToolButton* m_fullCluster = nullptr;
    QToolButton* m_apiAccess = nullptr;
    QByteArray m_beforeFull; ///< the layout while one panel has all the room; else empty
    bool m_sized = false;
    bool m_debriefed = false;
};

} // namespace app::desktop
