#include "app/desktop/window/page_pictures.h"

#include "app/desktop/terminal/terminal_panel.h"
#include "app/desktop/terminal/terminal_tab.h"
#include "app/desktop/topology/selection.h"
#include "app/desktop/window/command_palette.h"
#include "app/desktop/window/diagnosis_dialog.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/settings_dialog.h"
#include "app/desktop/workspace/workspace.h"

#include <QCursor>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTimer>

#include <functional>

namespace app::desktop {

namespace {

constexpr int kLongestWaitMilliseconds = 8000;

class Photographer {
public:
    Photographer(MainWindow& window, const QDir& folder)
        : m_window(window)
        , m_folder(folder)
    {
    }

    int run()
    {
        m_window.resize(1440, 900);
        m_window.show();
        QCursor::setPos(m_window.mapToGlobal(QPoint(m_window.width() / 2, 4))); // over nothing that lights up
        for (const PageId page : {PageId::Incidents, PageId::Learn, PageId::Interview, PageId::Progress, PageId::Workshop}) {
            m_window.openPage(page);
            take(m_window, page == PageId::Incidents ? QStringLiteral("catalogue") : Rail::key(page));
        }
        m_window.openPage(PageId::Lab);
        waitFor([this] { return m_window.frame() && m_window.frame()->world; });
        pause(400);
        type(QStringLiteral("kubectl get nodes -o wide"));
        take(m_window, QStringLiteral("lab"));
        incident();
        dialogs();
        debrief();
        return m_failed ? -1 : m_count;
    }

private:
    void incident()
    {
        if (m_window.library().incidents.empty())
            return;
        const core::content::Incident& first = m_window.library().incidents.front();
        core::session::StartRequest request;
        request.incident = first.id;
        request.topology = first.topology;
        request.language = m_window.look().preferences().language;
        m_window.startIncident(request);
        waitFor([this] { return m_window.frame() && m_window.frame()->incident; });
        m_window.client().setPaused(false);
        m_window.client().setSpeed(120);
        waitFor([this] { return m_window.frame()->incident->alertFired; });
        m_window.client().setSpeed(1);
        m_window.acknowledge();
        type(QStringLiteral("kubectl -n shop get pods -o wide"));
        take(m_window, QStringLiteral("incident"));
        for (const sim::PodView& pod : m_window.frame()->world->pods) {
            if (pod.health != sim::Health::Critical)
                continue;
            m_window.workspace().select(Selection::machine(QString::fromStdString(pod.node)), true);
            take(m_window, QStringLiteral("inspector"));
            break;
        }
        m_window.workspace().toggleFullHeightTerminal();
        take(m_window, QStringLiteral("terminal"));
        m_window.workspace().toggleFullHeightTerminal();
    }

    void dialogs()
    {
        Look& look = m_window.look();
        if (m_window.frame() && m_window.frame()->incident) {
            DiagnosisDialog dialog(look, *m_window.frame()->incident, &m_window);
            take(dialog, QStringLiteral("name-the-cause"));
        }
        SettingsDialog settings(look, &m_window);
        take(settings, QStringLiteral("settings"));
        CommandPalette palette(look, m_window.commands(), &m_window);
        take(palette, QStringLiteral("commands"));
    }

    void debrief()
    {
        if (!m_window.frame() || !m_window.frame()->incident)
            return;
        m_window.client().closeIncident();
        waitFor([this] { return m_window.workspace().debriefShown(); });
        take(m_window, QStringLiteral("debrief"));
    }

    void type(const QString& line)
    {
        if (TerminalTab* tab = m_window.workspace().terminal().current())
            tab->insert(line + QLatin1Char('\r'));
        pause(500);
    }

    void take(QWidget& widget, const QString& name)
    {
        if (!widget.isVisible())
            widget.show();
        pause(120);
        m_failed |= !widget.grab().save(m_folder.filePath(name + QStringLiteral(".png")));
        ++m_count;
    }

    static void pause(int milliseconds)
    {
        QEventLoop loop;
        QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
        loop.exec();
    }

    static void waitFor(const std::function<bool()>& condition)
    {
        QElapsedTimer timer;
        timer.start();
        while (!condition() && timer.elapsed() < kLongestWaitMilliseconds)
            pause(20);
    }

    MainWindow& m_window;
    QDir m_folder;
    int m_count = 0;
    bool m_failed = false;
};

} // namespace

int renderPages(MainWindow& window, const QDir& folder)
{
    return Photographer(window, folder).run();
}

} // namespace app::desktop
