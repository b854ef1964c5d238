#include "sim/net/firewalld.h"

#include "sim/net/changes.h"
#include "sim/net/stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sim::net {

namespace {

/// Of /usr/lib/firewalld/services: what a lab meets.
const std::map<std::string, std::vector<std::string>>& servicePorts()
{
    static const std::map<std::string, std::vector<std::string>> services{
        {"bgp", {"179/tcp"}},
        {"cockpit", {"9090/tcp"}},
        {"dhcpv6-client", {"546/udp"}},
        {"dns", {"53/tcp", "53/udp"}},
        {"docker-registry", {"5000/tcp"}},
        {"etcd-client", {"2379/tcp"}},
        {"etcd-server", {"2380/tcp"}},
        {"grafana", {"3000/tcp"}},
        {"http", {"80/tcp"}},
        {"https", {"443/tcp"}},
        {"kube-api", {"6443/tcp"}},
        {"kubelet", {"10250/tcp"}},
        {"mdns", {"5353/udp"}},
        {"mysql", {"3306/tcp"}},
        {"nfs", {"2049/tcp"}},
        {"node-exporter", {"9100/tcp"}},
        {"ntp", {"123/udp"}},
        {"postgresql", {"5432/tcp"}},
        {"prometheus", {"9090/tcp"}},
        {"redis", {"6379/tcp"}},
        {"ssh", {"22/tcp"}},
        {"squid", {"3128/tcp"}},
        {"syslog", {"514/udp"}},
        {"vxlan", {"4789/udp"}},
    };
    return services;
}

std::map<std::string, FirewallZone> packagedZones()
{
    std::map<std::string, FirewallZone> zones;
    zones["block"].target = "%%REJECT%%";
    zones["dmz"].services = {"ssh"};
    zones["drop"].target = "DROP";
    zones["external"].services = {"ssh"};
    zones["external"].masquerade = true;
    for (const char* name : {"home", "internal"})
        zones[name].services = {"dhcpv6-client", "mdns", "ssh"};
    zones["public"].services = {"dhcpv6-client", "ssh"};
    zones["trusted"].target = "ACCEPT";
    zones["work"].services = {"dhcpv6-client", "ssh"};
    return zones;
}

bool begins(std::string_view text, std::string_view prefix)
{
    return text.substr(0, prefix.size()) == prefix;
}

bool isZoneChain(const std::string& name)
{
    return begins(name, "IN_") || begins(name, "FWDI_") || begins(name, "POST_") || name == "INPUT_direct" || name == "INPUT_ZONES"
        || name == "FORWARD_direct" || name == "FORWARD_IN_ZONES" || name == "OUTPUT_direct" || name == "POSTROUTING_ZONES";
}

FirewallRule jumpTo(std::string target, std::string match = {}, std::string options = {})
{
    FirewallRule r;
    r.match = std::move(match);
    r.target = std::move(target);
    r.targetOptions = std::move(options);
    return r;
}

FirewallRule onLoopback()
{
    FirewallRule r = jumpTo("ACCEPT");
    r.inInterface = "lo";
    return r;
}

constexpr const char* kKnownConnections = "ctstate RELATED,ESTABLISHED,DNAT";
constexpr const char* kHostProhibited = "--reject-with icmp-host-prohibited";

/// What the daemon puts around its chains in INPUT and FORWARD.
std::vector<FirewallRule> frame(const std::string& chain)
{
    return {jumpTo("ACCEPT", kKnownConnections), onLoopback(), jumpTo(chain + "_direct"),
            jumpTo(chain == "INPUT" ? "INPUT_ZONES" : "FORWARD_IN_ZONES"), jumpTo("DROP", "ctstate INVALID"),
            jumpTo("REJECT", {}, kHostProhibited)};
}

bool sameButCounters(FirewallRule a, const FirewallRule& b)
{
    a.packets = b.packets;
    a.bytes = b.bytes;
    return a == b;
}

void takeAway(Stack& stack)
{
    for (auto* table : {&stack.filter, &stack.nat}) {
        for (auto& [name, chain] : *table)
            std::erase_if(chain.rules, [&, name = name](const FirewallRule& r) {
                if (isZoneChain(r.target))
                    return true;
                if (table != &stack.filter || (name != "INPUT" && name != "FORWARD"))
                    return false;
                const auto own = frame(name);
                return std::any_of(own.begin(), own.end(), [&](const FirewallRule& f) { return sameButCounters(r, f); });
            });
        std::erase_if(*table, [](const auto& entry) { return isZoneChain(entry.first); });
    }
}

std::optional<std::int64_t> portNumber(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value > 0 && value < 65536 ? std::optional(value) : std::nullopt;
}

/// "8080/tcp", "6000-6010/udp" as the ports of a rule.
bool setPort(FirewallRule& r, std::string_view text)
{
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        return false;
    const std::string_view protocol = text.substr(slash + 1);
    const std::string_view ports = text.substr(0, slash);
    const std::size_t dash = ports.find('-');
    const auto first = portNumber(ports.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : portNumber(ports.substr(dash + 1));
    if (!first || !last || *last < *first || (protocol != "tcp" && protocol != "udp"))
        return false;
    r.protocol = protocol == "tcp" ? Protocol::Tcp : Protocol::Udp;
    r.destinationPort = first;
    r.destinationPortLast = *last > *first ? *last : 0;
    return true;
}

constexpr const char* kNewOnes = "ctstate NEW,UNTRACKED";

void writeZone(Stack& stack, const std::string& name, const FirewallZone& zone)
{
    const std::string in = "IN_" + name;
    auto& filter = stack.filter;
    for (const char* part : {"_pre", "_log", "_deny", "_allow", "_post"})
        filter[in + part];
    auto& main = filter[in].rules;
    for (const char* part : {"_pre", "_log", "_deny", "_allow", "_post"})
        main.push_back(jumpTo(in + part));
    FirewallRule ping = jumpTo("ACCEPT");
    ping.protocol = Protocol::Icmp;
    if (zone.target == "default")
        main.push_back(ping);
    else
        main.push_back(zone.target == "%%REJECT%%" ? jumpTo("REJECT", {}, kHostProhibited) : jumpTo(zone.target));
    std::vector<std::string> ports;
    for (const std::string& service : zone.services)
        for (const std::string& port : firewalldServicePorts(service))
            ports.push_back(port);
    ports.insert(ports.end(), zone.ports.begin(), zone.ports.end());
    for (const std::string& port : ports) {
        FirewallRule r = jumpTo("ACCEPT", kNewOnes);
        if (setPort(r, port))
            filter[in + "_allow"].rules.push_back(std::move(r));
    }
    for (const std::string& rich : zone.richRules) {
        std::string error;
        for (FirewallRule& r : richRuleRules(rich, error))
            filter[in + (r.target == "ACCEPT" ? "_allow" : r.target == "LOG" ? "_log" : "_deny")].rules.push_back(std::move(r));
    }
    if (zone.target == "ACCEPT")
        filter["FWDI_" + name].rules.push_back(jumpTo("ACCEPT"));
    else
        filter["FWDI_" + name];
    if (zone.masquerade) {
        FirewallRule r = jumpTo("MASQUERADE");
        r.outInterface = "!lo";
        stack.nat["POST_" + name].rules.push_back(std::move(r));
    }
}

void write(Stack& stack)
{
    takeAway(stack);
    const Firewalld& daemon = stack.firewalld;
    for (const char* chain : {"INPUT", "FORWARD"}) {
        stack.filter[chain].policy = stack.filter[chain].policy.empty() ? "ACCEPT" : stack.filter[chain].policy;
        for (FirewallRule& r : frame(chain))
            stack.filter[chain].rules.push_back(std::move(r));
        stack.filter[std::string(chain) + "_direct"];
    }
    stack.filter["OUTPUT_direct"];
    auto& input = stack.filter["INPUT_ZONES"].rules;
    auto& forward = stack.filter["FORWARD_IN_ZONES"].rules;
    const auto go = [&](const std::string& zone, const std::string& interface, const std::optional<Prefix>& source) {
        for (const bool in : {true, false}) {
            FirewallRule r = jumpTo((in ? "IN_" : "FWDI_") + zone, {}, "[goto]");
            r.inInterface = interface;
            r.source = source;
            (in ? input : forward).push_back(std::move(r));
        }
    };
    const auto used = [&](const std::string& name, const FirewallZone& zone) {
        return name == daemon.defaultZone || !zone.interfaces.empty() || !zone.sources.empty();
    };
    for (const auto& [name, zone] : daemon.runtime)
        if (used(name, zone))
            writeZone(stack, name, zone);
    for (const auto& [name, zone] : daemon.runtime)
        for (const std::string& source : zone.sources)
            go(name, {}, Prefix::parse(source));
    for (const auto& [name, zone] : daemon.runtime)
        for (const std::string& interface : zone.interfaces)
            go(name, interface, std::nullopt);
    go(daemon.defaultZone, {}, std::nullopt);
    for (const auto& [name, zone] : daemon.runtime)
        if (used(name, zone) && zone.masquerade) {
            auto& postrouting = stack.nat["POSTROUTING"];
            if (postrouting.policy.empty())
                postrouting.policy = "ACCEPT";
            postrouting.rules.push_back(jumpTo("POST_" + name));
        }
}

/// Quotes and blanks off: `address="10.0.0.1"` -> {address, 10.0.0.1}; a word alone has no value.
std::vector<std::pair<std::string, std::string>> richWords(std::string_view text)
{
    std::vector<std::pair<std::string, std::string>> words;
    while (!text.empty()) {
        std::size_t end = 0;
        char quote = 0;
        while (end < text.size() && (quote != 0 || text[end] != ' ')) {
            if (text[end] == '"' || text[end] == '\'')
                quote = quote == 0 ? text[end] : quote == text[end] ? '\0' : quote;
            ++end;
        }
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty())
            continue;
        const std::size_t equals = word.find('=');
        std::string value(equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1));
        std::erase_if(value, [](char c) { return c == '"' || c == '\''; });
        words.emplace_back(std::string(word.substr(0, equals)), std::move(value));
    }
    return words;
}

