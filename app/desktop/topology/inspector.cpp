#include "app/desktop/topology/inspector.h"

#include "app/desktop/theme/wording.h"
#include "app/desktop/topology/topology_layout.h"
#include "sim/gpu/operating_point.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QTextBrowser>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace app::desktop {

namespace {

constexpr int kMostEvents = 8;

QString shapeOf(sim::Health health)
{
    switch (health) {
    case sim::Health::Ok: return QStringLiteral("●");
    case sim::Health::Warn: return QStringLiteral("▲");
    case sim::Health::Critical: return QStringLiteral("■");
    case sim::Health::Unknown: return QStringLiteral("◇");
    }
    return {};
}

QString text(const std::string& value)
{
    return QString::fromStdString(value).toHtmlEscaped();
}

} // namespace

Inspector::Inspector(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_client(client)
    , m_title(new QLabel(this))
    , m_close(new QToolButton(this))
    , m_body(new QTextBrowser(this))
    , m_terminal(new QPushButton(this))
{
    setObjectName(QStringLiteral("inspector"));
    m_title->setProperty("kind", QStringLiteral("section"));
    m_body->setOpenLinks(false);
    m_body->setFrameShape(QFrame::NoFrame);
    m_body->document()->setDocumentMargin(0);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    head->addWidget(m_close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 6, Look::kInset, Look::kInset);
    column->setSpacing(10);
    column->addLayout(head);
    column->addWidget(m_body, 1);
    column->addWidget(m_terminal);
    connect(m_close, &QToolButton::clicked, this, &Inspector::dismiss);
    connect(m_terminal, &QPushButton::clicked, this, &Inspector::openTerminal);
    connect(m_body, &QTextBrowser::anchorClicked, this, &Inspector::follow);
    connect(&look, &Look::changed, this, &Inspector::retranslate);
    retranslate();
    hide();
}

const sim::MachineView* Inspector::machine(const QString& name) const
{
    for (const sim::MachineView& machine : m_frame->world->machines) {
        if (QString::fromStdString(machine.name) == name)
            return &machine;
    }
    return nullptr;
}

void Inspector::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    if (isVisible())
        showDetails();
}

void Inspector::inspect(const Selection& selection)
{
    m_selection = selection;
    if (selection.kind == Selection::Kind::None || !m_frame || !m_frame->world) {
        hide();
        return;
    }
    m_html.clear();
    show();
    raise();
    showDetails();
    // What the pane showed counts as seen, under the same name as if a command had shown it.
    std::string read;
    switch (selection.kind) {
    case Selection::Kind::Pod: read = "pod/" + selection.name.toStdString(); break;
    case Selection::Kind::Gpu: read = "gpu/" + selection.name.toStdString(); break;
    default: read = "host/" + selection.name.toStdString(); break;
    }
    m_client.observe("inspector", m_body->toPlainText().toStdString(), {read});
}

QString Inspector::row(const QString& name, const QString& value) const
{
    return QStringLiteral("<tr><td style=\"color:%1; padding:3px 14px 3px 0\">%2</td>"
                          "<td style=\"padding:3px 0\">%3</td></tr>")
        .arg(m_look.tokens().muted.name(), name.toHtmlEscaped(), value);
}

QString Inspector::heading(const QString& text) const
{
    return QStringLiteral("<p style=\"color:%1; font-size:%2px; font-weight:600; margin:14px 0 4px 0\">%3</p>")
        .arg(m_look.tokens().muted.name())
        .arg(m_look.scaled(11))
        .arg(text.toHtmlEscaped());
}

QString Inspector::state(sim::Health health, const QString& word) const
{
    return QStringLiteral("<span style=\"color:%1\">%2 %3</span>")
        .arg(healthColor(m_look.tokens(), health).name(), shapeOf(health), word.toHtmlEscaped());
}

QString Inspector::eventsHtml(const QString& object) const
{
    QString html;
    int count = 0;
    const auto& events = m_frame->world->events;
    for (auto event = events.rbegin(); event != events.rend() && count < kMostEvents; ++event) {
        const QString about = QString::fromStdString(event->object);
        if (!about.endsWith(QLatin1Char('/') + object) && about != object)
            continue;
        ++count;
        html += QStringLiteral("<p style=\"margin:4px 0\">%1 <b>%2</b> <span style=\"color:%3\">%4</span><br>%5</p>")
                    .arg(state(event->level, QString()), text(event->reason), m_look.tokens().muted.name(),
                         Wording::clock(event->at), text(event->message));
    }
    if (html.isEmpty())
        html = QStringLiteral("<p style=\"color:%1; margin:4px 0\">%2</p>")
                   .arg(m_look.tokens().muted.name(), tr("No events about it."));
    return heading(tr("Events")) + html;
}

