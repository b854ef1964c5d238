#include "app/desktop/window/main_window.h"

#include "app/desktop/kube/api_dialog.h"
#include "app/desktop/pages/empty_page.h"
#include "app/desktop/pages/incidents_page.h"
#include "app/desktop/pages/lab_gate.h"
#include "app/desktop/pages/learn_page.h"
#include "app/desktop/pages/progress_page.h"
#include "app/desktop/terminal/terminal_panel.h"
#include "app/desktop/window/action_set.h"
#include "app/desktop/window/command_palette.h"
#include "app/desktop/window/diagnosis_dialog.h"
#include "app/desktop/window/settings_dialog.h"
#include "app/desktop/window/shortcuts_dialog.h"
#include "app/desktop/window/title_line.h"
#include "app/desktop/workspace/workspace.h"

#include <QCloseEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>

namespace app::desktop {

using core::session::IncidentView;

namespace {

const QString kGeometryKey = QStringLiteral("window/geometry");
constexpr int kNoticeMilliseconds = 6000;

} // namespace

MainWindow::MainWindow(const Parts& parts)
    : m_parts(parts)
    , m_rail(new Rail(parts.look, this))
    , m_title(new TitleLine(parts.look, parts.client, this))
    , m_stack(new QStackedWidget(this))
    , m_workspace(new Workspace(parts.look, parts.client, parts.contentFolders, this))
{
    setWindowIcon(QIcon(QStringLiteral(":/icons/faultline.svg")));
    auto* central = new QWidget(this);
    auto* row = new QHBoxLayout(central);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto* column = new QVBoxLayout;
    column->setSpacing(0);
    row->addWidget(m_rail);
    row->addLayout(column, 1);
    column->addWidget(m_title);
    column->addWidget(m_stack, 1);
    setCentralWidget(central);
    m_stack->addWidget(m_workspace);
    m_actions = new ActionSet(*this);

    connect(m_rail, &Rail::pageChosen, this, &MainWindow::openPage);
    connect(m_rail, &Rail::settingsChosen, this, &MainWindow::openSettings);
    connect(m_title, &TitleLine::acknowledgeChosen, this, &MainWindow::acknowledge);
    connect(m_title, &TitleLine::diagnoseChosen, this, &MainWindow::nameCause);
    connect(m_title, &TitleLine::closeChosen, this, &MainWindow::closeIncident);
    connect(m_workspace, &Workspace::apiAccessWanted, this, &MainWindow::openApiAccess);
    connect(m_workspace, &Workspace::tryAgainChosen, this, &MainWindow::tryAgain);
    connect(m_workspace, &Workspace::nextChosen, this, &MainWindow::nextIncident);
    connect(m_workspace, &Workspace::saveReplayChosen, this, &MainWindow::saveReplay);
    connect(&m_workspace->terminal(), &TerminalPanel::problem, this, &MainWindow::say);
    connect(&parts.client, &LabClient::frameReady, this, &MainWindow::showFrame);
    connect(&parts.look, &Look::changed, this, &MainWindow::retranslate);
    retranslate();
    resize(1440, 900);
    restoreGeometry(QSettings().value(kGeometryKey).toByteArray());
    openPage(PageId::Incidents);
}

MainWindow::~MainWindow() = default;

const QList<QAction*>& MainWindow::commands() const
{
    return m_actions->all();
}

QWidget* MainWindow::build(PageId page)
{
    switch (page) {
    case PageId::Learn: {
        auto* learn = new LearnPage(m_parts.look, m_parts.library, m_parts.contentFolders, m_stack);
        connect(learn, &LearnPage::incidentChosen, this, &MainWindow::openIncidentNamed);
        return learn;
    }
    case PageId::Lab:
        m_gate = new LabGate(m_parts.look, m_stack);
        connect(m_gate, &LabGate::backChosen, this, [this] { openPage(PageId::Incidents); });
        connect(m_gate, &LabGate::healthyChosen, this, &MainWindow::startHealthyLab);
        return m_gate;
    case PageId::Incidents:
        m_incidents = new IncidentsPage(m_parts.look, m_parts.library, m_stack);
        connect(m_incidents, &IncidentsPage::startChosen, this, &MainWindow::startIncident);
        return m_incidents;
    case PageId::Interview: return new EmptyPage(EmptyPage::Kind::Interview, m_parts.look, m_stack);
    case PageId::Progress: return new ProgressPage(m_parts.look, m_parts.progress, m_stack);
    case PageId::Workshop: return new EmptyPage(EmptyPage::Kind::Workshop, m_parts.look, m_stack);
    }
    return nullptr;
}

QWidget* MainWindow::pageWidget(PageId page)
{
    QWidget*& widget = m_built[static_cast<std::size_t>(page)];
    if (widget == nullptr) {
        widget = build(page);
        m_stack->addWidget(widget);
    }
    return widget;
}

void MainWindow::openPage(PageId page)
{
    // Choosing Incidents once more leads from the running incident to the catalogue and back.
    if (page == PageId::Incidents)
        m_catalogue = m_request.incident.empty() || !m_started || (m_page == page && !m_catalogue);
    m_page = page;
    m_rail->setCurrent(page);
    if (page == PageId::Lab && (!m_started || m_request.incident.empty())) {
        if (!m_started)
            startHealthyLab();
        showWorkspace();
    } else if (page == PageId::Incidents && !m_catalogue) {
        showWorkspace();
    } else {
        m_stack->setCurrentWidget(pageWidget(page));
        pageWidget(page)->setFocus();
        if (page == PageId::Progress)
            static_cast<ProgressPage*>(pageWidget(page))->reload();
        showTitle();
    }
}

void MainWindow::openCatalogue()
{
    m_page = PageId::Incidents;
    m_catalogue = false;
    openPage(PageId::Incidents);
}

void MainWindow::showWorkspace()
{
    m_stack->setCurrentWidget(m_workspace);
    m_title->showLab();
    m_workspace->terminal().focusTerminal();
}

void MainWindow::showTitle()
{
    QString words;
    switch (m_page) {
    case PageId::Learn: words = tr("The curriculum, phase by phase"); break;
    case PageId::Lab: words = tr("The data centre, to look around in"); break;
    case PageId::Incidents: words = tr("Choose one, or be handed one blind"); break;
    case PageId::Interview: words = tr("Against the clock"); break;
    case PageId::Progress: words = tr("What you have done and how well"); break;
    case PageId::Workshop: words = tr("Together in one room"); break;
    }
    if (m_stack->currentWidget() == m_workspace)
        m_title->showLab();
    else
        m_title->showPage(Rail::title(m_page), words);
}

void MainWindow::startIncident(const core::session::StartRequest& request)
{
    m_request = request;
    m_started = true;
    m_graded = false;
    m_frame.reset();
    m_page = request.incident.empty() ? PageId::Lab : PageId::Incidents;
    m_catalogue = false;
    m_rail->setCurrent(m_page);
    m_parts.client.start(request);
    const std::string lab = request.incident.empty() ? "lab-" + request.topology : request.blind ? "blind" : request.incident;
    m_workspace->restart(historyFile(QString::fromStdString(lab)));
    showWorkspace();
}

QString MainWindow::historyFile(const QString& lab) const
{
    return m_parts.historyFolder.isEmpty() ? QString() : m_parts.historyFolder + QLatin1Char('/') + lab + QStringLiteral(".txt");
}

void MainWindow::startHealthyLab()
{
    core::session::StartRequest request;
    request.blind = false;
    request.topology = m_parts.topology;
    request.language = m_parts.look.preferences().language;
    startIncident(request);
}

void MainWindow::openIncidentNamed(const QString& incident)
{
    pageWidget(PageId::Incidents);
    openCatalogue();
    m_incidents->choose(incident);
}

void MainWindow::showFrame(const FramePtr& frame)
{
    m_frame = frame;
    m_title->setFrame(frame);
    m_workspace->setFrame(frame);
    if (!frame->notice.empty())
        say(QString::fromStdString(frame->notice));
    if (frame->incident && frame->incident->grade && !m_graded) {
        m_graded = true;
        emit incidentGraded(m_request, frame);
    }
}

void MainWindow::say(const QString& notice)
{
    statusBar()->setSizeGripEnabled(false);
    statusBar()->showMessage(notice, kNoticeMilliseconds);
}

void MainWindow::acknowledge()
{
    m_parts.client.acknowledge();
}

void MainWindow::nameCause()
{
    if (!m_frame || !m_frame->incident || m_frame->incident->grade)
        return;
    DiagnosisDialog dialog(m_parts.look, *m_frame->incident, this);
    if (dialog.exec() == QDialog::Accepted)
        m_parts.client.diagnose(dialog.cause(), dialog.confidence(), dialog.note());
}

void MainWindow::closeIncident()
{
    if (!m_frame || !m_frame->incident || m_frame->incident->grade)
        return;
    QMessageBox box(QMessageBox::Question, tr("Close the incident"),
                    tr("Close the incident? It is graded as it stands now."), QMessageBox::NoButton, this);
    QPushButton* accept = box.addButton(tr("Close it"), QMessageBox::AcceptRole);
    box.addButton(tr("Not yet"), QMessageBox::RejectRole);
    box.exec();
    if (box.clickedButton() == static_cast<QAbstractButton*>(accept))
        m_parts.client.closeIncident();
}

void MainWindow::primary()
{
    if (!m_frame || !m_frame->incident)
        return;
    switch (m_frame->incident->step) {
    case IncidentView::Step::Acknowledge: acknowledge(); break;
    case IncidentView::Step::Investigate:
    case IncidentView::Step::Mitigate: nameCause(); break;
    case IncidentView::Step::Verify:
        m_frame->incident->diagnosesSubmitted == 0 ? nameCause() : closeIncident();
        break;
    case IncidentView::Step::Close: closeIncident(); break;
    case IncidentView::Step::Closed: m_workspace->showDebrief(); break;
    }
}

void MainWindow::tryAgain()
{
    startIncident(m_request);
}

void MainWindow::nextIncident()
{
    pageWidget(PageId::Incidents);
    const QString next = m_incidents->after(QString::fromStdString(m_request.incident));
    openCatalogue();
    m_incidents->choose(next);
}

void MainWindow::saveReplay()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save a replay"),
                                                      QString::fromStdString(m_request.incident + ".faultline"),
                                                      tr("Replays (*.faultline)"));
    if (path.isEmpty())
        return;
    const QPointer<MainWindow> self(this);
    m_parts.client.saveReplay(path.toStdString(), [self](const sim::Result<std::string>& result) {
        if (self)
            self->say(result ? tr("Replay saved.") : QString::fromStdString(result.error().text()));
    });
}

