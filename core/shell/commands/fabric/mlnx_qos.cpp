// mlnx_qos of MLNX_OFED 5.
#include "core/shell/commands/fabric/mlnx_qos.h"

#include <fmt/format.h>

namespace core::shell::fabric {

using namespace rdma;

namespace {

/// "0,0,0,1,0,0,0,0"
std::optional<std::uint8_t> priorities(const std::string& list)
{
    if (list.size() != 2 * kPriorities - 1)
        return std::nullopt;
    std::uint8_t bits = 0;
    for (int i = 0; i < kPriorities; ++i) {
        const char c = list[static_cast<std::size_t>(2 * i)];
        if ((c != '0' && c != '1') || (i > 0 && list[static_cast<std::size_t>(2 * i - 1)] != ','))
            return std::nullopt;
        bits = static_cast<std::uint8_t>(bits | (c - '0') << i);
    }
    return bits;
}

std::string dscpMapping()
{
    std::string text = "dscp2prio mapping:\n";
    for (int priority = 0; priority < kPriorities; ++priority) {
        text += fmt::format("\tprio:{} dscp:", priority);
        for (int dscp = 8 * priority + 7; dscp >= 8 * priority; --dscp)
            text += fmt::format("{:02},", dscp);
        text += "\n";
    }
    return text;
}

std::string row(std::string_view label, std::uint8_t bits)
{
    std::string text = fmt::format("\t{:<12}", label);
    for (int i = 0; i < kPriorities; ++i)
        text += fmt::format("{}   ", bits >> i & 1);
    return text + "\n";
}

} // namespace

std::optional<std::pair<PortId, Qos>> mlnxQosChange(const Fabric& fabric, sim::HostId host,
                                                    const MlnxQosOptions& options)
{
    const DeviceId id = fabric.find(host, options.interface);
    if (!id.valid() || fabric.layer() != LinkLayer::Ethernet
        || (options.trust.empty() && options.pfc.empty()))
        return std::nullopt;
    Qos qos = fabric.port(id).qos;
    if (!options.trust.empty()) {
        if (options.trust != "pcp" && options.trust != "dscp")
            return std::nullopt;
        qos.trust = options.trust == "dscp" ? Trust::Dscp : Trust::Pcp;
    }
    if (!options.pfc.empty()) {
        const auto bits = priorities(options.pfc);
        if (!bits)
            return std::nullopt;
        qos.pfc = *bits;
    }
    return std::pair{PortId{id.value}, qos};
}

Text mlnxQosText(const Fabric& fabric, sim::HostId host, const MlnxQosOptions& options)
{
    Text text;
    const DeviceId id = fabric.find(host, options.interface);
    if (!id.valid() || fabric.layer() != LinkLayer::Ethernet
        || fabric.device(id).netdev != options.interface) {
        text.errors = options.interface.empty() ? "Interface name is required\n"
                                                : "Netlink error: Bad value. see dmesg.\n";
        text.status = 1;
        return text;
    }
    Qos qos = fabric.port(id).qos;
    if (const auto change = mlnxQosChange(fabric, host, options))
        qos = change->second;
    const bool dscp = qos.trust == Trust::Dscp;
    text.out = fmt::format(
        "DCBX mode: OS controlled\nPriority trust state: {}\n{}default priority:\n"
        "Receive buffer size (bytes): 19872,220896,0,0,0,0,0,0,max_buffer_size=4151520\nCable len: 7\nPFC "
        "configuration:\n"
        "\tpriority    0   1   2   3   4   5   6   7\n",
        dscp ? "dscp" : "pcp", dscp ? dscpMapping() : "");
    // Lossless priorities have the second buffer.
    text.out += row("enabled", qos.pfc) + row("buffer", qos.pfc);
    for (int tc = 0; tc < kPriorities;
         ++tc) // mlx5 maps priority 0 to the second traffic class, as 802.1Q does for best effort
        text.out += fmt::format("tc: {} ratelimit: unlimited, tsa: vendor\n\t priority:  {}\n", tc,
                                tc < 2 ? 1 - tc : tc);
    return text;
}

} // namespace core::shell::fabric
