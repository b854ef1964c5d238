#include "app/desktop/storage/placement_picture.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QKeyEvent>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::StorageDaemon;
using core::session::StorageDetail;
using core::session::StorageGroup;
using core::session::StorageOsd;

namespace {

constexpr double kHostGap = 8;
constexpr double kHostInset = 8;
constexpr double kOsdGap = 4;
constexpr int kLeastTile = 132;
constexpr std::size_t kTallestStack = 6; ///< OSDs over each other; more stand in columns
constexpr int kHostLine = 20;
constexpr int kTallestTile = 52;
constexpr int kDaemonHeight = 16;
constexpr int kStateHeight = 18;
constexpr int kPoolName = 15;
constexpr double kPoolGap = 16;
constexpr int kLargestCell = 24;
constexpr int kSmallestCell = 8;
constexpr double kGroupSeam = 1.5;

} // namespace

int PlacementPicture::placeIn(const std::vector<std::int32_t>& osds, std::int32_t osd)
{
    const auto found = std::find(osds.begin(), osds.end(), osd);
    return found == osds.end() ? 0 : static_cast<int>(found - osds.begin()) + 1;
}

PlacementPicture::PlacementPicture(Look& look, QWidget* parent) : SpotPicture(look, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    retranslate();
}

void PlacementPicture::setDetail(std::shared_ptr<const StorageDetail> detail)
{
    // States and the progress come and go: whichever is chosen stays chosen, or nothing is.
    const auto passing = [this](const Spot& spot) {
        return spot.kind == Kind::State ? m_detail->states[static_cast<std::size_t>(spot.index)].name : std::string(spot.kind == Kind::Progress ? "/progress" : "");
    };
    const std::string kept = m_detail && chosen() >= 0 ? passing(m_spotOf[static_cast<std::size_t>(chosen())]) : std::string();
    m_detail = std::move(detail);
    arrange();
    if (kept.empty())
        return;
    const auto same = std::find_if(m_spotOf.begin(), m_spotOf.end(), [&](const Spot& spot) { return passing(spot) == kept; });
    choose(same == m_spotOf.end() ? -1 : static_cast<int>(same - m_spotOf.begin()));
}

void PlacementPicture::setRoom(const QSize& room)
{
    if (room == m_room)
        return;
    m_room = room;
    arrange();
}

void PlacementPicture::resizeEvent(QResizeEvent* event)
{
    SpotPicture::resizeEvent(event);
    arrange();
}

void PlacementPicture::chooseGroup(const QString& name)
{
    for (int i = 0; i < spots(); ++i) {
        const Spot& spot = m_spotOf[static_cast<std::size_t>(i)];
        if (spot.kind == Kind::Group && QString::fromStdString(m_detail->groups[static_cast<std::size_t>(spot.index)].name) == name)
            return choose(i);
    }
}

void PlacementPicture::chooseOsd(std::int32_t id)
{
    for (int i = 0; i < spots(); ++i) {
        const Spot& spot = m_spotOf[static_cast<std::size_t>(i)];
        if (spot.kind == Kind::Osd && m_detail->osds[static_cast<std::size_t>(spot.index)].id == id)
            return choose(i);
    }
}

void PlacementPicture::arrange()
{
    m_spotOf.clear();
    m_cards.clear();
    m_heads.clear();
    m_states.clear();
    m_cells.clear();
    m_poolNames.clear();
    std::vector<QRectF> boxes;
    double bottom = 0;
    const auto add = [&](Kind kind, int index, const QRectF& box) {
        m_spotOf.push_back({kind, index});
        boxes.push_back(box);
        bottom = std::max(bottom, box.bottom());
    };
    if (m_detail && m_detail->answers && width() > 0) {
        std::vector<QRectF> tiles, chips;
        double top = arrangeHosts(tiles, chips) + kHostGap;
        QRectF progress;
        if (m_detail->degraded + m_detail->misplaced > 0) {
            progress = {0, top, static_cast<double>(width()), static_cast<double>(m_look.scaled(kStateHeight))};
            top = progress.bottom() + 4;
        }
        top = arrangeStates(top) + 4;
        // Cells as large as the room allows.
        m_cell = m_look.scaled(kLargestCell);
        while (m_cell > m_look.scaled(kSmallestCell) && arrangeGroups(top, m_cell) > m_room.height() - 2)
            m_cell -= 1;
        arrangeGroups(top, m_cell);
        for (std::size_t i = 0; i < m_heads.size(); ++i)
            add(Kind::Host, static_cast<int>(i), m_heads[i]);
        for (std::size_t i = 0; i < chips.size(); ++i)
            add(Kind::Daemon, static_cast<int>(i), chips[i]);
        for (std::size_t i = 0; i < tiles.size(); ++i)
            add(Kind::Osd, static_cast<int>(i), tiles[i]);
        for (std::size_t i = 0; i < m_cells.size(); ++i)
            add(Kind::Group, static_cast<int>(i), m_cells[i]);
        for (std::size_t i = 0; i < m_states.size(); ++i) // last: there are more and fewer of them as time goes on
            add(Kind::State, static_cast<int>(i), m_states[i]);
        if (!progress.isNull())
            add(Kind::Progress, 0, progress);
    }
    setSpots(std::move(boxes));
    QStringList states;
    for (int i = 0; m_detail && i < static_cast<int>(m_detail->states.size()); ++i)
        states += stateText(i);
    setSummary(states.join(QStringLiteral(", ")));
    const int wanted = static_cast<int>(std::ceil(bottom)) + 2;
    if (wanted != m_height) {
        m_height = wanted;
        setFixedHeight(wanted);
    }
    update();
}

