#include "core/report/charts.h"

#include "core/report/wording.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace core::report {

RadarChart::RadarChart(const std::vector<progress::Skill>& skills, Point centre, double radius)
    : m_axes(skills.size()), m_centre(centre), m_radius(radius)
{
    // How far outside the outer ring labels begin, as a share of the radius.
    constexpr double kLabelDistance = 1.12;
    for (std::size_t i = 0; i < skills.size(); ++i) {
        m_empty = m_empty && !skills[i].score;
        m_outline.push_back(on(i, skills[i].score.value_or(0) / 100));
        Label label;
        label.at = on(i, kLabelDistance);
        const double across = label.at.x - centre.x;
        label.side = std::abs(across) < radius * 0.05 ? 0 : across < 0 ? -1 : 1;
        label.skill = &skills[i];
        m_labels.push_back(label);
    }
}

std::vector<std::string> RadarChart::Label::lines(content::Language language) const
{
    const std::string& title = skill->axis.title.in(language);
    std::vector<std::string> lines;
    // The space nearest to the middle; Chinese titles are short and have none to break at.
    constexpr std::size_t kLong = 14;
    std::size_t best = std::string::npos;
    if (language == content::Language::English && title.size() > kLong) {
        for (std::size_t i = title.find(' '); i != std::string::npos; i = title.find(' ', i + 1)) {
            const auto fromMiddle = [&](std::size_t place) {
                return std::abs(static_cast<double>(place) - static_cast<double>(title.size()) / 2);
            };
            if (best == std::string::npos || fromMiddle(i) < fromMiddle(best))
                best = i;
        }
    }
    if (best == std::string::npos) {
        lines.push_back(title);
    } else {
        lines.push_back(title.substr(0, best));
        lines.push_back(title.substr(best + 1));
    }
    lines.push_back(scoreText(skill->score));
    return lines;
}

std::vector<Point> RadarChart::ring(double fraction) const
{
    std::vector<Point> points;
    for (std::size_t i = 0; i < m_axes; ++i)
        points.push_back(on(i, fraction));
    return points;
}

Point RadarChart::on(std::size_t axis, double fraction) const
{
    const double angle = 2 * std::numbers::pi * static_cast<double>(axis) / static_cast<double>(m_axes);
    return {m_centre.x + std::sin(angle) * m_radius * fraction,
            m_centre.y - std::cos(angle) * m_radius * fraction};
}

ScoreChart::ScoreChart(const std::vector<progress::Attempt>& attempts, Area plot) : m_plot(plot)
{
    const std::size_t count = attempts.size();
    const auto x = [&](std::size_t i) {
        return count == 1 ? plot.left + plot.width / 2
                          : plot.left + plot.width * static_cast<double>(i) / static_cast<double>(count - 1);
    };
    double windowSum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        windowSum += attempts[i].score;
        if (i >= kTrendWindow)
            windowSum -= attempts[i - kTrendWindow].score;
        m_points.push_back({x(i), y(attempts[i].score)});
        m_trend.push_back({x(i), y(windowSum / static_cast<double>(std::min(i + 1, kTrendWindow)))});
    }
    constexpr std::size_t kMostTicks = 6;
    const std::size_t ticks = std::min(count, kMostTicks);
    for (std::size_t tick = 0; tick < ticks; ++tick) {
        const std::size_t i = ticks == 1 ? 0 : tick * (count - 1) / (ticks - 1);
        std::string day = dayText(attempts[i].startedAt);
        if (m_ticks.empty() || m_ticks.back().text != day)
            m_ticks.push_back({x(i), std::move(day)});
    }
}

double ScoreChart::y(double score) const
{
    return m_plot.top + m_plot.height * (1 - std::clamp(score, 0.0, 100.0) / 100);
}

} // namespace core::report
