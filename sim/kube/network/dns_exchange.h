#pragma once

#include "sim/kube/network/coredns.h"
#include "sim/kube/network/dns_message.h"

#include <string>
#include <utility>
#include <vector>

namespace sim::kube {

/// What name resolution looks at. Keep it no longer than one call.
struct DnsView {
    const net::Network& network;
    const host::Hosts& hosts;
    const container::Runtimes& runtimes;
    const Store& store;
    const CoreDnsProcesses& coreDns;
    Instant now{};
};

/// One question sent to one server over UDP, and what came of it.
struct DnsExchange {
    enum class End : std::uint8_t {
        Answered,
        TimedOut,    ///< silence: dropped on the way, or the server hangs
        Refused,     ///< ICMP port unreachable: ECONNREFUSED
        Unreachable, ///< another local or ICMP error: EHOSTUNREACH, ENETUNREACH
    };
    End end = End::TimedOut;
    DnsReply reply;
    net::Ipv4 server;     ///< who was asked
    net::PathResult path; ///< of the question
    Duration took{};      ///< until the answer or the error; zero for silence, whose length is the asker's patience
    /// Lines that the servers on the way write: by container.
    std::vector<std::pair<ContainerId, std::string>> log;
};

/// Who answers is found by the packet's own way: a Service's address is translated by the sender's node, a CoreDNS pod
/// answers from its Corefile and forwards the rest, the site's dnsmasq answers from its machine's /etc/hosts.
/// `chance` decides among equal endpoints.
DnsExchange askDns(const DnsView& view, StackId from, net::Ipv4 server, std::int64_t port, const DnsQuestion& question,
                   std::uint64_t chance);

/// resolv.conf(5), glibc's defaults.
struct ResolverConfig {
    std::vector<net::Ipv4> servers;
    std::vector<std::string> search;
    int ndots = 1;
    int attempts = 2;
    Duration timeout = std::chrono::seconds(5);
};
ResolverConfig resolverConfigOf(const std::string& resolvConf);

/// The names that are tried for one, in order: with fewer dots than ndots the search list comes first.
std::vector<std::string> candidateNames(const ResolverConfig& config, const std::string& name);

/// What glibc's stub resolver makes of a name: A records, search list, retries and time-outs included.
struct Resolution {
    enum class Status : std::uint8_t {
        Found,
        NotFound, ///< EAI_NONAME
        TryAgain, ///< EAI_AGAIN: silence, refusal, SERVFAIL
    };
    Status status = Status::NotFound;
    std::vector<net::Ipv4> addresses;
    std::string canonicalName; ///< the candidate that was found
    net::Ipv4 server;          ///< who answered, or was asked last
    Duration took{};
    /// The latest exchange: why it failed, or who found it.
    DnsExchange last;
};
Resolution resolveByDns(const DnsView& view, StackId from, const ResolverConfig& config, const std::string& name, std::uint64_t chance);

/// As a Go program that goes through glibc words a failure behind "lookup NAME: ": "no such host", or what EAI_AGAIN
/// means. It does not say which server was asked, nor why nothing came back.
std::string lookupError(const Resolution& resolution);

} // namespace sim::kube
