#include "app/desktop/serving/router_picture.h"

#include "app/desktop/serving/serving_look.h"
#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::ServingClient;
using core::session::ServingDetail;
using core::session::ServingReplica;
using core::session::ServingRoute;

namespace {

constexpr int kClientHeight = 46;
constexpr int kReplicaHeight = 76;
constexpr int kDownHeight = 40; ///< of a replica without figures
constexpr int kRouterHeight = 84;
constexpr int kRouterGap = 8;
constexpr int kRouteGap = 10; ///< between two routes
constexpr double kWidestWay = 7;
constexpr int kQueueCells = 40; ///< that are drawn one by one; beyond, a cell stands for several

QString fitted(const QFont& font, const QString& words, double width, Qt::TextElideMode mode = Qt::ElideRight)
{
    return QFontMetricsF(font).elidedText(words, mode, std::max(0.0, width));
}

} // namespace

RouterPicture::RouterPicture(Look& look, QWidget* parent) : SpotPicture(look, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    retranslate();
}

void RouterPicture::setDetail(std::shared_ptr<const ServingDetail> detail)
{
    m_detail = std::move(detail);
    arrange();
}

void RouterPicture::setRoom(const QSize& room)
{
    if (room == m_room)
        return;
    m_room = room;
    arrange();
}

double RouterPicture::total(int route) const
{
    double all = 0;
    for (const ServingClient& client : m_detail->clients)
        all += client.route == route ? client.requestsPerSecond : 0;
    return all;
}

void RouterPicture::arrange()
{
    m_clients.clear();
    m_routers.clear();
    m_replicas.clear();
    if (!m_detail) {
        setSpots({});
        return;
    }
    const double gap = kRouterGap;
    const double left = 2, right = width() - 2.0;
    const double client = std::clamp(width() * 0.21, static_cast<double>(m_look.scaled(92)), static_cast<double>(m_look.scaled(170)));
    const double router = std::clamp(width() * 0.18, static_cast<double>(m_look.scaled(88)), static_cast<double>(m_look.scaled(150)));
    const double replica = std::clamp(width() * 0.42, static_cast<double>(m_look.scaled(150)), static_cast<double>(m_look.scaled(420)));
    const auto replicaHeight = [this](const ServingReplica& one) { return m_look.scaled(one.measured ? kReplicaHeight : kDownHeight); };
    // What each route takes: as much as its highest column.
    const std::size_t routes = m_detail->routes.size();
    std::vector<double> clients(routes), replicas(routes), high(routes);
    for (const ServingClient& one : m_detail->clients)
        clients[static_cast<std::size_t>(one.route)] += m_look.scaled(kClientHeight) + gap;
    for (const ServingReplica& one : m_detail->replicas)
        replicas[static_cast<std::size_t>(one.route)] += replicaHeight(one) + gap;
    double all = 0;
    for (std::size_t i = 0; i < routes; ++i) {
        high[i] = std::max({clients[i], replicas[i], m_look.scaled(kRouterHeight) + gap});
        all += high[i];
    }
    const double spare = routes > 0 ? std::max(0.0, m_room.height() - 4 - all - kRouteGap * (static_cast<double>(routes) - 1)) / static_cast<double>(routes) : 0;
    double top = 2;
    std::vector<double> clientY(routes), replicaY(routes);
    for (std::size_t i = 0; i < routes; ++i) {
        const double whole = high[i] + spare;
        clientY[i] = top + (whole - clients[i]) / 2;
        replicaY[i] = top + (whole - replicas[i]) / 2;
        const double middle = left + client + (right - replica - left - client) * 0.46;
        m_routers.emplace_back(middle - router / 2, top + (whole - m_look.scaled(kRouterHeight)) / 2, router, m_look.scaled(kRouterHeight));
        top += whole + kRouteGap;
    }
    for (const ServingClient& one : m_detail->clients) {
        double& y = clientY[static_cast<std::size_t>(one.route)];
        m_clients.emplace_back(left, y, client, m_look.scaled(kClientHeight));
        y += m_look.scaled(kClientHeight) + gap;
    }
    int ready = 0;
    for (const ServingReplica& one : m_detail->replicas) {
        double& y = replicaY[static_cast<std::size_t>(one.route)];
        m_replicas.emplace_back(right - replica, y, replica, replicaHeight(one));
        y += replicaHeight(one) + gap;
        ready += one.state == ServingReplica::State::Ready ? 1 : 0;
    }
    std::vector<QRectF> spots = m_clients;
    spots.insert(spots.end(), m_routers.begin(), m_routers.end());
    spots.insert(spots.end(), m_replicas.begin(), m_replicas.end());
    setSpots(std::move(spots));
    setSummary(tr("%1 of %n replica(s) ready", nullptr, static_cast<int>(m_detail->replicas.size())).arg(ready));
    const int wanted = static_cast<int>(std::ceil(top - kRouteGap + 2));
    if (wanted != m_height) {
        m_height = wanted;
        updateGeometry();
    }
    update();
}

