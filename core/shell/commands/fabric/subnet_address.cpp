#include "core/shell/commands/fabric/subnet_address.h"

#include "core/shell/commands/linux/here.h"

#include <fmt/format.h>

namespace core::shell::fabric {

rdma::DeviceId localDevice(Invocation& inv, const ParsedOptions& parsed)
{
    const std::string name = parsed.options.value("Ca");
    return name.empty() ? defaultDevice(fabricOf(inv), hostOf(inv)) : fabricOf(inv).find(hostOf(inv), name);
}

std::optional<Text> cannotManage(Invocation& inv, const ParsedOptions& parsed, std::string_view tool)
{
    const bool infiniband = fabricOf(inv).layer() == rdma::LinkLayer::InfiniBand;
    const bool otherPort = parsed.options.has("Port") && number(parsed.options.value("Port")).value_or(9) > 1;
    if (node::isRoot(inv) && infiniband && !otherPort && localDevice(inv, parsed).valid())
        return std::nullopt;
    return cannotOpenPort(pidOf(inv), tool, parsed.options.value("Ca", "(null)"));
}

std::optional<int> lidOf(const rdma::Fabric& fabric, const std::string& text, bool guid)
{
    const auto value = number(text);
    if (!value)
        return std::nullopt;
    if (!guid) // unicast LIDs end at 0xbfff
        return *value >= 1 && *value <= 0xbfff ? std::optional(static_cast<int>(*value)) : std::nullopt;
    for (std::size_t i = 0; i < fabric.devices().size(); ++i)
        if (const rdma::DeviceId id{i}; fabric.device(id).nodeGuid == *value || fabric.port(id).guid == *value)
            return fabric.port(id).lid == rdma::kNoLid || fabric.port(id).lid == 0 ? std::nullopt : std::optional<int>(fabric.port(id).lid);
    for (const rdma::Switch& one : fabric.switches())
        if (one.guid == *value)
            return one.lid;
    return std::nullopt;
}

Node nodeAtLid(const rdma::Fabric& fabric, int lid)
{
    for (std::size_t i = 0; i < fabric.switches().size(); ++i)
        if (fabric.switches()[i].lid == lid)
            return {rdma::RdmaSwitchId{i}, {}};
    return {{}, fabric.findLid(static_cast<std::uint16_t>(lid))};
}

Text cannotResolve(std::string_view tool, const std::string& destination)
{
    return {"", fmt::format("{}: iberror: failed: can't resolve destination port {}\n", tool, destination), 255};
}

} // namespace core::shell::fabric
