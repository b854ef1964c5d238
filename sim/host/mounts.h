#pragma once

#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace sim::host {

/// The lines of /etc/fstab, swap areas with "none" as their place. Lines with fewer than two fields are left out, as
/// libmount does.
std::vector<MountSettings> fstabOf(const Machine& machine);

/// systemd-escape --path: "/boot/efi" -> "boot-efi", "/" -> "-"; "-" within a name becomes "\x2d".
std::string escapedPath(const std::string& path);
/// "/srv" -> "srv.mount".
std::string mountUnitName(const std::string& path);
/// "UUID=1234" -> "/dev/disk/by-uuid/1234"; paths stay.
std::string devicePath(const std::string& what);

/// "rw,relatime,errors=remount-ro", as /proc/mounts has it.
std::string optionsText(const Mount& mount);
/// The options of `text` that the mount keeps beside rw and ro: without those that only fstab's readers mind.
std::string keptOptions(const std::string& text);

/// systemd-fstab-generator: makes, changes and drops mount units after /etc/fstab. States stay.
void generateMountUnits(Machine& machine, Instant now);

/// Puts what lies on the device below the mount point, and hides what lay there. Requires: the device has a filesystem.
void attach(Machine& machine, Mount mount);
/// The reverse. Requires: something is mounted at the path.
void detach(Machine& machine, const std::string& path);

} // namespace sim::host