int RouterPicture::replicaOf(int spot) const
{
    const int first = static_cast<int>(m_clients.size() + m_routers.size());
    return spot >= first ? spot - first : -1;
}

QString RouterPicture::sentence(int spot) const
{
    if (!m_detail || spot < 0)
        return {};
    if (spot < static_cast<int>(m_clients.size())) {
        const ServingClient& client = m_detail->clients[static_cast<std::size_t>(spot)];
        QString words = tr("%1 asks %2").arg(QString::fromStdString(client.name), ServingLook::perSecond(client.requestsPerSecond));
        if (!client.asks.empty())
            words += QStringLiteral(" · ") + QString::fromStdString(client.asks);
        if (client.failuresPerSecond > 0)
            words += QStringLiteral(" · ") + tr("%1 fail").arg(ServingLook::perSecond(client.failuresPerSecond));
        return words;
    }
    if (const int replica = replicaOf(spot); replica >= 0)
        return ServingLook::replicaSentence(m_detail->replicas[static_cast<std::size_t>(replica)]);
    const ServingRoute& route = m_detail->routes[static_cast<std::size_t>(spot) - m_clients.size()];
    const QString service = QString::fromStdString(route.service);
    QString words;
    if (route.router.empty())
        words = tr("%1: no router; the Service spreads connections over the pods that are ready").arg(service);
    else if (route.policy)
        words = tr("%1 · --policy=%2 · %3: %4").arg(QString::fromStdString(route.router), QString::fromStdString(route.policyName), ServingLook::policy(*route.policy), ServingLook::policyMeaning(*route.policy));
    else
        words = tr("%1: no router runs").arg(service);
    return route.ready ? words : words + QStringLiteral(" · ") + tr("nobody is behind it");
}

void RouterPicture::paintWay(QPainter& painter, const QPointF& from, const QPointF& to, double rate, double share, bool labelled) const
{
    const Tokens& tokens = m_look.tokens();
    QPainterPath way(from);
    const double bend = (to.x() - from.x()) * 0.5;
    way.cubicTo(from + QPointF(bend, 0), to - QPointF(bend, 0), to);
    painter.setBrush(Qt::NoBrush);
    if (rate <= 0)
        painter.setPen(QPen(tokens.line, 1.2, Qt::DashLine));
    else
        painter.setPen(QPen(mixed(tokens.panel, tokens.accent, 0.75), 1.2 + kWidestWay * share, Qt::SolidLine, Qt::FlatCap));
    painter.drawPath(way);
    if (!labelled || rate <= 0)
        return;
    painter.setFont(m_look.font(FontRole::Label));
    const QString words = ServingLook::perSecond(rate);
    const double wide = tabularWidth(painter.font(), words) + 8;
    if (wide > to.x() - from.x()) // the sentence has it
        return;
    const QPointF middle = way.pointAtPercent(0.5);
    const QRectF box(middle.x() - wide / 2, middle.y() - m_look.scaled(8), wide, m_look.scaled(16));
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokens.panel);
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(tokens.text);
    drawTabular(painter, box, Qt::AlignCenter, words);
}

void RouterPicture::paintClient(QPainter& painter, int client) const
{
    const Tokens& tokens = m_look.tokens();
    const ServingClient& one = m_detail->clients[static_cast<std::size_t>(client)];
    const QRectF box = m_clients[static_cast<std::size_t>(client)];
    painter.setPen(QPen(tokens.line, 1));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    const QRectF inner = box.adjusted(9, 5, -9, -5);
    const double half = inner.height() / 2;
    painter.setFont(m_look.font(FontRole::Secondary));
    painter.setPen(tokens.text);
    painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), half), Qt::AlignVCenter | Qt::AlignLeft, fitted(painter.font(), QString::fromStdString(one.name), inner.width()));
    painter.setFont(m_look.font(FontRole::Label));
    const QRectF below(inner.left(), inner.top() + half, inner.width(), half);
    if (one.failuresPerSecond > 0) {
        const QString words = tr("%1 fail").arg(ServingLook::perSecond(one.failuresPerSecond));
        painter.setPen(readableOn(tokens.critical, tokens.raised));
        drawHealth(painter, QRectF(below.left(), below.center().y() - 4, 8, 8), sim::Health::Critical, tokens);
        painter.setPen(readableOn(tokens.critical, tokens.raised));
        drawTabular(painter, below.adjusted(12, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, words);
        return;
    }
    painter.setPen(tokens.muted);
    const QString words = one.asks.empty() ? ServingLook::perSecond(one.requestsPerSecond) : QStringLiteral("%1 · %2").arg(ServingLook::perSecond(one.requestsPerSecond), QString::fromStdString(one.asks));
    drawTabular(painter, below, Qt::AlignVCenter | Qt::AlignLeft, fitted(painter.font(), words, below.width()));
}

