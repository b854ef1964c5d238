// bridge(8) of iproute2 6.1. The lab's nodes route pod traffic: no device of theirs is a bridge or a VXLAN end, and all
// that the forwarding database holds are the multicast addresses that their network cards listen to.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

/// IPv4's all-hosts group and IPv6's all-nodes group, as an Ethernet card gets them.
constexpr const char* kGroups[] = {"33:33:00:00:00:01", "01:00:5e:00:00:01"};

int runBridge(Invocation& inv)
{
    const std::string object = inv.arguments.empty() ? "" : inv.arguments[0];
    const std::string verb = inv.arguments.size() > 1 ? inv.arguments[1] : "show";
    if (object != "fdb" && object != "link" && object != "vlan") {
        inv.err().write("Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }\nwhere  OBJECT := { link | fdb | mdb | vlan | monitor }\n");
        return 255;
    }
    if (verb != "show" && verb != "list") {
        inv.err().write(fmt::format("Command \"{}\" is unknown, try \"bridge {} help\".\n", verb, object));
        return 255;
    }
    inv.noteRead("interface/" + placeName(inv));
    if (object != "fdb")
        return 0;
    for (const sim::net::Interface& one : stackOf(inv).interfaces)
        if (one.name != "lo" && one.name.rfind("cali", 0) != 0)
            for (const char* group : kGroups)
                inv.print(fmt::format("{} dev {} self permanent\n", group, one.name));
    return 0;
}

} // namespace

void addBridge(CommandTable& table)
{
    table.addRaw("bridge", "show bridge addresses and devices", "bridge { link | fdb | vlan } [ show ]", runBridge);
}

} // namespace core::shell::node
