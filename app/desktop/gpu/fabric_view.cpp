#include "app/desktop/gpu/fabric_view.h"

#include "app/desktop/gpu/fabric_picture.h"
#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/host/flow_row.h"
#include "app/desktop/host/host_view.h"
#include "app/desktop/window/elided_label.h"
#include "app/desktop/window/header_tabs.h"

#include <QComboBox>
#include <QCompleter>
#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

namespace app::desktop {

using core::session::FabricPath;
using core::session::LinkState;

namespace {

constexpr int kLeastFabric = 150;

} // namespace

FabricView::FabricView(Look& look, LabClient& client, QWidget* parent)
    : GpuView(look, client, parent), m_summary(new QLabel(this)), m_fromLabel(new QLabel(this)), m_from(new QComboBox(this)),
      m_toLabel(new QLabel(this)), m_to(new QComboBox(this)), m_clear(new QToolButton(this)), m_verdict(new QLabel(this)),
      m_stack(new RestStack(look, this)), m_picture(new FabricPicture(look)), m_scroll(scrolling(m_picture, this)),
      m_nothing(new QLabel(this)), m_readOut(new ElidedLabel(this))
{
    m_summary->setTextFormat(Qt::RichText);
    m_summary->setWordWrap(true);
    m_verdict->setProperty("kind", QStringLiteral("secondary"));
    m_verdict->setTextFormat(Qt::RichText);
    m_verdict->setWordWrap(true);
    m_verdict->hide();
    m_readOut->setProperty("kind", QStringLiteral("secondary"));
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    for (QLabel* label : {m_fromLabel, m_toLabel})
        label->setProperty("kind", QStringLiteral("label"));
    m_fromLabel->setBuddy(m_from);
    m_toLabel->setBuddy(m_to);
    for (QComboBox* box : {m_from, m_to}) {
        box->setEditable(true);
        box->setInsertPolicy(QComboBox::NoInsert);
        box->setMinimumContentsLength(9);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->completer()->setFilterMode(Qt::MatchContains);
        box->completer()->setCompletionMode(QCompleter::PopupCompletion);
        connect(box, &QComboBox::activated, this, &FabricView::interestChanged);
        connect(box->lineEdit(), &QLineEdit::editingFinished, this, &FabricView::interestChanged);
    }
    m_clear->setFocusPolicy(Qt::TabFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->installEventFilter(this);
    m_stack->addWidget(m_scroll);
    m_stack->addWidget(m_nothing);
    auto* row = new FlowRow;
    row->setSpacing(6);
    row->addWidget(m_fromLabel);
    row->addWidget(m_from);
    row->addWidget(m_toLabel);
    row->addWidget(m_to);
    row->addWidget(m_clear);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addWidget(m_summary);
    column->addLayout(row);
    column->addWidget(m_verdict);
    column->addWidget(m_stack, 1);
    column->addWidget(m_readOut);
    connect(m_clear, &QToolButton::clicked, this, [this] { choose({}, {}); });
    connect(m_picture, &SpotPicture::spotChosen, this, &FabricView::showReadOut);
    connect(m_picture, &SpotPicture::spotOpened, this, &FabricView::pick);
    connect(m_picture, &SpotPicture::placeWanted, this, [this](const QRectF& box) {
        m_scroll->ensureVisible(static_cast<int>(box.center().x()), static_cast<int>(box.center().y()), 20, m_look.scaled(40));
    });
    connect(&look, &Look::changed, this, &FabricView::retranslate);
    retranslate();
}

FabricView::~FabricView()
{
    for (QComboBox* box : {m_from, m_to})
        box->lineEdit()->disconnect(this); // it says that editing is over when it loses the keys with its life
}

QString FabricView::from() const
{
    return m_from->currentText().trimmed();
}

QString FabricView::to() const
{
    return m_to->currentText().trimmed();
}

void FabricView::ask(core::session::GpuInterest& interest) const
{
    interest.fabric = true;
    if (from().isEmpty() || to().isEmpty())
        return;
    interest.from = from().toStdString();
    interest.to = to().toStdString();
}

QWidget* FabricView::firstControl()
{
    return m_picture;
}

void FabricView::restart()
{
    GpuView::restart();
    m_detail = nullptr;
    m_ends.clear();
    for (QComboBox* box : {m_from, m_to}) {
        box->clear();
        box->clearEditText();
    }
    m_picture->setDetail(nullptr);
    m_picture->choose(-1);
}

void FabricView::choose(const QString& from, const QString& to)
{
    m_from->setEditText(from);
    m_to->setEditText(to);
    emit interestChanged();
    showReadOut();
}

/// A port of a machine: where the path begins, or where it ends.
void FabricView::pick(int spot)
{
    const QString end = m_picture->endOf(spot);
    if (end.isEmpty())
        return;
    const bool begins = from().isEmpty() || !to().isEmpty();
    choose(begins ? end : from(), begins ? QString() : end);
}

bool FabricView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_scroll->viewport() && event->type() == QEvent::Resize)
        m_picture->setRoom(m_scroll->viewport()->size());
    return GpuView::eventFilter(watched, event);
}

