#include "app/desktop/gpu/fabric_picture.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::FabricBundle;
using core::session::FabricEnd;
using core::session::FabricSwitch;
using core::session::LinkState;

namespace {

constexpr int kSwitchHeight = 24;
constexpr int kWidestSwitch = 128;
constexpr int kLeastLines = 48; ///< of the room for lines between leaves and spines
constexpr int kMostLines = 230;
constexpr int kUsualCell = 26;
constexpr int kTallestCell = 36;
constexpr int kLeastCellHeight = 5;
constexpr double kUnitGap = 14;
constexpr double kCellSeam = 2;
constexpr double kNothing = 0.005;

QString lastPart(const std::string& name)
{
    return QString::fromStdString(name).section(QLatin1Char('-'), -1);
}

} // namespace

FabricPicture::FabricPicture(Look& look, QWidget* parent) : SpotPicture(look, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    retranslate();
}

void FabricPicture::setDetail(std::shared_ptr<const core::session::FabricDetail> detail)
{
    m_detail = std::move(detail);
    arrange();
}

void FabricPicture::setRoom(const QSize& room)
{
    if (room == m_room)
        return;
    m_room = room;
    arrange();
}

void FabricPicture::resizeEvent(QResizeEvent* event)
{
    SpotPicture::resizeEvent(event);
    arrange();
}

void FabricPicture::arrange()
{
    m_spotOf.clear();
    m_switches.clear();
    m_ends.clear();
    m_names.clear();
    std::vector<QRectF> boxes;
    double bottom = 0;
    if (m_detail && width() > 0 && !m_detail->machines.empty()) {
        m_switches.resize(m_detail->switches.size());
        m_ends.resize(m_detail->ends.size());
        m_names.resize(m_detail->machines.size());
        std::vector<std::vector<int>> units;
        for (std::size_t i = 0; i < m_detail->machines.size(); ++i) {
            const auto unit = static_cast<std::size_t>(m_detail->machines[i].unit);
            units.resize(std::max(units.size(), unit + 1));
            units[unit].push_back(static_cast<int>(i));
        }
        std::size_t most = 1;
        for (const std::vector<int>& unit : units)
            most = std::max(most, unit.size());
        const double spines = m_look.scaled(kSwitchHeight);
        const bool tiered = std::any_of(m_detail->switches.begin(), m_detail->switches.end(), [](const FabricSwitch& one) { return one.spine; });
        const double cells = static_cast<double>(most) * m_look.scaled(kUsualCell);
        const double lines = !tiered ? 0 : std::clamp(m_room.height() - 2 * spines - cells - 8, static_cast<double>(m_look.scaled(kLeastLines)),
                                                      static_cast<double>(m_look.scaled(kMostLines)));
        arrangeUnits(units, tiered ? spines + lines : 0);
        std::vector<std::size_t> tops;
        for (std::size_t i = 0; i < m_detail->switches.size(); ++i)
            if (m_detail->switches[i].spine)
                tops.push_back(i);
        for (std::size_t i = 0; i < tops.size(); ++i) {
            const double pitch = (width() - m_nameWidth) / static_cast<double>(tops.size());
            const double wide = std::min<double>(pitch - 4, m_look.scaled(kWidestSwitch));
            m_switches[tops[i]] = {m_nameWidth + (static_cast<double>(i) + 0.5) * pitch - wide / 2, 1, wide, spines};
        }
    }
    for (std::size_t i = 0; i < m_switches.size(); ++i) {
        m_spotOf.push_back({Kind::Switch, static_cast<int>(i)});
        boxes.push_back(m_switches[i]);
    }
    for (std::size_t i = 0; m_detail && i < m_detail->bundles.size() && !m_switches.empty(); ++i) {
        if (healthOf(m_detail->bundles[i]) == sim::Health::Ok)
            continue; // sound ones are told with their switches
        const QPointF at = lineOf(m_detail->bundles[i]).pointAtPercent(0.5);
        const double side = m_look.scaled(12);
        m_spotOf.push_back({Kind::Bundle, static_cast<int>(i)});
        boxes.emplace_back(at.x() - side / 2, at.y() - side / 2, side, side);
    }
    for (std::size_t i = 0; i < m_ends.size(); ++i) {
        m_spotOf.push_back({Kind::End, static_cast<int>(i)});
        boxes.push_back(m_ends[i]);
        bottom = std::max(bottom, m_ends[i].bottom());
    }
    setSpots(std::move(boxes));
    const int wanted = static_cast<int>(std::ceil(bottom)) + 2;
    if (wanted != m_height) {
        m_height = wanted;
        setFixedHeight(wanted);
    }
    update();
}

