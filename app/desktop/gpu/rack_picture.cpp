#include "app/desktop/gpu/rack_picture.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::GpuFigures;
using core::session::RackMachine;
using core::session::Silence;

namespace {

constexpr int kTilesAcross = 4;
constexpr double kCardGap = 8;
constexpr double kCardInset = 8;
constexpr double kTileGap = 3;
constexpr int kLineHeight = 15;
constexpr int kHeadLine = 19;
constexpr int kChipHeight = 22;
// A tile with all its figures; it does not grow beyond the second.
constexpr int kFullTileWidth = 58;
constexpr int kLargestTileWidth = 118;
constexpr int kLargestTileHeight = 84;
constexpr int kFigureWidth = 26;
constexpr int kLeastCell = 7;
constexpr int kMostTileLines = 3;
constexpr double kZoomStep = 1.35;
constexpr double kWideCell = 1.8; ///< width of a cell to its height, at most
constexpr int kMostZoom = 7;
/// More cooling units than these are told together, but for those that stand still.
constexpr std::size_t kMostUnits = 6;

} // namespace

RackPicture::RackPicture(Look& look, QWidget* parent) : SpotPicture(look, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    retranslate();
}

void RackPicture::setDetail(std::shared_ptr<const core::session::RacksDetail> detail)
{
    m_detail = std::move(detail);
    arrange();
}

void RackPicture::setQuantity(Quantity quantity)
{
    m_quantity = quantity;
    update();
}

void RackPicture::setRoom(const QSize& room)
{
    if (room == m_room)
        return;
    m_room = room;
    arrange();
}

void RackPicture::zoomBy(int steps)
{
    m_zoom = std::clamp(m_zoom + steps, 0, kMostZoom);
    arrange();
}

void RackPicture::fit()
{
    m_zoom = 0;
    arrange();
}

void RackPicture::resizeEvent(QResizeEvent* event)
{
    SpotPicture::resizeEvent(event);
    arrange();
}

QString RackPicture::unitText(const core::session::CoolingUnitDetail& unit) const
{
    const QString name = QString::fromStdString(unit.name);
    if (unit.running)
        return tr("%1 runs, up to %2").arg(name, GpuLook::kilowatts(unit.capacityW));
    return tr("%1 stopped").arg(name);
}

QString RackPicture::unitsText(const core::session::RackRow& row) const
{
    double watts = 0;
    int running = 0;
    for (const core::session::CoolingUnitDetail& unit : row.units) {
        running += unit.running ? 1 : 0;
        watts += unit.running ? unit.capacityW : 0;
    }
    return tr("%1 of %n cooling unit(s) run, up to %2", nullptr, static_cast<int>(row.units.size())).arg(running).arg(GpuLook::kilowatts(watts));
}

/// The band of a row: its air in words, then its cooling units. Returns its lower end.
double RackPicture::arrangeRow(int row, double top)
{
    const core::session::RackRow& one = m_detail->rows[static_cast<std::size_t>(row)];
    const QFontMetricsF metrics(m_look.font(FontRole::Label));
    const double chipHeight = m_look.scaled(kChipHeight);
    double x = kCardInset, y = top + m_look.scaled(kHeadLine) + 8;
    std::vector<Chip> chips;
    const bool together = one.units.size() > kMostUnits;
    if (together)
        chips.push_back({row, -1, {}, unitsText(one)});
    for (std::size_t unit = 0; unit < one.units.size(); ++unit)
        if (!together || !one.units[unit].running)
            chips.push_back({row, static_cast<int>(unit), {}, unitText(one.units[unit])});
    for (Chip& chip : chips) {
        const double most = std::max(40.0, width() - 2 * kCardInset);
        const double w = std::min(most, metrics.horizontalAdvance(chip.words) + m_look.scaled(9) + 20);
        if (x + w > width() - kCardInset && x > kCardInset) {
            x = kCardInset;
            y += chipHeight + 4;
        }
        chip.box = {x, y, w, chipHeight};
        x += w + 6;
        m_chips.push_back(std::move(chip));
    }
    const double bottom = y + (one.units.empty() ? 0 : chipHeight) + 6;
    m_rowBoxes.push_back({0, top, static_cast<double>(width()), bottom - top});
    return bottom;
}

