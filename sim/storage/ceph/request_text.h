#pragma once

#include "sim/storage/ceph/cluster.h"

#include <string>

namespace sim::storage::ceph {

/// "osd_op(client.24165.0:1734 2.1f 2:f9c3a8b1:::10000000213.0000016e:head [write 0~4194304] snapc 0=[] ondisk+write+known_if_redirected
/// e122)": a client's write as an OSD names it. The number tells which.
std::string requestText(const Cluster& cluster, const Pg& pg, std::int64_t number);

} // namespace sim::storage::ceph
