#pragma once

#include "sim/host/hosts.h"
#include "sim/net/rdma/fabric.h"

#include <compare>
#include <map>

namespace sim {

/// Bulk transfers that programs keep up, as their command lines say, for as long as their processes run:
///   shard-cache --device mlx5_0 --tclass 106 --pull gpu-2:mlx5_4     a stream from each peer that runs the program too
///   ib_write_bw -d mlx5_0 -q 16 --tclass=106 --run_infinitely gpu-1  one for each queue pair, to a server that runs there
/// Bytes come from host memory and are as many as go. On Ethernet alone: no InfiniBand topology has such programs.
class RdmaStreams {
public:
    void follow(Instant now, const host::Hosts& hosts, net::rdma::Fabric& fabric);

    bool operator==(const RdmaStreams&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct Stream {
        HostId host;
        host::Pid pid = 0;
        int number = 0; ///< among those of the process
        auto operator<=>(const Stream&) const = default;
    };
    using Wanted = std::map<Stream, net::rdma::TransferRequest>;
    static Wanted wanted(const host::Hosts& hosts, const net::rdma::Fabric& fabric);

    std::map<Stream, net::rdma::TransferId> m_running;
};

} // namespace sim
