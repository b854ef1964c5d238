#include "sim/gpu/driver.h"

#include <string_view>

namespace sim::gpu {

namespace {

constexpr std::string_view kVersionKey = "version=";
constexpr std::int64_t kModuleBytes = 105'000'000; // nvidia.ko of the 580 branch, stripped
constexpr std::int64_t kLibraryBytes = 2'300'000;
constexpr std::int64_t kMpsBytes = 68'000;

std::shared_ptr<const host::File> fileOf(host::File::Type type, std::string content, std::int64_t size, std::uint32_t mode)
{
    host::File file;
    file.type = type;
    file.content = std::move(content);
    file.size = size;
    file.mode = mode;
    return std::make_shared<const host::File>(std::move(file));
}

} // namespace

host::FileTable driverFiles(const std::string& version)
{
    using Type = host::File::Type;
    host::FileTable files;
    files[host::kNvidiaModule] = fileOf(Type::Regular, std::string(kVersionKey) + version + "\n", kModuleBytes, 0644);
    for (const char* library : {"libnvidia-ml.so.", "libcuda.so."}) {
        files[std::string(driver_files::kLibraryFolder) + library + version] = fileOf(Type::Regular, {}, kLibraryBytes, 0644);
        files[std::string(driver_files::kLibraryFolder) + library + "1"] = fileOf(Type::Symlink, library + version, 0, 0777);
    }
    for (const char* program : {"/usr/bin/nvidia-cuda-mps-control", "/usr/bin/nvidia-cuda-mps-server"})
        files[program] = fileOf(Type::Regular, {}, kMpsBytes, 0755);
    return files;
}

std::string moduleVersionOnDisk(const host::Machine& machine)
{
    const auto found = machine.files.find(host::kNvidiaModule);
    if (found == machine.files.end())
        return {};
    const std::string& content = found->second->content;
    const std::size_t key = content.find(kVersionKey);
    return key == std::string::npos ? std::string() : content.substr(key + kVersionKey.size(), content.find('\n', key) - key - kVersionKey.size());
}

std::string libraryVersion(const host::Machine& machine)
{
    const auto link = machine.files.find(driver_files::kLibraryLink);
    constexpr std::string_view kPrefix = "libnvidia-ml.so.";
    if (link == machine.files.end() || link->second->content.compare(0, kPrefix.size(), kPrefix) != 0
        || !machine.files.contains(driver_files::kLibraryFolder + link->second->content))
        return {};
    return link->second->content.substr(kPrefix.size());
}

NvmlStatus nvmlStatus(const Driver& driver, const host::Machine& machine)
{
    const std::string library = libraryVersion(machine);
    if (library.empty())
        return NvmlStatus::LibraryNotFound;
    if (!driver.loaded)
        return NvmlStatus::DriverNotLoaded;
    return library == driver.version ? NvmlStatus::Success : NvmlStatus::VersionMismatch;
}

} // namespace sim::gpu
