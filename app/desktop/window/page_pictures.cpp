#include "app/desktop/window/page_pictures.h"

#include "app/desktop/gpu/fabric_view.h"
#include "app/desktop/gpu/gpu_views.h"
#include "app/desktop/gpu/node_view.h"
#include "app/desktop/gpu/pipeline_picture.h"
#include "app/desktop/gpu/ring_picture.h"
#include "app/desktop/gpu/ring_view.h"
#include "app/desktop/gpu/training_step_picture.h"
#include "app/desktop/gpu/training_view.h"
#include "app/desktop/host/boot_view.h"
#include "app/desktop/host/flame_picture.h"
#include "app/desktop/host/flame_view.h"
#include "app/desktop/host/group_view.h"
#include "app/desktop/host/hook_view.h"
#include "app/desktop/host/host_views.h"
#include "app/desktop/host/layer_picture.h"
#include "app/desktop/host/layer_view.h"
#include "app/desktop/host/live_view.h"
#include "app/desktop/kube/api_dialog.h"
#include "app/desktop/kube/cluster_views.h"
#include "app/desktop/kube/path_view.h"
#include "app/desktop/kube/reconcile_view.h"
#include "app/desktop/kube/yaml_edit.h"
#include "app/desktop/kube/yaml_view.h"
#include "app/desktop/serving/attention_panel.h"
#include "app/desktop/serving/attention_picture.h"
#include "app/desktop/serving/batch_picture.h"
#include "app/desktop/serving/cache_picture.h"
#include "app/desktop/serving/serving_view.h"
#include "app/desktop/serving/what_if_panel.h"
#include "app/desktop/storage/placement_picture.h"
#include "app/desktop/storage/storage_view.h"
#include "app/desktop/terminal/terminal_panel.h"
#include "app/desktop/terminal/terminal_tab.h"
#include "app/desktop/terminal/terminal_view.h"
#include "app/desktop/timeline/timeline_panel.h"
#include "app/desktop/topology/selection.h"
#include "app/desktop/window/command_palette.h"
#include "app/desktop/window/diagnosis_dialog.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/settings_dialog.h"
#include "app/desktop/workspace/workspace.h"
#include "core/content/pattern.h"
#include "core/session/script.h"

#include <QCursor>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTimer>

#include <algorithm>
#include <functional>
#include <string_view>

namespace app::desktop {

namespace {

constexpr int kLongestWaitMilliseconds = 8000;
constexpr int kLabStartMilliseconds = 60'000; ///< a large data centre takes its time
constexpr double kPlaySpeed = 30; ///< a learner thinks between two commands
constexpr double kSure = 0.9;
constexpr sim::Duration kLeftAlone = std::chrono::minutes(4);
constexpr std::string_view kServingTopology = "serving";
constexpr std::string_view kShownIncident = "image-pull-backoff";
constexpr std::string_view kShownCause = "node-egress";

class Photographer {
public:
    Photographer(MainWindow& window, const QDir& folder)
        : m_window(window)
        , m_folder(folder)
    {
        QObject::connect(&window.client(), &LabClient::terminalUpdated, &m_context,
                         [this](const core::session::TerminalUpdate& update) { m_idle = update.idle; });
    }