/// Leaves, and below them a row for each machine of their unit.
void FabricPicture::arrangeUnits(const std::vector<std::vector<int>>& units, double top)
{
    const auto count = static_cast<double>(units.size());
    std::size_t most = 1;
    for (const std::vector<int>& unit : units)
        most = std::max(most, unit.size());
    const double leafHeight = m_look.scaled(kSwitchHeight);
    const double cellTop = top + leafHeight + 4;
    const double cell = std::clamp((m_room.height() - cellTop - 4) / static_cast<double>(most), static_cast<double>(kLeastCellHeight),
                                   static_cast<double>(m_look.scaled(kTallestCell)));
    const QFontMetricsF metrics(m_look.font(FontRole::Label));
    double widest = 0;
    for (const core::session::FabricMachine& machine : m_detail->machines)
        widest = std::max(widest, metrics.horizontalAdvance(QString::fromStdString(machine.name)));
    // Names take at most a third, and only where their rows are as high as they are.
    const double share = (width() - (count - 1) * kUnitGap) / count;
    m_nameWidth = cell >= metrics.height() - 2 && widest + 8 < share / 3 ? widest + 8 : 0;
    const double column = (share - m_nameWidth) / std::max(1, m_detail->rails);
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
        const double left = static_cast<double>(unit) * (share + kUnitGap) + m_nameWidth;
        for (std::size_t i = 0; i < m_detail->switches.size(); ++i) {
            const FabricSwitch& one = m_detail->switches[i];
            if (one.spine || one.unit != static_cast<int>(unit))
                continue;
            const bool all = one.rail < 0;
            m_switches[i] = {left + (all ? 0 : one.rail * column) + kCellSeam / 2, top, (all ? m_detail->rails : 1) * column - kCellSeam, leafHeight};
        }
        for (std::size_t row = 0; row < units[unit].size(); ++row)
            m_names[static_cast<std::size_t>(units[unit][row])] = {left - m_nameWidth, cellTop + static_cast<double>(row) * cell, m_nameWidth, cell};
        for (std::size_t i = 0; i < m_detail->ends.size(); ++i) {
            const FabricEnd& end = m_detail->ends[i];
            const auto machine = static_cast<std::size_t>(end.machine);
            if (m_detail->machines[machine].unit != static_cast<int>(unit))
                continue;
            const double seam = cell >= 12 ? kCellSeam : 1;
            m_ends[i] = {left + end.rail * column + kCellSeam / 2, m_names[machine].top() + seam / 2, column - kCellSeam, cell - seam};
        }
    }
}

sim::Health FabricPicture::healthOf(const FabricBundle& bundle)
{
    return bundle.up == 0                                                                               ? sim::Health::Critical
        : bundle.up < bundle.cables || bundle.degraded > 0 || bundle.inactive > 0 || bundle.faulty > 0 ? sim::Health::Warn
                                                                                                        : sim::Health::Ok;
}

sim::Health FabricPicture::healthOf(const FabricSwitch& one)
{
    return !one.answers || one.up == 0 ? sim::Health::Critical : one.up < one.cables || one.faulty > 0 ? sim::Health::Warn : sim::Health::Ok;
}

sim::Health FabricPicture::healthOf(const FabricEnd& end)
{
    return GpuLook::health(end.state, !end.errors.empty());
}

QString FabricPicture::endOf(int spot) const
{
    const Spot& one = m_spotOf[static_cast<std::size_t>(spot)];
    if (one.kind != Kind::End)
        return {};
    const FabricEnd& end = m_detail->ends[static_cast<std::size_t>(one.index)];
    return QStringLiteral("%1:%2").arg(QString::fromStdString(m_detail->machines[static_cast<std::size_t>(end.machine)].name)).arg(end.rail);
}

QString FabricPicture::sentence(int spot) const
{
    const Spot& one = m_spotOf[static_cast<std::size_t>(spot)];
    const auto at = static_cast<std::size_t>(one.index);
    switch (one.kind) {
    case Kind::Switch: return switchSentence(one.index);
    case Kind::Bundle: return bundleSentence(m_detail->bundles[at]);
    case Kind::End: return endSentence(m_detail->ends[at]);
    }
    return {};
}

