#include "app/desktop/gpu/rack_view.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/gpu/rack_picture.h"
#include "app/desktop/host/flow_row.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/window/elided_label.h"
#include "app/desktop/window/header_tabs.h"

#include <QButtonGroup>
#include <QEvent>
#include <QLabel>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

namespace app::desktop {

using core::session::GpuFigures;
using core::session::RackMachine;
using core::session::Silence;

namespace {

constexpr int kLeastPicture = 150;

} // namespace

RackView::RackView(Look& look, LabClient& client, QWidget* parent)
    : GpuView(look, client, parent), m_summary(new QLabel(this)), m_quantities(new QButtonGroup(this)),
      m_picture(new RackPicture(look)), m_scroll(scrolling(m_picture, this)), m_readOut(new ElidedLabel(this))
{
    m_summary->setTextFormat(Qt::RichText);
    m_summary->setWordWrap(true);
    m_readOut->setProperty("kind", QStringLiteral("secondary"));
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->installEventFilter(this);
    auto* row = new FlowRow;
    row->setSpacing(4);
    addTabs(this, row, m_quantities, 3);
    for (int i = 0; i < 3; ++i) {
        auto* button = new QToolButton(this);
        button->setFocusPolicy(Qt::TabFocus);
        row->addWidget(button);
        m_zoom += button;
    }
    connect(m_zoom[0], &QToolButton::clicked, m_picture, [this] { m_picture->zoomBy(-1); });
    connect(m_zoom[1], &QToolButton::clicked, m_picture, [this] { m_picture->zoomBy(1); });
    connect(m_zoom[2], &QToolButton::clicked, m_picture, &RackPicture::fit);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addWidget(m_summary);
    column->addLayout(row);
    column->addWidget(m_scroll, 1);
    column->addWidget(m_readOut);
    connect(m_quantities, &QButtonGroup::idClicked, m_picture,
            [this](int id) { m_picture->setQuantity(static_cast<RackPicture::Quantity>(id)); });
    connect(m_picture, &RackPicture::spotChosen, this, &RackView::showReadOut);
    connect(m_picture, &RackPicture::spotOpened, this, [this](int spot) {
        if (const QString machine = m_picture->machineOf(spot); !machine.isEmpty())
            emit nodeWanted(machine);
    });
    connect(m_picture, &RackPicture::placeWanted, this, [this](const QRectF& box) {
        m_scroll->ensureVisible(static_cast<int>(box.center().x()), static_cast<int>(box.center().y()), 20, m_look.scaled(60));
    });
    connect(&look, &Look::changed, this, &RackView::retranslate);
    retranslate();
}

void RackView::ask(core::session::GpuInterest& interest) const
{
    interest.racks = true;
}

QWidget* RackView::firstControl()
{
    return m_picture;
}

void RackView::restart()
{
    GpuView::restart();
    m_detail = nullptr;
    m_picture->setDetail(nullptr);
    m_picture->choose(-1);
    m_picture->fit();
}

bool RackView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_scroll->viewport() && event->type() == QEvent::Resize)
        fillRoom();
    return GpuView::eventFilter(watched, event);
}

void RackView::fillRoom()
{
    m_picture->setRoom(m_scroll->viewport()->size());
}

void RackView::setDetail(const core::session::GpuDetail& detail, sim::Instant now)
{
    if (!detail.racks || detail.racks == m_detail)
        return;
    m_detail = detail.racks;
    m_now = now;
    showDetail();
}