    int run()
    {
        if (!m_folder.mkpath(QStringLiteral("."))) // a new folder is the usual case
            return -1;
        m_window.resize(1440, 900);
        m_window.show();
        QCursor::setPos(m_window.mapToGlobal(QPoint(m_window.width() / 2, 4))); // over nothing that lights up
        for (const PageId page : {PageId::Incidents, PageId::Learn, PageId::Interview, PageId::Progress, PageId::Workshop}) {
            m_window.openPage(page);
            take(m_window, page == PageId::Incidents ? QStringLiteral("catalogue") : Rail::key(page));
        }
        m_window.openPage(PageId::Lab);
        waitFor([this] { return m_window.frame() && m_window.frame()->world; }, kLabStartMilliseconds);
        pause(400);
        const bool cluster = !m_window.frame()->world->pods.empty();
        type(cluster ? QStringLiteral("kubectl get nodes -o wide") : QStringLiteral("uptime"));
        take(m_window, QStringLiteral("lab"));
        const bool trains = !m_window.frame()->world->training.empty();
        const bool serves = m_window.frame()->world->topology == kServingTopology;
        if (cluster && !trains && !serves)
            controlPlane();
        if (!trains && !serves)
            oneMachine();
        if (serves)
            serving();
        else
            gpus();
        if (trains)
            training();
        if (m_window.frame()->hasStorage)
            storage();
        if (!serves)
            machineOff();
        if (!cluster || trains || serves) // the rest looks the same over every data centre
            return m_failed ? -1 : m_count;
        incident();
        dialogs();
        debrief();
        return m_failed ? -1 : m_count;
    }

private:
    /// The views into the control plane, over something that goes on and something that does not fit.
    void controlPlane()
    {
        ClusterViews& views = m_window.workspace().views();
        type(QStringLiteral("kubectl -n shop scale deployment checkout --replicas=9"));
        type(QStringLiteral("echo '{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"big\"},\"spec\":{\"containers\":[{\"name\":\"big\",\"image\":\"nginx\","
                            "\"resources\":{\"requests\":{\"cpu\":\"64\"}}}]}}' | kubectl apply -f -"));
        views.openPage(ClusterViews::Page::Reconcile);
        views.reconcile().chooseNamed(QStringLiteral("replicaset"));
        pause(1500);
        take(m_window, QStringLiteral("controllers"));
        views.openPage(ClusterViews::Page::Owners);
        pause(300);
        take(m_window, QStringLiteral("owners"));
        views.openDecision(QString());
        pause(300);
        take(m_window, QStringLiteral("scheduling"));
        m_window.workspace().toggleFullCluster();
        views.openDecision(podOf("checkout"));
        pause(300);
        take(m_window, QStringLiteral("scheduling-full"));
        m_window.workspace().toggleFullCluster();
        views.openPath(podOf("gateway"));
        views.path().choose(podOf("gateway"), QStringLiteral("checkout.shop"));
        pause(300);
        take(m_window, QStringLiteral("network"));
        views.openPage(ClusterViews::Page::Etcd);
        pause(300);
        take(m_window, QStringLiteral("etcd"));
        views.openYaml({QStringLiteral("Deployment"), QStringLiteral("shop"), QStringLiteral("checkout")});
        pause(400);
        views.yaml().editor().replaceText(views.yaml().editor().toPlainText().replace(QStringLiteral("replicas: 9"), QStringLiteral("replicas: -9")));
        pause(900);
        take(m_window, QStringLiteral("yaml"));
        ApiDialog api(m_window.look(), m_window.client(), &m_window);
        take(api, QStringLiteral("own-kubectl"));
        views.openPage(ClusterViews::Page::Map);
    }

    /// The views into one machine, of those that the data centre has something to show on.
    void oneMachine()
    {
        HostViews& views = m_window.workspace().hosts();
        views.openPage(HostViews::Page::Machine);
        pause(600);
        const QString host
            = machineNamed({QStringLiteral("app-1"), QStringLiteral("docker-1"), QStringLiteral("worker-1")});
        views.chooseMachine(host);
        // Something goes on.
        type(QStringLiteral("ssh %1 -- 'stress-ng --cpu 3 --timeout 600 > /dev/null 2>&1 &'").arg(host));
        m_window.client().setSpeed(kPlaySpeed);
        pause(2500); // a piece of history
        m_window.client().setSpeed(1);
        pause(300);
        take(m_window, QStringLiteral("machine"));
        views.machinePage().openPart(LiveView::Part::Sockets);
        pause(300);
        take(m_window, QStringLiteral("machine-sockets"));
        views.machinePage().openPart(LiveView::Part::Disks);
        pause(300);
        take(m_window, QStringLiteral("machine-disks"));
        m_window.workspace().toggleFullCluster();
        views.machinePage().openPart(LiveView::Part::Processes);
        pause(500);
        take(m_window, QStringLiteral("machine-full"));
        m_window.workspace().toggleFullCluster();
        views.openPage(HostViews::Page::Groups);
        pause(500);
        take(m_window, QStringLiteral("groups"));
        views.groups().openPart(GroupView::Part::Namespaces);
        pause(300);
        take(m_window, QStringLiteral("namespaces"));
        views.openPage(HostViews::Page::Hooks);
        const QString other
            = machineNamed({QStringLiteral("db-1"), QStringLiteral("docker-2"), QStringLiteral("worker-2")});
        const QString end = there(QStringLiteral("pay")) ? QStringLiteral("pay.example.net") : other;
        views.hooks().choose(QString(), end, QStringLiteral("tcp"), 443);
        pause(500);
        take(m_window, QStringLiteral("hooks"));
        m_window.workspace().toggleFullCluster();
        take(m_window, QStringLiteral("hooks-full"));
        m_window.workspace().toggleFullCluster();
        views.openPage(HostViews::Page::Boot);
        pause(500);
        take(m_window, QStringLiteral("boot"));
        views.boot().showUserspaceOnly(true);
        m_window.workspace().toggleFullCluster();
        take(m_window, QStringLiteral("boot-full"));
        m_window.workspace().toggleFullCluster();
        views.openPage(HostViews::Page::Images);
        pause(500);
        views.images().picture().choose(1);
        take(m_window, QStringLiteral("images"));
        if (there(QStringLiteral("code-1"))) {
            type(QStringLiteral("ssh code-1 -- sudo systemctl start catalog-api orders etl imgproxy"));
            views.chooseMachine(QStringLiteral("code-1"));
        }
        views.openPage(HostViews::Page::Flames);
        pause(700);
        take(m_window, QStringLiteral("flames"));
        m_window.workspace().toggleFullCluster();
        views.flames().choose(core::session::FlameKind::Allocations);
        pause(500);
        take(m_window, QStringLiteral("flames-full"));
        m_window.workspace().toggleFullCluster();
        m_window.workspace().showCluster();
    }