/// The set or list of a zone that an edit is about; null for what is no collection of names.
std::set<std::string>* namesOf(FirewallZone& zone, FirewalldEdit::What what)
{
    switch (what) {
    case FirewalldEdit::What::Service: return &zone.services;
    case FirewalldEdit::What::Port: return &zone.ports;
    case FirewalldEdit::What::Interface: return &zone.interfaces;
    case FirewalldEdit::What::Source: return &zone.sources;
    default: return nullptr;
    }
}

/// As firewalld names a thing in its messages: ports with a colon.
std::string shownValue(const FirewalldEdit& edit)
{
    std::string value = edit.value;
    if (edit.what == FirewalldEdit::What::Port)
        std::replace(value.begin(), value.end(), '/', ':');
    return value;
}

std::string checkEdit(const Stack& stack, const FirewalldEdit& edit)
{
    using What = FirewalldEdit::What;
    FirewallRule r;
    std::string error;
    if (edit.what == What::Service && servicePorts().count(edit.value) == 0)
        return "INVALID_SERVICE: " + edit.value;
    if (edit.what == What::Port && edit.value.find('/') == std::string::npos)
        return "INVALID_PORT: bad port (most likely missing protocol), correct syntax is portid[-portid]/protocol";
    if (edit.what == What::Port && !setPort(r, edit.value)) {
        const std::string protocol = edit.value.substr(edit.value.find('/') + 1);
        return protocol != "tcp" && protocol != "udp"
            ? fmt::format("INVALID_PROTOCOL: '{}' not in {{'tcp'|'udp'|'sctp'|'dccp'}}", protocol)
            : "INVALID_PORT: " + edit.value.substr(0, edit.value.find('/'));
    }
    if (edit.what == What::Source && !Prefix::parse(edit.value))
        return "INVALID_ADDR: " + edit.value;
    if (edit.what == What::RichRule && richRuleRules(edit.value, error).empty())
        return error.empty() ? "INVALID_RULE: " + edit.value : error;
    (void)stack;
    return {};
}