double RackPicture::headHeight(double cardWidth) const
{
    const double line = m_look.scaled(kHeadLine);
    return (cardWidth >= m_look.scaled(210) ? 2 : 1) * line;
}

void RackPicture::layTiles(Card& card, double tileWidth, double tileHeight, double head) const
{
    const double left = m_sideHead ? card.box.right() - 4 - kTilesAcross * tileWidth - (kTilesAcross - 1) * 1 : card.box.left() + kCardInset;
    const double gap = m_sideHead ? 1 : kTileGap;
    const double top = m_sideHead ? card.box.top() + 3 : card.box.top() + 6 + head;
    for (std::size_t i = 0; i < card.tiles.size(); ++i)
        card.tiles[i] = {left + static_cast<double>(i % kTilesAcross) * (tileWidth + gap), top + static_cast<double>(i / kTilesAcross) * (tileHeight + gap),
                         tileWidth, tileHeight};
    card.head = m_sideHead ? QRectF(card.box.left() + 3, card.box.top(), left - card.box.left() - 5, card.box.height())
                           : QRectF(card.box.left() + kCardInset, card.box.top() + 4, card.box.width() - 2 * kCardInset, head);
}

/// Machines of one row in as many columns as make the largest tiles. Returns the lower end.
double RackPicture::arrangeMachines(const std::vector<int>& machines, double top, double room)
{
    const int count = static_cast<int>(machines.size());
    if (count == 0)
        return top;
    const double w = width();
    std::size_t modules = 1;
    for (const int machine : machines)
        modules = std::max(modules, m_detail->machines[static_cast<std::size_t>(machine)].gpus.size());
    const int across = kTilesAcross;
    const int deep = static_cast<int>((modules + kTilesAcross - 1) / kTilesAcross);
    const auto cardWidth = [&](int columns) { return (w - (columns - 1) * kCardGap) / columns; };
    const auto tileWidth = [&](int columns) { return (cardWidth(columns) - 2 * kCardInset - (across - 1) * kTileGap) / across; };
    const double fullHeight = kMostTileLines * m_look.scaled(kLineHeight) + 8;
    const double mostHeight = std::max<double>(fullHeight, m_look.scaled(kLargestTileHeight));
    int best = 1;
    double bestSize = -1, bestHeight = 0;
    for (int columns = 1; columns <= count; ++columns) {
        const double tile = tileWidth(columns);
        if (tile < kLeastCell)
            break;
        const int rows = (count + columns - 1) / columns;
        const double card = (room - (rows - 1) * kCardGap) / rows;
        const double height = std::min(mostHeight, (card - headHeight(cardWidth(columns)) - 14 - (deep - 1) * kTileGap) / deep);
        const double size = std::min({tile / m_look.scaled(kFullTileWidth), height / fullHeight, 1.0});
        const bool tooWide = tileWidth(best) > m_look.scaled(kLargestTileWidth); // among equals, no wider than they need be
        if (size > bestSize + 1e-3 || (size > bestSize - 1e-3 && tooWide)) {
            best = columns;
            bestSize = size;
            bestHeight = height;
        }
    }
    // Too many for a head over each: names stand before the cells.
    const double nameWidth = QFontMetricsF(m_look.font(FontRole::Label)).horizontalAdvance(QStringLiteral("gpu-888")) + m_look.scaled(9) + 8;
    m_sideHead = m_zoom == 0 && bestHeight < m_look.scaled(kLineHeight);
    double tile = std::min<double>(tileWidth(best), m_look.scaled(kLargestTileWidth));
    double height = bestHeight;
    if (m_sideHead) {
        const auto cellWidth = [&](int columns) { return ((w - (columns - 1) * 4.0) / columns - nameWidth - 10) / across; };
        const auto cellHeight = [&](int columns) {
            const int rows = (count + columns - 1) / columns;
            return std::clamp((room - (rows - 1) * 3.0) / rows / deep - 4, static_cast<double>(kLeastCell), static_cast<double>(m_look.scaled(kLineHeight)));
        };
        // The largest cells with which all of them fit; where they never do, as many beside each other as there can be.
        const auto fits = [&](int columns) {
            const int rows = (count + columns - 1) / columns;
            return rows * (deep * (kLeastCell + 1) + 5 + 3.0) <= room;
        };
        best = 1;
        for (int columns = 2; columns <= count && cellWidth(columns) >= kLeastCell; ++columns)
            if (!fits(best) || std::min(cellWidth(columns), kWideCell * cellHeight(columns)) >= std::min(cellWidth(best), kWideCell * cellHeight(best)))
                best = columns;
        height = cellHeight(best);
        tile = std::clamp(cellWidth(best), static_cast<double>(kLeastCell), kWideCell * height);
    } else if (m_zoom > 0) {
        const double factor = std::pow(kZoomStep, m_zoom);
        const double wanted = std::max<double>(tile, kFigureWidth / 2.0) * factor;
        while (best > 1 && tileWidth(best) < wanted)
            --best;
        tile = std::min<double>(tileWidth(best), m_look.scaled(kLargestTileWidth));
        height = std::clamp(tile * 0.85, static_cast<double>(kLeastCell), fullHeight);
    } else if (height < kLeastCell) {
        height = kLeastCell;
    }
    const double line = m_look.scaled(kLineHeight);
    const bool figure = tile >= m_look.scaled(kFigureWidth) && height >= line - 1;
    m_tileLines = !figure ? 0 : tile >= m_look.scaled(kFullTileWidth) ? std::clamp(static_cast<int>((height - 3) / line), 1, kMostTileLines) : 1;
    const double boxWidth = m_sideHead ? (w - (best - 1) * 4.0) / best : cardWidth(best);
    const double head = headHeight(boxWidth);
    m_headLines = !m_sideHead && head > m_look.scaled(kHeadLine) ? 2 : 1;
    const double boxHeight = m_sideHead ? deep * height + (deep - 1) + 6 : head + 14 + deep * height + (deep - 1) * kTileGap;
    const double gapX = m_sideHead ? 4 : kCardGap, gapY = m_sideHead ? 3 : kCardGap;
    double bottom = top;
    for (int i = 0; i < count; ++i) {
        Card& card = m_cards[static_cast<std::size_t>(machines[static_cast<std::size_t>(i)])];
        card.box = {(i % best) * (boxWidth + gapX), top + (i / best) * (boxHeight + gapY), boxWidth, boxHeight};
        card.tiles.resize(m_detail->machines[static_cast<std::size_t>(machines[static_cast<std::size_t>(i)])].gpus.size());
        // Tiles that have reached their largest size leave room: they are spread over the card.
        const double spread = m_sideHead ? tile : (boxWidth - 2 * kCardInset - (across - 1) * kTileGap) / across;
        layTiles(card, spread, height, head);
        bottom = card.box.bottom();
    }
    return bottom;
}

