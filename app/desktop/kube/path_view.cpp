#include "app/desktop/kube/path_view.h"

#include "app/desktop/kube/path_picture.h"
#include "app/desktop/topology/topology_layout.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QCompleter>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace app::desktop {

namespace {

constexpr int kFillEveryMilliseconds = 1000;

void refill(QComboBox& box, const QStringList& items)
{
    if (box.view()->isVisible() || box.lineEdit()->hasFocus())
        return; // never under the learner's hands
    const QString text = box.currentText();
    const QSignalBlocker quiet(&box);
    box.clear();
    box.addItems(items);
    box.setCurrentIndex(static_cast<int>(items.indexOf(text)));
    box.setEditText(text);
}

} // namespace

PathView::PathView(Look& look, LabClient& client, QWidget* parent)
    : KubeView(parent)
    , m_look(look)
    , m_client(client)
    , m_fromLabel(new QLabel(this))
    , m_from(new QComboBox(this))
    , m_toLabel(new QLabel(this))
    , m_to(new QComboBox(this))
    , m_protocol(new QComboBox(this))
    , m_resolved(new QLabel(this))
    , m_stack(new QStackedWidget(this))
    , m_scroll(new QScrollArea(this))
    , m_picture(new PathPicture(look))
    , m_nothing(new QLabel(this))
{
    for (QComboBox* box : {m_from, m_to}) {
        box->setEditable(true);
        box->setInsertPolicy(QComboBox::NoInsert);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(10);
        box->completer()->setFilterMode(Qt::MatchContains);
        box->completer()->setCompletionMode(QCompleter::PopupCompletion);
        connect(box, &QComboBox::activated, this, &PathView::endsChosen);
        connect(box->lineEdit(), &QLineEdit::editingFinished, this, &PathView::endsChosen);
    }
    m_protocol->addItems({QStringLiteral("TCP"), QStringLiteral("UDP")});
    connect(m_protocol, &QComboBox::activated, this, &PathView::endsChosen);
    m_fromLabel->setBuddy(m_from);
    m_toLabel->setBuddy(m_to);
    m_resolved->setProperty("kind", QStringLiteral("secondary"));
    m_resolved->setWordWrap(true); // a long name must not widen the page
    m_resolved->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_nothing->setContentsMargins(24, 16, 24, 16);
    m_scroll->setWidget(m_picture);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::TabFocus); // arrows scroll it
    m_scroll->viewport()->setAutoFillBackground(false);
    m_picture->setAutoFillBackground(false);
    m_stack->addWidget(m_scroll);
    m_stack->addWidget(m_nothing);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(Look::kGap);
    grid->setVerticalSpacing(6);
    grid->addWidget(m_fromLabel, 0, 0);
    grid->addWidget(m_from, 0, 1, 1, 2);
    grid->addWidget(m_toLabel, 1, 0);
    grid->addWidget(m_to, 1, 1);
    grid->addWidget(m_protocol, 1, 2);
    grid->setColumnStretch(1, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 10, Look::kInset, 8);
    column->setSpacing(8);
    column->addLayout(grid);
    column->addWidget(m_resolved);
    column->addWidget(m_stack, 1);
    connect(&look, &Look::changed, this, &PathView::retranslate);
    retranslate();
}

void PathView::ask(core::session::KubeInterest& interest) const
{
    interest.path = true;
    interest.pathFrom = m_from->currentText().trimmed().toStdString();
    interest.pathTo = m_to->currentText().trimmed().toStdString();
    interest.pathUdp = m_protocol->currentIndex() == 1;
}

QWidget* PathView::firstControl()
{
    return m_from;
}

void PathView::choose(const QString& from, const QString& to)
{
    m_from->setEditText(from);
    m_to->setEditText(to);
    endsChosen();
}

void PathView::endsChosen()
{
    emit interestChanged();
}

