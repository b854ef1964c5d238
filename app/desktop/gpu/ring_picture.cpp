#include "app/desktop/gpu/ring_picture.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace app::desktop {

using core::session::RingDetail;
using core::session::RingMove;
using core::session::RingStep;
using sim::training::collectives::BottleneckKind;
using sim::training::collectives::MoveKind;

namespace {

constexpr double kMachineGap = 10;
constexpr int kMachineHeadHeight = 20;
constexpr int kCorridor = 62; ///< of the network between two rows of machines
constexpr int kMostRadius = 20;
constexpr int kLeastRadius = 5;
constexpr double kWidest = 2; ///< of the circle of a lone machine's GPUs, to its height
constexpr double kArc = 3.5; ///< width of the arc around a GPU

bool isInSwitch(const RingMove& move)
{
    return move.kind == MoveKind::SwitchReduce || move.kind == MoveKind::SwitchSpread;
}

} // namespace

RingPicture::RingPicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    retranslate();
}

void RingPicture::setDetail(std::shared_ptr<const RingDetail> detail)
{
    m_detail = std::move(detail);
    m_step = 0;
    m_along = 0;
    m_chosen = -1;
    m_atEnd = m_detail ? core::session::chunksAtEnd(*m_detail) : std::vector<int>();
    arrange();
}

void RingPicture::setStep(int step, double along)
{
    const bool other = step != m_step;
    m_step = step;
    m_along = along;
    if (other)
        arrange();
    update();
}

void RingPicture::arrange()
{
    m_ways.clear();
    m_held = m_detail && !m_detail->steps.empty() ? core::session::holdingsBefore(*m_detail, m_step) : core::session::RingHoldings();
    if (const RingStep* step = current())
        for (const RingMove& move : step->moves)
            m_ways.push_back(wayOf(move));
    setAccessibleDescription(m_chosen >= 0 ? sentence(m_chosen) : QString());
    update();
}

const RingStep* RingPicture::current() const
{
    return m_detail && m_step < static_cast<int>(m_detail->steps.size()) ? &m_detail->steps[static_cast<std::size_t>(m_step)] : nullptr;
}

QString RingPicture::gpuName(const RingDetail& detail, int rank)
{
    const core::session::RingRank& place = detail.ranks[static_cast<std::size_t>(rank)];
    return tr("%1 GPU %2").arg(QString::fromStdString(detail.machines[static_cast<std::size_t>(place.machine)])).arg(place.gpu);
}

double RingPicture::shareOf(int rank) const
{
    if (m_held.empty() || m_detail->chunks == 0)
        return 0;
    using sim::training::collectives::Collective;
    const Collective collective = m_detail->collective;
    const bool sums = collective == Collective::AllReduce || collective == Collective::ReduceScatter || collective == Collective::Reduce;
    const double ranks = static_cast<double>(m_detail->ranks.size());
    // Of the chunks that it shall have: those that are furthest on, parts of sums as parts.
    std::vector<double> parts;
    for (const std::uint64_t held : m_held[static_cast<std::size_t>(rank)])
        parts.push_back(sums ? std::popcount(held) / ranks : held != 0 ? 1 : 0);
    std::sort(parts.begin(), parts.end(), std::greater<>());
    const int wanted = m_atEnd[static_cast<std::size_t>(rank)];
    double sum = 0;
    for (int i = 0; i < wanted; ++i)
        sum += parts[static_cast<std::size_t>(i)];
    return wanted == 0 ? 0 : sum / wanted;
}