void RackPicture::arrange()
{
    m_rowBoxes.clear();
    m_chips.clear();
    m_cards.clear();
    m_spotOf.clear();
    std::vector<QRectF> boxes;
    double y = 0;
    if (m_detail && width() > 0) {
        m_cards.resize(m_detail->machines.size());
        const int rows = static_cast<int>(m_detail->rows.size());
        for (int row = 0; row < rows; ++row) {
            std::vector<int> machines;
            for (std::size_t i = 0; i < m_detail->machines.size(); ++i)
                if (m_detail->machines[i].row == row)
                    machines.push_back(static_cast<int>(i));
            y = arrangeRow(row, y) + kCardGap;
            const double share = static_cast<double>(machines.size()) / static_cast<double>(std::max<std::size_t>(1, m_detail->machines.size()));
            y = arrangeMachines(machines, y, std::max(40.0, rows == 1 ? m_room.height() - y - 3 : m_room.height() * share - 60)) + kCardGap;
        }
    }
    for (const Chip& chip : m_chips) {
        m_spotOf.push_back({chip.row, chip.unit, -1, -1});
        boxes.push_back(chip.box);
    }
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        m_spotOf.push_back({-1, -1, static_cast<int>(i), -1});
        boxes.push_back(m_cards[i].head);
        for (std::size_t slot = 0; slot < m_cards[i].tiles.size(); ++slot) {
            m_spotOf.push_back({-1, -1, static_cast<int>(i), static_cast<int>(slot)});
            boxes.push_back(m_cards[i].tiles[slot]);
        }
    }
    setSpots(std::move(boxes));
    const int wanted = static_cast<int>(std::ceil(std::max(0.0, y - kCardGap))) + 2;
    if (wanted != m_height) {
        m_height = wanted;
        setFixedHeight(wanted);
    }
    update();
}