QString RackView::summary() const
{
    const Tokens& tokens = m_look.tokens();
    int all = 0, gone = 0, slowed = 0, silent = 0;
    double hottest = 0, watts = 0;
    QString hottestName;
    for (const RackMachine& machine : m_detail->machines) {
        silent += machine.silence == Silence::None ? 0 : 1;
        watts += machine.chassis.inputW;
        for (const GpuFigures& gpu : machine.gpus) {
            ++all;
            const bool works = gpu.state == GpuFigures::State::Working;
            gone += works || gpu.state == GpuFigures::State::Silent ? 0 : 1;
            slowed += works && !GpuLook::shortState(gpu).isEmpty() ? 1 : 0;
            if (gpu.temperatureC.value_or(0) > hottest) {
                hottest = *gpu.temperatureC;
                hottestName = tr("%1, %2").arg(QString::fromStdString(machine.name), GpuLook::gpuName(gpu));
            }
        }
    }
    QStringList parts{QStringLiteral("<b>%1</b>").arg(tr("%n GPU(s)", nullptr, all)),
                      tr("%n machine(s)", nullptr, static_cast<int>(m_detail->machines.size())), GpuLook::kilowatts(watts)};
    if (!hottestName.isEmpty())
        parts += tr("hottest %1 (%2)").arg(GpuLook::celsius(hottest), hottestName).toHtmlEscaped();
    if (silent > 0)
        parts += GpuLook::marked(tokens, sim::Health::Critical, tr("%n machine(s) without figures", nullptr, silent));
    if (gone > 0)
        parts += GpuLook::marked(tokens, sim::Health::Critical, tr("%n GPU(s) gone", nullptr, gone));
    if (slowed > 0)
        parts += GpuLook::marked(tokens, sim::Health::Warn, tr("%n GPU(s) slowed", nullptr, slowed));
    return parts.join(QStringLiteral(" · "));
}

void RackView::showDetail()
{
    if (!m_detail)
        return;
    m_summary->setText(summary());
    m_picture->setDetail(m_detail);
    showReadOut();
    note(QStringLiteral("room"), m_detail->roomRead, m_now);
    noteReadable();
}

/// Machines of which one can read figures have been seen; of those that are cells, only the one under the cursor.
void RackView::noteReadable()
{
    const auto tell = [this](const RackMachine& machine) {
        note(QStringLiteral("gpus/") + QString::fromStdString(machine.name), machine.gpusRead, m_now);
        note(QStringLiteral("chassis/") + QString::fromStdString(machine.name), machine.chassisRead, m_now);
    };
    const QRect visible = m_picture->visibleRegion().boundingRect();
    for (const int index : m_picture->readable(visible))
        tell(m_detail->machines[static_cast<std::size_t>(index)]);
    const int chosen = m_picture->chosen();
    const QString name = chosen >= 0 ? m_picture->machineOf(chosen) : QString();
    for (const RackMachine& machine : m_detail->machines)
        if (!name.isEmpty() && QString::fromStdString(machine.name) == name)
            tell(machine);
}

void RackView::showReadOut()
{
    if (!m_detail)
        return;
    const int chosen = m_picture->chosen();
    m_readOut->setWords(chosen >= 0 ? m_picture->sentence(chosen)
                                    : tr("Air comes from above. ▲ slowed or close to its limit, ■ gone. Click a machine to look inside."));
    noteReadable();
}

void RackView::retranslate()
{
    const QStringList names{tr("Temperature"), tr("Power"), tr("Clock")};
    const QStringList hints{tr("The ramp goes from %1 to %2").arg(GpuLook::celsius(GpuLook::kCoolC), GpuLook::celsius(GpuLook::kHotC)),
                            tr("The ramp goes from nothing to the power limit"), tr("The ramp goes from nothing to the highest clock")};
    for (int i = 0; i < 3; ++i) {
        m_quantities->button(i)->setText(names[i]);
        m_quantities->button(i)->setToolTip(hints[i]);
    }
    const QColor ink = mixed(m_look.tokens().panel, m_look.tokens().muted, 0.75);
    const QStringList icons{QStringLiteral("minus"), QStringLiteral("plus"), QStringLiteral("fit")};
    const QStringList zooms{tr("Smaller"), tr("Larger"), tr("Fit all machines")};
    for (qsizetype i = 0; i < m_zoom.size(); ++i) {
        m_zoom[i]->setIconSize(m_look.smallIcon());
        m_zoom[i]->setIcon(m_look.icon(icons[i], ink));
        m_zoom[i]->setToolTip(zooms[i]);
        m_zoom[i]->setAccessibleName(zooms[i]);
    }
    m_scroll->setMinimumHeight(m_look.scaled(kLeastPicture));
    m_scroll->setAccessibleName(tr("Picture of the racks"));
    m_picture->retranslate();
    showDetail();
}

} // namespace app::desktop