void MainWindow::openReplay()
{
    const QString path
        = QFileDialog::getOpenFileName(this, tr("Open a replay"), {}, tr("Replays (*.faultline);;All files (*)"));
    if (path.isEmpty())
        return;
    const QPointer<MainWindow> self(this);
    m_started = true;
    m_parts.client.openReplay(path.toStdString(), [self](const sim::Result<std::string>& result) {
        if (self.isNull())
            return;
        if (!result)
            return self->say(QString::fromStdString(result.error().text()));
        self->m_catalogue = false;
        self->m_workspace->restart(self->historyFile(QStringLiteral("replays")));
        self->showWorkspace();
    });
}

void MainWindow::openSettings()
{
    SettingsDialog(m_parts.look, this).exec();
}

void MainWindow::openPalette()
{
    CommandPalette palette(m_parts.look, m_actions->all(), this);
    palette.move(mapToGlobal(QPoint((width() - palette.width()) / 2, height() / 8)));
    palette.exec();
}

void MainWindow::openShortcuts()
{
    ShortcutsDialog(m_parts.look, m_actions->all(), this).exec();
}

void MainWindow::openApiAccess()
{
    if (m_api == nullptr)
        m_api = new ApiDialog(m_parts.look, m_parts.client, this);
    m_api->show();
    m_api->raise();
    m_api->activateWindow();
}

void MainWindow::showLabPage()
{
    if (!m_started)
        return;
    if (m_stack->currentWidget() != m_workspace)
        openPage(m_request.incident.empty() ? PageId::Lab : PageId::Incidents);
    m_workspace->showLab();
}

void MainWindow::retranslate()
{
    setWindowTitle(tr("Faultline"));
    if (m_stack->count() > 0)
        showTitle();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    QSettings().setValue(kGeometryKey, saveGeometry());
    QMainWindow::closeEvent(event);
}

} // namespace app::desktop