QString RackPicture::sentence(int spot) const
{
    const Spot& one = m_spotOf[static_cast<std::size_t>(spot)];
    if (one.row >= 0) {
        const core::session::RackRow& row = m_detail->rows[static_cast<std::size_t>(one.row)];
        return one.unit < 0 ? unitsText(row) : unitText(row.units[static_cast<std::size_t>(one.unit)]);
    }
    const RackMachine& machine = m_detail->machines[static_cast<std::size_t>(one.machine)];
    const QString name = QString::fromStdString(machine.name);
    if (one.slot >= 0)
        return GpuLook::sentence(name, machine.gpus[static_cast<std::size_t>(one.slot)]);
    const QString state = GpuLook::silence(machine.silence);
    return (state.isEmpty() ? name : name + QStringLiteral(" · ") + state) + QStringLiteral(" · ") + GpuLook::chassisSentence(machine.chassis);
}

QString RackPicture::machineOf(int spot) const
{
    const int machine = m_spotOf[static_cast<std::size_t>(spot)].machine;
    return machine < 0 ? QString() : QString::fromStdString(m_detail->machines[static_cast<std::size_t>(machine)].name);
}

std::vector<int> RackPicture::readable(const QRect& visible) const
{
    std::vector<int> all;
    for (std::size_t i = 0; m_tileLines > 0 && i < m_cards.size(); ++i)
        if (m_cards[i].box.intersects(visible))
            all.push_back(static_cast<int>(i));
    return all;
}

void RackPicture::paintEvent(QPaintEvent* event)
{
    if (!m_detail)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (std::size_t row = 0; row < m_rowBoxes.size(); ++row)
        if (m_rowBoxes[row].intersects(event->rect()))
            paintRow(painter, row);
    for (const Chip& chip : m_chips)
        if (chip.box.intersects(event->rect()))
            paintChip(painter, chip);
    for (std::size_t i = 0; i < m_cards.size(); ++i)
        if (m_cards[i].box.intersects(event->rect()))
            paintMachine(painter, i);
    paintCursor(painter);
}

void RackPicture::paintRow(QPainter& painter, std::size_t row) const
{
    const Tokens& tokens = m_look.tokens();
    const core::session::RackRow& one = m_detail->rows[row];
    const QRectF& box = m_rowBoxes[row];
    painter.setPen(Qt::NoPen);
    painter.setBrush(mixed(tokens.panel, tokens.info, tokens.dark ? 0.09 : 0.07));
    painter.drawRoundedRect(box, Look::kControlRadius, Look::kControlRadius);
    const QRectF line(box.left() + kCardInset, box.top() + 4, box.width() - 2 * kCardInset, m_look.scaled(kHeadLine));
    constexpr double kWarmerC = 2, kMuchWarmerC = 5;
    const double above = one.coldAisleC - one.setpointC;
    const sim::Health health = above > kMuchWarmerC ? sim::Health::Critical : above > kWarmerC ? sim::Health::Warn : sim::Health::Ok;
    const double side = m_look.scaled(9);
    drawHealth(painter, QRectF(line.left(), line.center().y() - side / 2, side, side), health, tokens);
    painter.setFont(m_look.font(FontRole::Section));
    painter.setPen(tokens.text);
    const QString words = tr("%1 · cold aisle %2 °C").arg(QString::fromStdString(one.name)).arg(one.coldAisleC, 0, 'f', 1);
    const QRectF rest = line.adjusted(side + 6, 0, 0, 0);
    painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft, QFontMetricsF(painter.font()).elidedText(words, Qt::ElideRight, rest.width()));
    const double used = QFontMetricsF(painter.font()).horizontalAdvance(words) + 12;
    painter.setFont(m_look.font(FontRole::Secondary));
    painter.setPen(tokens.muted);
    const QString more = tr("set to %1 °C · %2 of heat to carry off").arg(one.setpointC, 0, 'f', 0).arg(GpuLook::kilowatts(one.heatW));
    if (rest.width() - used > m_look.scaled(60))
        painter.drawText(rest.adjusted(used, 0, 0, 0), Qt::AlignVCenter | Qt::AlignRight,
                         QFontMetricsF(painter.font()).elidedText(more, Qt::ElideRight, rest.width() - used));
}

