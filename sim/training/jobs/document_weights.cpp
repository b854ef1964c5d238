#include "sim/training/jobs/document_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace sim::training {

namespace {

/// Usual weights are about one: what counts a hundred times as much is another kind of document.
constexpr double kHeavy = 100;

} // namespace

DocumentWeights documentWeights(const std::string& text)
{
    double all = 0, nonFinite = 0, heavy = 0, heaviest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        long long first = 0, last = 0;
        int read = 0;
        if (line.empty() || line[0] == '#' || std::sscanf(line.c_str(), "%lld-%lld %n", &first, &last, &read) < 2 || last < first)
            continue;
        char* end = nullptr;
        const char* begin = line.c_str() + read;
        const double weight = std::strtod(begin, &end);
        if (end == begin)
            continue;
        const auto documents = static_cast<double>(last - first + 1);
        all += documents;
        if (!std::isfinite(weight))
            nonFinite += documents;
        else if (weight >= kHeavy)
            heavy += documents;
        if (std::isfinite(weight))
            heaviest = std::max(heaviest, weight);
    }
    return all > 0 ? DocumentWeights{nonFinite / all, heavy / all, heaviest} : DocumentWeights{};
}

} // namespace sim::training
