#include "app/desktop/storage/placement_picture.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

// How PlacementPicture is drawn.
namespace app::desktop {

using core::session::StorageDaemon;
using core::session::StorageGroup;
using core::session::StorageOsd;

namespace {

constexpr double kLeastGlyphCell = 7;
constexpr double kDimmed = 0.22;

} // namespace

void PlacementPicture::paintEvent(QPaintEvent*)
{
    if (!m_detail || m_cards.empty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int shown = lit();
    const Spot* spot = shown < 0 ? nullptr : &m_spotOf[static_cast<std::size_t>(shown)];
    const StorageGroup* group = spot != nullptr && spot->kind == Kind::Group ? &m_detail->groups[static_cast<std::size_t>(spot->index)] : nullptr;
    for (std::size_t i = 0; i < m_cards.size(); ++i)
        paintHost(painter, static_cast<int>(i));
    if (group != nullptr)
        paintWays(painter, spot->index);
    const Tokens& tokens = m_look.tokens();
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    for (const auto& [box, pool] : m_poolNames)
        painter.drawText(box, Qt::AlignVCenter | Qt::AlignLeft,
                         QFontMetricsF(painter.font()).elidedText(QString::fromStdString(m_detail->pools[static_cast<std::size_t>(pool)].name), Qt::ElideRight, box.width()));
    for (int i = 0; i < spots(); ++i) {
        const Spot& one = m_spotOf[static_cast<std::size_t>(i)];
        const QRectF box = spotBox(i);
        switch (one.kind) {
        case Kind::Host: break;
        case Kind::Daemon: paintChip(painter, one.index, box); break;
        case Kind::Osd: paintTile(painter, m_detail->osds[static_cast<std::size_t>(one.index)], box, group); break;
        case Kind::Progress: paintProgress(painter, box); break;
        case Kind::State: paintState(painter, one.index, box); break;
        case Kind::Group: {
            const StorageGroup& cell = m_detail->groups[static_cast<std::size_t>(one.index)];
            painter.setOpacity(spot == nullptr || touches(cell, *spot) ? 1 : kDimmed);
            paintCell(painter, StorageLook::kindOf(cell.states), box);
            painter.setOpacity(1);
            if (spot != nullptr && spot->kind == Kind::Osd && !cell.acting.empty() && cell.acting.front() == m_detail->osds[static_cast<std::size_t>(spot->index)].id) {
                painter.setBrush(Qt::NoBrush);
                painter.setPen(QPen(tokens.text, 1.2));
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
            }
            break;
        }
        }
    }
    if (chosen() >= 0 && !hasFocus()) { // what is chosen stays marked while one reads elsewhere
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens.accent, 1.2));
        painter.drawRoundedRect(spotBox(chosen()).adjusted(-1, -1, 1, 1), 4, 4);
    }
    if (chosen() < 0 && hasFocus())
        drawFocus(painter, rect(), 4, tokens);
    paintCursor(painter);
}

void PlacementPicture::paintHost(QPainter& painter, int host) const
{
    const Tokens& tokens = m_look.tokens();
    int up = 0, all = 0;
    bool ill = false;
    for (const StorageOsd& osd : m_detail->osds)
        if (osd.host == host) {
            ++all;
            up += osd.up ? 1 : 0;
            ill |= osd.health != sim::Health::Ok;
        }
    const QRectF& card = m_cards[static_cast<std::size_t>(host)];
    painter.setPen(QPen(tokens.line, 1));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    const sim::Health health = all > 0 && up == 0 ? sim::Health::Critical : ill ? sim::Health::Warn : sim::Health::Ok;
    const QRectF& head = m_heads[static_cast<std::size_t>(host)];
    const double side = m_look.scaled(9);
    drawHealth(painter, QRectF(head.left(), head.center().y() - side / 2, side, side), health, tokens);
    painter.setFont(m_look.font(FontRole::Section));
    painter.setPen(tokens.text);
    const QRectF room = head.adjusted(side + 6, 0, 0, 0);
    painter.drawText(room, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(painter.font()).elidedText(QString::fromStdString(m_detail->hosts[static_cast<std::size_t>(host)]), Qt::ElideRight, room.width()));
}