void RackPicture::paintChip(QPainter& painter, const Chip& chip) const
{
    const Tokens& tokens = m_look.tokens();
    const bool runs = chip.unit < 0 || m_detail->rows[static_cast<std::size_t>(chip.row)].units[static_cast<std::size_t>(chip.unit)].running;
    painter.setPen(QPen(runs ? tokens.line : tokens.critical, 1));
    painter.setBrush(tokens.panel);
    painter.drawRoundedRect(chip.box.adjusted(0.5, 0.5, -0.5, -0.5), chip.box.height() / 2, chip.box.height() / 2);
    const double side = m_look.scaled(8);
    drawHealth(painter, QRectF(chip.box.left() + 8, chip.box.center().y() - side / 2, side, side), runs ? sim::Health::Ok : sim::Health::Critical, tokens);
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(runs ? tokens.muted : readableOn(tokens.critical, tokens.panel));
    const QRectF room = chip.box.adjusted(13 + side, 0, -8, 0);
    painter.drawText(room, Qt::AlignVCenter | Qt::AlignLeft, QFontMetricsF(painter.font()).elidedText(chip.words, Qt::ElideRight, room.width() + 1));
}

void RackPicture::paintMachine(QPainter& painter, std::size_t index) const
{
    const Tokens& tokens = m_look.tokens();
    const RackMachine& machine = m_detail->machines[index];
    const Card& card = m_cards[index];
    if (!m_sideHead) {
        QPen edge(tokens.line, 1);
        if (machine.silence != Silence::None)
            edge.setStyle(Qt::DashLine);
        painter.setPen(edge);
        painter.setBrush(tokens.raised);
        painter.drawRoundedRect(card.box.adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    }
    paintHead(painter, machine, card);
    for (std::size_t slot = 0; slot < card.tiles.size(); ++slot)
        paintTile(painter, machine.gpus[slot], card.tiles[slot]);
}

void RackPicture::paintHead(QPainter& painter, const RackMachine& machine, const Card& card) const
{
    const Tokens& tokens = m_look.tokens();
    sim::Health health = machine.chassis.health;
    for (const GpuFigures& gpu : machine.gpus)
        if (gpu.health != sim::Health::Unknown && health != sim::Health::Unknown)
            health = std::max(health, gpu.health);
    if (machine.silence != Silence::None)
        health = sim::Health::Critical;
    const double side = m_look.scaled(m_sideHead ? 7 : 9);
    const QRectF line(card.head.left(), card.head.top(), card.head.width(), m_sideHead ? card.head.height() : m_look.scaled(kHeadLine));
    drawHealth(painter, QRectF(line.left(), line.center().y() - side / 2, side, side), health, tokens);
    painter.setFont(m_look.font(m_headLines > 1 ? FontRole::Section : FontRole::Label));
    painter.setPen(tokens.text);
    const QFontMetricsF metrics(painter.font());
    const QRectF rest = line.adjusted(side + 5, 0, 0, 0);
    const QString name = QString::fromStdString(machine.name);
    painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(name, Qt::ElideMiddle, rest.width()));
    if (m_sideHead)
        return;
    const double left = rest.width() - metrics.horizontalAdvance(name) - 8;
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF small(painter.font());
    const core::session::ChassisReading& chassis = machine.chassis;
    const QString state = GpuLook::silence(machine.silence);
    const QString air = chassis.exhaustC ? QStringLiteral("%1° → %2°").arg(std::lround(chassis.inletC)).arg(std::lround(*chassis.exhaustC))
                                         : QStringLiteral("%1°").arg(std::lround(chassis.inletC));
    const QString words = state.isEmpty() ? air : state;
    painter.setPen(state.isEmpty() ? tokens.muted : readableOn(tokens.critical, tokens.raised));
    if (!state.isEmpty() || small.horizontalAdvance(words) <= left)
        drawTabular(painter, rest, Qt::AlignVCenter | Qt::AlignRight, small.elidedText(words, Qt::ElideRight, std::max(0.0, left)));
    if (m_headLines < 2)
        return;
    const QRectF second(card.head.left(), card.head.top() + m_look.scaled(kHeadLine), card.head.width(), m_look.scaled(kHeadLine) - 3);
    const int still = chassis.fansStill(), out = chassis.suppliesOut();
    QString fans = still > 0 ? tr("%n fan(s) still", nullptr, still) : QString();
    if (out > 0)
        fans += (fans.isEmpty() ? QString() : QStringLiteral(" · ")) + tr("%n supply(ies) failed", nullptr, out);
    const bool ill = !fans.isEmpty();
    double sum = 0;
    for (const core::session::FanReading& fan : chassis.fans)
        sum += fan.rpm.value_or(0);
    if (!ill && chassis.exhaustC && !chassis.fans.empty())
        fans = tr("fans %L1 rpm").arg(std::lround(sum / static_cast<double>(chassis.fans.size()) / 100) * 100);
    QRectF room = second;
    if (ill) {
        drawHealth(painter, QRectF(second.left(), second.center().y() - side / 2, side, side), sim::Health::Warn, tokens);
        room.setLeft(second.left() + side + 5);
    }
    painter.setPen(ill ? readableOn(tokens.warn, tokens.raised) : tokens.muted);
    const QString power = GpuLook::kilowatts(chassis.inputW);
    const double powerWidth = tabularWidth(painter.font(), power) + 8;
    painter.drawText(room, Qt::AlignVCenter | Qt::AlignLeft, small.elidedText(fans, Qt::ElideRight, room.width() - powerWidth));
    painter.setPen(tokens.muted);
    drawTabular(painter, second, Qt::AlignVCenter | Qt::AlignRight, power);
}