double PlacementPicture::arrangeHosts(std::vector<QRectF>& tiles, std::vector<QRectF>& chips)
{
    const int count = static_cast<int>(m_detail->hosts.size());
    std::vector<std::vector<std::size_t>> osds(m_detail->hosts.size());
    std::size_t most = 1;
    for (std::size_t i = 0; i < m_detail->osds.size(); ++i) {
        auto& own = osds[static_cast<std::size_t>(m_detail->osds[i].host)];
        own.push_back(i);
        most = std::max(most, own.size());
    }
    const std::size_t stacks = (most + kTallestStack - 1) / kTallestStack;
    const std::size_t stacked = (most + stacks - 1) / stacks;
    const auto across = static_cast<double>(stacks);
    const double least = 2 * kHostInset + across * m_look.scaled(kLeastTile) + (across - 1) * kOsdGap;
    const int fit = std::clamp(static_cast<int>((width() + kHostGap) / (least + kHostGap)), 1, std::max(1, count));
    const int rows = (count + fit - 1) / fit;
    const int columns = (count + rows - 1) / rows;
    const double cardWidth = (width() - (columns - 1) * kHostGap) / columns;
    const QFontMetricsF metrics(m_look.font(FontRole::Label));
    const QFontMetricsF nameMetrics(m_look.font(FontRole::Section));
    // Daemons stand beside the name where there is room for both on every machine.
    std::vector<double> chipsWide(m_detail->hosts.size(), 0);
    for (std::size_t i = 0; i < m_detail->daemons.size(); ++i)
        chipsWide[static_cast<std::size_t>(m_detail->daemons[i].host)] += metrics.horizontalAdvance(chipText(static_cast<int>(i))) + m_look.scaled(12) + 4;
    bool oneLine = true;
    for (std::size_t host = 0; host < chipsWide.size(); ++host)
        oneLine &= nameMetrics.horizontalAdvance(QString::fromStdString(m_detail->hosts[host])) + m_look.scaled(9) + 10 + chipsWide[host] + 2 * kHostInset <= cardWidth;
    const double headHeight = m_look.scaled(kHostLine);
    const double chipsHeight = oneLine ? 0 : m_look.scaled(kDaemonHeight) + 4;
    const double above = kHostInset + headHeight + chipsHeight + 2;
    const double leastTile = m_look.scaled(kTileLine) + m_look.scaled(kGaugeHeight) + 2 * kTileInset + 1;
    // Not quite half of the room goes to the machines, the rest to the groups.
    const double gaps = static_cast<double>(stacked - 1) * kOsdGap;
    const double wanted = ((m_room.height() * 0.45 - (rows - 1) * kHostGap) / rows - above - kHostInset - gaps) / static_cast<double>(stacked);
    const double tileHeight = std::clamp(wanted, leastTile, std::max(leastTile, static_cast<double>(m_look.scaled(kTallestTile))));
    const double cardHeight = above + static_cast<double>(stacked) * tileHeight + gaps + kHostInset;
    const double tileWidth = (cardWidth - 2 * kHostInset - (across - 1) * kOsdGap) / across;
    m_twoLines = tileHeight >= 2 * m_look.scaled(kTileLine) + m_look.scaled(kGaugeHeight) + 2 * kTileInset + 2;
    // With one narrow line all names give way where some tiles have to say what is out of order.
    m_shortNames = !m_twoLines && tileWidth < m_look.scaled(kWordyTile)
        && std::any_of(m_detail->osds.begin(), m_detail->osds.end(), [&](const StorageOsd& osd) { return osd.in && !strainOf(osd).first.isEmpty(); });
    tiles.resize(m_detail->osds.size());
    chips.resize(m_detail->daemons.size());
    for (int host = 0; host < count; ++host) {
        const QRectF card(host % columns * (cardWidth + kHostGap), host / columns * (cardHeight + kHostGap), cardWidth, cardHeight);
        m_cards.push_back(card);
        const QRectF inside = card.adjusted(kHostInset, kHostInset, -kHostInset, -kHostInset);
        const double named = oneLine ? inside.width() - chipsWide[static_cast<std::size_t>(host)] : inside.width();
        m_heads.emplace_back(inside.left(), inside.top() - 2, named, headHeight);
        double x = oneLine ? inside.right() - chipsWide[static_cast<std::size_t>(host)] + 4 : inside.left();
        const double chipHeight = m_look.scaled(kDaemonHeight);
        const double y = oneLine ? m_heads.back().center().y() - chipHeight / 2 : inside.top() + headHeight;
        for (std::size_t i = 0; i < m_detail->daemons.size(); ++i)
            if (m_detail->daemons[i].host == host) {
                const double wide = metrics.horizontalAdvance(chipText(static_cast<int>(i))) + m_look.scaled(12);
                chips[i] = {x, y, wide, chipHeight};
                x += wide + 4;
            }
        const std::vector<std::size_t>& own = osds[static_cast<std::size_t>(host)];
        for (std::size_t i = 0; i < own.size(); ++i)
            tiles[own[i]] = {inside.left() + static_cast<double>(i / stacked) * (tileWidth + kOsdGap), card.top() + above + static_cast<double>(i % stacked) * (tileHeight + kOsdGap), tileWidth, tileHeight};
    }
    return m_cards.empty() ? 0 : m_cards.back().bottom();
}