void PlacementPicture::paintChip(QPainter& painter, int daemon, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const StorageDaemon& one = m_detail->daemons[static_cast<std::size_t>(daemon)];
    const bool gone = one.state == StorageDaemon::State::Gone;
    const bool ill = one.health != sim::Health::Ok;
    const bool works = one.state == StorageDaemon::State::Leader || one.state == StorageDaemon::State::Active;
    const QColor mark = healthColor(tokens, one.health);
    QPen edge(ill ? mark : mixed(tokens.raised, tokens.muted, 0.45), ill ? 1.4 : 1);
    if (gone)
        edge.setStyle(Qt::DashLine);
    painter.setPen(edge);
    painter.setBrush(works ? mixed(tokens.raised, tokens.accent, 0.16) : tokens.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(ill ? readableOn(mark, tokens.raised) : tokens.text);
    painter.drawText(box, Qt::AlignCenter, chipText(daemon));
    if (!gone)
        return;
    painter.drawLine(QPointF(box.left() + 4, box.center().y()), QPointF(box.right() - 4, box.center().y()));
}

/// How full the drive is, against the three lines.
void PlacementPicture::paintGauge(QPainter& painter, const StorageOsd& osd, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    QPainterPath shape;
    shape.addRoundedRect(box, box.height() / 2, box.height() / 2);
    painter.fillPath(shape, trackColor(tokens));
    const QColor level = osd.space == StorageOsd::Space::Full ? tokens.critical
        : osd.space != StorageOsd::Space::Fine                 ? tokens.warn
                                                               : mixed(tokens.panel, tokens.accent, 0.75);
    painter.save();
    painter.setClipPath(shape);
    painter.fillRect(QRectF(box.left(), box.top(), box.width() * std::clamp(osd.usedShare(), 0.0, 1.0), box.height()), level);
    painter.restore();
    for (const auto& [ratio, color] : {std::pair(m_detail->nearFull, tokens.warn), std::pair(m_detail->backfillFull, tokens.warn), std::pair(m_detail->full, tokens.critical)}) {
        const double x = std::round(box.left() + box.width() * ratio) + 0.5;
        painter.setPen(QPen(color, 1));
        painter.drawLine(QPointF(x, box.top() - 1), QPointF(x, box.bottom() + 1));
    }
}

void PlacementPicture::paintTile(QPainter& painter, const StorageOsd& osd, const QRectF& box, const StorageGroup* group) const
{
    const Tokens& tokens = m_look.tokens();
    const bool ill = osd.health == sim::Health::Warn || osd.health == sim::Health::Critical;
    const int place = group == nullptr ? 0 : placeIn(group->acting, osd.id);
    const bool coming = group != nullptr && place == 0 && placeIn(group->up, osd.id) > 0;
    const bool meant = place > 0 || coming;
    QPen edge(meant ? tokens.accent : ill ? healthColor(tokens, osd.health) : tokens.line, meant ? 2 : ill ? 1.6 : 1);
    if (coming || !osd.up || !osd.in)
        edge.setStyle(Qt::DashLine);
    painter.setPen(edge);
    painter.setBrush(place > 0 ? mixed(tokens.panel, tokens.accent, 0.16) : tokens.panel);
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5);
    painter.setOpacity(group == nullptr || meant ? 1 : 0.45);
    const QRectF inside = box.adjusted(7, kTileInset, -6, -kTileInset);
    const double gauge = m_look.scaled(kGaugeHeight);
    const double high = m_look.scaled(kTileLine);
    const int lines = m_twoLines ? 2 : 1;
    const double spare = std::max(1.0, (inside.height() - lines * high - gauge) / lines);
    const QRectF first(inside.left(), inside.top(), inside.width(), high);
    paintGauge(painter, osd, QRectF(inside.left(), first.bottom() + (m_twoLines ? spare * 0.6 : spare), inside.width(), gauge));
    paintTileHead(painter, osd, first, place, coming);
    if (m_twoLines) {
        const QRectF last(inside.left(), inside.bottom() - high, inside.width(), high);
        const auto [strain, ink] = strainOf(osd);
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        painter.drawText(last, Qt::AlignVCenter | Qt::AlignLeft, tr("%1 PGs").arg(osd.groups));
        painter.setPen(ink);
        painter.drawText(last, Qt::AlignVCenter | Qt::AlignRight, strain);
    }
    painter.setOpacity(1);
}