std::optional<double> RackPicture::share(const GpuFigures& gpu) const
{
    const bool works = gpu.state == GpuFigures::State::Working;
    switch (m_quantity) {
    case Quantity::Temperature: return gpu.temperatureC ? std::optional(GpuLook::heatShare(*gpu.temperatureC)) : std::nullopt;
    case Quantity::Power: return works && gpu.limitW > 0 ? std::optional(gpu.powerW / gpu.limitW) : std::nullopt;
    case Quantity::Clock: return works && gpu.maxSmMHz > 0 ? std::optional(static_cast<double>(gpu.smMHz) / gpu.maxSmMHz) : std::nullopt;
    }
    return std::nullopt;
}

/// What a tile says, the chosen quantity first.
QStringList RackPicture::lines(const GpuFigures& gpu) const
{
    const bool works = gpu.state == GpuFigures::State::Working;
    const QString state = GpuLook::shortState(gpu);
    const QString heat = gpu.temperatureC ? QStringLiteral("%1°").arg(std::lround(*gpu.temperatureC)) : QStringLiteral("–");
    if (!works)
        return state.isEmpty() ? QStringList{heat} : QStringList{state, heat};
    const QString power = QStringLiteral("%1 W").arg(std::lround(gpu.powerW));
    const QString clock = m_tileLines > 1 ? QStringLiteral("%1 MHz").arg(gpu.smMHz) : QString::number(gpu.smMHz);
    const QString clockOrState = state.isEmpty() || m_quantity == Quantity::Clock ? clock : state;
    switch (m_quantity) {
    case Quantity::Temperature: return {heat, power, clockOrState};
    case Quantity::Power: return {m_tileLines > 1 ? power : QString::number(std::lround(gpu.powerW)), heat, clockOrState};
    case Quantity::Clock: return {clock, heat, state.isEmpty() ? power : state};
    }
    return {};
}

