#include "app/desktop/window/page_times.h"

#include "app/desktop/gpu/gpu_views.h"
#include "app/desktop/host/host_views.h"
#include "app/desktop/kube/cluster_views.h"
#include "app/desktop/kube/path_view.h"
#include "app/desktop/kube/reconcile_view.h"
#include "app/desktop/serving/serving_view.h"
#include "app/desktop/storage/storage_view.h"
#include "app/desktop/topology/topology_canvas.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/workspace/workspace.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QThread>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <functional>
#include <vector>

namespace app::desktop {

namespace {

constexpr int kPaints = 15;
constexpr int kWatchedMilliseconds = 3000;
constexpr int kSettleMilliseconds = 1500;
constexpr int kStartMilliseconds = 60'000;
constexpr double kRunningSpeed = 10;
constexpr double kWorkMilliseconds = 0.2; ///< less is the event loop looking for work

/// What this thread has worked: on a busy machine less than has passed.
double workedMilliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

class Stopwatch {
public:
    explicit Stopwatch(MainWindow& window) : m_window(window) { }

    nlohmann::json run()
    {
        m_window.resize(1440, 900);
        m_window.show();
        for (const PageId page : {PageId::Incidents, PageId::Learn, PageId::Progress})
            measure(Rail::key(page), [this, page] { m_window.openPage(page); });
        m_window.openPage(PageId::Lab);
        QElapsedTimer waiting;
        waiting.start();
        while (!(m_window.frame() && m_window.frame()->world) && waiting.elapsed() < kStartMilliseconds)
            serve(10);
        m_window.client().setSpeed(kRunningSpeed);
        ClusterViews& views = m_window.workspace().views();
        using Page = ClusterViews::Page;
        measure(QStringLiteral("map"), [&] { views.openPage(Page::Map); });
        measure(QStringLiteral("map, near"), [&] {
            for (int i = 0; i < 8; ++i)
                views.canvas().zoomIn();
        });
        views.canvas().fit();
        m_window.workspace().toggleFullCluster();
        measure(QStringLiteral("map, whole page"), [] { });
        m_window.workspace().toggleFullCluster();
        measure(QStringLiteral("owners"), [&] { views.openPage(Page::Owners); });
        measure(QStringLiteral("controllers"), [&] {
            views.openPage(Page::Reconcile);
            views.reconcile().chooseNamed(QStringLiteral("node-lifecycle"));
        });
        measure(QStringLiteral("scheduling"), [&] { views.openDecision(QString()); });
        measure(QStringLiteral("network"), [&] {
            const auto& pods = m_window.frame()->world->pods;
            const QString from = pods.empty() ? QString() : QString::fromStdString(pods.back().nameSpace + "/" + pods.back().name);
            views.openPath(from);
            views.path().choose(from, QStringLiteral("checkout.shop"));
        });
        measure(QStringLiteral("etcd"), [&] { views.openPage(Page::Etcd); });
        measure(QStringLiteral("yaml"), [&] { views.openYaml({QStringLiteral("Deployment"), QStringLiteral("shop"), QStringLiteral("checkout")}); });
        HostViews& hosts = m_window.workspace().hosts();
        const QStringList names{QStringLiteral("machine"), QStringLiteral("control groups"), QStringLiteral("images"),
                                QStringLiteral("packet hooks"), QStringLiteral("flame graph"), QStringLiteral("boot")};
        for (int i = 0; i < HostViews::kPageCount; ++i)
            measure(names[i], [&] { hosts.openPage(static_cast<HostViews::Page>(i)); });
        GpuViews& gpus = m_window.workspace().gpus();
        const QStringList pages{QStringLiteral("racks"), QStringLiteral("node"), QStringLiteral("fabric"), QStringLiteral("training"), QStringLiteral("ring")};
        for (int i = 0; i < GpuViews::kPageCount; ++i)
            measure(pages[i], [&] { gpus.openPage(static_cast<GpuViews::Page>(i)); });
        m_window.workspace().toggleFullCluster();
        measure(QStringLiteral("racks, whole page"), [&] { gpus.openPage(GpuViews::Page::Racks); });
        measure(QStringLiteral("storage, whole page"), [&] { m_window.workspace().storage().open(); });
        const QStringList parts{QStringLiteral("cache"), QStringLiteral("batch"), QStringLiteral("signals"), QStringLiteral("router"), QStringLiteral("what if"), QStringLiteral("explainer")};
        for (int i = 0; i < ServingView::kPartCount; ++i)
            measure(QStringLiteral("serving: %1, whole page").arg(parts[i]), [&] {
                m_window.workspace().serving().openPart(static_cast<ServingView::Part>(i));
                m_window.workspace().serving().open();
            });
        m_window.workspace().toggleFullCluster();
        const std::size_t machines = m_window.frame() && m_window.frame()->world ? m_window.frame()->world->machines.size() : 0;
        return {{"suite", "window"}, {"params", {{"machines", machines}}}, {"rows", m_rows}};
    }

private:
    void measure(const QString& page, const std::function<void()>& open)
    {
        open();
        serve(kSettleMilliseconds);
        std::vector<double> paints;
        for (int i = 0; i < kPaints; ++i) {
            const double begun = workedMilliseconds();
            m_window.repaint();
            paints.push_back(workedMilliseconds() - begun);
        }
        std::vector<double> frames = serve(kWatchedMilliseconds);
        add(page, "paint", share(paints, 0.5));
        add(page, "frame", share(frames, 0.95));
        add(page, "frame, longest", share(frames, 1));
    }

    /// Lets the window work as it would; what each piece of work took.
    static std::vector<double> serve(int milliseconds)
    {
        std::vector<double> worked;
        QElapsedTimer all;
        all.start();
        while (all.elapsed() < milliseconds) {
            const double begun = workedMilliseconds();
            QCoreApplication::processEvents();
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            const double took = workedMilliseconds() - begun;
            if (took >= kWorkMilliseconds)
                worked.push_back(took);
            QThread::usleep(500);
        }
        return worked;
    }

    static double share(std::vector<double>& of, double part)
    {
        if (of.empty())
            return 0;
        std::sort(of.begin(), of.end());
        return of[static_cast<std::size_t>(part * static_cast<double>(of.size() - 1))];
    }

    void add(const QString& page, const char* what, double milliseconds)
    {
        m_rows.push_back({{"name", (page + QLatin1Char('/') + QLatin1String(what)).toStdString()}, {"value", milliseconds}, {"unit", "ms"}});
    }

    MainWindow& m_window;
    nlohmann::json m_rows = nlohmann::json::array();
};

} // namespace

nlohmann::json measurePages(MainWindow& window)
{
    return Stopwatch(window).run();
}

} // namespace app::desktop
