#include "core/shell/system.h"

namespace core::shell {

std::string_view describe(Errno error)
{
    switch (error) {
    case Errno::None: return "Success";
    case Errno::NoEntry: return "No such file or directory";
    case Errno::AccessDenied: return "Permission denied";
    case Errno::NotPermitted: return "Operation not permitted";
    case Errno::Exists: return "File exists";
    case Errno::NotDirectory: return "Not a directory";
    case Errno::IsDirectory: return "Is a directory";
    case Errno::NoSpace: return "No space left on device";
    case Errno::ReadOnly: return "Read-only file system";
    case Errno::NotEmpty: return "Directory not empty";
    case Errno::Invalid: return "Invalid argument";
    case Errno::InputOutput: return "Input/output error";
    }
    return "Unknown error";
}

} // namespace core::shell