void RouterPicture::paintRouter(QPainter& painter, int route) const
{
    const Tokens& tokens = m_look.tokens();
    const ServingRoute& one = m_detail->routes[static_cast<std::size_t>(route)];
    const QRectF box = m_routers[static_cast<std::size_t>(route)];
    const bool routed = !one.router.empty();
    painter.setPen(QPen(routed ? mixed(tokens.panel, tokens.accent, 0.7) : tokens.line, 1.4, routed ? Qt::SolidLine : Qt::DashLine));
    painter.setBrush(routed ? mixed(tokens.panel, tokens.accent, tokens.dark ? 0.12 : 0.08) : tokens.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), Look::kPanelRadius, Look::kPanelRadius);
    const QRectF inner = box.adjusted(8, 7, -8, -7);
    const double line = inner.height() / 3;
    painter.setFont(m_look.font(FontRole::Section));
    painter.setPen(tokens.text);
    const QString name = QString::fromStdString(routed ? one.router : one.service).section(QLatin1Char('/'), -1);
    painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), line), Qt::AlignCenter, fitted(painter.font(), name, inner.width(), Qt::ElideMiddle));
    painter.setFont(m_look.font(FontRole::Secondary));
    QString words = routed ? one.policy ? ServingLook::policy(*one.policy) : tr("does not run") : tr("no router");
    painter.setPen(routed && one.policy ? readableOn(tokens.accent, tokens.panel) : tokens.muted);
    if (!one.ready || (routed && !one.policy)) {
        painter.setPen(readableOn(tokens.critical, tokens.panel));
        words = QStringLiteral("■ ") + (one.ready ? words : tr("nobody there"));
    }
    painter.drawText(QRectF(inner.left(), inner.top() + line, inner.width(), line), Qt::AlignCenter, fitted(painter.font(), words, inner.width()));
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    drawTabular(painter, QRectF(inner.left(), inner.top() + 2 * line, inner.width(), line), Qt::AlignCenter, ServingLook::perSecond(total(route)));
}

/// Running sequences full, waiting ones hollow.
void RouterPicture::paintQueue(QPainter& painter, const ServingReplica& replica, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const int all = static_cast<int>(replica.running + replica.waiting);
    const double gap = 2;
    const double wide = m_look.scaled(5);
    const int room = std::max(4, std::min(kQueueCells, static_cast<int>(box.width() / (wide + gap))));
    const int each = std::max(1, (all + room - 1) / room);
    double x = box.left();
    const auto draw = [&](std::uint32_t count, bool waits) {
        for (std::uint32_t i = 0; i < count; i += static_cast<std::uint32_t>(each)) {
            const QRectF cell(x, box.top() + 1, wide, box.height() - 2);
            if (waits) {
                painter.setPen(QPen(tokens.warn, 1));
                painter.setBrush(Qt::NoBrush);
                painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5));
            } else {
                painter.fillRect(cell, tokens.ok);
            }
            x += wide + gap;
        }
    };
    draw(replica.running, false);
    draw(replica.waiting, true);
}

void RouterPicture::paintGauge(QPainter& painter, const QRectF& box, const QString& name, double share, const QColor& color) const
{
    const Tokens& tokens = m_look.tokens();
    painter.setFont(m_look.font(FontRole::Label));
    const QString figure = ServingLook::percent(share);
    const double named = QFontMetricsF(painter.font()).horizontalAdvance(name) + 5;
    const double wide = tabularWidth(painter.font(), QStringLiteral("100 %"));
    painter.setPen(tokens.muted);
    painter.drawText(box, Qt::AlignVCenter | Qt::AlignLeft, name);
    painter.setPen(tokens.text);
    drawTabular(painter, box, Qt::AlignVCenter | Qt::AlignRight, figure);
    const QRectF bar(box.left() + named, box.center().y() - 2.5, box.width() - named - wide - 5, 5);
    if (bar.width() < 8)
        return;
    painter.fillRect(bar, trackColor(tokens));
    painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(share, 0.0, 1.0), bar.height()), color);
}

