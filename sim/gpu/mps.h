#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/ids.h"
#include "sim/gpu/activity.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim::gpu {

namespace mps_files {
constexpr const char* kPipeFolder = "/tmp/nvidia-mps";
constexpr const char* kLogFolder = "/var/log/nvidia-mps";
constexpr const char* kControlLog = "/var/log/nvidia-mps/control.log";
constexpr const char* kServerLog = "/var/log/nvidia-mps/server.log";
} // namespace mps_files

/// What a client may use. A change holds for clients that connect after it.
struct MpsLimits {
    double threadPercentage = 100;                    ///< of a device's multiprocessors
    std::map<std::int64_t, std::int64_t> memoryBytes; ///< by device number, those with a limit
    bool operator==(const MpsLimits&) const = default;
};
BOOST_DESCRIBE_STRUCT(MpsLimits, (), (threadPercentage, memoryBytes))

/// nvidia-cuda-mps-server: has a context on every device of the machine, and the programs of one user as clients.
struct MpsServer {
    std::int64_t pid = 0;
    std::int64_t uid = 0; ///< of the user whose programs may be its clients
    MpsLimits limits;
    std::int64_t contexts = 0; ///< that clients have made: the next one's number
    bool operator==(const MpsServer&) const = default;
};
BOOST_DESCRIBE_STRUCT(MpsServer, (), (pid, uid, limits, contexts))

/// nvidia-cuda-mps-control: starts a server for the first program that asks, and one server at a time.
struct MpsControl {
    std::int64_t pid = 0; ///< 0: does not run
    MpsLimits limits;     ///< of servers that start from now on; lost when it quits
    std::optional<MpsServer> server;
    bool operator==(const MpsControl&) const = default;
    bool running() const { return pid != 0; }
    /// The process is the server that runs.
    bool isServer(std::int64_t process) const { return server && server->pid == process; }
};
BOOST_DESCRIBE_STRUCT(MpsControl, (), (pid, limits, server))

/// A CUDA program of the machine itself, in no container and of no training job.
struct HostProgram {
    HostId host;
    std::int64_t pid = 0;
    std::string name;             ///< as nvidia-smi prints it
    std::string user;
    std::int64_t uid = 0;
    std::vector<GpuId> gpus;
    std::int64_t memoryBytes = 0; ///< on each of them, context included
    Activity activity;            ///< on each of them, with all multiprocessors to itself
    std::int64_t server = 0;      ///< pid of the MPS server that it is a client of; 0: none
    std::int64_t context = 0;     ///< its number there
    double threadPercentage = 100; ///< as a client: fixed when it connects; before, what its environment asks for
    bool operator==(const HostProgram&) const = default;
    /// What it keeps busy of a device: a client has no more multiprocessors than its share.
    Activity load() const;
};
BOOST_DESCRIBE_STRUCT(HostProgram, (),
                      (host, pid, name, user, uid, gpus, memoryBytes, activity, server, context, threadPercentage))

} // namespace sim::gpu