QString Inspector::machineHtml(const sim::MachineView& view) const
{
    QString html = QStringLiteral("<table>");
    html += row(tr("State"), state(view.health, QString::fromStdString(view.status)));
    html += row(tr("Role"), Wording::role(view.role));
    html += row(tr("Address"), text(view.address));
    if (view.cpuCores > 0)
        html += row(tr("CPU"), tr("%1 of %2 cores").arg(view.cpuUsed, 0, 'f', 1).arg(view.cpuCores, 0, 'f', 0));
    if (view.memoryBytes > 0)
        html += row(tr("Memory"), tr("%1 of %2").arg(Wording::bytes(static_cast<double>(view.memoryUsedBytes)),
                                                     Wording::bytes(static_cast<double>(view.memoryBytes))));
    html += row(tr("Disk"), Wording::percent(view.diskUsed));
    html += QStringLiteral("</table>");
    if (view.role != sim::MachineView::Role::Outside)
        html += QStringLiteral("<p style=\"margin:10px 0 0 0\"><a href=\"inside:%1\">%2</a></p>")
                    .arg(text(view.name), tr("Look inside: processes, disks, sockets"));
    if (!view.gpus.empty()) {
        html += heading(tr("GPUs")) + QStringLiteral("<table>");
        for (const sim::GpuView& gpu : view.gpus) {
            html += QStringLiteral("<tr><td style=\"padding:2px 12px 2px 0\"><a href=\"gpu:%1\">%1 %2</a></td>"
                                   "<td align=right style=\"padding:2px 12px 2px 0\">%3 °C</td>"
                                   "<td align=right style=\"padding:2px 12px 2px 0\">%4 W</td>"
                                   "<td align=right style=\"padding:2px 0\">%5</td></tr>")
                        .arg(gpu.index)
                        .arg(text(gpu.model))
                        .arg(std::lround(gpu.temperatureC))
                        .arg(std::lround(gpu.powerW))
                        .arg(Wording::percent(gpu.utilisation));
        }
        html += QStringLiteral("</table>");
    }
    if (!view.pods.empty()) {
        html += heading(tr("Pods")) + QStringLiteral("<table>");
        for (const int index : view.pods) {
            const sim::PodView& pod = m_frame->world->pods[static_cast<std::size_t>(index)];
            html += QStringLiteral("<tr><td style=\"padding:2px 10px 2px 0\">%1</td>"
                                   "<td style=\"padding:2px 0\"><a href=\"pod:%2\">%3</a></td></tr>")
                        .arg(state(pod.health, QString()), podKey(pod).toHtmlEscaped(), text(pod.name));
        }
        html += QStringLiteral("</table>");
    }
    return html + eventsHtml(QString::fromStdString(view.name));
}

QString Inspector::podLinks(const sim::PodView& pod) const
{
    const QString link = QStringLiteral("<a href=\"%1:%2\">%3</a>");
    const QString key = podKey(pod).toHtmlEscaped();
    return QStringLiteral("<p style=\"margin:10px 0 0 0\">")
        + link.arg(QStringLiteral("why"), key, pod.node.empty() ? tr("Why pending?") : tr("Why here?")) + QStringLiteral(" &nbsp;&nbsp; ")
        + link.arg(QStringLiteral("owners"), key, tr("Owners")) + QStringLiteral(" &nbsp;&nbsp; ")
        + link.arg(QStringLiteral("path"), key, tr("Network")) + QStringLiteral(" &nbsp;&nbsp; ")
        + link.arg(QStringLiteral("yaml"), key, tr("YAML")) + QStringLiteral("</p>");
}