void FabricView::fillEnds()
{
    QStringList all;
    for (const core::session::FabricEnd& end : m_detail->ends)
        all += QStringLiteral("%1:%2").arg(QString::fromStdString(m_detail->machines[static_cast<std::size_t>(end.machine)].name)).arg(end.rail);
    if (all == m_ends)
        return;
    m_ends = all;
    for (QComboBox* box : {m_from, m_to}) {
        const QString text = box->currentText();
        box->clear();
        box->addItems(all);
        box->setEditText(text);
    }
}

void FabricView::setDetail(const core::session::GpuDetail& detail, sim::Instant now)
{
    if (!detail.fabric || detail.fabric == m_detail)
        return;
    m_detail = detail.fabric;
    m_now = now;
    fillEnds();
    showDetail();
}

QString FabricView::summary() const
{
    const Tokens& tokens = m_look.tokens();
    int spines = 0, down = 0, degraded = 0, faulty = 0, cables = 0;
    for (const core::session::FabricSwitch& one : m_detail->switches)
        spines += one.spine ? 1 : 0;
    const int leaves = static_cast<int>(m_detail->switches.size()) - spines;
    for (const core::session::FabricBundle& bundle : m_detail->bundles) {
        cables += bundle.cables;
        down += bundle.cables - bundle.up;
        degraded += bundle.degraded + bundle.inactive;
        faulty += bundle.faulty;
    }
    for (const core::session::FabricEnd& end : m_detail->ends) {
        ++cables;
        down += end.state >= LinkState::Disabled ? 1 : 0;
        degraded += end.state == LinkState::Degraded || end.state == LinkState::Inactive ? 1 : 0;
        faulty += end.errors.empty() ? 0 : 1;
    }
    QStringList parts{QStringLiteral("<b>%1</b>").arg(m_detail->infiniBand ? QStringLiteral("InfiniBand") : QStringLiteral("RoCE")),
                      tr("%n machine(s)", nullptr, static_cast<int>(m_detail->machines.size())), tr("%n leaf(ves)", nullptr, leaves),
                      tr("%n spine(s)", nullptr, spines), tr("%n cable(s)", nullptr, cables)};
    if (down > 0)
        parts += GpuLook::marked(tokens, sim::Health::Critical, tr("%n down", nullptr, down));
    if (degraded > 0)
        parts += GpuLook::marked(tokens, sim::Health::Warn, tr("%n degraded or not active", nullptr, degraded));
    if (faulty > 0)
        parts += GpuLook::marked(tokens, sim::Health::Warn, tr("%n with errors", nullptr, faulty));
    return parts.join(QStringLiteral(" · "));
}