QString FabricPicture::switchSentence(int index) const
{
    const FabricSwitch& one = m_detail->switches[static_cast<std::size_t>(index)];
    QStringList all{QString::fromStdString(one.name)};
    all += one.spine ? tr("spine") : tr("leaf");
    if (!one.answers)
        all += tr("does not answer");
    all += tr("%1 of %n cable(s) up", nullptr, one.cables).arg(one.up);
    if (one.faulty > 0)
        all += tr("%n port(s) with errors", nullptr, one.faulty);
    double rate = 0, worst = 0;
    for (const FabricBundle& bundle : m_detail->bundles)
        if (bundle.leaf == index || bundle.spine == index) {
            rate += bundle.bitsPerSecond;
            worst = std::max(worst, bundle.worstLoad);
        }
    all += one.spine ? tr("%1 from and to its leaves, fullest cable %2").arg(GpuLook::bitRate(rate), GpuLook::percent(worst))
                     : tr("%1 from and to spines, fullest cable %2").arg(GpuLook::bitRate(rate), GpuLook::percent(worst));
    return all.join(QStringLiteral(" · "));
}

QString FabricPicture::bundleSentence(const FabricBundle& bundle) const
{
    QStringList all{QStringLiteral("%1 – %2").arg(QString::fromStdString(m_detail->switches[static_cast<std::size_t>(bundle.leaf)].name),
                                                  QString::fromStdString(m_detail->switches[static_cast<std::size_t>(bundle.spine)].name))};
    all += tr("%1 of %n cable(s) up", nullptr, bundle.cables).arg(bundle.up);
    if (bundle.degraded > 0)
        all += tr("%1 degraded").arg(bundle.degraded);
    if (bundle.inactive > 0)
        all += tr("%1 not active").arg(bundle.inactive);
    if (bundle.faulty > 0)
        all += tr("%n cable(s) with errors", nullptr, bundle.faulty);
    all += tr("%1, load %2, fullest %3").arg(GpuLook::bitRate(bundle.bitsPerSecond), GpuLook::percent(bundle.load), GpuLook::percent(bundle.worstLoad));
    return all.join(QStringLiteral(" · "));
}

QString FabricPicture::endSentence(const FabricEnd& end) const
{
    const core::session::FabricMachine& machine = m_detail->machines[static_cast<std::size_t>(end.machine)];
    QStringList all{tr("%1 %2, rail %3, to %4/%5")
                        .arg(QString::fromStdString(machine.name), QString::fromStdString(end.device))
                        .arg(end.rail)
                        .arg(QString::fromStdString(m_detail->switches[static_cast<std::size_t>(end.leaf)].name))
                        .arg(end.leafPort)};
    all += GpuLook::linkState(end.state);
    all += QString::fromStdString(end.rate);
    if (end.state < LinkState::Disabled)
        all += tr("%1, load %2").arg(GpuLook::bitRate(end.bitsPerSecond), GpuLook::percent(end.load));
    for (const std::string& error : end.errors)
        all += QString::fromStdString(error);
    if (!machine.answers)
        all += tr("the machine does not answer");
    return all.join(QStringLiteral(" · "));
}

QPainterPath FabricPicture::lineOf(const FabricBundle& bundle) const
{
    const QRectF& leaf = m_switches[static_cast<std::size_t>(bundle.leaf)];
    const QRectF& spine = m_switches[static_cast<std::size_t>(bundle.spine)];
    const QPointF from(leaf.center().x(), leaf.top()), to(spine.center().x(), spine.bottom());
    const double bend = (from.y() - to.y()) * 0.5;
    QPainterPath path(from);
    path.cubicTo(from - QPointF(0, bend), to + QPointF(0, bend), to);
    return path;
}

QRect FabricPicture::litWith(int spot) const
{
    return m_spotOf[static_cast<std::size_t>(spot)].kind == Kind::Switch ? rect() : SpotPicture::litWith(spot); // its lines light up
}

/// The switch under the pointer or the cursor; -1: none.
int FabricPicture::chosenSwitch() const
{
    for (const int spot : {hovered(), hasFocus() ? chosen() : -1})
        if (spot >= 0 && m_spotOf[static_cast<std::size_t>(spot)].kind == Kind::Switch)
            return m_spotOf[static_cast<std::size_t>(spot)].index;
    return -1;
}

