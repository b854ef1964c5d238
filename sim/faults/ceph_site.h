#pragma once

#include "sim/faults/catalogue.h"

#include <optional>
#include <string>

namespace sim::faults {

/// What faults do to the storage cluster and to the way there. Requires of all: the topology has one (cephMissing()).

inline constexpr double kWornDrive = 45; ///< times as slow: 67 MB/s in place of 3 GB/s, a drive whose controller retries
inline constexpr double kSlowLink = 1e9; ///< bits per second: what is left of a cable with one good pair, autonegotiation settles for it

/// The error of a topology without a storage cluster; nothing when there is one.
std::optional<Error> cephMissing(const Context& context, const char* fault);
/// An OSD on one of its hosts, by the seed; the parameters may name "osd".
storage::ceph::Osd& chosenOsd(Context& context, const nlohmann::json& parameters);
/// One on another host that shares placement groups with the first.
storage::ceph::Osd& otherHostsOsd(Context& context, const storage::ceph::Osd& first);
/// "cause", "variant", "osd" ("7"), "host" ("storage-3"), "device" ("/dev/nvme2n1"), "slot", "other_osd" and "other_host" (on another machine).
nlohmann::json described(const Context& context, const storage::ceph::Osd& osd, const std::string& cause, const std::string& variant);

/// The cable of a machine's eth0 comes up at a lower rate.
void slowLink(Context& context, const host::Machine& machine, double bitsPerSecond);
/// systemctl stop, or disable --now.
void stopUnit(Context& context, HostId host, const std::string& unit, bool disable);
HostId machineOf(const Context& context, const storage::ceph::Osd& osd);
/// What a benchmark has left behind: objects of the bench pool, until the fullest OSD is at `share` of its size.
void leaveBench(Context& context, double share);

} // namespace sim::faults
