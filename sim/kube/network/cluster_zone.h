#pragma once

#include "sim/kube/api/store.h"
#include "sim/kube/network/dns_message.h"
#include "sim/programs/corefile.h"

#include <optional>

namespace sim::kube {

/// What CoreDNS's kubernetes plugin answers (plugin/kubernetes; the DNS specification 1.1.0 of the Kubernetes project):
/// Services, headless Services with their pods, named ports as SRV, ExternalName as CNAME, pods by address, reverse
/// names. Nothing: the name is in none of its zones, or it falls through.
std::optional<DnsReply> answerFromCluster(const Store& store, const programs::KubernetesPlugin& plugin, const DnsQuestion& question);

} // namespace sim::kube
