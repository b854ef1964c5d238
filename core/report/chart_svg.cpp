#include "core/report/chart_svg.h"

#include "core/report/charts.h"
#include "core/report/wording.h"

#include <fmt/format.h>

namespace core::report {

namespace {

std::string pathOf(const std::vector<Point>& points, bool closed)
{
    std::string path;
    for (const Point& point : points)
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", point.x, point.y);
    return closed ? path + "Z" : path;
}

std::string opened(int width, int height, const std::string& label)
{
    return fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", width,
                       height, escapedHtml(label));
}

} // namespace

std::string escapedHtml(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
                out += "\uFFFD";
            else
                out += c;
        }
    }
    return out;
}

std::string radarSvg(const Report& report)
{
    constexpr int kWidth = 400;
    constexpr int kHeight = 300;
    constexpr double kLine = 15;
    const content::Language language = report.options.language;
    const RadarChart chart(report.directions, {kWidth / 2.0, 152}, 96);
    std::string svg = opened(kWidth, kHeight, words::kSkills.in(language));
    for (const double fraction : {0.25, 0.5, 0.75, 1.0})
        svg += fmt::format("<path class=\"grid\" d=\"{}\"/>\n", pathOf(chart.ring(fraction), true));
    const std::vector<Point> centre = chart.ring(0);
    const std::vector<Point> rim = chart.ring(1);
    for (std::size_t i = 0; i < rim.size(); ++i)
        svg += fmt::format("<path class=\"grid\" d=\"{}\"/>\n", pathOf({centre[i], rim[i]}, false));
    svg += fmt::format("<path class=\"shape\" d=\"{}\"/>\n", pathOf(chart.outline(), true));
    for (std::size_t i = 0; i < rim.size(); ++i) {
        if (report.directions[i].score)
            svg += fmt::format("<circle class=\"corner\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>\n",
                               chart.outline()[i].x, chart.outline()[i].y);
    }
    for (const double fraction : {0.5, 1.0}) {
        const Point at = chart.ring(fraction).front();
        svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\">{:.0f}</text>\n", at.x + 4,
                           at.y + 11, fraction * 100);
    }
    for (const RadarChart::Label& label : chart.labels()) {
        const std::vector<std::string> lines = label.lines(language);
        const char* anchor = label.side < 0 ? "end" : label.side > 0 ? "start" : "middle";
        // The block of lines stands above the top corner and around the height of the others.
        double y = label.side == 0 ? label.at.y - kLine * static_cast<double>(lines.size() - 1) + 4
                                   : label.at.y - kLine * (static_cast<double>(lines.size()) / 2 - 0.8);
        for (std::size_t i = 0; i < lines.size(); ++i, y += kLine)
            svg += fmt::format("<text class=\"{}\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                               i + 1 == lines.size() ? "value" : "label", anchor, label.at.x, y,
                               escapedHtml(lines[i]));
    }
    return svg + "</svg>\n";
}

std::string scoreSvg(const Report& report)
{
    constexpr int kWidth = 400;
    constexpr int kHeight = 300;
    constexpr Area kPlot{30, 12, 350, 226};
    const content::Language language = report.options.language;
    const ScoreChart chart(report.attempts, kPlot);
    std::string svg = opened(kWidth, kHeight, words::kScoresOverTime.in(language));
    for (const int score : {0, 25, 50, 75, 100}) {
        svg += fmt::format(
            "<path class=\"grid\" d=\"M{} {:.1f}H{}\"/><text class=\"tick\" text-anchor=\"end\" x=\"{}\" "
            "y=\"{:.1f}\">{}</text>\n",
            kPlot.left, chart.y(score), kPlot.left + kPlot.width, kPlot.left - 6, chart.y(score) + 4, score);
    }
    for (const ScoreChart::Tick& tick : chart.ticks())
        svg += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{}\">{}</text>\n",
                           tick.x, kPlot.top + kPlot.height + 18, escapedHtml(tick.text));
    if (chart.trend().size() > 1)
        svg += fmt::format("<path class=\"trend\" d=\"{}\"/>\n", pathOf(chart.trend(), false));
    const auto mark = [](Point at, bool solved) {
        return solved
            ? fmt::format("<circle class=\"ok\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>", at.x, at.y)
            : fmt::format("<rect class=\"bad\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"7\" height=\"7\"/>",
                          at.x - 3.5, at.y - 3.5);
    };
    for (std::size_t i = 0; i < report.attempts.size(); ++i) {
        const progress::Attempt& attempt = report.attempts[i];
        svg += fmt::format("<g><title>{} · {} · {}</title>{}</g>\n", escapedHtml(dateText(attempt.startedAt)),
                           escapedHtml(attempt.incident), scoreText(attempt.score),
                           mark(chart.points()[i], attempt.solved));
    }
    constexpr double kLegend = kHeight - 14;
    svg += mark({kPlot.left + 4, kLegend}, true)
        + fmt::format("<text class=\"label\" x=\"{}\" y=\"{}\">{}</text>", kPlot.left + 14, kLegend + 4,
                      words::kSolved.in(language));
    svg += mark({kPlot.left + 94, kLegend}, false)
        + fmt::format("<text class=\"label\" x=\"{}\" y=\"{}\">{}</text>", kPlot.left + 104, kLegend + 4,
                      words::kNotSolved.in(language));
    svg += fmt::format(
        "<path class=\"trend\" d=\"M{} {}h22\"/><text class=\"label\" x=\"{}\" y=\"{}\">{}</text>\n",
        kPlot.left + 204, kLegend, kPlot.left + 232, kLegend + 4, words::kMeanOfFive.in(language));
    return svg + "</svg>\n";
}

} // namespace core::report