    std::vector<QString> gpuMachines() const
    {
        std::vector<QString> names;
        for (const sim::MachineView& machine : m_window.frame()->world->machines)
            if (!machine.gpus.empty())
                names.push_back(QString::fromStdString(machine.name));
        return names;
    }

    /// GPUs, their machines and their network.
    void gpus()
    {
        const std::vector<QString> machines = gpuMachines();
        GpuViews& views = m_window.workspace().gpus();
        views.openPage(GpuViews::Page::Racks);
        pause(700);
        take(m_window, QStringLiteral("racks"));
        if (machines.empty())
            return m_window.workspace().showCluster();
        full(QStringLiteral("racks-full"));
        views.openNode(machines.front());
        pause(500);
        take(m_window, QStringLiteral("node"));
        views.node().openPart(NodeView::Part::Inside);
        pause(300);
        take(m_window, QStringLiteral("node-inside"));
        full(QStringLiteral("node-full"));
        views.openPage(GpuViews::Page::Fabric);
        views.fabric().choose(machines.front() + QStringLiteral(":0"), machines.back() + QStringLiteral(":3"));
        pause(500);
        take(m_window, QStringLiteral("fabric"));
        full(QStringLiteral("fabric-full"));
        m_window.workspace().showCluster();
    }

    /// The same with a machine off.
    void machineOff()
    {
        const std::vector<QString> machines = gpuMachines();
        if (machines.empty())
            return;
        GpuViews& views = m_window.workspace().gpus();
        type(QStringLiteral("ipmitool -H %1-bmc power off").arg(machines.back()));
        m_window.client().setSpeed(kPlaySpeed);
        pause(600);
        m_window.client().setSpeed(1);
        views.openPage(GpuViews::Page::Fabric);
        views.fabric().choose({}, {});
        pause(500);
        full(QStringLiteral("fabric-off"));
        views.openPage(GpuViews::Page::Racks);
        pause(500);
        take(m_window, QStringLiteral("racks-off"));
        views.openNode(machines.back());
        pause(500);
        take(m_window, QStringLiteral("node-off"));
        m_window.workspace().showCluster();
    }

    /// Once more with the cluster panel over the whole page.
    void full(const QString& name)
    {
        m_window.workspace().toggleFullCluster();
        pause(400);
        take(m_window, name);
        m_window.workspace().toggleFullCluster();
        pause(200);
    }

