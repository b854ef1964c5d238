#pragma once

#include "sim/engine/fingerprint.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sim::net {

struct Stack;
struct FirewallRule;

/// A zone of firewalld 1.3: what may come in by its interfaces or from its sources.
struct FirewallZone {
    std::string target = "default"; ///< default, ACCEPT, DROP, %%REJECT%%
    std::set<std::string> services; ///< "ssh"
    std::set<std::string> ports;    ///< "8080/tcp", "6000-6010/udp"
    std::set<std::string> interfaces;
    std::set<std::string> sources;      ///< "10.0.0.0/24"
    std::vector<std::string> richRules; ///< as they were given, in firewalld's own spelling
    bool masquerade = false;
    bool operator==(const FirewallZone&) const = default;
};
BOOST_DESCRIBE_STRUCT(FirewallZone, (), (target, services, ports, interfaces, sources, richRules, masquerade))

/// The daemon of one machine with FirewallBackend=iptables: its zones are chains of the stack's own tables, so that
/// iptables, nft and firewall-cmd tell one truth.
struct Firewalld {
    bool running = false;
    std::string defaultZone = "public";
    std::map<std::string, FirewallZone> runtime;
    std::map<std::string, FirewallZone> permanent; ///< what a reload or the next start brings back
    bool operator==(const Firewalld&) const = default;
};
BOOST_DESCRIBE_STRUCT(Firewalld, (), (running, defaultZone, runtime, permanent))

/// Ports of a service that firewalld knows ("ssh": 22/tcp); empty for an unknown name.
std::vector<std::string> firewalldServicePorts(std::string_view service);
std::vector<std::string> firewalldServices();

/// Starts with the permanent zones (at first those of the package: public with ssh and dhcpv6-client), stops with all of
/// its chains and rules gone, reloads with the runtime ones forgotten. Call Network::changed() afterwards.
void startFirewalld(Stack& stack);
void stopFirewalld(Stack& stack);
void reloadFirewalld(Stack& stack);

/// One of firewall-cmd's changes.
struct FirewalldEdit {
    enum class What : std::uint8_t { Service, Port, Interface, Source, RichRule, Masquerade, Target, DefaultZone, RuntimeToPermanent };
    What what = What::Port;
    bool add = true; ///< false: remove
    std::string zone;  ///< empty: the default zone
    std::string value;
    bool permanent = false;
};
/// Empty when it was done; otherwise firewalld's error: "ALREADY_ENABLED: '80:tcp' already in 'public'",
/// "INVALID_ZONE: dmz2". The first word is the kind.
std::string editFirewalld(Stack& stack, const FirewalldEdit& edit);

/// The rules of one rich rule, without the chain; nothing and an error text when it cannot be read.
std::vector<FirewallRule> richRuleRules(std::string_view rich, std::string& error);

} // namespace sim::net
