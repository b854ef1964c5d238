#include "app/desktop/gpu/node_view.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/gpu/inside_picture.h"
#include "app/desktop/gpu/tile_picture.h"
#include "app/desktop/host/flow_row.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/window/elided_label.h"
#include "app/desktop/window/header_tabs.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace app::desktop {

using core::session::Silence;

namespace {

/// From here on both parts show beside each other.
constexpr int kRoomyNode = 1080;
constexpr int kLeastPart = 140;

} // namespace

NodeView::NodeView(Look& look, LabClient& client, QWidget* parent)
    : GpuView(look, client, parent), m_machineLabel(new QLabel(this)), m_machines(new QComboBox(this)),
      m_parts(new QButtonGroup(this)), m_facts(new QLabel(this)), m_complaint(new QLabel(this)), m_silence(new QLabel(this)),
      m_tiles(new TilePicture(look)), m_inside(new InsidePicture(look)), m_readOut(new ElidedLabel(this))
{
    m_machineLabel->setProperty("kind", QStringLiteral("label"));
    m_machineLabel->setBuddy(m_machines);
    m_machines->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_facts->setProperty("kind", QStringLiteral("secondary"));
    m_facts->setTextFormat(Qt::RichText);
    m_facts->setWordWrap(true);
    for (QLabel* label : {m_complaint, m_silence}) {
        label->setWordWrap(true);
        label->hide();
    }
    m_complaint->setProperty("kind", QStringLiteral("code"));
    m_silence->setProperty("kind", QStringLiteral("muted"));
    m_readOut->setProperty("kind", QStringLiteral("secondary"));
    auto* row = new FlowRow;
    row->setSpacing(6);
    row->addWidget(m_machineLabel);
    row->addWidget(m_machines);
    addTabs(this, row, m_parts, 2);
    m_tileScroll = scrolled(m_tiles);
    m_insideScroll = scrolled(m_inside);
    auto* parts = new QHBoxLayout;
    parts->setSpacing(Look::kInset);
    parts->addWidget(m_tileScroll, 1);
    parts->addWidget(m_insideScroll, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addLayout(row);
    column->addWidget(m_facts);
    column->addWidget(m_complaint);
    column->addWidget(m_silence);
    column->addLayout(parts, 1);
    column->addWidget(m_readOut);
    connect(m_machines, &QComboBox::textActivated, this, &NodeView::choose);
    connect(m_parts, &QButtonGroup::idClicked, this, [this] {
        arrange();
        showDetail();
    });
    for (SpotPicture* picture : {static_cast<SpotPicture*>(m_tiles), static_cast<SpotPicture*>(m_inside)})
        connect(picture, &SpotPicture::spotChosen, this, [this, picture] {
            m_spoke = picture;
            showReadOut();
        });
    connect(&look, &Look::changed, this, &NodeView::retranslate);
    arrange();
    retranslate();
}

QScrollArea* NodeView::scrolled(QWidget* picture)
{
    QScrollArea* scroll = scrolling(picture, this);
    scroll->viewport()->installEventFilter(this);
    connect(static_cast<SpotPicture*>(picture), &SpotPicture::placeWanted, scroll, [scroll](const QRectF& box) {
        scroll->ensureVisible(static_cast<int>(box.center().x()), static_cast<int>(box.center().y()), static_cast<int>(box.width() / 2),
                              static_cast<int>(box.height() / 2));
    });
    return scroll;
}

void NodeView::ask(core::session::GpuInterest& interest) const
{
    interest.node = true;
    interest.host = m_machine.toStdString();
}

QWidget* NodeView::firstControl()
{
    return shown(Part::Gpus) ? static_cast<QWidget*>(m_tiles) : m_inside;
}

void NodeView::restart()
{
    GpuView::restart();
    m_detail = nullptr;
    m_machine.clear();
    m_names.clear();
    m_machines->clear();
    m_tiles->setDetail(nullptr);
    m_inside->setDetail(nullptr);
}

void NodeView::choose(const QString& machine)
{
    if (machine == m_machine || machine.isEmpty())
        return;
    m_machine = machine;
    m_machines->setCurrentText(machine);
    m_tiles->choose(-1);
    m_inside->choose(-1);
    emit interestChanged();
}

void NodeView::openPart(Part part)
{
    m_parts->button(static_cast<int>(part))->setChecked(true);
    arrange();
    showDetail();
}

bool NodeView::shown(Part part) const
{
    return width() >= m_look.scaled(kRoomyNode) || m_parts->checkedId() == static_cast<int>(part);
}

void NodeView::arrange()
{
    const bool roomy = width() >= m_look.scaled(kRoomyNode);
    for (QAbstractButton* button : m_parts->buttons())
        button->setVisible(!roomy);
    m_tileScroll->setVisible(shown(Part::Gpus));
    m_insideScroll->setVisible(shown(Part::Inside));
}

void NodeView::resizeEvent(QResizeEvent* event)
{
    GpuView::resizeEvent(event);
    arrange();
}

bool NodeView::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize && m_tileScroll != nullptr && watched == m_tileScroll->viewport())
        m_tiles->setRoom(m_tileScroll->viewport()->size());
    if (event->type() == QEvent::Resize && m_insideScroll != nullptr && watched == m_insideScroll->viewport())
        m_inside->setRoom(m_insideScroll->viewport()->size());
    return GpuView::eventFilter(watched, event);
}

