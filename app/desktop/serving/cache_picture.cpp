#include "app/desktop/serving/cache_picture.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/serving/serving_look.h"
#include "app/desktop/theme/painting.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

namespace app::desktop {

using core::session::CacheCell;
using core::session::CacheMap;
using core::session::CacheOwner;

namespace {

constexpr double kLeastPitch = 3;  ///< below it one spot stands for several cells
constexpr int kMostPitch = 30;
constexpr double kSeamFrom = 5;    ///< pixels of a pitch from which on cells have a seam
constexpr double kFigureFrom = 15; ///< ... and the number of holders is written
constexpr double kTallest = 1.6;   ///< a cell's height in its widths
constexpr double kZoom = 1.5;
constexpr int kMostZoom = 6;
constexpr double kDimmed = 0.78;   ///< of what is not lit
constexpr int kMostNamed = 8;      ///< holders that a sentence lists

double fittingPitch(int count, const QSize& room)
{
    if (count == 0 || room.isEmpty())
        return kMostPitch;
    double pitch = std::min<double>(kMostPitch, std::floor(std::sqrt(static_cast<double>(room.width()) * room.height() / count)) + 1);
    while (pitch > 1 && std::ceil(count / std::floor(room.width() / pitch)) * pitch > room.height())
        --pitch;
    return pitch;
}

} // namespace

CachePicture::CachePicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    setSizePolicy(policy);
}

void CachePicture::setMap(std::shared_ptr<const CacheMap> map)
{
    const int before = cells();
    m_map = std::move(map);
    if (cells() != before) {
        m_chosen = std::min(m_chosen, cells() - 1);
        m_hovered = -1;
        arrange();
    }
    light(m_lit); // it may have ended, or have moved
    m_image = {};
    if (const QString words = name(); words != accessibleName())
        setAccessibleName(words);
    setAccessibleDescription(read() >= 0 ? sentence(read()) : summary());
    if (read() >= 0)
        emit cellRead(read());
    update();
}

void CachePicture::setRoom(const QSize& room)
{
    if (room == m_room)
        return;
    m_room = room;
    arrange();
}

void CachePicture::setZoom(int steps)
{
    const int wanted = std::clamp(steps, 0, kMostZoom);
    if (wanted == m_zoom)
        return;
    m_zoom = wanted;
    arrange();
    if (m_chosen >= 0)
        emit placeWanted(cellBox(m_chosen));
    emit zoomChanged();
}

void CachePicture::arrange()
{
    const QSize room(std::max(20, width()), std::max(40, m_room.isEmpty() ? height() : m_room.height()));
    m_perSpot = 1;
    m_pitch = fittingPitch(cells(), room);
    if (m_zoom > 0)
        m_pitch = std::min<double>(m_look.scaled(2 * kMostPitch), std::floor(std::max(kLeastPitch, m_pitch) * std::pow(kZoom, m_zoom)));
    while (m_pitch < kLeastPitch) {
        m_perSpot *= 2;
        m_pitch = fittingPitch(spots(), room);
    }
    m_columns = std::max(1, static_cast<int>(room.width() / m_pitch));
    // Rows of a round number of blocks are easier to count in.
    if (m_columns > 32)
        m_columns -= m_columns % 8;
    const int rows = (spots() + m_columns - 1) / m_columns;
    m_rise = m_zoom > 0 || rows == 0 ? m_pitch : std::clamp(std::floor((room.height() - 2.0) / rows), m_pitch, std::floor(kTallest * m_pitch));
    const int height = std::max(static_cast<int>(rows * m_rise) + 2, 20);
    m_image = {};
    if (height != m_height) {
        m_height = height;
        updateGeometry();
    }
    update();
}

QRectF CachePicture::cellBox(int cell) const
{
    const int spot = cell / m_perSpot;
    return {1 + spot % m_columns * m_pitch, 1 + std::floor(static_cast<double>(spot) / m_columns) * m_rise, m_pitch, m_rise};
}

int CachePicture::cellAt(const QPointF& point) const
{
    const int column = static_cast<int>(std::floor((point.x() - 1) / m_pitch));
    const int row = static_cast<int>(std::floor((point.y() - 1) / m_rise));
    if (column < 0 || column >= m_columns || row < 0)
        return -1;
    const int spot = row * m_columns + column;
    return spot < spots() ? spot * m_perSpot : -1;
}