double PlacementPicture::arrangeStates(double top)
{
    const QFont font = m_look.font(FontRole::Label);
    const double high = m_look.scaled(kStateHeight);
    const double side = m_look.scaled(11);
    double x = 0, y = top;
    for (std::size_t i = 0; i < m_detail->states.size(); ++i) {
        const double wide = std::min<double>(width(), side + 6 + tabularWidth(font, stateText(static_cast<int>(i))) + 4);
        if (x > 0 && x + wide > width()) {
            x = 0;
            y += high;
        }
        m_states.emplace_back(x, y, wide, high);
        x += wide + m_look.scaled(10);
    }
    return y + high;
}

double PlacementPicture::arrangeGroups(double top, double pitch)
{
    m_cells.assign(m_detail->groups.size(), {});
    m_poolNames.clear();
    std::vector<std::vector<std::size_t>> ofPool(m_detail->pools.size());
    for (std::size_t i = 0; i < m_detail->groups.size(); ++i)
        ofPool[static_cast<std::size_t>(m_detail->groups[i].pool)].push_back(i);
    std::vector<int> order;
    for (std::size_t i = 0; i < ofPool.size(); ++i)
        order.push_back(static_cast<int>(i));
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return ofPool[static_cast<std::size_t>(a)].size() > ofPool[static_cast<std::size_t>(b)].size(); });
    const QFontMetricsF metrics(m_look.font(FontRole::Label));
    const double name = m_look.scaled(kPoolName);
    const auto perRow = std::max<std::size_t>(1, static_cast<std::size_t>(width() / pitch));
    double x = 0, y = top, lineBottom = top;
    for (const int pool : order) {
        const std::vector<std::size_t>& groups = ofPool[static_cast<std::size_t>(pool)];
        const double named = metrics.horizontalAdvance(QString::fromStdString(m_detail->pools[static_cast<std::size_t>(pool)].name)) + 4;
        const double wide = std::max(named, static_cast<double>(std::min(perRow, groups.size())) * pitch);
        if (x > 0 && x + wide > width()) { // small pools share a line
            x = 0;
            y = lineBottom + 4;
        }
        m_poolNames.emplace_back(QRectF(x, y, wide, name), pool);
        for (std::size_t i = 0; i < groups.size(); ++i)
            m_cells[groups[i]] = {x + static_cast<double>(i % perRow) * pitch, y + name + static_cast<double>(i / perRow) * pitch, pitch - kGroupSeam, pitch - kGroupSeam};
        lineBottom = std::max(x > 0 ? lineBottom : 0, y + name + std::ceil(static_cast<double>(groups.size()) / static_cast<double>(perRow)) * pitch);
        x += wide + kPoolGap;
    }
    return lineBottom;
}