void FabricPicture::paintEvent(QPaintEvent* event)
{
    if (!m_detail || m_ends.empty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    double leaves = 0; // lines end above them
    for (const QRectF& box : m_switches)
        leaves = std::max(leaves, box.top());
    if (event->rect().top() < leaves)
        paintBundles(painter);
    for (std::size_t i = 0; i < m_switches.size(); ++i)
        paintSwitch(painter, i);
    paintNames(painter);
    for (std::size_t i = 0; i < m_ends.size(); ++i)
        if (m_ends[i].intersects(event->rect()))
            paintEnd(painter, m_detail->ends[i], m_ends[i]);
    paintPath(painter);
    paintCursor(painter);
}

void FabricPicture::paintBundles(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const int shown = chosenSwitch();
    // Many lines lie on each other: each is quieter then.
    const double quiet = std::clamp(30.0 / static_cast<double>(std::max<std::size_t>(1, m_detail->bundles.size())), 0.18, 0.6);
    painter.setBrush(Qt::NoBrush);
    for (const FabricBundle& bundle : m_detail->bundles) {
        const sim::Health health = healthOf(bundle);
        const bool touched = bundle.leaf == shown || bundle.spine == shown;
        QColor color = mixed(mixed(tokens.panel, tokens.muted, quiet * 0.7), tokens.accent, std::sqrt(bundle.load));
        QPen pen(color, 1 + 4 * bundle.load);
        if (touched)
            pen = QPen(mixed(color, tokens.accent, 0.8), pen.widthF() + 1);
        if (bundle.up == 0) {
            pen.setColor(tokens.critical);
            pen.setStyle(Qt::DashLine);
        } else if (health != sim::Health::Ok) {
            pen.setColor(tokens.warn);
        }
        painter.setPen(pen);
        painter.drawPath(lineOf(bundle));
    }
    for (int spot = 0; spot < spots(); ++spot) {
        const Spot& one = m_spotOf[static_cast<std::size_t>(spot)];
        if (one.kind != Kind::Bundle)
            continue;
        const FabricBundle& bundle = m_detail->bundles[static_cast<std::size_t>(one.index)];
        const QRectF box = spotBox(spot);
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens.panel);
        painter.drawRoundedRect(box, 3, 3);
        drawHealth(painter, box.adjusted(2, 2, -2, -2), healthOf(bundle), tokens);
        if (bundle.up == bundle.cables)
            continue;
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(readableOn(healthColor(tokens, healthOf(bundle)), tokens.panel));
        painter.drawText(QRectF(box.right() + 2, box.top() - 2, m_look.scaled(60), box.height() + 4), Qt::AlignVCenter | Qt::AlignLeft,
                         QStringLiteral("%1/%2").arg(bundle.up).arg(bundle.cables));
    }
}

void FabricPicture::paintSwitch(QPainter& painter, std::size_t index) const
{
    const Tokens& tokens = m_look.tokens();
    const FabricSwitch& one = m_detail->switches[index];
    const QRectF& box = m_switches[index];
    const sim::Health health = healthOf(one);
    const bool ill = health != sim::Health::Ok;
    painter.setPen(QPen(ill ? healthColor(tokens, health) : tokens.line, ill ? 1.6 : 1, one.answers ? Qt::SolidLine : Qt::DashLine));
    painter.setBrush(mixed(tokens.raised, tokens.muted, tokens.dark ? 0.07 : 0.1));
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), one.spine ? box.height() / 2 : 5, one.spine ? box.height() / 2 : 5);
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    const double side = m_look.scaled(8);
    // Switches of a tier are named alike: in full, or by their last number where one of them has no room.
    double widest = 0;
    for (const FabricSwitch& other : m_detail->switches)
        if (other.spine == one.spine)
            widest = std::max(widest, metrics.horizontalAdvance(QString::fromStdString(other.name)));
    double used = ill ? side + 4 : 0;
    QString words = widest + side + 4 > box.width() - 6 ? lastPart(one.name) : QString::fromStdString(one.name);
    if (metrics.horizontalAdvance(words) + used > box.width() - 2)
        words.clear();
    const double wide = metrics.horizontalAdvance(words) + used;
    double x = box.center().x() - wide / 2;
    if (ill) {
        drawHealth(painter, QRectF(words.isEmpty() ? box.center().x() - side / 2 : x, box.center().y() - side / 2, side, side), health, tokens);
        x += used;
    }
    painter.setPen(ill ? tokens.text : tokens.muted);
    painter.drawText(QRectF(x, box.top(), box.right() - x, box.height()), Qt::AlignVCenter | Qt::AlignLeft, words);
}

void FabricPicture::paintNames(QPainter& painter) const
{
    if (m_nameWidth <= 0)
        return;
    const Tokens& tokens = m_look.tokens();
    painter.setFont(m_look.font(FontRole::Label));
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        const core::session::FabricMachine& machine = m_detail->machines[i];
        painter.setPen(machine.answers ? tokens.muted : readableOn(tokens.critical, tokens.panel));
        painter.drawText(m_names[i], Qt::AlignVCenter | Qt::AlignLeft, QString::fromStdString(machine.name));
    }
}