/// The job that a pod trains for; empty for other pods.
QString Inspector::trainingHtml(const sim::PodView& pod) const
{
    const auto& jobs = m_frame->world->training;
    const auto job = std::find_if(jobs.begin(), jobs.end(), [&](const sim::TrainingJobView& one) {
        return one.nameSpace == pod.nameSpace && pod.name.rfind(one.name + "-", 0) == 0;
    });
    if (job == jobs.end())
        return {};
    QString html = heading(tr("Training")) + QStringLiteral("<table>");
    html += row(tr("Job"), text(job->name));
    html += row(tr("State"), state(job->health, Wording::trainingPhase(job->phase)));
    if (job->iterations > 0)
        html += row(tr("Iteration"), tr("%L1 of %L2").arg(job->iteration).arg(job->iterations));
    if (job->stepSeconds > 0)
        html += row(tr("Step"), tr("%1 s, usually %2 s").arg(job->stepSeconds, 0, 'f', 2).arg(job->usualStepSeconds, 0, 'f', 2));
    if (job->modelUtilisation > 0)
        html += row(tr("Utilisation"), tr("%1 of the peak (MFU)").arg(Wording::percent(job->modelUtilisation)));
    if (job->goodput.all() > 0)
        html += row(tr("Goodput"), Wording::percent(job->goodput.productive / job->goodput.all()));
    return html + QStringLiteral("</table>");
}

QString Inspector::podHtml(const sim::PodView& pod) const
{
    QString html = QStringLiteral("<table>");
    html += row(tr("Status"), state(pod.health, QString::fromStdString(pod.status)));
    html += row(tr("Ready"), QStringLiteral("%1/%2").arg(pod.readyContainers).arg(pod.containers));
    html += row(tr("Restarts"), QString::number(pod.restarts));
    html += row(tr("Namespace"), text(pod.nameSpace));
    html += row(tr("Node"), pod.node.empty() ? tr("not scheduled")
                                             : QStringLiteral("<a href=\"machine:%1\">%1</a>").arg(text(pod.node)));
    html += row(tr("IP"), pod.ip.empty() ? QStringLiteral("–") : text(pod.ip));
    html += row(tr("Age"), Wording::duration(sim::toSeconds(m_frame->world->now - pod.created)));
    html += QStringLiteral("</table>") + trainingHtml(pod);
    return html + podLinks(pod) + eventsHtml(podKey(pod));
}

/// "1590 of 1980 MHz, held by the power limit"
QString Inspector::clockText(const sim::GpuView& gpu)
{
    const QString clock = tr("%1 of %2 MHz").arg(gpu.smMHz).arg(gpu.maxSmMHz);
    const auto held = [&](std::uint64_t bit) { return (gpu.reasons & bit) != 0; };
    if (held(sim::gpu::reason::kHwPowerBrake))
        return tr("%1, halved by the power supplies").arg(clock);
    if (held(sim::gpu::reason::kHwThermal))
        return tr("%1, halved by heat").arg(clock);
    if (held(sim::gpu::reason::kSwThermal))
        return tr("%1, lowered against heat").arg(clock);
    if (held(sim::gpu::reason::kSwPowerCap))
        return tr("%1, held by the power limit").arg(clock);
    return held(sim::gpu::reason::kIdle) ? tr("%1, idle").arg(clock) : clock;
}

QString Inspector::gpuHtml(const sim::MachineView& view, const sim::GpuView& gpu) const
{
    QString html = QStringLiteral("<table>");
    html += row(tr("State"), state(gpu.health, Wording::health(gpu.health)));
    html += row(tr("Model"), text(gpu.model));
    html += row(tr("Machine"), QStringLiteral("<a href=\"machine:%1\">%1</a>").arg(text(view.name)));
    if (!gpu.present)
        return html + row(tr("Bus"), tr("does not answer")) + QStringLiteral("</table>");
    html += row(tr("Temperature"), tr("%1 °C").arg(std::lround(gpu.temperatureC)));
    html += row(tr("Clock"), clockText(gpu));
    html += row(tr("Power"), tr("%1 of %2 W").arg(std::lround(gpu.powerW)).arg(std::lround(gpu.powerLimitW)));
    html += row(tr("Utilisation"), Wording::percent(gpu.utilisation));
    html += row(tr("Memory"), tr("%1 of %2").arg(Wording::bytes(static_cast<double>(gpu.memoryUsedBytes)),
                                                 Wording::bytes(static_cast<double>(gpu.memoryTotalBytes))));
    return html + QStringLiteral("</table>");
}

