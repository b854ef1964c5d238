#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"
#include "app/desktop/window/rail.h"
#include "core/content/library.h"

#include <QMainWindow>

#include <array>
#include <memory>

class QStackedWidget;

namespace app::desktop {

class ActionSet;
class ApiDialog;
class IncidentsPage;
class LabGate;
class ProgressSource;
class TitleLine;
class Workspace;

/// The window: rail, title line and pages. It only wires them together.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    struct Parts {
        Look& look;
        LabClient& client;
        ProgressSource& progress;
        std::shared_ptr<const core::content::Library> library;
        QStringList contentFolders;
        std::string topology = "mini"; ///< of the healthy lab
        QString historyFolder;         ///< what was typed in terminals, a file per incident; empty: kept in memory only
    };

    explicit MainWindow(const Parts& parts);
    ~MainWindow() override;

    Look& look() { return m_parts.look; }
    LabClient& client() { return m_parts.client; }
    const core::content::Library& library() const { return *m_parts.library; }
    Workspace& workspace() { return *m_workspace; }
    const QList<QAction*>& commands() const;
    PageId page() const { return m_page; }
    /// Pages are built when first opened.
    QWidget* pageWidget(PageId page);
    const FramePtr& frame() const { return m_frame; }

public slots:
    void openPage(app::desktop::PageId page);
    void startIncident(const core::session::StartRequest& request);
    void startHealthyLab();
    void acknowledge();
    void nameCause();
    void closeIncident();
    void primary();
    void tryAgain();
    void nextIncident();
    void saveReplay();
    void openReplay();
    void openSettings();
    void openPalette();
    void openShortcuts();
    /// The switch for the lab's API on loopback.
    void openApiAccess();
    /// The page of the running lab, when one runs.
    void showLabPage();
    void openCatalogue();
    /// A line at the foot of the window for a few seconds.
    void say(const QString& notice);

signals:
    /// An incident has been closed and graded.
    void incidentGraded(const core::session::StartRequest& request, const app::desktop::FramePtr& frame);

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    void showFrame(const FramePtr& frame);
    void showWorkspace();
    void retranslate();
    void showTitle();
    void openIncidentNamed(const QString& incident);
    QWidget* build(PageId page);
    bool running() const { return m_started; }

    Parts m_parts;
    FramePtr m_frame;
    QString historyFile(const QString& lab) const;

    core::session::StartRequest m_request;
    PageId m_page = PageId::Incidents;
    bool m_started = false;
    bool m_graded = false;
    bool m_catalogue = true;
    std::array<QWidget*, kPages.size()> m_built{};
    Rail* m_rail = nullptr;
    TitleLine* m_title = nullptr;
    QStackedWidget* m_stack = nullptr;
    Workspace* m_workspace = nullptr;
    IncidentsPage* m_incidents = nullptr;
    LabGate* m_gate = nullptr;
    ActionSet* m_actions = nullptr;
    ApiDialog* m_api = nullptr; ///< built when first opened; the API's state outlives its closing
};

} // namespace app::desktop
