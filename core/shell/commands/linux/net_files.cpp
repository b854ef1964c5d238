// Texts as the kernel's Documentation/ABI/testing/sysfs-class-net describes them. A device without a cable tells no speed.
#include "core/shell/commands/linux/net_files.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

constexpr std::string_view kFolder = "/sys/class/net";

bool isAbout(std::string_view path)
{
    return path == "/" || path.starts_with(kFolder) || (kFolder.starts_with(path) && kFolder[path.size()] == '/');
}

} // namespace

std::map<std::string, std::string> netFiles(const sim::World& world, sim::HostId host, const std::string& path)
{
    std::map<std::string, std::string> files;
    const sim::StackId stack = world.hosts().at(host).stack;
    if (!isAbout(path) || !world.network().hasStack(stack))
        return files;
    const sim::net::Fabric& fabric = world.network().fabric();
    for (const sim::net::Interface& one : world.network().stack(stack).interfaces) {
        const std::string folder = fmt::format("{}/{}/", kFolder, one.name);
        const sim::LinkId link = fabric.linkOf(stack, one.name);
        const bool carrier = one.adminUp && (!link.valid() || fabric.carrier(link));
        files[folder + "address"] = (one.mac.empty() ? "00:00:00:00:00:00" : one.mac) + "\n";
        files[folder + "mtu"] = fmt::format("{}\n", one.mtu);
        files[folder + "carrier"] = carrier ? "1\n" : "0\n";
        files[folder + "operstate"] = !link.valid() ? "unknown\n" : carrier ? "up\n" : "down\n";
        if (link.valid()) {
            files[folder + "speed"] = fmt::format("{}\n", carrier ? static_cast<std::int64_t>(fabric.links()[link.value].bitsPerSecond / 1e6) : -1);
            files[folder + "duplex"] = carrier ? "full\n" : "unknown\n";
        }
    }
    return files;
}

} // namespace core::shell::node
