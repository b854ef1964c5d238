#include "app/desktop/kube/etcd_picture.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace app::desktop {

using core::session::EtcdMemberDetail;

namespace {

constexpr double kMemberGap = 36;
constexpr int kMemberHeight = 116;
constexpr int kLeastMemberWidth = 132;
/// Above these etcd's own documentation calls a disk too slow (wal fsync) and a member endangered.
constexpr double kSlowSyncMilliseconds = 10;
constexpr double kFullQuota = 0.8;

QString milliseconds(sim::Duration duration)
{
    const double ms = sim::toSeconds(duration) * 1000;
    return QStringLiteral("%1 ms").arg(ms, 0, 'f', ms < 10 ? 1 : 0);
}

} // namespace

EtcdPicture::EtcdPicture(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    retranslate();
}

QSize EtcdPicture::sizeHint() const
{
    return {m_look.scaled(420), heightForWidth(width())};
}

QSize EtcdPicture::minimumSizeHint() const
{
    return {m_look.scaled(kLeastMemberWidth), heightForWidth(width())};
}

bool EtcdPicture::stacked(int width) const
{
    const auto count = static_cast<double>(members());
    return (width - (count - 1) * kMemberGap) / count < m_look.scaled(kLeastMemberWidth);
}

int EtcdPicture::heightForWidth(int width) const
{
    const auto count = static_cast<int>(members());
    return stacked(width) ? count * m_look.scaled(kMemberHeight) + (count - 1) * static_cast<int>(kMemberGap) : m_look.scaled(kMemberHeight);
}

void EtcdPicture::setDetail(std::shared_ptr<const core::session::EtcdDetail> detail)
{
    const std::size_t before = members();
    m_detail = std::move(detail);
    if (members() != before)
        updateGeometry();
    QStringList spoken;
    if (m_detail)
        for (const EtcdMemberDetail& member : m_detail->members)
            spoken += sentence(member);
    setAccessibleDescription(spoken.join(QLatin1Char('\n')));
    update();
}

QString EtcdPicture::chosen() const
{
    return m_detail ? QString::fromStdString(m_detail->logOf) : QString();
}

sim::Health EtcdPicture::healthOfMember(const EtcdMemberDetail& member)
{
    if (!member.serving || member.noSpace)
        return sim::Health::Critical;
    if (!member.majority || sim::toSeconds(member.sync) * 1000 > kSlowSyncMilliseconds
        || static_cast<double>(member.fileBytes) > kFullQuota * static_cast<double>(member.quotaBytes))
        return sim::Health::Warn;
    return sim::Health::Ok;
}

QString EtcdPicture::stateOfMember(const EtcdMemberDetail& member)
{
    if (!member.serving)
        return tr("down");
    if (member.noSpace)
        return QStringLiteral("NOSPACE");
    if (!member.majority)
        return tr("no quorum");
    return member.leader ? tr("leader") : tr("follower");
}

QString EtcdPicture::sentence(const EtcdMemberDetail& member) const
{
    return tr("%1: %2, applied %3, flush %4, %5 of %6")
        .arg(QString::fromStdString(member.name), stateOfMember(member))
        .arg(member.applied)
        .arg(milliseconds(member.sync), Wording::bytes(static_cast<double>(member.fileBytes)), Wording::bytes(static_cast<double>(member.quotaBytes)));
}

QRectF EtcdPicture::card(std::size_t index) const
{
    const auto count = static_cast<double>(members());
    if (stacked(width())) {
        const double h = m_look.scaled(kMemberHeight);
        return {1, 1 + static_cast<double>(index) * (h + kMemberGap), width() - 2.0, h - 2};
    }
    const double w = (width() - 2 - (count - 1) * kMemberGap) / count;
    return {1 + static_cast<double>(index) * (w + kMemberGap), 1, w, static_cast<double>(height()) - 2};
}

void EtcdPicture::paintEvent(QPaintEvent*)
{
    if (!m_detail)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintLinks(painter);
    for (std::size_t i = 0; i < m_detail->members.size(); ++i)
        paintMember(painter, i);
}

void EtcdPicture::paintLinks(QPainter& painter) const
{
    // Neighbours by a line between their cards, others by one along the far side. A cut line has a cross in its middle.
    const auto& all = m_detail->members;
    const bool below = stacked(width());
    const Tokens& tokens = m_look.tokens();
    for (std::size_t a = 0; a < all.size(); ++a) {
        for (std::size_t b = a + 1; b < all.size(); ++b) {
            const bool reach = std::find(all[a].peers.begin(), all[a].peers.end(), all[b].name) != all[a].peers.end();
            const bool leads = all[a].leader || all[b].leader;
            QPen pen(reach ? (leads ? tokens.accent : mixed(tokens.line, tokens.muted, 0.5)) : tokens.critical, reach && leads ? 2 : 1.4);
            if (!reach)
                pen.setStyle(Qt::DashLine);
            painter.setPen(pen);
            const double along = b == a + 1 ? 0.35 : 0.75;
            for (std::size_t between = a; between < b; ++between) {
                const QRectF here = card(between);
                const QRectF there = card(between + 1);
                const double x = here.left() + here.width() * along;
                const double y = here.top() + here.height() * along;
                const QPointF from = below ? QPointF(x, here.bottom()) : QPointF(here.right(), y);
                const QPointF to = below ? QPointF(x, there.top()) : QPointF(there.left(), y);
                painter.setPen(pen);
                painter.drawLine(from, to);
                if (reach)
                    continue;
                const QPointF middle = (from + to) / 2;
                painter.setPen(QPen(tokens.critical, 2));
                painter.drawLine(middle + QPointF(-4, -4), middle + QPointF(4, 4));
                painter.drawLine(middle + QPointF(-4, 4), middle + QPointF(4, -4));
            }
        }
    }
}