QString PlacementPicture::chipText(int daemon) const
{
    const StorageDaemon& one = m_detail->daemons[static_cast<std::size_t>(daemon)];
    const QString kind = StorageLook::daemonName(one).section(QLatin1Char('.'), 0, 0);
    const bool works = one.state == StorageDaemon::State::Leader || one.state == StorageDaemon::State::Active;
    return works ? kind + QStringLiteral(" ★") : kind;
}

QString PlacementPicture::stateText(int state) const
{
    const core::session::StorageState& one = m_detail->states[static_cast<std::size_t>(state)];
    return QStringLiteral("%1 %2").arg(one.groups).arg(QString::fromStdString(one.name));
}

std::pair<QString, QColor> PlacementPicture::strainOf(const StorageOsd& osd) const
{
    const Tokens& tokens = m_look.tokens();
    if (!osd.in)
        return {QStringLiteral("out"), tokens.muted};
    if (osd.slowOps > 0)
        return {tr("%n slow", nullptr, static_cast<int>(osd.slowOps)), readableOn(tokens.warn, tokens.panel)};
    if (osd.space != StorageOsd::Space::Fine)
        return {StorageLook::space(osd.space), readableOn(osd.space == StorageOsd::Space::Full ? tokens.critical : tokens.warn, tokens.panel)};
    return {{}, tokens.muted};
}

QString PlacementPicture::osdSentence(const StorageOsd& osd) const
{
    QStringList all{tr("osd.%1 on %2, drive %3").arg(osd.id).arg(QString::fromStdString(m_detail->hosts[static_cast<std::size_t>(osd.host)]), QString::fromStdString(osd.drive)),
                    StorageLook::osdState(osd)};
    if (osd.in && osd.reweight < 1)
        all += tr("reweight %1").arg(osd.reweight, 0, 'g', 3);
    if (osd.bytes > 0)
        all += tr("%1 of %2 used (%3)").arg(Wording::bytes(static_cast<double>(osd.usedBytes)), Wording::bytes(static_cast<double>(osd.bytes)), Wording::percent(osd.usedShare()));
    if (osd.space != StorageOsd::Space::Fine)
        all += StorageLook::space(osd.space);
    if (osd.commitSeconds)
        all += tr("commits in %1").arg(StorageLook::milliseconds(*osd.commitSeconds));
    const auto leads = std::count_if(m_detail->groups.begin(), m_detail->groups.end(),
                                     [&](const StorageGroup& group) { return !group.acting.empty() && group.acting.front() == osd.id; });
    all += tr("%n group(s), leads %1 (framed)", nullptr, static_cast<int>(osd.groups)).arg(leads);
    if (osd.slowOps > 0)
        all += tr("%n slow request(s), the oldest for %1", nullptr, static_cast<int>(osd.slowOps)).arg(Wording::duration(osd.oldestOpSeconds));
    return all.join(QStringLiteral(" · "));
}

QString PlacementPicture::groupSentence(const StorageGroup& group) const
{
    QStringList all{QStringLiteral("%1 %2").arg(QString::fromStdString(group.name), QString::fromStdString(m_detail->pools[static_cast<std::size_t>(group.pool)].name)),
                    QString::fromStdString(sim::storage::ceph::pgStateName(group.states)), StorageLook::meaning(StorageLook::kindOf(group.states))};
    all += group.up == group.acting ? tr("up and acting %1").arg(StorageLook::osdList(group.acting))
                                    : tr("up %1, acting %2").arg(StorageLook::osdList(group.up), StorageLook::osdList(group.acting));
    if (!group.acting.empty())
        all += tr("osd.%1 leads").arg(group.acting.front());
    all += tr("%n object(s)", nullptr, static_cast<int>(group.objects));
    if (group.degraded > 0)
        all += tr("%n copy(ies) missing", nullptr, static_cast<int>(group.degraded));
    if (group.misplaced > 0)
        all += tr("%n copy(ies) misplaced", nullptr, static_cast<int>(group.misplaced));
    return all.join(QStringLiteral(" · "));
}