QString RingPicture::sentence(int rank) const
{
    if (!m_detail || rank < 0 || rank >= static_cast<int>(m_detail->ranks.size()))
        return {};
    QStringList words{tr("%1, rank %2").arg(gpuName(*m_detail, rank)).arg(rank)};
    int whole = 0;
    if (!m_held.empty())
        for (const std::uint64_t held : m_held[static_cast<std::size_t>(rank)])
            whole += core::session::isComplete(*m_detail, held) ? 1 : 0;
    const int wanted = m_atEnd.empty() ? 0 : m_atEnd[static_cast<std::size_t>(rank)];
    words += wanted == 0 ? tr("ends with nothing of its own") : tr("has %1 of the %2 chunks that it ends with").arg(std::min(whole, wanted)).arg(wanted);
    if (const RingStep* step = current()) {
        int sends = 0, receives = 0;
        const RingMove* out = nullptr;
        for (const RingMove& move : step->moves) {
            if (move.from == rank) {
                ++sends;
                out = &move;
            }
            receives += move.to == rank ? 1 : 0;
        }
        if (sends == 1)
            words += tr("sends chunk %1 to rank %2 over %3 at %4 GB/s")
                         .arg(out->chunk)
                         .arg(out->to)
                         .arg(out->leavesMachine ? tr("the network") : m_detail->throughSwitch ? QStringLiteral("NVLink") : tr("the machine's own links"))
                         .arg(out->gigabytesPerSecond, 0, 'f', 1);
        else if (sends > 1)
            words += tr("sends %n chunk(s)", nullptr, sends);
        if (receives > 0)
            words += tr("receives %n chunk(s)", nullptr, receives);
        if (sends == 0 && receives == 0)
            words += tr("waits");
    }
    return words.join(tr(", "));
}

// ---- places --------------------------------------------------------------------------------------------

int RingPicture::gpusOf(int machine) const
{
    return static_cast<int>(std::count_if(m_detail->ranks.begin(), m_detail->ranks.end(), [&](const auto& rank) { return rank.machine == machine; }));
}

bool RingPicture::upper(int machine) const
{
    return machine < (machines() + 1) / 2;
}

QRectF RingPicture::corridor() const
{
    const double high = m_look.scaled(kCorridor);
    return {1, (height() - high) / 2, width() - 2.0, high};
}

QRectF RingPicture::machineBox(int machine) const
{
    if (lone())
        return QRectF(rect()).adjusted(1, 1, -1, -1);
    // Clockwise: the upper row to the right, the lower one back to the left.
    const int columns = (machines() + 1) / 2;
    const double w = (width() - 2 - (columns - 1) * kMachineGap) / columns;
    const double h = corridor().top() - 1;
    const int column = upper(machine) ? machine : 2 * columns - 1 - machine;
    return {1 + column * (w + kMachineGap), upper(machine) ? 1 : corridor().bottom(), w, h};
}

double RingPicture::radius() const
{
    if (!m_detail || m_detail->ranks.empty())
        return kMostRadius;
    const QRectF box = machineBox(0);
    const int gpus = std::max(1, gpusOf(0));
    if (lone()) {
        const double around = std::min(box.width(), box.height() - m_look.scaled(kMachineHeadHeight)) * std::numbers::pi * 0.7;
        return std::clamp(around / gpus * 0.35, static_cast<double>(kLeastRadius), static_cast<double>(m_look.scaled(kMostRadius)) + 2);
    }
    const double fits = std::min((box.width() - 16) / gpus * 0.34, (box.height() - m_look.scaled(kMachineHeadHeight)) * 0.24);
    return std::clamp(fits, static_cast<double>(kLeastRadius), static_cast<double>(m_look.scaled(kMostRadius)));
}

QPointF RingPicture::centre(int rank) const
{
    const core::session::RingRank& place = m_detail->ranks[static_cast<std::size_t>(rank)];
    const QRectF box = machineBox(place.machine);
    const int gpus = std::max(1, gpusOf(place.machine));
    const double head = m_look.scaled(kMachineHeadHeight);
    if (lone()) {
        QRectF room = box.adjusted(radius() + 24, head + radius() + 10, -radius() - 24, -radius() - 14);
        if (const double spare = room.width() - kWidest * room.height(); spare > 0)
            room.adjust(spare / 2, 0, -spare / 2, 0);
        const double angle = 2 * std::numbers::pi * place.order / gpus - std::numbers::pi / 2;
        return room.center() + QPointF(std::cos(angle) * room.width() / 2, std::sin(angle) * room.height() / 2);
    }
    const double pitch = (box.width() - 16) / gpus;
    const int order = upper(place.machine) ? place.order : gpus - 1 - place.order;
    const double y = upper(place.machine) ? box.top() + head + (box.height() - head) * 0.6 : box.top() + (box.height() - head) * 0.4;
    return {box.left() + 8 + (order + 0.5) * pitch, y};
}

