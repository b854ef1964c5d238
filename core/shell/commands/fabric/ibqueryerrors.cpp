// ibqueryerrors of infiniband-diags (rdma-core 55).
#include "core/shell/commands/fabric/ibqueryerrors.h"

#include "core/shell/commands/fabric/iblinkinfo.h"
#include "core/shell/commands/fabric/perfquery.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::fabric {

using namespace rdma;

namespace {

/// "200000 (195.312K)"
std::string countText(std::uint64_t count)
{
    static constexpr const char* kUnits[] = {"", "K", "M", "G", "T", "P", "E"};
    std::size_t unit = 0;
    double divisor = 1;
    for (std::uint64_t left = count / 1024; left > 0; left /= 1024) {
        ++unit;
        divisor *= 1024;
    }
    return fmt::format("{} ({:5.3f}{})", count, static_cast<double>(count) / divisor, kUnits[unit]);
}

} // namespace

Text ibqueryerrorsText(const Fabric& fabric, sim::HostId host, const IbqueryerrorsOptions& options)
{
    const DeviceId from = defaultDevice(fabric, host);
    if (fabric.layer() != LinkLayer::InfiniBand || !from.valid())
        return cannotOpenPort(options.pid, "ibqueryerrors");
    Text text;
    std::size_t nodes = 0, badNodes = 0, ports = 0, badPorts = 0;
    for (const Node& node : discover(fabric, from)) {
        ++nodes;
        ports += node.fabricSwitch.valid() ? 1 : 0; // port 0, which has no errors
        bool headed = false;
        for (const PortId port : portsOf(fabric, node)) {
            ++ports;
            std::string found;
            for (const CounterField& field : kErrorCounters) {
                const std::uint64_t count = fabric.counter(port, field.counter);
                if (count > 0
                    && std::find(options.suppressed.begin(), options.suppressed.end(), field.name)
                        == options.suppressed.end())
                    found += fmt::format(" [{} == {}]", field.name, countText(count));
            }
            if (found.empty())
                continue;
            if (!headed) {
                text.out += node.fabricSwitch.valid()
                    ? fmt::format("Errors for 0x{:x} \"{}\"\n", guid(fabric, node), description(fabric, node))
                    : fmt::format("Errors for \"{}\"\n", description(fabric, node));
                ++badNodes;
            }
            headed = true;
            ++badPorts;
            text.out += fmt::format("   GUID 0x{:x} port {}:{}\n", fabric.port(port).guid,
                                    fabric.port(port).number, found);
            if (options.links)
                text.out += fmt::format("       Link info: {:6}{:4}[  ] =={}==>  {}", lid(fabric, node),
                                        fabric.port(port).number, linkStateText(fabric.port(port)),
                                        linkPeerText(fabric, port, true));
        }
    }
    text.out += fmt::format("\n## Summary: {} nodes checked, {} bad nodes found\n##          {} ports "
                            "checked, {} ports have errors beyond threshold\n"
                            "## Thresholds: \n## Suppressed:",
                            nodes, badNodes, ports, badPorts);
    for (const std::string& name : options.suppressed)
        text.out += " " + name;
    text.out += "\n";
    text.status = badPorts > 0 ? 1 : 0;
    return text;
}

} // namespace core::shell::fabric
