#pragma once

#include <functional>
#include <string>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tests {

/// Runs `work` in a process of its own, because it gives up rights or room for good; gives what it returns.
inline std::string inOwnProcess(const std::function<std::string()>& work)
{
    int ends[2];
    if (::pipe(ends) != 0)
        return "no pipe";
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string text = work();
        _exit(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(n));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status == 0 ? text : text + " [the process failed]";
}

/// The same as a user without root's rights: root may read and write everywhere.
inline std::string asOrdinaryUser(const std::function<std::string()>& work)
{
    return inOwnProcess([&work]() -> std::string {
        constexpr uid_t kNobody = 65534;
        const bool ordinary = ::geteuid() != 0 || (::setgid(kNobody) == 0 && ::setuid(kNobody) == 0);
        return ordinary ? work() : "cannot give up root's rights";
    });
}

} // namespace tests