QString FabricView::pathText() const
{
    const FabricPath& path = *m_detail->path;
    const Tokens& tokens = m_look.tokens();
    const auto failed = [&](const QString& words) {
        return QStringLiteral("<span style=\"color:%1\">■ %2</span>").arg(readableOn(tokens.critical, tokens.panel).name(), words.toHtmlEscaped());
    };
    switch (path.outcome) {
    case FabricPath::Outcome::NoSuchEnd: return tr("Name both ends as machine and rail, such as %1.").arg(m_ends.value(0)).toHtmlEscaped();
    case FabricPath::Outcome::SameEnd: return tr("Both ends are the same port.");
    case FabricPath::Outcome::PortDown: return failed(tr("One of the two ports has no link."));
    case FabricPath::Outcome::NotConfigured: return failed(tr("One of the two ports is not active: no subnet manager has configured it."));
    case FabricPath::Outcome::NoRoute: return failed(tr("A switch on the way has no forwarding entry for it."));
    case FabricPath::Outcome::DeadLink: return failed(tr("The forwarding tables lead over a link that is down."));
    case FabricPath::Outcome::Unanswered: return failed(tr("All links on the way are up, and yet nothing arrives."));
    case FabricPath::Outcome::Found: break;
    }
    QStringList stations{QString::fromStdString(path.hops.front().from).toHtmlEscaped()};
    double slowest = path.hops.front().bitsPerSecond, fullest = 0;
    for (const core::session::FabricHop& hop : path.hops) {
        stations += QString::fromStdString(hop.to).toHtmlEscaped();
        slowest = std::min(slowest, hop.bitsPerSecond);
        fullest = std::max(fullest, hop.load);
    }
    return QStringLiteral("<b>%1</b> · %2")
        .arg(stations.join(QStringLiteral(" → ")),
             tr("%1, fullest cable %2, %3 µs one way").arg(GpuLook::bitRate(slowest), GpuLook::percent(fullest)).arg(path.microseconds, 0, 'f', 2).toHtmlEscaped());
}

void FabricView::showDetail()
{
    if (!m_detail)
        return;
    const bool any = !m_detail->machines.empty();
    m_stack->setCurrentIndex(any ? 0 : 1);
    m_summary->setVisible(any);
    for (QWidget* control : {static_cast<QWidget*>(m_fromLabel), static_cast<QWidget*>(m_from), static_cast<QWidget*>(m_toLabel), static_cast<QWidget*>(m_to),
                             static_cast<QWidget*>(m_clear), static_cast<QWidget*>(m_readOut)})
        control->setVisible(any);
    if (any)
        m_summary->setText(summary());
    m_shownVerdict = m_detail->path ? pathText() : QString();
    m_verdict->setText(m_shownVerdict);
    m_verdict->setVisible(!m_shownVerdict.isEmpty());
    m_picture->setDetail(any ? m_detail : nullptr);
    showReadOut();
    note(QStringLiteral("links"), m_detail->linksRead, m_now);
    note(QStringLiteral("path"), m_detail->pathRead, m_now);
}

void FabricView::showReadOut()
{
    if (!m_detail)
        return;
    const int chosen = m_picture->chosen();
    m_readOut->setWords(!from().isEmpty() && to().isEmpty() ? tr("Click a second port to see the way from %1.").arg(from())
                        : chosen >= 0                       ? m_picture->sentence(chosen)
                                      : tr("Rows are machines, columns rails, figures the load. ▲ degraded or errors, ■ down. Click two ports for the way."));
}

void FabricView::retranslate()
{
    m_fromLabel->setText(tr("From"));
    m_toLabel->setText(tr("To"));
    m_from->setAccessibleName(tr("Port where the path begins"));
    m_to->setAccessibleName(tr("Port where the path ends"));
    m_from->lineEdit()->setPlaceholderText(tr("machine:rail"));
    m_to->lineEdit()->setPlaceholderText(tr("machine:rail"));
    m_clear->setText(tr("Clear"));
    m_clear->setToolTip(tr("Show no path"));
    m_nothing->setText(tr("The machines of this data centre have GPUs but no compute network of their own. Over one that has, leaves, "
                          "spines and every port appear here."));
    m_scroll->setMinimumHeight(m_look.scaled(kLeastFabric));
    m_scroll->setAccessibleName(tr("Map of the compute network"));
    m_picture->retranslate();
    showDetail();
}

} // namespace app::desktop
