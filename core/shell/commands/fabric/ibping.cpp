// ibping of infiniband-diags (rdma-core 55).
#include "core/shell/commands/fabric/ibping.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::fabric {

using namespace rdma;

namespace {

/// A recorded run of ten between two nodes had answers from 0.061 to 0.142 ms, 0.084 on average.
constexpr double kFastest = 61e-6, kSlowest = 142e-6, kAverage = 84e-6;

std::string milliseconds(sim::Duration time)
{
    const std::int64_t microseconds = time.count() / 1000;
    return fmt::format("{}.{:03}", microseconds / 1000, microseconds % 1000);
}

} // namespace

std::optional<sim::Duration> ibpingTime(const Fabric& fabric, DeviceId from, DeviceId to, bool serverRuns,
                                        double chance)
{
    TransferRequest request;
    request.from = from;
    request.to = to;
    Path path;
    if (!serverRuns || fabric.route(request, path) != Reach::Reachable)
        return std::nullopt;
    // A power of the uniform draw that gives the recorded average: E[x^n] = 1 / (n + 1).
    constexpr double kMean = (kAverage - kFastest) / (kSlowest - kFastest);
    double spread = chance;
    for (int i = 1; i < static_cast<int>(1 / kMean - 1 + 0.5); ++i)
        spread *= chance;
    return sim::fromSeconds(kFastest + (kSlowest - kFastest) * spread) + 2 * fabric.latency(path);
}

std::string ibpingLine(const IbpingTarget& target, sim::Duration time)
{
    return fmt::format("Pong from {} (Lid {}): time {} ms\n", target.server, target.lid, milliseconds(time));
}

std::string ibpingLostLines(const IbpingTarget& target, int pid)
{
    return timedOut(pid, "mad_rpc_rmpp", target.lid);
}

std::string ibpingSummary(const IbpingTarget& target, const std::vector<sim::Duration>& times,
                          std::size_t sent, sim::Duration total)
{
    sim::Duration sum{};
    for (const sim::Duration time : times)
        sum += time;
    const sim::Duration none{};
    const std::size_t lost = sent - times.size();
    return fmt::format("\n--- {} (Lid {}) ibping statistics ---\n{} packets transmitted, {} received, {}% "
                       "packet loss, time {} ms\nrtt min/avg/max = {}/{}/{} ms\n",
                       times.empty() ? "" : target.server, target.lid, sent, times.size(),
                       lost == 0 ? 0 : lost * 100 / sent, total.count() / 1'000'000,
                       milliseconds(times.empty() ? none : *std::min_element(times.begin(), times.end())),
                       milliseconds(times.empty() ? none : sum / static_cast<std::int64_t>(times.size())),
                       milliseconds(times.empty() ? none : *std::max_element(times.begin(), times.end())));
}

} // namespace core::shell::fabric