std::string editZone(FirewallZone& zone, const std::string& name, const FirewalldEdit& edit)
{
    using What = FirewalldEdit::What;
    const std::string shown = shownValue(edit);
    const std::string already = fmt::format("ALREADY_ENABLED: '{}' already in '{}'", shown, name);
    const std::string missing = fmt::format("NOT_ENABLED: '{}' not in '{}'", shown, name);
    if (std::set<std::string>* names = namesOf(zone, edit.what)) {
        if (edit.add)
            return names->insert(edit.value).second ? std::string() : already;
        return names->erase(edit.value) > 0 ? std::string() : missing;
    }
    if (edit.what == What::RichRule) {
        const auto found = std::find(zone.richRules.begin(), zone.richRules.end(), edit.value);
        if ((found != zone.richRules.end()) == edit.add)
            return edit.add ? already : missing;
        if (edit.add)
            zone.richRules.push_back(edit.value);
        else
            zone.richRules.erase(found);
        return {};
    }
    if (edit.what == What::Masquerade) {
        if (zone.masquerade == edit.add)
            return edit.add ? fmt::format("ALREADY_ENABLED: masquerade already enabled in '{}'", name)
                            : fmt::format("NOT_ENABLED: masquerade not enabled in '{}'", name);
        zone.masquerade = edit.add;
        return {};
    }
    if (edit.what == What::Target)
        zone.target = edit.value;
    return {};
}

} // namespace

