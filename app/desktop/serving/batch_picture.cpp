#include "app/desktop/serving/batch_picture.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/serving/serving_look.h"
#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::BatchCell;
using core::session::BatchLanes;
using core::session::BatchRow;
using core::session::BatchStep;
using Kind = core::session::BatchCell::Kind;

namespace {

constexpr int kLaneLabel = 62;
constexpr int kStripHeight = 40;
constexpr int kStripHead = 17;
constexpr int kMostRowPitch = 18;
constexpr int kLeastRowPitch = 3;
constexpr int kNamedRow = 11; ///< from this pitch on rows have their names
/// A pause longer than this many usual steps is drawn as long as these: otherwise nobody would see the steps.
constexpr double kLongestPause = 1.5;

} // namespace

BatchPicture::BatchPicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    retranslate();
}

QString BatchPicture::kindName(Kind kind)
{
    switch (kind) {
    case Kind::Away: return {};
    case Kind::Waiting: return tr("waits");
    case Kind::Passed: return tr("in the batch, not in this step");
    case Kind::Prefill: return tr("prefill");
    case Kind::Decode: return tr("decode");
    case Kind::Preempted: return tr("preempted");
    }
    return {};
}

QString BatchPicture::costName(int part)
{
    switch (part) {
    case 0: return tr("matrix products");
    case 1: return tr("attention");
    case 2: return tr("communication");
    case 3: return tr("elementwise, head, sampling");
    default: return tr("waits for the host");
    }
}

double BatchPicture::costSeconds(const BatchStep& step, int part)
{
    switch (part) {
    case 0: return step.device.dense;
    case 1: return step.device.attention;
    case 2: return step.device.communication;
    case 3: return step.device.elementwise + step.device.head;
    default: return step.hostSeconds;
    }
}

QColor BatchPicture::costColor(const Tokens& tokens, int part)
{
    switch (part) {
    case 0: return tokens.accent;
    case 1: return tokens.branch;
    case 2: return tokens.warn;
    case 3: return mixed(tokens.panel, tokens.ok, 0.75);
    default: return mixed(tokens.panel, tokens.muted, 0.55);
    }
}

void BatchPicture::setLanes(std::shared_ptr<const BatchLanes> lanes)
{
    // The cursor stays on its sequence and on its step as long as they are there.
    const std::uint64_t number = m_step >= 0 ? m_lanes->steps[static_cast<std::size_t>(m_step)].number : 0;
    const std::uint64_t id = m_row >= 0 ? m_lanes->rows[static_cast<std::size_t>(m_row)].id : 0;
    m_lanes = std::move(lanes);
    m_step = m_row = -1;
    m_longest = 0;
    for (std::size_t i = 0; i < steps(); ++i) {
        m_longest = std::max(m_longest, m_lanes->steps[i].seconds);
        if (m_lanes->steps[i].number == number)
            m_step = static_cast<int>(i);
    }
    if (m_lanes)
        for (std::size_t i = 0; i < m_lanes->rows.size(); ++i)
            if (m_lanes->rows[i].id == id)
                m_row = static_cast<int>(i);
    arrange();
    const QString words = m_step >= 0 ? sentence(m_step, m_row)
        : steps() > 0                 ? tr("%n step(s)", nullptr, static_cast<int>(steps())) + QStringLiteral(", ") + tr("%n sequence(s)", nullptr, static_cast<int>(m_lanes->rows.size()))
                                      : tr("No step has been run yet.");
    setAccessibleDescription(words);
    emit placeRead(m_step, m_row);
}

double BatchPicture::labelWidth() const
{
    return m_look.scaled(kLaneLabel);
}

QRectF BatchPicture::timeBox() const
{
    const double high = m_look.scaled(kStripHeight);
    return {labelWidth(), height() - high - 2, std::max(20.0, width() - labelWidth() - 4), high};
}

QRectF BatchPicture::budgetBox() const
{
    return timeBox().translated(0, -m_look.scaled(kStripHeight + kStripHead));
}

