#pragma once

#include "sim/engine/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sim::programs {

/// CoreDNS's configuration as the process understands it: what each server block of a Corefile does with a query.
/// Plugins that answer or pass on queries are modelled; the others of the official image are known and do nothing.

/// `kubernetes ZONES... { pods MODE  ttl N  fallthrough [ZONES...] }`
struct KubernetesPlugin {
    enum class Pods : std::uint8_t { Disabled, Insecure, Verified };
    std::vector<std::string> zones; ///< "cluster.local", without the last dot
    Pods pods = Pods::Disabled;
    std::int64_t ttl = 5;
    bool fallsThrough = false;
    std::vector<std::string> fallthroughZones; ///< empty: all
    bool operator==(const KubernetesPlugin&) const = default;
};

/// `hosts { ADDRESS NAME...  fallthrough }`
struct HostsPlugin {
    std::map<std::string, std::vector<std::string>> addresses; ///< name -> addresses
    bool fallsThrough = false;
    bool operator==(const HostsPlugin&) const = default;
};

/// `forward FROM TO...`
struct ForwardPlugin {
    std::string from;            ///< "." is the empty string
    std::vector<std::string> to; ///< addresses "10.0.0.2" or "10.0.0.2:53", files "/etc/resolv.conf"
    bool operator==(const ForwardPlugin&) const = default;
};

/// `rewrite [stop|continue] name [exact|suffix] FROM TO`
struct RewriteRule {
    bool suffix = false;
    std::string from;
    std::string to;
    bool operator==(const RewriteRule&) const = default;
};

struct DnsServerBlock {
    std::vector<std::string> zones; ///< "" is the root
    std::int64_t port = 53;
    bool errors = false;
    bool log = false;
    bool cache = false;
    bool loop = false;
    std::optional<Duration> reload;          ///< how often the Corefile is looked at; its jitter is half of that
    std::optional<std::int64_t> healthPort;
    std::optional<std::int64_t> readyPort;
    std::optional<std::int64_t> metricsPort;
    std::optional<KubernetesPlugin> kubernetes;
    std::optional<HostsPlugin> hosts;
    std::vector<ForwardPlugin> forwards;
    std::vector<RewriteRule> rewrites;
    bool operator==(const DnsServerBlock&) const = default;
};

struct Corefile {
    std::vector<DnsServerBlock> servers;
    bool operator==(const Corefile&) const = default;
    /// The block whose zone is the longest that the name ends in; null: the query is REFUSED.
    const DnsServerBlock* blockFor(std::string_view name) const;
};

struct CorefileError {
    std::string text;    ///< as CoreDNS prints it: "/etc/coredns/Corefile:5 - Error during parsing: ..."
    bool syntax = false; ///< braces and words; the reload plugin does not even try such a file
};

/// `path` only names the file in errors.
std::variant<Corefile, CorefileError> parseCorefile(const std::string& path, std::string_view text);

/// Whether a name (without the last dot, lower case) is the zone or below it. The empty zone is the root.
bool inZone(std::string_view name, std::string_view zone);

} // namespace sim::programs
