#include "app/desktop/gpu/spot_picture.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app::desktop {

namespace {

/// How much a step to the side counts against one ahead.
constexpr double kAside = 3;

} // namespace

SpotPicture::SpotPicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
}

void SpotPicture::setSpots(std::vector<QRectF> boxes)
{
    m_spots = std::move(boxes);
    m_hovered = std::min(m_hovered, spots() - 1);
    if (m_chosen >= spots())
        choose(-1);
    describe();
}

void SpotPicture::setSummary(const QString& words)
{
    m_summary = words;
    describe();
}

void SpotPicture::describe()
{
    const QString words = m_chosen >= 0 ? sentence(m_chosen) : m_summary;
    if (accessibleDescription() != words)
        setAccessibleDescription(words);
}

void SpotPicture::choose(int spot)
{
    if (spot == m_chosen || spot >= spots())
        return;
    m_chosen = spot;
    describe();
    update();
    emit spotChosen(spot);
}

int SpotPicture::spotAt(const QPointF& point) const
{
    for (int i = spots() - 1; i >= 0; --i)
        if (m_spots[static_cast<std::size_t>(i)].contains(point))
            return i;
    return -1;
}

/// The nearest spot in a direction, rather straight ahead than aside.
int SpotPicture::neighbour(int dx, int dy) const
{
    const QPointF here = spotBox(m_chosen).center();
    int best = m_chosen;
    double least = std::numeric_limits<double>::max();
    for (int i = 0; i < spots(); ++i) {
        const QPointF way = spotBox(i).center() - here;
        const double ahead = way.x() * dx + way.y() * dy;
        const double aside = std::abs(way.x() * dy) + std::abs(way.y() * dx);
        const double cost = ahead + kAside * aside;
        if (i == m_chosen || ahead <= 1 || cost >= least)
            continue;
        least = cost;
        best = i;
    }
    return best;
}

void SpotPicture::paintCursor(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    for (const int spot : {m_hovered, m_chosen}) {
        if (spot < 0 || (spot == m_chosen && !hasFocus() && spot != m_hovered))
            continue;
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens.accent, spot == m_chosen && hasFocus() ? 2 : 1.2));
        painter.drawRoundedRect(spotBox(spot).adjusted(-1, -1, 1, 1).intersected(QRectF(rect()).adjusted(1, 1, -1, -1)), 4, 4);
    }
}

void SpotPicture::mousePressEvent(QMouseEvent* event)
{
    const int spot = spotAt(event->position());
    choose(spot);
    if (spot >= 0 && event->button() == Qt::LeftButton)
        emit spotOpened(spot);
}

void SpotPicture::hover(int spot)
{
    if (spot == m_hovered)
        return;
    for (const int one : {m_hovered, spot})
        if (one >= 0)
            update(litWith(one));
    m_hovered = spot;
    setCursor(spot >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

QRect SpotPicture::litWith(int spot) const
{
    return spotBox(spot).adjusted(-4, -4, 4, 4).toAlignedRect();
}

void SpotPicture::mouseMoveEvent(QMouseEvent* event)
{
    hover(spotAt(event->position()));
}

void SpotPicture::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    hover(-1);
}

void SpotPicture::keyPressEvent(QKeyEvent* event)
{
    if (spots() == 0)
        return QWidget::keyPressEvent(event);
    int next = m_chosen;
    switch (event->key()) {
    case Qt::Key_Left: next = m_chosen < 0 ? 0 : neighbour(-1, 0); break;
    case Qt::Key_Right: next = m_chosen < 0 ? 0 : neighbour(1, 0); break;
    case Qt::Key_Up: next = m_chosen < 0 ? 0 : neighbour(0, -1); break;
    case Qt::Key_Down: next = m_chosen < 0 ? 0 : neighbour(0, 1); break;
    case Qt::Key_Home: next = 0; break;
    case Qt::Key_End: next = spots() - 1; break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_chosen >= 0)
            emit spotOpened(m_chosen);
        return;
    default: return QWidget::keyPressEvent(event);
    }
    choose(next);
    emit placeWanted(spotBox(next));
}

void SpotPicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (m_chosen < 0 && spots() > 0 && event->reason() != Qt::MouseFocusReason)
        choose(0);
    update();
}

void SpotPicture::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool SpotPicture::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int spot = spotAt(help->pos());
        if (spot >= 0)
            QToolTip::showText(help->globalPos(), sentence(spot), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace app::desktop
