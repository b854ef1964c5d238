#pragma once

#include "core/report/report.h"

#include <string>
#include <utility>
#include <vector>

namespace core::report {

// Where things stand in the two charts, in the units of whoever draws them (SVG here, a painter in the PDF).
// y grows downwards.

struct Point {
    double x = 0;
    double y = 0;
};

struct Area {
    double left = 0;
    double top = 0;
    double width = 0;
    double height = 0;
};

/// A spider chart: axis i points up for i = 0 and goes round clockwise.
class RadarChart {
public:
    RadarChart(const std::vector<progress::Skill>& skills, Point centre, double radius);

    struct Label {
        Point at;        ///< where the text's middle line starts
        double side = 0; ///< -1: text ends here, 0: it is centred, 1: it begins here
        std::vector<std::string> lines(
            content::Language language) const; ///< the title in one or two lines, then the score
        const progress::Skill* skill = nullptr;
    };

    std::vector<Point> ring(double fraction) const; ///< fraction of the full score, one point an axis
    /// The learner's own outline. An axis that was never tried stands at the centre.
    const std::vector<Point>& outline() const { return m_outline; }
    const std::vector<Label>& labels() const { return m_labels; }
    bool empty() const { return m_empty; } ///< nothing was tried on any axis

private:
    Point on(std::size_t axis, double fraction) const;

    std::size_t m_axes = 0;
    Point m_centre;
    double m_radius = 0;
    bool m_empty = true;
    std::vector<Point> m_outline;
    std::vector<Label> m_labels;
};

/// Scores in the order of the attempts, evenly spaced, because practice comes in bursts and dates would heap
/// the points up.
class ScoreChart {
public:
    ScoreChart(const std::vector<progress::Attempt>& attempts, Area plot);

    struct Tick {
        double x = 0;
        std::string text;
    };

    double y(double score) const;
    const std::vector<Point>& points() const { return m_points; } ///< one an attempt
    const std::vector<Point>& trend() const { return m_trend; }   ///< mean of the last kTrendWindow
    const std::vector<Tick>& ticks() const { return m_ticks; }    ///< days, at most six, each once

private:
    Area m_plot;
    std::vector<Point> m_points;
    std::vector<Point> m_trend;
    std::vector<Tick> m_ticks;
};

} // namespace core::report
