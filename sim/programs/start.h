#pragma once

#include "sim/programs/program.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim::programs {

/// What a program sees of its container's files: path -> text.
using Files = std::map<std::string, std::string>;

struct StartFailure {
    std::vector<std::string> log; ///< what it prints before it ends
    std::int64_t exitCode = 1;
};
/// Why a program ends right at its start, by what it finds in its files; nothing when it starts.
std::optional<StartFailure> startFailure(const Program& program, const Files& files);

struct ListenedPort {
    std::int64_t port = 0;
    bool udp = false;
    bool operator==(const ListenedPort&) const = default;
};
/// What it listens on once started, by its configuration.
std::vector<ListenedPort> listenedPorts(const Program& program, const Files& files);

/// What a GET of a path finds at a program that serves.
enum class PathAnswer : std::uint8_t {
    None,   ///< 404
    Health, ///< 200, or what whoever models the program says of its health
    Always, ///< 200 whether it is well or not
};
PathAnswer answerAt(const Program& program, const std::string& path);

/// What it prints once started.
std::vector<std::string> startLines(const Program& program, const Files& files);

/// The program is CoreDNS; its configuration is the file behind -conf.
bool isCoreDns(const Program& program);
inline constexpr const char* kCorefilePath = "/etc/coredns/Corefile";

/// "[INFO] plugin/reload: Running configuration SHA512 = ...", as CoreDNS says at its start and after each reload.
std::string runningConfigurationLine(const std::string& corefile);

} // namespace sim::programs
