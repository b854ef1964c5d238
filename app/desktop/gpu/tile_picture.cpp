#include "app/desktop/gpu/tile_picture.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::GpuFigures;
using core::session::NodeGpu;

namespace {

constexpr int kMostTiles = 4; ///< across
constexpr int kLeastTileWidth = 152;
constexpr int kTopHeight = 26;
constexpr int kTileLine = 16;
constexpr int kWidestTileLine = 24;
constexpr double kTileGapWide = 8;
constexpr double kTileInset = 8;
constexpr double kBarHeight = 4;

QString memoryText(const NodeGpu& gpu)
{
    return QStringLiteral("%1 / %2 GiB")
        .arg(static_cast<double>(gpu.memoryUsedMiB) / 1024, 0, 'f', 1)
        .arg(static_cast<double>(gpu.memoryTotalMiB) / 1024, 0, 'f', 1);
}

} // namespace

TilePicture::TilePicture(Look& look, QWidget* parent) : SpotPicture(look, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    retranslate();
}

void TilePicture::setDetail(std::shared_ptr<const core::session::NodeDetail> detail)
{
    m_detail = std::move(detail);
    arrange();
}

void TilePicture::setRoom(const QSize& room)
{
    if (room == m_room)
        return;
    m_room = room;
    arrange();
}

void TilePicture::resizeEvent(QResizeEvent* event)
{
    SpotPicture::resizeEvent(event);
    arrange();
}

int TilePicture::columns() const
{
    const int fit = static_cast<int>((width() + kTileGapWide) / (m_look.scaled(kLeastTileWidth) + kTileGapWide));
    return fit >= kMostTiles ? kMostTiles : fit >= 2 ? 2 : 1; // the rows of the chassis stay whole
}

void TilePicture::arrange()
{
    std::vector<QRectF> boxes;
    std::size_t most = 0;
    if (m_detail)
        for (const NodeGpu& gpu : m_detail->gpus)
            most = std::max(most, lines(gpu).size());
    const int across = columns();
    const int rows = m_detail ? (static_cast<int>(m_detail->gpus.size()) + across - 1) / across : 0;
    const double fixed = m_look.scaled(kTopHeight) + 3 * (kBarHeight + 2) + 2 * kTileInset;
    // Where the page is high, lines stand wider apart.
    m_lineHeight = m_look.scaled(kTileLine);
    if (rows > 0 && most > 0)
        m_lineHeight = std::clamp(((m_room.height() - 2 - (rows - 1) * kTileGapWide) / rows - fixed) / static_cast<double>(most), m_lineHeight,
                                  static_cast<double>(m_look.scaled(kWidestTileLine)));
    m_tileHeight = fixed + static_cast<double>(most) * m_lineHeight;
    double bottom = 0;
    const double w = (width() - (across - 1) * kTileGapWide) / across;
    for (std::size_t i = 0; m_detail && i < m_detail->gpus.size(); ++i) {
        const int column = static_cast<int>(i) % across, row = static_cast<int>(i) / across;
        boxes.emplace_back(column * (w + kTileGapWide), row * (m_tileHeight + kTileGapWide), w, m_tileHeight);
        bottom = boxes.back().bottom();
    }
    setSpots(std::move(boxes));
    const int wanted = static_cast<int>(std::ceil(bottom)) + 1;
    if (wanted != m_height) {
        m_height = wanted;
        setFixedHeight(wanted);
    }
    update();
}

