#include "sim/net/rdma/link.h"

namespace sim::net::rdma {

const char* speedName(LaneSpeed speed)
{
    switch (speed) {
    case LaneSpeed::Sdr: return "SDR";
    case LaneSpeed::Edr: return "EDR";
    case LaneSpeed::Hdr: return "HDR";
    case LaneSpeed::Ndr: return "NDR";
    case LaneSpeed::Xdr: return "XDR";
    }
    return "";
}

const char* signallingText(LaneSpeed speed)
{
    switch (speed) {
    case LaneSpeed::Sdr: return "2.5 Gbps";
    case LaneSpeed::Edr: return "25.78125 Gbps";
    case LaneSpeed::Hdr: return "53.125 Gbps";
    case LaneSpeed::Ndr: return "106.25 Gbps";
    case LaneSpeed::Xdr: return "212.5 Gbps";
    }
    return "";
}

double payloadBytesPerSecond(LinkLayer layer, LaneSpeed speed, int lanes, int mtu)
{
    return laneBitsPerSecond(speed) * lanes / 8 * mtu / (mtu + wireOverheadBytes(layer));
}

} // namespace sim::net::rdma
