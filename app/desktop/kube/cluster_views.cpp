#include "app/desktop/kube/cluster_views.h"

#include "app/desktop/kube/decision_view.h"
#include "app/desktop/kube/etcd_view.h"
#include "app/desktop/kube/owner_view.h"
#include "app/desktop/kube/path_view.h"
#include "app/desktop/kube/reconcile_view.h"
#include "app/desktop/kube/yaml_view.h"
#include "app/desktop/topology/topology_canvas.h"
#include "app/desktop/topology/topology_layout.h"
#include "app/desktop/window/header_tabs.h"


namespace app::desktop {

ClusterViews::ClusterViews(Look& look, LabClient& client, QWidget* parent)
    : QStackedWidget(parent)
    , m_look(look)
    , m_client(client)
    , m_tabs(new HeaderTabs(kPageCount))
    , m_canvas(new TopologyCanvas(look, this))
    , m_owners(new OwnerView(look, client, this))
    , m_reconcile(new ReconcileView(look, this))
    , m_decisions(new DecisionView(look, client, this))
    , m_path(new PathView(look, client, this))
    , m_etcd(new EtcdView(look, client, this))
    , m_yaml(new YamlView(look, client, this))
{
    for (QWidget* page : {static_cast<QWidget*>(m_canvas), static_cast<QWidget*>(m_owners), static_cast<QWidget*>(m_reconcile),
                          static_cast<QWidget*>(m_decisions), static_cast<QWidget*>(m_path), static_cast<QWidget*>(m_etcd),
                          static_cast<QWidget*>(m_yaml)}) {
        addWidget(page);
    }
    for (int i = 1; i < kPageCount; ++i) {
        connect(view(i), &KubeView::interestChanged, this, &ClusterViews::askAgain);
        connect(view(i), &KubeView::selected, this, &ClusterViews::selected);
        connect(view(i), &KubeView::yamlWanted, this, &ClusterViews::openYaml);
    }
    connect(m_tabs, &QTabBar::currentChanged, this, &ClusterViews::switchTo);
    connect(&look, &Look::changed, this, &ClusterViews::retranslate);
    retranslate();
}

KubeView* ClusterViews::view(int index) const
{
    return index == static_cast<int>(Page::Map) ? nullptr : static_cast<KubeView*>(widget(index));
}

void ClusterViews::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    if (frame && frame->world)
        offerPages(hasCluster(*frame->world));
    if (page() == Page::Map)
        m_canvas->setFrame(frame);
    else
        view(currentIndex())->setFrame(frame);
}

/// Plain servers have a map and no API: pages about its objects are not offered.
void ClusterViews::offerPages(bool cluster)
{
    if (m_offered == cluster)
        return;
    m_offered = cluster;
    for (int i = 1; i < kPageCount; ++i)
        m_tabs->setTabVisible(i, cluster || i == static_cast<int>(Page::Path));
    if (!m_tabs->isTabVisible(m_tabs->currentIndex()))
        m_tabs->setCurrentIndex(static_cast<int>(Page::Map));
}

void ClusterViews::restart()
{
    m_decisions->choosePod({});
    m_yaml->reset();
    m_canvas->select({});
}

void ClusterViews::switchTo(int index)
{
    setCurrentIndex(index);
    askAgain();
    if (m_frame && m_frame->world)
        setFrame(m_frame);
    emit pageOpened(page());
}

void ClusterViews::askAgain()
{
    core::session::KubeInterest interest;
    if (const KubeView* open = isVisible() ? view(currentIndex()) : nullptr)
        open->ask(interest);
    if (interest == m_asked)
        return;
    m_asked = interest;
    m_client.look(interest);
}

void ClusterViews::openPage(Page page)
{
    emit frontWanted();
    m_tabs->setCurrentIndex(static_cast<int>(page));
    QWidget* first = page == Page::Map ? static_cast<QWidget*>(m_canvas) : view(static_cast<int>(page))->firstControl();
    first->setFocus(Qt::ShortcutFocusReason);
}

void ClusterViews::openDecision(const QString& pod)
{
    m_decisions->choosePod(pod);
    openPage(Page::Scheduling);
}

void ClusterViews::openPath(const QString& from)
{
    m_path->choose(from, QString());
    openPage(Page::Path);
}

void ClusterViews::openOwners(const ObjectName& object)
{
    openPage(Page::Owners);
    m_owners->reveal(object);
}

void ClusterViews::openYaml(const ObjectName& object)
{
    m_yaml->open(object);
    openPage(Page::Yaml);
}

void ClusterViews::showEvent(QShowEvent* event)
{
    QStackedWidget::showEvent(event);
    askAgain();
}

void ClusterViews::hideEvent(QHideEvent* event)
{
    QStackedWidget::hideEvent(event);
    askAgain();
}

void ClusterViews::retranslate()
{
    const QStringList names{tr("Map"), tr("Owners"), tr("Controllers"), tr("Scheduling"), tr("Network"), QStringLiteral("etcd"),
                            tr("YAML")};
    const QStringList hints{tr("Machines, pods, GPUs and links"), tr("Who owns whom"), tr("The reconcile loop of each controller"),
                            tr("Why a pod is where it is"), tr("A packet's way through the cluster"), tr("Leader, log and size of the cluster's store"),
                            tr("Read, change and apply any object")};
    m_tabs->setWords(m_look, names, hints, tr("Pages of the cluster panel"));
}

} // namespace app::desktop
