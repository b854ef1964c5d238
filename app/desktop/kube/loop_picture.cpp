#include "app/desktop/kube/loop_picture.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"
#include "sim/kube/api/kinds.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::ChangeDetail;
using core::session::ControllerDetail;

namespace {

constexpr int kDropMilliseconds = 250;
constexpr double kArrowGap = 28;
constexpr double kCardInset = 12;
constexpr int kLinePitch = 20;
constexpr int kNarrow = 360;
constexpr int kStackedCardHeight = 150;

/// "ReplicaSet shop/checkout-5f8d" as "rs/checkout-5f8d".
QString shortName(const std::string& kind, const std::string& object)
{
    const sim::kube::KindInfo* info = sim::kube::findKind(kind);
    const std::string_view word = info == nullptr ? std::string_view(kind) : info->shortNames.empty() ? info->singular : info->shortNames.front();
    return QString::fromStdString(std::string(word) + "/" + object.substr(object.find('/') + 1));
}

std::size_t place(LoopPicture::Part part)
{
    return static_cast<std::size_t>(part);
}

} // namespace

LoopPicture::LoopPicture(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    m_motion.setInterval(16);
    connect(&m_motion, &QTimer::timeout, this, qOverload<>(&QWidget::update));
    retranslate();
}

QSize LoopPicture::sizeHint() const
{
    return {m_look.scaled(430), m_look.scaled(330)};
}

bool LoopPicture::stacked() const
{
    return width() < m_look.scaled(kNarrow);
}

void LoopPicture::fitHeight()
{
    setMinimumHeight(stacked() ? 4 * m_look.scaled(kStackedCardHeight) + static_cast<int>(3 * kArrowGap) : m_look.scaled(300));
}

void LoopPicture::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitHeight();
}

const ControllerDetail* LoopPicture::controller() const
{
    return m_detail && m_detail->chosen ? &*m_detail->chosen : nullptr;
}

void LoopPicture::setController(std::shared_ptr<const core::session::ControllersDetail> detail, sim::Instant now)
{
    const bool ahead = now >= m_now;
    m_detail = std::move(detail);
    m_now = now;
    const QString name = controller() == nullptr ? QString() : QString::fromStdString(controller()->id);
    const bool same = name == m_shownController;
    m_shownController = name;
    const std::array<QString, kParts.size()> before = m_latest;
    for (const Part part : kParts) {
        const QStringList all = lines(part);
        m_latest[place(part)] = all.isEmpty() ? QString() : all.front();
    }
    // Rewinding and another controller are no motion.
    if (same && ahead && !m_look.preferences().reduceMotion) {
        for (const Part part : {Part::Watch, Part::Act}) {
            if (m_latest[place(part)] != before[place(part)] && !before[place(part)].isEmpty())
                m_drops[place(part)].start();
        }
        if (m_drops[place(Part::Act)].isValid() && m_latest[place(Part::Act)] != before[place(Part::Act)])
            m_drops[place(Part::Queue)].start();
    }
    startDrops();
    QStringList spoken;
    for (const Part part : kParts) {
        const QStringList all = lines(part);
        spoken += title(part) + QStringLiteral(": ") + (all.isEmpty() ? nothing(part) : all.join(QStringLiteral("; ")));
    }
    setAccessibleDescription(spoken.join(QLatin1Char('\n')));
    update();
}

void LoopPicture::startDrops()
{
    if (std::any_of(m_drops.begin(), m_drops.end(), [](const QElapsedTimer& one) { return one.isValid(); }))
        m_motion.start();
}

// ---- words ---------------------------------------------------------------------------------------------

QString LoopPicture::title(Part part) const
{
    switch (part) {
    case Part::Watch: return tr("Watch");
    case Part::Queue: return tr("Queue");
    case Part::Compare: return tr("Compare");
    case Part::Act: return tr("Act");
    }
    return {};
}

QString LoopPicture::caption(Part part) const
{
    const ControllerDetail* one = controller();
    switch (part) {
    case Part::Watch: return tr("changes that concern it");
    case Part::Queue:
        return one == nullptr ? QString() : tr("%1 waiting, %2 later").arg(one->waitingInAll).arg(one->delayedInAll);
    case Part::Compare: return tr("wanted → actual");
    case Part::Act: return tr("keys handled, writes");
    }
    return {};
}

