#include "sim/storage/ceph/volumes.h"

namespace sim::storage::ceph {

std::string volumeFolder(const std::string& handle) { return "/volumes/csi/" + handle; }

std::optional<std::string> folderOf(const std::map<std::string, std::string>& mounts, const std::string& path)
{
    const std::string driver = std::string(kFileDriver) + "/";
    for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount)
        if (mount->second.starts_with(driver) && (path == mount->first || path.starts_with(mount->first + "/")))
            return volumeFolder(mount->second.substr(driver.size())) + path.substr(mount->first.size());
    return std::nullopt;
}

} // namespace sim::storage::ceph
