#pragma once

#include "core/shell/place.h"
#include "sim/engine/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::shell {

/// errno values a learner can meet: ENOENT, EACCES, EPERM, EEXIST, ENOTDIR, EISDIR, ENOSPC, EROFS, ENOTEMPTY,
/// EINVAL, EIO. Not the kernel's names, because <cerrno> makes those macros.
enum class Errno {
    None,
    NoEntry,
    AccessDenied,
    NotPermitted,
    Exists,
    NotDirectory,
    IsDirectory,
    NoSpace,
    ReadOnly,
    NotEmpty,
    Invalid,
    InputOutput,
};
/// "No such file or directory" and so on, as strerror(3) prints it.
std::string_view describe(Errno error);

struct FileStat {
    enum class Type { Regular, Directory, Symlink, Device, Socket, Pipe };
    Type type = Type::Regular;
    std::uint32_t mode = 0644; ///< permission bits
    std::string owner = "root";
    std::string group = "root";
    std::int64_t size = 0; ///< bytes
    std::int64_t links = 1;
    sim::Instant modified{};
    std::string target; ///< of a symlink
};

struct DirectoryEntry {
    std::string name;
    FileStat stat;
};

struct ReadFile {
    Errno error = Errno::None;
    std::string text;
};

/// What the shell language itself needs of the machine it runs on. Two implementations: the simulated
/// world (core/session) and a fake for tests (tests/support/fake_system.h). Paths are absolute.
class System {
public:
    virtual ~System() = default;

    virtual sim::Instant now() const = 0;
    virtual std::string hostName(const Place&) const = 0;
    virtual std::string homeDirectory(const Place&) const = 0;
    virtual ReadFile readFile(const Place&, const std::string& path) = 0;
    virtual Errno writeFile(const Place&, const std::string& path, std::string_view text, bool append) = 0;
    /// Whether execve(2) takes the file: the user's x bit, the way there, and a filesystem without noexec. None also where the
    /// implementation keeps no users.
    virtual Errno mayExecute(const Place&, const std::string&) { return Errno::None; }
    virtual Errno removeFile(const Place&, const std::string& path) = 0;
    virtual Errno makeDirectory(const Place&, const std::string& path) = 0;
    /// Follows symlinks unless told otherwise; nothing when there is no such path.
    virtual std::optional<FileStat> stat(const Place&, const std::string& path, bool followLink = true) = 0;
    /// Sorted by name; nothing when the path is no readable directory.
    virtual std::optional<std::vector<DirectoryEntry>> list(const Place&, const std::string& path) = 0;
    /// Whether a command of this name is installed at the place (a container has few).
    virtual bool hasCommand(const Place&, std::string_view name) const = 0;
};

} // namespace core::shell