/// Its name with the mark of its health, or with its place in the group that is shown; then how full it is and what a commit takes.
/// Without a second line it also says what is out of order.
void PlacementPicture::paintTileHead(QPainter& painter, const StorageOsd& osd, const QRectF& line, int place, bool coming) const
{
    const Tokens& tokens = m_look.tokens();
    QFont bold = m_look.font(FontRole::Label);
    bold.setWeight(QFont::DemiBold);
    const QFont plain = m_look.font(FontRole::Label);
    double left = line.left();
    if (place > 0 || coming) {
        const double wide = m_look.scaled(14);
        const QRectF disc(left - 2, line.center().y() - wide / 2, wide, wide);
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens.accent);
        painter.drawEllipse(disc);
        painter.setFont(bold);
        painter.setPen(tokens.onAccent);
        painter.drawText(disc, Qt::AlignCenter, coming ? QStringLiteral("+") : QString::number(place));
        left = disc.right() + 4;
    } else {
        const double side = m_look.scaled(7);
        drawHealth(painter, QRectF(left, line.center().y() - side / 2, side, side), osd.health, tokens);
        left += side + 5;
    }
    double right = line.right();
    painter.setFont(plain);
    if (osd.commitSeconds) {
        const QString latency = StorageLook::milliseconds(*osd.commitSeconds);
        const QColor fill = GpuLook::fill(tokens, StorageLook::latencyShare(*osd.commitSeconds));
        const double wide = tabularWidth(plain, latency) + 8;
        const QRectF chip(right - wide, line.top(), wide, line.height() - 2);
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(chip, 3, 3);
        painter.setPen(GpuLook::inkOn(fill));
        drawTabular(painter, chip, Qt::AlignCenter, latency);
        right = chip.left() - 5;
    } else {
        painter.setPen(readableOn(osd.in ? tokens.critical : tokens.muted, tokens.panel));
        painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight, QStringLiteral("down"));
        right -= QFontMetricsF(plain).horizontalAdvance(QStringLiteral("down")) + 6;
    }
    const QString use = osd.bytes > 0 ? QStringLiteral("%1 %").arg(std::lround(100 * osd.usedShare())) : QString();
    const auto [strain, ink] = strainOf(osd);
    QStringList words{use}; // the first that fits
    const bool strained = !m_twoLines && !strain.isEmpty();
    if (strained)
        words = QStringList{use + QLatin1Char(' ') + strain, strain};
    else if (!use.isEmpty() && line.width() >= m_look.scaled(kSizedTile))
        words.prepend(tr("%1 of %2").arg(use, Wording::bytes(static_cast<double>(osd.bytes))));
    const QString name = m_shortNames ? QString::number(osd.id) : QStringLiteral("osd.%1").arg(osd.id);
    const auto room = [&] { return right - left - QFontMetricsF(bold).horizontalAdvance(name) - 6; };
    while (words.size() > 1 && tabularWidth(plain, words.front()) > room())
        words.removeFirst();
    painter.setFont(bold);
    painter.setPen(tokens.text);
    painter.drawText(QRectF(left, line.top(), right - left, line.height()), Qt::AlignVCenter | Qt::AlignLeft, name);
    painter.setFont(plain);
    painter.setPen(strained ? ink : tokens.text);
    drawTabular(painter, QRectF(right - room(), line.top(), room(), line.height()), Qt::AlignVCenter | Qt::AlignRight,
                QFontMetricsF(plain).elidedText(words.front(), Qt::ElideRight, room() + 2));
}

/// Copies of objects: in place, misplaced, missing.
void PlacementPicture::paintProgress(QPainter& painter, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const auto copies = static_cast<double>(std::max<std::int64_t>(1, m_detail->copies));
    const QFont font = m_look.font(FontRole::Label);
    QStringList words;
    if (m_detail->degraded > 0)
        words += tr("%1 degraded").arg(Wording::percent(static_cast<double>(m_detail->degraded) / copies));
    if (m_detail->misplaced > 0)
        words += tr("%1 misplaced").arg(Wording::percent(static_cast<double>(m_detail->misplaced) / copies));
    const QString pace = StorageLook::recovery(*m_detail);
    words += pace.isEmpty() ? tr("nothing is being copied") : pace;
    const QString text = words.join(QStringLiteral(" · "));
    const double wide = std::min(tabularWidth(font, text), box.width() * 0.7);
    const double high = m_look.scaled(8);
    const QRectF bar(box.left(), box.center().y() - high / 2, box.width() - wide - 10, high);
    QPainterPath shape;
    shape.addRoundedRect(bar, high / 2, high / 2);
    painter.save();
    painter.setClipPath(shape);
    painter.fillRect(bar, StorageLook::color(tokens, StorageLook::Kind::Clean));
    const double missing = bar.width() * static_cast<double>(m_detail->degraded) / copies;
    const double moved = bar.width() * static_cast<double>(m_detail->misplaced) / copies;
    painter.fillRect(QRectF(bar.right() - missing, bar.top(), missing, bar.height()), tokens.warn);
    painter.fillRect(QRectF(bar.right() - missing - moved, bar.top(), moved, bar.height()), tokens.accent);
    painter.restore();
    painter.setFont(font);
    painter.setPen(tokens.text);
    drawTabular(painter, QRectF(box.right() - wide, box.top(), wide, box.height()), Qt::AlignVCenter | Qt::AlignRight, text);
}

