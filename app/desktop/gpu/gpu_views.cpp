#include "app/desktop/gpu/gpu_views.h"

#include "app/desktop/gpu/fabric_view.h"
#include "app/desktop/gpu/node_view.h"
#include "app/desktop/gpu/rack_view.h"
#include "app/desktop/gpu/ring_view.h"
#include "app/desktop/gpu/training_view.h"
#include "app/desktop/window/header_tabs.h"

#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace app::desktop {

GpuViews::GpuViews(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent), m_look(look), m_client(client), m_tabs(new HeaderTabs(kPageCount)), m_pages(new QStackedWidget(this)),
      m_nothing(new QLabel(this)), m_racks(new RackView(look, client, this)), m_node(new NodeView(look, client, this)),
      m_fabric(new FabricView(look, client, this)), m_training(new TrainingView(look, client, this)),
      m_ring(new RingView(look, client, this))
{
    m_views = {m_racks, m_node, m_fabric, m_training, m_ring};
    for (GpuView* page : m_views) {
        m_pages->addWidget(scrolling(page, this));
        connect(page, &GpuView::interestChanged, this, &GpuViews::askAgain);
        connect(page, &GpuView::nodeWanted, this, &GpuViews::openNode);
    }
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_nothing->setMargin(2 * Look::kInset);
    m_pages->addWidget(m_nothing);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_pages);
    connect(m_tabs, &QTabBar::currentChanged, this, &GpuViews::switchTo);
    connect(&look, &Look::changed, this, &GpuViews::retranslate);
    retranslate();
}

GpuViews::~GpuViews()
{
    for (GpuView* page : m_views)
        page->disconnect(this); // pages go after what they would ask
}

GpuViews::Page GpuViews::page() const
{
    return static_cast<Page>(m_tabs->currentIndex());
}

void GpuViews::setFrame(const FramePtr& frame)
{
    if (!isVisible() || !frame->gpu)
        return;
    const bool any = !frame->gpu->machines.empty();
    m_pages->setCurrentIndex(any ? m_tabs->currentIndex() : kPageCount);
    if (any)
        view(m_tabs->currentIndex())->setDetail(*frame->gpu, frame->world ? frame->world->now : sim::Instant{});
}

void GpuViews::restart()
{
    for (GpuView* page : m_views)
        page->restart();
    askAgain();
}

void GpuViews::switchTo(int index)
{
    m_pages->setCurrentIndex(index);
    askAgain();
    emit pageOpened(page());
}

void GpuViews::askAgain()
{
    core::session::GpuInterest interest;
    if (isVisible())
        view(m_tabs->currentIndex())->ask(interest);
    if (interest == m_asked)
        return;
    m_asked = interest;
    m_client.look(interest);
}

void GpuViews::openPage(Page page)
{
    emit frontWanted();
    m_tabs->setCurrentIndex(static_cast<int>(page));
    QWidget* first = m_pages->currentWidget() == m_nothing ? m_tabs : view(static_cast<int>(page))->firstControl();
    first->setFocus(Qt::ShortcutFocusReason);
}

void GpuViews::openNode(const QString& machine)
{
    m_node->choose(machine);
    openPage(Page::Node);
}

void GpuViews::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    askAgain();
}

void GpuViews::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    askAgain();
}

void GpuViews::retranslate()
{
    const QStringList names{tr("Racks"), tr("Node"), tr("Fabric"), tr("Training"), tr("Ring")};
    const QStringList hints{tr("Every GPU, the air it breathes and what cools the room"),
                            tr("The inside of one machine: GPUs, PCIe, NVLink and network adapters"),
                            tr("Leaves and spines of the compute network, link by link"),
                            tr("How training jobs get on: curves, goodput, memory, one step and the pipeline"),
                            tr("A collective, chunk by chunk over NVLink and the network")};
    m_tabs->setWords(m_look, names, hints, tr("Pages about GPUs"));
    m_nothing->setText(tr("This data centre has no GPUs. Over one that has, racks with every GPU, their machines from the inside, "
                          "the compute network and training jobs appear here. The training incidents play in one."));
}

} // namespace app::desktop