void EtcdPicture::paintMember(QPainter& painter, std::size_t index) const
{
    const Tokens& tokens = m_look.tokens();
    const EtcdMemberDetail& member = m_detail->members[index];
    const QRectF box = card(index);
    const bool shown = member.name == m_detail->logOf;
    painter.setPen(shown ? QPen(tokens.accent, hasFocus() ? 2.4 : 1.6) : QPen(tokens.line, 1));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), Look::kControlRadius, Look::kControlRadius);
    const QRectF inside = box.adjusted(12, 8, -12, -8);
    const double pitch = m_look.scaled(20);
    QRectF row(inside.left(), inside.top(), inside.width(), pitch);
    const double side = m_look.scaled(9);
    const sim::Health health = healthOfMember(member);
    drawHealth(painter, QRectF(row.left(), row.center().y() - side / 2, side, side), health, tokens);
    painter.setFont(m_look.font(FontRole::Section));
    painter.setPen(tokens.text);
    const QString name = QString::fromStdString(member.name) + (member.leader ? QStringLiteral(" ★") : QString());
    painter.drawText(row.adjusted(side + 6, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, name);
    const double used = side + 12 + QFontMetricsF(painter.font()).horizontalAdvance(name);
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(health == sim::Health::Ok ? tokens.muted : healthColor(tokens, health));
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight,
                     QFontMetricsF(painter.font()).elidedText(stateOfMember(member), Qt::ElideRight, row.width() - used));
    const auto line = [&](const QString& left, const QString& right) {
        row.translate(0, pitch);
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, left);
        painter.setFont(m_look.font(FontRole::Secondary));
        painter.setPen(tokens.text);
        drawTabular(painter, row, Qt::AlignVCenter | Qt::AlignRight, right);
    };
    line(tr("applied"), QString::number(member.applied));
    line(tr("flush"), member.serving ? milliseconds(member.sync) : QStringLiteral("–"));
    line(tr("size"), tr("%1 of %2").arg(Wording::bytes(static_cast<double>(member.fileBytes)), Wording::bytes(static_cast<double>(member.quotaBytes))));
    row.translate(0, pitch);
    paintFill(painter, row, member);
}

void EtcdPicture::paintFill(QPainter& painter, const QRectF& row, const EtcdMemberDetail& member) const
{
    const Tokens& tokens = m_look.tokens();
    const double share = std::clamp(static_cast<double>(member.fileBytes) / static_cast<double>(std::max<std::int64_t>(1, member.quotaBytes)), 0.0, 1.0);
    const QRectF track(row.left(), row.top() + 4, row.width(), 5);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokens.line);
    painter.drawRoundedRect(track, 2.5, 2.5);
    painter.setBrush(member.noSpace ? tokens.critical : share > kFullQuota ? tokens.warn : tokens.accent);
    painter.drawRoundedRect(QRectF(track.left(), track.top(), std::max(3.0, track.width() * share), track.height()), 2.5, 2.5);
}

void EtcdPicture::mousePressEvent(QMouseEvent* event)
{
    for (std::size_t i = 0; m_detail && i < m_detail->members.size(); ++i)
        if (card(i).contains(event->position()))
            emit memberChosen(QString::fromStdString(m_detail->members[i].name));
}

void EtcdPicture::keyPressEvent(QKeyEvent* event)
{
    const bool below = stacked(width());
    const int step = event->key() == (below ? Qt::Key_Down : Qt::Key_Right) ? 1 : event->key() == (below ? Qt::Key_Up : Qt::Key_Left) ? -1 : 0;
    if (step == 0 || !m_detail || m_detail->members.empty())
        return QWidget::keyPressEvent(event);
    const auto& all = m_detail->members;
    const auto current = std::find_if(all.begin(), all.end(), [this](const auto& one) { return one.name == m_detail->logOf; });
    const auto last = static_cast<std::ptrdiff_t>(all.size()) - 1;
    const auto next = current == all.end() ? 0 : std::clamp<std::ptrdiff_t>(current - all.begin() + step, 0, last);
    emit memberChosen(QString::fromStdString(all[static_cast<std::size_t>(next)].name));
}

void EtcdPicture::retranslate()
{
    setAccessibleName(tr("Members of etcd"));
    updateGeometry();
    update();
}

} // namespace app::desktop
