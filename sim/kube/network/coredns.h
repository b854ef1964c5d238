#pragma once

#include "sim/kube/api/store.h"
#include "sim/kube/client/context.h"
#include "sim/programs/corefile.h"

#include <map>
#include <memory>
#include <string>

namespace sim::kube {

/// The CoreDNS processes of the cluster, as they run: the configuration that each has read, the reload plugin's looks at
/// the Corefile, the loop plugin's question to itself. What they answer is in dns_exchange.h.
class CoreDnsProcesses {
public:
    /// What this container's process works by; null: no CoreDNS answers there now.
    std::shared_ptr<const programs::Corefile> configurationOf(const container::Container& container, Instant now) const;

    /// Once a second: finds started and ended processes, reloads, ends those that find a loop.
    void tick(Context& context);

    bool operator==(const CoreDnsProcesses& other) const { return fingerprintOf(*this) == fingerprintOf(other); }
    void addTo(Fingerprint& f) const;

private:
    struct Process {
        std::shared_ptr<const programs::Corefile> configuration; ///< parsed from `running`
        std::string running;
        std::string tried;       ///< what the latest reload was about; it is not tried twice
        Instant nextLook{};
        bool loopSought = false;
    };
    void reload(Context& context, container::Container& container, Process& process);
    bool findsLoop(const Context& context, const container::Container& container) const;
    std::vector<ContainerId> upstreamCoreDns(const Context& context, const container::Container& container) const;

    std::map<ContainerId, Process> m_processes;
};

/// The addresses and ports that a `forward` plugin of this container sends to, files among them read.
struct DnsUpstream {
    net::Ipv4 address;
    std::int64_t port = 53;
};
std::vector<DnsUpstream> upstreamsOf(const programs::ForwardPlugin& forward, const container::Container& container);

/// The CoreDNS container whose process listens for datagrams there; null: another program does, or none.
const container::Container* coreDnsAt(const net::Network& network, const container::Runtimes& runtimes, StackId stack, net::Ipv4 address,
                                      std::int64_t port);

} // namespace sim::kube