bool CachePicture::isLit(int cell) const
{
    return m_litCells.empty() || m_litCells[static_cast<std::size_t>(cell)];
}

void CachePicture::light(std::optional<RequestId> request)
{
    const bool changed = request != m_lit;
    m_lit = request;
    m_litCells.clear();
    if (m_map && m_lit) {
        const auto owner = std::find_if(m_map->owners.begin(), m_map->owners.end(), [this](const CacheOwner& one) { return one.id == *m_lit; });
        if (owner != m_map->owners.end()) {
            m_litCells.resize(m_map->cells.size());
            for (const std::uint32_t cell : owner->cells)
                m_litCells[cell] = true;
        }
    }
    if (!changed)
        return;
    m_image = {};
    update();
    emit requestLit(m_lit);
}

void CachePicture::choose(int cell)
{
    m_chosen = std::clamp(cell, -1, cells() - 1);
    setAccessibleDescription(m_chosen >= 0 ? sentence(m_chosen) : summary());
    emit cellRead(read());
    update();
}

void CachePicture::paintCell(QPainter& painter, int cell, const QRectF& whole) const
{
    const Tokens& tokens = m_look.tokens();
    const CacheCell& one = m_map->cells[static_cast<std::size_t>(cell)];
    const QRectF box = m_pitch >= kSeamFrom ? whole.adjusted(0, 0, -1, -1) : whole;
    switch (one.use) {
    case CacheCell::Use::Free: painter.fillRect(box, ServingLook::free(tokens)); break;
    case CacheCell::Use::CachedFree: {
        painter.fillRect(box, ServingLook::free(tokens));
        const double inset = std::floor(box.width() / 3.6);
        const double above = std::floor((box.height() - box.width() + 2 * inset) / 2);
        painter.fillRect(box.adjusted(inset, above, -inset, -above), ServingLook::cachedFree(tokens));
        break;
    }
    case CacheCell::Use::Held: {
        const RequestId id = m_map->owners[static_cast<std::size_t>(one.owner)].id;
        painter.fillRect(box, ServingLook::reserved(tokens, id));
        if (one.written > 0) {
            const double share = static_cast<double>(one.written) / m_map->cellTokens;
            ServingLook::fill(painter, QRectF(box.left(), box.top(), share < 1 ? std::max(1.0, std::round(box.width() * share)) : box.width(), box.height()), id, tokens);
        }
        if (one.holders < 2)
            break;
        if (m_pitch >= kFigureFrom && one.holders < 100) {
            const QColor ground = ServingLook::hue(tokens, id);
            painter.setPen(GpuLook::inkOn(ground));
            painter.drawText(box, Qt::AlignCenter, QString::number(one.holders));
        }
        ServingLook::drawShared(painter, box, tokens);
        break;
    }
    }
    if (!isLit(cell)) {
        QColor veil = tokens.panel;
        veil.setAlphaF(static_cast<float>(kDimmed));
        painter.fillRect(box, veil);
    }
}

/// Several cells in one: shares of what they are, from the left.
void CachePicture::paintGroup(QPainter& painter, int first, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const int end = std::min(first + m_perSpot, cells());
    int held = 0, cached = 0, owner = -1;
    bool shared = false, lit = m_litCells.empty();
    for (int i = first; i < end; ++i) {
        const CacheCell& one = m_map->cells[static_cast<std::size_t>(i)];
        held += one.use == CacheCell::Use::Held ? 1 : 0;
        cached += one.use == CacheCell::Use::CachedFree ? 1 : 0;
        owner = owner < 0 || (!lit && isLit(i)) ? one.owner : owner;
        shared |= one.holders > 1;
        lit |= isLit(i);
    }
    const double count = end - first;
    painter.fillRect(box, ServingLook::free(tokens));
    const double heldWidth = box.width() * held / count;
    if (cached > 0)
        painter.fillRect(QRectF(box.left() + heldWidth, box.top(), box.width() * cached / count, box.height()), mixed(ServingLook::free(tokens), ServingLook::cachedFree(tokens), 0.6));
    if (owner >= 0)
        painter.fillRect(QRectF(box.left(), box.top(), heldWidth, box.height()), ServingLook::hue(tokens, m_map->owners[static_cast<std::size_t>(owner)].id));
    if (shared)
        ServingLook::drawShared(painter, box, tokens);
    if (!lit) {
        QColor veil = tokens.panel;
        veil.setAlphaF(static_cast<float>(kDimmed));
        painter.fillRect(box, veil);
    }
}

