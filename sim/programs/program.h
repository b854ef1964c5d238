#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/time.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::programs {

/// What a container image's entry point does when it runs: enough to start, answer, load its machine,
/// write logs and fail. Kept in the image's config; one image version may behave unlike another.
struct Program {
    enum class Kind : std::uint8_t { Service, Database, LlmServer, LlmRouter, Daemon, Pause, PolicyWebhook, Trainer };
    std::string name;                  ///< "checkout", "postgres"
    Kind kind = Kind::Service;
    std::vector<std::string> command;  ///< what ps shows
    std::string user = "root";
    std::int64_t port = 0;             ///< TCP port it listens on; 0: none
    Duration startup{};                ///< from process start to listening and ready
    std::int64_t memoryBytes = 0;      ///< resident once started
    double idleCores = 0;
    double coresPerRequest = 0;        ///< CPU seconds one request costs
    double requestsPerSecond = 0;      ///< at which one instance saturates; 0: serves no requests
    Duration serviceTime{};            ///< of one request on an idle instance
    std::string readyPath;             ///< "/healthz": answers 200 once started
    std::vector<std::string> dependsOn;///< Services it calls: "shop/db"
    std::vector<std::string> requiredEnv; ///< exits 1 at start when one is missing
    std::string settingsFile;          ///< exits 1 at start when it cannot be read; empty: it reads none
    double leakBytesPerSecond = 0;     ///< anonymous memory that it takes and never gives back
    double heapBytesPerSecond = 0;     ///< of a program in a JVM: by this its heap grows to the JVM's maximum; 0: no JVM
    std::int64_t faultySteps = 0;      ///< of a trainer: one of its kernels reads beyond its buffer after so many steps; 0: none does
    std::int64_t gpuMemoryBytes = 0;   ///< that it takes on each GPU it is given, once started, unless its kind says; 0: makes no contexts
    double gpuWork = 0;                ///< of the time, with its kernels on them
    std::vector<std::string> startLog; ///< lines it prints when it has started
    std::string requestLog;            ///< one line per sampled request: "{method} {path} {status} {ms}ms"
    bool operator==(const Program&) const = default;
};
BOOST_DESCRIBE_STRUCT(Program, (), (name, kind, command, user, port, startup, memoryBytes, idleCores, coresPerRequest,
    requestsPerSecond, serviceTime, readyPath, dependsOn, requiredEnv, settingsFile, leakBytesPerSecond,
    heapBytesPerSecond, faultySteps, gpuMemoryBytes, gpuWork, startLog, requestLog))

/// What "--name=VALUE" or "--name VALUE" of a command line says; `name` with its dashes.
std::optional<std::string> flagOf(const std::vector<std::string>& words, std::string_view name);

} // namespace sim::programs
