#include "core/shell/commands/fabric/device_files.h"

#include "core/shell/commands/fabric/sysfs.h"

#include <fmt/format.h>

namespace core::shell::fabric {

namespace {

/// One path lies below the other.
bool related(std::string_view path, std::string_view folder)
{
    const auto below = [](std::string_view inner, std::string_view outer) {
        return outer == "/" || inner == outer || (inner.starts_with(outer) && inner[outer.size()] == '/');
    };
    return below(path, folder) || below(folder, path);
}

} // namespace

std::map<std::string, std::string> deviceFiles(const sim::World& world, sim::HostId host, const std::string& path)
{
    constexpr const char* kClass = "/sys/class/infiniband";
    constexpr const char* kNodes = "/dev/infiniband";
    std::map<std::string, std::string> files;
    if (related(path, kClass))
        for (auto& [name, text] : infinibandFiles(world.rdma(), host))
            files[fmt::format("{}/{}", kClass, name)] = std::move(text);
    if (related(path, kNodes)) {
        const std::size_t count = world.rdma().devicesOf(host).size();
        for (std::size_t i = 0; i < count; ++i) {
            files[fmt::format("{}/umad{}", kNodes, i)] = {};
            files[fmt::format("{}/uverbs{}", kNodes, i)] = {};
        }
        if (count > 0)
            files[fmt::format("{}/rdma_cm", kNodes)] = {};
    }
    return files;
}

} // namespace core::shell::fabric