QString Inspector::switchHtml(const sim::SwitchView& view) const
{
    QString html = QStringLiteral("<table>");
    html += row(tr("Kind"), view.spine ? tr("Spine switch") : tr("Leaf switch"));
    html += row(tr("Port rate"), Wording::bitRate(view.bitsPerSecond));
    html += QStringLiteral("</table>") + heading(tr("Links")) + QStringLiteral("<table>");
    for (const sim::LinkView& link : m_frame->world->links) {
        if (link.from != view.name && link.to != view.name)
            continue;
        html += row(QString::fromStdString(link.from == view.name ? link.to : link.from),
                    (link.up ? Wording::percent(link.load) : state(sim::Health::Critical, tr("down"))));
    }
    return html + QStringLiteral("</table>");
}

void Inspector::showDetails()
{
    QString html;
    m_host.clear();
    switch (m_selection.kind) {
    case Selection::Kind::None: return;
    case Selection::Kind::Machine:
        if (const sim::MachineView* view = machine(m_selection.name)) {
            html = machineHtml(*view);
            m_host = m_selection.name;
        }
        break;
    case Selection::Kind::Gpu:
        if (const sim::MachineView* view = machine(m_selection.name)) {
            m_host = m_selection.name;
            for (const sim::GpuView& gpu : view->gpus) {
                if (gpu.index == m_selection.gpu)
                    html = gpuHtml(*view, gpu);
            }
        }
        break;
    case Selection::Kind::Pod:
        for (const sim::PodView& pod : m_frame->world->pods) {
            if (podKey(pod) == m_selection.name)
                html = podHtml(pod);
        }
        break;
    case Selection::Kind::Switch:
        for (const sim::SwitchView& view : m_frame->world->switches) {
            if (QString::fromStdString(view.name) == m_selection.name)
                html = switchHtml(view);
        }
        break;
    }
    m_title->setText(m_selection.kind == Selection::Kind::Gpu
                         ? tr("GPU %1 of %2").arg(m_selection.gpu).arg(m_selection.name)
                         : m_selection.name.section(QLatin1Char('/'), -1));
    m_terminal->setVisible(!m_host.isEmpty());
    if (html.isEmpty())
        html = tr("It is gone.");
    if (html == m_html)
        return;
    m_html = html;
    const int position = m_body->verticalScrollBar()->value();
    m_body->setHtml(html);
    m_body->verticalScrollBar()->setValue(position);
}

void Inspector::follow(const QUrl& link)
{
    const QString target = link.path();
    if (link.scheme() == QLatin1String("pod"))
        emit selected(Selection::pod(target));
    else if (link.scheme() == QLatin1String("machine"))
        emit selected(Selection::machine(target));
    else if (link.scheme() == QLatin1String("inside"))
        emit machineWanted(target);
    else if (link.scheme() == QLatin1String("why"))
        emit decisionWanted(target);
    else if (link.scheme() == QLatin1String("path"))
        emit pathWanted(target);
    else if (link.scheme() == QLatin1String("owners"))
        emit ownersWanted({QStringLiteral("Pod"), target.section(QLatin1Char('/'), 0, 0), target.section(QLatin1Char('/'), 1)});
    else if (link.scheme() == QLatin1String("yaml"))
        emit yamlWanted({QStringLiteral("Pod"), target.section(QLatin1Char('/'), 0, 0), target.section(QLatin1Char('/'), 1)});
    else if (link.scheme() == QLatin1String("gpu"))
        emit selected(Selection::gpuOf(m_selection.name, target.toInt()));
}

void Inspector::openTerminal()
{
    emit terminalWanted(m_host);
}

void Inspector::dismiss()
{
    hide();
    emit closed();
}

void Inspector::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        dismiss();
    else
        QWidget::keyPressEvent(event);
}

void Inspector::retranslate()
{
    m_close->setIconSize(m_look.smallIcon());
    m_close->setIcon(m_look.icon(QStringLiteral("close"), m_look.tokens().muted));
    m_close->setToolTip(tr("Close (Esc)"));
    m_close->setAccessibleName(tr("Close the inspector"));
    m_terminal->setText(tr("Open a terminal here"));
    m_body->setAccessibleName(tr("Details"));
    m_html.clear();
    if (isVisible())
        showDetails();
    update();
}

void Inspector::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), m_look.tokens().window);
    painter.setPen(QPen(mixed(m_look.tokens().line, m_look.tokens().accent, 0.5), 1));
    painter.setBrush(m_look.tokens().panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Look::kPanelRadius, Look::kPanelRadius);
}

} // namespace app::desktop
