#pragma once

#include "core/endpoint/pod_target.h"
#include "core/endpoint/tunnel.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::endpoint {

/// What exec or attach asked for.
struct RemoteSettings {
    PodTarget target;
    std::vector<std::string> command; ///< empty: attach
    bool in = false;
    bool out = false;
    bool err = false;
    bool tty = false;
    bool attached = false;            ///< the command is the container's own process, and ends with the session
};

/// A process in a container with its streams in somebody's hands.
class RemoteProcess {
public:
    struct Output {
        std::string out;
        std::string err;
    };
    virtual ~RemoteProcess() = default;
    virtual void input(std::string_view bytes) = 0;
    virtual void endOfInput() = 0;
    virtual void resize(int columns, int rows) = 0;
    /// What was printed since the last call.
    virtual Output take() = 0;
    /// The Status object that ends the exchange, as the error channel carries it; nothing while it runs.
    virtual std::optional<std::string> status() const = 0;
};

/// Runs the command with the lab's own shell in the container, through a terminal of the session: what is typed
/// is input like any other, and a replay types it again.
std::unique_ptr<RemoteProcess> startExec(LabSource lab, RemoteSettings settings);
/// Follows what the container prints; what is typed goes nowhere, unless its process is a shell that waits for input.
std::unique_ptr<RemoteProcess> startAttach(LabSource lab, RemoteSettings settings);

/// The Status objects of the error channel.
std::string successStatus();
std::string exitStatus(int code);
std::string internalErrorStatus(const std::string& message);

} // namespace core::endpoint