std::vector<TilePicture::Line> TilePicture::lines(const NodeGpu& gpu) const
{
    const GpuFigures& one = gpu.figures;
    std::vector<Line> all;
    const QString xid = one.lastXid > 0 ? QStringLiteral("Xid %1").arg(one.lastXid) : QString();
    if (one.state != GpuFigures::State::Working) {
        all.push_back({GpuLook::longState(one), {}, one.state == GpuFigures::State::Silent ? sim::Health::Unknown : sim::Health::Critical, -1});
        if (gpu.memoryC)
            all.push_back({tr("memory"), GpuLook::celsius(*gpu.memoryC), {}, -1});
        if (!xid.isEmpty())
            all.push_back({xid, {}, sim::Health::Warn, -1});
        return all;
    }
    all.push_back({tr("power"), QStringLiteral("%1 / %2 W").arg(std::lround(one.powerW)).arg(std::lround(one.limitW)), {},
                   one.limitW > 0 ? one.powerW / one.limitW : -1});
    all.push_back({tr("clock"), QStringLiteral("%1 / %2 MHz").arg(one.smMHz).arg(one.maxSmMHz), {},
                   one.maxSmMHz > 0 ? static_cast<double>(one.smMHz) / one.maxSmMHz : -1});
    const bool slowed = !GpuLook::shortState(one).isEmpty();
    all.push_back({GpuLook::longState(one), {}, slowed ? std::optional(sim::Health::Warn) : std::nullopt, -1});
    all.push_back({QStringLiteral("HBM %1").arg(gpu.memoryC ? QStringLiteral("%1°").arg(std::lround(*gpu.memoryC)) : QStringLiteral("–")), memoryText(gpu), {},
                   gpu.memoryTotalMiB > 0 ? static_cast<double>(gpu.memoryUsedMiB) / static_cast<double>(gpu.memoryTotalMiB) : -1});
    all.push_back({tr("busy %1").arg(GpuLook::percent(one.utilisation)),
                   gpu.programs.empty() ? tr("no program")
                                        : QString::fromStdString(gpu.programs.front().name).section(QLatin1Char('/'), -1)
                           + (gpu.programs.size() > 1 ? QStringLiteral(" +%1").arg(gpu.programs.size() - 1) : QString()),
                   {}, -1});
    QString errors = QStringLiteral("ECC %1 + %2").arg(gpu.correctable).arg(gpu.uncorrectable);
    if (gpu.remapFailed)
        errors += QStringLiteral(" · ") + tr("no spare row");
    else if (gpu.remapPending)
        errors += QStringLiteral(" · ") + tr("remap pending");
    const bool spoilt = gpu.uncorrectable > 0 || gpu.remapFailed;
    const bool ecc = spoilt || gpu.remapPending;
    // What is sound shares a line; what is not has one of its own.
    if (ecc)
        all.push_back({errors, {}, spoilt ? sim::Health::Critical : sim::Health::Warn, -1});
    if (!xid.isEmpty())
        all.push_back({xid, {}, sim::Health::Warn, -1});
    if (gpu.pcieDegraded())
        all.push_back({QStringLiteral("PCIe"), tr("Gen%1 x%2 of Gen%3 x%4").arg(gpu.pcieGeneration).arg(gpu.pcieWidth).arg(gpu.pcieMaxGeneration).arg(gpu.pcieMaxWidth),
                       sim::Health::Warn, -1});
    const QString lanes = gpu.pcieDegraded() ? QString() : QStringLiteral("Gen%1 x%2").arg(gpu.pcieGeneration).arg(gpu.pcieWidth);
    if (!ecc || !lanes.isEmpty())
        all.push_back({ecc ? QStringLiteral("PCIe") : errors, lanes, {}, -1});
    if (!gpu.recovery.empty())
        all.push_back({tr("asks for"), QString::fromStdString(gpu.recovery), sim::Health::Warn, -1});
    return all;
}

QString TilePicture::sentence(int spot) const
{
    const NodeGpu& gpu = m_detail->gpus[static_cast<std::size_t>(spot)];
    QStringList all{GpuLook::sentence(QString::fromStdString(m_detail->name), gpu.figures)};
    all += tr("%1 at %2").arg(QString::fromStdString(gpu.model), QString::fromStdString(gpu.address));
    if (!gpu.xidMeaning.empty())
        all += QString::fromStdString(gpu.xidMeaning);
    if (gpu.memoryC)
        all += tr("memory at %1").arg(GpuLook::celsius(*gpu.memoryC));
    if (gpu.figures.state == GpuFigures::State::Working) {
        all += tr("memory used %1").arg(memoryText(gpu));
        for (const core::session::GpuProgram& program : gpu.programs)
            all += tr("process %1 %2: %3").arg(program.pid).arg(QString::fromStdString(program.name), Wording::bytes(static_cast<double>(program.bytes)));
        all += tr("ECC: %1 corrected, %2 not").arg(gpu.correctable).arg(gpu.uncorrectable);
        all += tr("PCIe Gen%1 x%2").arg(gpu.pcieGeneration).arg(gpu.pcieWidth);
        if (gpu.divided)
            all += tr("divided by MIG");
    }
    if (!gpu.recovery.empty())
        all += tr("asks for %1").arg(QString::fromStdString(gpu.recovery));
    return all.join(QStringLiteral(" · "));
}

void TilePicture::paintEvent(QPaintEvent*)
{
    if (!m_detail)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int i = 0; i < spots(); ++i)
        paintTile(painter, m_detail->gpus[static_cast<std::size_t>(i)], spotBox(i));
    paintCursor(painter);
}

