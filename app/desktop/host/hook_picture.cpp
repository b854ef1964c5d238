#include "app/desktop/host/hook_picture.h"

#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace app::desktop {

namespace {

constexpr int kHeading = 28;
constexpr int kTitleLine = 20;
constexpr int kStepLine = 16;
constexpr int kBoxGap = 22;
constexpr int kHookRowGap = 20;
constexpr int kRuleRow = 38;
constexpr int kPlaceGap = 14;
constexpr int kStationColumns = 4;

bool lets(const std::string& verdict)
{
    return verdict != "drop" && verdict != "reject" && verdict != "unreachable";
}

} // namespace

HookPicture::HookPicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    retranslate();
}

void HookPicture::setDetail(std::shared_ptr<const core::session::HooksDetail> detail)
{
    m_detail = std::move(detail);
    setAccessibleDescription(rows().join(QLatin1Char('\n')));
    setFixedHeight(heightForWidth(width()));
    update();
}

int HookPicture::stationOf(const Step& step)
{
    if (step.table == "routing")
        return step.hook == "output" ? Output : Routing;
    if (step.hook == "prerouting")
        return Prerouting;
    if (step.hook == "input")
        return Input;
    if (step.hook == "forward")
        return Forward;
    return step.hook == "output" ? Output : Postrouting;
}

QString HookPicture::stationName(int station)
{
    switch (station) {
    case Prerouting: return QStringLiteral("prerouting");
    case Routing: return tr("routing decision");
    case Forward: return QStringLiteral("forward");
    case Postrouting: return QStringLiteral("postrouting");
    case Input: return QStringLiteral("input");
    case Process: return tr("program");
    default: return QStringLiteral("output");
    }
}

std::vector<const HookPicture::Step*> HookPicture::stepsAt(const Place& place, int station) const
{
    std::vector<const Step*> all;
    for (const Step& step : place.steps)
        if (stationOf(step) == station)
            all.push_back(&step);
    return all;
}

std::vector<int> HookPicture::wayOf(const Place& place) const
{
    std::vector<int> way;
    const bool made = !place.steps.empty() && (place.steps.front().hook == "output");
    if (made)
        way.push_back(Process);
    for (const Step& step : place.steps)
        if (const int station = stationOf(step); way.empty() || way.back() != station)
            way.push_back(station);
    if (!place.steps.empty() && place.steps.back().hook == "input" && !place.steps.back().stopped)
        way.push_back(Process);
    return way;
}

bool HookPicture::isLower(int station)
{
    return station == Input || station == Process || station == Output;
}

double HookPicture::boxHeight(const Place& place, int station) const
{
    const auto count = std::max<std::size_t>(1, stepsAt(place, station).size());
    return m_look.scaled(kTitleLine) + static_cast<double>(count) * m_look.scaled(kStepLine) + 8;
}

double HookPicture::chainHeight(const Place& place, bool lower) const
{
    double height = 0;
    for (int station = 0; station < StationCount; ++station)
        if (isLower(station) == lower)
            height = std::max(height, boxHeight(place, station));
    return height;
}

double HookPicture::rowTop(const Place& place, bool lower) const
{
    return m_look.scaled(kHeading) + (lower ? chainHeight(place, false) + m_look.scaled(kHookRowGap) : 0);
}

std::vector<const HookPicture::Step*> HookPicture::toldSteps(const Place& place) const
{
    std::vector<const Step*> all;
    for (const Step& step : place.steps)
        if (step.stopped || step.changed || (!step.ruleText.empty() && step.rule.find("policy") == std::string::npos))
            all.push_back(&step);
    return all;
}

double HookPicture::placeHeight(const Place& place) const
{
    if (place.closed)
        return m_look.scaled(kHeading + kTitleLine + 8);
    const auto rules = static_cast<double>(toldSteps(place).size());
    return rowTop(place, true) + chainHeight(place, true) + 8
        + (rules > 0 ? rules * m_look.scaled(kRuleRow) : m_look.scaled(kTitleLine));
}

QRectF HookPicture::box(const Place& place, int station, double top, double width) const
{
    static constexpr int kColumn[StationCount] = {0, 1, 2, 3, 1, 2, 3};
    const double gap = m_look.scaled(kBoxGap);
    const double w = (width - gap * (kStationColumns + 1))
        / kStationColumns; // a gap at either side for the arrows in and out
    const bool lower = isLower(station);
    return {gap + kColumn[station] * (w + gap), top + rowTop(place, lower), w, chainHeight(place, lower)};
}

int HookPicture::heightForWidth(int) const
{
    double height = 2;
    if (m_detail)
        for (const Place& place : m_detail->places)
            height += placeHeight(place) + m_look.scaled(kPlaceGap);
    return static_cast<int>(height);
}

QSize HookPicture::sizeHint() const
{
    return {m_look.scaled(620), heightForWidth(width())};
}

QSize HookPicture::minimumSizeHint() const
{
    return {m_look.scaled(440), heightForWidth(width())};
}

void HookPicture::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    update();
}

