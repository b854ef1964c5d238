#include "sim/net/sharing.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <limits>

namespace sim::net {

std::vector<double> maxMinShares(const std::vector<Demand>& demands,
                                 const std::map<std::uint32_t, double>& capacity)
{
    struct Line {
        double left = 0;
        std::vector<std::size_t> flows;
        std::size_t rising = 0;
    };
    std::vector<Line> lines;
    std::map<std::uint32_t, std::size_t> lineOf;
    for (const auto& [channel, bytes] : capacity) {
        lineOf[channel] = lines.size();
        lines.push_back({std::max(bytes, 0.0), {}, 0});
    }
    std::vector<double> rates(demands.size(), 0.0);
    std::vector<std::vector<std::size_t>> linesOf(demands.size());
    std::vector<bool> rising(demands.size(), true);
    std::size_t left = demands.size();
    std::vector<std::pair<double, std::size_t>> caps; // ascending
    for (std::size_t i = 0; i < demands.size(); ++i) {
        for (const std::uint32_t channel : demands[i].channels) {
            const auto found = lineOf.find(channel);
            FL_ASSERT(found != lineOf.end());
            linesOf[i].push_back(found->second);
            lines[found->second].flows.push_back(i);
            ++lines[found->second].rising;
        }
        const double cap = demands[i].channels.empty() && demands[i].cap <= 0 ? kLoopbackBytesPerSecond
                                                                              : demands[i].cap;
        if (cap > 0)
            caps.emplace_back(cap, i);
    }
    std::sort(caps.begin(), caps.end());

    const auto freeze = [&](std::size_t flow, double rate) {
        if (!rising[flow])
            return;
        rising[flow] = false;
        --left;
        rates[flow] = rate;
        for (const std::size_t line : linesOf[flow]) {
            lines[line].left = std::max(0.0, lines[line].left - rate);
            --lines[line].rising;
        }
    };
    std::size_t nextCap = 0;
    while (left > 0) {
        // `left` of a line excludes its frozen flows, so its level is what each rising flow could have at
        // most.
        double level = std::numeric_limits<double>::infinity();
        std::size_t fullest = lines.size();
        for (std::size_t n = 0; n < lines.size(); ++n) {
            if (lines[n].rising == 0)
                continue;
            const double share = lines[n].left / static_cast<double>(lines[n].rising);
            if (share < level) {
                level = share;
                fullest = n;
            }
        }
        while (nextCap < caps.size() && !rising[caps[nextCap].second])
            ++nextCap;
        if (nextCap < caps.size() && caps[nextCap].first <= level) {
            freeze(caps[nextCap].second, caps[nextCap].first);
            continue;
        }
        FL_ASSERT(fullest < lines.size());
        for (const std::size_t flow : lines[fullest].flows)
            freeze(flow, level);
    }
    return rates;
}

} // namespace sim::net