QString LoopPicture::nothing(Part part) const
{
    const ControllerDetail* one = controller();
    switch (part) {
    case Part::Watch: return tr("No change has concerned it since it started.");
    case Part::Queue: return tr("Nothing waits: everything it knows is settled.");
    case Part::Compare:
        if (one != nullptr && one->keyGone)
            return tr("%1 no longer exists.").arg(QString::fromStdString(one->key));
        return one != nullptr && !one->key.empty() ? tr("This controller compares sets of objects, not numbers.")
                                                   : tr("Shows the key handled last. Choose another one with a click.");
    case Part::Act: return tr("It has handled no key since it started.");
    }
    return {};
}

LoopPicture::Line LoopPicture::changeLine(const ChangeDetail& change) const
{
    const Tokens& tokens = m_look.tokens();
    Line line;
    line.left = Wording::clock(change.at);
    if (change.type == "ADDED") {
        line.mark = QStringLiteral("+");
        line.color = tokens.ok;
    } else if (change.type == "DELETED") {
        line.mark = QStringLiteral("−");
        line.color = tokens.critical;
    } else {
        line.mark = QStringLiteral("~");
        line.color = tokens.info;
    }
    line.text = QString::fromStdString(change.kind + " " + change.object);
    line.shortText = shortName(change.kind, change.object);
    line.right = QString::fromStdString(change.what);
    return line;
}

void LoopPicture::addArrivals(std::vector<Line>& lines) const
{
    for (const ChangeDetail& change : controller()->arrivals)
        lines.push_back(changeLine(change));
}

void LoopPicture::addQueue(std::vector<Line>& lines) const
{
    const Tokens& tokens = m_look.tokens();
    for (const std::string& key : controller()->waiting)
        lines.push_back({{}, QStringLiteral("●"), tokens.accent, QString::fromStdString(key), {}, tr("now"), QString::fromStdString(key), false});
    for (const core::session::DelayedKey& one : controller()->delayed) {
        const double seconds = std::max(0.0, sim::toSeconds(one.due - m_now));
        QString when = seconds < 10 ? tr("in %1 s").arg(seconds, 0, 'f', 1) : tr("in %1").arg(Wording::duration(seconds));
        if (one.failures > 0)
            when = tr("retry %1, %2").arg(one.failures).arg(when);
        lines.push_back({{}, one.failures > 0 ? QStringLiteral("▲") : QStringLiteral("○"), one.failures > 0 ? tokens.warn : tokens.muted,
                         QString::fromStdString(one.key), {}, when, QString::fromStdString(one.key), false});
    }
}

void LoopPicture::addDifferences(std::vector<Line>& lines) const
{
    const ControllerDetail& one = *controller();
    const Tokens& tokens = m_look.tokens();
    if (one.differences.empty())
        return;
    lines.push_back({{}, {}, tokens.text, QString::fromStdString(one.keyKind + " " + one.key), shortName(one.keyKind, one.key), {}, QString::fromStdString(one.key), false});
    for (const core::session::Difference& each : one.differences)
        lines.push_back({{}, each.met ? QStringLiteral("●") : QStringLiteral("▲"), each.met ? tokens.ok : tokens.warn,
                         QString::fromStdString(each.what), QString::fromStdString(each.what.substr(each.what.find('.') + 1)),
                         QString::fromStdString(each.wanted + " → " + each.actual), {}, true});
}

void LoopPicture::addTurns(std::vector<Line>& lines) const
{
    const Tokens& tokens = m_look.tokens();
    for (const core::session::TurnDetail& turn : controller()->turns) {
        const QString key = QString::fromStdString(turn.key);
        const QString outcome = turn.forgotten ? tr("too long ago") : turn.writes.empty() ? tr("nothing to do") : QString();
        lines.push_back({Wording::clock(turn.at), {}, tokens.text, key, key.section(QLatin1Char('/'), -1), outcome, key, false});
        for (const ChangeDetail& change : turn.writes) {
            Line line = changeLine(change);
            line.left.clear();
            line.indented = true;
            lines.push_back(std::move(line));
        }
    }
}

std::vector<LoopPicture::Line> LoopPicture::content(Part part) const
{
    std::vector<Line> lines;
    if (controller() == nullptr)
        return lines;
    switch (part) {
    case Part::Watch: addArrivals(lines); break;
    case Part::Queue: addQueue(lines); break;
    case Part::Compare: addDifferences(lines); break;
    case Part::Act: addTurns(lines); break;
    }
    return lines;
}

QStringList LoopPicture::lines(Part part) const
{
    QStringList out;
    for (const Line& line : content(part)) {
        QStringList words;
        for (const QString& word : {line.left, line.mark, line.text, line.right}) {
            if (!word.isEmpty())
                words += word;
        }
        out += words.join(QLatin1Char(' '));
    }
    return out;
}