void RackPicture::paintTile(QPainter& painter, const GpuFigures& gpu, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const std::optional<double> part = share(gpu);
    const bool ill = gpu.health == sim::Health::Warn || gpu.health == sim::Health::Critical;
    const QColor ground = m_sideHead ? tokens.panel : tokens.raised;
    const QColor fill = part ? GpuLook::fill(tokens, *part) : ground;
    const QColor mark = healthColor(tokens, gpu.health);
    if (m_tileLines == 0) {
        painter.setPen(part ? QPen(Qt::NoPen) : QPen(tokens.line, 1));
        painter.setBrush(part ? QBrush(fill) : QBrush(Qt::NoBrush));
        painter.drawRect(part ? box : box.adjusted(0.5, 0.5, -0.5, -0.5));
        if (ill) { // the shape on a ground of its own, so that no heat hides it
            const double side = std::min({box.width(), box.height(), 11.0});
            const QRectF place(box.center().x() - side / 2, box.center().y() - side / 2, side, side);
            painter.fillRect(box, ground);
            drawHealth(painter, place.adjusted(0.5, 0.5, -0.5, -0.5), gpu.health, tokens);
        }
        return;
    }
    QPen edge(ill ? mark : mixed(fill, tokens.text, part ? 0.12 : 0.3), ill ? 1.8 : 1);
    if (!part)
        edge.setStyle(Qt::DashLine);
    painter.setPen(edge);
    painter.setBrush(part ? QBrush(fill) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4);
    const QColor ink = part ? GpuLook::inkOn(fill) : tokens.text;
    const QStringList words = lines(gpu).mid(0, m_tileLines);
    const double line = m_look.scaled(kLineHeight);
    const double side = m_look.scaled(7);
    const bool large = m_tileLines > 1 && box.height() > kMostTileLines * line + m_look.scaled(18);
    double y = box.center().y() - (static_cast<double>(words.size()) * line + (large ? m_look.scaled(8) : 0)) / 2;
    for (qsizetype i = 0; i < words.size(); ++i) {
        QFont font = m_look.font(i > 0 || m_tileLines == 1 ? FontRole::Label : large ? FontRole::Title : FontRole::Section);
        font.setWeight(i == 0 ? QFont::DemiBold : QFont::Normal);
        painter.setFont(font);
        const bool marked = ill && i == 0;
        const double wide = tabularWidth(font, words[i]);
        const double high = i == 0 && large ? line + m_look.scaled(8) : line;
        QRectF room(box.left() + 2, y, box.width() - 4, high);
        if (marked && wide + side + 6 <= box.width()) {
            // Mark and figure stand beside each other in the middle.
            const double left = room.center().x() - (wide + side + 4) / 2;
            painter.setPen(Qt::NoPen);
            const QRectF place(left, room.center().y() - side / 2, side, side);
            painter.setBrush(ground);
            painter.drawRoundedRect(place.adjusted(-1.5, -1.5, 1.5, 1.5), 2, 2);
            drawHealth(painter, place, gpu.health, tokens);
            room.setLeft(left + side + 4);
            painter.setPen(ink);
            drawTabular(painter, room, Qt::AlignVCenter | Qt::AlignLeft, words[i]);
        } else {
            painter.setPen(ink);
            drawTabular(painter, room, Qt::AlignCenter, QFontMetricsF(font).elidedText(words[i], Qt::ElideRight, room.width() + 4));
        }
        y += high;
    }
}

void RackPicture::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomBy(1); return;
    case Qt::Key_Minus: zoomBy(-1); return;
    case Qt::Key_0: fit(); return;
    default: SpotPicture::keyPressEvent(event);
    }
}

void RackPicture::wheelEvent(QWheelEvent* event)
{
    if (!(event->modifiers() & Qt::ControlModifier))
        return event->ignore(); // the page scrolls
    zoomBy(event->angleDelta().y() > 0 ? 1 : -1);
    event->accept();
}

void RackPicture::retranslate()
{
    setAccessibleName(tr("Picture of the racks"));
    arrange();
}

} // namespace app::desktop