QPointF RingPicture::port(int rank) const
{
    const int machine = m_detail->ranks[static_cast<std::size_t>(rank)].machine;
    const QRectF box = machineBox(machine);
    return {centre(rank).x(), upper(machine) ? box.bottom() : box.top()};
}

QPointF RingPicture::switchCentre(int machine) const
{
    const QRectF box = machineBox(machine);
    const double head = m_look.scaled(kMachineHeadHeight);
    if (lone())
        return {box.center().x(), box.top() + head + (box.height() - head) / 2};
    return {box.center().x(), upper(machine) ? box.top() + head / 2 : box.bottom() - head / 2};
}

QPointF RingPicture::viaSwitch(int from, int to) const
{
    const int machine = m_detail->ranks[static_cast<std::size_t>(from)].machine;
    const QRectF box = machineBox(machine);
    const QPointF middle = (centre(from) + centre(to)) / 2;
    const double head = m_look.scaled(kMachineHeadHeight);
    if (lone())
        return middle + (switchCentre(machine) - middle) * 0.75;
    return {middle.x(), upper(machine) ? box.top() + head + 4 : box.bottom() - head - 4};
}

/// Within a machine through its switch; out of it from port to port through the network.
QPainterPath RingPicture::wayOf(const RingMove& move) const
{
    QPainterPath way(centre(move.from));
    const int machine = m_detail->ranks[static_cast<std::size_t>(move.from)].machine;
    if (isInSwitch(move)) { // it adds or multiplies what passes
        way.lineTo(switchCentre(machine));
        way.lineTo(centre(move.to));
        return way;
    }
    if (!move.leavesMachine) {
        way.quadTo(viaSwitch(move.from, move.to), centre(move.to));
        return way;
    }
    const QPointF out = port(move.from);
    const QPointF in = port(move.to);
    const bool sameRow = upper(machine) == upper(m_detail->ranks[static_cast<std::size_t>(move.to)].machine);
    // Links of the two rows pass each other.
    const double middle = corridor().center().y() + (!sameRow ? 0 : upper(machine) ? -1 : 1) * m_look.scaled(6);
    way.lineTo(out);
    way.cubicTo(QPointF(out.x(), middle), QPointF(in.x(), middle), in);
    way.lineTo(centre(move.to));
    return way;
}

int RingPicture::rankAt(const QPointF& point) const
{
    const double near = radius() + 5;
    for (int rank = 0; m_detail && rank < static_cast<int>(m_detail->ranks.size()); ++rank)
        if (QLineF(centre(rank), point).length() <= near)
            return rank;
    return -1;
}

// ---- picture -------------------------------------------------------------------------------------------

bool RingPicture::isBottleneck(bool leavesMachine) const
{
    const BottleneckKind kind = m_detail->timing.bottleneck.kind;
    return leavesMachine ? kind == BottleneckKind::Port || kind == BottleneckKind::Ethernet
                         : kind == BottleneckKind::Nvlink || kind == BottleneckKind::Pcie || kind == BottleneckKind::HostMemory;
}

QColor RingPicture::chunkColor(int chunk) const
{
    return heatColor(m_detail->chunks > 1 ? static_cast<double>(chunk) / (m_detail->chunks - 1) : 0.5);
}

void RingPicture::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = m_look.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!m_detail || m_detail->ranks.empty()) {
        painter.setFont(m_look.font(FontRole::Body));
        painter.setPen(tokens.muted);
        painter.drawText(rect().adjusted(12, 0, -12, 0), Qt::AlignCenter | Qt::TextWordWrap, tr("A collective needs two GPUs at least."));
        return;
    }
    if (!lone()) {
        const QRectF band = corridor().adjusted(0, m_look.scaled(22), 0, -m_look.scaled(22));
        painter.setPen(Qt::NoPen);
        painter.setBrush(mixed(tokens.panel, tokens.line, 0.55));
        painter.drawRoundedRect(band, band.height() / 2, band.height() / 2);
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        // Between the places where links of neighbours cross.
        const QRectF words = machines() > 2 ? QRectF(band.left(), band.top(), machineBox(0).width(), band.height()) : band;
        painter.drawText(words, Qt::AlignCenter, tr("compute network"));
    }
    for (int machine = 0; machine < machines(); ++machine)
        paintMachine(painter, machine);
    paintWays(painter);
    for (int rank = 0; rank < static_cast<int>(m_detail->ranks.size()); ++rank)
        paintRank(painter, rank);
    paintChunks(painter);
    for (int machine = 0; machine < machines() && m_detail->throughSwitch; ++machine)
        paintSwitch(painter, machine);
    if (hasFocus())
        drawFocus(painter, rect(), Look::kControlRadius, tokens);
}