QRectF BatchPicture::lanesBox() const
{
    const double top = 2;
    return {labelWidth(), top, timeBox().width(), std::max(20.0, budgetBox().top() - m_look.scaled(kStripHead) - top)};
}

double BatchPicture::rowPitch() const
{
    const std::size_t rows = m_lanes ? m_lanes->rows.size() : 0;
    if (rows == 0)
        return m_look.scaled(kMostRowPitch);
    return std::clamp(std::floor(lanesBox().height() / static_cast<double>(rows)), static_cast<double>(kLeastRowPitch), static_cast<double>(m_look.scaled(kMostRowPitch)));
}

void BatchPicture::chooseRows()
{
    m_shown.clear();
    const int rows = m_lanes ? static_cast<int>(m_lanes->rows.size()) : 0;
    const auto room = static_cast<std::size_t>(lanesBox().height() / rowPitch());
    std::vector<int> others;
    for (int row = rows - 1; row >= 0; --row) { // the newest first
        bool changes = false;
        for (std::size_t step = 0; step < steps(); ++step) {
            const Kind kind = m_lanes->cell(static_cast<std::size_t>(row), step).kind;
            changes |= kind != Kind::Decode && kind != Kind::Away;
        }
        if (changes && m_shown.size() < room)
            m_shown.push_back(row);
        else
            others.push_back(row);
    }
    for (const int row : others)
        if (m_shown.size() < room)
            m_shown.push_back(row);
    std::sort(m_shown.begin(), m_shown.end());
}

int BatchPicture::lineOf(int row) const
{
    const auto at = std::lower_bound(m_shown.begin(), m_shown.end(), row);
    return at != m_shown.end() && *at == row ? static_cast<int>(at - m_shown.begin()) : -1;
}

void BatchPicture::arrange()
{
    chooseRows();
    m_lefts.assign(steps(), 0);
    m_rights.assign(steps(), 0);
    if (steps() > 0) {
        std::vector<double> lengths;
        for (const BatchStep& step : m_lanes->steps)
            lengths.push_back(step.seconds);
        std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
        const double pause = kLongestPause * lengths[lengths.size() / 2];
        double all = 0;
        for (const BatchStep& step : m_lanes->steps)
            all += step.seconds + std::min(step.idleBefore, pause);
        const QRectF box = lanesBox();
        const double scale = box.width() / all;
        double x = box.left();
        for (std::size_t i = 0; i < steps(); ++i) {
            const BatchStep& step = m_lanes->steps[i];
            x += std::min(step.idleBefore, pause) * scale;
            m_lefts[i] = x;
            x += step.seconds * scale;
            m_rights[i] = x;
        }
    }
    update();
}

QRectF BatchPicture::cellBox(int step, int row) const
{
    const double pitch = rowPitch();
    return {left(step), lanesBox().top() + lineOf(row) * pitch, right(step) - left(step), pitch};
}

void BatchPicture::paintKind(QPainter& painter, Kind kind, const QRectF& box, const Tokens& tokens)
{
    const double high = box.height();
    switch (kind) {
    case Kind::Away: break;
    case Kind::Waiting: { // dots
        painter.setPen(QPen(mixed(tokens.panel, tokens.muted, 0.5), std::min(1.2, high / 3), Qt::DotLine));
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()));
        break;
    }
    case Kind::Passed:
        painter.fillRect(QRectF(box.left(), box.center().y() - 0.5, box.width(), 1), mixed(tokens.panel, tokens.muted, 0.5));
        break;
    case Kind::Prefill: // the whole height
        painter.fillRect(high > 5 ? box.adjusted(0, 1, 0, -1) : box, ServingLook::prefill(tokens));
        break;
    case Kind::Decode: { // a bar in the middle
        const double inset = high > 5 ? std::floor(high * 0.3) : high > 3 ? 1 : 0;
        painter.fillRect(box.adjusted(0, inset, 0, -inset), ServingLook::decode(tokens));
        break;
    }
    case Kind::Preempted:
        painter.fillRect(high > 5 ? box.adjusted(0, 1, 0, -1) : box, mixed(tokens.panel, tokens.critical, 0.35));
        if (const double side = std::min({high - 2, box.width(), 10.0}); side >= 4)
            drawHealth(painter, QRectF(box.center().x() - side / 2, box.center().y() - side / 2, side, side), sim::Health::Critical, tokens);
        else
            painter.fillRect(box, tokens.critical);
        break;
    }
}