void TilePicture::paintTile(QPainter& painter, const NodeGpu& gpu, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const sim::Health health = gpu.figures.health;
    const bool ill = health == sim::Health::Warn || health == sim::Health::Critical;
    QPen edge(ill ? healthColor(tokens, health) : tokens.line, ill ? 1.6 : 1);
    if (gpu.figures.state != GpuFigures::State::Working)
        edge.setStyle(Qt::DashLine);
    painter.setPen(edge);
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), Look::kControlRadius, Look::kControlRadius);
    const QRectF inside = box.adjusted(kTileInset, kTileInset, -kTileInset, -kTileInset);
    paintTop(painter, gpu, QRectF(inside.left(), inside.top(), inside.width(), m_look.scaled(kTopHeight) - 4));
    double y = inside.top() + m_look.scaled(kTopHeight);
    for (const Line& line : lines(gpu)) {
        paintLine(painter, line, QRectF(inside.left(), y, inside.width(), m_lineHeight));
        y += m_lineHeight + (line.share >= 0 ? kBarHeight + 2 : 0);
    }
}

/// Mark and name, and the temperature on its place of the ramp.
void TilePicture::paintTop(QPainter& painter, const NodeGpu& gpu, const QRectF& room) const
{
    const Tokens& tokens = m_look.tokens();
    const double side = m_look.scaled(9);
    drawHealth(painter, QRectF(room.left(), room.center().y() - side / 2, side, side), gpu.figures.health, tokens);
    painter.setFont(m_look.font(FontRole::Title));
    const QString heat = gpu.figures.temperatureC ? GpuLook::celsius(*gpu.figures.temperatureC) : QStringLiteral("–");
    const double wide = tabularWidth(painter.font(), heat) + 12;
    const QRectF chip(room.right() - wide, room.top(), wide, room.height());
    if (gpu.figures.temperatureC) {
        const QColor fill = GpuLook::fill(tokens, GpuLook::heatShare(*gpu.figures.temperatureC));
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(chip, 5, 5);
        painter.setPen(GpuLook::inkOn(fill));
    } else {
        painter.setPen(tokens.muted);
    }
    drawTabular(painter, chip, Qt::AlignCenter, heat);
    painter.setFont(m_look.font(FontRole::Section));
    painter.setPen(tokens.text);
    const QRectF nameRoom(room.left() + side + 6, room.top(), chip.left() - room.left() - side - 12, room.height());
    const QFontMetricsF metrics(painter.font());
    const QString name = GpuLook::gpuName(gpu.figures);
    painter.drawText(nameRoom, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(name, Qt::ElideRight, nameRoom.width()));
    const QString model = Wording::gpuModel(QString::fromStdString(gpu.model));
    const double used = metrics.horizontalAdvance(name) + 8;
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    if (QFontMetricsF(painter.font()).horizontalAdvance(model) + used < nameRoom.width())
        painter.drawText(nameRoom.adjusted(used, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, model);
}

void TilePicture::paintLine(QPainter& painter, const Line& line, const QRectF& room) const
{
    const Tokens& tokens = m_look.tokens();
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    double left = room.left();
    QColor ink = tokens.text;
    if (line.health) {
        const double side = m_look.scaled(8);
        drawHealth(painter, QRectF(left, room.center().y() - side / 2, side, side), *line.health, tokens);
        left += side + 4;
        ink = readableOn(healthColor(tokens, *line.health), tokens.raised);
    }
    const double valueWidth = tabularWidth(painter.font(), line.right);
    const double labelWidth = room.right() - left - (line.right.isEmpty() ? 0 : valueWidth + 6);
    painter.setPen(line.health && line.right.isEmpty() ? ink : tokens.muted);
    if (labelWidth > 8)
        painter.drawText(QRectF(left, room.top(), labelWidth, room.height()), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(line.left, Qt::ElideRight, labelWidth));
    painter.setPen(ink);
    if (valueWidth <= room.right() - left)
        drawTabular(painter, QRectF(left, room.top(), room.right() - left, room.height()), Qt::AlignVCenter | Qt::AlignRight, line.right);
    else
        painter.drawText(QRectF(left, room.top(), room.right() - left, room.height()), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(line.right, Qt::ElideRight, room.right() - left));
    if (line.share < 0)
        return;
    const QRectF bar(room.left(), room.bottom(), room.width(), kBarHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(trackColor(tokens));
    painter.drawRoundedRect(bar, kBarHeight / 2, kBarHeight / 2);
    painter.setBrush(tokens.accent);
    painter.drawRoundedRect(QRectF(bar.topLeft(), QSizeF(std::max(kBarHeight, bar.width() * std::clamp(line.share, 0.0, 1.0)), kBarHeight)), kBarHeight / 2,
                            kBarHeight / 2);
}

void TilePicture::retranslate()
{
    setAccessibleName(tr("GPUs of the machine"));
    arrange();
}

} // namespace app::desktop
