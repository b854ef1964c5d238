#include "sim/training/collectives/channel_search.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace sim::training::collectives {

namespace {

// The speeds that NCCL 2.30 tries, GB/s per channel (src/graph/search.cc).
constexpr double kAmpereIntra[] = {40, 30, 20, 18, 15, 12, 10, 9, 7, 6, 5, 4, 3};
constexpr double kAmpereInter[] = {48, 30, 28, 24, 20, 18, 15, 12, 10, 9, 7, 6, 5, 4, 3, 2.4, 1.2, 0.24, 0.12};
constexpr double kHopperIntra[] = {60, 50, 40, 30, 24, 20, 15, 12, 11, 6, 3};
constexpr double kHopperInter[] = {48, 45, 42, 40, 30, 24, 22, 20, 17.5, 15, 12, 6, 3, 2.4, 1.2, 0.24, 0.12};
constexpr double kBlackwellIntra[] = {90, 80, 70, 60, 50, 45, 40, 30, 24, 20, 19, 18};
constexpr double kBlackwellInter[] = {96, 86, 80, 48, 45.1, 42, 40, 30, 24, 22, 20, 17.5, 15, 12, 6, 3, 2.4, 1.2, 0.24, 0.12};

std::span<const double> speedsOf(const SearchLimits& limits)
{
    switch (limits.architecture) {
    case Architecture::Ampere:
        return limits.severalNodes ? std::span<const double>(kAmpereInter) : kAmpereIntra;
    case Architecture::Hopper:
        return limits.severalNodes ? std::span<const double>(kHopperInter) : kHopperIntra;
    case Architecture::Blackwell: break;
    }
    return limits.severalNodes ? std::span<const double>(kBlackwellInter) : kBlackwellIntra;
}

/// How many channels of this speed a rate carries. NCCL rounds what is left to thousandths.
int fitting(double rate, double speed)
{
    return static_cast<int>(std::floor(rate / speed + 1e-3));
}

double fastestPort(const SearchLimits& limits)
{
    return limits.portRates.empty() ? 0 : *std::max_element(limits.portRates.begin(), limits.portRates.end());
}

int portChannels(const SearchLimits& limits, double speed)
{
    int channels = 0;
    for (const double rate : limits.portRates)
        channels += fitting(rate, speed);
    // All of it passes through the GPUs' PCIe links.
    return std::min(channels, limits.gpus * fitting(limits.pcieRate, speed));
}

int ringChannels(const SearchLimits& limits, double speed)
{
    int channels = limits.maxChannels;
    if (limits.gpus > 1)
        channels = std::min(channels, fitting(limits.gpuRate, speed));
    if (limits.severalNodes)
        channels = std::min(channels, portChannels(limits, speed));
    return channels;
}

/// The last GPU of a chain sends to none, so chains that start at each GPU in turn share the links out.
double treeRate(const SearchLimits& limits)
{
    return limits.severalNodes && limits.gpus > 1 ? limits.gpuRate * limits.gpus / (limits.gpus - 1) : limits.gpuRate;
}

bool treeFits(const SearchLimits& limits, int channels, double intra, double inter)
{
    const bool within = limits.gpus < 2 || fitting(treeRate(limits), intra) >= channels;
    return within && (!limits.severalNodes || portChannels(limits, inter) >= channels);
}

double fastestSpeed(const SearchLimits& limits)
{
    return limits.severalNodes ? fastestPort(limits) : limits.gpuRate;
}

/// "Few fast channels" of NCCL: not below 25 GB/s; from Hopper on not below 50 where there are more than four.
bool isDoubled(const SearchLimits& limits, const Graph& graph)
{
    if (graph.bandwidthIntra < 25)
        return false;
    return limits.architecture == Architecture::Ampere || graph.bandwidthIntra >= 50 || graph.channels <= 4;
}

void doubleChannels(const SearchLimits& limits, Graph& graph)
{
    const int doubled = std::min(graph.channels * 2, limits.maxChannels);
    const int parts = (doubled + graph.channels - 1) / graph.channels;
    graph.channels = doubled;
    graph.bandwidthIntra /= parts;
    graph.bandwidthInter /= parts;
}

} // namespace

Graph searchRing(const SearchLimits& limits)
{
    constexpr double kWorthTrying = 0.49; // NCCL goes on only while the next speed is more than this part
    Graph best;
    for (const double speed : speedsOf(limits)) {
        if (speed > fastestSpeed(limits) + 1e-3)
            continue;
        if (best.channels > 0
            && (best.channels * best.bandwidthInter >= limits.gpuRate || speed / best.bandwidthInter <= kWorthTrying))
            break;
        const int channels = ringChannels(limits, speed);
        if (channels * speed > best.channels * best.bandwidthIntra) {
            best.channels = channels;
            best.bandwidthIntra = best.bandwidthInter = speed;
        }
    }
    if (best.channels == 0)
        return best;
    if (isDoubled(limits, best))
        doubleChannels(limits, best);
    // A second pass: as many channels, but faster.
    const auto speeds = speedsOf(limits);
    for (auto speed = speeds.rbegin(); speed != speeds.rend(); ++speed)
        if (*speed > best.bandwidthIntra && *speed <= fastestSpeed(limits) + 1e-3
            && ringChannels(limits, *speed) >= best.channels)
            best.bandwidthIntra = best.bandwidthInter = *speed;
    return best;
}

Graph searchTree(const SearchLimits& limits, const Graph& ring)
{
    Graph tree;
    for (const double speed : speedsOf(limits)) {
        if (speed > fastestSpeed(limits) + 1e-3 || !treeFits(limits, ring.channels, speed, speed))
            continue;
        tree.channels = ring.channels;
        tree.bandwidthIntra = tree.bandwidthInter = speed;
        break;
    }
    if (tree.channels == 0)
        return tree;
    const auto speeds = speedsOf(limits);
    for (auto speed = speeds.rbegin(); speed != speeds.rend(); ++speed)
        if (*speed > tree.bandwidthIntra && tree.bandwidthIntra < tree.bandwidthInter * 2
            && treeFits(limits, tree.channels, *speed, tree.bandwidthInter))
            tree.bandwidthIntra = *speed;
    return tree;
}

Graph searchNvls(const SearchLimits& limits, int heads)
{
    Graph nvls;
    const auto speeds = speedsOf(limits);
    for (const double speed : speeds) {
        // Every head's share passes every GPU's links once, its own head's twice.
        if (speed > fastestSpeed(limits) + 1e-3 || fitting(limits.gpuRate, speed) < heads + 1)
            continue;
        if (limits.severalNodes && portChannels(limits, speed) < heads)
            continue;
        nvls.channels = heads;
        nvls.bandwidthIntra = nvls.bandwidthInter = speed;
        break;
    }
    if (nvls.channels == 0)
        return nvls;
    for (auto speed = speeds.rbegin(); speed != speeds.rend(); ++speed)
        if (*speed > nvls.bandwidthInter && nvls.bandwidthInter < nvls.bandwidthIntra * 2
            && *speed <= fastestSpeed(limits) + 1e-3 && (!limits.severalNodes || portChannels(limits, *speed) >= heads))
            nvls.bandwidthInter = *speed;
    return nvls;
}

} // namespace sim::training::collectives
