#pragma once

#include "sim/faults/catalogue.h"
#include "sim/host/standard_machine.h"

#include <string>

namespace sim::faults {

/// A program that the people who run a machine have put there beside its own, with what it does while it runs.
struct Service {
    std::string unit;        ///< "report-builder.service"
    std::string description;
    std::string command;     ///< ExecStart=
    std::string user = "root";
    std::string more;        ///< further lines of [Service]
    std::int64_t memoryBytes = 48LL << 20;
    host::Workload workload;
};

/// Installs the service on a machine, enabled, and starts it.
void runService(Context& context, HostId host, const Service& service);
/// Writes a file with the folders above it.
void putText(Context& context, HostId host, const std::string& path, const std::string& text);
/// Lines of a unit's past, so long ago, in their place in the journal: what the unit's last start left there.
void addPast(host::Machine& machine, Instant at, const std::string& unit, const std::string& identifier, host::Pid pid, const std::vector<std::string>& messages);

} // namespace sim::faults