std::vector<std::string> firewalldServicePorts(std::string_view service)
{
    const auto found = servicePorts().find(std::string(service));
    return found == servicePorts().end() ? std::vector<std::string>{} : found->second;
}

std::vector<std::string> firewalldServices()
{
    std::vector<std::string> names;
    for (const auto& [name, ports] : servicePorts())
        names.push_back(name);
    return names;
}

void startFirewalld(Stack& stack)
{
    Firewalld& daemon = stack.firewalld;
    if (daemon.permanent.empty())
        daemon.permanent = packagedZones();
    daemon.runtime = daemon.permanent;
    daemon.running = true;
    // The network service hands the interfaces that no zone names to the default one.
    for (const Interface& i : stack.interfaces) {
        const bool owned = std::any_of(daemon.runtime.begin(), daemon.runtime.end(),
                                       [&](const auto& entry) { return entry.second.interfaces.count(i.name) > 0; });
        if (!owned && begins(i.name, "eth"))
            daemon.runtime[daemon.defaultZone].interfaces.insert(i.name);
    }
    write(stack);
}

void stopFirewalld(Stack& stack)
{
    stack.firewalld.running = false;
    stack.firewalld.runtime.clear();
    takeAway(stack);
}

void reloadFirewalld(Stack& stack)
{
    if (stack.firewalld.running)
        startFirewalld(stack);
}

