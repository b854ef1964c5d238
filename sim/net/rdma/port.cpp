#include "sim/net/rdma/port.h"

#include <fmt/format.h>

namespace sim::net::rdma {

int classicBits(PortCounter counter)
{
    switch (counter) {
    case PortCounter::XmitData:
    case PortCounter::RcvData:
    case PortCounter::XmitPackets:
    case PortCounter::RcvPackets:
    case PortCounter::XmitWait: return 32;
    case PortCounter::SymbolError:
    case PortCounter::RcvErrors:
    case PortCounter::RcvRemotePhysicalErrors:
    case PortCounter::RcvSwitchRelayErrors:
    case PortCounter::XmitDiscards:
    case PortCounter::Vl15Dropped: return 16;
    case PortCounter::LinkErrorRecovery:
    case PortCounter::LinkDowned:
    case PortCounter::XmitConstraintErrors:
    case PortCounter::RcvConstraintErrors: return 8;
    case PortCounter::LocalLinkIntegrityErrors:
    case PortCounter::ExcessiveBufferOverrunErrors: return 4;
    case PortCounter::RcvDiscards:
    case PortCounter::Count: break;
    }
    return 64;
}

std::string gidText(const Gid& gid)
{
    std::string text;
    for (const std::uint64_t half : {gid.prefix, gid.interface})
        for (int shift = 48; shift >= 0; shift -= 16)
            text += fmt::format("{}{:04x}", text.empty() ? "" : ":", half >> shift & 0xffff);
    return text;
}

} // namespace sim::net::rdma
