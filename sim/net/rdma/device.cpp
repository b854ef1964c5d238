#include "sim/net/rdma/device.h"

namespace sim::net::rdma {

std::string frontPanelName(int number)
{
    return "Ethernet" + std::to_string((number - 1) * kLanesOfPort);
}

double pcieBytesPerSecond(int generation, int lanes)
{
    // 2.5, 5, 8, 16, 32, 64 GT/s: the third generation changed its encoding instead of doubling.
    static constexpr double kTransfersPerSecond[] = {2.5e9, 5e9, 8e9, 16e9, 32e9, 64e9};
    const int known = generation < 1 ? 1 : generation > 6 ? 6 : generation;
    const double encoding = known < 3 ? 0.8 : 128.0 / 130.0;
    return kTransfersPerSecond[known - 1] * encoding * lanes / 8 * 256 / (256 + 26);
}

} // namespace sim::net::rdma