QString HookPicture::ruleWords(const Step& step) const
{
    QStringList words{QString::fromStdString(step.table + " · " + step.hook), QString::fromStdString(step.verdict)};
    if (!step.rule.empty())
        words += QString::fromStdString(step.rule);
    if (!step.comment.empty())
        words += QString::fromStdString(step.comment);
    return words.join(QStringLiteral(" · "));
}

QStringList HookPicture::rows() const
{
    QStringList all;
    if (!m_detail)
        return all;
    for (const Place& place : m_detail->places) {
        all += QString::fromStdString(place.name);
        if (place.closed)
            all += tr("somebody else's machine: nobody here can look inside");
        for (const Step& step : place.steps)
            all += ruleWords(step)
                + (step.ruleText.empty() ? QString() : QStringLiteral(" · ") + QString::fromStdString(step.ruleText))
                + (step.changed ? QStringLiteral(" · ") + QString::fromStdString(step.packet) : QString());
    }
    return all;
}

void HookPicture::paintEvent(QPaintEvent*)
{
    if (!m_detail)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    double top = 0;
    for (const Place& place : m_detail->places) {
        paintPlace(painter, place, top);
        top += placeHeight(place) + m_look.scaled(kPlaceGap);
    }
}

void HookPicture::paintPlace(QPainter& painter, const Place& place, double top) const
{
    const Tokens& tokens = m_look.tokens();
    const bool stops = std::any_of(place.steps.begin(), place.steps.end(),
                                   [](const Step& step) { return step.stopped; });
    QRectF heading(0, top, width(), m_look.scaled(kHeading));
    const double side = m_look.scaled(9);
    drawHealth(painter, QRectF(2, heading.center().y() - side / 2, side, side),
               place.closed ? sim::Health::Unknown
                   : stops  ? sim::Health::Critical
                            : sim::Health::Ok,
               tokens);
    painter.setFont(m_look.font(FontRole::Section));
    painter.setPen(tokens.text);
    painter.drawText(heading.adjusted(side + 10, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     QString::fromStdString(place.name));
    const double used = side + 18 + QFontMetricsF(painter.font()).horizontalAdvance(QString::fromStdString(place.name));
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    if (place.closed) {
        painter.drawText(QRectF(side + 10, heading.bottom(), width() - side - 10, m_look.scaled(kTitleLine)),
                         Qt::AlignVCenter | Qt::AlignLeft, tr("Somebody else's machine: nobody here can look inside."));
        return;
    }
    if (!place.steps.empty()) {
        painter.setFont(m_look.font(FontRole::Terminal));
        painter.drawText(
            heading.adjusted(used, 0, -4, 0), Qt::AlignVCenter | Qt::AlignRight,
            QFontMetricsF(painter.font())
                .elidedText(QString::fromStdString(place.steps.back().packet), Qt::ElideMiddle, width() - used - 8));
    }
    const std::vector<int> way = wayOf(place);
    for (int station = 0; station < StationCount; ++station)
        paintStation(painter, place, station, box(place, station, top, width()),
                     std::count(way.begin(), way.end(), station) > 0);
    paintWay(painter, place, top);
    paintRules(painter, place, top + rowTop(place, true) + chainHeight(place, true) + 8);
}

void HookPicture::paintStation(QPainter& painter, const Place& place, int station, const QRectF& frame,
                               bool visited) const
{
    const Tokens& tokens = m_look.tokens();
    const auto steps = stepsAt(place, station);
    const bool stops = std::any_of(steps.begin(), steps.end(), [](const Step* step) { return step->stopped; });
    painter.setBrush(visited ? tokens.raised : tokens.panel);
    painter.setPen(QPen(stops         ? tokens.critical
                            : visited ? mixed(tokens.line, tokens.accent, 0.7)
                                      : tokens.line,
                        stops ? 1.8 : 1, visited ? Qt::SolidLine : Qt::DashLine));
    const double radius = station == Routing ? frame.height() / 2.4 : station == Process ? 12 : 6;
    painter.drawRoundedRect(frame, std::min(radius, 18.0), std::min(radius, 18.0));
    const QRectF inside = frame.adjusted(9, 3, -9, -3);
    QRectF row(inside.left(), inside.top(), inside.width(), m_look.scaled(kTitleLine));
    painter.setFont(m_look.font(FontRole::Secondary));
    painter.setPen(visited ? tokens.text : tokens.muted);
    painter.drawText(row,
                     Qt::AlignVCenter | (station == Routing || station == Process ? Qt::AlignHCenter : Qt::AlignLeft),
                     QFontMetricsF(painter.font()).elidedText(stationName(station), Qt::ElideRight, row.width()));
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    row = QRectF(inside.left(), row.bottom(), inside.width(), m_look.scaled(kStepLine));
    for (const Step* step : steps) {
        const bool passes = lets(step->verdict) && !step->stopped;
        painter.setPen(tokens.muted);
        const QString table = QString::fromStdString(step->table);
        const QString verdict = (passes ? QString() : QStringLiteral("■ ")) + QString::fromStdString(step->verdict);
        const double room = metrics.horizontalAdvance(verdict);
        if (station != Routing)
            painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft,
                             metrics.elidedText(table, Qt::ElideRight, std::max(0.0, row.width() - room - 6)));
        painter.setPen(!passes             ? readableOn(tokens.critical, tokens.raised)
                           : step->changed ? readableOn(tokens.accent, tokens.raised)
                                           : tokens.text);
        painter.drawText(row, Qt::AlignVCenter | (station == Routing ? Qt::AlignHCenter : Qt::AlignRight),
                         metrics.elidedText(verdict, Qt::ElideRight, row.width()));
        row.translate(0, m_look.scaled(kStepLine));
    }
}