void CachePicture::paintMap()
{
    m_image = QImage(size() * devicePixelRatioF(), QImage::Format_RGB32);
    m_image.setDevicePixelRatio(devicePixelRatioF());
    m_image.fill(m_look.tokens().panel);
    QPainter painter(&m_image);
    QFont font = m_look.font(FontRole::Label);
    font.setPixelSize(std::max(8, static_cast<int>(m_pitch * 0.55)));
    painter.setFont(font);
    for (int cell = 0; cell < cells(); cell += m_perSpot) {
        const QRectF box = cellBox(cell);
        if (m_perSpot == 1)
            paintCell(painter, cell, box);
        else
            paintGroup(painter, cell, m_pitch >= kSeamFrom ? box.adjusted(0, 0, -1, -1) : box);
    }
}

void CachePicture::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = m_look.tokens();
    if (m_image.isNull())
        paintMap();
    QPainter painter(this);
    painter.drawImage(QPointF(0, 0), m_image);
    if (cells() == 0) {
        painter.setPen(tokens.muted);
        painter.setFont(m_look.font(FontRole::Secondary));
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, tr("No cache yet."));
        return;
    }
    painter.setBrush(Qt::NoBrush);
    const auto outline = [&](int cell, double width) {
        const QRectF box = cellBox(cell).adjusted(-1, -1, 0, 0);
        painter.setPen(QPen(tokens.panel, width + 2));
        painter.drawRect(box);
        painter.setPen(QPen(tokens.text, width));
        painter.drawRect(box);
    };
    if (m_hovered >= 0)
        outline(m_hovered, 1);
    if (m_chosen >= 0 && hasFocus())
        outline(m_chosen, 2);
    if (hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing);
        drawFocus(painter, QRectF(rect()), 4, tokens);
    }
}

QString CachePicture::holdersWords(const CacheCell& cell, int index) const
{
    QStringList names;
    for (const CacheOwner& owner : m_map->owners) {
        if (std::find(owner.cells.begin(), owner.cells.end(), static_cast<std::uint32_t>(index)) == owner.cells.end())
            continue;
        if (names.size() == kMostNamed) {
            names += QStringLiteral("…");
            break;
        }
        names += QString::number(owner.id);
    }
    return tr("shared by %1: %2").arg(cell.holders).arg(names.join(QStringLiteral(", ")));
}

QString CachePicture::sentence(int cell) const
{
    if (cell < 0 || cell >= cells())
        return {};
    const CacheCell& one = m_map->cells[static_cast<std::size_t>(cell)];
    QStringList all;
    if (m_perSpot > 1) {
        const int last = std::min(cell + m_perSpot, cells()) - 1;
        std::array<int, 3> uses{};
        for (int i = cell; i <= last; ++i)
            ++uses[static_cast<std::size_t>(m_map->cells[static_cast<std::size_t>(i)].use)];
        all += tr("Blocks %1 to %2").arg(ServingLook::count(cell), ServingLook::count(last));
        all += tr("%1 held, %2 cached and free, %3 free").arg(uses[2]).arg(uses[1]).arg(uses[0]);
        return all.join(QStringLiteral(" · "));
    }
    all += m_map->paged ? tr("Block %1").arg(ServingLook::count(cell)) : tr("Tokens %1 to %2 of the memory").arg(ServingLook::count(cell * static_cast<double>(m_map->cellTokens)), ServingLook::count((cell + 1) * static_cast<double>(m_map->cellTokens) - 1));
    switch (one.use) {
    case CacheCell::Use::Free: all += tr("free"); break;
    case CacheCell::Use::CachedFree: all += tr("free, but its content is kept until the block is needed: a prompt that begins alike finds it"); break;
    case CacheCell::Use::Held: {
        const CacheOwner& owner = m_map->owners[static_cast<std::size_t>(one.owner)];
        all += tr("request %1").arg(owner.id);
        if (m_map->groups == 1) {
            const auto at = std::find(owner.cells.begin(), owner.cells.end(), static_cast<std::uint32_t>(cell)) - owner.cells.begin();
            const std::uint32_t first = owner.firstToken + static_cast<std::uint32_t>(at) * m_map->cellTokens;
            all += tr("its tokens %1 to %2 of %3").arg(ServingLook::count(first), ServingLook::count(first + m_map->cellTokens - 1.0), ServingLook::count(owner.computed));
        }
        all += one.written == m_map->cellTokens ? tr("full") : tr("%1 of %2 slots written").arg(one.written).arg(m_map->cellTokens);
        if (one.holders > 1)
            all += holdersWords(one, cell);
        if (one.stored)
            all += tr("can be found by its content");
        break;
    }
    }
    return all.join(QStringLiteral(" · "));
}

