#pragma once

#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace sim::host {

/// A line of /etc/passwd.
struct Account {
    std::string name;
    std::int64_t uid = 0;
    std::int64_t gid = 0;
    std::string comment;
    std::string home;
    std::string shell;
};
std::vector<Account> accountsOf(const Machine& machine);
std::optional<Account> accountOf(const Machine& machine, const std::string& nameOrId);

/// A line of /etc/group.
struct Group {
    std::string name;
    std::int64_t gid = 0;
    std::vector<std::string> members;
};
std::vector<Group> groupsOf(const Machine& machine);
/// The user's own group first, then those that list the user.
std::vector<Group> groupsOfUser(const Machine& machine, const std::string& user);

/// Whether the kernel lets the user read (4), write (2) or execute (1) by owner, group and others. root may all, but
/// execute only what somebody may.
bool mayAccess(const Machine& machine, const File& file, const std::string& user, std::uint32_t bits);

/// What /etc/sudoers and /etc/sudoers.d let a user do.
struct SudoRight {
    std::string runAs = "ALL : ALL";
    bool password = true; ///< false: NOPASSWD
    std::string commands = "ALL";
};
std::vector<SudoRight> sudoRights(const Machine& machine, const std::string& user);
/// "FILE:LINE:COLUMN: syntax error" of the first bad line, as visudo -c says it; empty when all is well.
std::string sudoersError(const Machine& machine, const std::string& path);

/// A password that is locked or none ("!", "*") in /etc/shadow.
bool isLocked(const Machine& machine, const std::string& user);

} // namespace sim::host