QStringList LoopPicture::keys() const
{
    QStringList keys;
    for (const Part part : {Part::Queue, Part::Act}) {
        for (const Line& line : content(part)) {
            if (!line.key.isEmpty() && !keys.contains(line.key))
                keys += line.key;
        }
    }
    return keys;
}

// ---- picture -------------------------------------------------------------------------------------------

double LoopPicture::headHeight() const
{
    return m_look.scaled(34);
}

double LoopPicture::pitch() const
{
    return m_look.scaled(kLinePitch);
}

QRectF LoopPicture::card(Part part) const
{
    if (stacked()) {
        const double h = (height() - 3 * kArrowGap - 2) / 4;
        return {1, 1 + static_cast<double>(place(part)) * (h + kArrowGap), static_cast<double>(width()) - 2, h};
    }
    const double w = (width() - kArrowGap - 2) / 2;
    const double h = (height() - kArrowGap - 2) / 2;
    const double right = 1 + w + kArrowGap;
    const double lower = 1 + h + kArrowGap;
    switch (part) { // clockwise
    case Part::Watch: return {1, 1, w, h};
    case Part::Queue: return {right, 1, w, h};
    case Part::Compare: return {right, lower, w, h};
    case Part::Act: return {1, lower, w, h};
    }
    return {};
}

void LoopPicture::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!paintArrows(painter))
        m_motion.stop();
    for (const Part part : kParts)
        paintCard(painter, part);
    if (hasFocus()) {
        painter.setPen(QPen(mixed(m_look.tokens().panel, m_look.tokens().accent, 0.55), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    }
}

QLineF LoopPicture::arrow(Part part) const
{
    const QRectF from = card(part);
    const QRectF to = card(kParts[(place(part) + 1) % kParts.size()]);
    if (stacked()) // the way back to the top has no room
        return part == Part::Act ? QLineF() : QLineF(from.center().x(), from.bottom() + 4, to.center().x(), to.top() - 4);
    switch (part) {
    case Part::Watch: return {from.right() + 5, from.center().y(), to.left() - 5, to.center().y()};
    case Part::Queue: return {from.center().x(), from.bottom() + 5, to.center().x(), to.top() - 5};
    case Part::Compare: return {from.left() - 5, from.center().y(), to.right() + 5, to.center().y()};
    case Part::Act: return {from.center().x(), from.top() - 5, to.center().x(), to.bottom() + 5};
    }
    return {};
}

bool LoopPicture::paintArrows(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    bool moving = false;
    for (const Part part : kParts) {
        const QLineF way = arrow(part);
        if (way.isNull())
            continue;
        const QPointF a = way.p1();
        const QPointF b = way.p2();
        const QColor ink = mixed(tokens.line, tokens.muted, 0.5);
        painter.setPen(QPen(ink, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        painter.drawLine(a, b);
        const double angle = std::atan2(b.y() - a.y(), b.x() - a.x());
        const auto barb = [&](double turn) { return b - QPointF(std::cos(angle + turn), std::sin(angle + turn)) * 6; };
        painter.drawPolyline(QPolygonF({barb(0.5), b, barb(-0.5)}));
        const QElapsedTimer& drop = m_drops[place(part)];
        if (!drop.isValid() || drop.elapsed() > kDropMilliseconds)
            continue;
        moving = true;
        const double along = static_cast<double>(drop.elapsed()) / kDropMilliseconds;
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens.accent);
        painter.drawEllipse(a + (b - a) * along, 4, 4);
    }
    return moving;
}

void LoopPicture::paintCard(QPainter& painter, Part part) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF box = card(part);
    painter.setPen(tokens.line);
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    const QRectF head = QRectF(box.left() + kCardInset, box.top(), box.width() - 2 * kCardInset, headHeight());
    painter.setFont(m_look.font(FontRole::Section));
    painter.setPen(tokens.text);
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft, title(part));
    const double used = QFontMetricsF(painter.font()).horizontalAdvance(title(part)) + 12;
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignRight,
                     QFontMetricsF(painter.font()).elidedText(caption(part), Qt::ElideRight, head.width() - used));
    const std::vector<Line> all = content(part);
    const QRectF body(head.left(), head.bottom(), head.width(), box.bottom() - head.bottom() - 8);
    if (all.empty()) {
        painter.setFont(m_look.font(FontRole::Secondary));
        painter.drawText(body, Qt::TextWordWrap | Qt::AlignTop | Qt::AlignLeft, nothing(part));
        return;
    }
    const auto fit = static_cast<std::size_t>(std::max(1.0, std::floor(body.height() / pitch())));
    const std::size_t shown = all.size() <= fit ? all.size() : fit - 1;
    for (std::size_t i = 0; i < shown; ++i)
        paintLine(painter, QRectF(body.left(), body.top() + static_cast<double>(i) * pitch(), body.width(), pitch()), all[i]);
    if (shown < all.size()) {
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        painter.drawText(QRectF(body.left(), body.top() + static_cast<double>(shown) * pitch(), body.width(), pitch()),
                         Qt::AlignVCenter | Qt::AlignLeft, tr("and %n more", nullptr, static_cast<int>(all.size() - shown)));
    }
}