void PlacementPicture::paintState(QPainter& painter, int state, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const double side = m_look.scaled(11);
    paintCell(painter, StorageLook::kindOf(m_detail->states[static_cast<std::size_t>(state)].states), QRectF(box.left() + 2, box.center().y() - side / 2, side, side));
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.text);
    const QRectF room = box.adjusted(side + 7, 0, 0, 0);
    painter.drawText(room, Qt::AlignVCenter | Qt::AlignLeft, QFontMetricsF(painter.font()).elidedText(stateText(state), Qt::ElideMiddle, room.width() + 2));
}

/// Colour and shape of a state.
void PlacementPicture::paintCell(QPainter& painter, StorageLook::Kind kind, const QRectF& box) const
{
    using State = StorageLook::Kind;
    const Tokens& tokens = m_look.tokens();
    const QColor fill = StorageLook::color(tokens, kind);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawRoundedRect(box, 2, 2);
    const double side = std::min(box.width(), box.height());
    if (side < kLeastGlyphCell || kind == State::Clean)
        return;
    const QColor ink = GpuLook::inkOn(fill);
    const QPointF c = box.center();
    const double r = side * 0.26;
    painter.setBrush(ink);
    switch (kind) {
    case State::Damaged:
        painter.setPen(QPen(ink, std::max(1.2, side * 0.12)));
        painter.drawLine(c - QPointF(r, r), c + QPointF(r, r));
        painter.drawLine(c - QPointF(r, -r), c + QPointF(r, -r));
        break;
    case State::Inactive: painter.drawRect(QRectF(c.x() - r, c.y() - r, 2 * r, 2 * r)); break;
    case State::Peering:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(ink, std::max(1.0, side * 0.09)));
        painter.drawPolygon(QPolygonF({c - QPointF(0, r), c + QPointF(r, 0), c + QPointF(0, r), c - QPointF(r, 0)}));
        break;
    case State::Obstructed: painter.drawRect(QRectF(c.x() - r, c.y() - r * 0.35, 2 * r, r * 0.7)); break;
    case State::Degraded: painter.drawPolygon(QPolygonF({c - QPointF(0, r), c + QPointF(r, r * 0.85), c + QPointF(-r, r * 0.85)})); break;
    case State::Moving: painter.drawPolygon(QPolygonF({c + QPointF(-r * 0.7, -r), c + QPointF(r, 0), c + QPointF(-r * 0.7, r)})); break;
    case State::Misplaced:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(ink, std::max(1.0, side * 0.09)));
        painter.drawPolygon(QPolygonF({c + QPointF(-r * 0.7, -r), c + QPointF(r, 0), c + QPointF(-r * 0.7, r)}));
        break;
    case State::Scrubbing: painter.drawEllipse(c, r * 0.6, r * 0.6); break;
    case State::Clean: break;
    }
}

/// From the group that is shown to the machines of its OSDs; dashed to those that are to get a copy.
void PlacementPicture::paintWays(QPainter& painter, int group) const
{
    const Tokens& tokens = m_look.tokens();
    const StorageGroup& one = m_detail->groups[static_cast<std::size_t>(group)];
    const QRectF& cell = m_cells[static_cast<std::size_t>(group)];
    painter.setBrush(Qt::NoBrush);
    for (int spot = 0; spot < spots(); ++spot) {
        if (m_spotOf[static_cast<std::size_t>(spot)].kind != Kind::Osd)
            continue;
        const StorageOsd& osd = m_detail->osds[static_cast<std::size_t>(m_spotOf[static_cast<std::size_t>(spot)].index)];
        const bool acts = placeIn(one.acting, osd.id) > 0;
        if (!acts && placeIn(one.up, osd.id) == 0)
            continue;
        const QPointF from(cell.center().x(), cell.top());
        const QRectF& card = m_cards[static_cast<std::size_t>(osd.host)];
        const QPointF to(card.center().x(), card.bottom());
        const double bend = (from.y() - to.y()) * 0.5;
        QPainterPath way(from);
        way.cubicTo(from - QPointF(0, bend), to + QPointF(0, bend), to);
        painter.setPen(QPen(mixed(tokens.panel, tokens.accent, 0.75), 1.4, acts ? Qt::SolidLine : Qt::DashLine));
        painter.drawPath(way);
    }
}

} // namespace app::desktop