    /// Training jobs and collectives.
    void training()
    {
        GpuViews& views = m_window.workspace().gpus();
        using sim::training::collectives::Algorithm;
        using sim::training::collectives::Collective;
        views.openPage(GpuViews::Page::Training);
        pause(700);
        views.training().chart(TrainingCurve::Loss).setFocus();
        take(m_window, QStringLiteral("training"));
        views.training().openPart(TrainingView::Part::Step);
        pause(300);
        take(m_window, QStringLiteral("training-step"));
        views.training().openPart(TrainingView::Part::Balance);
        pause(200);
        take(m_window, QStringLiteral("training-balance"));
        views.training().openPart(TrainingView::Part::Pipeline);
        views.training().chooseStages(4);
        pause(500);
        views.training().pipeline().setMoment(1.2);
        take(m_window, QStringLiteral("training-pipeline"));
        m_window.workspace().toggleFullCluster();
        views.training().openPart(TrainingView::Part::Curves);
        pause(400);
        take(m_window, QStringLiteral("training-full"));
        views.training().showTable(true);
        take(m_window, QStringLiteral("training-table"));
        views.training().showTable(false);
        m_window.workspace().toggleFullCluster();
        views.openPage(GpuViews::Page::Ring);
        views.ring().choose(Collective::AllReduce, Algorithm::Ring, std::int64_t{1} << 30, 0);
        pause(600);
        views.ring().goTo(20);
        views.ring().picture().choose(7);
        take(m_window, QStringLiteral("ring"));
        m_window.workspace().toggleFullCluster();
        views.ring().choose(Collective::AllReduce, Algorithm::Tree, std::int64_t{1} << 20, 0);
        pause(600);
        views.ring().goTo(9);
        take(m_window, QStringLiteral("ring-tree-full"));
        views.ring().choose(Collective::AllReduce, Algorithm::Nvls, std::int64_t{1} << 30, 8);
        pause(600);
        take(m_window, QStringLiteral("ring-nvls-full"));
        m_window.workspace().toggleFullCluster();
        m_window.workspace().showCluster();
    }

    /// A busy model server from the inside, its router, what it could be, and how a cache works.
    void serving()
    {
        ServingView& view = m_window.workspace().serving();
        using Part = ServingView::Part;
        view.open();
        m_window.client().setSpeed(kPlaySpeed);
        pause(2500); // a piece of history
        m_window.client().setSpeed(1);
        pause(600);
        take(m_window, QStringLiteral("serving"));
        view.openPart(Part::Batch);
        pause(400);
        take(m_window, QStringLiteral("serving-batch"));
        view.openPart(Part::Signals);
        pause(400);
        take(m_window, QStringLiteral("serving-signals"));
        view.openPart(Part::Router);
        pause(400);
        take(m_window, QStringLiteral("serving-router"));
        view.openPart(Part::WhatIf);
        waitFor([&view] { return view.whatIf().answer().has_value(); }, kLongestWaitMilliseconds);
        core::session::WhatIf other = view.whatIf().question();
        other.settings.deployment.cache = sim::serving::Precision::Float8;
        other.clients = 64;
        view.whatIf().ask(other);
        waitFor([&view] { return view.whatIf().answer().has_value(); }, kLongestWaitMilliseconds);
        take(m_window, QStringLiteral("serving-what-if"));
        view.openPart(Part::Explainer);
        view.explainer().picture().goTo(12);
        take(m_window, QStringLiteral("serving-explainer"));
        m_window.workspace().toggleFullCluster();
        pause(400);
        take(m_window, QStringLiteral("serving-explainer-full"));
        view.openPart(Part::Cache);
        view.showTwin(true);
        pause(900);
        take(m_window, QStringLiteral("serving-twin-full"));
        view.showTwin(false);
        for (const auto& [part, name] : {std::pair(Part::Batch, "serving-batch-full"), std::pair(Part::Signals, "serving-signals-full"), std::pair(Part::Router, "serving-router-full"),
                                         std::pair(Part::WhatIf, "serving-what-if-full")}) {
            view.openPart(part);
            pause(500);
            take(m_window, QLatin1String(name));
        }
        view.openPart(Part::Batch);
        view.showTable(true);
        take(m_window, QStringLiteral("serving-table-full"));
        view.showTable(false);
        m_window.workspace().toggleFullCluster();
        m_window.workspace().showCluster();
    }

