#pragma once

#include <map>
#include <optional>
#include <string>

namespace sim::storage::ceph {

/// ceph-csi's driver of CephFS volumes.
inline constexpr const char* kFileDriver = "cephfs.csi.ceph.com";

/// The folder of the file system behind a volume of that driver, by its handle. (ceph-csi puts one more folder below it.)
std::string volumeFolder(const std::string& handle);
/// Where a path lies in the file system; nothing when it is on none of these mounts. `mounts` as container::Container::volumes.
std::optional<std::string> folderOf(const std::map<std::string, std::string>& mounts, const std::string& path);

} // namespace sim::storage::ceph
