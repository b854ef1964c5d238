#include "app/desktop/host/host_views.h"

#include "app/desktop/host/boot_view.h"
#include "app/desktop/host/flame_view.h"
#include "app/desktop/host/group_view.h"
#include "app/desktop/host/hook_view.h"
#include "app/desktop/host/layer_view.h"
#include "app/desktop/host/live_view.h"
#include "app/desktop/theme/wording.h"
#include "app/desktop/window/elided_label.h"
#include "app/desktop/window/header_tabs.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace app::desktop {

HostViews::HostViews(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent), m_look(look), m_client(client), m_tabs(new HeaderTabs(kPageCount)), m_machineLabel(new QLabel(this)),
      m_machines(new QComboBox(this)), m_facts(new ElidedLabel(this)), m_pages(new QStackedWidget(this)),
      m_nothing(new QLabel(this)), m_machinePage(new LiveView(look, client, this)),
      m_groups(new GroupView(look, client, this)), m_images(new LayerView(look, client, this)),
      m_hooks(new HookView(look, client, this)), m_flames(new FlameView(look, client, this)),
      m_boot(new BootView(look, client, this))
{
    for (HostView* page :
         {static_cast<HostView*>(m_machinePage), static_cast<HostView*>(m_groups), static_cast<HostView*>(m_images),
          static_cast<HostView*>(m_hooks), static_cast<HostView*>(m_flames), static_cast<HostView*>(m_boot)}) {
        m_pages->addWidget(scrolling(page, this));
        connect(page, &HostView::interestChanged, this, &HostViews::askAgain);
    }
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_pages->addWidget(m_nothing);
    m_machineLabel->setProperty("kind", QStringLiteral("label"));
    m_machineLabel->setBuddy(m_machines);
    m_machines->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_facts->setProperty("kind", QStringLiteral("muted"));
    auto* row = new QHBoxLayout;
    row->setContentsMargins(Look::kInset, 8, Look::kInset, 0);
    row->setSpacing(Look::kGap);
    row->addWidget(m_machineLabel);
    row->addWidget(m_machines);
    row->addWidget(m_facts, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(row);
    column->addWidget(m_pages, 1);
    connect(m_tabs, &QTabBar::currentChanged, this, &HostViews::switchTo);
    connect(m_machines, &QComboBox::textActivated, this, &HostViews::chooseMachine);
    connect(&look, &Look::changed, this, &HostViews::retranslate);
    retranslate();
}

HostViews::~HostViews()
{
    for (int i = 0; i < kPageCount; ++i)
        view(i)->disconnect(this); // pages go after what they would ask
}

HostViews::Page HostViews::page() const
{
    return static_cast<Page>(m_tabs->currentIndex());
}

HostView* HostViews::view(int index) const
{
    return static_cast<HostView*>(static_cast<QScrollArea*>(m_pages->widget(index))->widget());
}

void HostViews::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    if (!isVisible() || !frame->host)
        return;
    fillMachines(frame->host->machines);
    showDetail(*frame->host);
}

void HostViews::fillMachines(const std::vector<std::string>& names)
{
    QStringList all;
    for (const std::string& name : names)
        all += QString::fromStdString(name);
    if (all != m_names) {
        m_names = all;
        m_machines->clear();
        m_machines->addItems(all);
        m_machines->setCurrentText(m_machine);
    }
    if (!all.contains(m_machine) && !all.isEmpty())
        chooseMachine(all.front());
}

void HostViews::showDetail(const core::session::HostDetail& detail)
{
    if (QString::fromStdString(detail.host) != m_machine || detail.host.empty())
        return; // of a machine that was chosen before
    HostView* open = view(m_tabs->currentIndex());
    const bool shown = detail.answers || open->showsSilent();
    m_pages->setCurrentIndex(shown ? m_tabs->currentIndex() : kPageCount);
    showFacts();
    if (shown)
        open->setDetail(detail, m_frame->world ? m_frame->world->now : sim::Instant{});
    else
        m_nothing->setText(tr("%1 does not answer: it is off, still starting, or cut off from the network. The Boot "
                              "page shows what its console says.")
                               .arg(m_machine));
}

void HostViews::showFacts()
{
    if (!m_frame || !m_frame->world)
        return;
    for (const sim::MachineView& machine : m_frame->world->machines) {
        if (QString::fromStdString(machine.name) != m_machine)
            continue;
        m_facts->setWords(QStringList{Wording::role(machine.role), QString::fromStdString(machine.address),
                                      tr("%n processor(s)", nullptr, static_cast<int>(machine.cpuCores)),
                                      Wording::bytes(static_cast<double>(machine.memoryBytes))}
                              .join(QStringLiteral(" · ")));
        return;
    }
}

void HostViews::restart()
{
    m_machine.clear();
    m_names.clear();
    m_machines->clear();
    for (int i = 0; i < kPageCount; ++i)
        view(i)->restart();
    askAgain();
}

void HostViews::chooseMachine(const QString& name)
{
    const bool known = m_names.isEmpty() || m_names.contains(name); // nobody looks into somebody else's machine
    if (name.isEmpty() || name == m_machine || !known)
        return;
    m_machine = name;
    m_machines->setCurrentText(name);
    for (int i = 0; i < kPageCount; ++i)
        view(i)->restart();
    askAgain();
}

void HostViews::switchTo(int index)
{
    m_pages->setCurrentIndex(index);
    askAgain();
    emit pageOpened(page());
}

void HostViews::askAgain()
{
    core::session::HostInterest interest;
    if (isVisible()) {
        interest.host = m_machine.toStdString();
        view(m_tabs->currentIndex())->ask(interest);
    }
    if (interest == m_asked)
        return;
    m_asked = interest;
    m_client.look(interest);
}

void HostViews::openPage(Page page)
{
    emit frontWanted();
    m_tabs->setCurrentIndex(static_cast<int>(page));
    QWidget* first = m_pages->currentWidget() == m_nothing ? m_machines : view(static_cast<int>(page))->firstControl();
    first->setFocus(Qt::ShortcutFocusReason);
}

void HostViews::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    askAgain();
}

void HostViews::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    askAgain();
}

void HostViews::retranslate()
{
    const QStringList names{tr("Live"),      tr("Control groups"), tr("Images"),
                            tr("Packet hooks"), tr("Flame graph"),    tr("Boot")};
    const QStringList hints{tr("Processes, memory, disks, sockets and kernel log, live"),
                            tr("Who may use how much, and who shares which namespace"),
                            tr("What each layer of an image adds and hides, and who shares it"),
                            tr("A packet's way through the kernel's hooks, rule by rule"),
                            tr("Where a program spends its time, its memory and its waiting"),
                            tr("What the last start took, from firmware to the last unit")};
    m_tabs->setWords(m_look, names, hints, tr("Pages of the chosen machine"));
    m_machineLabel->setText(tr("Machine"));
    m_machines->setAccessibleName(tr("Machine to look into"));
    m_machines->setToolTip(tr("Machine to look into"));
    m_nothing->setText(tr("Choose a machine."));
    showFacts();
}

} // namespace app::desktop