void BatchPicture::paintLanes(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const double pitch = rowPitch();
    const QRectF box = lanesBox();
    const int lines = static_cast<int>(m_shown.size());
    painter.setFont(m_look.font(FontRole::Label));
    const double high = QFontMetricsF(painter.font()).height();
    // Names as close as they can be read.
    const int every = pitch >= m_look.scaled(kNamedRow) ? 1 : static_cast<int>(std::ceil(high / pitch));
    for (int line = 0; line < lines; ++line) {
        const int row = m_shown[static_cast<std::size_t>(line)];
        const double y = box.top() + line * pitch;
        if (line % every == 0) {
            const BatchRow& one = m_lanes->rows[static_cast<std::size_t>(row)];
            painter.setPen(row == m_row ? tokens.text : tokens.muted);
            drawTabular(painter, QRectF(0, y - (high - pitch) / 2, labelWidth() - 6, high), Qt::AlignVCenter | Qt::AlignRight, QString::number(one.id));
        }
        if (pitch >= 6) {
            painter.setPen(QPen(mixed(tokens.panel, tokens.line, 0.55), 1));
            painter.drawLine(QPointF(box.left(), y + pitch), QPointF(box.right(), y + pitch));
        }
    }
    const double seam = 1;
    for (int step = 0; step < static_cast<int>(steps()); ++step) {
        const double wide = std::max(1.0, right(step) - left(step) - (right(step) - left(step) > 4 ? seam : 0));
        for (int line = 0; line < lines; ++line) {
            const int row = m_shown[static_cast<std::size_t>(line)];
            const BatchCell& cell = m_lanes->cell(static_cast<std::size_t>(row), static_cast<std::size_t>(step));
            if (cell.kind == Kind::Away)
                continue;
            const QRectF place(left(step), box.top() + line * pitch, cell.kind == Kind::Waiting || cell.kind == Kind::Passed ? right(step) - left(step) : wide, pitch);
            paintKind(painter, cell.kind, place, tokens);
            if (cell.kind != Kind::Prefill || pitch < m_look.scaled(kNamedRow))
                continue;
            const QString tokensText = QString::number(cell.tokens);
            if (tabularWidth(painter.font(), tokensText) + 4 > wide)
                continue;
            painter.setPen(GpuLook::inkOn(ServingLook::prefill(tokens)));
            drawTabular(painter, place.adjusted(0, 0, -seam, 0), Qt::AlignCenter, tokensText);
        }
    }
    const int hidden = static_cast<int>(m_lanes->rows.size()) - lines + static_cast<int>(m_lanes->rowsLeftOut);
    if (hidden > 0) {
        const QString words = tr("and %n more", nullptr, hidden);
        const QRectF note(box.right() - tabularWidth(painter.font(), words) - 10, box.bottom() - high - 2, tabularWidth(painter.font(), words) + 10, high + 2);
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens.raised);
        painter.drawRoundedRect(note, 4, 4);
        painter.setPen(tokens.muted);
        painter.drawText(note, Qt::AlignCenter, words);
    }
}

