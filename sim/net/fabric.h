#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/ids.h"
#include "sim/engine/time.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::net {

struct Switch {
    std::string name; ///< "leaf-1"
    bool spine = false;
    double bitsPerSecond = 0; ///< port rate
    bool up = true;
    std::int64_t mtu = 9216;  ///< bytes of the largest IP packet that a port takes; it drops larger ones without a word
    bool operator==(const Switch&) const = default;
};
BOOST_DESCRIBE_STRUCT(Switch, (), (name, spine, bitsPerSecond, up, mtu))

/// A cable between a machine and a switch, or two switches. Full duplex.
struct Link {
    StackId machine;       ///< of a machine-to-switch link
    std::string interface; ///< of that machine
    SwitchId upper;        ///< the switch (the spine of a leaf-spine link)
    SwitchId lower;        ///< the leaf of a leaf-spine link
    double bitsPerSecond = 0;
    Duration latency{};   ///< one way
    double lossRatio = 0; ///< 0..1, of packets
    bool up = true;
    bool operator==(const Link&) const = default;
};
BOOST_DESCRIBE_STRUCT(Link, (), (machine, interface, upper, lower, bitsPerSecond, latency, lossRatio, up))

/// One direction of a link: link * 2, plus 1 when it runs away from the upper switch. Capacity is per
/// channel.
using Channel = std::uint32_t;
constexpr LinkId linkOf(Channel channel)
{
    return LinkId{channel / 2};
}

/// Switches and cables: one broadcast domain. Frames take the shortest path that is up; of equal ones the
/// pair of ends chooses, as switches hash addresses over equal-cost paths.
class Fabric {
public:
    SwitchId add(Switch s);
    LinkId add(Link l);

    const std::vector<Switch>& switches() const { return m_switches; }
    const std::vector<Link>& links() const { return m_links; }
    Switch& at(SwitchId id);
    Link& at(LinkId id);

    /// The cable of a machine's interface; none when it has none.
    LinkId linkOf(StackId machine, std::string_view interface) const;
    /// Link up, switch up: what ethtool calls "Link detected".
    bool carrier(LinkId id) const;

    struct Path {
        std::vector<Channel> channels;
        std::vector<SwitchId> switches;
    };
    /// From one machine's link to another's; nothing when they are not connected now.
    std::optional<Path> path(LinkId from, LinkId to) const;

    bool operator==(const Fabric&) const = default;
    void addTo(Fingerprint& f) const;

private:
    std::vector<Switch> m_switches;
    std::vector<Link> m_links;
    std::vector<std::vector<LinkId>> m_trunks;         ///< by switch: links to other switches
    std::map<StackId, std::vector<LinkId>> m_machines; ///< links of a machine
};

} // namespace sim::net