void PathView::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    if (!frame->kube || !frame->kube->path)
        return;
    m_detail = frame->kube->path;
    fillEnds();
    showDetail();
}

void PathView::fillEnds()
{
    // A list of thousands of pods is not made anew for every frame.
    if (m_filled.isValid() && m_filled.elapsed() < kFillEveryMilliseconds)
        return;
    m_filled.start();
    QStringList sources;
    for (const sim::PodView& pod : m_frame->world->pods)
        sources += podKey(pod);
    for (const sim::MachineView& machine : m_frame->world->machines)
        sources += QString::fromStdString(machine.name);
    if (sources == m_sources && m_to->count() > 0)
        return;
    m_sources = sources;
    refill(*m_from, sources);
    QStringList destinations;
    for (const std::string& destination : m_detail->destinations)
        destinations += QString::fromStdString(destination);
    for (const sim::PodView& pod : m_frame->world->pods)
        destinations += podKey(pod);
    refill(*m_to, destinations);
}

void PathView::showDetail()
{
    const bool any = m_detail && (m_detail->question || m_detail->connection);
    m_stack->setCurrentIndex(any ? 0 : 1);
    QString resolved = m_detail ? QString::fromStdString(m_detail->resolved) : QString();
    QString nothing = tr("Choose where a packet starts and where it wants to go. Every station on its way is drawn here: the pod, its node, "
                         "kube-proxy's rule, the overlay, switches, and what stops it.");
    if (m_detail && m_detail->problem == core::session::PathDetail::kNoSource)
        nothing = tr("There is no running pod and no machine of that name to start from.");
    else if (m_detail && m_detail->problem == core::session::PathDetail::kNoDestination)
        nothing = tr("That pod does not exist or has no address yet.");
    else if (m_detail && m_detail->problem == core::session::PathDetail::kNoName) {
        nothing = tr("The name does not resolve.");
        resolved = nothing;
    }
    m_resolved->setText(resolved);
    m_resolved->setVisible(any && !resolved.isEmpty());
    m_nothing->setText(nothing);
    m_picture->setDetail(any ? m_detail : nullptr);
    if (any)
        note();
}

void PathView::note()
{
    // Times tremble; what counts is the way and how it ends.
    QString shape;
    for (const auto* leg : {&m_detail->question, &m_detail->connection})
        if (*leg)
            for (const core::session::PathStation& station : (*leg)->stations)
                shape += QString::fromStdString(station.kind + station.name + station.detail);
    if (!isVisible() || shape == m_noted)
        return;
    m_noted = shape;
    // As traceroute, dig and ip route would be noted.
    std::vector<std::string> reads{"from/" + m_from->currentText().section(QLatin1Char('/'), -1).trimmed().toStdString()};
    if (m_detail->question)
        reads.push_back("dns/" + m_to->currentText().section(QLatin1Char(':'), 0, 0).trimmed().toStdString());
    for (const auto* leg : {&m_detail->question, &m_detail->connection})
        if (*leg)
            for (const core::session::PathStation& station : (*leg)->stations)
                if (station.kind == "machine" || station.kind == "firewall")
                    reads.push_back((station.kind == "machine" ? "route/" : "firewall/") + station.name);
    m_client.observe("packet path", m_picture->rows().join(QLatin1Char('\n')).toStdString(), std::move(reads));
}

void PathView::retranslate()
{
    m_fromLabel->setText(tr("From"));
    m_toLabel->setText(tr("To"));
    m_from->setAccessibleName(tr("Where the packet starts"));
    m_to->setAccessibleName(tr("Where the packet goes"));
    m_protocol->setAccessibleName(tr("Protocol"));
    m_from->lineEdit()->setPlaceholderText(tr("A pod or a machine"));
    m_to->lineEdit()->setPlaceholderText(tr("A Service, a name, a pod or an address, with :port"));
    m_scroll->setAccessibleName(tr("The packet's way"));
    m_picture->retranslate();
    showDetail();
}

} // namespace app::desktop