void BatchPicture::paintBudget(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF box = budgetBox();
    const QRectF head(4, box.top() - m_look.scaled(kStripHead), width() - 8.0, m_look.scaled(kStripHead));
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft, tr("Tokens of each step, and its budget"));
    std::uint32_t most = 1;
    for (const BatchStep& step : m_lanes->steps)
        most = std::max(most, step.prefillTokens + step.decodeTokens);
    const bool inSight = m_lanes->budget <= most * 4;
    const double highest = inSight ? std::max(most, m_lanes->budget) : most * 1.15;
    painter.fillRect(QRectF(box.left(), box.bottom(), box.width(), 1), tokens.line);
    for (int i = 0; i < static_cast<int>(steps()); ++i) {
        const BatchStep& step = m_lanes->steps[static_cast<std::size_t>(i)];
        const double wide = std::max(1.0, right(i) - left(i) - (right(i) - left(i) > 4 ? 1 : 0));
        const double decode = box.height() * step.decodeTokens / highest;
        const double prefill = box.height() * step.prefillTokens / highest;
        painter.fillRect(QRectF(left(i), box.bottom() - decode, wide, decode), ServingLook::decode(tokens));
        painter.fillRect(QRectF(left(i), box.bottom() - decode - prefill, wide, prefill), ServingLook::prefill(tokens));
    }
    painter.setPen(tokens.muted);
    const double top = inSight ? box.bottom() - box.height() * m_lanes->budget / highest : box.top();
    drawTabular(painter, QRectF(0, std::max(box.top() - 4, top - 8), labelWidth() - 6, 16), Qt::AlignVCenter | Qt::AlignRight, ServingLook::count(inSight ? m_lanes->budget : most));
    if (inSight) {
        painter.setPen(QPen(tokens.warn, 1.2, Qt::DashLine));
        painter.drawLine(QPointF(box.left(), top), QPointF(box.right(), top));
    } else {
        painter.setPen(tokens.muted);
        painter.drawText(head, Qt::AlignVCenter | Qt::AlignRight, tr("budget %1, far above").arg(ServingLook::count(m_lanes->budget)));
    }
}

void BatchPicture::paintTime(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF box = timeBox();
    const QRectF head(4, box.top() - m_look.scaled(kStripHead), width() - 8.0, m_look.scaled(kStripHead));
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft, tr("What its time goes to"));
    painter.fillRect(QRectF(box.left(), box.bottom(), box.width(), 1), tokens.line);
    for (int i = 0; i < static_cast<int>(steps()); ++i) {
        const BatchStep& step = m_lanes->steps[static_cast<std::size_t>(i)];
        const double wide = std::max(1.0, right(i) - left(i) - (right(i) - left(i) > 4 ? 1 : 0));
        double y = box.bottom();
        for (int part = 0; part < kCostParts; ++part) {
            const double high = box.height() * costSeconds(step, part) / m_longest;
            y -= high;
            painter.fillRect(QRectF(left(i), y, wide, high), costColor(tokens, part));
        }
    }
    painter.setPen(tokens.muted);
    drawTabular(painter, QRectF(0, box.top() - 4, labelWidth() - 6, 16), Qt::AlignVCenter | Qt::AlignRight, ServingLook::seconds(m_longest));
}

void BatchPicture::paintCursor(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF column(left(m_step), lanesBox().top(), right(m_step) - left(m_step), timeBox().bottom() - lanesBox().top());
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(mixed(tokens.panel, tokens.text, 0.65), 1));
    painter.drawRect(column.adjusted(-0.5, 0, 0.5, 0));
    if (m_row < 0 || lineOf(m_row) < 0)
        return;
    painter.setPen(QPen(tokens.text, 1.5));
    painter.drawRect(cellBox(m_step, m_row).adjusted(-0.5, -0.5, 0.5, 0.5));
}

void BatchPicture::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = m_look.tokens();
    QPainter painter(this);
    if (steps() == 0) {
        painter.setPen(tokens.muted);
        painter.setFont(m_look.font(FontRole::Secondary));
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, tr("No step has been run yet. Steps appear here with the first request."));
        return;
    }
    paintLanes(painter);
    paintBudget(painter);
    paintTime(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_step >= 0)
        paintCursor(painter);
    if (hasFocus())
        drawFocus(painter, QRectF(rect()), 4, tokens);
}

