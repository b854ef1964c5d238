#include "core/golden/monitor_phase.h"

#include "core/golden/masking.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace core::golden {

namespace {

constexpr double kPeriod = 5;
constexpr double kStep = 0.05;
// Of recordings that tell nothing.
constexpr double kAnyPhase = 4;
// From a look to what the watch saw of it.
constexpr double kTold = 0.06;

struct Window {
    double from = 0;
    double to = 0;
};

bool isLook(const std::string& line)
{
    return line.find("RegisteredNode") != std::string::npos || line.find("RemovingNode") != std::string::npos
        || line.find("NodeNotReady") != std::string::npos;
}

/// Ages count from whole seconds.
void addTable(const Step& step, std::vector<Window>& windows)
{
    const double end = step.at + step.took;
    std::istringstream lines(step.output);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        const std::vector<std::string> cells{std::istream_iterator<std::string>(words), {}};
        const auto age = std::find_if(cells.begin(), cells.end(), [](const std::string& cell) {
            return std::isdigit(static_cast<unsigned char>(cell.front())) && cell.find_first_not_of("0123456789smhd") == std::string::npos;
        });
        if (!isLook(line) || age == cells.end())
            continue;
        const double at = end - secondsOfAge(*age);
        if (at > 0)
            windows.push_back({at - 1, std::min(at + 1, end)});
    }
}

bool holds(const Window& window, double phase)
{
    return phase + kPeriod * std::ceil((window.from - phase) / kPeriod) <= window.to;
}

} // namespace

double nodeMonitorPhase(const Recording& recording)
{
    std::vector<Window> windows;
    for (const Step& step : recording.steps)
        if (step.kind == Step::Kind::Command)
            addTable(step, windows);
    for (const WatchLine& line : recording.watch)
        if (line.kind == "events" && line.body.value("reason", "") == "NodeNotReady")
            windows.push_back({line.at - kTold, line.at});
    if (windows.empty())
        return kAnyPhase;
    // The middle of the first phases that suit most.
    std::ptrdiff_t most = 0;
    double first = 0;
    double last = 0;
    for (double phase = 0; phase < kPeriod; phase += kStep) {
        const auto suited = std::count_if(windows.begin(), windows.end(), [&](const Window& window) { return holds(window, phase); });
        if (suited > most) {
            most = suited;
            first = last = phase;
        } else if (suited == most && phase - last < 1.5 * kStep) {
            last = phase;
        }
    }
    return (first + last) / 2;
}

} // namespace core::golden
