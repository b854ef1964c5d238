// perfquery of infiniband-diags (rdma-core 55).
#include "core/shell/commands/fabric/perfquery.h"

#include <fmt/format.h>

#include <array>

namespace core::shell::fabric {

using namespace rdma;

namespace {

/// Of kErrorCounters, those before CounterSelect2 in the attribute.
constexpr std::size_t kFirstErrors = 9;

constexpr std::array<CounterField, 4> kDataFields = {{
    {"PortXmitData", PortCounter::XmitData},
    {"PortRcvData", PortCounter::RcvData},
    {"PortXmitPkts", PortCounter::XmitPackets},
    {"PortRcvPkts", PortCounter::RcvPackets},
}};

std::string field(std::string_view name, const std::string& value)
{
    return fmt::format("{:.<33}{}\n", std::string(name) + ":", value);
}

struct Target {
    Node node;
    int lid = 0;
    std::vector<PortId> ports;
    int printed = 0; ///< the port number in the heading
    bool found = false;
};

Target targetOf(const Fabric& fabric, sim::HostId host, const PerfqueryOptions& options)
{
    Target target;
    const DeviceId local = options.device.empty() ? defaultDevice(fabric, host)
                                                  : fabric.find(host, options.device);
    if (!local.valid())
        return target;
    target.lid = options.lid == 0 ? fabric.port(local).lid : options.lid;
    target.node = {{}, local};
    if (options.lid != 0) {
        target.node = {{}, fabric.findLid(static_cast<std::uint16_t>(options.lid))};
        for (std::size_t i = 0; i < fabric.switches().size(); ++i)
            if (fabric.switches()[i].lid == options.lid)
                target.node = {RdmaSwitchId{i}, {}};
    }
    if (!target.node.device.valid() && !target.node.fabricSwitch.valid())
        return target;
    // Performance datagrams need a route; both ends must be active.
    const PortId there = target.node.fabricSwitch.valid() ? PortId{local.value}
                                                          : PortId{target.node.device.value};
    target.found = fabric.port(local).logical == LogicalState::Active
        && fabric.port(there).logical == LogicalState::Active;
    for (const PortId port : portsOf(fabric, target.node))
        if (options.all || options.port == 255 || !target.node.fabricSwitch.valid()
            || fabric.port(port).number == options.port)
            target.ports.push_back(port);
    target.printed = options.all || options.port == 255 ? 255
        : target.node.fabricSwitch.valid()              ? options.port
                                                        : 1;
    return target;
}

/// The sum over ports, each and the sum held to what the register holds.
std::string sum(const Fabric& fabric, const Target& target, PortCounter counter, bool extended)
{
    const int bits = extended ? 64 : classicBits(counter);
    std::uint64_t total = 0;
    for (const PortId port : target.ports)
        total += saturated(fabric.counter(port, counter), bits);
    return std::to_string(saturated(total, bits));
}

std::string classicText(const Fabric& fabric, const Target& target)
{
    std::string text = fmt::format("# Port counters: Lid {} port {} (CapMask: 0x5A00)\n", target.lid,
                                   target.printed);
    text += field("PortSelect", std::to_string(target.printed)) + field("CounterSelect", "0x0000");
    for (std::size_t i = 0; i < kFirstErrors; ++i)
        text += field(kErrorCounters[i].name, sum(fabric, target, kErrorCounters[i].counter, false));
    text += field("CounterSelect2", "0x00")
        + field("LocalLinkIntegrityErrors", sum(fabric, target, PortCounter::LocalLinkIntegrityErrors, false))
        + field("ExcessiveBufferOverrunErrors",
                sum(fabric, target, PortCounter::ExcessiveBufferOverrunErrors, false))
        + field("QP1Dropped", "0")
        + field("VL15Dropped", sum(fabric, target, PortCounter::Vl15Dropped, false));
    for (const CounterField& f : kDataFields)
        text += field(f.name, sum(fabric, target, f.counter, false));
    return text + field("PortXmitWait", sum(fabric, target, PortCounter::XmitWait, false));
}

std::string extendedText(const Fabric& fabric, const Target& target)
{
    std::string text = fmt::format(
        "# Port extended counters: Lid {} port {} (CapMask: 0x5A00 CapMask2: 0x0000002)\n", target.lid,
        target.printed);
    text += field("PortSelect", std::to_string(target.printed)) + field("CounterSelect", "0x0000");
    for (const CounterField& f : kDataFields)
        text += field(f.name, sum(fabric, target, f.counter, true));
    text += field("PortUnicastXmitPkts", sum(fabric, target, PortCounter::XmitPackets, true))
        + field("PortUnicastRcvPkts", sum(fabric, target, PortCounter::RcvPackets, true))
        + field("PortMulticastXmitPkts", "0") + field("PortMulticastRcvPkts", "0")
        + field("CounterSelect2", "0x00000000");
    for (std::size_t i = 0; i < kFirstErrors; ++i)
        text += field(kErrorCounters[i].name, sum(fabric, target, kErrorCounters[i].counter, true));
    return text
        + field("LocalLinkIntegrityErrors", sum(fabric, target, PortCounter::LocalLinkIntegrityErrors, true))
        + field("ExcessiveBufferOverrunErrors",
                sum(fabric, target, PortCounter::ExcessiveBufferOverrunErrors, true))
        + field("VL15Dropped", sum(fabric, target, PortCounter::Vl15Dropped, true))
        + field("PortXmitWait", sum(fabric, target, PortCounter::XmitWait, true)) + field("QP1Dropped", "0");
}

} // namespace

Text perfqueryText(const Fabric& fabric, sim::HostId host, const PerfqueryOptions& options)
{
    const DeviceId local = options.device.empty() ? defaultDevice(fabric, host)
                                                  : fabric.find(host, options.device);
    if (fabric.layer() != LinkLayer::InfiniBand || !local.valid())
        return cannotOpenPort(options.pid, "perfquery", options.device.empty() ? "(null)" : options.device);
    Text text;
    const Target target = targetOf(fabric, host, options);
    if (!target.found || target.ports.empty()) {
        text.errors = timedOut(options.pid, "mad_rpc", target.lid)
            + "perfquery: iberror: failed: classportinfo query\n";
        text.status = 255;
        return text;
    }
    if (!options.resetOnly)
        text.out = options.extended ? extendedText(fabric, target) : classicText(fabric, target);
    return text;
}

std::vector<std::pair<PortId, PortCounter>> perfqueryResets(const Fabric& fabric, sim::HostId host,
                                                            const PerfqueryOptions& options)
{
    std::vector<std::pair<PortId, PortCounter>> resets;
    if (!options.reset && !options.resetOnly)
        return resets;
    const Target target = targetOf(fabric, host, options);
    if (!target.found)
        return resets;
    // Bits of CounterSelect in the order of the attribute's counters (IBTA volume 1).
    static constexpr std::array<PortCounter, 16> kOrder = {PortCounter::SymbolError,
                                                           PortCounter::LinkErrorRecovery,
                                                           PortCounter::LinkDowned,
                                                           PortCounter::RcvErrors,
                                                           PortCounter::RcvRemotePhysicalErrors,
                                                           PortCounter::RcvSwitchRelayErrors,
                                                           PortCounter::XmitDiscards,
                                                           PortCounter::XmitConstraintErrors,
                                                           PortCounter::RcvConstraintErrors,
                                                           PortCounter::LocalLinkIntegrityErrors,
                                                           PortCounter::ExcessiveBufferOverrunErrors,
                                                           PortCounter::Vl15Dropped,
                                                           PortCounter::XmitData,
                                                           PortCounter::RcvData,
                                                           PortCounter::XmitPackets,
                                                           PortCounter::RcvPackets};
    for (const PortId port : target.ports) {
        for (std::size_t bit = 0; bit < kOrder.size(); ++bit)
            if ((options.mask >> bit & 1) != 0)
                resets.emplace_back(port, kOrder[bit]);
        if ((options.mask >> 16 & 1) != 0)
            resets.emplace_back(port, PortCounter::XmitWait);
    }
    return resets;
}

} // namespace core::shell::fabric