    /// The storage cluster at rest, and with an OSD stopped while others copy.
    void storage()
    {
        StorageView& view = m_window.workspace().storage();
        view.open();
        pause(700);
        take(m_window, QStringLiteral("storage"));
        view.picture().chooseGroup(QStringLiteral("3.1f"));
        take(m_window, QStringLiteral("storage-group"));
        view.openPart(StorageView::Part::Osds);
        take(m_window, QStringLiteral("storage-osds"));
        view.openPart(StorageView::Part::Pools);
        take(m_window, QStringLiteral("storage-pools"));
        type(QStringLiteral("ssh storage-2 -- sudo systemctl stop ceph-osd@4"));
        m_window.client().setSpeed(kPlaySpeed);
        pause(1500);
        type(QStringLiteral("ceph osd out 4"));
        pause(1200);
        m_window.client().setSpeed(1);
        view.openPart(StorageView::Part::Map);
        view.picture().choose(-1);
        pause(500);
        take(m_window, QStringLiteral("storage-recovery"));
        view.openPart(StorageView::Part::Health);
        take(m_window, QStringLiteral("storage-health"));
        full(QStringLiteral("storage-full"));
        view.openPart(StorageView::Part::Map);
        view.picture().chooseOsd(7);
        full(QStringLiteral("storage-osd-full"));
        view.picture().choose(-1);
        type(QStringLiteral("ssh storage-2 -- sudo systemctl start ceph-osd@4; ceph osd in 4"));
        m_window.workspace().showCluster();
    }

    bool there(const QString& name) const
    {
        const std::vector<sim::MachineView>& all = m_window.frame()->world->machines;
        return std::any_of(all.begin(), all.end(), [&](const sim::MachineView& one) { return one.name == name.toStdString(); });
    }

    /// The first of them that there is.
    QString machineNamed(const QStringList& names) const
    {
        for (const QString& name : names)
            if (there(name))
                return name;
        return QString::fromStdString(m_window.frame()->world->machines.front().name);
    }

    /// The youngest pod of an application that has a node.
    QString podOf(std::string_view app) const
    {
        QString name;
        sim::Instant latest{};
        for (const sim::PodView& pod : m_window.frame()->world->pods) {
            if (pod.app == app && !pod.node.empty() && pod.created >= latest) {
                latest = pod.created;
                name = QString::fromStdString(pod.nameSpace + "/" + pod.name);
            }
        }
        return name;
    }

    /// Plays a cause's reference run as a learner would, to the answer and then to the end.
    void incident()
    {
        const std::vector<core::content::Incident>& all = m_window.library().incidents;
        if (all.empty())
            return;
        const core::content::Incident* shown = m_window.library().incident(kShownIncident);
        begin(shown != nullptr ? *shown : all.front());
        while (!m_script.isEmpty() && !m_script.front().startsWith(QLatin1String("# diagnose")))
            play(m_script.takeFirst());
        m_window.client().setSpeed(1);
        take(m_window, QStringLiteral("incident"));
        if (const sim::PodView* pod = failingPod()) {
            m_window.workspace().select(Selection::machine(QString::fromStdString(pod->node)), true);
            take(m_window, QStringLiteral("inspector"));
            m_window.workspace().select({}, false);
        }
        m_window.workspace().toggleFullHeightTerminal();
        take(m_window, QStringLiteral("terminal"));
        panes();
        m_window.workspace().toggleFullHeightTerminal();
    }

    /// One command's output folded, one that failed, a line being typed, and another machine beside it.
    void panes()
    {
        TerminalPanel& terminal = m_window.workspace().terminal();
        type(QStringLiteral("kubectl -n shop get pod nothing"));
        TerminalTab* first = terminal.current();
        if (first == nullptr)
            return;
        first->view().toggleFold();
        terminal.splitRight();
        pause(300);
        type(QStringLiteral("ssh worker-2"));
        type(QStringLiteral("systemctl status kubelet --no-pager"));
        first->insert(QStringLiteral("for n in worker-1 worker-2; do ssh $n 'df -h /' | tail -1; dne; kubect"));
        pause(500);
        take(m_window, QStringLiteral("terminal-panes"));
        first->insert(QStringLiteral("\x15"));
        terminal.closeCurrent();
    }

