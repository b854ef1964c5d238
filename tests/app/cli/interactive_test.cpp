#include "tests/app/cli/faultctl.h"

#include <gtest/gtest.h>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>


// What a learner reads at a terminal before typing anything.
namespace app::cli {

namespace {

/// All that the terminal shows until ":quit" has ended the program.
std::string greeting(const Faultctl& faultctl, std::vector<std::string> arguments)
{
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child == 0)
        faultctl.become(std::move(arguments));
    constexpr std::string_view kLeave = ":quit\r";
    EXPECT_EQ(::write(terminal, kLeave.data(), kLeave.size()), static_cast<ssize_t>(kLeave.size()));
    std::string shown;
    char buffer[4096];
    for (ssize_t count; (count = ::read(terminal, buffer, sizeof buffer)) > 0;)
        shown.append(buffer, static_cast<std::size_t>(count));
    ::waitpid(child, nullptr, 0);
    ::close(terminal);
    return shown;
}

} // namespace

TEST(Interactive, NamesAStartThatThereIsWhereTheIncidentPlays)
{
    const Faultctl faultctl;
    const auto start = [&](const char* incident) {
        const std::string shown = greeting(faultctl, {"play", incident, "--seed", "2"});
        const auto at = shown.find("2. Find the cause");
        return at == std::string::npos ? shown : shown.substr(at, shown.find('\n', at) - at);
    };
    EXPECT_TRUE(contains(start("image-pull-backoff"), "`kubectl -n shop get pods`")) << start("image-pull-backoff");
    for (const auto& [incident, look] : {std::pair{"disk-full", "ssh app-1 journalctl"}, {"container-exits", "ssh docker-1 docker ps"}}) {
        EXPECT_FALSE(contains(start(incident), "kubectl")) << start(incident);
        EXPECT_TRUE(contains(start(incident), look)) << start(incident);
    }
}

TEST(Interactive, GreetsInChinese)
{
    const Faultctl faultctl;
    const std::string shown = greeting(faultctl, {"play", "disk-full", "--seed", "2", "--lang", "zh"});
    for (const char* words : {"定位原因：可以从", "实验室时间", "用 :diagnose 指出根因", ":help 列出实验室自己的命令"})
        EXPECT_TRUE(contains(shown, words)) << words << "\n" << shown;
    for (const char* words : {"takes the page", "Find the cause", "ALERT"})
        EXPECT_FALSE(contains(shown, words)) << words << "\n" << shown;
}

} // namespace app::cli
