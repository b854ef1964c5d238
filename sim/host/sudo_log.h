#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace sim::host {

/// What sudo 1.9 writes into the journal about a command, at notice.
inline std::string sudoLine(std::string_view user, std::string_view folder, std::string_view as, std::string_view command)
{
    return fmt::format("{:>8} : TTY=pts/0 ; PWD={} ; USER={} ; COMMAND={}", user, folder, as, command);
}
/// What its PAM session writes around it, at info.
inline std::string sudoOpened(std::string_view user, std::int64_t uid, std::string_view as, std::int64_t asUid)
{
    return fmt::format("pam_unix(sudo:session): session opened for user {}(uid={}) by {}(uid={})", as, asUid, user, uid);
}
inline std::string sudoClosed(std::string_view as)
{
    return fmt::format("pam_unix(sudo:session): session closed for user {}", as);
}

} // namespace sim::host