void RingPicture::paintMachine(QPainter& painter, int machine) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF box = machineBox(machine);
    painter.setPen(QPen(tokens.line, 1));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    const double head = m_look.scaled(kMachineHeadHeight);
    const QRectF title(box.left() + 8, upper(machine) || lone() ? box.top() : box.bottom() - head, box.width() - 16, head);
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.text);
    const QString name = QString::fromStdString(m_detail->machines[static_cast<std::size_t>(machine)]);
    painter.drawText(title, Qt::AlignVCenter | Qt::AlignLeft, name);
}

void RingPicture::paintSwitch(QPainter& painter, int machine) const
{
    const Tokens& tokens = m_look.tokens();
    painter.setFont(m_look.font(FontRole::Label));
    const QString word = QStringLiteral("NVSwitch");
    const QString name = QString::fromStdString(m_detail->machines[static_cast<std::size_t>(machine)]);
    const QFontMetricsF metrics(painter.font());
    QRectF bar(0, 0, metrics.horizontalAdvance(word) + 16, m_look.scaled(16));
    bar.moveCenter(switchCentre(machine));
    const QRectF box = machineBox(machine);
    if (!lone() && bar.left() < box.left() + metrics.horizontalAdvance(name) + 14) // the machine's name goes first
        bar = QRectF(bar.center().x() - 4, bar.top(), 8, bar.height());
    painter.setPen(QPen(mixed(tokens.line, tokens.muted, 0.3), 1));
    painter.setBrush(mixed(tokens.raised, tokens.line, 0.6));
    painter.drawRoundedRect(bar, 4, 4);
    if (bar.width() < 20)
        return;
    painter.setPen(tokens.text);
    painter.drawText(bar, Qt::AlignCenter, word);
}

void RingPicture::paintWays(QPainter& painter) const
{
    const RingStep* step = current();
    if (step == nullptr)
        return;
    const Tokens& tokens = m_look.tokens();
    painter.setBrush(Qt::NoBrush);
    for (std::size_t i = 0; i < m_ways.size(); ++i) {
        const RingMove& move = step->moves[i];
        const bool own = m_chosen >= 0 && (move.from == m_chosen || move.to == m_chosen);
        const bool slow = isBottleneck(move.leavesMachine);
        const QColor usual = slow ? mixed(tokens.raised, tokens.warn, 0.75) : mixed(tokens.raised, tokens.muted, 0.55);
        painter.setPen(QPen(own ? tokens.accent : usual, own ? 2 : slow ? 1.4 : 1));
        painter.drawPath(m_ways[i]);
        if (!move.leavesMachine)
            continue;
        for (const int rank : {move.from, move.to}) { // the port that it goes through
            const double side = m_look.scaled(7);
            QRectF mark(0, 0, side, side);
            mark.moveCenter(port(rank));
            painter.save();
            painter.setPen(QPen(isBottleneck(true) ? tokens.warn : tokens.muted, 1.2));
            painter.setBrush(tokens.panel);
            painter.drawRect(mark);
            painter.restore();
        }
    }
}