void RouterPicture::paintReplica(QPainter& painter, int replica) const
{
    const Tokens& tokens = m_look.tokens();
    const ServingReplica& one = m_detail->replicas[static_cast<std::size_t>(replica)];
    const QRectF box = m_replicas[static_cast<std::size_t>(replica)];
    const sim::Health health = ServingLook::health(one);
    const bool ready = one.state == ServingReplica::State::Ready;
    painter.setPen(QPen(ready ? tokens.line : mixed(tokens.panel, healthColor(tokens, health), 0.6), 1, one.measured ? Qt::SolidLine : Qt::DashLine));
    painter.setBrush(one.measured ? tokens.raised : tokens.panel);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    const QRectF inner = box.adjusted(9, 5, -9, -5);
    painter.setFont(m_look.font(FontRole::Secondary));
    const double line = one.measured ? inner.height() / 3 : inner.height();
    const QRectF head(inner.left(), inner.top(), inner.width(), line);
    const double mark = m_look.scaled(9);
    drawHealth(painter, QRectF(head.left(), head.center().y() - mark / 2, mark, mark), health, tokens);
    QString right;
    QColor ink = tokens.muted;
    if (ready) {
        right = ServingLook::tokensPerSecond(one.generationTokensPerSecond);
    } else {
        right = ServingLook::state(one);
        ink = readableOn(healthColor(tokens, health), tokens.raised);
    }
    const double used = std::min(tabularWidth(painter.font(), right), head.width() * 0.6);
    painter.setPen(ink);
    drawTabular(painter, head, Qt::AlignVCenter | Qt::AlignRight, fitted(painter.font(), right, head.width() * 0.6));
    painter.setPen(tokens.text);
    painter.drawText(head.adjusted(mark + 6, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, fitted(painter.font(), QString::fromStdString(one.name), head.width() - mark - 14 - used, Qt::ElideMiddle));
    if (!one.measured)
        return;
    painter.setFont(m_look.font(FontRole::Label));
    const QRectF queue(inner.left(), inner.top() + line, inner.width(), line);
    const QString words = tr("%1 run, %2 wait").arg(one.running).arg(one.waiting);
    const double wide = tabularWidth(painter.font(), words);
    painter.setPen(one.waiting > 0 ? readableOn(tokens.warn, tokens.raised) : tokens.text);
    drawTabular(painter, queue, Qt::AlignVCenter | Qt::AlignRight, words);
    paintQueue(painter, one, QRectF(queue.left(), queue.center().y() - m_look.scaled(6), queue.width() - wide - 8, m_look.scaled(12)));
    const double half = inner.width() / 2 - 6;
    paintGauge(painter, QRectF(inner.left(), inner.top() + 2 * line, half, line), tr("cache"), one.cacheUse, tokens.branch);
    paintGauge(painter, QRectF(inner.right() - half, inner.top() + 2 * line, half, line), tr("hits"), one.hitRate, tokens.ok);
}

/// The ways of a route, which meet its router side by side.
void RouterPicture::paintRoute(QPainter& painter, int route) const
{
    const QRectF router = m_routers[static_cast<std::size_t>(route)];
    double most = std::max(total(route), 1e-9);
    for (const ServingReplica& one : m_detail->replicas)
        most = one.route == route ? std::max(most, one.requestsPerSecond) : most;
    const auto spread = [&](std::size_t number, std::size_t count) {
        return router.center().y() + router.height() * 0.6 * (count < 2 ? 0 : static_cast<double>(number) / static_cast<double>(count - 1) - 0.5);
    };
    std::vector<std::size_t> clients, replicas;
    for (std::size_t i = 0; i < m_clients.size(); ++i)
        if (m_detail->clients[i].route == route)
            clients.push_back(i);
    for (std::size_t i = 0; i < m_replicas.size(); ++i)
        if (m_detail->replicas[i].route == route)
            replicas.push_back(i);
    for (std::size_t i = 0; i < clients.size(); ++i) {
        const double rate = m_detail->clients[clients[i]].requestsPerSecond;
        paintWay(painter, QPointF(m_clients[clients[i]].right(), m_clients[clients[i]].center().y()), QPointF(router.left(), spread(i, clients.size())), rate, rate / most, false);
    }
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        const double rate = m_detail->replicas[replicas[i]].requestsPerSecond;
        paintWay(painter, QPointF(router.right(), spread(i, replicas.size())), QPointF(m_replicas[replicas[i]].left(), m_replicas[replicas[i]].center().y()), rate, rate / most, true);
    }
}

void RouterPicture::paintEvent(QPaintEvent*)
{
    if (!m_detail)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int route = 0; route < static_cast<int>(m_routers.size()); ++route)
        paintRoute(painter, route);
    for (int i = 0; i < static_cast<int>(m_clients.size()); ++i)
        paintClient(painter, i);
    for (int i = 0; i < static_cast<int>(m_routers.size()); ++i)
        paintRouter(painter, i);
    for (int i = 0; i < static_cast<int>(m_replicas.size()); ++i)
        paintReplica(painter, i);
    paintCursor(painter);
}

void RouterPicture::resizeEvent(QResizeEvent* event)
{
    SpotPicture::resizeEvent(event);
    arrange();
}

void RouterPicture::retranslate()
{
    setAccessibleName(tr("Clients, router and replicas"));
    arrange();
}

} // namespace app::desktop