/// The cable of a machine's port: its load on the ramp with the figure in it, or what is wrong with it.
void FabricPicture::paintEnd(QPainter& painter, const FabricEnd& end, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const sim::Health health = healthOf(end);
    const bool ill = health != sim::Health::Ok;
    const bool carries = end.state < LinkState::Disabled;
    const QColor fill = carries ? GpuLook::fill(tokens, end.load) : tokens.panel;
    const bool small = box.height() < m_look.scaled(13) || box.width() < m_look.scaled(24);
    painter.setPen(small && !ill ? QPen(Qt::NoPen)
                                 : QPen(ill ? healthColor(tokens, health) : mixed(fill, tokens.text, 0.1), ill ? 1.4 : 1, carries ? Qt::SolidLine : Qt::DashLine));
    painter.setBrush(fill);
    if (small && !ill)
        painter.drawRect(box);
    else
        painter.drawRoundedRect(box.adjusted(0.7, 0.7, -0.7, -0.7), small ? 1 : 4, small ? 1 : 4);
    const double side = std::min({static_cast<double>(m_look.scaled(8)), box.height() - 1, box.width() - 1});
    if (small) {
        if (ill) {
            const QRectF mark(box.center().x() - side / 2, box.center().y() - side / 2, side, side);
            painter.fillRect(mark.adjusted(-1.5, -0.5, 1.5, 0.5), tokens.panel);
            drawHealth(painter, mark, health, tokens);
        }
        return;
    }
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    const QColor ink = carries ? GpuLook::inkOn(fill) : readableOn(tokens.critical, tokens.panel);
    QString words = end.state == LinkState::Up ? GpuLook::percent(end.load) : GpuLook::linkState(end.state);
    const double room = box.width() - 8 - (ill ? side + 5 : 0);
    if (metrics.horizontalAdvance(words) > room)
        words = end.state == LinkState::Up && !ill ? QString::number(std::lround(end.load * 100)) : QString();
    if (box.height() < m_look.scaled(17) && carries && end.load < kNothing)
        words.clear(); // where many cells stand close together, idle ones keep quiet
    const double wide = tabularWidth(painter.font(), words) + (ill ? side + (words.isEmpty() ? 0 : 5) : 0);
    double x = box.center().x() - wide / 2;
    if (ill) {
        const QRectF mark(x, box.center().y() - side / 2, side, side);
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens.panel);
        painter.drawRoundedRect(mark.adjusted(-2, -2, 2, 2), 2, 2);
        drawHealth(painter, mark, health, tokens);
        x += side + 5;
    }
    painter.setPen(ink);
    drawTabular(painter, QRectF(x, box.top(), box.right() - x, box.height()), Qt::AlignVCenter | Qt::AlignLeft, words);
}

void FabricPicture::paintPath(QPainter& painter) const
{
    if (!m_detail->path)
        return;
    const Tokens& tokens = m_look.tokens();
    const core::session::FabricPath& path = *m_detail->path;
    const QPen strong(tokens.branch, 3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    painter.setBrush(Qt::NoBrush);
    for (std::size_t i = 0; i + 1 < path.switches.size(); ++i)
        for (const FabricBundle& bundle : m_detail->bundles) {
            const bool leads = (bundle.leaf == path.switches[i] && bundle.spine == path.switches[i + 1])
                || (bundle.spine == path.switches[i] && bundle.leaf == path.switches[i + 1]);
            if (leads) {
                painter.setPen(strong);
                painter.drawPath(lineOf(bundle));
            }
        }
    const auto frame = [&](const QRectF& box, double radius) {
        painter.setPen(QPen(tokens.branch, 2.2));
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    };
    for (const int index : path.switches)
        frame(m_switches[static_cast<std::size_t>(index)], m_detail->switches[static_cast<std::size_t>(index)].spine ? m_switches[static_cast<std::size_t>(index)].height() / 2 : 5);
    for (int spot = 0; spot < spots(); ++spot) {
        const QString name = endOf(spot);
        if (name.isEmpty() || (name != QString::fromStdString(path.from) && name != QString::fromStdString(path.to)))
            continue;
        const QRectF box = spotBox(spot);
        frame(box.adjusted(-1, -1, 1, 1), 4);
        if (path.switches.empty())
            continue;
        const QRectF& leaf = m_switches[static_cast<std::size_t>(m_detail->ends[static_cast<std::size_t>(m_spotOf[static_cast<std::size_t>(spot)].index)].leaf)];
        painter.setPen(strong); // between two columns, so that it crosses no figure
        painter.drawLine(QPointF(box.left() - 1, box.center().y()), QPointF(box.left() - 1, leaf.bottom()));
    }
}

void FabricPicture::retranslate()
{
    setAccessibleName(tr("Map of the compute network"));
    arrange();
}

} // namespace app::desktop
