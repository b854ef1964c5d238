#include "app/desktop/serving/serving_look.h"

#include <QLocale>
#include <QPainter>
#include <QStringList>

#include <algorithm>
#include <array>
#include <cmath>

namespace app::desktop {

using core::session::ServingReplica;
using sim::serving::Precision;
using sim::serving::RoutePolicy;

namespace {

// M. Okabe and K. Ito, "Color universal design", without black.
constexpr std::array kHues{0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7};
constexpr double kPatternFrom = 8; ///< pixels of a box's shorter side

} // namespace

QColor ServingLook::hue(const Tokens& tokens, RequestId id)
{
    const QColor pure = QColor::fromRgb(static_cast<QRgb>(kHues[id % kHues.size()]));
    return mixed(pure, tokens.dark ? tokens.panel : QColor(Qt::black), tokens.dark ? 0.12 : 0.08);
}

void ServingLook::fill(QPainter& painter, const QRectF& box, RequestId id, const Tokens& tokens)
{
    const QColor color = hue(tokens, id);
    painter.fillRect(box, color);
    if (std::min(box.width(), box.height()) < kPatternFrom)
        return;
    static constexpr std::array kPatterns{Qt::NoBrush, Qt::BDiagPattern, Qt::Dense6Pattern};
    const Qt::BrushStyle pattern = kPatterns[id / kHues.size() % kPatterns.size()];
    if (pattern != Qt::NoBrush)
        painter.fillRect(box, QBrush(mixed(color, QColor(Qt::black), 0.5), pattern));
}

QColor ServingLook::reserved(const Tokens& tokens, RequestId id)
{
    return mixed(tokens.panel, hue(tokens, id), tokens.dark ? 0.26 : 0.3);
}

QColor ServingLook::free(const Tokens& tokens)
{
    return mixed(tokens.panel, tokens.line, tokens.dark ? 0.55 : 0.5);
}

QColor ServingLook::cachedFree(const Tokens& tokens)
{
    return mixed(tokens.panel, tokens.muted, tokens.dark ? 0.42 : 0.45);
}

void ServingLook::drawShared(QPainter& painter, const QRectF& box, const Tokens& tokens)
{
    const double side = std::min(box.width(), box.height()) * 0.5;
    if (side < 2) {
        painter.fillRect(QRectF(box.center().x() - 0.5, box.center().y() - 0.5, 1, 1), tokens.dark ? QColor(Qt::white) : QColor(Qt::black));
        return;
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokens.dark ? QColor(Qt::white) : QColor(Qt::black));
    painter.drawPolygon(QPolygonF{box.topRight(), QPointF(box.right() - side, box.top()), QPointF(box.right(), box.top() + side)});
}

QColor ServingLook::prefill(const Tokens& tokens)
{
    return tokens.accent;
}

QColor ServingLook::decode(const Tokens& tokens)
{
    return mixed(tokens.panel, tokens.ok, 0.78); // much of a picture is it
}

QString ServingLook::count(double value)
{
    return QLocale(QLocale::English).toString(std::llround(value));
}

QString ServingLook::seconds(double value)
{
    if (value < 0)
        return QStringLiteral("–");
    if (value < 0.0995)
        return QStringLiteral("%1 ms").arg(value * 1e3, 0, 'f', value < 0.00995 ? 1 : 0);
    if (value < 0.9995)
        return QStringLiteral("%1 ms").arg(std::lround(value * 1e3));
    return QStringLiteral("%1 s").arg(value, 0, 'f', value < 9.95 ? 2 : value < 99.5 ? 1 : 0);
}

QString ServingLook::perSecond(double value)
{
    return QStringLiteral("%1/s").arg(value, 0, 'f', value < 9.95 ? 1 : 0);
}

QString ServingLook::tokensPerSecond(double value)
{
    return tr("%1 tok/s").arg(count(value));
}

QString ServingLook::percent(double share)
{
    if (share < 0)
        return QStringLiteral("–");
    return QStringLiteral("%1 %").arg(share * 100, 0, 'f', share > 0 && share < 0.0995 ? 1 : 0);
}

QString ServingLook::policy(RoutePolicy policy)
{
    switch (policy) {
    case RoutePolicy::RoundRobin: return tr("Round robin");
    case RoutePolicy::LeastLoaded: return tr("Least loaded");
    case RoutePolicy::PrefixAffine: return tr("Prefix-affine");
    case RoutePolicy::SessionHash: return tr("Session hash");
    }
    return {};
}

QString ServingLook::policyMeaning(RoutePolicy policy)
{
    switch (policy) {
    case RoutePolicy::RoundRobin: return tr("one after the other, however busy they are");
    case RoutePolicy::LeastLoaded: return tr("to where fewest wait and run");
    case RoutePolicy::PrefixAffine: return tr("to where the longest beginning of the prompt went before");
    case RoutePolicy::SessionHash: return tr("a conversation always to the same one");
    }
    return {};
}

QString ServingLook::precision(Precision precision)
{
    switch (precision) {
    case Precision::Float32: return QStringLiteral("FP32");
    case Precision::Bfloat16: return QStringLiteral("BF16");
    case Precision::Float8: return QStringLiteral("FP8");
    case Precision::Int8: return QStringLiteral("INT8");
    case Precision::Float4: return QStringLiteral("FP4");
    case Precision::Int4: return QStringLiteral("INT4");
    }
    return {};
}

sim::Health ServingLook::health(const ServingReplica& replica)
{
    switch (replica.state) {
    case ServingReplica::State::Ready: return sim::Health::Ok;
    case ServingReplica::State::Starting: return sim::Health::Unknown;
    case ServingReplica::State::NotReady: return sim::Health::Warn;
    case ServingReplica::State::Down: return sim::Health::Critical;
    }
    return sim::Health::Unknown;
}

QString ServingLook::state(const ServingReplica& replica)
{
    if (!replica.word.empty())
        return QString::fromStdString(replica.word);
    switch (replica.state) {
    case ServingReplica::State::Ready: return tr("ready");
    case ServingReplica::State::Starting: return tr("starting");
    case ServingReplica::State::NotReady: return tr("not ready");
    case ServingReplica::State::Down: return tr("down");
    }
    return {};
}

QString ServingLook::replicaSentence(const ServingReplica& replica)
{
    QStringList all{tr("%1 on %2").arg(QString::fromStdString(replica.name), replica.node.empty() ? tr("no node") : QString::fromStdString(replica.node)), state(replica)};
    if (replica.measured) {
        all += tr("gets %1").arg(perSecond(replica.requestsPerSecond));
        all += tr("%1 running, %2 waiting").arg(replica.running).arg(replica.waiting);
        all += tr("cache %1 used").arg(percent(replica.cacheUse));
        all += tr("hit rate %1").arg(percent(replica.hitRate));
        all += tokensPerSecond(replica.generationTokensPerSecond);
    }
    return all.join(QStringLiteral(" · "));
}

} // namespace app::desktop
