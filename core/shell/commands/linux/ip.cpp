// ip(8) of iproute2 6.1.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/rule_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <array>
#include <cmath>

namespace core::shell::node {

namespace {

using sim::net::Interface;
using sim::net::Ipv4;
using sim::net::Prefix;
using sim::net::Route;
using Words = std::vector<std::string>;

const sim::net::Network& networkOf(Invocation& inv)
{
    return inv.door().world().network();
}

/// No cable, or the switch at its other end is dark. Virtual devices always have carrier.
bool hasCarrier(Invocation& inv, const std::string& device)
{
    const sim::LinkId link = networkOf(inv).fabric().linkOf(stackIdOf(inv), device);
    return !link.valid() || networkOf(inv).fabric().carrier(link);
}

std::string flagsOf(Invocation& inv, const Interface& i)
{
    std::string flags = i.name == "lo"          ? "LOOPBACK"
        : hasCarrier(inv, i.name) || !i.adminUp ? "BROADCAST,MULTICAST"
                                                : "NO-CARRIER,BROADCAST,MULTICAST";
    if (i.adminUp)
        flags += hasCarrier(inv, i.name) ? ",UP,LOWER_UP" : ",UP";
    return flags;
}

std::string stateOf(Invocation& inv, const Interface& i)
{
    if (!i.adminUp || !hasCarrier(inv, i.name))
        return "DOWN";
    return i.name == "lo" || i.name.rfind("vxlan", 0) == 0 || i.name.rfind("tunl", 0) == 0 ? "UNKNOWN" : "UP";
}

/// "eth0@if12" for the ends of a veth pair.
std::string shownName(Invocation& inv, const Interface& i)
{
    const bool pod = stackOf(inv).node.valid() && i.name != "lo";
    return i.name.rfind("cali", 0) == 0 ? i.name + "@if3" : pod ? i.name + "@if12" : i.name;
}

/// `mode`: ip link tells the link's mode, ip addr does not.
std::string linkLines(Invocation& inv, const Interface& i, std::size_t number, bool mode)
{
    const std::string queue = i.name == "lo" || i.name.rfind("cali", 0) == 0 || stackOf(inv).node.valid()
        ? "noqueue"
        : "mq";
    return fmt::format(
        "{}: {}: <{}> mtu {} qdisc {} state {}{} group default qlen 1000\n    link/{} {} brd {}\n", number,
        shownName(inv, i), flagsOf(inv, i), i.mtu, queue, stateOf(inv, i), mode ? " mode DEFAULT" : "",
        i.name == "lo" ? "loopback" : "ether", i.mac,
        i.name == "lo" ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff");
}

std::string addressLine(const Interface& i, const Prefix& p)
{
    const bool host = i.name == "lo";
    std::string broadcast;
    if (p.length < 31 && !host)
        broadcast = " brd "
            + Ipv4{p.network().value | ~(p.length == 0 ? 0U : 0xffffffffU << (32 - p.length))}.text();
    return fmt::format("    inet {}{} scope {} {}\n       valid_lft forever preferred_lft forever\n",
                       p.text(), broadcast, host ? "host" : "global", i.name);
}

/// What -s adds; columns as wide as ip's smallest, and wider for large numbers.
std::string counterLines(const Interface& i)
{
    const auto& c = i.counters;
    const auto table = [](const char* title, const std::array<double, 6>& values, const std::array<const char*, 6>& names) {
        constexpr std::array<std::size_t, 6> kLeast{10, 7, 6, 7, 7, 7};
        std::string head = fmt::format("    {}: ", title), row = "    ";
        for (std::size_t n = 0; n < values.size(); ++n) {
            const std::string text = fmt::format("{:.0f}", std::floor(values[n]));
            const std::size_t width = std::max(kLeast[n], text.size());
            head += fmt::format("{:>{}} ", names[n], n == 0 ? width - 4 : width);
            row += fmt::format("{:>{}} ", text, width);
        }
        return head + std::string(10, ' ') + "\n" + row + "\n";
    };
    return table("RX", {c.rxBytes, c.rxPackets, c.rxErrors, c.rxDropped, 0, 0}, {"bytes", "packets", "errors", "dropped", "missed", "mcast"})
        + table("TX", {c.txBytes, c.txPackets, 0, c.txDropped, 0, 0}, {"bytes", "packets", "errors", "dropped", "carrier", "collsns"});
}

int showLinks(Invocation& inv, const Words& words, bool brief, bool addresses, bool counters)
{
    std::string device;
    bool upOnly = false;
    for (std::size_t n = 0; n < words.size(); ++n) {
        if (words[n] == "dev" || words[n] == "show" || words[n] == "list" || words[n] == "ls")
            continue;
        if (words[n] == "up")
            upOnly = true;
        else
            device = words[n].substr(0, words[n].find('@'));
    }
    inv.noteRead("interface/" + placeName(inv));
    std::size_t number = 0;
    bool found = false;
    std::string text;
    for (const Interface& i : stackOf(inv).interfaces) {
        ++number;
        if ((!device.empty() && i.name != device) || (upOnly && !i.adminUp))
            continue;
        found = true;
        if (!brief) {
            text += linkLines(inv, i, number, !addresses);
            if (addresses)
                for (const Prefix& p : i.addresses)
                    text += addressLine(i, p);
            if (counters)
                text += counterLines(i);
            continue;
        }
        text += fmt::format("{:<16} {:<14} ", shownName(inv, i), stateOf(inv, i));
        if (addresses)
            for (const Prefix& p : i.addresses)
                text += p.text() + " ";
        else
            text += fmt::format("{} <{}> ", i.mac, flagsOf(inv, i));
        text += "\n";
    }
    if (!found && !device.empty()) {
        inv.err().write("Device \"" + device + "\" does not exist.\n");
        return 1;
    }
    inv.print(text);
    return 0;
}

} // namespace

std::string routeLine(const sim::net::Stack& stack, const Route& r)
{
    std::string text;
    if (r.type != Route::Type::Unicast)
        text = r.type == Route::Type::Blackhole  ? "blackhole "
            : r.type == Route::Type::Unreachable ? "unreachable "
                                                 : "prohibit ";
    text += r.destination.length == 0 ? "default"
        : r.destination.length == 32  ? r.destination.base.text()
                                      : r.destination.text();
    if (r.via)
        text += " via " + r.via->text();
    const std::string device = stack.deviceOf(r);
    if (r.type == Route::Type::Unicast && !device.empty())
        text += " dev " + device;
    if (!r.protocol.empty() && r.protocol != "boot")
        text += " proto " + r.protocol;
    if (r.scope == "link")
        text += " scope link";
    if (r.source)
        text += " src " + r.source->text();
    if (r.metric != 0)
        text += fmt::format(" metric {}", r.metric);
    if (r.mtu != 0)
        text += fmt::format(" mtu {}", r.mtu);
    return text;
}

namespace {

std::string routeText(Invocation& inv, const Route& r)
{
    std::string text = routeLine(stackOf(inv), r);
    if (r.type == Route::Type::Unicast && !hasCarrier(inv, stackOf(inv).deviceOf(r)))
        text += " linkdown";
    return text + " ";
}

int fail(Invocation& inv, const std::string& text, int status = 2)
{
    inv.err().write(text + "\n");
    return status;
}

/// "default", "10.0.0.0/24", "10.0.0.30".
std::optional<Prefix> parseDestination(const std::string& text)
{
    return text == "default" || text == "all" ? Prefix{Ipv4{}, 0} : Prefix::parse(text);
}

int changed(Invocation& inv, sim::Command command)
{
    if (!isRoot(inv))
        return fail(inv, "RTNETLINK answers: Operation not permitted");
    const sim::CommandResult result = inv.door().apply(command);
    return result.ok ? 0 : fail(inv, result.error, result.error.rfind("Cannot find device", 0) == 0 ? 1 : 2);
}

int showRoutes(Invocation& inv, const Words& words)
{
    inv.noteRead("route/" + placeName(inv));
    std::optional<Prefix> wanted;
    std::string device;
    for (std::size_t n = 0; n < words.size(); ++n) {
        if (words[n] == "show" || words[n] == "list" || words[n] == "ls" || words[n] == "match"
            || words[n] == "to" || words[n] == "exact")
            continue;
        if (words[n] == "dev" && n + 1 < words.size())
            device = words[++n];
        else if (words[n] == "table" && n + 1 < words.size())
            ++n;
        else if (!(wanted = parseDestination(words[n])))
            return fail(inv, fmt::format("Error: any valid prefix is expected rather than \"{}\".", words[n]),
                        1);
    }
    // The kernel lists by address; iproute2 prints in that order, the default route first.
    std::vector<const Route*> routes;
    const sim::net::Stack& stack = stackOf(inv);
    for (const Route& r : stack.routes)
        if (stack.usable(r) && (!wanted || r.destination == *wanted)
            && (device.empty() || stack.deviceOf(r) == device))
            routes.push_back(&r);
    std::stable_sort(routes.begin(), routes.end(), [](const Route* a, const Route* b) {
        const bool da = a->destination.length == 0, db = b->destination.length == 0;
        return da != db ? da
            : a->destination.base.value != b->destination.base.value
            ? a->destination.base.value < b->destination.base.value
            : a->destination.length < b->destination.length;
    });
    std::string text;
    for (const Route* r : routes)
        text += routeText(inv, *r) + "\n";
    inv.print(text);
    return 0;
}

int getRoute(Invocation& inv, const Words& words)
{
    if (words.empty())
        return fail(inv, "need at least a destination address", 1);
    const auto address = Ipv4::parse(words[0]);
    if (!address)
        return fail(inv, fmt::format("Error: any valid prefix is expected rather than \"{}\".", words[0]), 1);
    inv.noteRead("route/" + placeName(inv));
    const sim::net::Stack& stack = stackOf(inv);
    if (stack.isLocal(*address)) {
        inv.print(fmt::format("local {0} dev lo src {0} uid 0 \n    cache <local> \n", address->text()));
        return 0;
    }
    const Route* route = stack.lookup(*address);
    if (route == nullptr)
        return fail(inv, "RTNETLINK answers: Network is unreachable");
    if (route->type == Route::Type::Blackhole)
        return fail(inv, "RTNETLINK answers: Invalid argument");
    if (route->type == Route::Type::Unreachable)
        return fail(inv, "RTNETLINK answers: No route to host");
    if (route->type == Route::Type::Prohibit)
        return fail(inv, "RTNETLINK answers: Permission denied");
    inv.print(fmt::format("{}{} dev {} src {} uid {} \n    cache \n", address->text(),
                          route->via ? " via " + route->via->text() : "", stack.deviceOf(*route),
                          stack.sourceFor(*route).text(), isRoot(inv) ? 0 : 1000));
    return 0;
}

int changeRoute(Invocation& inv, const std::string& verb, const Words& words)
{
    using Verb = sim::command::RouteChange::Verb;
    sim::command::RouteChange change;
    change.stack = stackIdOf(inv);
    change.verb = verb == "add" || verb == "append" ? Verb::Add
        : verb == "del" || verb == "delete"         ? Verb::Delete
                                                    : Verb::Replace;
    bool destination = false;
    for (std::size_t n = 0; n < words.size(); ++n) {
        const std::string& word = words[n];
        const bool more = n + 1 < words.size();
        if (word == "blackhole" || word == "unreachable" || word == "prohibit") {
            change.route.type = word == "blackhole" ? Route::Type::Blackhole
                : word == "unreachable"             ? Route::Type::Unreachable
                                                    : Route::Type::Prohibit;
        } else if (word == "unicast" || word == "to" || word == "onlink") {
            continue;
        } else if (word == "via" && more) {
            change.route.via = Ipv4::parse(words[++n]);
            if (!change.route.via)
                return fail(inv, fmt::format("Error: inet address is expected rather than \"{}\".", words[n]),
                            1);
        } else if (word == "dev" && more) {
            change.route.device = words[++n];
        } else if (word == "src" && more) {
            change.route.source = Ipv4::parse(words[++n]);
        } else if (word == "metric" && more) {
            change.route.metric = parseNumber(words[++n]).value_or(0);
        } else if (word == "mtu" && more) {
            n += words[n + 1] == "lock" && n + 2 < words.size() ? 2 : 1;
            const auto mtu = parseNumber(words[n]);
            if (!mtu || *mtu < 0)
                return fail(inv, fmt::format("Error: argument \"{}\" is wrong: \"mtu\" value is invalid", words[n]), 1);
            change.route.mtu = *mtu;
        } else if (word == "proto" && more) {
            change.route.protocol = words[++n];
        } else if (word == "scope" && more) {
            change.route.scope = words[++n];
        } else if (word == "table" && more) {
            ++n;
        } else if (!destination) {
            const auto prefix = parseDestination(word);
            if (!prefix)
                return fail(inv, fmt::format("Error: any valid prefix is expected rather than \"{}\".", word),
                            1);
            if (prefix->network() != prefix->base)
                return fail(inv, "Error: Invalid prefix for given prefix length.");
            change.route.destination = *prefix;
            destination = true;
        } else {
            return fail(inv, fmt::format("Error: either \"to\" is duplicate, or \"{}\" is a garbage.", word),
                        1);
        }
    }
    if (!destination)
        return fail(inv, "Command line is not complete. Try option \"help\"", 1);
    if (change.route.protocol.empty())
        change.route.protocol = "boot";
    if (change.route.scope.empty() && change.route.type == Route::Type::Unicast)
        change.route.scope = change.route.via ? "global" : "link";
    if (change.route.type == Route::Type::Unicast && change.route.device.empty() && change.route.via)
        change.route.device = stackOf(inv).deviceOf(change.route);
    if (change.verb != Verb::Delete && change.route.type == Route::Type::Unicast) {
        if (change.route.device.empty())
            return fail(inv,
                        change.route.via ? "Error: Nexthop has invalid gateway."
                                         : "RTNETLINK answers: No such device");
        if (stackOf(inv).interface(change.route.device) == nullptr)
            return fail(inv, "Cannot find device \"" + change.route.device + "\"", 1);
    }
    return changed(inv, sim::Command{change});
}

int changeLink(Invocation& inv, const Words& words)
{
    sim::command::InterfaceChange change;
    change.stack = stackIdOf(inv);
    for (std::size_t n = 0; n < words.size(); ++n) {
        const bool more = n + 1 < words.size();
        if (words[n] == "dev" && more)
            change.interface = words[++n];
        else if (words[n] == "up" || words[n] == "down")
            change.adminUp = words[n] == "up";
        else if (words[n] == "mtu" && more) {
            change.mtu = parseNumber(words[++n]);
            if (!change.mtu || *change.mtu < 0)
                return fail(
                    inv, fmt::format("Error: argument \"{}\" is wrong: Invalid \"mtu\" value", words[n]), 1);
            if (*change.mtu < 68)
                return fail(inv, "Error: mtu less than device minimum.");
        } else if (change.interface.empty()) {
            change.interface = words[n];
        } else {
            return fail(
                inv, fmt::format("Error: either \"dev\" is duplicate, or \"{}\" is a garbage.", words[n]), 1);
        }
    }
    if (change.interface.empty())
        return fail(inv, "Not enough information: \"dev\" argument is required.", 1);
    return changed(inv, sim::Command{change});
}

int changeAddress(Invocation& inv, bool add, const Words& words)
{
    sim::command::InterfaceChange change;
    change.stack = stackIdOf(inv);
    std::optional<Prefix> address;
    for (std::size_t n = 0; n < words.size(); ++n) {
        if (words[n] == "dev" && n + 1 < words.size())
            change.interface = words[++n];
        else if ((words[n] == "brd" || words[n] == "scope" || words[n] == "label") && n + 1 < words.size())
            ++n;
        else if (!(address = Prefix::parse(words[n])))
            return fail(inv, fmt::format("Error: any valid prefix is expected rather than \"{}\".", words[n]),
                        1);
    }
    if (!address)
        return fail(inv, "Not enough information: \"local\" argument is required.", 1);
    if (change.interface.empty())
        return fail(inv, "Not enough information: \"dev\" argument is required.", 1);
    (add ? change.addAddress : change.removeAddress) = address;
    return changed(inv, sim::Command{change});
}

int neighbours(Invocation& inv)
{
    inv.noteRead("route/" + placeName(inv));
    const auto& network = networkOf(inv);
    const sim::StackId here = stackIdOf(inv);
    std::string text;
    for (const Interface& i : stackOf(inv).interfaces) {
        const sim::LinkId own = network.fabric().linkOf(here, i.name);
        if (!own.valid())
            continue;
        for (const auto& [id, stack] : network.stacks()) {
            if (id == here || stack.node.valid())
                continue;
            for (const Interface& other : stack.interfaces) {
                if (other.addresses.empty() || !network.fabric().linkOf(id, other.name).valid())
                    continue;
                const bool answers = i.adminUp && stack.up && other.adminUp
                    && network.fabric().path(own, network.fabric().linkOf(id, other.name));
                text += fmt::format("{} dev {} {}\n", other.addresses.front().base.text(), i.name,
                                    answers ? "lladdr " + other.mac + " REACHABLE " : std::string("FAILED "));
            }
        }
    }
    inv.print(text);
    return 0;
}

bool startsWord(const std::string& given, const char* full)
{
    return !given.empty() && std::string_view(full).substr(0, given.size()) == given;
}

int runIp(Invocation& inv)
{
    Words words = inv.arguments;
    bool brief = false, counters = false;
    while (!words.empty() && words.front().size() > 1 && words.front()[0] == '-') {
        brief = brief || words.front() == "-br" || words.front() == "-brief";
        counters = counters || words.front() == "-s" || words.front() == "-stats" || words.front() == "-statistics";
        if (words.front() == "-V" || words.front() == "-Version") {
            inv.print("ip utility, iproute2-6.1.0, libbpf 1.1.2\n");
            return 0;
        }
        static const std::set<std::string> kOptions{"-4", "-6", "-0", "-B", "-br", "-brief", "-s", "-stats", "-statistics", "-d", "-details", "-r", "-resolve", "-h", "-human", "-human-readable",
                                                    "-iec", "-j", "-json", "-p", "-pretty", "-o", "-oneline", "-t", "-timestamp", "-ts", "-N", "-Numeric", "-a", "-all", "-c", "-color",
                                                    "-f", "-family", "-force", "-n", "-netns", "-rc", "-rcvbuf", "-l", "-loops"};
        std::string option = words.front().compare(0, 2, "--") == 0 ? words.front().substr(1) : words.front();
        if (kOptions.count(option.substr(0, option.find('='))) == 0) {
            inv.err().write(fmt::format("Option \"{}\" is unknown, try \"ip -help\".\n", option));
            return 255;
        }
        words.erase(words.begin());
    }
    if (words.empty()) {
        inv.err().write("Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename\n"
                        "where  OBJECT := { address | link | neighbour | route | rule }\n"
                        "       OPTIONS := { -V[ersion] | -s[tatistics] | -4 | -br[ief] }\n");
        return 255;
    }
    const std::string object = words.front();
    words.erase(words.begin());
    const std::string verb = words.empty() ? "show" : words.front();
    const Words rest = words.empty() ? words : Words(words.begin() + 1, words.end());
    if (startsWord(object, "address")) {
        if (verb == "add" || verb == "del" || verb == "delete")
            return changeAddress(inv, verb == "add", rest);
        return showLinks(inv, words, brief, true, counters);
    }
    const auto unknownVerb = [&](const char* full) {
        inv.err().write(fmt::format("Command \"{}\" is unknown, try \"ip {} help\".\n", verb, full));
        return 255;
    };
    if (startsWord(object, "link") && verb == "add") {
        inv.err().write("Not enough information: \"type\" argument is required\n");
        return 1;
    }
    if (startsWord(object, "link") && words.size() == 1 && verb != "show" && verb != "set" && verb != "list" && verb != "ls" && verb != "sh")
        return unknownVerb("link");
    if (startsWord(object, "link"))
        return verb == "set" ? changeLink(inv, rest) : showLinks(inv, words, brief, false, counters);
    if (startsWord(object, "route")) {
        if (verb == "get")
            return getRoute(inv, rest);
        if (verb == "add" || verb == "append" || verb == "del" || verb == "delete" || verb == "replace"
            || verb == "change")
            return changeRoute(inv, verb, rest);
        static const std::set<std::string> kShow{"show", "list", "ls", "sh", "s", "l", "lst"};
        if (words.size() == 1 && kShow.count(verb) == 0)
            return unknownVerb("route");
        if (words.size() == 3 && words[1] == "table" && words[2] != "main" && words[2] != "local" && words[2] != "all" && words[2] != "default" && words[2] != "254" && words[2] != "255" && !parseNumber(words[2])) {
            inv.err().write(fmt::format("Error: argument \"{}\" is wrong: table id value is invalid\n\n", words[2]));
            return 255;
        }
        return showRoutes(inv, words);
    }
    if (object == "rule" || object == "ru") {
        if (verb != "show" && verb != "list" && verb != "ls")
            return fail(inv, "RTNETLINK answers: Operation not supported");
        inv.noteRead("route/" + placeName(inv));
        inv.print("0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n");
        return 0;
    }
    if (startsWord(object, "neighbour") || startsWord(object, "neighbor")) {
        const auto dev = std::find(words.begin(), words.end(), "dev");
        if (dev != words.end() && dev + 1 != words.end() && stackOf(inv).interface(*(dev + 1)) == nullptr) {
            inv.err().write(fmt::format("Cannot find device \"{}\"\n", *(dev + 1)));
            return 1;
        }
        return neighbours(inv);
    }
    return fail(inv, fmt::format("Object \"{}\" is unknown, try \"ip help\".", object), 1);
}

} // namespace

void addIp(CommandTable& table)
{
    table.addRaw("ip", "show / manipulate routing, network devices, interfaces and tunnels", "ip [ OPTIONS ] OBJECT { COMMAND | help }", runIp);
}

} // namespace core::shell::node
