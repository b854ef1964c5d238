#pragma once

#include "sim/host/hosts.h"

namespace sim::host {

/// A unit's program has started: its main process and the children that it forks take up its Workload. Nothing happens
/// when it has none, or when the setting that brings it is not there.
void beginWork(Hosts& hosts, Engine& engine, HostId host, const std::string& unit);

/// The line that a program prints as its turn'th: that template, with {n} its number, {ms} a duration and {port} a client's port.
std::string logTurn(const Workload& work, std::int64_t turn, RandomStream& random);
/// The turns that fall into the second before `now`, for a process that has run since `started`: from the first to before the second.
std::pair<std::int64_t, std::int64_t> logTurns(const Workload& work, Instant started, Instant now);

} // namespace sim::host