QString PlacementPicture::sentence(int spot) const
{
    const Spot& one = m_spotOf[static_cast<std::size_t>(spot)];
    const auto at = static_cast<std::size_t>(one.index);
    switch (one.kind) {
    case Kind::Host: {
        int up = 0, all = 0;
        for (const StorageOsd& osd : m_detail->osds)
            if (osd.host == one.index) {
                ++all;
                up += osd.up ? 1 : 0;
            }
        QStringList words{QString::fromStdString(m_detail->hosts[at]), tr("%1 of %n OSD(s) up", nullptr, all).arg(up)};
        for (const StorageDaemon& daemon : m_detail->daemons)
            if (daemon.host == one.index)
                words += QStringLiteral("%1 %2").arg(StorageLook::daemonName(daemon), StorageLook::daemonState(daemon));
        return words.join(QStringLiteral(" · "));
    }
    case Kind::Daemon: {
        const StorageDaemon& daemon = m_detail->daemons[at];
        QStringList words{StorageLook::daemonName(daemon), StorageLook::daemonState(daemon)};
        if (daemon.kind == StorageDaemon::Kind::Monitor && daemon.state == StorageDaemon::State::Member)
            words += tr("its clock is %1 off the leader's").arg(StorageLook::milliseconds(std::abs(daemon.clockSkewSeconds)));
        return words.join(QStringLiteral(" · "));
    }
    case Kind::Osd: return osdSentence(m_detail->osds[at]);
    case Kind::Group: return groupSentence(m_detail->groups[at]);
    case Kind::State:
        return QStringLiteral("%1 · %2").arg(stateText(one.index), StorageLook::meaning(StorageLook::kindOf(m_detail->states[at].states)));
    case Kind::Progress: {
        const auto copies = static_cast<double>(std::max<std::int64_t>(1, m_detail->copies));
        QStringList words{tr("Of %1 copies of objects %2 are missing and %3 not where they belong")
                              .arg(m_detail->copies)
                              .arg(Wording::percent(static_cast<double>(m_detail->degraded) / copies), Wording::percent(static_cast<double>(m_detail->misplaced) / copies))};
        const QString pace = StorageLook::recovery(*m_detail);
        words += pace.isEmpty() ? tr("nothing is being copied") : tr("%1 to copy, %2").arg(Wording::bytes(static_cast<double>(m_detail->toCopyBytes)), pace);
        return words.join(QStringLiteral(" · "));
    }
    }
    return {};
}

QString PlacementPicture::machineOf(int spot) const
{
    if (spot < 0 || !m_detail)
        return {};
    const Spot& one = m_spotOf[static_cast<std::size_t>(spot)];
    const auto at = static_cast<std::size_t>(one.index);
    const int host = one.kind == Kind::Host ? one.index : one.kind == Kind::Osd ? m_detail->osds[at].host : one.kind == Kind::Daemon ? m_detail->daemons[at].host : -1;
    return host < 0 ? QString() : QString::fromStdString(m_detail->hosts[static_cast<std::size_t>(host)]);
}

int PlacementPicture::lit() const
{
    for (const int spot : {hovered(), chosen()})
        if (spot >= 0 && m_spotOf[static_cast<std::size_t>(spot)].kind != Kind::Daemon && m_spotOf[static_cast<std::size_t>(spot)].kind != Kind::Progress)
            return spot;
    return -1;
}

bool PlacementPicture::touches(const StorageGroup& group, const Spot& spot) const
{
    const auto at = static_cast<std::size_t>(spot.index);
    const auto on = [&](const StorageOsd& osd) { return placeIn(group.acting, osd.id) > 0 || placeIn(group.up, osd.id) > 0; };
    switch (spot.kind) {
    case Kind::Host: return std::any_of(m_detail->osds.begin(), m_detail->osds.end(), [&](const StorageOsd& osd) { return osd.host == spot.index && on(osd); });
    case Kind::Osd: return on(m_detail->osds[at]);
    case Kind::State: return group.states == m_detail->states[at].states;
    case Kind::Group: return &group == &m_detail->groups[at];
    case Kind::Daemon:
    case Kind::Progress: return true;
    }
    return true;
}

QStringList PlacementPicture::litGroups() const
{
    QStringList names;
    const int spot = lit();
    if (spot < 0)
        return names;
    for (const StorageGroup& group : m_detail->groups)
        if (touches(group, m_spotOf[static_cast<std::size_t>(spot)]))
            names += QString::fromStdString(group.name);
    return names;
}

QRect PlacementPicture::litWith(int) const
{
    return rect(); // what belongs together lights up
}

/// Nothing is chosen by coming here: that would dim what does not belong to it.
void PlacementPicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void PlacementPicture::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && chosen() >= 0)
        return choose(-1);
    SpotPicture::keyPressEvent(event);
}

void PlacementPicture::retranslate()
{
    setAccessibleName(tr("OSDs and placement groups"));
    arrange();
}

} // namespace app::desktop