    void begin(const core::content::Incident& incident)
    {
        // The cause whose symptom is tied to a machine has most to show in the picture of the cluster.
        const core::content::Cause* cause = incident.cause(kShownCause);
        if (cause == nullptr)
            cause = &incident.causes.front();
        core::session::StartRequest request;
        request.incident = incident.id;
        request.topology = incident.topology;
        request.cause = cause->id;
        request.variant = cause->variants.empty() ? std::string() : cause->variants.back();
        request.language = m_window.look().preferences().language;
        m_script = QString::fromStdString(cause->referenceFor(request.variant)).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        if (m_script.isEmpty())
            m_script = QStringList{QStringLiteral("# acknowledge"), QStringLiteral("# diagnose %1").arg(QString::fromStdString(cause->id))};
        for (const auto& [name, value] : incident.names)
            m_names[name] = {value};
        m_window.startIncident(request);
        waitFor([this] { return m_window.frame() && m_window.frame()->incident && m_window.frame()->incident->alertFired; });
        m_window.client().setSpeed(kPlaySpeed);
    }

    const sim::PodView* failingPod() const
    {
        const std::vector<sim::PodView>& pods = m_window.frame()->world->pods;
        const auto ill = std::find_if(pods.begin(), pods.end(),
                                      [](const sim::PodView& pod) { return pod.health == sim::Health::Critical; });
        return ill == pods.end() ? nullptr : &*ill;
    }

    /// The values that a reference run leaves open, as far as the screen shows them.
    std::string filled(const QString& line)
    {
        if (const sim::PodView* pod = failingPod()) {
            m_names["failing_pod"] = {pod->name};
            m_names["failing_node"] = {pod->node};
            m_names["node"] = {pod->node};
            m_names["image_repository"] = {pod->nameSpace + "/" + pod->app};
        }
        for (const sim::MachineView& machine : m_window.frame()->world->machines) {
            if (machine.role == sim::MachineView::Role::Registry)
                m_names["registry_address"] = {machine.address};
        }
        return core::content::fillText(line.toStdString(), m_names);
    }

    void play(const QString& line)
    {
        const QString word = line.section(QLatin1Char(' '), 1, 1);
        if (!line.startsWith(QLatin1Char('#'))) {
            type(QString::fromStdString(filled(line)));
        } else if (word == QLatin1String("acknowledge")) {
            m_window.acknowledge();
        } else if (word == QLatin1String("advance")) {
            m_window.client().step(core::session::parseDuration(line.section(QLatin1Char(' '), 2, 2).toStdString()).value_or(sim::Duration()));
            m_window.client().setPaused(false);
        } else if (word == QLatin1String("diagnose")) {
            m_window.client().diagnose(line.section(QLatin1Char(' '), 2, 2).toStdString(), kSure, {});
        }
        pause(300);
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
        const sim::Instant answered = m_window.frame()->world->now;
        m_window.client().setSpeed(kPlaySpeed);
        while (!m_script.isEmpty())
            play(m_script.takeFirst());
        m_window.client().closeIncident();
        waitFor([this] { return m_window.workspace().debriefShown(); });
        m_window.client().setPaused(true);
        take(m_window, QStringLiteral("debrief"));
        branches(answered);
    }

    /// The same moment once more, left alone, beside what was done.
    void branches(sim::Instant at)
    {
        m_window.client().rewind(at);
        m_window.client().branch();
        m_window.client().step(kLeftAlone);
        pause(600);
        m_window.workspace().showLab();
        m_window.workspace().timeline().toggleCompare();
        take(m_window, QStringLiteral("branches"));
    }

    void type(const QString& line)
    {
        TerminalTab* tab = m_window.workspace().terminal().current();
        if (tab == nullptr)
            return;
        m_idle = false;
        tab->insert(line + QLatin1Char('\r'));
        waitFor([this] { return m_idle; });
        pause(200); // the frame that shows what it did
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

    static void waitFor(const std::function<bool()>& condition, int longest = kLongestWaitMilliseconds)
    {
        QElapsedTimer timer;
        timer.start();
        while (!condition() && timer.elapsed() < longest)
            pause(20);
    }

    MainWindow& m_window;
    QDir m_folder;
    QObject m_context;
    QStringList m_script; ///< what is left of the reference run
    core::content::Placeholders m_names;
    bool m_idle = true;   ///< of the terminal
    int m_count = 0;
    bool m_failed = false;
};

} // namespace

int renderPages(MainWindow& window, const QDir& folder)
{
    return Photographer(window, folder).run();
}

} // namespace app::desktop