QString CachePicture::name() const
{
    return m_map && !m_map->paged ? tr("Contiguous cache") : tr("Blocks of the cache");
}

QString CachePicture::summary() const
{
    if (!m_map)
        return {};
    QString words = tr("%1 cells of %2 tokens: %3 held, %4 cached and free, %5 free").arg(ServingLook::count(cells())).arg(m_map->cellTokens).arg(ServingLook::count(m_map->held), ServingLook::count(m_map->cachedFree), ServingLook::count(m_map->free));
    return words;
}

void CachePicture::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        arrange();
    m_image = {};
}

void CachePicture::mouseMoveEvent(QMouseEvent* event)
{
    const int cell = cellAt(event->position());
    if (cell == m_hovered)
        return;
    m_hovered = cell;
    emit cellRead(read());
    update();
}

void CachePicture::mousePressEvent(QMouseEvent* event)
{
    const int cell = cellAt(event->position());
    choose(cell);
    const std::int32_t owner = cell >= 0 ? m_map->cells[static_cast<std::size_t>(cell)].owner : -1;
    const std::optional<RequestId> request = owner >= 0 ? std::optional(m_map->owners[static_cast<std::size_t>(owner)].id) : std::nullopt;
    light(request == m_lit ? std::nullopt : request);
}

void CachePicture::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    m_hovered = -1;
    emit cellRead(read());
    update();
}

void CachePicture::keyPressEvent(QKeyEvent* event)
{
    if (cells() == 0)
        return QWidget::keyPressEvent(event);
    int next = std::max(m_chosen, 0);
    const int row = m_columns * m_perSpot;
    switch (event->key()) {
    case Qt::Key_Left: next -= m_perSpot; break;
    case Qt::Key_Right: next += m_perSpot; break;
    case Qt::Key_Up: next -= next >= row ? row : 0; break;
    case Qt::Key_Down: next += next + row < cells() ? row : 0; break;
    case Qt::Key_Home: next = 0; break;
    case Qt::Key_End: next = (spots() - 1) * m_perSpot; break;
    case Qt::Key_Plus: return setZoom(m_zoom + 1);
    case Qt::Key_Minus: return setZoom(m_zoom - 1);
    case Qt::Key_Escape: return light(std::nullopt);
    case Qt::Key_Return:
    case Qt::Key_Enter: {
        const std::int32_t owner = m_map->cells[static_cast<std::size_t>(next)].owner;
        return light(owner >= 0 ? std::optional(m_map->owners[static_cast<std::size_t>(owner)].id) : std::nullopt);
    }
    default: return QWidget::keyPressEvent(event);
    }
    m_hovered = -1;
    choose(std::clamp(next, 0, cells() - 1));
    emit placeWanted(cellBox(m_chosen));
}

void CachePicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (m_chosen < 0 && cells() > 0 && event->reason() != Qt::MouseFocusReason)
        choose(0);
    update();
}

void CachePicture::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    emit cellRead(read());
    update();
}

bool CachePicture::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const int cell = cellAt(help->pos()); cell >= 0)
            QToolTip::showText(help->globalPos(), sentence(cell), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void CachePicture::retranslate()
{
    setAccessibleName(name());
    arrange();
}

} // namespace app::desktop
