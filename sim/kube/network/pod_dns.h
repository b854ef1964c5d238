#pragma once

#include "sim/kube/api/core_v1.h"

#include <string>
#include <vector>

namespace sim::kube {

/// What the kubelet's configuration file says of DNS, read at its start.
struct KubeletDns {
    std::vector<std::string> servers;     ///< clusterDNS
    std::string domain = "cluster.local"; ///< clusterDomain
    bool operator==(const KubeletDns&) const = default;
};
BOOST_DESCRIBE_STRUCT(KubeletDns, (), (servers, domain))

/// From the text of /var/lib/kubelet/config.yaml. A file that cannot be read gives nothing.
KubeletDns kubeletDnsOf(const std::string& configYaml);

/// The pod's /etc/resolv.conf (pkg/kubelet/network/dns): dnsPolicy decides what it starts from, dnsConfig is merged
/// into that. `hostResolvConf` is the node's own file.
std::string podResolvConf(const Pod& pod, const KubeletDns& kubelet, const std::string& hostResolvConf);

/// The pod's /etc/hosts as the kubelet manages it: its own name, and spec.hostAliases.
std::string podHostsFile(const Pod& pod, const std::string& address, const std::string& domain);

} // namespace sim::kube