QString BatchPicture::sentence(int step, int row) const
{
    if (step < 0 || step >= static_cast<int>(steps()))
        return {};
    const BatchStep& one = m_lanes->steps[static_cast<std::size_t>(step)];
    QStringList all{tr("Step %1").arg(ServingLook::count(static_cast<double>(one.number)))};
    if (row >= 0 && row < static_cast<int>(m_lanes->rows.size())) {
        const BatchRow& sequence = m_lanes->rows[static_cast<std::size_t>(row)];
        const BatchCell& cell = m_lanes->cell(static_cast<std::size_t>(row), static_cast<std::size_t>(step));
        all += tr("request %1").arg(sequence.id);
        if (cell.kind == Kind::Prefill)
            all += tr("prefill of %1 tokens after %2").arg(ServingLook::count(cell.tokens), ServingLook::count(cell.computed)) + (sequence.prompt > 0 ? QStringLiteral(" · ") + tr("prompt %1").arg(ServingLook::count(sequence.prompt)) : QString());
        else if (cell.kind == Kind::Decode)
            all += tr("decodes with %1 tokens before").arg(ServingLook::count(cell.computed));
        else if (cell.kind != Kind::Away)
            all += kindName(cell.kind);
        else
            all += tr("not there");
    }
    all += tr("%1: %2 prefill + %3 decode tokens").arg(ServingLook::seconds(one.seconds), ServingLook::count(one.prefillTokens), ServingLook::count(one.decodeTokens));
    QStringList parts;
    for (int part = 0; part < kCostParts; ++part)
        if (const double seconds = costSeconds(one, part); seconds > one.seconds * 0.005)
            parts += QStringLiteral("%1 %2").arg(costName(part), ServingLook::seconds(seconds));
    all += parts.join(QStringLiteral(", "));
    all += tr("%1 waiting, %2 blocks free").arg(ServingLook::count(one.waiting), ServingLook::count(one.freeBlocks));
    return all.join(QStringLiteral(" · "));
}

void BatchPicture::read(int step, int row)
{
    if (step == m_step && row == m_row)
        return;
    m_step = step;
    m_row = row;
    if (step >= 0)
        setAccessibleDescription(sentence(step, row));
    emit placeRead(step, row);
    update();
}

std::pair<int, int> BatchPicture::placeAt(const QPointF& point) const
{
    for (int step = 0; step < static_cast<int>(steps()); ++step) {
        if (point.x() < left(step) || point.x() >= right(step))
            continue;
        const int line = static_cast<int>(std::floor((point.y() - lanesBox().top()) / rowPitch()));
        return {step, line >= 0 && line < static_cast<int>(m_shown.size()) ? m_shown[static_cast<std::size_t>(line)] : -1};
    }
    return {-1, -1};
}

void BatchPicture::mouseMoveEvent(QMouseEvent* event)
{
    const auto [step, row] = placeAt(event->position());
    read(step, row);
}

void BatchPicture::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    if (!hasFocus())
        read(-1, -1);
}

void BatchPicture::keyPressEvent(QKeyEvent* event)
{
    if (steps() == 0)
        return QWidget::keyPressEvent(event);
    const int last = static_cast<int>(steps()) - 1;
    const auto rowAt = [this](int line) { return line < 0 || m_shown.empty() ? -1 : m_shown[std::min(static_cast<std::size_t>(line), m_shown.size() - 1)]; };
    switch (event->key()) {
    case Qt::Key_Left: return read(m_step < 0 ? last : std::max(0, m_step - 1), m_row);
    case Qt::Key_Right: return read(m_step < 0 ? last : std::min(last, m_step + 1), m_row);
    case Qt::Key_Up: return read(m_step < 0 ? last : m_step, rowAt(lineOf(m_row) - 1));
    case Qt::Key_Down: return read(m_step < 0 ? last : m_step, rowAt(lineOf(m_row) + 1));
    case Qt::Key_Home: return read(0, m_row);
    case Qt::Key_End: return read(last, m_row);
    case Qt::Key_Escape: return read(-1, -1);
    default: QWidget::keyPressEvent(event);
    }
}

void BatchPicture::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void BatchPicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (m_step < 0 && steps() > 0 && event->reason() != Qt::MouseFocusReason)
        read(static_cast<int>(steps()) - 1, -1);
    update();
}

bool BatchPicture::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const auto [step, row] = placeAt(help->pos()); step >= 0)
            QToolTip::showText(help->globalPos(), sentence(step, row), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void BatchPicture::retranslate()
{
    setAccessibleName(tr("Steps of the batch"));
    arrange();
}

} // namespace app::desktop
