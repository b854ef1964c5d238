#pragma once

#include "sim/host/accounts.h"

#include <fmt/format.h>

#include <array>
#include <string>

namespace sim::host {

struct SudoLine {
    std::uint8_t priority = 6;
    std::string message;
};
/// What sudo 1.9 writes into the journal about a command: itself, then its PAM session at the command's beginning and at its end.
inline std::array<SudoLine, 3> sudoLines(const Machine& machine, const std::string& user, const std::string& folder, const std::string& as, const std::string& command)
{
    constexpr std::uint8_t kNotice = 5, kInfo = 6;
    const auto uid = [&](const std::string& name) {
        const auto account = accountOf(machine, name);
        return account ? account->uid : 0;
    };
    return {SudoLine{kNotice, fmt::format("{:>8} : TTY=pts/0 ; PWD={} ; USER={} ; COMMAND={}", user, folder, as, command)},
            SudoLine{kInfo, fmt::format("pam_unix(sudo:session): session opened for user {}(uid={}) by {}(uid={})", as, uid(as), user, uid(user))},
            SudoLine{kInfo, fmt::format("pam_unix(sudo:session): session closed for user {}", as)}};
}

} // namespace sim::host