void LoopPicture::paintLine(QPainter& painter, const QRectF& box, const Line& line) const
{
    const Tokens& tokens = m_look.tokens();
    const bool chosen = controller() != nullptr && !line.key.isEmpty() && line.key.toStdString() == controller()->key;
    double x = box.left() + (line.indented ? m_look.scaled(12) : 0);
    const auto put = [&](FontRole role, const QColor& color, const QString& text, double room) {
        painter.setFont(m_look.font(role));
        painter.setPen(color);
        drawTabular(painter, QRectF(x, box.top(), room, box.height()), Qt::AlignVCenter | Qt::AlignLeft, text);
    };
    if (!line.left.isEmpty()) {
        put(FontRole::Label, tokens.muted, line.left, m_look.scaled(54));
        x += m_look.scaled(54);
    }
    if (!line.mark.isEmpty()) {
        put(FontRole::Secondary, readableOn(line.color, tokens.raised, 3), line.mark, m_look.scaled(14));
        x += m_look.scaled(14);
    }
    const QFont label = m_look.font(FontRole::Label);
    const double wanted = tabularWidth(label, line.right);
    const double right = std::min(wanted, (box.right() - x) * 0.6);
    QFont font = m_look.font(FontRole::Secondary);
    if (chosen)
        font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(chosen ? tokens.accent : tokens.text);
    const double room = box.right() - x - (right > 0 ? right + 10 : 0);
    const QFontMetricsF metrics(font);
    const bool whole = line.shortText.isEmpty() || metrics.horizontalAdvance(line.text) <= room;
    painter.drawText(QRectF(x, box.top(), room, box.height()), Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(whole ? line.text : line.shortText, Qt::ElideMiddle, room));
    painter.setFont(label);
    painter.setPen(tokens.muted);
    const QString shown = wanted > right ? QFontMetricsF(label).elidedText(line.right, Qt::ElideRight, right) : line.right;
    drawTabular(painter, QRectF(box.right() - right, box.top(), right, box.height()), Qt::AlignVCenter | Qt::AlignRight, shown);
}

const LoopPicture::Line* LoopPicture::lineAt(const QPointF& point, std::vector<Line>& keep) const
{
    for (const Part part : kParts) {
        const QRectF box = card(part);
        if (!box.contains(point))
            continue;
        const double below = point.y() - box.top() - headHeight();
        keep = content(part);
        const auto fit = static_cast<std::size_t>(std::max(1.0, std::floor((box.height() - headHeight() - 8) / pitch())));
        const std::size_t shown = keep.size() <= fit ? keep.size() : fit - 1;
        if (below < 0 || below / pitch() >= static_cast<double>(shown))
            return nullptr;
        return &keep[static_cast<std::size_t>(below / pitch())];
    }
    return nullptr;
}

void LoopPicture::mousePressEvent(QMouseEvent* event)
{
    std::vector<Line> keep;
    const Line* line = lineAt(event->position(), keep);
    if (line != nullptr && !line->key.isEmpty())
        emit keyChosen(line->key);
}

void LoopPicture::mouseMoveEvent(QMouseEvent* event)
{
    std::vector<Line> keep;
    const Line* line = lineAt(event->position(), keep);
    setCursor(line != nullptr && !line->key.isEmpty() ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

bool LoopPicture::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        std::vector<Line> keep;
        const Line* line = lineAt(help->pos(), keep);
        if (line == nullptr)
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), line->text + (line->right.isEmpty() ? QString() : QStringLiteral(" · ") + line->right), this);
        return true;
    }
    return QWidget::event(event);
}

void LoopPicture::keyPressEvent(QKeyEvent* event)
{
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    const QStringList all = keys();
    if (step == 0 || all.isEmpty() || controller() == nullptr)
        return QWidget::keyPressEvent(event);
    const qsizetype current = all.indexOf(QString::fromStdString(controller()->key));
    emit keyChosen(all[current < 0 ? 0 : std::clamp<qsizetype>(current + step, 0, all.size() - 1)]);
}

void LoopPicture::retranslate()
{
    setAccessibleName(tr("The controller's loop"));
    fitHeight();
    updateGeometry();
    update();
}

} // namespace app::desktop
