#pragma once

#include "sim/host/hosts.h"

namespace sim::host {

/// A unit's program has started: its main process and the children that it forks take up its Workload. Nothing happens
/// when it has none, or when the setting that brings it is not there.
void beginWork(Hosts& hosts, Engine& engine, HostId host, const std::string& unit);

} // namespace sim::host