void HookPicture::paintWay(QPainter& painter, const Place& place, double top) const
{
    const Tokens& tokens = m_look.tokens();
    const std::vector<int> way = wayOf(place);
    const bool stops = std::any_of(place.steps.begin(), place.steps.end(),
                                   [](const Step& step) { return step.stopped; });
    const auto boxOf = [&](int station) {
        return box(place, station, top, width());
    };
    const auto arrow = [&](const QPointF& from, const QPointF& to, const QColor& color) {
        painter.setPen(QPen(color, 2));
        painter.drawLine(from, to);
        const QPointF along = to - from;
        const double length = std::max(1.0, std::hypot(along.x(), along.y()));
        const QPointF unit = along / length;
        const QPointF across(-unit.y(), unit.x());
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawPolygon(QPolygonF({to, to - unit * 7 + across * 4, to - unit * 7 - across * 4}));
    };
    const auto connect = [&](int from, int to, const QColor& color) {
        const QRectF a = boxOf(from), b = boxOf(to);
        if (std::abs(a.center().x() - b.center().x()) < 1) // one below the other
            a.top() < b.top() ? arrow({a.center().x(), a.bottom()}, {b.center().x(), b.top()}, color)
                              : arrow({a.center().x(), a.top()}, {b.center().x(), b.bottom()}, color);
        else
            a.left() < b.left() ? arrow({a.right(), std::min(a.center().y(), b.center().y())},
                                        {b.left(), std::min(a.center().y(), b.center().y())}, color)
                                : arrow({a.left(), a.center().y()}, {b.right(), b.center().y()}, color);
    };
    // The kernel's own ways, then the packet's over them.
    const QColor quiet = mixed(tokens.panel, tokens.line, 0.9);
    for (const auto& [from, to] : std::initializer_list<std::pair<int, int>>{{Prerouting, Routing},
                                                                             {Routing, Forward},
                                                                             {Forward, Postrouting},
                                                                             {Routing, Input},
                                                                             {Input, Process},
                                                                             {Process, Output},
                                                                             {Output, Postrouting}})
        connect(from, to, quiet);
    const QColor color = tokens.accent;
    if (!way.empty() && way.front() == Prerouting) {
        const QRectF first = boxOf(Prerouting);
        arrow({0, first.center().y()}, {first.left(), first.center().y()}, color);
    }
    for (std::size_t i = 1; i < way.size(); ++i)
        connect(way[i - 1], way[i], color);
    if (!way.empty() && way.back() == Postrouting && !stops) {
        const QRectF last = boxOf(Postrouting);
        arrow({last.right(), last.center().y()}, {static_cast<double>(width()), last.center().y()}, color);
    }
}

void HookPicture::paintRules(QPainter& painter, const Place& place, double top) const
{
    const Tokens& tokens = m_look.tokens();
    const auto told = toldSteps(place);
    const double left = m_look.scaled(kBoxGap);
    QRectF row(left, top, width() - left - 4, m_look.scaled(kTitleLine) - 2);
    if (told.empty()) {
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft,
                         tr("No rule matched here: the chains' policies decided."));
        return;
    }
    for (const Step* step : told) {
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(step->stopped ? readableOn(tokens.critical, tokens.panel) : tokens.text);
        const QString words = (step->stopped ? QStringLiteral("■ ") : QString()) + ruleWords(*step);
        const double used = QFontMetricsF(painter.font()).horizontalAdvance(words) + 12;
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft,
                         QFontMetricsF(painter.font()).elidedText(words, Qt::ElideRight, row.width()));
        painter.setFont(m_look.font(FontRole::Terminal));
        if (step->changed && used < row.width()) { // what the rule made of the addresses
            painter.setPen(readableOn(tokens.accent, tokens.panel));
            painter.drawText(row.adjusted(used, 0, 0, 0), Qt::AlignVCenter | Qt::AlignRight,
                             QFontMetricsF(painter.font())
                                 .elidedText(QStringLiteral("⇒ ") + QString::fromStdString(step->packet),
                                             Qt::ElideMiddle, row.width() - used));
        }
        painter.setPen(tokens.muted);
        const QString below = QString::fromStdString(step->ruleText);
        painter.drawText(row.translated(0, m_look.scaled(16)), Qt::AlignVCenter | Qt::AlignLeft,
                         QFontMetricsF(painter.font()).elidedText(below, Qt::ElideRight, row.width()));
        row.translate(0, m_look.scaled(kRuleRow));
    }
}

void HookPicture::retranslate()
{
    setAccessibleName(tr("The packet's way through the hooks"));
    setDetail(m_detail);
}

} // namespace app::desktop