std::string editFirewalld(Stack& stack, const FirewalldEdit& edit)
{
    using What = FirewalldEdit::What;
    Firewalld& daemon = stack.firewalld;
    if (!daemon.running)
        return "NOT_RUNNING";
    const auto& zones = edit.permanent ? daemon.permanent : daemon.runtime;
    const std::string name = edit.what == What::DefaultZone ? edit.value : edit.zone.empty() ? daemon.defaultZone : edit.zone;
    if (edit.what != What::RuntimeToPermanent && zones.count(name) == 0)
        return "INVALID_ZONE: " + name;
    if (edit.what == What::RuntimeToPermanent) {
        daemon.permanent = daemon.runtime;
        return {};
    }
    if (edit.what == What::DefaultZone) {
        if (daemon.defaultZone == name)
            return "ZONE_ALREADY_SET: " + name;
        daemon.runtime[name].interfaces.merge(daemon.runtime[daemon.defaultZone].interfaces);
        daemon.runtime[daemon.defaultZone].interfaces.clear();
        daemon.defaultZone = name;
        write(stack);
        return {};
    }
    if (std::string error = checkEdit(stack, edit); !error.empty())
        return error;
    if (edit.add && (edit.what == What::Interface || edit.what == What::Source))
        for (const auto& [other, zone] : zones)
            if (other != name && (zone.interfaces.count(edit.value) > 0 || zone.sources.count(edit.value) > 0))
                return fmt::format("ZONE_CONFLICT: '{}' already bound to '{}'", edit.value, other);
    std::string error = editZone((edit.permanent ? daemon.permanent : daemon.runtime).at(name), name, edit);
    if (error.empty() && !edit.permanent)
        write(stack);
    return error;
}

std::vector<FirewallRule> richRuleRules(std::string_view rich, std::string& error)
{
    FirewallRule r;
    std::vector<FirewallRule> rules;
    std::vector<std::string> ports;
    std::string element;
    bool log = false;
    const auto words = richWords(rich);
    if (words.empty() || words.front().first != "rule") {
        error = "INVALID_RULE: internal error in _lexer(): '" + std::string(rich) + "'";
        return {};
    }
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto& [key, value] = words[i];
        if (key == "family" || key == "priority" || key == "prefix" || key == "level" || key == "limit")
            continue;
        if (key == "source" || key == "destination" || key == "port" || key == "service" || key == "protocol" || key == "log") {
            if (key == "port" && element == "port" && !value.empty()) {
                ports.push_back(value);
                continue;
            }
            if (key == "protocol" && element == "port" && !value.empty()) {
                if (!ports.empty())
                    ports.back() += "/" + value;
                continue;
            }
            element = key;
            log = log || key == "log";
        } else if (key == "NOT" || key == "not" || key == "invert") {
            (element == "source" ? r.notSource : r.notDestination) = true;
        } else if (key == "address") {
            const auto prefix = Prefix::parse(value);
            if (!prefix) {
                error = "INVALID_ADDR: " + value;
                return {};
            }
            (element == "source" ? r.source : r.destination) = Prefix{prefix->network(), prefix->length};
        } else if (key == "name" && element == "service") {
            ports = firewalldServicePorts(value);
            if (ports.empty()) {
                error = "INVALID_SERVICE: " + value;
                return {};
            }
        } else if (key == "value" && element == "protocol") {
            r.protocol = value == "icmp" ? Protocol::Icmp : value == "udp" ? Protocol::Udp : Protocol::Tcp;
        } else if (key == "accept" || key == "drop" || key == "reject") {
            r.target = key == "accept" ? "ACCEPT" : key == "drop" ? "DROP" : "REJECT";
            if (key == "reject")
                r.targetOptions = "--reject-with icmp-port-unreachable";
        } else if (key == "type" && r.target == "REJECT") {
            r.targetOptions = "--reject-with " + value;
        } else {
            error = "INVALID_RULE: bad attribute '" + key + "'";
            return {};
        }
    }
    if (r.target.empty() && !log) {
        error = "INVALID_RULE: no action, no log, no audit";
        return {};
    }
    if (r.target == "ACCEPT")
        r.match = kNewOnes;
    const auto spread = [&](const FirewallRule& base) {
        if (ports.empty())
            rules.push_back(base);
        for (const std::string& port : ports) {
            FirewallRule one = base;
            if (!setPort(one, port)) {
                error = "INVALID_PORT: " + port;
                rules.clear();
                return;
            }
            rules.push_back(std::move(one));
        }
    };
    if (log) {
        FirewallRule logged = r;
        logged.target = "LOG";
        logged.targetOptions.clear();
        logged.match.clear();
        spread(logged);
    }
    if (!r.target.empty())
        spread(r);
    return rules;
}

} // namespace sim::net