void NodeView::fillMachines(const std::vector<std::string>& names)
{
    QStringList all;
    for (const std::string& name : names)
        all += QString::fromStdString(name);
    if (all == m_names)
        return;
    m_names = all;
    m_machines->clear();
    m_machines->addItems(all);
    if (!m_machine.isEmpty())
        m_machines->setCurrentText(m_machine);
}

void NodeView::setDetail(const core::session::GpuDetail& detail, sim::Instant now)
{
    fillMachines(detail.machines);
    if (!detail.node || detail.node == m_detail)
        return;
    if (!m_machine.isEmpty() && QString::fromStdString(detail.node->name) != m_machine)
        return; // of the machine that was chosen before
    m_detail = detail.node;
    m_now = now;
    showDetail();
}

QString NodeView::facts() const
{
    const Tokens& tokens = m_look.tokens();
    QStringList all;
    if (m_detail->silence != Silence::None)
        all += QStringLiteral("<span style=\"color:%1\">■ <b>%2</b></span>")
                   .arg(readableOn(tokens.critical, tokens.panel).name(), GpuLook::silence(m_detail->silence).toHtmlEscaped());
    const sim::Health air = m_detail->chassis.health;
    const QString chassis = GpuLook::chassisSentence(m_detail->chassis).toHtmlEscaped();
    all += air == sim::Health::Warn || air == sim::Health::Critical
        ? QStringLiteral("<span style=\"color:%1\">%2 %3</span>")
              .arg(readableOn(healthColor(tokens, air), tokens.panel).name(), air == sim::Health::Critical ? QStringLiteral("■") : QStringLiteral("▲"), chassis)
        : chassis;
    if (!m_detail->driver.empty())
        all += tr("driver %1").arg(QString::fromStdString(m_detail->driver)).toHtmlEscaped();
    if (!m_detail->fabric.empty() && m_detail->fabric != "N/A")
        all += tr("NVLink fabric: %1").arg(QString::fromStdString(m_detail->fabric)).toHtmlEscaped();
    return all.join(QStringLiteral(" · "));
}

void NodeView::showDetail()
{
    if (!m_detail)
        return;
    m_facts->setText(facts());
    const QString complaint = QString::fromStdString(m_detail->complaint).trimmed();
    QString silence;
    if (m_detail->silence == Silence::Off)
        silence = tr("The machine is off. Only its management controller answers; figures of the GPUs appear once somebody powers it on.");
    else if (m_detail->silence == Silence::Network)
        silence = tr("The machine is still starting or cut off from the network. What its management controller tells is shown.");
    m_complaint->setText(complaint);
    m_complaint->setVisible(!complaint.isEmpty());
    m_silence->setText(silence);
    m_silence->setVisible(!silence.isEmpty());
    m_tiles->setDetail(m_detail);
    m_inside->setDetail(m_detail);
    showReadOut();
    note(QStringLiteral("chassis"), m_detail->chassisRead, m_now);
    if (shown(Part::Gpus))
        note(QStringLiteral("gpus"), m_detail->gpusRead, m_now);
    if (shown(Part::Inside)) {
        note(QStringLiteral("inside"), m_detail->insideRead, m_now);
        note(QStringLiteral("nics"), m_detail->nicsRead, m_now);
    }
}

void NodeView::showReadOut()
{
    if (!m_detail)
        return;
    const SpotPicture* picture = m_spoke == m_inside ? static_cast<SpotPicture*>(m_inside) : m_tiles;
    const int spot = picture->isVisible() ? picture->chosen() : -1;
    m_readOut->setWords(spot >= 0 ? picture->sentence(spot)
                                  : tr("The first row of GPUs stands in the cold air, the second behind it. Choose a part to read all of it."));
}

void NodeView::retranslate()
{
    m_machineLabel->setText(tr("Machine"));
    m_machines->setAccessibleName(tr("GPU machine"));
    m_parts->button(0)->setText(tr("GPUs"));
    m_parts->button(1)->setText(tr("Inside"));
    m_parts->button(1)->setToolTip(tr("Processors, PCIe, NVLink, network adapters, fans and supplies"));
    m_tileScroll->setMinimumHeight(m_look.scaled(kLeastPart));
    m_insideScroll->setMinimumHeight(m_look.scaled(kLeastPart));
    m_tileScroll->setAccessibleName(tr("GPUs of the machine"));
    m_insideScroll->setAccessibleName(tr("Inside of the machine"));
    m_tiles->retranslate();
    m_inside->retranslate();
    arrange();
    showDetail();
}

} // namespace app::desktop
