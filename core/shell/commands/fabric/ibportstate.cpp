// ibportstate of infiniband-diags (rdma-core 55).
#include "core/shell/commands/fabric/ibportstate.h"

#include <fmt/format.h>

namespace core::shell::fabric {

using namespace rdma;

namespace {

std::string infoField(std::string_view name, std::string_view value)
{
    return fmt::format("{:.<33}{}\n", std::string(name) + ":", value);
}

/// Bits of LinkSpeedExtSupported up to the port's speed, FDR first.
std::string extendedSpeeds(LaneSpeed most)
{
    std::string text = "14.0625 Gbps";
    for (const LaneSpeed speed : {LaneSpeed::Edr, LaneSpeed::Hdr, LaneSpeed::Ndr})
        if (speed <= most)
            text += fmt::format(" or {}", signallingText(speed));
    return text;
}

} // namespace

std::string portInfoText(const Fabric& fabric, PortId id, int lid)
{
    static constexpr const char* kLogical[] = {"", "Down", "Initialize", "Armed", "Active"};
    const Port& port = fabric.port(id);
    const bool up = port.physical == PhysicalState::LinkUp;
    const bool device = !port.owner.valid();
    const std::string extended = extendedSpeeds(port.maxSpeed);
    std::string text = fmt::format("# Port info: Lid {} port {}\n", lid, port.number);
    text += infoField("LinkState", kLogical[static_cast<int>(port.logical)])
        + infoField("PhysLinkState", up ? "LinkUp" : port.physical == PhysicalState::Disabled ? "Disabled" : "Polling")
        + infoField("Lid", std::to_string(port.lid)) + infoField("SMLid", std::to_string(port.smLid)) + infoField("LMC", "0")
        + infoField("LinkWidthSupported", "1X or 4X or 2X") + infoField("LinkWidthEnabled", "1X or 4X or 2X")
        + infoField("LinkWidthActive", fmt::format("{}X", port.lanes));
    // What is faster than QDR is told by the extended fields alone.
    text += infoField("LinkSpeedSupported", "2.5 Gbps or 5.0 Gbps or 10.0 Gbps") + infoField("LinkSpeedEnabled", "2.5 Gbps or 5.0 Gbps or 10.0 Gbps")
        + infoField("LinkSpeedActive", up ? "10.0 Gbps" : "2.5 Gbps") + infoField("LinkSpeedExtSupported", extended)
        + infoField("LinkSpeedExtEnabled", extended) + infoField("LinkSpeedExtActive", up ? signallingText(port.speed) : "No Extended Speed");
    if (device)
        text += infoField("Mkey", "<not displayed>") + infoField("MkeyLeasePeriod", "0") + infoField("ProtectBits", "0");
    return text;
}

} // namespace core::shell::fabric