void RingPicture::paintRank(QPainter& painter, int rank) const
{
    const Tokens& tokens = m_look.tokens();
    const QPointF at = centre(rank);
    const double r = radius();
    const double share = shareOf(rank);
    const bool whole = share > 1 - 1e-9;
    const bool chosen = rank == m_chosen;
    if (chosen) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(mixed(tokens.raised, tokens.accent, hasFocus() ? 0.5 : 0.25));
        painter.drawEllipse(at, r + 6, r + 6);
    }
    painter.setPen(QPen(tokens.line, 1));
    painter.setBrush(whole ? mixed(tokens.panel, tokens.ok, tokens.dark ? 0.4 : 0.3) : tokens.panel);
    painter.drawEllipse(at, r, r);
    painter.setPen(QPen(trackColor(tokens), kArc));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(at, r, r);
    if (share > 0) {
        painter.setPen(QPen(whole ? tokens.ok : tokens.accent, kArc, Qt::SolidLine, Qt::FlatCap));
        painter.drawArc(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r), 90 * 16, -static_cast<int>(std::lround(share * 360 * 16)));
    }
    const QString number = QString::number(m_detail->ranks[static_cast<std::size_t>(rank)].gpu);
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    if (metrics.horizontalAdvance(number) + kArc + 1 > 2 * r || metrics.capHeight() + kArc + 3 > 2 * r)
        return;
    painter.setPen(tokens.text);
    painter.drawText(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r), Qt::AlignCenter, number);
}

void RingPicture::paintChunks(QPainter& painter) const
{
    const RingStep* step = current();
    if (step == nullptr)
        return;
    const Tokens& tokens = m_look.tokens();
    const double size = std::clamp(radius() * 0.55, 3.5, static_cast<double>(m_look.scaled(8)));
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    for (std::size_t i = 0; i < m_ways.size(); ++i) {
        const RingMove& move = step->moves[i];
        // What goes over a faster link arrives sooner and stays there until the step is over.
        const double along = move.share <= 0 ? 1 : std::min(1.0, m_along / move.share);
        // From the edge of one GPU to the edge of the other.
        const double edge = std::min(0.45, (radius() + 2) / std::max(1.0, m_ways[i].length()));
        QPointF at;
        if (isInSwitch(move)) { // all meet in the switch, however far it is
            const QPointF middle = switchCentre(m_detail->ranks[static_cast<std::size_t>(move.from)].machine);
            const QPointF from = centre(move.from), to = centre(move.to);
            at = along < 0.5 ? from + (middle - from) * 2 * along : middle + (to - middle) * (2 * along - 1);
        } else {
            at = m_ways[i].pointAtPercent(edge + along * (1 - 2 * edge));
        }
        painter.setPen(QPen(mixed(chunkColor(move.chunk), tokens.text, 0.45), 1.2));
        painter.setBrush(chunkColor(move.chunk));
        if (move.kind == MoveKind::Reduce || move.kind == MoveKind::SwitchReduce)
            painter.drawEllipse(at, size, size);
        else
            painter.drawRoundedRect(QRectF(at.x() - size * 0.9, at.y() - size * 0.9, 2 * size * 0.9, 2 * size * 0.9), 1.5, 1.5);
    }
}

void RingPicture::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void RingPicture::choose(int rank)
{
    if (!m_detail || rank >= static_cast<int>(m_detail->ranks.size()))
        return;
    m_chosen = rank;
    setAccessibleDescription(rank >= 0 ? sentence(rank) : QString());
    update();
    emit rankChosen(rank);
}

void RingPicture::mousePressEvent(QMouseEvent* event)
{
    choose(rankAt(event->position()));
}

void RingPicture::keyPressEvent(QKeyEvent* event)
{
    const int step = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    const int last = m_detail ? static_cast<int>(m_detail->ranks.size()) - 1 : -1;
    if (event->key() == Qt::Key_Escape && m_chosen >= 0)
        return choose(-1);
    if (step == 0 || last < 0)
        return QWidget::keyPressEvent(event);
    choose(std::clamp(m_chosen + step, 0, last));
}

void RingPicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (m_chosen < 0 && m_detail && !m_detail->ranks.empty() && event->reason() != Qt::MouseFocusReason)
        choose(0);
    update();
}

void RingPicture::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool RingPicture::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const int rank = rankAt(help->pos()); rank >= 0)
            QToolTip::showText(help->globalPos(), sentence(rank), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void RingPicture::retranslate()
{
    setAccessibleName(tr("Chunks on their way between GPUs"));
    arrange();
}

} // namespace app::desktop
